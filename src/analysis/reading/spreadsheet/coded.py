"""Rows of a table by columns: of each column its different cells, and which of them stands in each row.

What a cell says is so read once for each different one, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.reading.spreadsheet.cells import EMPTY, Cell, Sheet
from analysis.reading.spreadsheet.mapping import JOINED

MOST = np.iinfo(np.int64).max
Place = tuple[int, Cell]  # a cell, and the number of its column in the sheet


@dataclass(frozen=True)
class Row:
    """One row of the table: its number in the sheet, and our columns -> the cells they come from, by column number.

    times: how many rows it stands for, where those like it are read once.
    """

    number: int
    cells: dict[str, list[Place]]
    across: list[Place]
    sheet: Sheet
    times: int = 1

    def text(self, column: str) -> str:
        """The text of the first filled cell of one of our columns; of those that tell apart (JOINED), of all."""
        texts = (cell.text for _, cell in self.cells.get(column, []))
        return "\n".join(texts).strip("\n") if column in JOINED else next(filter(None, texts), "")

    def place(self, column: str) -> int | str:
        """The number of the column in the sheet, for problems."""
        return self.cells[column][0][0] if self.cells.get(column) else column


def labelled(codes: np.ndarray, values: Sequence[object]) -> pd.Categorical:
    """A column of values, of which each row has the one that its code numbers; None is a missing one."""
    place, different = pd.factorize(objects(values))
    return pd.Categorical.from_codes(place[codes], pd.Index(different, dtype=object))


def filled_in(texts: tuple[np.ndarray, list[str]]) -> np.ndarray:
    """Which rows have a text, of those that `texts_of` gives."""
    return np.array([bool(text) for text in texts[1]], dtype=bool)[texts[0]]


def repeated(value: object, times: int) -> pd.Categorical:
    """A column with the same in every row."""
    return labelled(np.zeros(times, dtype=np.int64), [value])


def objects(values: Iterable[object]) -> np.ndarray:
    """Values of any kind as an array, one an element."""
    return np.fromiter(values, dtype=object)


@dataclass(frozen=True)
class Coded:
    """A column: its different cells, and which of them (from 0) each row has."""

    codes: np.ndarray
    cells: list[Place]

    @classmethod
    def of_sheet(cls, sheet: Sheet, column: int, first: int, last: int) -> Coded:
        """Some rows of a column of a sheet; column 0 holds the sheet's name."""
        if not column:
            return cls(np.zeros(last - first + 1, dtype=np.int64), [(0, Cell(sheet.name))])
        codes, cells = sheet.column(column)
        return cls(codes[first - 1 : last], [(column, cell) for cell in cells])

    def where(self, test: Callable[[Cell], object]) -> np.ndarray:
        """For which rows the cell passes a test."""
        return np.array([bool(test(cell)) for _, cell in self.cells], dtype=bool)[self.codes]

    @property
    def texts(self) -> np.ndarray:
        """The text of each row."""
        return objects(cell.text for _, cell in self.cells)[self.codes]

    def text_codes(self) -> np.ndarray:
        """The codes by the texts alone, whatever kind their cells are."""
        texts = [cell.text for _, cell in self.cells]
        return self.codes if len({*texts}) == len(texts) else pd.factorize(objects(texts))[0][self.codes]

    def filled_down(self) -> Coded:
        """An empty cell has what stands above it."""
        rows = np.arange(len(self.codes))
        above = np.maximum.accumulate(np.where(self.where(lambda cell: cell.text), rows, -1))
        return Coded(self.codes[np.where(above < 0, rows, above)], self.cells)

    def changed(self, change: Callable[[Cell], Cell]) -> Coded:
        """Other cells in the place of these."""
        return Coded(self.codes, [(number, change(cell)) for number, cell in self.cells])

    def take(self, rows: np.ndarray) -> Coded:
        """Some of the rows."""
        return Coded(self.codes[rows], self.cells)


def has_text(cell: Cell) -> bool:
    """Whether there is something in a cell."""
    return bool(cell.text)


def filled_rows(columns: Sequence[Coded], rows: int) -> np.ndarray:
    """Which rows have something in one of some columns."""
    found = np.zeros(rows, dtype=bool)
    for column in sorted(columns, key=lambda column: len(column.cells)):
        if not found.all():
            found |= column.where(has_text)
    return found


