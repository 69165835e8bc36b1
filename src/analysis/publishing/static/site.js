// Small helps for people with JavaScript; every page is whole without it.
"use strict";

// Copy buttons: shown only here, because they need a script. They copy an element's text (data-copy), or a text of
// their own that says more than is shown (data-text).
for (const button of document.querySelectorAll("[data-copy], [data-text]")) {
  button.hidden = false;
  const words = button.innerHTML;
  button.addEventListener("click", async () => {
    const text = button.dataset.text ?? document.getElementById(button.dataset.copy).textContent.trim();
    button.textContent = (await copy(text)) ? "Copied" : "Select the text to copy it";
    setTimeout(() => { button.innerHTML = words; }, 2500);
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

// The filter of lists of links.
for (const input of document.querySelectorAll("[data-filter]")) {
  input.closest(".filter").hidden = false;
  const items = [...document.getElementById(input.dataset.filter).querySelectorAll("li")];
  const status = document.getElementById("filter-status");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
    const left = items.filter((item) => !item.hidden).length;
    status.textContent = wanted ? `${left} of ${items.length} shown` : "";
  });
}
