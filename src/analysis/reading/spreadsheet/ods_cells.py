"""The sheets of an OpenDocument file (.ods), after its standard (part 3, chapter 9)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from analysis.reading.spreadsheet.cells import ERRORS, SAVE_AGAIN, Cell, Sheet, cell_of, refuse, require_cells, tidy

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def read_ods(path: Path, archive: zipfile.ZipFile) -> list[Sheet]:
    """Every sheet of an .ods file; `archive` is the file opened."""
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
    if b"encryption-data" in manifest:
        raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
    content = archive.read("content.xml")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refuse(path, "the file declares entities, which no spreadsheet needs.", SAVE_AGAIN)
    root = ElementTree.fromstring(content)
    invisible = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    sheets = [
        _ods_sheet(path, table, table.get(f"{_TABLE}style-name") in invisible) for table in root.iter(f"{_TABLE}table")
    ]
    if not sheets:
        raise refuse(path, "the file has no sheet.", SAVE_AGAIN)
    return sheets


def _repeats(element: ElementTree.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


def _ods_sheet(path: Path, table: ElementTree.Element, is_hidden: bool) -> Sheet:
    name = table.get(f"{_TABLE}name", "")
    rows: list[list[Cell]] = []
    hidden_rows: set[int] = set()
    merged = []
    hidden_columns, position = set(), 0
    for column in table.iter(f"{_TABLE}table-column"):
        count = _repeats(column, "columns")
        if column.get(f"{_TABLE}visibility") in ("collapse", "filter") and position < 16_384:
            hidden_columns |= set(range(position + 1, min(position + count, 16_384) + 1))
        position += count
    for row in table.iter(f"{_TABLE}table-row"):
        line: list[Cell] = []
        for element in row:
            if element.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            cell, count = _ods_cell(element), _repeats(element, "columns")
            down, right = (int(element.get(f"{_TABLE}number-{side}-spanned", "1")) for side in ("rows", "columns"))
            if down > 1 or right > 1:
                merged.append((len(rows) + 1, len(line) + 1, len(rows) + down, len(line) + right))
            require_cells(path, name, 1, len(line) + (count if cell.text else 0))
            line += [cell] * (count if cell.text else min(count, 16_384))
        while line and not line[-1].text:
            line.pop()
        count = _repeats(row, "rows")
        if line:
            require_cells(path, name, len(rows) + count, len(line))
        if row.get(f"{_TABLE}visibility") in ("collapse", "filter") and (line or count < 1000):
            hidden_rows |= set(range(len(rows) + 1, len(rows) + count + 1))
        if line or count < 100_000:  # the empty rest of a sheet is one row repeated a million times
            rows += [line] * count
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(name, rows, is_hidden, frozenset(hidden_rows), frozenset(hidden_columns), tuple(merged))


def _ods_cell(element: ElementTree.Element) -> Cell:
    text = tidy(" ".join("".join(part.itertext()) for part in element.findall(f"{_TEXT}p")))
    kind = element.get(f"{_OFFICE}value-type")
    if element.get(f"{_CALC}value-type") == "error" or ERRORS.fullmatch(text):
        return Cell(text or "#VALUE!", "error")
    if kind in ("float", "currency"):
        number = float(element.get(f"{_OFFICE}value", "nan"))
        if (text and not re.search(r"\d", text)) or text.startswith(("<", ">")):
            return Cell(f"{number:.15g}", "masked")
        return cell_of(int(number) if number == int(number) else number)
    if kind == "percentage":
        return cell_of(float(element.get(f"{_OFFICE}value", "nan")), "0%")
    if kind == "date":
        return Cell(element.get(f"{_OFFICE}date-value", "")[:10], "date")
    if kind is None and element.get(f"{_TABLE}formula") and not text:
        return Cell(element.get(f"{_TABLE}formula", ""), "formula")
    return Cell(text)