def stacked(columns: Sequence[Coded]) -> Coded:
    """Columns one under the other; cells of different ones stay different."""
    starts = np.cumsum([0, *(len(column.cells) for column in columns)])
    codes = [column.codes + start for column, start in zip(columns, starts, strict=False)]
    return Coded(np.concatenate(codes), [cell for column in columns for cell in column.cells])


def combined(codes: Iterable[np.ndarray], rows: int) -> np.ndarray:
    """The number of each row's combination of codes, from 0 in the order in which they come."""
    number, size = np.zeros(rows, dtype=np.int64), 1
    for column in codes:
        width = int(column.max(initial=0)) + 1
        if size * width > MOST:
            number, size = pd.factorize(number)[0], rows
        number, size = number * width + column, size * width
    return pd.factorize(number)[0]


def firsts(number: np.ndarray) -> np.ndarray:
    """The first row of each number, where those are counted from 0 in the order in which they come."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(number), prepend=-1))


@dataclass(frozen=True)
class Rows(Sequence[Row]):
    """Rows of one or several sheets: their numbers in the sheet, and our columns -> the columns they come from."""

    numbers: np.ndarray
    sheet: np.ndarray  # which of the sheets
    sheets: tuple[Sheet, ...]
    columns: dict[str, list[Coded]]
    across: list[Coded]

    @classmethod
    def stacked(cls, parts: Sequence[Rows]) -> Rows:
        """Rows of one sheet under those of another."""
        if len(parts) == 1:
            return parts[0]

        def under(several: Iterable[Sequence[Coded]]) -> list[Coded]:
            return [stacked(columns) for columns in zip(*several, strict=True)]

        return cls(
            np.concatenate([part.numbers for part in parts]),
            np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
            tuple(part.sheets[0] for part in parts),
            {name: under(part.columns[name] for part in parts) for name in parts[0].columns},
            under(part.across for part in parts),
        )

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.numbers)

    def __getitem__(self, position: int) -> Row:  # type: ignore[override]
        """One row with all that is in it."""
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self.row(position, self.columns)

    def row(self, position: int, names: Iterable[str], times: int = 1) -> Row:
        """One row with some of our columns."""
        cells = {
            name: [column.cells[column.codes[position]] for column in self.columns[name]]
            for name in names
            if name in self.columns
        }
        across = [column.cells[column.codes[position]] for column in self.across]
        return Row(int(self.numbers[position]), cells, across, self.sheets[self.sheet[position]], times)

    def take(self, rows: np.ndarray) -> Rows:
        """Some of the rows, in this order; also one several times."""
        columns = {name: [column.take(rows) for column in found] for name, found in self.columns.items()}
        return Rows(
            self.numbers[rows], self.sheet[rows], self.sheets, columns, [column.take(rows) for column in self.across]
        )

    def of_each(self, columns: dict[str, list[Coded]]) -> Rows:
        """A row for the n-th of some columns together, where one of those has something in it, in the order of rows."""
        places = range(max(map(len, columns.values())))
        there = [filled_rows([of[n] for of in columns.values() if n < len(of)], len(self)) for n in places]
        at, place = np.nonzero(np.array(there).T)
        empty = Coded(np.zeros(len(self), dtype=np.int64), [(0, EMPTY)])
        whole = self.take(at)
        for name, of in columns.items():
            filled_up = [*of, *[empty] * (len(places) - len(of))]
            whole.columns[name] = [stacked(filled_up).take(place * len(self) + at)]
        return whole

    def said(self) -> set[str]:
        """Those of our columns that have something in them."""
        return {
            name
            for name, columns in self.columns.items()
            if any(has_text(column.cells[code][1]) for column in columns for code in column.codes)
        }

    def alike(self, names: Iterable[str]) -> np.ndarray:
        """The number of each row's combination of cells of some of our columns, from 0 in the order they come in."""
        columns = [column for name in names for column in self.columns.get(name, [])]
        codes = [self.sheet, *(column.codes for column in columns)] if columns else []
        return combined(codes, len(self))

    def texts_of(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Which of the different `Row.text` of a column each row has, and those."""
        columns = self.columns.get(name, [])
        if len(columns) == 1:
            number, texts = columns[0].codes, [cell.text for _, cell in columns[0].cells]
        else:
            number = self.alike([name])
            texts = [self.row(first, [name]).text(name) for first in firsts(number)]
        place, different = pd.factorize(objects(texts))
        return place[number], [*different]
