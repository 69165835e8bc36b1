"""The sheets of an OpenDocument file (.ods), after its standard (part 3, chapters 9, 16 and 20)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from analysis.reading.spreadsheet.cells import (
    ERRORS,
    MAX_BOOK_CELLS,
    MAX_COLUMNS,
    SAVE_AGAIN,
    Cell,
    Sheet,
    cell_of,
    in_rows,
    refuse,
    require_cells,
    text_cell,
    tidy,
    within_limit,
)
from analysis.reading.spreadsheet.unseen import BLACK, STRUCK, WHITE, lowered, raised, shown_text, why_unseen

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
BLANKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": " "}
ASIDE = (f"{_OFFICE}annotation", f"{_TEXT}note")
CURRENCY = re.compile(r"[\s£$€¥%'\u2019]")
MOST = 4 * MAX_BOOK_CELLS  # elements
GENERATIONS = 20  # of styles that build on one another
Styles = Mapping[str, Mapping[str, str]]  # name -> what is said of it, by it and by those that it builds on


def read_ods(path: Path, archive: zipfile.ZipFile) -> list[Sheet]:
    """Every sheet of an .ods file; `archive` is the file opened."""
    names = archive.namelist()
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
    content = _parsed(path, archive.read("content.xml"))
    roots = [*([_parsed(path, archive.read("styles.xml"))] if "styles.xml" in names else []), content]
    styles = _styles(roots)
    tables = content.iter(f"{_TABLE}table")
    return within_limit(path, (_ods_sheet(path, table, styles) for table in tables))


def _parsed(path: Path, content: bytes) -> ElementTree.Element:
    """A part of the file; DataError when it declares entities or is too large."""
    plain = content.replace(b"\0", b"")  # UTF-16
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise refuse(path, "the file declares entities, which no spreadsheet needs.", SAVE_AGAIN)
    elements = plain.count(b"<") - plain.count(b"</")
    if elements > MOST:
        problem = f"the file has more than {MAX_BOOK_CELLS:,} cells and texts."
        raise refuse(path, problem, f"At most {MAX_BOOK_CELLS:,} of a workbook are read. Save the sheet as .csv.")
    return ElementTree.fromstring(content)


def _styles(roots: Iterable[ElementTree.Element]) -> Styles:
    own: dict[str, dict[str, str]] = {}
    for root in roots:
        for style in root.iter(f"{_STYLE}style"):
            said = {key: value for properties in style for key, value in properties.items()}
            said |= {key: style.get(key, "") for key in (f"{_STYLE}parent-style-name",) if style.get(key)}
            own[style.get(f"{_STYLE}name", "")] = said
    found = {}
    for name, said in own.items():
        for _ in range(GENERATIONS):
            parent = said.get(f"{_STYLE}parent-style-name", "")
            said = {**own.get(parent, {}), **{key: said[key] for key in said if key != f"{_STYLE}parent-style-name"}}
        found[name] = said
    return found


def _why_unseen(style: Mapping[str, str], ground: str = "") -> str:
    line = style.get(f"{_STYLE}text-line-through-style", "none")
    line = "none" if style.get(f"{_STYLE}text-line-through-type") == "none" else line
    ground = ground or _colour(style.get(f"{_FO}background-color", ""), WHITE)
    if style.get(f"{_TEXT}display") == "none":
        return "hidden text"
    return why_unseen(line != "none", _colour(style.get(f"{_FO}color", ""), BLACK), ground)


def _colour(text: str, otherwise: str) -> str:
    return text[1:].upper() if re.fullmatch("#[0-9A-Fa-f]{6}", text) else otherwise


def _repeats(element: ElementTree.Element, what: str, kind: str = "repeated") -> int:
    text = element.get(f"{_TABLE}number-{what}-{kind}", "1")
    return max(1, int(text)) if len(text) < 10 else 10**9


def _is_thin(style: Mapping[str, str], *keys: str) -> bool:
    return any(re.fullmatch(r"0(\.0+)?[a-z]*", style.get(f"{_STYLE}{key}", "1")) for key in keys)


def _ods_sheet(path: Path, table: ElementTree.Element, styles: Styles) -> Sheet:
    name = table.get(f"{_TABLE}name", "")
    hidden_columns, defaults = _columns(table, styles)
    cells: dict[tuple[int, int], Cell] = {}
    unseen: dict[tuple[int, int], str] = {}
    hidden_rows: set[int] = set()
    merged = []
    above = 0  # how many rows there were before
    for row in table.iter(f"{_TABLE}table-row"):
        times = _repeats(row, "rows")
        line: dict[int, Cell] = {}
        for column, element, count in _elements(row):
            style = styles.get(element.get(f"{_TABLE}style-name") or defaults.get(column, ""), {})
            cell, why = _ods_cell(element, styles, _why_unseen(style), style)
            down, right = (_repeats(element, side, "spanned") for side in ("rows", "columns"))
            if down > 1 or right > 1:
                merged.append((above + 1, column, above + down, column + right - 1))
            if cell.text:
                require_cells(path, name, above + times, column + count - 1)
                line |= dict.fromkeys(range(column, column + count), cell)
                unseen |= {(above + 1, at): why for at in range(column, column + count) if why}
        if len(cells) + times * len(line) > MAX_BOOK_CELLS:
            require_cells(path, name, above + times, MAX_COLUMNS)
        cells |= {
            (number, at): cell
            for number in range(above + 1, above + times + 1 if line else 0)
            for at, cell in line.items()
        }
        is_thin = _is_thin(styles.get(row.get(f"{_TABLE}style-name", ""), {}), "row-height")
        if line and (row.get(f"{_TABLE}visibility") in ("collapse", "filter") or is_thin):
            hidden_rows |= {*range(above + 1, above + times + 1)}
        above += times
    is_hidden = styles.get(table.get(f"{_TABLE}style-name", ""), {}).get(f"{_TABLE}display") == "false"
    places = frozenset(hidden_rows), frozenset(hidden_columns)
    return Sheet(name, *in_rows(cells), is_hidden, *places, tuple(merged), unseen=unseen)


def _columns(table: ElementTree.Element, styles: Styles) -> tuple[set[int], dict[int, str]]:
    """Which columns are hidden, and the style of the cells of each that have none."""
    hidden: set[int] = set()
    defaults: dict[int, str] = {}
    before = 0
    for column in table.iter(f"{_TABLE}table-column"):
        count = _repeats(column, "columns")
        numbers = range(before + 1, min(before + count, MAX_COLUMNS) + 1)
        is_thin = _is_thin(styles.get(column.get(f"{_TABLE}style-name", ""), {}), "column-width")
        if column.get(f"{_TABLE}visibility") in ("collapse", "filter") or is_thin:
            hidden |= {*numbers}
        if style := column.get(f"{_TABLE}default-cell-style-name"):
            defaults |= dict.fromkeys(numbers, style)
        before += count
    return hidden, defaults


def _elements(row: ElementTree.Element) -> Iterator[tuple[int, ElementTree.Element, int]]:
    """The cells of a row: the number of the column, the element, and how many it stands for."""
    column = 1
    for element in row:
        if element.tag in CELLS:
            count = _repeats(element, "columns")
            if len(element) or element.attrib.keys() - {f"{_TABLE}number-columns-repeated", f"{_TABLE}style-name"}:
                yield column, element, count
            column += count


def _runs(
    element: ElementTree.Element, styles: Styles, style: Mapping[str, str], ground: str
) -> Iterator[tuple[str, bool | None]]:
    """The runs of a paragraph, and whether each cannot be seen; None where nobody knows how it looks."""
    position = style.get(f"{_STYLE}text-position", "").split(" ")[0]
    change = (
        raised
        if position == "super" or re.match("[1-9]", position)
        else lowered
        if position[:1] in ("s", "-") and position
        else str
    )
    is_unseen = None if style.get("is unknown") else bool(_why_unseen(style, ground))
    yield change(element.text or ""), is_unseen
    for child in element:
        if child.tag in BLANKS:
            yield BLANKS[child.tag], is_unseen
        elif child.tag not in ASIDE:
            name = child.get(f"{_TEXT}style-name")
            said = styles.get(name, {"is unknown": "yes"}) if name and child.tag == f"{_TEXT}span" else {}
            yield from _runs(child, styles, {**style, **said}, ground)
        yield change(child.tail or ""), is_unseen


def _text(element: ElementTree.Element, styles: Styles, ground: str) -> tuple[str, str]:
    """The text of a cell, and what it is: text, unseen, or masked where digits may not be of one number."""
    runs: list[tuple[str, bool | None]] = []
    for number, paragraph in enumerate(element.findall(f"{_TEXT}p")):
        runs += [(" ", None)] if number else []
        runs += _runs(paragraph, styles, {}, ground)
    runs = [run for run in runs if run[0]]
    text, kind = shown_text([(run, bool(is_unseen)) for run, is_unseen in runs])
    is_open = any(
        (one[1] is None) != (other[1] is None) and one[0][-1:].isdigit() and other[0][:1].isdigit()
        for one, other in pairwise(runs)
    )
    return text, "masked" if is_open else kind


def _ods_cell(element: ElementTree.Element, styles: Styles, why: str, style: Mapping[str, str]) -> tuple[Cell, str]:
    """A cell, and why it cannot be seen ("" if it can)."""
    whole, seen = _text(element, styles, _colour(style.get(f"{_FO}background-color", ""), WHITE))
    text, kind = tidy(whole), element.get(f"{_OFFICE}value-type")
    why = why if why or seen != "unseen" else STRUCK
    if element.get(f"{_CALC}value-type") == "error" or ERRORS.fullmatch(text):
        return Cell(text or "#VALUE!", "error"), why
    if seen == "masked" or (element.tag == CELLS[1] and (text or kind)):
        return Cell(text or element.get(f"{_OFFICE}value", "?"), "masked"), why
    if kind in ("float", "currency", "percentage"):
        return _number(text, float(element.get(f"{_OFFICE}value", "nan")), kind == "percentage"), why
    if kind == "date":
        day = element.get(f"{_OFFICE}date-value", "")[:10]
        return (Cell(day, "date") if re.search(r"\d", text) else text_cell(text) if text else Cell(day, "masked")), why
    if kind is None and element.get(f"{_TABLE}formula") and not text:
        return Cell(element.get(f"{_TABLE}formula", ""), "formula"), why
    return text_cell(whole), why


def _number(text: str, value: float, is_share: bool) -> Cell:
    """A number of which a text is shown: the number where they are the same but for rounding, else the text; masked
    where the text is another number, or none."""
    stored = int(value) if value == int(value) else value
    if _is_same(text, value * 100 if is_share and "%" in text else value):
        return cell_of(stored, "0%" if is_share else '0"%"' if "%" in text else "General")
    if not text or re.fullmatch(r"-?[\d.,]+", CURRENCY.sub("", text)):
        return Cell(f"{value:.15g}", "masked")
    return text_cell(text)


def _is_same(text: str, value: float) -> bool:
    """Whether a text is a number, written with a point or a comma, that differs by rounding alone."""
    bare = CURRENCY.sub("", text).replace("\u2212", "-")
    for point, between in ((".", ","), (",", ".")):
        of_thousands = rf"\d{{1,3}}(?:{re.escape(between)}\d{{3}})+"
        found = re.fullmatch(rf"-?(?:{of_thousands}|\d+)?(?:{re.escape(point)}(\d*))?(?:[eE]([+-]?\d{{1,3}}))?", bare)
        number = bare.replace(between, "").replace(point, ".")
        if found and re.search(r"\d", number.partition("e")[0].partition("E")[0]):
            half = 0.5 * 10.0 ** (int(found[2] or 0) - len(found[1] or ""))
            if abs(float(number) - value) <= half * (1 + 1e-9):
                return True
    return False
