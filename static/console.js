// Opens and closes the dialog, and keeps presses apart. Decides nothing but which presses count:
// without it every form and link works.
"use strict";

const STILL = 600; // milliseconds in which what performs must have been in sight, unchanged
let pressed = null; // when the press that is under way began
let began = 0; // when the press began that has activated something last
let still = Infinity; // from when on a press counts for what performs

const byId = (id) => document.getElementById(id);
const dialog = () => byId("dialog");
const focusOn = (id) => byId(id)?.focus();

// What performs has just appeared or changed: until it has been still, it says that it is off.
function appeared() {
  still = Infinity;
  requestAnimationFrame((now) => { still = now + STILL; });
  const button = document.querySelector("[data-performs] button");
  if (!button) return;
  button.ariaDisabled = "true";
  setTimeout(() => button.removeAttribute("aria-disabled"), STILL + 50);
}

document.addEventListener("pointerdown", (event) => { pressed = event.timeStamp; }, true);
document.addEventListener("keydown", (event) => { if (!event.repeat) pressed = event.timeStamp; }, true);
document.addEventListener("keyup", () => setTimeout(() => { pressed = null; }), true); // a space bar clicks first

document.addEventListener("click", (event) => {
  began = pressed ?? event.timeStamp; // assistive technology clicks without a press
  if (event.detail) pressed = null; // a key that is held goes on
  if (event.target.closest("[data-close]") && event.target.closest("dialog")) {
    event.preventDefault();
    dialog().close();
  }
}, true);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-performs]") || began >= still) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("htmx:after:swap", () => {
  if (dialog() && !dialog().open && dialog().querySelector("#popup-heading")) dialog().showModal();
  if (!dialog()?.open) return;
  if (!dialog().contains(document.activeElement)) focusOn("popup-heading");
  appeared();
});

document.addEventListener("htmx:after:request", (event) => {
  const target = event.detail.ctx.target;
  if (target && target.id === "results") setTimeout(focusOn, 50, "results-heading");
});

document.addEventListener("close", (event) => {
  if (event.target.id !== "dialog" || event.target.open) return;
  const popup = byId("popup"); // emptied, not replaced: the next one may be on its way into it
  popup.replaceChildren(); // what was shown must not stay in the page
  popup.removeAttribute("class");
}, true);

for (const id of ["problems", "done"]) focusOn(id);
appeared();
