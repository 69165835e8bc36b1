// The chart builder. Figures and sentences come from the page's JSON, made by Python; here they are only chosen and
// placed; drawing.js draws them. What is chosen stands in the address, so that every state can be linked to.
"use strict";

const DATA = JSON.parse(document.getElementById("figures").textContent);
const FORM = document.getElementById("builder");
const KINDS = Object.fromEntries(DATA.types.map((kind) => [kind.code, kind]));
const LABELS = Object.fromEntries(DATA.types.map((kind) => [kind.code, kind.label]));
const COLUMN = Object.fromEntries(DATA.columns.map((name, place) => [name, place]));
const ALL = "(all)";
const [EACH, TOGETHER, SEVERAL] = ["", "(together)", "(several)"]; // choices of the list of types that are no type

// --- what was chosen -------------------------------------------------------------------------------------------------

function chosen() {
  const form = new FormData(FORM);
  return { among: form.get("among"), count: form.get("count"), force: form.get("force"), types: form.getAll("type") };
}

// The list says what the boxes say: each type, one of them, several, or all in one row.
function sayTypes(types) {
  const list = document.getElementById("kind");
  list.value = types.length === DATA.types.length ? EACH : !types.length ? TOGETHER : types.length === 1 ? types[0] : SEVERAL;
}

function tickTypes(value) {
  if (value === SEVERAL) return; // as they are
  for (const item of FORM.querySelectorAll("[name=type]")) item.checked = value === EACH || item.value === value;
}

function choose({ among, count, force, types }) {
  const set = (name, value) => {
    const field = [...FORM.elements].filter((item) => item.name === name);
    const known = name === "force" ? [...field[0].options].map((option) => option.value) : field.map((item) => item.value);
    if (!known.includes(value)) return false;
    if (name === "force") field[0].value = value;
    else for (const item of field) item.checked = item.value === value;
    return true;
  };
  const unknown = [];
  for (const [name, value] of Object.entries({ among, count, force })) {
    if (value !== undefined && !set(name, value)) unknown.push(value);
  }
  if (types !== undefined) {
    for (const item of FORM.querySelectorAll("[name=type]")) item.checked = types.includes(item.value);
    unknown.push(...types.filter((code) => !(code in LABELS)));
  }
  show();
  if (unknown.length) say(`Not known, and left out: ${unknown.join(", ")}.`);
}

// --- the answer: everything said and drawn, put together from ready-made words --------------------------------------

function answer(choice) {
  const question = DATA.questions[`${choice.among}|${choice.count}`];
  const force = DATA.forces.find((entry) => entry.code === choice.force);
  const table = DATA.tables[`${choice.among}|${choice.count}|${choice.force}`];
  const rows = (table ? table.rows : []).map(([type, said, counts, rate, interval, line]) => {
    const cells = line.split(",");
    const number = (name) => Number(cells[COLUMN[name]]);
    const count = `${number("numerator").toLocaleString("en-GB")} of ${number("denominator").toLocaleString("en-GB")}`;
    return {
      type, said, counts, rate, interval, line, count, at: number("rate"),
      low: number(cells[COLUMN.low] ? "low" : "rate"), high: number(cells[COLUMN.high] ? "high" : "rate"), // one case: no interval
      total: type === ALL,
      label: type === ALL ? "All complaint types" : LABELS[type],
      figure: rate === "[u]" ? `${count} [u]` : `${count} = ${rate}`,
      cases: `${cells[COLUMN.n_cases_counted]} of ${cells[COLUMN.n_cases]}`,
      people: number("denominator"),
      investigations: number("n_cases"),
      unknown: cells[COLUMN.unknown_outcomes],
      small: cells[COLUMN.reliability] === "u",
      dotted: number("denominator") >= DATA.few,
    };
  });
  const types = choice.types.length < DATA.types.length ? choice.types : []; // all of them: the total is the answer
  const [totals, groups] = [rows.filter((row) => row.total), rows.filter((row) => !row.total && choice.types.includes(row.type))];
  const kept = types.length === 1 ? [...groups, ...totals] : [...totals, ...groups]; // what is spoken of comes first
  const found = {
    choice, force, types, ...spoken(types, force, question, groups, totals[0]),
    rows: types.length && !groups.length ? [] : kept,
    subtitle: question.subtitle + force.subtitle + DATA.place,
    definition: question.definition + (table ? table.only : force.subtitle),
    unknown: table ? table.unknown : "",
    notes: [dotNote(kept), table ? table.unknown : ""].filter(Boolean),
    part: types.length ? "Selected complaint types only." : "",
    source: DATA.source,
    mark: [`${DATA.project}.`, onTheWeb(location)].filter(Boolean).join(" "),
    page: pageOf(choice, force, types),
    name: ["dismissal-rates", force.slug, slug(choice.among), slug(choice.count), namePart(choice.types)].filter(Boolean).join("."),
  };
  return { ...found, share: shareOf(found.row), alt: altText(found) };
}

