"""What a sheet probably is: people or counts, where its table lies, and what its columns are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.reading.spreadsheet.cells import Cell, Sheet, refuse
from analysis.reading.spreadsheet.grid import choose_sheets, read_sheets
from analysis.reading.spreadsheet.likely import BETWEEN
from analysis.reading.spreadsheet.likely_cells import is_period
from analysis.reading.spreadsheet.likely_columns import Column, last_part, likely_columns, words_of
from analysis.reading.spreadsheet.mapping import COLUMNS, COUNTS, Read
from analysis.reading.spreadsheet.mapping import Mapping as Guess
from analysis.reading.spreadsheet.sheet_rows import TOTAL, Reader

Entries = Mapping[str, Any]  # a mapping as YAML has it, every scalar as text
VALUES = {"number", "count", "total", "n", "value"}  # headings of numbers where the years are in a column


@dataclass(frozen=True)
class Look:
    """What a sheet probably is. columns: by number; found: our column -> headings; wide: headings of counts that are
    values; years: whether those are years; last: the last row of the table; sheets: how many the file has."""

    reader: Reader
    table: str
    columns: Mapping[int, Column]
    found: Mapping[str, Sequence[str]]
    wide: Sequence[str]
    years: bool
    last: int
    sheets: int

    @property
    def is_ours(self) -> bool:
        """Whether this program wrote the file, so that its ids can be kept."""
        return "figure_id" in self.found or [*self.found.get("subject_id", ())] == ["subject_id"]

    @property
    def unused(self) -> list[str]:
        """The headings that are nothing of ours."""
        used = {*self.wide, *(heading for headings in self.found.values() for heading in headings)}
        return [text for text in self.reader.headings.values() if text not in used]

    def under(self, headings: Sequence[str]) -> list[Column]:
        """The columns with some headings."""
        return [column for column in self.columns.values() if column.heading in headings]

    def texts(self, column: str) -> Counter[str]:
        """How often each text is there under what one of our columns seems to be."""
        return sum((of.texts for of in self.under(self.found.get(column, ()))), Counter())

    def labels(self, column: str) -> list[str]:
        """Every text of one of our columns, in their order; "" where a cell is empty."""
        return [*dict.fromkeys(cell.text for of in self.under(self.found.get(column, ())) for cell in of.cells)]

    @cached_property
    def totals(self) -> list[str]:
        """The labels that make a row of counts a total, in the first column or in one of labels. People have none."""
        if self.table == "people":
            return []
        naming = {*(name for name, words in COUNTS.items() if words), "period"}
        used = {heading for name in naming for heading in self.found.get(name, ())}
        first = min(self.columns, default=0)
        looked = [of for number, of in self.columns.items() if number == first or of.heading in used]
        return [*dict.fromkeys(text for of in looked for text in of.texts if TOTAL.fullmatch(text))]

    @property
    def totals_of_people(self) -> list[str]:
        """What stands for a person or a case and says total."""
        ids = (*self.labels("case_id"), *self.labels("subject_id")) if self.table == "people" else ()
        return [text for text in ids if TOTAL.fullmatch(text)]


def look_at(file: Path, table: str = "", decided: Entries | None = None) -> Look:
    """Look at a file; table: people or counts, guessed when empty; decided: what somebody's mapping says already.

    Raises DataError when the file cannot be read.
    """
    said = decided or {}
    read = {key: value for key, value in (said.get("read") or {}).items() if value != "CHECK"}
    encoding, sheets = _open(file, read.get("encoding", ""), read.get("delimiter"))
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.rows] or sheets
    if read.get("sheet"):
        sheet = choose_sheets(file, sheets, _several(read["sheet"]))[0]
    else:
        sheet = max(visible, key=lambda found: sum(_widths(found)))
    widths = _widths(sheet)
    if not any(widths):
        raise refuse(file, "there is nothing in it.", "Check that it was saved, and sent, completely.")
    where = Read.model_validate({"heading": read["heading"]}) if read.get("heading") else None
    heading = where.heading if where else _heading(widths)
    last = max((n for n, width in enumerate(widths, 1) if width > 1), default=max(heading))
    last = int(read["last_row"]) if str(read.get("last_row", "")).isdecimal() else last
    kept = Read(sheet=sheet.name, encoding=encoding, delimiter=sheet.delimiter, heading=heading)
    reader = Reader(file, sheet, Guess.model_construct(read=kept))
    columns = {
        number: Column(text, _cells(sheet, number, max(heading), last)) for number, text in reader.headings.items()
    }
    table = table or said.get("table", "").replace("CHECK", "") or _table(columns)
    return _looked(reader, table, columns, last, len(sheets), said)


def _cells(sheet: Sheet, number: int, start: int, end: int) -> Counter[Cell]:
    """How often each cell of a column is there in the rows after `start` up to `end`, as they come."""
    codes, cells = sheet.column(number)
    there = codes[start:end][sheet.lengths[start:end] >= number]
    times = np.bincount(there, minlength=len(cells)).tolist()
    return Counter({cells[code]: times[code] for code in pd.unique(there).tolist()})


def _several(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


def _open(file: Path, encoding: str, delimiter: str | None) -> tuple[str, list[Sheet]]:
    """The encoding ("" where it need not be said) and the sheets; the delimiter is that of the most regular table."""
    first: DataError | None = None
    for wanted in (encoding,) if encoding else ("", "windows-1252", "utf-16"):
        try:
            return wanted, read_sheets(file, wanted, delimiter)
        except DataError as error:
            first = first or error
            if "is not UTF-8" not in str(first):
                break
    raise first or refuse(file, "the file cannot be read.", "Save it again as .xlsx or as plain UTF-8 CSV.")


def _widths(sheet: Sheet) -> list[int]:
    """How many filled cells each row has."""
    widths = np.zeros(len(sheet.rows), dtype=np.int64)
    for column in range(1, int(sheet.lengths.max(initial=0)) + 1):
        codes, cells = sheet.column(column)
        widths += np.array([bool(cell.text) for cell in cells])[codes]
    return widths.tolist()


def _heading(counts: Sequence[int]) -> list[int]:
    """The rows of the headings: the first that is nearly as full as the fullest, and one over it with several texts."""
    most = max(counts, default=0)
    last = next((number for number, count in enumerate(counts, 1) if count and count >= max(2, 0.6 * most)), 1)
    return [last - 1, last] if last > 1 and counts[last - 2] > 1 else [last]


def _is_year(column: Column) -> bool:
    return is_period(last_part(column.heading)) and column.is_numeric


def _is_name(heading: str) -> bool:
    """Whether a heading is a part of people's names."""
    return " ".join(words_of(heading)) in (
        "surname",
        "forename",
        "first name",
        "last name",
        "family name",
        "given name",
    )


