// The chart builder. Figures and sentences come from the page's JSON, made by Python; here they are only chosen, placed
// and drawn. The arithmetic below is of pixels.
"use strict";

const DATA = JSON.parse(document.getElementById("figures").textContent);
const FORM = document.getElementById("builder");
const KINDS = Object.fromEntries(DATA.types.map((kind) => [kind.code, kind]));
const LABELS = Object.fromEntries(DATA.types.map((kind) => [kind.code, kind.label]));
const COLUMN = Object.fromEntries(DATA.columns.map((name, place) => [name, place]));
const ALL = "(all)";
const FONT = '"DejaVu Sans", Verdana, sans-serif';
const COLOURS = { total: "#801650", group: "#12436d", text: "#1a1a1a", soft: "#595959", grid: "#c9ced6" };

// --- what was chosen -------------------------------------------------------------------------------------------------

function chosen() {
  const form = new FormData(FORM);
  return { among: form.get("among"), count: form.get("count"), force: form.get("force"), types: form.getAll("type") };
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
  const rows = table.rows.map(([type, said, figure, counts, rate, interval, line]) => {
    const cells = line.split(",");
    const number = (name) => Number(cells[COLUMN[name]]);
    return {
      type, said, figure, counts, rate, interval, line, at: number("rate"),
      low: number(cells[COLUMN.low] ? "low" : "rate"), high: number(cells[COLUMN.high] ? "high" : "rate"), // one case: no interval
      total: type === ALL,
      label: type === ALL ? "All complaint types" : LABELS[type],
      count: `${cells[COLUMN.numerator]} of ${cells[COLUMN.denominator]}`,
      cases: `${cells[COLUMN.n_cases_counted]} of ${cells[COLUMN.n_cases]}`,
      people: number("denominator"),
      unknown: cells[COLUMN.unknown_outcomes],
      small: cells[COLUMN.reliability] === "u",
      dotted: number("denominator") >= DATA.few,
    };
  });
  const types = choice.types.length < DATA.types.length ? choice.types : []; // all of them: the total is the answer
  const [totals, groups] = [rows.filter((row) => row.total), rows.filter((row) => !row.total && choice.types.includes(row.type))];
  const kept = types.length === 1 ? [...groups, ...totals] : [...totals, ...groups]; // what is spoken of comes first
  return {
    choice, force, types, ...spoken(types, force, question, table, groups, totals[0]),
    rows: types.length && !groups.length ? [] : kept,
    subtitle: question.subtitle + force.subtitle + DATA.place,
    shortSubtitle: question.subtitle + force.subtitle + DATA.jurisdiction,
    definition: question.definition + table.only,
    unknown: table.unknown,
    notes: [...DATA.notes, table.unknown].filter(Boolean),
    isPart: types.length > 0,
    name: ["dismissal-rates", force.slug, slug(choice.among), slug(choice.count), namePart(choice.types)].filter(Boolean).join("."),
  };
}

// What is said of the selection: of one type its own row, of several each by name, of all or none the total.
function spoken(types, force, question, table, groups, total) {
  const about = (...kinds) => [...(force.code ? [force.label] : []), ...kinds].join(", ");
  const led = (place, said) => ((text) => text[0].toUpperCase() + text.slice(1))(place ? `${place}: ${said}` : said);
  const names = types.map((code) => KINDS[code].inside);
  if (types.length < 2) {
    const row = types.length ? groups[0] : total;
    const title = led(about(...names), row ? row.said : table.nobody);
    return { title, row, sentence: title };
  }
  const missing = types.filter((code) => !groups.some((row) => row.type === code)).map((code) => `${KINDS[code].inside} nobody`);
  const each = (words) => [...groups.map((row) => `${KINDS[row.type].inside} ${words(row)}`), ...missing].join("; ");
  const many = types.length > 3;
  const what = led(many ? about(`${types.length} complaint types`) : about(), question.several);
  if (!groups.length) return { title: led(about(...names), table.nobody), row: undefined, sentence: "" };
  return { title: many ? what : `${what}: ${each((row) => row.count)}`, row: undefined, sentence: `${what}: ${each((row) => row.counts)}` };
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
  const lines = found.rows.map((row) => `${row.label}: ${row.counts}${row.dotted ? `, ${row.rate}, 95% interval ${row.interval}` : " [u]"}.`);
  const part = found.isPart ? ["Selected complaint types only."] : [];
  return [`Dot and interval chart. ${found.title}.`, found.subtitle, ...part, ...lines, ...found.notes, DATA.source].join("\n");
}

