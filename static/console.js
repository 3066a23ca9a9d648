// Opens and closes the dialog, keeps presses apart, ticks several rows at once, and says what is under
// way and what got no answer. Decides nothing but which presses count: forms and links work without it.
"use strict";
const STILL = 600; // milliseconds in which what performs must have been in sight, unchanged
let pressed = null; // when the press that is under way began
let began = 0; // when the press began that has activated something last
let still = Infinity; // from when on a press counts for what performs
let last = null; // the box that was clicked last
const byId = (id) => document.getElementById(id);
const on = (kind, listener) => document.addEventListener(kind, listener, true);
const underWay = () => document.querySelector("#popup > [inert]");
const boxes = () => [...document.querySelectorAll("#ticks [name=ticked]")];
const was = (box) => box.previousElementSibling; // a field whose name says how the row was drawn
const drawn = (ticked) => (ticked ? "was_ticked" : "was_unticked");
const markUnsaved = (failed) => boxes().forEach((box) => box.closest("tr").classList.toggle("unsaved", failed && was(box).name !== drawn(box.checked)));

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

// Tick or untick these rows, so that they are sent as changed; the box in the heading says what it sees.
function tick(these, ticked) {
  for (const box of these) { box.checked = ticked; was(box).name = drawn(!ticked); }
  const every = byId("every"), all = boxes(), number = all.filter((box) => box.checked).length;
  if (every) every.indeterminate = number > 0 && !(every.checked = number === all.length);
}

// What has been saved is how a row was drawn, from now on.
function saved(sent) {
  const shown = [...sent.values()], ticked = sent.getAll("ticked");
  for (const box of boxes()) if (shown.includes(box.value)) was(box).name = drawn(ticked.includes(box.value));
  markUnsaved(false);
  byId("said").replaceChildren();
}

// Say what is not known where the reader is, and above the table.
function unanswered({ target, sourceElement }) {
  const popup = byId("popup"), said = byId("said"), lost = popup.querySelector("[data-lost]");
  if (sourceElement.matches("[data-performs]")) {
    perform(popup, false);
    [sourceElement.hidden, lost.hidden] = [true, false];
    lost.querySelector("a").focus();
    said?.replaceChildren(...lost.cloneNode(true).childNodes);
  } else if (target.id === "listed") popup.querySelector("[role=status]").textContent = popup.dataset.unanswered;
  else {
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
on("change", ({ target }) => {
  if (target.id === "every") tick(boxes().filter((box) => box.checked !== target.checked), target.checked);
  if (target.name === "ticked") tick([target], target.checked);
});
on("click", (event) => {
  const { target } = event, box = target.closest("#ticks tbody tr")?.querySelector("[name=ticked]");
  began = pressed ?? event.timeStamp; // assistive technology clicks without a press
  if (event.detail) pressed = null; // a key that is held goes on
  if (target.id === "own-zone") byId("time_zone").value = target.value;
  if (target.closest("dialog [data-close]")) event.preventDefault(), byId("dialog").close();
  else if (box && box !== target && !target.closest("a, button") && getSelection().isCollapsed) box.click();
  if (box !== target) return;
  const all = boxes(), [from, to] = [event.shiftKey ? last : box, box].map((each) => all.indexOf(each)).sort((a, b) => a - b);
  if (from >= 0) tick(all.slice(from, to + 1).filter((each) => each !== box && each.checked !== box.checked), box.checked);
  last = box;
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
  byId("popup").replaceChildren(); // not replaced: the next one may be on its way into it
  byId("popup").removeAttribute("class"); // and what was shown must not stay in the page
});
on("htmx:error", ({ detail }) => { if (detail.ctx) unanswered(detail.ctx); });
on("htmx:after:request", (event) => {
  const { request, response, hx } = event.detail.ctx;
  if (response.status >= 500 && !hx.retarget) { // not ours: somebody between has given up
    event.preventDefault();
    unanswered(event.detail.ctx);
  } else if (request.form?.id === "ticks" && response.status < 400) saved(request.body);
  else if (request.form?.id === "ticks") markUnsaved(response.status !== 409); // a refused list has saved its ticks
});
on("htmx:after:swap", ({ detail }) => {
  const dialog = byId("dialog"), swapped = detail.ctx.target.id;
  if (swapped === "results") { byId("results-heading").focus(); tick([]); }
  if (dialog && !dialog.open && dialog.querySelector("#popup-heading")) dialog.showModal();
  if (!dialog?.open) return;
  if (!dialog.contains(document.activeElement)) byId(swapped === "listed" ? "page-shown" : "popup-heading")?.focus();
  appeared();
});
const zone = byId("own-zone"), here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) Object.assign(zone, { hidden: here === byId("time_zone").value, value: here }).append(`: ${here}`);
for (const id of ["problems", "done"]) byId(id)?.focus();
tick([]);
appeared();
