"""The sheets of an .xlsx workbook."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.utils import range_boundaries

from analysis.reading.spreadsheet.cells import (
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
from analysis.reading.spreadsheet.number_formats import hides_text, shows
from analysis.reading.spreadsheet.unseen import BLACK, CONDITION, WHITE, lowered, raised, shown_text, why_unseen

FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")  # in any spelling of the tag, in any part
COUNTED = re.compile(rb"<(?:[\w.-]+:)?(?:c|si)[\s/>]")  # cells and texts
MERGED = re.compile(rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]+\d+:[A-Z]+\d+)")
AGAIN = re.compile(rb"fullCalcOnLoad\s*=\s*[\"'](1|true)")  # what is stored is not what is shown
ELEMENTS = 4 * MAX_BOOK_CELLS
THIN = 0.5  # a row or column that is no higher or wider (points, characters) cannot be seen
HIDING = 100  # conditional formats that hide something, of one sheet
Area = tuple[int, int, int, int]  # first column and row, last column and row


def read_xlsx(path: Path, content: bytes, archive: zipfile.ZipFile) -> list[Sheet]:
    """Every sheet of an .xlsx file; `content` is its bytes, `archive` the same opened."""
    has_formulas, is_again = _look_through(path, archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about formatting and validation that it does not keep
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, rich_text=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
    return within_limit(
        path, (_sheet(path, sheet, formulas and formulas[sheet.title], is_again) for sheet in book.worksheets)
    )


def _look_through(path: Path, archive: zipfile.ZipFile) -> tuple[bool, bool]:
    """Whether there are formulas, and whether all are to be computed again when the file is opened.

    DataError when a workbook is too large to be read, or declares entities.
    """
    has_formulas, is_again, counted, elements = False, False, 0, 0
    for name in archive.namelist():
        text = archive.read(name)
        if b"\0" in text[:4] or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = text.decode("utf-16", "ignore").encode()
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise refuse(path, "the file declares entities, which no spreadsheet needs.", SAVE_AGAIN)
        has_formulas = has_formulas or FORMULA.search(text) is not None
        is_again = is_again or AGAIN.search(text) is not None
        counted += sum(1 for _ in COUNTED.finditer(text))
        elements += text.count(b"<") - text.count(b"</")
        for area in MERGED.findall(text):
            left, top, right, bottom = range_boundaries(area.decode())
            counted += (right - left + 1) * (bottom - top + 1)
    if counted > MAX_BOOK_CELLS or elements > ELEMENTS:
        what = f"{counted:,} cells and texts" if counted > MAX_BOOK_CELLS else f"{elements:,} elements"
        advice = f"At most {MAX_BOOK_CELLS:,} cells and {ELEMENTS:,} elements are read. Save the sheet as .csv."
        raise refuse(path, f"the workbook has {what}.", advice)
    return has_formulas, is_again


def _sheet(path: Path, sheet: Any, formulas: Any, is_again: bool) -> Sheet:
    styles, conditions = _Styles(), _conditions(path, sheet)
    cells: dict[tuple[int, int], Cell] = {}
    unseen: dict[tuple[int, int], str] = {}
    for (row, column), cell in sheet._cells.items():  # those that there are: to ask for others would make them
        place = row, column
        if cell.value is None:
            continue
        number_format, why = styles.of(cell)
        cells[place], is_unseen = _cell(cell, number_format)
        for hidden in _hidden_by(conditions, row, column, cell.value):
            why = why or hidden
            cells[place] = cells[place] if hidden else Cell(cells[place].text, "masked")
        if why or is_unseen:
            unseen[place] = why or why_unseen(True, "", "")
    cells |= _without_result(sheet, formulas, is_again) if formulas is not None else {}
    cells = {place: cell for place, cell in cells.items() if cell.text}
    last = [max(numbers) for numbers in zip(*cells, strict=True)]
    require_cells(path, sheet.title, *(last or [0, 0]))
    return Sheet(
        sheet.title,
        *in_rows(cells),
        sheet.sheet_state != "visible",
        frozenset(
            n for n, row in sheet.row_dimensions.items() if row.hidden or (row.height is not None and row.height < THIN)
        ),
        frozenset(_hidden_columns(sheet)),
        tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges),
        unseen=unseen,
    )


def _hidden_columns(sheet: Any) -> Iterator[int]:
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden or (dimension.width is not None and dimension.width < THIN):
            yield from range(dimension.min or 1, min(dimension.max or 0, MAX_COLUMNS) + 1)


def _cell(cell: Any, number_format: str) -> tuple[Cell, bool]:
    """A cell, and whether all of its text is struck out or has the colour of its ground."""
    value = cell.value
    if cell.data_type == "e":
        return Cell(str(value), "error"), False
    if isinstance(value, CellRichText):
        text, kind = shown_text([_run(run) for run in value])
        return Cell(tidy(text), "masked") if kind == "masked" else text_cell(text), kind == "unseen"
    if isinstance(value, str) and hides_text(number_format):
        return Cell(tidy(value), "masked"), False
    return cell_of(value, number_format), False


def _run(run: str | TextBlock) -> tuple[str, bool]:
    """A run of rich text, and whether it cannot be seen."""
    font = run.font if isinstance(run, TextBlock) else None
    if font is None:
        return str(run), False
    change = {"superscript": raised, "subscript": lowered}.get(font.vertAlign, str)
    return change(str(run)), bool(why_unseen(bool(font.strike), _colour(font.color, BLACK), WHITE))


def _without_result(sheet: Any, formulas: Any, is_again: bool) -> dict[tuple[int, int], Cell]:
    """The formulas whose results are not stored, or are to be computed again when the file is opened."""
    found = {}
    for place, cell in formulas._cells.items():
        if cell.data_type == "f":
            stored = sheet.cell(*place)
            if is_again or (stored.value is None and stored.data_type == "n"):
                found[place] = Cell(tidy(str(getattr(cell.value, "text", cell.value))) or "=", "formula")
    return found


class _Styles:
    """What the styles of a workbook do to cells, each looked at once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[str, str]] = {}

    def of(self, cell: Any) -> tuple[str, str]:
        """The format of a cell's number, and why it cannot be seen ("" if it can)."""
        if not cell.has_style:
            return "General", ""
        number = cell.style_id
        if number not in self.known:
            self.known[number] = (
                cell.number_format,
                why_unseen(bool(cell.font.strike), _colour(cell.font.color, BLACK), _ground(cell.fill)),
            )
        return self.known[number]


