"""Any spreadsheet as sheets of cells: CSV (also .gz), XLSX, XLS and ODS; with what is hidden, merged or wrong in it.

A cell keeps its text and its kind. What cannot be read safely is refused: protected or macro workbooks, files over a
limit, archives that unpack to more than they should.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.csv_files import memory_of_large
from analysis.errors import MisconductError, about, require_known
from analysis.paths import shown
from analysis.reading.spreadsheet.cells import (
    MAX_AREA,
    MAX_CELLS,
    MAX_COLUMNS,
    SAVE_AGAIN,
    Codes,
    Sheet,
    by_columns,
    different,
    refuse,
    require_cells,
    text_cells,
)

MAX_BYTES = 50_000_000  # of a file as it lies on the disk
MAX_UNPACKED = 300_000_000  # of what it unpacks to
SNIFFED = 500_000  # characters of a CSV file from which its delimiter is told
# Encodings of single words or of Python's own source; what they make of a file differs between versions of Python.
OF_NO_FILE = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined")
OLE, ZIP, GZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"\x1f\x8b"


def read_sheets(path: Path, encoding: str = "", delimiter: str | None = "") -> list[Sheet]:
    """Every sheet of a file; a CSV file is one sheet. encoding, delimiter: of a CSV file (UTF-8 and "," if empty).

    delimiter None: the one with which the rows have the same number of cells.

    Raises DataError when the file is missing, too large, protected, has macros or is not what its name says.
    """
    if not path.is_file():
        raise refuse(path, "there is no such file.", "Check the name and the folder.")
    if path.stat().st_size > MAX_BYTES:
        advice = f"At most {MAX_BYTES // 1_000_000} MB are read. Cut it into parts, for example one a year."
        raise refuse(path, f"the file has {path.stat().st_size / 1e6:,.0f} MB.", advice)
    with about(path):
        content = path.read_bytes()
    if not content.strip(b"\0 \t\r\n"):
        raise refuse(path, "the file is empty.", "Check that it was saved, and sent, completely.")
    if content.startswith(OLE):
        from analysis.reading.spreadsheet.xls_cells import read_xls  # each only where it is needed

        return read_xls(path, content)
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


def _read_zip(path: Path, content: bytes) -> list[Sheet]:
    from analysis.reading.spreadsheet.ods_cells import read_ods
    from analysis.reading.spreadsheet.xlsx_cells import read_xlsx

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if len(names) < len(archive.namelist()):
                raise refuse(path, "a part of the file is in it twice; programs differ in which they read.", SAVE_AGAIN)
            _require_sane(path, sum(entry.file_size for entry in archive.infolist()))
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
            if any(name.endswith("vbaProject.bin") for name in names):
                raise refuse(path, "the workbook contains macros (programs).", SAVE_AGAIN)
            if "xl/workbook.xml" in names:
                return read_xlsx(path, content, archive)
            if "content.xml" in names:
                return read_ods(path, archive)
    except MisconductError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise refuse(path, "the file is cut off or damaged.", "Download or save it again.") from error
    except Exception as error:  # what is wrong inside a workbook comes as whatever the reading stumbles over
        raise refuse(path, f"the workbook is damaged ({error}).", SAVE_AGAIN) from error
    kind = "a .xlsb workbook" if "xl/workbook.bin" in names else "an archive, not a spreadsheet"
    raise refuse(path, f"this is {kind}.", SAVE_AGAIN)


def decode(path: Path, content: bytes, encoding: str) -> str:
    """The text of a CSV file in `encoding`, or in what its byte-order mark says, or in UTF-8."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            encoding = name
    if encoding.casefold().replace("_", "-") in OF_NO_FILE:
        raise refuse(path, f"{encoding!r} is not an encoding of files.", "Try utf-8 or windows-1252.")
    try:
        text = content.decode(encoding or "utf-8")
    except LookupError as error:
        raise refuse(path, f"{encoding!r} is not a known encoding.", "Try utf-8 or windows-1252.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = f"line {line} is not {encoding or 'UTF-8'}."
        advice = "In the mapping, under `read`, try `encoding: windows-1252`. Then look at names with accents."
        raise refuse(path, problem, advice) from error
    except ValueError as error:  # utf-16 without a mark, and the like
        raise refuse(path, f"it cannot be read as {encoding!r}.", "Try utf-8 or windows-1252.") from error
    if not text or text.isspace():
        raise refuse(path, "the file is empty.", "Check that it was saved, and sent, completely.")
    if "\0" in text:
        advice = "In the mapping, under `read`, try `encoding: utf-16`; or it is not a text file at all."
        raise refuse(path, "the file holds characters that no text has.", advice)
    return text


def _delimiter(text: str) -> str:
    """The delimiter with which most rows have the same number of cells, and many; "" for a comma."""
    start = text[:SNIFFED].rpartition("\n")[0] if len(text) > SNIFFED else text
    best, most = "", 0.0
    for delimiter in ("", ";", "\t", "|"):
        if delimiter not in start:
            continue
        try:
            rows = [*csv.reader(io.StringIO(start, newline=""), delimiter=delimiter or ",")]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[0] * item[1]), default=(0, 0))
        regular = (width - 1) * times / max(1, widths.total())
        best, most = (delimiter, regular) if regular > most else (best, most)
    return best


