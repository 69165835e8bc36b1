// A chart of a reader's own counts. Nothing is sent or kept. Shares, intervals and marks are made as in the project's
// counting/intervals.py and counting/rate_words.py (a test compares them); drawing.js draws.
"use strict";

const DATA = JSON.parse(document.getElementById("figures").textContent);
const FORM = document.getElementById("own");
const MOST = 60; // rows that a picture can show

// --- shares ----------------------------------------------------------------------------------------------------------

// The 95 % Wilson interval of k of n.
function wilson(k, n) {
  if (!n) return [NaN, NaN];
  const [z2, p] = [DATA.z * DATA.z, k / n];
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (DATA.z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return [k === 0 ? 0 : centre - half, k === n ? 1 : centre + half];
}

// A positive decimal number as text to so many decimals, halves rounded up.
function halfUp(text, decimals) {
  const [whole, part = ""] = text.split(".");
  const digits = part.padEnd(decimals + 1, "0");
  const rounded = BigInt(whole + digits.slice(0, decimals)) + (digits[decimals] >= "5" ? 1n : 0n);
  const all = String(rounded).padStart(decimals + 1, "0");
  return decimals ? `${all.slice(0, -decimals)}.${all.slice(-decimals)}` : all;
}

// 4.4%, and under 1% two significant digits.
function percent(share) {
  if (Number.isNaN(share)) return "[z]";
  if (share > 0 && share < 0.00001) return "<0.001%";
  if (share >= 0.9995 && share < 1) return ">99.9%";
  const value = 100 * share;
  if (value === 0 || value >= 1) return `${halfUp(String(value), 1)}%`;
  const zeros = String(value).match(/^0\.(0*)/)[1].length;
  const text = halfUp(String(value), zeros + 2);
  return `${Number(text) >= 10 ** -zeros ? halfUp(text, zeros + 1) : text}%`; // 0.0996 is 0.10, not 0.100
}

// --- reading what was pasted -----------------------------------------------------------------------------------------

const HIDDEN = /^(?:<\s*\d+|\*+|\[?c\]?|x|-+|–)$/i; // a number that a force has withheld
const grouped = (text) => (/^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text);
const clean = (text) => text.replace(/[\p{Cc}\p{Cs}]/gu, " ").replace(/\s+/g, " ").trim();
const plain = (number) => number.toLocaleString("en-GB");

// The cells of a line: parted by tabs, semicolons or commas, or "label 3 of 12".
function cellsOf(line) {
  const by = ["\t", ";"].find((mark) => line.includes(mark));
  if (by) return line.split(by).map(clean).filter((cell, place, all) => cell || place < all.length - 1);
  const said = line.match(/^(.*\S)[\s,:]+([\d.,%]+)\s*(?:of|out of|\/)\s*([\d.,%]+)\s*$/i);
  if (said) return said.slice(1).map((cell) => clean(cell).replace(/[,:]$/, ""));
  const cells = line.split(",").map(clean);
  if (cells.length <= 3) return cells;
  if (cells.slice(1, -2).some((cell) => /^\d+$/.test(cell))) return cells; // is 1,234 one number or two?
  return [cells.slice(0, -2).join(", "), ...cells.slice(-2)];
}

// What is wrong with a number, as people say it; "" for nothing.
function wrong(text) {
  if (text === "") return "a number is missing";
  if (/%$/.test(text)) return `${text} is a percentage, and counts are needed`;
  if (/^-?\d*[.,]\d+$/.test(text)) return `${text} is not a whole number`;
  if (!/^\d+$/.test(text)) return `“${text}” is not a number`;
  return Number(text) > 1e9 ? `${text} is too large` : "";
}

// A line as a row, or what is wrong with it.
function rowOf(line) {
  const cells = cellsOf(line);
  if (cells.length !== 3) return { problem: `it has ${cells.length} part${cells.length === 1 ? "" : "s"} and needs three: label, number, out of. If a number has a comma in it, part them with semicolons` };
  const [label, ...numbers] = [cells[0], ...cells.slice(1).map(grouped)];
  if (!label) return { problem: "its label is missing" };
  if (label.length > 100) return { problem: "its label is longer than 100 letters" };
  const problem = numbers.filter((text) => !HIDDEN.test(text)).map(wrong).find(Boolean);
  if (problem) return { problem };
  if (numbers.some((text) => HIDDEN.test(text))) return { row: withheld(label, numbers) };
  const [k, n] = numbers.map(Number);
  return k > n ? { problem: `${plain(k)} is larger than ${plain(n)}, which it is out of` } : { row: counted(label, k, n) };
}

function counted(label, k, n, total = false) {
  const [at, [low, high]] = [k / n, wilson(k, n)];
  const [few, small] = [n > 0 && n < DATA.few, n < DATA.small];
  const mark = small ? " [u]" : "";
  const count = `${plain(k)} of ${plain(n)}`;
  const rate = few ? "[u]" : percent(at) + (n ? mark : "");
  const interval = few ? "[u]" : n ? `${percent(low)} to ${percent(high)}` : "[z]";
  const figure = !n ? `${count} [z]` : few ? `${count} [u]` : `${count} = ${rate}`;
  return { type: label, label, k, n, count, at, low, high, rate, interval, figure, total, small, people: n, dotted: n >= DATA.few, reliability: !n ? "z" : small ? "u" : "ok" };
}

function withheld(label, numbers) {
  const count = numbers.join(" of ");
  return { type: label, label, k: numbers[0], n: numbers[1], count, at: NaN, low: NaN, high: NaN, rate: "[c]", interval: "[c]", figure: `${count} [c]`, total: false, small: true, people: 0, dotted: false, reliability: "c" };
}

// Every row of what was pasted, and every problem; a first line without any digit after its label is its headings.
function rowsOf(text) {
  const [rows, problems] = [[], []];
  const lines = text.split(/\r\n?|\n/).map((line, place) => [line, place + 1]).filter(([line]) => line.trim());
  if (lines.length && !/\d|\*|\[c\]/.test(lines[0][0])) lines.shift();
  for (const [line, number] of lines) {
    const { row, problem } = rowOf(line);
    if (problem) problems.push(`Line ${number}, “${clean(line).slice(0, 40)}”: ${problem}.`);
    else if (rows.some((other) => other.label === row.label)) problems.push(`Line ${number}: the label “${row.label.slice(0, 40)}” is there twice.`);
    else rows.push(row);
  }
  if (!lines.length) problems.push("Rows: paste or type at least one row of counts.");
  else if (rows.length > MOST) problems.push(`Rows: there are ${rows.length}; a chart has room for ${MOST}.`);
  else if (!problems.length && !rows.some((row) => row.dotted)) problems.push(`Rows: none has ${DATA.few} or more behind it, so there is no share to draw. Say the counts in words.`);
  return { rows, problems };
}

// Rows that are no group of their own, by what replies call them.
const TOTAL = /^(?:the )?(?:(?:grand |overall |sub[- ]?)?totals?|all|all (?:together|types|rows|forces|cases)|everybody|everyone|overall|sum)(?: \(.*\))?[:.]?$/i;
const summed = (rows, name) => rows.reduce((all, row) => all + row[name], 0);

// Rows in groups, rows called a total that are the sum of the groups, and those called so that are not.
function parted(rows) {
  const named = rows.filter((row) => TOTAL.test(row.label));
  const groups = rows.filter((row) => !named.includes(row));
  const known = groups.filter((row) => row.reliability !== "c");
  if (!known.length) return { groups: rows, sums: [], others: [] };
  const isSum = (row) => ["k", "n"].every((name) => row[name] === summed(known, name));
  return { groups, sums: named.filter(isSum), others: named.filter((row) => !isSum(row)) };
}

// What a reader is told of rows that are called a total.
function toldOfTotals(rows) {
  const { groups, sums, others } = parted(rows);
  const known = groups.filter((row) => row.reliability !== "c");
  const sum = `${plain(summed(known, "k"))} of ${plain(summed(known, "n"))}`;
  return [
    ...sums.map((row) => `“${row.label}” is the sum of the other rows, so it is no group: it is drawn as the row of all together, and counted once.`),
    ...others.map((row) => `“${row.label}” is not the sum of the other rows, which add up to ${sum}, so no row of all together counts it. Is a row missing or withheld, or somebody in two rows?`),
  ];
}

// What is missing or wrong, as [field, sentence].
function problemsOf(values, found) {
  const needed = {
    counted: "What is the number? Say what was counted, such as dismissed.",
    whom: "Out of whom or what? Say what the second number counts.",
    force: "Force: say who answered.",
    period: "Period: say which time the counts are of.",
    source: "Source: say whose reply it is, its reference and date. A figure without a source cannot be checked.",
    link: "Link to the source: give the address of the reply. A figure without a source cannot be checked.",
  };
  const missing = Object.entries(needed).filter(([name]) => !values[name]);
  const bad = values.link && !/^https?:\/\/[^\s/]+\.[^\s]+$/i.test(values.link) ? [["link", "Link to the source: it must be a web address that begins with https://"]] : [];
  return [...found.problems.map((text) => ["rows", text]), ...missing, ...bad];
}

// --- what is said ----------------------------------------------------------------------------------------------------

function arranged(pasted, isTotal, isOrdered) {
  const { groups, sums, others } = parted(pasted);
  const rows = pasted.filter((row) => !sums.includes(row));
  const rank = (row) => (row.reliability === "ok" ? 0 : row.dotted ? 1 : 2);
  const kept = isOrdered ? rows : [...rows].sort((a, b) => rank(a) - rank(b) || (b.at || 0) - (a.at || 0) || b.people - a.people);
  const known = groups.filter((row) => row.reliability !== "c");
  return isTotal || sums.length ? [counted("All rows together", summed(known, "k"), summed(known, "n"), true), ...kept] : kept;
}

// Only people are dismissed; anything else ends in dismissal.
function measured(values) {
  const known = DATA.counted.find((entry) => [entry.label, entry.title].includes(values.counted.toLowerCase()));
  return known && values.unit !== DATA.people ? `ended ${known.ended}` : values.counted;
}

function notesOf(values, rows, others) {
  const [total] = rows.filter((row) => row.total);
  const unit = DATA.units[values.unit];
  const last = values.ordered ? "" : ", placed last";
  const has = (mark) => rows.some((row) => row.reliability === mark);
  const few = `fewer than ${DATA.few}`;
  const hollow = `Hollow dots [u]${last}: fewer than ${DATA.small}, low reliability; ${few}: counts only.`;
  const small = rows.some((row) => row.reliability === "u" && row.dotted) ? hollow : has("u") ? `[u]${last}: ${few}, counts only.` : "";
  return [
    `Dots: share. Lines: 95% interval (Wilson), as if each stood alone: people in one case cannot be told apart here, so the true interval may be wider.${small && ` ${small}`}${total ? " Dashed line: all rows together." : ""}`,
    values.unit === DATA.people ? "" : `Counted are ${unit}, not people.`,
    has("c") ? `[c]: withheld by the source${total ? ", and not in the row of all together" : ""}.` : "",
    total && others.length ? `Not in the row of all together, as given: ${others.map((row) => `“${row.label}”`).join(", ")}.` : "",
    has("z") ? "[z]: nobody there, so there is no share." : "",
  ].filter(Boolean);
}

function answer(values, found) {
  const rows = arranged(found.rows, values.total, values.ordered);
  const what = `${values.force}, ${values.period}: ${measured(values)}, of ${values.whom}`;
  const marked = (row) => `${row.count}${row.reliability === "ok" ? "" : ` [${row.reliability}]`}`;
  const each = rows.filter((row) => !row.total).map((row) => `${row.label} ${marked(row)}`).join("; ");
  const [total] = rows.filter((row) => row.total);
  const { groups, others } = parted(found.rows);
  const hidden = groups.filter((row) => row.reliability === "c").length;
  const without = hidden ? `, without ${hidden} row${hidden === 1 ? "" : "s"} withheld [c]` : "";
  const inAll = total ? `: ${marked(total)} in all${without}` : `, ${found.rows.length} rows`;
  const made = {
    rows, what,
    title: found.rows.length > 3 ? `${what}${inAll}` : `${what}: ${each}`,
    subtitle: `Share ${measured(values)} of ${values.whom}. ${values.force}. ${values.period}.`,
    notes: notesOf(values, rows, others),
    part: "",
    source: `Source: ${values.source.replace(/\.$/, "")} (${values.link}).`,
    mark: `Counts typed in by whoever made this; drawn with ${DATA.project}, which has not checked them.`,
    name: `own-counts.${values.force.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "chart"}`,
  };
  const complete = [`${what}: ${each}.`, ...(total ? [`${what}${inAll}.`] : [])]; // every row or their total, never some of them
  const quotes = complete.flatMap((sentence) => [made.source, `Source: ${values.link}`].map((source) => `${sentence} ${source}`));
  return { ...made, quotes, alt: altText(made), csv: csvOf(made, values) };
}

function altText(made) {
  const lines = made.rows.map((row) => `${row.label}: ${row.count}${row.dotted ? `, ${row.rate}, 95% interval ${row.interval}` : ` [${row.reliability}]`}.`);
  return [`Dot and interval chart. ${made.title}.`, ...lines, ...made.notes, made.source, made.mark].join("\n");
}

function csvOf(made, values) {
  const names = ["counted", "whom", "unit", "force", "period", "source", "link"];
  const share = (number) => (Number.isNaN(number) ? "" : String(Number(number.toFixed(6))));
  const lines = made.rows.map((row) => [row.label, row.k, row.n, ...(row.dotted ? [row.at, row.low, row.high].map(share) : ["", "", ""]), row.reliability, ...names.map((name) => values[name])]);
  const heading = ["label", "number", "out_of", "rate", "low", "high", "reliability", ...names];
  return [heading, ...lines].map((cells) => cells.map(csvCell).join(",")).join("\n") + "\n";
}

// --- showing ---------------------------------------------------------------------------------------------------------

let current = null;

function valuesOf() {
  const form = new FormData(FORM);
  const texts = ["counted", "whom", "unit", "force", "period", "source", "link"].map((name) => [name, clean(form.get(name))]);
  return { ...Object.fromEntries(texts), total: form.has("total"), ordered: form.has("ordered") };
}

function items(list, texts) {
  list.replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.append(text);
    return item;
  }));
}