def _ground(fill: Any) -> str:
    kind = getattr(fill, "fill_type", "gradient")
    return _colour(fill.fgColor, WHITE) if kind == "solid" else WHITE if kind is None else kind


def _colour(colour: Any, otherwise: str) -> str:
    """A colour as six hexadecimal digits, or by a name where the theme would have to be asked."""
    if colour is None or colour.type == "auto":
        return otherwise
    if colour.type == "rgb":
        return str(colour.rgb)[-6:].upper()
    if colour.type == "indexed":
        system = {64: BLACK, 65: WHITE}
        return system.get(colour.indexed) or (COLOR_INDEX[colour.indexed][-6:] if colour.indexed < 64 else otherwise)
    plain = {0: WHITE, 1: BLACK}.get(colour.theme) if not colour.tint else None
    return plain or f"theme {colour.theme} {colour.tint}"


def _conditions(path: Path, sheet: Any) -> list[tuple[Area, str, bool]]:
    """The conditional formats that may hide something: where, with which format ("" if none), and whether by colour or
    a line through it."""
    found = []
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            style = rule.dxf
            code = style.numFmt.formatCode if style is not None and style.numFmt is not None else ""
            font = style.font if style is not None else None
            fill = style.fill.bgColor if style is not None and style.fill is not None else None
            is_hidden = font is not None and why_unseen(
                bool(font.strike), _colour(font.color, BLACK), _colour(fill, WHITE)
            )
            if code or is_hidden:
                found += [(area.bounds, code, bool(is_hidden)) for area in formatting.sqref.ranges]
    if len(found) > HIDING:
        problem = f"the sheet {sheet.title!r} has more than {HIDING} conditional formats that hide what is in cells."
        raise refuse(path, problem, SAVE_AGAIN)
    return found


def _hidden_by(conditions: list[tuple[Area, str, bool]], row: int, column: int, value: Any) -> Iterator[str]:
    """What conditional formats may do to a cell: why it cannot be seen, or "" where it shows something else."""
    for (left, top, right, bottom), code, is_hidden in conditions:
        if left <= column <= right and top <= row <= bottom:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if code and (shows(value, code)[0] in ("text", "masked") if is_number else hides_text(code)):
                yield ""
            if is_hidden:
                yield CONDITION