function csvOf(found) {
  const heading = [...DATA.columns, "only_force", "among", "count", "selected_types"].join(",");
  const force = /[",]/.test(found.choice.force) ? `"${found.choice.force.replaceAll('"', '""')}"` : found.choice.force;
  return [heading, ...found.rows.map((row) => [row.line, force, found.choice.among, found.choice.count, found.types.join("; ")].join(",")), ""].join("\n");
}

// --- drawing ---------------------------------------------------------------------------------------------------------

const NS = "http://www.w3.org/2000/svg";
const PEN = document.createElement("canvas").getContext("2d");

function widthOf(text, size, bold = false) {
  PEN.font = `${bold ? "bold " : ""}${size}px ${FONT}`;
  return PEN.measureText(text).width;
}

function wrap(text, width, size, bold = false) {
  const lines = [];
  for (const word of text.replace(/(\d) of (\d)/g, "$1\u00a0of\u00a0$2").split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer, size, bold) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function element(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Sizes in pixels of the drawing: "page" and "phone" are as wide as the column, "square" is 1080 x 1080.
const SHAPES = {
  phone: { width: 344, margin: 8, title: 17, subtitle: 13, text: 13, note: 12, row: 50 },
  page: { width: 560, margin: 20, title: 19, subtitle: 14, text: 14.5, note: 12.5, row: 50 },
  square: { width: 1080, margin: 40, title: 38, subtitle: 28, text: 28, note: 27, height: 1080 },
};

function draw(found, shape = "page") {
  const size = { ...SHAPES[shape] };
  const inner = size.width - 2 * size.margin;
  const longest = Math.max(...found.rows.map((row) => widthOf(`${row.label}  ${row.figure}`, size.text, row.total)));
  if (!size.height) size.text *= Math.min(1, inner / (longest + 8));
  const parts = [];
  let y = size.margin;
  const write = (lines, points, colour, bold, gap) => {
    for (const line of lines) {
      parts.push(element("text", { x: size.margin, y: y + points * 0.95, "font-size": points, fill: colour, ...(bold ? { "font-weight": "bold" } : {}) }, line));
      y += points * 1.3;
    }
    y += gap;
  };
  write(wrap(found.title, inner, size.title, true), size.title, COLOURS.text, true, size.title * 0.35);
  write(wrap(shape === "square" ? found.shortSubtitle : found.subtitle, inner, size.subtitle), size.subtitle, COLOURS.text, false, size.subtitle * 0.6);
  let rows = found.rows;
  const selected = found.isPart ? ["Selected complaint types only."] : [];
  let notes = shape === "square" ? [[DATA.notes[0], ...selected, DATA.source].join(" ")] : [...found.notes, ...selected, DATA.source];
  const heightOf = (texts) => texts.reduce((sum, note) => sum + wrap(note, inner, size.note).length * size.note * 1.3 + size.note * 0.5, 0);
  const axis = size.text * 2;
  let step = size.row;
  if (size.height) {
    const room = () => size.height - size.margin - y - axis - heightOf(notes);
    const most = Math.floor(room() / (size.text * 1.45));
    if (rows.length > most) {
      const groups = rows.length - 1;
      notes = [[DATA.notes[0], ...selected, `Shown: the ${most - 2} largest of ${groups} groups.`, DATA.source].join(" ")];
      const largest = [...rows].filter((row) => !row.total).sort((a, b) => b.people - a.people).slice(0, most - 2);
      rows = rows.filter((row) => row.total || largest.includes(row));
    }
    step = Math.min(room() / rows.length, size.text * 3);
  }
  drawRows(parts, rows, y, step, size, shape === "square");
  y += step * rows.length + axis + (size.height ? 0 : 10);
  if (size.height) y = size.height - size.margin - heightOf(notes) + size.note * 0.5;
  for (const note of notes) write(wrap(note, inner, size.note), size.note, COLOURS.soft, false, size.note * 0.5);
  const height = size.height || y + size.margin - size.note * 0.5;
  const id = `builder-${shape}-title`;
  const svg = element("svg", { xmlns: NS, role: "img", "aria-labelledby": id, viewBox: `0 0 ${size.width} ${height}`, "font-family": FONT.replaceAll('"', "'") });
  svg.append(element("title", { id }, found.title), element("desc", {}, altText(found)));
  svg.append(element("rect", { width: size.width, height, fill: "#ffffff" }), ...parts);
  return { svg, width: size.width, height };
}

function drawRows(parts, rows, top, step, size, oneLine) {
  const words = (row) => row.figure;
  const dotted = rows.filter((row) => row.dotted);
  const right = size.width - size.margin;
  const labelWidth = oneLine ? Math.max(...rows.map((row) => widthOf(row.label, size.text, row.total))) + 18 : 0;
  const wordsWidth = oneLine ? Math.max(...rows.map((row) => widthOf(words(row), size.text, row.total))) + 22 : 0;
  const from = size.margin + Math.min(labelWidth, 430);
  const to = right - wordsWidth;
  const end = Math.min(1, Math.ceil(Math.max(...dotted.map((row) => row.high)) * 1.02 * 10) / 10);
  const x = (share) => from + (share / end) * (to - from);
  const bottom = top + step * rows.length;
  const between = [0.1, 0.2, 0.5].find((gap) => x(gap) - x(0) > size.note * 3.4) || end;
  for (let tick = 0; tick <= end + 1e-9; tick += between) {
    parts.push(element("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, stroke: COLOURS.grid, "stroke-width": 1 }));
    const anchor = tick === 0 ? "start" : x(tick) > right - size.note * 2 ? "end" : "middle";
    parts.push(element("text", { x: x(tick), y: bottom + size.note * 1.3, "font-size": size.note, "text-anchor": anchor, fill: COLOURS.text }, `${Math.round(tick * 100)}%`));
  }
  const overall = rows.find((row) => row.total);
  parts.push(element("line", { class: "overall", x1: x(overall.at), x2: x(overall.at), y1: top, y2: bottom, stroke: COLOURS.total, "stroke-width": 1.5, "stroke-dasharray": "5 4" }));
  rows.forEach((row, place) => {
    const middle = top + step * (place + (oneLine ? 0.5 : 0.72));
    const line = oneLine ? middle + size.text * 0.35 : top + step * place + step * 0.42;
    const colour = row.total ? COLOURS.total : COLOURS.group;
    const weight = row.total ? { "font-weight": "bold" } : {};
    const radius = size.text * 0.42;
    const group = element("g", { "data-type": row.type });
    const fitting = oneLine ? Math.min(1, (from - size.margin - radius * 1.6) / widthOf(row.label, size.text, row.total)) : 1;
    const label = { y: line, "font-size": size.text, fill: COLOURS.text, ...weight, stroke: "#ffffff", "stroke-width": 5, "paint-order": "stroke" };
    if (row.dotted) group.append(
      element("line", { class: "interval", x1: x(row.low), x2: x(row.high), y1: middle, y2: middle, stroke: colour, "stroke-width": radius * 0.5 }),
      element("circle", { cx: x(row.at), cy: middle, r: radius, fill: row.small ? "#ffffff" : colour, stroke: colour, "stroke-width": radius * 0.4 }),
    );
    group.append(
      element("text", { x: size.margin, class: "label", ...label, "font-size": size.text * fitting }, row.label),
      element("text", { x: right, class: "figure", "text-anchor": "end", ...label }, words(row)),
    );
    parts.push(group);
  });
}

// --- showing ---------------------------------------------------------------------------------------------------------

let current = null;

function say(text) {
  const status = document.getElementById("status");
  status.hidden = !text;
  status.textContent = text;
}

function show() {
  const found = answer(chosen());
  current = found;
  const result = document.getElementById("result");
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  result.hidden = !found.rows.length;
  if (!found.rows.length) {
    say(`${found.title}, so there is nothing to draw. [z]`);
  } else {
    const { row } = found;
    const share = row && row.dotted ? ` ${row.rate}, 95% interval ${row.interval}.` : "";
    say(`${found.title}.${share}${row && row.small ? ` Fewer than ${DATA.small} people or ${DATA.fewCases} investigations: too few for a reliable share.` : ""}`);
    const hasPicture = found.rows.some((one) => one.dotted && one.total); // a picture of counts alone would show nothing
    for (const item of document.querySelectorAll("#picture, #alt, [data-take]:not([data-take=csv])")) item.hidden = !hasPicture;
    document.getElementById("picture").replaceChildren(...(hasPicture ? [draw(found, innerWidth < 480 ? "phone" : "page").svg] : []));
    const body = document.querySelector("#numbers tbody");
    body.replaceChildren(...found.rows.map((one) => {
      const line = document.createElement("tr");
      [one.label, one.count, one.cases, one.rate, one.interval, one.unknown].forEach((text, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (!place) cell.scope = "row";
        cell.textContent = text;
        line.append(cell);
      });
      return line;
    }));
    set("b-caption", found.title);
    set("b-sentence", `${found.sentence}.${share}${DATA.place} ${DATA.sourceLine}`);
    set("b-citation", `${DATA.project}. ${found.title}. ${found.shortSubtitle} ${DATA.source}`);
    set("b-alt-text", altText(found));
    set("definition", found.definition);
    set("unknown", found.unknown);
  }
  const state = new URLSearchParams({ among: found.choice.among, count: found.choice.count });
  if (found.choice.force) state.set("force", found.choice.force);
  if (found.choice.types.length < DATA.types.length) state.set("types", found.choice.types.join(","));
  history.replaceState(null, "", `#${state}`);
}

function fromAddress() {
  const state = new URLSearchParams(location.hash.slice(1));
  const read = (name) => (state.has(name) ? state.get(name) : undefined);
  const types = read("types");
  FORM.reset(); // what the address does not say is as at the beginning
  choose({ among: read("among"), count: read("count"), force: read("force"), types: types === undefined ? undefined : types.split(",").filter(Boolean) });
}

// --- taking it away --------------------------------------------------------------------------------------------------

function save(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function svgText({ svg, width, height }) {
  const copy = svg.cloneNode(true);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

async function png(drawing, scale) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(drawing.width * scale);
  canvas.height = Math.round(drawing.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return withText(new Uint8Array(await blob.arrayBuffer()), { Title: current.title, Description: altText(current), Source: DATA.source });
}

// Writes iTXt chunks after the header of a PNG, so that the picture says what it is and where it is from.
function withText(bytes, entries) {
  const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  const crc = (data) => (data.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const chunks = Object.entries(entries).map(([key, text]) => {
    const data = new TextEncoder().encode(`iTXt${key}\0\0\0\0\0${text}`);
    const chunk = new Uint8Array(data.length + 8);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, data.length - 4);
    chunk.set(data, 4);
    view.setUint32(chunk.length - 4, crc(data));
    return chunk;
  });
  return new Blob([bytes.slice(0, 33), ...chunks, bytes.slice(33)], { type: "image/png" });
}

async function take(kind) {
  if (kind === "csv") save(`${current.name}.csv`, "text/csv", csvOf(current));
  else if (kind === "svg") save(`${current.name}.svg`, "image/svg+xml", svgText(draw(current)));
  else if (kind === "png") save(`${current.name}.png`, "image/png", await png(draw(current), 2));
  else save(`${current.name}.square.png`, "image/png", await png(draw(current, "square"), 1));
}

document.getElementById("needs-script").hidden = true;
FORM.hidden = false;
FORM.addEventListener("change", show);
FORM.addEventListener("submit", (event) => event.preventDefault());
for (const [id, checked] of [["all-types", true], ["no-types", false]]) {
  document.getElementById(id).addEventListener("click", () => {
    for (const item of FORM.querySelectorAll("[name=type]")) item.checked = checked;
    show();
  });
}
for (const button of document.querySelectorAll("[data-take]")) button.addEventListener("click", () => take(button.dataset.take));
window.addEventListener("hashchange", fromAddress);
window.addEventListener("resize", () => current && current.rows.length && show());
fromAddress();
