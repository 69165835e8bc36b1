// The search box: knows every page and what people call it (search-entries.js), bears misspellings, and asks nobody.
"use strict";

const plainText = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f'’]/g, "").replace(/[^a-z0-9%]+/g, " ").trim();
const SKIPPED = new Set("the of in and for on a an by to police force officer officers how many was were is about with constabulary".split(" "));
const TAKEN = new Set("fact facts sheet sheets factsheet factsheets pack packs pdf zip".split(" ")); // what a page offers, not what it is about
const entries = window.searchEntries.map((entry) => {
  const phrases = (entry.words ?? "").split("; ").map(plainText).filter(Boolean);
  const title = plainText(entry.title);
  return { ...entry, plain: title, title: entry.title, phrases, titled: title.split(" "), said: phrases.flatMap((phrase) => phrase.split(" ")) };
});

// How many letters are wrong, left out, added or swapped.
function distance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
const allowed = (word) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

function scoreOf(word, entry) {
  if (entry.titled.includes(word)) return 10;
  if (entry.phrases.includes(word)) return 9;
  if (entry.said.includes(word)) return 7; // "rape" is said of one who is accused of it, and is part of "rape report"
  if (word.length > 1 && entry.titled.some((one) => one.startsWith(word))) return 6;
  if (word.length > 1 && entry.said.some((one) => one.startsWith(word))) return 5;
  return 0;
}
const isNear = (word, one) => Math.abs(word.length - one.length) <= 2 && distance(word, one) <= allowed(word);
const nearScore = (word, entry) => (entry.titled.some((one) => isNear(word, one)) ? 4 : entry.said.some((one) => isNear(word, one)) ? 3 : 0);

// The words without those of a set, but never none.
function without(words, skipped) {
  const kept = words.filter((word) => !skipped.has(word));
  return kept.length ? kept : words;
}

const KIND = { Force: 3, "Complaint type": 3, Page: 2, Demand: 1, Word: 1, Chart: 0 };
const ANSWERED = 2; // for a pair that has an answer: less than by how much a word in a title goes before one of a phrase
function search(query) {
  const all = plainText(query).split(" ").filter(Boolean);
  const words = without(without(all, SKIPPED), TAKEN);
  const scores = words.map((word) => {
    const found = entries.map((entry) => scoreOf(word, entry));
    return found.some(Boolean) ? found : entries.map((entry) => nearScore(word, entry));
  });
  const phrase = all.join(" "), short = words.join(" ");
  const ranked = entries.map((entry, place) => {
    const each = scores.map((found) => found[place]);
    const whole = [phrase, short].some((text) => entry.phrases.includes(text) || entry.plain === text) ? 30 : 0;
    return { entry, each, matched: each.filter(Boolean).length, total: whole + each.reduce((a, b) => a + b, 0) + KIND[entry.kind] };
  }).filter((one) => one.matched).sort((a, b) => b.matched - a.matched || b.total - a.total || a.entry.title.localeCompare(b.entry.title));
  return { words, pairs: pairsOf(ranked, words), complete: ranked.filter((one) => one.matched === words.length), partial: ranked };
}

// A force and a complaint type together: the page of that answer.
function pairsOf(ranked, words) {
  const found = [];
  const forces = ranked.filter((one) => one.entry.types), kinds = ranked.filter((one) => one.entry.code);
  for (const force of forces) {
    for (const kind of kinds) {
      const covers = words.every((_, place) => force.each[place] || kind.each[place]);
      const needs = words.some((_, place) => !force.each[place]) && words.some((_, place) => !kind.each[place]);
      if (!covers || !needs) continue;
      const there = force.entry.types.includes(kind.entry.code);
      found.push({
        total: force.total + kind.total + (there ? ANSWERED : 0), url: there ? force.entry.url.replace("forces/", "answers/").replace(".html", `--${kind.entry.slug}.html`) : force.entry.url,
        title: there ? `${kind.entry.title}: ${force.entry.title}` : `${force.entry.title} (nobody there, in these data, for ${kind.entry.title.toLowerCase()})`,
      });
    }
  }
  return found.sort((a, b) => b.total - a.total).slice(0, 3);
}

// What may be meant by a word that is nowhere: begins alike, and at most a third of its letters are wrong.
const FAR = 1 / 3;
const farness = (word, one) => (word[0] === one[0] ? distance(word, one) / Math.max(word.length, one.length) : 1);
function nearest(words) {
  const best = (entry) => Math.min(...words.flatMap((word) => [...entry.titled, ...entry.said].map((one) => farness(word, one))));
  const found = entries.filter((entry) => KIND[entry.kind] > 1).map((entry) => ({ entry, far: best(entry) }));
  return found.filter(({ far }) => far <= FAR).sort((a, b) => a.far - b.far).slice(0, 3);
}

const form = document.getElementById("find"), input = document.getElementById("search");
const list = document.getElementById("found"), told = document.getElementById("found-status");
form.hidden = false;

function link(title, url, kind) {
  const item = document.createElement("li"), anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = title;
  item.append(anchor);
  if (kind) item.append(Object.assign(document.createElement("span"), { className: "small", textContent: ` ${kind}` }));
  return item;
}

function show() {
  const query = input.value.trim();
  list.replaceChildren();
  told.textContent = "";
  if (!plainText(query)) return;
  const { words, pairs, complete, partial } = search(query);
  const shown = complete.length ? complete : partial;
  list.append(...pairs.map((one) => link(one.title, one.url, "")));
  list.append(...shown.slice(0, 8 - pairs.length).map(({ entry }) => link(entry.title, entry.url, entry.kind)));
  const many = pairs.length + shown.length;
  if (pairs.length || complete.length) told.textContent = `${many} found`;
  else if (partial.length) told.textContent = "No page has all of these words. The nearest:";
  else {
    const near = nearest(words);
    told.textContent = `Nothing found for “${query}”. ${near.length ? "The nearest, and where to go:" : "Where to go:"}`;
    list.append(...near.map(({ entry }) => link(entry.title, entry.url, entry.kind)));
    list.append(link("All complaint types", "types/index.html", ""), link("All forces", "forces/index.html", ""), link("Ask a force for its figures", "contact.html#ask", ""));
  }
}
input.addEventListener("input", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = list.querySelector("a");
  if (first) first.click();
});
if (location.hash === "#find") input.focus();
show();