// What is said of a row or its counts, with [u] behind its count where it is small; what became of one or two people,
// told in words, is no estimate.
function marked(row, said) {
  return row.small && said.startsWith(row.count) ? said.replace(row.count, `${row.count} [u]`) : said;
}

// The same without how many investigations, where one is all there is and it says so itself.
const tight = (said) => said.replace(/, in [01] of 1 (\w+),(?=.*; all are in one \1$)/, "");

// How to read what is drawn: hollow dots only where there are any.
function dotNote(rows) {
  const small = rows.filter((row) => row.small);
  const few = small.some((row) => row.dotted) ? DATA.hollow : DATA.countsOnly;
  return small.length ? `${DATA.dots} ${few}` : DATA.dots;
}

// The share and interval of a row in words.
function shareOf(row) {
  if (!row || !row.dotted) return "";
  return ` ${row.rate}, ${intervalOf(row)}.`;
}

const intervalOf = (row) => (row.interval === "[z]" ? "no 95% interval [z]" : `95% interval ${row.interval}`);

// Why not to lean on it.
function cautionOf(row) {
  if (!row || !row.small) return "";
  const few = row.people < DATA.small ? `Fewer than ${DATA.small} people` : `People in fewer than ${DATA.fewCases} investigations`;
  return ` ${few}: too few for a reliable share.`;
}

// The address of this page as a picture shows it; "" where the page is a file.
function onTheWeb(place) {
  return /^https?:$/.test(place.protocol) ? `${place.host}${place.pathname}` : "";
}

// The page of its own that a frequent choice has, so that a link to it shows the answer; "" where it has none.
function pageOf(choice, force, types) {
  const usual = choice.among === DATA.denominators[0].code && choice.count === DATA.numerators[0].code;
  const parts = [...(force.code ? [force.slug] : []), ...types.map((code) => KINDS[code].slug)];
  const there = force.people > 0 && types.every((code) => force.types.includes(code));
  return usual && there && types.length < 2 && parts.length ? `answers/${parts.join("--")}.html` : "";
}