def _regular(text: str, delimiter: str) -> tuple[list[Codes], np.ndarray] | None:
    """What `by_columns` gives, where all rows have the same number of cells and all quotation marks are around whole
    cells; else nothing."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    width = len(next(csv.reader(io.StringIO(text[:SNIFFED], newline=""), delimiter=delimiter), ()))
    gaps = ("\n\n", "\n\r", "\r\r") if "\r" in text else ("\n\n",)  # which are rows without cells
    has_gaps = text[0] in "\r\n" or any(gap in text for gap in gaps)
    if not 1 < width <= MAX_COLUMNS or not delimiter.isascii() or has_gaps:
        return None
    kinds = dict.fromkeys((f"f{n}" for n in range(width)), pa.dictionary(pa.int32(), pa.string()))
    try:
        content = text.encode()
        if not _is_plainly_quoted(np.frombuffer(content, dtype=np.uint8), delimiter):
            return None
        table = arrow_csv.read_csv(
            io.BytesIO(content),
            arrow_csv.ReadOptions(use_threads=False, block_size=1 << 22, autogenerate_column_names=True),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
            memory_of_large(),
        ).unify_dictionaries()
    except ValueError:  # rows of other lengths
        return None
    found = [(column.combine_chunks().indices.to_numpy(), column.chunk(0).dictionary.to_pylist()) for column in table]
    if max(len(value) for _, values in found for value in values) > csv.field_size_limit():
        return None
    columns = [different(codes.astype(np.int64), text_cells(values)) for codes, values in found]
    return columns, np.full(len(table), width, dtype=np.int64)


def _is_plainly_quoted(content: np.ndarray, delimiter: str) -> bool:
    """Whether the quotation marks of a CSV file are around whole cells, or doubled in such; content: its bytes."""
    marks = np.flatnonzero(content == ord('"'))
    if len(marks) % 2:
        return False
    ends = np.isin(np.arange(256), [ord(delimiter), *b"\r\n"])
    before, after = content[np.maximum(marks[::2] - 1, 0)], content[np.minimum(marks[1::2] + 1, len(content) - 1)]
    is_doubled = np.diff(marks)[1::2] == 1  # the end of one and the start of the next
    opens = ends[before] | (marks[::2] == 0) | np.concatenate([[False], is_doubled])[: len(before)]
    closes = ends[after] | (marks[1::2] == len(content) - 1) | np.concatenate([is_doubled, [False]])[: len(after)]
    return bool(opens.all() and closes.all())


def _read_csv(path: Path, content: bytes, encoding: str, wanted: str | None) -> Sheet:
    text = decode(path, content, encoding)
    delimiter = _delimiter(text) if wanted is None else wanted
    if len(delimiter) > 1:
        raise refuse(path, f"a delimiter is one character, not {delimiter!r}.", 'For a tab write delimiter: "\\t".')
    cells = text.count(delimiter or ",") + text.count("\n")
    require_cells(path, "", cells, 1, MAX_CELLS)

    def check(rows: int, columns: int) -> None:
        require_cells(path, "", rows, columns, MAX_AREA)

    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ",", strict=True)
        columns, lengths = _regular(text, delimiter or ",") or by_columns(lines, "", text_cells, check)
    except csv.Error as error:
        raise refuse(path, f"a quotation mark is not closed or misplaced ({error}).", "Check the quotes.") from error
    if not delimiter and len(columns) == 1 and (found := re.search(r"[;\t|]", text)):
        name = {"\t": "tabs"}.get(found.group(), repr(found.group()))
        wanted = '"\\t"' if name == "tabs" else name
        advice = f"In the mapping, under `read`, write delimiter: {wanted}."
        raise refuse(path, f"the columns seem to be separated by {name}, not by commas.", advice)
    return Sheet("", columns, lengths, is_csv=True, delimiter=delimiter)


def choose_sheets(path: Path, sheets: Sequence[Sheet], wanted: str | Sequence[str]) -> tuple[Sheet, ...]:
    """The sheets named, in that order ("*": every visible one), or the only visible one; DataError when unclear."""
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.rows]
    wanted = [name for name in ([wanted] if isinstance(wanted, str) else wanted) if name]
    if wanted == ["*"] and visible:
        return tuple(visible)
    if wanted:
        for name in wanted:
            require_known(name, [sheet.name for sheet in sheets], f"sheet of {shown(path)}")
        return tuple(next(sheet for sheet in sheets if sheet.name == name) for name in dict.fromkeys(wanted))
    if len(visible) != 1:
        names = ", ".join(f"{s.name!r}{' (hidden)' if s.is_hidden else ''}" for s in sheets)
        advice = f"In the mapping, under `read`, name the sheet. Sheets: {names}."
        raise refuse(path, f"the file has {len(visible)} visible sheets with something in them.", advice)
    return (visible[0],)
