"""The sheets of an old .xls workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import xlrd
from xlrd.compdoc import SIGNATURE, CompDoc

from analysis.errors import DataError
from analysis.reading.spreadsheet.cells import (
    EMPTY,
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
from analysis.reading.spreadsheet.number_formats import hides_text
from analysis.reading.spreadsheet.unseen import BLACK, WHITE, lowered, raised, shown_text, why_unseen

MAX_XLS = 20_000_000  # bytes: some million cells


def read_xls(path: Path, content: bytes) -> list[Sheet]:
    """Every sheet of an .xls file; `content` is its bytes."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise refuse(path, "the workbook contains macros (programs).", SAVE_AGAIN)
    if len(content) > MAX_XLS:
        advice = f"At most {MAX_XLS // 1_000_000} MB of .xls are read. Save it as .xlsx or .csv."
        raise refuse(path, f"the file has {len(content) / 1e6:,.0f} MB.", advice)
    try:
        # with its formatting; what the library would print about the file is dropped
        how = {"formatting_info": True, "ragged_rows": True, "on_demand": True, "logfile": io.StringIO()}
        _require_ends(content)
        with xlrd.open_workbook(file_contents=content, **how) as book:
            return within_limit(path, (_xls_sheet(path, book, number) for number in range(book.nsheets)))
    except DataError:
        raise
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            problem, advice = "the file is protected with a password.", "Remove the password and save it again."
            raise refuse(path, problem, advice) from error
        raise refuse(path, f"this old Office file cannot be read ({error}).", SAVE_AGAIN) from error
    except (IndexError, KeyError, ValueError, AssertionError, AttributeError, TypeError, OverflowError) as error:
        raise refuse(path, "the file is cut off or damaged.", "Download or save it again.") from error
    except Exception as error:  # xlrd raises errors of its own and of struct for broken files
        raise refuse(path, f"the file cannot be read ({error}).", SAVE_AGAIN) from error


def _require_ends(content: bytes) -> None:
    """XLRDError where the small parts of a file follow one another in a circle, which the library does not notice."""
    if not content.startswith(SIGNATURE):
        return
    document = CompDoc(content, logfile=io.StringIO())
    for entry in document.dirlist:
        part = entry.first_SID
        for _ in range(len(document.SSAT) + 1):
            if not 0 <= part < len(document.SSAT):
                break
            part = document.SSAT[part]
        else:
            if entry.tot_size < document.min_size_std_stream:
                raise xlrd.XLRDError("its parts lead back to themselves")


def _xls_sheet(path: Path, book: Any, number: int) -> Sheet:
    sheet = book.sheet_by_index(number)
    require_cells(path, sheet.name, sheet.nrows, max((sheet.row_len(row) for row in range(sheet.nrows)), default=0))
    cells: dict[tuple[int, int], Cell] = {}
    unseen: dict[tuple[int, int], str] = {}
    for row in range(sheet.nrows):
        for column, found in enumerate(sheet.row(row)):
            cell, why = _xls_cell(book, found, sheet.rich_text_runlist_map.get((row, column), ()))
            if cell.text:
                cells[row + 1, column + 1] = cell
                unseen |= {(row + 1, column + 1): why} if why else {}
    hidden = (n + 1 for n, info in sheet.rowinfo_map.items() if (info.hidden or info.height == 0) and n < sheet.nrows)
    made = Sheet(
        sheet.name,
        *in_rows(cells),
        sheet.visibility != 0,
        frozenset(hidden),
        frozenset(n + 1 for n, column in sheet.colinfo_map.items() if column.hidden or column.width == 0),
        tuple((top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells),
        unseen=unseen,
    )
    book.unload_sheet(number)
    return made


def _xls_cell(book: Any, found: Any, runs: Sequence[tuple[int, int]]) -> tuple[Cell, str]:
    """A cell, and why it cannot be seen ("" if it can)."""
    if found.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return EMPTY, ""
    style = book.xf_list[found.xf_index]
    pattern = style.background
    ground = {0: WHITE, 1: _colour(book, pattern.pattern_colour_index, WHITE)}.get(pattern.fill_pattern, "pattern")
    why = _why_unseen(book, style.font_index, ground)
    number_format = book.format_map[style.format_key].format_str
    if found.ctype == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(found.value, "#VALUE!"), "error"), why
    if found.ctype == xlrd.XL_CELL_DATE:
        return cell_of(xlrd.xldate_as_datetime(found.value, book.datemode)), why
    if found.ctype == xlrd.XL_CELL_BOOLEAN:
        return cell_of(bool(found.value)), why
    if found.ctype == xlrd.XL_CELL_NUMBER:
        return cell_of(int(found.value) if found.value == int(found.value) else found.value, number_format), why
    if hides_text(number_format):
        return Cell(tidy(found.value), "masked"), why
    text, kind = shown_text(_runs(book, found.value, style.font_index, ground, runs))
    return Cell(tidy(text), "masked") if kind == "masked" else text_cell(text), why


def _runs(book: Any, text: str, font: int, ground: str, runs: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The runs of a text, which begin with the font of the cell, and whether each cannot be seen."""
    starts = [(0, font), *runs, (len(text), font)]
    found = []
    for (start, number), (end, _) in pairwise(starts):
        change = {1: raised, 2: lowered}.get(book.font_list[number].escapement, str) if runs else str
        found.append((change(text[start:end]), bool(runs and _why_unseen(book, number, ground))))
    return found


def _why_unseen(book: Any, number: int, ground: str) -> str:
    font = book.font_list[number]
    return why_unseen(bool(font.struck_out), _colour(book, font.colour_index, BLACK), ground)


def _colour(book: Any, number: int, otherwise: str) -> str:
    found = book.colour_map.get(number)
    return bytes(found).hex().upper() if found else otherwise
