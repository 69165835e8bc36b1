"""The sheets of an old .xls workbook."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlrd

from analysis.reading.spreadsheet.cells import SAVE_AGAIN, Cell, Sheet, cell_of, refuse, require_cells


def read_xls(path: Path, content: bytes) -> list[Sheet]:
    """Every sheet of an .xls file; `content` is its bytes."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse(path, "the file is protected with a password.", "Remove the password and save it again.")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise refuse(path, "the workbook contains macros (programs).", SAVE_AGAIN)
    try:
        # with its formatting; what the library would print about the file is dropped
        with xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO()) as book:
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


def _xls_sheet(path: Path, book: Any, sheet: Any) -> Sheet:
    require_cells(path, sheet.name, sheet.nrows, sheet.ncols)

    def cell(found: Any) -> Cell:
        if found.ctype == xlrd.XL_CELL_ERROR:
            return Cell(xlrd.error_text_from_code.get(found.value, "#VALUE!"), "error")
        if found.ctype == xlrd.XL_CELL_DATE:
            return cell_of(xlrd.xldate_as_datetime(found.value, book.datemode))
        if found.ctype == xlrd.XL_CELL_BOOLEAN:
            return cell_of(bool(found.value))
        if found.ctype == xlrd.XL_CELL_NUMBER:
            number_format = book.format_map[book.xf_list[found.xf_index].format_key].format_str
            return cell_of(int(found.value) if found.value == int(found.value) else found.value, number_format)
        return cell_of(found.value)

    return Sheet(
        sheet.name,
        [[cell(found) for found in sheet.row(number)] for number in range(sheet.nrows)],
        sheet.visibility != 0,
        frozenset(number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden and number < sheet.nrows),
        frozenset(number + 1 for number, column in sheet.colinfo_map.items() if column.hidden),
        tuple((top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells),
    )
