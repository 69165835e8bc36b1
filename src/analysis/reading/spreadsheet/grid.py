"""Any spreadsheet as a grid of cells: CSV (also .gz), XLSX, XLS and ODS; with what is hidden, merged or wrong in it.

A cell keeps its text and its kind. What cannot be read safely is refused: protected or macro workbooks, files over a
limit, archives that unpack to more than they should.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import openpyxl
import xlrd
from openpyxl.utils import get_column_letter

from analysis.csv_files import plain
from analysis.errors import DataError, MisconductError, Problem, require_known
from analysis.paths import shown

MAX_BYTES = 50_000_000  # of a file as it lies on the disk
MAX_UNPACKED = 300_000_000  # of what it unpacks to
MAX_CELLS = 5_000_000  # of one sheet
OLE, ZIP, GZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"\x1f\x8b"
SAVE_AGAIN = "Open it in a spreadsheet program and save the sheet again as .xlsx (without macros) or .csv."
ERRORS = re.compile(r"#(VALUE|REF|DIV/0|N/A|NAME|NUM|NULL)[!?]?|Err:\d+", re.IGNORECASE)


class Cell(NamedTuple):
    """One cell. kind: text, number, percent, date, error, formula (one without a stored value) or masked (one that is
    shown as something else than the number in it)."""

    text: str = ""
    kind: str = "text"


EMPTY = Cell()


@dataclass(frozen=True)
class Sheet:
    """One sheet. Rows, columns and merged ranges (first row, first column, last row, last column) count from 1."""

    name: str
    rows: list[list[Cell]]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    is_csv: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell of a row and column, empty outside."""
        line = self.rows[row - 1] if row <= len(self.rows) else []
        return line[column - 1] if column <= len(line) else EMPTY


def address(row: int, column: int) -> str:
    """A cell's name as spreadsheets write it: C7."""
    return f"{get_column_letter(column)}{row}"


def refuse(path: Path, problem: str, advice: str) -> DataError:
    """The error of a whole file."""
    return DataError([Problem.of_file(shown(path), problem, advice=advice, rule="file")])


