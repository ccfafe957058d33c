// The slider picks which of the sheets is shown; without it the last one is.
const frames = [...document.querySelectorAll(".frames figure")];
const slider = document.querySelector("#step");
const shown = document.querySelector("#shown");
const show = () => {
  frames.forEach((frame, index) => frame.classList.toggle("on", index === Number(slider.value)));
  shown.textContent = frames[slider.value].textContent;
};
if (slider) { slider.addEventListener("input", show); show(); }
