// Opens and closes the dialog, keeps presses apart, and says what is under way and what got no
// answer. Decides nothing but which presses count: without it every form and link works.
"use strict";

const STILL = 600; // milliseconds in which what performs must have been in sight, unchanged
let pressed = null; // when the press that is under way began
let began = 0; // when the press began that has activated something last
let still = Infinity; // from when on a press counts for what performs

const byId = (id) => document.getElementById(id);
const focusOn = (id) => byId(id)?.focus();
const on = (kind, listener) => document.addEventListener(kind, listener, true);
const underWay = () => document.querySelector("#popup > [inert]");
const boxes = () => document.querySelectorAll("#ticks [name=ticked]");
const was = (box) => box.previousElementSibling; // a field whose name says how the row was drawn
const drawn = (ticked) => (ticked ? "was_ticked" : "was_unticked");

// What performs has just appeared or changed. Until it has been still, it says that it is off.
function appeared() {
  still = Infinity;
  const button = document.querySelector("[data-performs] button");
  button?.setAttribute("aria-disabled", "true");
  requestAnimationFrame((now) => {
    still = now + STILL;
    setTimeout(() => { if (performance.now() >= still) button?.removeAttribute("aria-disabled"); }, STILL + 50);
  });
}

// From the press to the answer nothing in the pop-up can be pressed, and it says what is being done.
function perform(popup, performing) {
  for (const part of popup.children) part.inert = performing && !part.matches("[role=status]");
  popup.querySelector("[role=status]").textContent = performing ? popup.dataset.performing : "";
}

// What has been saved is how a row was drawn, from now on.
function saved(sent) {
  const shown = [...sent.values()], ticked = sent.getAll("ticked");
  for (const box of boxes()) if (shown.includes(box.value)) was(box).name = drawn(ticked.includes(box.value));
  markUnsaved(false);
  byId("said").replaceChildren();
}

const markUnsaved = (failed) => boxes().forEach((box) =>
  box.closest("tr").classList.toggle("unsaved", failed && was(box).name !== drawn(box.checked)));

// Say what is not known where the reader is, and above the table.
function unanswered({ target, sourceElement }) {
  const popup = byId("popup"), said = byId("said"), lost = popup.querySelector("[data-lost]");
  if (sourceElement.matches("[data-performs]")) {
    perform(popup, false);
    sourceElement.hidden = true;
    lost.hidden = false;
    lost.querySelector("a").focus();
    said?.replaceChildren(...lost.cloneNode(true).childNodes);
  } else if (target.id === "listed") {
    popup.querySelector("[role=status]").textContent = popup.dataset.unanswered;
  } else {
    said.replaceChildren(byId("unanswered").content.cloneNode(true));
    markUnsaved(true);
  }
}

on("pointerdown", (event) => { pressed = event.timeStamp; });
on("keyup", () => setTimeout(() => { pressed = null; })); // a space bar clicks before that
on("keydown", (event) => {
  if (!event.repeat) pressed = event.timeStamp;
  if (event.key === "Escape" && underWay()) event.preventDefault();
});
on("cancel", (event) => { if (underWay()) event.preventDefault(); });
on("change", ({ target }) => {
  if (target.name === "ticked") was(target).name = drawn(!target.checked); // so that it is sent as changed
});

on("click", (event) => {
  began = pressed ?? event.timeStamp; // assistive technology clicks without a press
  if (event.detail) pressed = null; // a key that is held goes on
  if (!event.target.closest("dialog [data-close]")) return;
  event.preventDefault();
  byId("dialog").close();
});

on("submit", (event) => {
  if (!event.target.matches("[data-performs]")) return;
  if (began >= still && !underWay()) return perform(byId("popup"), true);
  event.preventDefault();
  event.stopImmediatePropagation();
});

on("close", ({ target }) => {
  if (target.id !== "dialog" || target.open) return;
  if (underWay()) return target.showModal();
  const popup = byId("popup"); // emptied, not replaced: the next one may be on its way into it
  popup.replaceChildren(); // what was shown must not stay in the page
  popup.removeAttribute("class");
});

on("htmx:error", ({ detail }) => { if (detail.ctx) unanswered(detail.ctx); });
on("htmx:after:request", (event) => {
  const { request, response, hx } = event.detail.ctx;
  if (response.status >= 500 && !hx.retarget) { // not ours: somebody between has given up
    event.preventDefault();
    unanswered(event.detail.ctx);
  } else if (request.form?.id === "ticks") {
    if (response.status < 400) saved(request.body);
    else markUnsaved(response.status !== 409); // a list that is refused has saved its ticks
  }
});

on("htmx:after:swap", ({ detail }) => {
  const dialog = byId("dialog"), swapped = detail.ctx.target.id;
  if (swapped === "results") focusOn("results-heading");
  if (dialog && !dialog.open && dialog.querySelector("#popup-heading")) dialog.showModal();
  if (!dialog?.open) return;
  if (!dialog.contains(document.activeElement)) focusOn(swapped === "listed" ? "page-shown" : "popup-heading");
  appeared();
});

for (const id of ["problems", "done"]) focusOn(id);
appeared();