// What is said of the selection: of one type its own row, of several each by name, of all or none the total.
function spoken(types, force, question, groups, total) {
  const about = (...kinds) => [...(force.code ? [force.label] : []), ...kinds].join(", ");
  const led = (place, said) => ((text) => text[0].toUpperCase() + text.slice(1))(place ? `${place}: ${said}` : said);
  const names = types.map((code) => KINDS[code].inside);
  const nobody = question.nobody + (force.people ? "" : force.outside);
  if (types.length < 2) {
    const row = types.length ? groups[0] : total;
    const title = led(about(...names), row ? row.said : nobody);
    const bare = row ? led(about(...names), marked(row, row.said)) : title;
    return { title, row, sentence: shareOf(row) ? `${title}.${shareOf(row).slice(0, -1)}` : bare, briefer: [[bare, tight(bare)]] };
  }
  const missing = types.filter((code) => !groups.some((row) => row.type === code)).map((code) => `${KINDS[code].inside} nobody`);
  const each = (words, these = groups, ends = missing) => [...these.map((row) => `${KINDS[row.type].inside} ${words(row)}`), ...ends].join("; ");
  const many = types.length > 3;
  const what = led(many ? about(`${types.length} complaint types`) : about(), question.several);
  if (!groups.length) return { title: led(about(...names), nobody), row: undefined, sentence: "", briefer: [] };
  const counts = (row) => marked(row, row.counts);
  const largest = [...groups].sort((a, b) => b.people - a.people);
  const fewer = groups.map((_, left) => [groups.filter((row) => largest.indexOf(row) < groups.length - left), left + missing.length]);
  const some = fewer.filter(([, left]) => left).map(([these, left]) => each(counts, these, [`${left} more type${left === 1 ? "" : "s"} not given here`]));
  return { title: many ? what : `${what}: ${each((row) => row.count)}`, row: undefined, sentence: `${what}: ${each(counts)}`, briefer: [each(counts), ...some].map((said) => [`${what}: ${said}`]) };
}

// The selection in a file's name: the types, or those left out where that is shorter.
function namePart(types) {
  const left = DATA.types.filter((kind) => !types.includes(kind.code));
  if (!left.length) return "";
  if (!types.length) return "all-types-together";
  const names = (codes) => codes.map((code) => KINDS[code].slug).join("_");
  const part = types.length <= left.length ? names(types) : `all-but_${names(left.map((kind) => kind.code))}`;
  return part.length <= 100 ? part : `${types.length}-complaint-types`; // a file's name has its limit
}

const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

function altText(found) {
  const lines = found.rows.map((row) => `${row.label}: ${row.counts}${row.dotted ? `, ${row.rate}, ${intervalOf(row)}` : " [u]"}.`);
  return [`Dot and interval chart. ${found.title}.`, found.subtitle, ...(found.part ? [found.part] : []), ...lines, ...found.notes, found.source].join("\n");
}

// The same without its rows, for places that take few characters.
function shortAltText(found) {
  const [kind, subtitle] = altText(found).split("\n");
  return `${kind} ${subtitle}`.length <= 400 ? `${kind} ${subtitle}` : kind;
}

function csvOf(found) {
  const heading = [...DATA.columns, "only_force", "among", "count", "selected_types"].join(",");
  const { force, among, count } = found.choice;
  return [heading, ...found.rows.map((row) => [row.line, csvCell(force), among, count, found.types.join("; ")].join(",")), ""].join("\n");
}

// --- showing ---------------------------------------------------------------------------------------------------------

let current = null;

const say = (text) => set("status", text);

// Shows what is chosen; a choice of the reader's (isNew) is a step that Back undoes.
function show(isNew = false) {
  const found = answer(chosen());
  current = found;
  sayTypes(found.choice.types);
  const there = found.rows.length > 0;
  for (const item of document.querySelectorAll(".result")) item.hidden = !there;
  paint(found);
  say(there ? `${found.title}.${found.share}${cautionOf(found.row)}` : `${found.title}, so there is nothing to draw. [z]`);
  remember(found, isNew);
  fillRows(document.querySelector("#numbers tbody"), found.rows.map((row) => [row.label, row.count, row.cases, row.rate, row.interval, row.unknown]));
  const address = shareAddress(found);
  set("b-caption", found.title);
  set("b-sentence", quoted(found, address));
  set("b-citation", [`${DATA.project}. ${found.title}.${found.share} ${found.subtitle} ${found.source}`, address].filter(Boolean).join(" "));
  set("b-short-alt", shortAltText(found));
  set("b-alt-text", found.alt);
  set("definition", found.definition);
  set("unknown", found.unknown);
  set("now", `Back to the ${isDrawn(found) ? "picture" : "answer"}: ${found.title}`);
  showLinks(found);
}

