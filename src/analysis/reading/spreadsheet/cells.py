"""Cells and sheets: what every format of spreadsheet is read into, and the errors of a file that cannot be."""

from __future__ import annotations

import datetime
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count, islice, repeat, zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from analysis.csv_files import plain
from analysis.errors import DataError, Problem
from analysis.paths import shown
from analysis.reading.spreadsheet.number_formats import shows

T = TypeVar("T")
MAX_CELLS = 5_000_000  # of a CSV file
MAX_AREA = 10 * MAX_CELLS  # of a CSV file whose rows are not all as long
MAX_BOOK_CELLS = 1_000_000  # of a workbook, which takes five times as long
MAX_COLUMNS = 16_384  # as spreadsheet programs have
SAVE_AGAIN = "Open it in a spreadsheet program and save the sheet again as .xlsx (without macros) or .csv."
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")  # or that turn others about
AT_ONCE = 300  # rows that are turned into columns together
TOGETHER = 500  # texts that are looked at together
NOT_PLAIN = ("  ", "| ", " |", "|'", "|#")  # where | stands between texts
ERRORS = re.compile(r"#(VALUE|REF|DIV/0|N/A|NAME|NUM|NULL)[!?]?|Err:\d+", re.IGNORECASE)


class Cell(NamedTuple):
    """One cell. kind: text, number, percent, date, error, formula (one without a stored value) or masked (one that is
    shown as something else than what is in it)."""

    text: str = ""
    kind: str = "text"


EMPTY = Cell()


Codes = tuple[np.ndarray, list[Cell]]  # of a column: which of its different cells (from 0) each row has, and those


@dataclass(frozen=True)
class Sheet:
    """One sheet, by columns. Rows, columns and merged ranges (first row, first column, last row, last column) count
    from 1.

    columns, lengths: as `by_columns` gives them; unseen: row and column of what is struck out or has the colour of its
    ground -> which of it.
    """

    name: str
    columns: Sequence[Codes]
    lengths: np.ndarray
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    is_csv: bool = False
    delimiter: str = ""  # of a CSV file, where it is not a comma
    unseen: Mapping[tuple[int, int], str] = field(default_factory=dict)

    @property
    def rows(self) -> Sequence[list[Cell]]:
        """The rows from 0, each made when it is asked for."""
        return _Lines(self)

    @cached_property
    def widths(self) -> np.ndarray:
        """How many filled cells each row has."""
        there = (np.array([bool(cell.text) for cell in cells], dtype=bool)[codes] for codes, cells in self.columns)
        return sum(there, np.zeros(len(self.lengths), dtype=np.int64))

    def column(self, column: int) -> Codes:
        """Which of its different cells (from 0) each row of a column has, and those cells as they come; empty outside
        of a row."""
        if column > len(self.columns):
            return np.zeros(len(self.lengths), dtype=np.int64), [EMPTY]
        return self.columns[column - 1]

    def joined(self, column: int, first: int, last: int) -> Sheet:
        """The sheet with its broken lines whole: of the rows from `first` to `last`, those with nothing in a column are
        the rest of the row above, cell by cell, and empty then."""
        rows, start = [*self.rows], 0
        for number in range(first, min(last, len(rows)) + 1):
            row = rows[number - 1]
            if self.cell(number, column).text or not any(filled(row)):
                start = number if self.cell(number, column).text else start
            elif start:
                pairs = zip_longest(rows[start - 1], row, fillvalue=EMPTY)
                rows[start - 1] = [text_cell(f"{a.text} {b.text}") if b.text else a for a, b in pairs]
                rows[number - 1] = [EMPTY] * len(row)
        columns, lengths = by_columns(rows, EMPTY)
        return replace(self, columns=columns, lengths=lengths)

    def cell(self, row: int, column: int) -> Cell:
        """The cell of a row and column, empty outside."""
        if not (0 < row <= len(self.lengths) and 0 < column <= len(self.columns)):
            return EMPTY
        codes, cells = self.columns[column - 1]
        return cells[codes[row - 1]]


class _Lines(Sequence[list[Cell]]):
    """The rows of a sheet, as long as they are."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __len__(self) -> int:
        return len(self.sheet.lengths)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        return [cells[codes[at]] for codes, cells in self.sheet.columns[: self.sheet.lengths[at]]]


def by_columns(
    rows: Iterable[Sequence[T]],
    empty: T,
    cells: Callable[[list[T]], list[Cell]] = list,  # type: ignore[assignment]
    check: Callable[[int, int], object] = max,
) -> tuple[list[Codes], np.ndarray]:
    """Rows as the columns of a Sheet, and how many cells each row has.

    empty: what stands outside of a row; cells: the cells of the different values of a column; check: is called with the
    numbers of rows and of columns, before more of them are taken.
    """
    lengths: list[int] = []
    numbers: list[defaultdict[T, int]] = []  # of each value of a column
    codes: list[list[np.ndarray]] = []
    several = iter(rows)
    while part := [*islice(several, AT_ONCE)]:
        done, more = len(lengths), [*map(len, part)]
        lengths += more
        check(len(lengths), width := max(len(numbers), *more))
        for _ in range(len(numbers), width):
            numbers.append(defaultdict(count().__next__))
            codes.append([np.full(done, numbers[-1][empty])] if done else [])
        outside = repeat((empty,) * len(part), width - max(more))
        for of, found, values in zip(numbers, codes, chain(zip_longest(*part, fillvalue=empty), outside), strict=True):
            found.append(np.fromiter(map(of.__getitem__, values), dtype=np.int64, count=len(part)))
    made = ((np.concatenate(found), cells([*of])) for of, found in zip(numbers, codes, strict=True))
    return [different(*column) for column in made], np.array(lengths, dtype=np.int64)


def different(codes: np.ndarray, cells: list[Cell]) -> Codes:
    """A column of which no two cells are the same."""
    if len({*cells}) == len(cells):
        return codes, cells
    numbers: defaultdict[Cell, int] = defaultdict(count().__next__)
    place = np.array([numbers[cell] for cell in cells], dtype=np.int64)
    return place[codes], [*numbers]


def address(row: int, column: int) -> str:
    """A cell's name as spreadsheets write it: C7."""
    return f"{letter(column)}{row}"


