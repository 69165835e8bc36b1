// Small helps for people with JavaScript; every page is whole without it.
"use strict";

// Copy buttons: shown only here, because they need a script. They copy an element's text (data-copy), or a text of
// their own that says more than is shown (data-text).
const SITE = new URL("..", document.currentScript.src).href; // stands for [site] in a code for other websites
const copyStatus = Object.assign(document.createElement("p"), { className: "hidden", role: "status" });
document.body.append(copyStatus);
for (const button of document.querySelectorAll("[data-copy], [data-text]")) {
  button.hidden = false;
  const words = button.innerHTML;
  button.addEventListener("click", async () => {
    const text = button.dataset.text?.replaceAll("[site]", SITE) ?? document.getElementById(button.dataset.copy).textContent.trim();
    button.textContent = (await copy(text)) ? "Copied" : "Select the text to copy it";
    copyStatus.textContent = button.textContent;
    setTimeout(() => { button.innerHTML = words; copyStatus.textContent = ""; }, 2500);
  });
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
window.copyText = copy;

// The filter of the rows of a table or the items of a list.
for (const input of document.querySelectorAll("[data-rows]")) {
  const box = input.closest(".filter"), status = box.querySelector("[role=status]");
  const items = [...document.getElementById(input.dataset.rows).children];
  box.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
    }
    const left = items.filter((item) => !item.hidden).length;
    const none = left ? "" : ". Try a shorter word, or the search of the front page, which knows more words.";
    status.textContent = wanted[0] ? `${left} of ${items.length} shown${none}` : "";
  });
}

// Tables whose headings sort them: by data-sort where a cell has it, else by its text.
for (const table of document.querySelectorAll("[data-sortable]")) {
  const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.ariaSort === "ascending" || (!heading.ariaSort && body.rows[0]?.cells[place].dataset.sort !== undefined);
      for (const other of headings) other.ariaSort = null;
      heading.ariaSort = down ? "descending" : "ascending";
      const key = (row) => row.cells[place].dataset.sort ?? row.cells[place].textContent.trim();
      const order = (a, b) => (isNaN(a) || isNaN(b) ? a.localeCompare(b, "en") : a - b);
      const sorted = [...body.rows].sort((a, b) => order(key(a), key(b)));
      body.append(...(down ? sorted.reverse() : sorted));
    });
  });
}

// A word's definition also opens under a mouse that rests on it; a tap or Enter opens it without this.
for (const term of document.querySelectorAll("[popovertarget]")) {
  const text = document.getElementById(term.getAttribute("popovertarget"));
  let resting;
  term.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") resting = setTimeout(() => text.matches(":popover-open") || text.showPopover({ source: term }), 350);
  });
  term.addEventListener("pointerleave", () => clearTimeout(resting));
}

// What is folded away is read on paper too.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("main details:not(.code)")) part.open = true;
});
