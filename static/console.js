// Opens the dialog when a pop-up has arrived in it, closes it, and moves the focus. Decides nothing: without it every form and link works.
"use strict";

function focusOn(id) {
  const element = document.getElementById(id);
  if (element) element.focus();
}

document.addEventListener("htmx:after:swap", () => {
  const dialog = document.getElementById("dialog");
  if (dialog && !dialog.open && dialog.querySelector("#popup-heading")) dialog.showModal();
  if (dialog && dialog.open && !dialog.contains(document.activeElement)) focusOn("popup-heading");
});

document.addEventListener("htmx:after:request", (event) => {
  const target = event.detail.ctx.target;
  if (target && target.id === "results") setTimeout(focusOn, 50, "results-heading");
});

document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  if (dialog && event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("close", (event) => {
  if (event.target.id !== "dialog" || event.target.open) return;
  const popup = document.getElementById("popup"); // emptied, not replaced: the next one may be on its way into it
  popup.replaceChildren(); // what was shown must not stay in the page
  popup.removeAttribute("class");
}, true);

for (const id of ["problems", "done"]) focusOn(id);