// A picture of counts alone would show nothing.
const isDrawn = (found) => found.rows.some((row) => row.dotted && row.total);

function paint(found) {
  const hasPicture = isDrawn(found);
  for (const item of document.querySelectorAll("#picture, #alt, [data-take]:not([data-take=csv])")) item.hidden = !hasPicture;
  document.getElementById("picture").replaceChildren(...(hasPicture ? [draw(found, innerWidth < 480 ? "phone" : "page").svg] : []));
}

// Where to read more of what is chosen, and the link to it.
function showLinks(found) {
  const links = [
    ...(found.page ? [[found.page, "This answer on a page of its own, to share, with its investigations"]] : []),
    ...(found.force.code ? [[`forces/${found.force.slug}.html`, found.force.label]] : []),
    ...found.types.slice(0, 3).map((code) => [`types/${KINDS[code].page}.html`, LABELS[code]]),
  ];
  document.getElementById("more").replaceChildren(...links.map(([address, words]) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = address;
    link.textContent = words;
    item.append(link);
    return item;
  }));
  document.getElementById("copy-link").dataset.text = found.page ? new URL(found.page, location.href).href : location.href;
}

// The sentence to copy, within a post, as quoting.quoted makes it of a row: it gives up its link, its share, its source's
// short name for initials, and last the smaller ones of several types, which it says. briefer: lists of the same said shorter.
function quoted({ sentence, briefer }, address) {
  const cited = (sentence, origin, whose = DATA.whose) => `${sentence}. ${origin}; ${whose}, ${DATA.when}.`;
  const brief = briefer.flatMap((same) => [DATA.origin, DATA.brief].flatMap((origin) => same.map((said) => cited(said, origin))));
  return fitting([...(address ? [cited(sentence, DATA.origin, address)] : []), cited(sentence, DATA.origin), ...brief, ...briefer.flat().map((said) => cited(said, DATA.brief, DATA.named))]);
}

// What a sentence that is taken away leads back to: the answer's own page where there is one, else this state.
function shareAddress(found) {
  if (!onTheWeb(location)) return "";
  return found.page ? new URL(found.page, location.href).href : location.href;
}

function remember(found, isNew) {
  const { among, count, force, types } = found.choice;
  const state = new URLSearchParams({ among, count });
  if (force) state.set("force", force);
  if (types.length < DATA.types.length) state.set("types", types.join(","));
  const address = `#${state}`;
  if (isNew && address !== location.hash) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  document.title = `${found.title} – ${document.title.split(" – ").at(-1)}`;
}

function fromAddress() {
  const text = location.hash.slice(1);
  if (text && !text.includes("=")) return; // a link inside the page, such as to its content
  const state = new URLSearchParams(text);
  const read = (name) => (state.has(name) ? state.get(name) : undefined);
  const types = read("types");
  FORM.reset(); // what the address does not say is as at the beginning
  choose({ among: read("among"), count: read("count"), force: read("force"), types: types === undefined ? undefined : types.split(",").filter(Boolean) });
}

function changed(event) {
  if (event.target.id === "kind") tickTypes(event.target.value);
  if (event.target.value === SEVERAL) document.getElementById("several").open = true; // which ones is still to be said
  else show(true);
}

document.getElementById("needs-script").hidden = true;
for (const item of document.querySelectorAll("[data-script]")) item.hidden = false;
FORM.addEventListener("change", changed);
FORM.addEventListener("submit", (event) => event.preventDefault());
for (const [id, value] of [["all-types", EACH], ["no-types", TOGETHER]]) {
  document.getElementById(id).addEventListener("click", () => { tickTypes(value); show(true); });
}
document.getElementById("start-again").addEventListener("click", () => { FORM.reset(); show(true); });
leads();
for (const button of document.querySelectorAll("[data-take]")) button.addEventListener("click", () => take(button.dataset.take, current, csvOf(current)));
window.addEventListener("hashchange", fromAddress);
window.addEventListener("resize", () => current && paint(current));
fromAddress();