def _table(columns: Mapping[int, Column]) -> str:
    """people or counts."""
    headings = {column.heading for column in columns.values()}
    if "figure_id" in headings or sum(map(_is_year, columns.values())) > 1:
        return "counts"
    numbers = [column for column in columns.values() if column.is_numeric and column.texts]
    named = {" ".join(words_of(column.heading)) for column in numbers}
    if named & VALUES and not any("officer" in heading for heading in named):
        return "counts"
    ids = [column for column in numbers if likely_columns({1: column}, {"case_id": "", "subject_id": ""})]
    is_each = any(len(column.texts) == column.texts.total() for column in ids)
    is_repeated = any(of.says("sanction") > 0.3 and len(of.texts) < of.texts.total() for of in columns.values())
    if is_each and is_repeated:  # a row each for somebody, with outcomes that come again
        return "people"
    return "counts" if len(numbers) > len([of for of in columns.values() if of.texts]) / 2 else "people"


def _looked(reader: Reader, table: str, columns: Mapping[int, Column], last: int, sheets: int, said: Entries) -> Look:
    """What the columns of a sheet probably are, or what somebody has said of them."""
    if said.get("columns") or said.get("across"):
        named = {key: _several(found) for key, found in (said.get("columns") or {}).items()}
        across = said.get("across") or {}
        is_years = "period" in across.get("are", ())
        return Look(reader, table, columns, named, _several(across.get("columns", [])), is_years, last, sheets)
    times = Counter(of.heading for of in columns.values())
    clear = {number: of for number, of in columns.items() if times[of.heading] == 1}  # a heading must be one column's
    years = {number: of for number, of in clear.items() if _is_year(of)} if table == "counts" else {}
    rest = {number: of for number, of in clear.items() if number not in years}
    found = likely_columns(rest, COLUMNS[table])
    numbers = [number for number, of in rest.items() if of.is_numeric and of.texts]
    value = found.get("value", 0)
    if value and (years or (len(numbers) > 2 and "total" in words_of(rest[value].heading))):
        del found["value"]  # a total beside the numbers that it is the total of
    if years:
        found.pop("period", None)
    if years and "outcome" not in found:  # the labels before the years have no known heading
        texts = [number for number, of in rest.items() if number not in found.values() and number not in numbers]
        found |= {"outcome": texts[0]} if texts else {}
    wide = [*years]
    if table == "counts" and not years and "value" not in found:
        free = [number for number in numbers if number not in found.values()]
        wide = [number for number in free if not TOTAL.fullmatch(last_part(rest[number].heading))] or free
    named = {column: [columns[number].heading] for column, number in found.items()}
    if table == "people" and "subject_id" not in named:
        names = [of.heading for number, of in clear.items() if number not in found.values() and _is_name(of.heading)]
        named |= {"subject_id": names} if names else {}
    return Look(reader, table, columns, named, [columns[n].heading for n in wide], bool(years), last, sheets)


def upper_parts(headings: Sequence[str]) -> set[str]:
    """What stands over the lowest headings."""
    return {text.rpartition(BETWEEN)[0] for text in headings}


def with_marks(texts: Sequence[str], known: Collection[str]) -> list[str]:
    """The footnote marks (* † ‡) at the end of years, numbers and of what is `known` without them."""
    found = [(text, re.search(r"[*†‡]+$", text)) for text in texts]
    bare = [(text[: mark.start()].rstrip(), mark.group()) for text, mark in found if mark and mark.start()]
    marks = [
        mark
        for text, mark in bare
        if is_period(last_part(text)) or text.replace(",", "").isdecimal() or text.casefold() in known
    ]
    return [*dict.fromkeys(marks)]
