// Pictures of shares, for the chart builder and for a reader's own counts: one way to draw them, one to take them away.
//
// A picture is made of: title, subtitle, rows, notes (all of them; a picture of fixed size has room for the first),
// part ("", or that this is a selection), source, mark (whose picture it is) and alt. A row: label, figure (its words),
// at, low and high (shares), people, total (the row of everybody), small ([u]), dotted (whether a share is drawn).
"use strict";

const FONT = '"DejaVu Sans", Verdana, sans-serif';
const COLOURS = { total: "#801650", group: "#12436d", text: "#1a1a1a", soft: "#595959", grid: "#c9ced6" };
const NS = "http://www.w3.org/2000/svg";
const PEN = document.createElement("canvas").getContext("2d");

// Lines are broken by the width of the letters: when the typeface has come, what is drawn is drawn again.
Promise.all(["", "bold "].map((weight) => document.fonts.load(`${weight}16px ${FONT}`))).then(() => dispatchEvent(new Event("resize")));

// Measured large, and drawn with geometricPrecision: of small letters some systems round the width of each.
function widthOf(text, size, bold = false) {
  PEN.font = `${bold ? "bold " : ""}100px ${FONT}`;
  return (PEN.measureText(text).width * size) / 100;
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

// The first of several texts that is within the length of a post; the last where none is.
const fitting = (texts) => texts.find((text) => text.length <= DATA.longest) ?? texts.at(-1);

function element(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Sizes in pixels of the drawing: "page" and "phone" are as wide as the column; the others are fixed, "wide" being 16:9.
// Where `labels` is given each row is one line, its label at most that wide; else its words stand over its dot.
const SHAPES = {
  phone: { width: 344, margin: 8, title: 17, subtitle: 13, text: 13, note: 12, row: 50 },
  page: { width: 560, margin: 20, title: 19, subtitle: 14, text: 14.5, note: 12.5, row: 50 },
  square: { width: 1080, margin: 40, title: 35, subtitle: 27, text: 27, note: 27, height: 1080 },
  wide: { width: 1920, margin: 60, title: 44, subtitle: 28, text: 28, note: 26, height: 1080, labels: 560 },
};

function draw(found, shape = "page") {
  const size = { ...SHAPES[shape] };
  const inner = size.width - 2 * size.margin;
  const longest = Math.max(...found.rows.map((row) => widthOf(`${row.label}  ${row.figure}`, size.text, row.total)));
  if (!size.labels) size.text *= Math.min(1, inner / (longest + 8));
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
  write(wrap(found.subtitle, inner, size.subtitle), size.subtitle, COLOURS.text, false, size.subtitle * 0.6);
  const heightOf = (texts) => texts.reduce((sum, note) => sum + wrap(note, inner, size.note).length * size.note * 1.3 + size.note * 0.5, 0);
  const axis = size.text * 2;
  let [rows, notes, step] = [found.rows, [...found.notes, found.part, found.source, found.mark], size.row];
  if (size.height) [rows, notes, step] = fitted(found, size, (texts) => size.height - size.margin - y - axis - heightOf(texts));
  notes = notes.filter(Boolean);
  drawRows(parts, rows, y, step, size);
  y += step * rows.length + axis + (size.height ? 0 : 10);
  if (size.height) y = size.height - size.margin - heightOf(notes) + size.note * 0.5;
  for (const note of notes) write(wrap(note, inner, size.note), size.note, COLOURS.soft, false, size.note * 0.5);
  const height = size.height || y + size.margin - size.note * 0.5;
  const id = `picture-${shape}-title`;
  const svg = element("svg", { xmlns: NS, role: "img", "aria-labelledby": id, viewBox: `0 0 ${size.width} ${height}`, "font-family": FONT.replaceAll('"', "'"), "text-rendering": "geometricPrecision" });
  svg.append(element("title", { id }, found.title), element("desc", {}, found.alt));
  svg.append(element("rect", { width: size.width, height, fill: "#ffffff" }), ...parts);
  return { svg, width: size.width, height };
}

// What a picture of fixed size has room for: rows (the largest, where not all), notes in one paragraph, pixels a row.
function fitted(found, size, room) {
  const note = (shown) => [[found.notes[0], found.part, shown, found.source, found.mark].filter(Boolean).join(" ")];
  const least = size.text * (size.labels ? 1.4 : 1.95);
  const groups = found.rows.filter((row) => !row.total);
  let [rows, notes] = [found.rows, note("")];
  if (room(notes) < least * rows.length) {
    const totals = rows.length - groups.length;
    const said = (many) => note(`Shown: the ${many} largest of ${groups.length} groups.`);
    const most = Math.max(1, Math.floor(room(said(groups.length)) / least) - totals);
    const largest = [...groups].sort((a, b) => b.people - a.people).slice(0, most);
    [rows, notes] = [rows.filter((row) => row.total || largest.includes(row)), said(most)];
  }
  return [rows, notes, Math.min(room(notes) / rows.length, size.text * (size.labels ? 3 : 3.4))];
}

function drawRows(parts, rows, top, step, size) {
  const oneLine = Boolean(size.labels);
  const dotted = rows.filter((row) => row.dotted);
  const right = size.width - size.margin;
  const labelWidth = oneLine ? Math.max(...rows.map((row) => widthOf(row.label, size.text, row.total))) + 18 : 0;
  const wordsWidth = oneLine ? Math.max(...rows.map((row) => widthOf(row.figure, size.text, row.total))) + 22 : 0;
  const from = size.margin + Math.min(labelWidth, size.labels || 0);
  const to = right - wordsWidth;
  const end = Math.min(1, Math.ceil(Math.max(...dotted.map((row) => row.high)) * 1.02 * 10) / 10);
  const x = (share) => from + (share / end) * (to - from);
  const bottom = top + step * rows.length;
  const between = [0.1, 0.2, 0.5].find((gap) => x(gap) - x(0) > size.note * 4.2) || end;
  for (let tick = 0; tick <= end + 1e-9; tick += between) {
    parts.push(element("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, stroke: COLOURS.grid, "stroke-width": 1 }));
    const anchor = tick === 0 ? "start" : x(tick) > right - size.note * 2 ? "end" : "middle";
    parts.push(element("text", { x: x(tick), y: bottom + size.note * 1.3, "font-size": size.note, "text-anchor": anchor, fill: COLOURS.text }, `${Math.round(tick * 100)}%`));
  }
  const overall = rows.find((row) => row.total && row.dotted);
  if (overall) parts.push(element("line", { class: "overall", x1: x(overall.at), x2: x(overall.at), y1: top, y2: bottom, stroke: COLOURS.total, "stroke-width": 1.5, "stroke-dasharray": "5 4" }));
  rows.forEach((row, place) => {
    const middle = top + step * (place + (oneLine ? 0.5 : 0.72));
    if (place && row.small && !rows[place - 1].small) parts.push(element("line", { class: "rule", x1: size.margin, x2: right, y1: top + step * place, y2: top + step * place, stroke: COLOURS.soft, "stroke-width": 1 }));
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
      element("text", { x: right, class: "figure", "text-anchor": "end", ...label }, row.figure),
    );
    parts.push(group);
  });
}

// --- taking it away --------------------------------------------------------------------------------------------------

function save(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// With the typeface (typeface.js) in it: a picture that is taken away has nothing of the page.
function svgText({ svg, width, height }) {
  const copy = svg.cloneNode(true);
  copy.prepend(element("style", {}, TYPEFACE));
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

async function png(found, shape, scale) {
  const drawing = draw(found, shape);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(drawing.width * scale);
  canvas.height = Math.round(drawing.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const code = atob(canvas.toDataURL("image/png").split(",")[1]); // toBlob can wait a second until a browser is idle
  return withText(Uint8Array.from(code, (letter) => letter.charCodeAt(0)), { Title: found.title, Description: found.alt, Source: found.source });
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

// The picture in a format that a button names (data-take); csv: what its data file holds.
async function take(kind, found, csv) {
  if (kind === "csv") save(`${found.name}.csv`, "text/csv", csv);
  else if (kind === "svg") save(`${found.name}.svg`, "image/svg+xml", svgText(draw(found)));
  else if (kind === "png") save(`${found.name}.png`, "image/png", await png(found, "page", 2));
  else if (kind === "print") printed(found);
  else save(`${found.name}.${kind}.png`, "image/png", await png(found, kind, 1));
}

// Only the picture on paper, or in the PDF that the browser's print dialogue saves, under the picture's file name.
function printed(found) {
  const [page, title] = [document.documentElement, document.title];
  page.classList.add("picture-only");
  document.title = found.name;
  addEventListener("afterprint", () => { page.classList.remove("picture-only"); document.title = title; }, { once: true });
  print();
}

function set(id, text) {
  document.getElementById(id).textContent = text;
}

// Buttons that lead to another part of the page (data-to): links would change the address, which holds what is chosen.
function leads() {
  for (const button of document.querySelectorAll("[data-to]")) button.addEventListener("click", () => {
    const target = document.getElementById(button.dataset.to);
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  });
}

// Rows of a table of text; the first cell of a row names it, each other has its heading before it on a phone.
function fillRows(body, rows) {
  const headings = body.parentNode.tHead.rows[0].cells;
  body.replaceChildren(...rows.map((cells) => {
    const line = Object.assign(document.createElement("tr"), { role: "row" });
    cells.forEach((text, place) => {
      const cell = document.createElement(place ? "td" : "th");
      cell.role = place ? "cell" : "rowheader";
      if (place) cell.dataset.label = headings[place].textContent;
      else cell.scope = "row";
      cell.textContent = text;
      line.append(cell);
    });
    return line;
  }));
}

// A cell of a CSV file, as the project writes them: nothing that a spreadsheet would take for a formula.
function csvCell(value) {
  const text = /^[=+\-@\t\r']/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
