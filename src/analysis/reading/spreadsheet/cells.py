"""Cells and sheets: what every format of spreadsheet is read into, and the errors of a file that cannot be."""

from __future__ import annotations

import datetime
import gc
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from openpyxl.utils import get_column_letter

from analysis.characters import visible
from analysis.csv_files import plain
from analysis.errors import DataError, Problem
from analysis.paths import shown

MAX_CELLS = 5_000_000  # of one sheet
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
    delimiter: str = ""  # of a CSV file, where it is not a comma
    _columns: dict[int, tuple[np.ndarray, list[Cell]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def lengths(self) -> np.ndarray:
        """How many cells each row has."""
        return np.fromiter(map(len, self.rows), dtype=np.int64, count=len(self.rows))

    def column(self, column: int) -> tuple[np.ndarray, list[Cell]]:
        """Which of its different cells (from 0) each row of a column has, and those cells as they come; empty outside
        of a row."""
        if column not in self._columns:
            place = column - 1
            numbers: defaultdict[Cell, int] = defaultdict(count().__next__)
            cells: Iterable[Cell] = map(itemgetter(place), self.rows)
            if self.lengths.min(initial=column) < column:
                cells = (row[place] if len(row) > place else EMPTY for row in self.rows)
            codes = np.fromiter(map(numbers.__getitem__, cells), dtype=np.int64, count=len(self.rows))
            self._columns[column] = codes, [*numbers]
        return self._columns[column]

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
    spaced = " ".join(text.split())
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return " ".join(re.sub("[\u200b\u200c\u200d\u2060]", "", visible(spaced)).split())


def cell_of(value: object, number_format: str = "General") -> Cell:
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
    return text_cell(str(value))


def text_cell(text: str) -> Cell:
    """A text as a cell."""
    text = tidy(plain(text))
    return Cell(text, "error" if text[:1] in "#Ee" and ERRORS.fullmatch(text) else "text") if text else EMPTY


def require_cells(path: Path, sheet: str, rows: int, columns: int) -> None:
    """DataError when a sheet has more than MAX_CELLS."""
    if rows * columns > MAX_CELLS:
        problem = f"the sheet {sheet!r} claims {rows:,} rows and {columns:,} columns."
        advice = f"At most {MAX_CELLS:,} cells are read. Delete the empty rows and columns and save it again."
        raise refuse(path, problem, advice)


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
