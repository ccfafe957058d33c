// Runs when the page is loaded: looks at everything that it shows, and leaves what it found in the document.
window.addEventListener("load", () => {
  const images = [...document.images];
  for (const image of images) {
    if (!(image.complete && image.naturalWidth > 0)) note("image not decoded: " + image.alt);
  }
  const drawings = [...document.querySelectorAll("svg")];
  for (const drawing of drawings) {
    const { width, height } = drawing.getBoundingClientRect();
    if (!(width > 0 && height > 0 && drawing.childElementCount > 0)) note("empty drawing: " + drawing.getAttribute("aria-label"));
  }
  for (const { name } of performance.getEntriesByType("resource")) {
    if (!name.startsWith("data:")) note("asks for " + name.slice(0, 100));
  }
  const { scrollWidth, clientWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > clientWidth) note("wider than the window: " + scrollWidth + " of " + clientWidth);
  const slider = document.querySelector("input[type=range]");
  if (slider) {
    slider.value = slider.min;
    slider.dispatchEvent(new Event("input"));
    const shown = [...document.querySelectorAll(".frames figure")].map((frame) => frame.offsetHeight > 0);
    if (shown.indexOf(true) !== 0 || shown.lastIndexOf(true) !== 0) note("the slider does not show the first sheet alone");
  }
  const found = { problems: window.problems, images: images.length, drawings: drawings.length, height: scrollHeight };
  const text = JSON.stringify(found).replace(/[<>&]/g, (sign) => "\\u00" + sign.charCodeAt(0).toString(16));
  document.body.insertAdjacentHTML("beforeend", '<pre id="findings"></pre>');
  document.querySelector("#findings").textContent = text;
});
