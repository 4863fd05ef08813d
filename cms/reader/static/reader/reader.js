// What makes the readers' pages more comfortable. Every page works without it.
"use strict";

// Menus: one open at a time; Escape, or a click elsewhere, closes them.
const dropdowns = [...document.querySelectorAll("[data-dropdown]")];

function closeDropdowns(except) {
  for (const dropdown of dropdowns) if (dropdown !== except) dropdown.open = false;
}

for (const dropdown of dropdowns) {
  dropdown.addEventListener("toggle", () => dropdown.open && closeDropdowns(dropdown));
  dropdown.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !dropdown.contains(event.relatedTarget)) dropdown.open = false;
  });
}
document.addEventListener("click", (event) => closeDropdowns(event.target.closest("[data-dropdown]")));
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && dropdowns.find((dropdown) => dropdown.open);
  if (!open) return;
  if (open.contains(document.activeElement)) open.querySelector("summary").focus();
  open.open = false;
});

// A list that can be narrowed by typing. Accents and case do not count; every word has to occur.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

for (const filter of document.querySelectorAll("[data-filter-for]")) {
  const list = document.getElementById(filter.dataset.filterFor);
  const field = filter.querySelector("input");
  const status = filter.querySelector("[data-filter-status]");
  const items = [...list.querySelectorAll("[data-filter-item]")].map((element) => ({
    element,
    words: plain(element.dataset.filterItem),
  }));
  const narrow = () => {
    const wanted = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { element, words } of items) {
      element.hidden = !wanted.every((word) => words.includes(word));
      if (!element.hidden) shown += 1;
    }
    for (const group of list.querySelectorAll("[data-filter-group]")) {
      group.hidden = !group.querySelector("[data-filter-item]:not([hidden])");
    }
    status.textContent = wanted.length ? (shown ? `${shown} of ${items.length} shown` : "Nothing here goes by that name.") : "";
  };
  filter.hidden = false;
  field.addEventListener("input", narrow);
  narrow(); // The browser may have kept what was typed before.
}

// Answers are folded away on the screen; on paper, and when a link leads into one, they are open.
function unfold(element) {
  for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

window.addEventListener("beforeprint", () => document.querySelectorAll(".question").forEach(unfold));
window.addEventListener("hashchange", () => unfold(document.getElementById(decodeURIComponent(location.hash.slice(1)))));