def letter(column: int) -> str:
    """A column's name as spreadsheets write it: C."""
    from openpyxl.utils import get_column_letter  # only here: it takes a tenth of a second

    return str(get_column_letter(column))


def refuse(path: Path, problem: str, advice: str) -> DataError:
    """The error of a whole file."""
    return DataError([Problem.of_file(shown(path), problem, advice=advice, rule="file")])


def tidy(text: str) -> str:
    """Text without the spaces, line breaks and invisible characters around and doubled inside it."""
    shown = text if text.isascii() else re.sub("[\u200b\u200c\u200d\u2060\ufeff]", "", text)
    return " ".join(shown.split())


def cell_of(value: object, number_format: str = "General") -> Cell:
    """A value as spreadsheet libraries give it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        number = f"{value:.15g}" if isinstance(value, float) else str(value)
        kind, symbol = shows(value, number_format)
        if kind == "text":
            return text_cell(symbol)
        if kind == "percent":
            return Cell(f"{round(value * 100, 10):.10g}%", "percent")
        return Cell(f"{number}%", "percent") if kind == "percent_sign" else Cell(number, kind)
    if isinstance(value, datetime.datetime | datetime.date):
        day = value.date() if isinstance(value, datetime.datetime) else value
        return Cell(day.isoformat(), "date")
    return text_cell(str(value))


def text_cell(text: str) -> Cell:
    """A text as a cell."""
    is_masked = not text.isprintable() and UNSEEN.search(text)
    if text[:1] == "'" or not text.isascii() or not text.isprintable() or "  " in text or text != text.strip():
        text = tidy(plain(text))
    if is_masked:
        return Cell(UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text), "masked")
    return Cell(text, "error" if text[:1] in "#Ee" and ERRORS.fullmatch(text) else "text") if text else EMPTY


def text_cells(texts: list[str]) -> list[Cell]:
    """Texts as cells; those that nothing has to be done to are taken many at once."""
    found: list[Cell] = []
    for start in range(0, len(texts), TOGETHER):
        some = texts[start : start + TOGETHER]
        joined = f"|{'|'.join(some)}|"
        is_plain = joined.isascii() and joined.isprintable() and not any(map(joined.__contains__, NOT_PLAIN))
        is_plain = is_plain and not (":" in joined and "|err:" in joined.casefold())
        found += map(Cell, some) if is_plain else map(text_cell, some)
    return found


def in_rows(cells: Mapping[tuple[int, int], Cell]) -> tuple[list[Codes], np.ndarray]:
    """Cells by row and column `by_columns`, each row as long as its last one."""
    rows: list[list[Cell]] = [[] for _ in range(max((row for row, _ in cells), default=0))]
    for row, column in sorted(cells):
        line = rows[row - 1]
        line += [EMPTY] * (column - 1 - len(line))
        line.append(cells[row, column])
    return by_columns(rows, EMPTY)


def require_cells(path: Path, sheet: str, rows: int, columns: int, most: int = MAX_BOOK_CELLS) -> None:
    """DataError when a sheet has more than `most` cells, or more columns than spreadsheet programs have."""
    if rows * columns > most or columns > MAX_COLUMNS:
        named = f"the sheet {sheet!r}" if sheet else "the file"
        advice = f"At most {most:,} cells in {MAX_COLUMNS:,} columns are read, of a .csv {MAX_CELLS:,}. "
        advice += "Delete the empty rows and columns, or save the sheet as .csv."
        raise refuse(path, f"{named} claims {rows:,} rows and {columns:,} columns.", advice)


def within_limit(path: Path, sheets: Iterable[Sheet]) -> list[Sheet]:
    """The sheets of a workbook; DataError when there is none, or as soon as all together have over MAX_BOOK_CELLS."""
    found, cells = [], 0
    for sheet in sheets:
        cells += int(np.maximum(1, sheet.lengths).sum())
        if cells > MAX_BOOK_CELLS:
            problem = f"the sheets of the workbook have more than {MAX_BOOK_CELLS:,} cells together."
            raise refuse(path, problem, "Save the sheet that you need as a file of its own.")
        found.append(sheet)
    if not found:
        raise refuse(path, "the file has no sheet.", SAVE_AGAIN)
    return found


def filled(row: Iterable[Cell]) -> Iterator[Cell]:
    """The cells of a row that are not empty."""
    return (cell for cell in row if cell.text)


@contextmanager
def without_collecting() -> Iterator[None]:
    """No search for garbage: there is none among millions of cells, and looking for it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