def tidy(text: str) -> str:
    """Text without the spaces, line breaks and invisible characters around and doubled inside it."""
    return " ".join(re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", text).split())


def _cell(value: object, number_format: str = "General") -> Cell:
    """A value as spreadsheet libraries give it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        quoted = "".join(re.findall(r'"[^"]*"|\\.', number_format))  # text that a format adds
        if "%" in re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format):
            return Cell(f"{round(value * 100, 10):.10g}%", "percent")
        if re.search(r"\[[<>=]", number_format) and quoted:
            return Cell(f"{value:.15g}", "masked")
        number = f"{value:.15g}" if isinstance(value, float) else str(value)
        return Cell(f"{number}%", "percent") if "%" in quoted else Cell(number, "number")
    if isinstance(value, datetime.datetime | datetime.date):
        day = value.date() if isinstance(value, datetime.datetime) else value
        return Cell(day.isoformat(), "date")
    text = tidy(plain(str(value)))
    return Cell(text, "error" if ERRORS.fullmatch(text) else "text")


def read_sheets(path: Path, encoding: str = "", delimiter: str = "") -> list[Sheet]:
    """Every sheet of a file; a CSV file is one sheet. encoding, delimiter: of a CSV file (UTF-8 and "," if empty).

    Raises DataError when the file is missing, too large, protected, has macros or is not what its name says.
    """
    if not path.is_file():
        raise refuse(path, "there is no such file.", "Check the name and the folder.")
    if path.stat().st_size > MAX_BYTES:
        advice = f"At most {MAX_BYTES // 1_000_000} MB are read. Cut it into parts, for example one a year."
        raise refuse(path, f"the file has {path.stat().st_size / 1e6:,.0f} MB.", advice)
    content = path.read_bytes()
    if not content.strip(b"\0 \t\r\n"):
        raise refuse(path, "the file is empty.", "Check that it was saved, and sent, completely.")
    if content.startswith(OLE):
        return _read_xls(path, content)
    if content.startswith(ZIP):
        return _read_zip(path, content)
    if content.startswith(b"%PDF"):
        raise refuse(path, "this is a PDF, not a spreadsheet.", "Ask the force for the spreadsheet, or type it out.")
    if re.match(rb"\s*(<!doctype html|<html|<table|<\?xml)", content[:200], re.IGNORECASE):
        raise refuse(path, "this is a web page or XML, whatever its name says.", SAVE_AGAIN)
    if content.startswith(GZIP):
        content = _gunzip(path, content)
    elif path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods"):
        raise refuse(path, f"this is not a {path.suffix} file, or it is cut off.", "Download or save it again.")
    return [_read_csv(path, content, encoding, delimiter)]


def _gunzip(path: Path, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            found = stream.read(MAX_UNPACKED + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise refuse(path, f"the compressed file is cut off or damaged ({error}).", "Download it again.") from error
    _require_sane(path, len(found))
    return found


def _require_sane(path: Path, size: int) -> None:
    if size > MAX_UNPACKED:
        limit = f"more than {MAX_UNPACKED // 1_000_000} MB"
        raise refuse(path, f"the file unpacks to {limit}.", "Such a file can be an attack. " + SAVE_AGAIN)


def _require_cells(path: Path, sheet: str, rows: int, columns: int) -> None:
    if rows * columns > MAX_CELLS:
        problem = f"the sheet {sheet!r} claims {rows:,} rows and {columns:,} columns."
        advice = f"At most {MAX_CELLS:,} cells are read. Delete the empty rows and columns and save it again."
        raise refuse(path, problem, advice)


# --- CSV ------------------------------------------------------------------------------------------------------------


def decode(path: Path, content: bytes, encoding: str) -> str:
    """The text of a CSV file in `encoding`, or in what its byte-order mark says, or in UTF-8."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            encoding = name
    try:
        text = content.decode(encoding or "utf-8")
    except LookupError as error:
        raise refuse(path, f"{encoding!r} is not a known encoding.", "Try utf-8 or windows-1252.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = f"line {line} is not {encoding or 'UTF-8'}."
        advice = "In the mapping, under `read`, try `encoding: windows-1252`. Then look at names with accents."
        raise refuse(path, problem, advice) from error
    except UnicodeError as error:
        raise refuse(path, f"{encoding!r} is not an encoding of files.", "Try utf-8 or windows-1252.") from error
    if not text.strip():
        raise refuse(path, "the file is empty.", "Check that it was saved, and sent, completely.")
    if "\0" in text:
        advice = "In the mapping, under `read`, try `encoding: utf-16`; or it is not a text file at all."
        raise refuse(path, "the file holds characters that no text has.", advice)
    return text


def _read_csv(path: Path, content: bytes, encoding: str, delimiter: str) -> Sheet:
    text = decode(path, content, encoding)
    if len(delimiter) > 1:
        raise refuse(path, f"a delimiter is one character, not {delimiter!r}.", 'For a tab write delimiter: "\\t".')
    cells: dict[str, Cell] = {}  # each text once
    try:
        rows = [
            [cells.get(text) or cells.setdefault(text, _cell(text)) for text in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ",", strict=True)
        ]
    except csv.Error as error:
        raise refuse(path, f"a quotation mark is not closed or misplaced ({error}).", "Check the quotes.") from error
    if not delimiter and max(map(len, rows)) == 1 and (found := re.search(r"[;\t|]", text)):
        name = {"\t": "tabs"}.get(found.group(), repr(found.group()))
        wanted = '"\\t"' if name == "tabs" else name
        advice = f"In the mapping, under `read`, write delimiter: {wanted}."
        raise refuse(path, f"the columns seem to be separated by {name}, not by commas.", advice)
    return Sheet("", rows, is_csv=True)


# --- XLSX and ODS -----------------------------------------------------------------------------------------------------


def _read_zip(path: Path, content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            _require_sane(path, sum(entry.file_size for entry in archive.infolist()))
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
            if any(name.endswith("vbaProject.bin") for name in names):
                raise refuse(path, "the workbook contains macros (programs).", SAVE_AGAIN)
            if "xl/workbook.xml" in names:
                return _read_xlsx(path, content, archive)
            if "content.xml" in names:
                return _read_ods(path, archive)
    except MisconductError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise refuse(path, "the file is cut off or damaged.", "Download or save it again.") from error
    except Exception as error:  # what is wrong inside a workbook comes as whatever the reading stumbles over
        raise refuse(path, f"the workbook is damaged ({error}).", SAVE_AGAIN) from error
    kind = "a .xlsb workbook" if "xl/workbook.bin" in names else "an archive, not a spreadsheet"
    raise refuse(path, f"this is {kind}.", SAVE_AGAIN)


def _read_xlsx(path: Path, content: bytes, archive: zipfile.ZipFile) -> list[Sheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about formatting and validation that it does not keep
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        has_formulas = any(
            b"<f>" in (text := archive.read(name)) or b"<f " in text
            for name in archive.namelist()
            if name.startswith("xl/worksheets/sheet")
        )
        formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
    sheets = []
    for sheet in book.worksheets:
        _require_cells(path, sheet.title, sheet.max_row, sheet.max_column)
        rows = [
            [
                Cell(str(cell.value), "error") if cell.data_type == "e" else _cell(cell.value, cell.number_format)
                for cell in row
            ]
            for row in sheet.iter_rows(1)
        ]
        if formulas is not None:
            for line in formulas[sheet.title].iter_rows(1):
                for cell in line:
                    stored = sheet.cell(cell.row, cell.column)
                    if cell.data_type == "f" and stored.value is None and stored.data_type == "n":
                        rows[cell.row - 1][cell.column - 1] = Cell(tidy(str(cell.value)), "formula")
        hidden_columns: set[int] = set()
        for dimension in sheet.column_dimensions.values():
            if dimension.hidden:
                hidden_columns |= set(range(dimension.min, dimension.max + 1))
        sheets.append(
            Sheet(
                sheet.title,
                rows,
                sheet.sheet_state != "visible",
                frozenset(number for number, row in sheet.row_dimensions.items() if row.hidden),
                frozenset(hidden_columns),
                tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges),
            )
        )
    return sheets


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def _read_ods(path: Path, archive: zipfile.ZipFile) -> list[Sheet]:
    """The sheets of an OpenDocument file, after its standard (part 3, chapter 9)."""
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
            _require_cells(path, name, 1, len(line) + (count if cell.text else 0))
            line += [cell] * (count if cell.text else min(count, 16_384))
        while line and not line[-1].text:
            line.pop()
        count = _repeats(row, "rows")
        if line:
            _require_cells(path, name, len(rows) + count, len(line))
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
        return _cell(int(number) if number == int(number) else number)
    if kind == "percentage":
        return _cell(float(element.get(f"{_OFFICE}value", "nan")), "0%")
    if kind == "date":
        return Cell(element.get(f"{_OFFICE}date-value", "")[:10], "date")
    if kind is None and element.get(f"{_TABLE}formula") and not text:
        return Cell(element.get(f"{_TABLE}formula", ""), "formula")
    return Cell(text)


# --- XLS ------------------------------------------------------------------------------------------------------------


def _read_xls(path: Path, content: bytes) -> list[Sheet]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise refuse(path, "the workbook contains macros (programs).", SAVE_AGAIN)
    try:
        with open_quietly(content) as book:
            return [_xls_sheet(path, book, sheet) for sheet in book.sheets()]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            problem, advice = "the file is protected with a password.", "Remove the password and save it again."
            raise refuse(path, problem, advice) from error
        raise refuse(path, f"this old Office file cannot be read ({error}).", SAVE_AGAIN) from error
    except (IndexError, KeyError, ValueError, AssertionError, AttributeError, TypeError, OverflowError) as error:
        raise refuse(path, "the file is cut off or damaged.", "Download or save it again.") from error
    except Exception as error:  # xlrd raises errors of its own and of struct for broken files
        raise refuse(path, f"the file cannot be read ({error}).", SAVE_AGAIN) from error


def open_quietly(content: bytes) -> Any:
    """An .xls workbook with its formatting; what the library would print about it is dropped."""
    return xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())


def _xls_sheet(path: Path, book: Any, sheet: Any) -> Sheet:
    _require_cells(path, sheet.name, sheet.nrows, sheet.ncols)

    def cell(found: Any) -> Cell:
        if found.ctype == xlrd.XL_CELL_ERROR:
            return Cell(xlrd.error_text_from_code.get(found.value, "#VALUE!"), "error")
        if found.ctype == xlrd.XL_CELL_DATE:
            return _cell(xlrd.xldate_as_datetime(found.value, book.datemode))
        if found.ctype == xlrd.XL_CELL_BOOLEAN:
            return _cell(bool(found.value))
        if found.ctype == xlrd.XL_CELL_NUMBER:
            number_format = book.format_map[book.xf_list[found.xf_index].format_key].format_str
            return _cell(int(found.value) if found.value == int(found.value) else found.value, number_format)
        return _cell(found.value)

    return Sheet(
        sheet.name,
        [[cell(found) for found in sheet.row(number)] for number in range(sheet.nrows)],
        sheet.visibility != 0,
        frozenset(number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden and number < sheet.nrows),
        frozenset(number + 1 for number, column in sheet.colinfo_map.items() if column.hidden),
        tuple((top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells),
    )


def choose_sheet(path: Path, sheets: Sequence[Sheet], wanted: str) -> Sheet:
    """The sheet named `wanted`, or the only visible one; DataError when that is not clear."""
    if wanted:
        require_known(wanted, [sheet.name for sheet in sheets], f"sheet of {shown(path)}")
        return next(sheet for sheet in sheets if sheet.name == wanted)
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.rows]
    if len(visible) != 1:
        names = ", ".join(f"{s.name!r}{' (hidden)' if s.is_hidden else ''}" for s in sheets)
        advice = f"In the mapping, under `read`, name the sheet. Sheets: {names}."
        raise refuse(path, f"the file has {len(visible)} visible sheets with something in them.", advice)
    return visible[0]


def filled(row: Iterable[Cell]) -> Iterator[Cell]:
    """The cells of a row that are not empty."""
    return (cell for cell in row if cell.text)
