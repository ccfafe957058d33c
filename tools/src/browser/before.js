// Runs before anything else on the page: notes what goes wrong.
window.problems = [];
window.note = (text) => window.problems.push(text);
window.addEventListener("error", (event) => {
  const source = event.target.src || event.target.href;
  note(source ? "cannot load " + String(source).slice(0, 100) : "script: " + event.message);
}, true);
window.addEventListener("unhandledrejection", (event) => note("script: " + event.reason));
console.error = (...words) => note("console: " + words.join(" "));