// A problem as a button that leads to its field.
function leading([name, text]) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain-button";
  button.textContent = text;
  button.addEventListener("click", () => document.getElementById(name).focus());
  return button;
}

function showProblems(problems) {
  const box = document.getElementById("problems");
  box.hidden = !problems.length;
  items(box.querySelector("ul"), problems.map(leading));
  for (const field of FORM.querySelectorAll("input[type=text], input[type=url], textarea")) {
    if (problems.some(([name]) => name === field.id)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (problems.length) box.focus();
}

function showTotals(texts) {
  const box = document.getElementById("totals");
  box.hidden = !texts.length;
  items(box.querySelector("ul"), texts);
}

function paint() {
  document.getElementById("picture").replaceChildren(draw(current, innerWidth < 480 ? "phone" : "page").svg);
}

function show() {
  const [values, found] = [valuesOf(), rowsOf(new FormData(FORM).get("rows"))];
  const problems = problemsOf(values, found);
  showProblems(problems);
  current = problems.length ? null : answer(values, found);
  showTotals(current ? toldOfTotals(found.rows) : []);
  for (const item of document.querySelectorAll(".result")) item.hidden = !current;
  if (!current) return;
  paint();
  fillRows(document.querySelector("#numbers tbody"), current.rows.map((row) => [row.label, row.count, row.rate, row.interval]));
  set("status", `${current.title}.`);
  set("o-title", current.title);
  set("o-sentence", fitting(current.quotes));
  set("o-caption", [`${current.title}.`, current.subtitle, ...current.notes, current.mark, current.source].join(" "));
  set("o-alt", current.alt);
  items(document.getElementById("o-notes"), current.notes);
  const made = document.getElementById("made");
  made.scrollIntoView();
  made.focus({ preventScroll: true });
}

document.getElementById("needs-script").hidden = true;
for (const item of document.querySelectorAll("[data-script]")) item.hidden = false;
FORM.addEventListener("submit", (event) => { event.preventDefault(); show(); });
FORM.addEventListener("reset", () => {
  current = null;
  showProblems([]);
  showTotals([]);
  for (const item of document.querySelectorAll(".result")) item.hidden = true;
});
leads();
for (const button of document.querySelectorAll("[data-take]")) button.addEventListener("click", () => take(button.dataset.take, current, current.csv));
window.addEventListener("resize", () => current && paint());
