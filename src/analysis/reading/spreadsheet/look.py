"""What a sheet probably is: people or counts, where its table lies, and what its columns are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.reading.spreadsheet.cells import Cell, Sheet, refuse
from analysis.reading.spreadsheet.coded import Coded
from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.grid import choose_sheets, read_sheets
from analysis.reading.spreadsheet.likely import BETWEEN, tells
from analysis.reading.spreadsheet.likely_cells import is_period
from analysis.reading.spreadsheet.likely_columns import (
    Column,
    flag_of,
    last_part,
    likely_columns,
    numbered,
    of_several_people,
    tells_of_dismissals,
    words_of,
)
from analysis.reading.spreadsheet.likely_layout import (
    broken_lines,
    heading_rows,
    is_beside,
    kind_of_groups,
    meant_below,
    next_table,
    of_one_shape,
    parts_across,
    rows_alone,
    rows_with_totals,
    ticked,
    with_rest,
)
from analysis.reading.spreadsheet.mapping import COLUMNS, COUNTS, SEVERAL, Read
from analysis.reading.spreadsheet.mapping import Mapping as Guess
from analysis.reading.spreadsheet.sheet_rows import OF_GROUP, SHEET, TOTAL, Reader

Entries = Mapping[str, Any]  # a mapping as YAML has it, every scalar as text
PER_PERSON = ("subject_id", "sanction", "finding", "left_service", "rank", "case_to_answer")  # where each has their own
LOOKED = 20_000  # rows of a table of counts that is looked through row by row
VALUES = {"number", "count", "total", "n", "value"}  # headings of numbers where the years are in a column


@dataclass(frozen=True)
class Look:
    """What a sheet probably is.

    columns: by number; found: our column -> headings; wide: headings of counts that are values; are: of which columns,
    where somebody decided it; last: the last row of the table; sheets: how many the file has; stacked: the names of
    several of one shape; ticks: headings of outcomes with ticks; groups: our column -> the heading of the column in
    which `alone` are the headings of its groups, or `headed`, with the complaint type of each; below: headings of what
    is meant for rows under it too; rivals: headings that are nothing of ours, with a label under each that reads like a
    dismissal; crowd: headings of several people in one row; keeps_totals: whether somebody decided that rows which say
    total are no totals; per_person: our columns of which each heading is of another person.
    """

    reader: Reader
    table: str
    columns: Mapping[int, Column]
    found: Mapping[str, Sequence[str]]
    wide: Sequence[str]
    are: Sequence[str]
    last: int
    sheets: int
    stacked: Sequence[str] = ()
    ticks: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    alone: Sequence[str] = ()
    headed: Mapping[str, str] = field(default_factory=dict)
    below: Sequence[str] = ()
    rivals: Mapping[str, str] = field(default_factory=dict)
    crowd: Sequence[str] = ()
    keeps_totals: bool = False
    per_person: Sequence[str] = ()

    @property
    def is_ours(self) -> bool:
        """Whether this program wrote the file, so that its ids can be kept."""
        return "figure_id" in self.found or [*self.found.get("subject_id", ())] == ["subject_id"]

    @property
    def unused(self) -> list[str]:
        """The headings that are nothing of ours."""
        used = {*self.wide, *self.ticks, *(heading for headings in self.found.values() for heading in headings)}
        return [text for text in self.reader.headings.values() if text not in used]

    def under(self, headings: Sequence[str]) -> list[Column]:
        """The columns with some headings."""
        wanted = {*headings}
        return [column for column in self.columns.values() if column.heading in wanted]

    def texts(self, column: str) -> Counter[str]:
        """How often each text is there under what one of our columns seems to be."""
        if self.found.get(column) == [SHEET]:
            return Counter(self.stacked)
        return sum((of.texts for of in self.under(self.found.get(column, ()))), Counter())

    def labels(self, column: str) -> list[str]:
        """Every text of one of our columns, in their order; "" where a cell is empty."""
        if column in self.groups:
            return [*self.alone]
        found = dict.fromkeys(cell.text for of in self.under(self.found.get(column, ())) for cell in of.cells)
        headings = self.found.get(column, ())
        left = {"" for heading in headings if heading in self.below}
        left |= {""} if len(headings) > 1 and not self._is_empty_in_all(headings) else {*()}
        left |= {*self.alone, *self.headed} if {*headings} & {*self.groups.values()} else {*()}
        return [text for text in found if text not in left]

    def _is_empty_in_all(self, headings: Sequence[str]) -> bool:
        """Whether a row has nothing in any of some columns; taken for granted of several sheets."""
        sheet, start = self.reader.sheet, max(self.reader.mapping.read.heading)
        numbers = [number for number, of in self.columns.items() if of.heading in headings]
        empty = [
            Coded.of_sheet(sheet, number, start + 1, self.last).where(lambda cell: not cell.text) for number in numbers
        ]
        return bool(self.stacked) or bool((np.all(empty, axis=0) & (sheet.widths[start : self.last] > 0)).any())

    @property
    def counted(self) -> list[Column]:
        """The columns of counts."""
        return self.under([*self.wide, *self.found.get("value", ()), *self.found.get("people", ())])

    @cached_property
    def parts(self) -> list[str]:
        """Which of our columns the headings of several columns of counts are, or each row of them; none without."""
        return [*self.are] or parts_across(self.wide, self.found)

    def heads(self, column: str) -> list[str]:
        """What the headings of several columns of counts say of one of our columns."""
        if column not in self.parts:
            return []
        place = self.parts.index(column) if len(self.parts) > 1 else 0
        is_split = len(self.parts) > 1 and all(text.count(BETWEEN) + 1 >= len(self.parts) for text in self.wide)
        return [
            *dict.fromkeys(text.split(BETWEEN, len(self.parts) - 1)[place] if is_split else text for text in self.wide)
        ]

    @property
    def outcomes(self) -> Sequence[str]:
        """The headings that are outcomes."""
        return self.heads("outcome") or self.ticks

    @property
    def is_sparse(self) -> bool:
        """Whether counts are empty in rows that are no headings of groups."""
        empty = (sum(times for cell, times in of.cells.items() if not cell.text) for of in self.counted)
        return any(times > len(self.alone) for times in empty)

    @cached_property
    def totals(self) -> list[str]:
        """The labels that make a row a total, of all or of one other label (Kent Police total), in the first column or
        in one of labels; of people also in one of ids."""
        naming = {*(name for name, words in COLUMNS[self.table].items() if words), "period", "case_id", "subject_id"}
        used = {heading for name in naming for heading in self.found.get(name, ())}
        first = min(self.columns, default=0)
        looked = [of for number, of in self.columns.items() if number == first or of.heading in used]
        known = {text.casefold() for of in looked for text in of.texts}
        texts = dict.fromkeys(text for of in looked for text in of.texts)
        return [text for text in texts if TOTAL.fullmatch(text) or text.casefold() != _group_of(text) in known]


def _group_of(total: str) -> str:
    """What a label says beside that it is a total."""
    return OF_GROUP.sub("", total.casefold())


def look_at(file: Path, table: str = "", decided: Entries | None = None) -> Look:
    """Look at a file; table: people or counts, guessed when empty; decided: what somebody's mapping says already.

    Raises DataError when the file cannot be read.
    """
    said = decided or {}
    read = {key: value for key, value in (said.get("read") or {}).items() if value != "CHECK"}
    encoding, sheets = _open(file, read.get("encoding", ""), read.get("delimiter"))
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.rows] or sheets
    if read.get("sheet"):
        chosen = choose_sheets(file, sheets, _several(read["sheet"]))
        sheet = chosen[0]
    else:
        chosen = tuple(visible)
        sheet = max(visible, key=lambda found: found.widths.sum())
    widths = sheet.widths
    if not widths.any():
        raise refuse(file, "there is nothing in it.", "Check that it was saved, and sent, completely.")
    where = Read.model_validate({"heading": read["heading"]}) if read.get("heading") else None
    heading = where.heading if where else heading_rows(sheet, widths)
    kept = Read(sheet=sheet.name, encoding=encoding, delimiter=sheet.delimiter, heading=heading)
    whole, kept = _whole(sheet, kept, str(read.get("broken_lines", "")))
    chosen, sheet, broken = tuple(whole if one is sheet else one for one in chosen), whole, sheet
    reader = Reader(file, sheet, Guess.model_construct(read=kept))
    alike = of_one_shape(sheet, chosen, heading)
    given = int(read["last_row"]) if str(read.get("last_row", "")).isdecimal() else 0
    lasts = {id(one): given or _last(one, heading) for one in alike}
    lasts[id(sheet)] = given or with_rest(lasts[id(sheet)], broken, sheet)
    columns = {
        number: Column(text, reduce(add, (_cells(one, number, max(heading), lasts[id(one)]) for one in alike)))
        for number, text in reader.headings.items()
    }
    last = lasts[id(sheet)] if len({*lasts.values()}) == 1 else len(sheet.rows)
    table = table or said.get("table", "").replace("CHECK", "") or _table(_as_headed(reader, columns))
    look = _looked(reader, table, columns, last, len(sheets), said)
    stacked = [one.name for one in alike] if len(alike) > 1 else []
    column = "period" if table == "counts" else "year"
    if stacked and all(map(is_period, stacked)) and column not in [*look.parts, *look.found]:
        look = replace(look, found={**look.found, column: [SHEET]})
    return _laid_out(replace(look, stacked=stacked, keeps_totals=read.get("total_rows") == []), said)


def _whole(sheet: Sheet, read: Read, said: str) -> tuple[Sheet, Read]:
    """The sheet with its broken lines joined, and the heading of the column that tells them, where there are any."""
    start, headings = max(read.heading), Reader(Path(), sheet, Guess.model_construct(read=read)).headings
    column = next((number for number, text in headings.items() if text == said), 0)
    column = column or (0 if len(sheet.rows) > LOOKED else broken_lines(sheet, start, len(sheet.rows)))
    if column not in headings:
        return sheet, read
    whole = sheet.joined(column, start + 1, len(sheet.rows))
    return whole, read.model_copy(update={"broken_lines": headings[column]})


def _last(sheet: Sheet, heading: Sequence[int]) -> int:
    """The last row of the table, over another one that has some of its headings."""
    widths = sheet.widths[: (next_table(sheet, max(heading)) or len(sheet.rows) + 1) - 1]
    return int(np.flatnonzero(widths > 1).max(initial=max(heading) - 1)) + 1


def _laid_out(look: Look, said: Entries) -> Look:
    """What is looked at with its ticks, groups and what is meant for several rows."""
    sheet, start = look.reader.sheet, max(look.reader.mapping.read.heading)
    if look.table == "people":
        is_told = bool({"case_id", "subject_id", "date"} & {*look.found})
        columns = {n: of for n, of in look.columns.items() if of.heading not in (*look.found.get("subject_id", ()),)}
        is_flag = any(map(flag_of, look.under(look.found.get("sanction", ()))))  # with others beside it?
        ticks = ticked(columns, is_told)
        if "sanction" in look.found and not (is_flag and ticks):
            return look
        found = {name: of for name, of in look.found.items() if name != "sanction" and not {*of} & {*ticks}}
        return replace(look, found=found, ticks=ticks)
    naming = [name for name, words in COUNTS.items() if words or name == "period"]
    named = {heading for name in naming for heading in look.found.get(name, ())}
    places = {number: of.heading for number, of in look.columns.items() if of.heading in named}
    if look.stacked or not places or look.last > LOOKED:
        return look
    first = min(places)
    alone = rows_alone(sheet, first, start, look.last)
    ends = {*look.totals}
    totals = [row for row in range(start + 1, look.last + 1) if any(sheet.cell(row, n).text in ends for n in places)]
    below = meant_below(sheet, [*places], start, look.last, {*alone, *totals})
    own = look.found.get("outcome", ())  # in which nothing means a total
    look = look if look.is_ours else replace(look, below=[places[n] for n in below if places[n] not in own])
    headed = {} if "complaint_type" in look.found else rows_with_totals(sheet, first, start, look.last)
    if headed and [places[first]] == look.found.get("outcome"):
        return replace(look, groups={"complaint_type": places[first]}, headed=headed)
    texts = [sheet.cell(row, first).text for row in alone]
    kind = next(iter(said.get("group_rows") or ()), "") or kind_of_groups(texts, look.found)
    return replace(look, groups={kind: places[first]}, alone=texts) if alone and kind else look


def _cells(sheet: Sheet, number: int, start: int, end: int) -> Counter[Cell]:
    """How often each cell of a column is there in the rows after `start` up to `end`, as they come."""
    codes, cells = sheet.column(number)
    there = codes[start:end][(sheet.lengths[start:end] >= number) & (sheet.widths[start:end] > 0)]
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


def _is_year(column: Column) -> bool:
    is_counts = column.is_numeric and not column.is_shares
    return is_counts and (is_period(last_part(column.heading)) or is_period(column.heading))


def _is_name(heading: str) -> bool:
    """Whether a heading is a part of people's names."""
    names = ("surname", "forename", "first name", "last name", "family name", "given name")
    return " ".join(words_of(heading)) in names


def _table(columns: Mapping[int, Column]) -> str:
    """people or counts."""
    headings = {column.heading for column in columns.values()}
    if "figure_id" in headings or any(map(_is_year, columns.values())):
        return "counts"
    if ticked(columns, is_told=any(of.is_dates for of in columns.values())):
        return "people"
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


def _as_headed(reader: Reader, columns: Mapping[int, Column]) -> dict[int, Column]:
    """Columns with their headings as they are, also where several have the same."""
    texts = reader.texts
    return {n: of if of.heading == texts[n] else replace(of, heading=texts[n]) for n, of in columns.items()}


def _looked(reader: Reader, table: str, columns: Mapping[int, Column], last: int, sheets: int, said: Entries) -> Look:
    """What the columns of a sheet probably are, or what somebody has said of them."""
    if said.get("columns") or said.get("across"):
        named = {key: _several(found) for key, found in (said.get("columns") or {}).items()}
        across = {key: _several(found) for key, found in (said.get("across") or {}).items()}
        look = Look(reader, table, columns, named, across.get("columns", ()), across.get("are", ()), last, sheets)
        left = [key for key, found in named.items() if found == [UNDECIDED]]
        return _guessed_of(look, left, _looked(reader, table, columns, last, sheets, {})) if left else look
    clear = {number: of for number, of in columns.items() if of.heading == reader.texts[number]}
    years = {number: of for number, of in clear.items() if _is_year(of)} if table == "counts" else {}
    rest = {number: of for number, of in clear.items() if number not in years}
    found = likely_columns(rest, COLUMNS[table])
    if table == "people":  # where nothing else is one of ours, one of several columns with the same heading may be
        others = {number: of for number, of in _as_headed(reader, columns).items() if number not in clear}
        found |= likely_columns(others, {name: of for name, of in COLUMNS[table].items() if name not in found})
    numbers = [number for number, of in rest.items() if of.is_numeric and of.texts and not of.is_shares]
    value = found.get("value", 0)
    last_words = [words_of(rest[number].heading)[-1:] for number in numbers]
    is_one_of = value in numbers and last_words.count(words_of(rest[value].heading)[-1:]) > 1
    is_one_of = is_one_of or any(tells("published_outcome", rest[n].heading) for n in numbers if n != value)
    if value and (years or is_one_of or (len(numbers) > 2 and "total" in words_of(rest[value].heading))):
        del found["value"]  # one of several numbers, or a total beside those that it is the total of
    if years:
        found.pop("period", None)
    if years and "outcome" not in found:  # the labels before the years have no known heading
        texts = [number for number, of in rest.items() if number not in found.values() and number not in numbers]
        found |= {"outcome": texts[0]} if texts else {}
    wide = [*years]
    if table == "counts" and not years and "value" not in found:
        free = [number for number in numbers if number not in found.values()]
        totals = [number for number in free if TOTAL.fullmatch(last_part(rest[number].heading))]
        wide = [number for number in free if number not in totals] or free
        if (
            len(totals) == 1
            and len(wide) > 1
            and "note" in parts_across([rest[number].heading for number in wide], found)
        ):
            found["value"], wide = totals[0], []  # what the others are parts of is nothing that can be said
    beside = [n for n, of in rest.items() if is_beside(columns.get(found.get("outcome", 0)), of)]
    wide = [number for number in wide if number < min(beside, default=number + 1)]
    named = {column: [columns[number].heading] for column, number in found.items()}
    look = Look(reader, table, columns, named, [columns[n].heading for n in wide], (), last, sheets)
    return _of_people(look, found, clear) if table == "people" else look


def _guessed_of(look: Look, left: Sequence[str], guess: Look) -> Look:
    """A look at what somebody decided, with what is guessed of the columns that are `left`."""
    named = {key: found for key, found in look.found.items() if key not in left}
    look = replace(look, found=named, crowd=guess.crowd)
    free = {*look.unused}
    named |= {key: guess.found[key] for key in left if key in guess.found and {*guess.found[key]} <= free}
    return replace(look, found=named, rivals={name: label for name, label in guess.rivals.items() if name in free})


def _per_person(look: Look, parts: Mapping[str, Sequence[str]], crowd: Sequence[str]) -> list[str]:
    """Our columns that say something of each of several people in a row: as many numbered ones of each, with who they
    are or without any that says it; or cells with ";" of who they are and how it ended for them. Else nothing."""
    several = [name for name in PER_PERSON if len(parts.get(name, ())) > 1]
    if crowd:
        is_all = "subject_id" in several or {*crowd} <= {heading for name in several for heading in parts[name]}
        is_each = "sanction" in several and len({len(parts[name]) for name in several}) == 1
        return several if is_all and is_each else []
    cells = {name: [text for of in look.under(parts.get(name, ())) for text in of.texts] for name in PER_PERSON[:2]}
    return [*cells] if not several and all(any(";" in text for text in texts) for texts in cells.values()) else []


def _of_people(look: Look, found: Mapping[str, int], clear: Mapping[int, Column]) -> Look:
    """A look at people with columns that tell one thing together, and those that seem to tell of dismissals too."""
    named = {**look.found}
    free = {number: of for number, of in clear.items() if number not in found.values()}
    names = [of.heading for of in free.values() if _is_name(of.heading)]
    named |= {"subject_id": names} if names and "subject_id" not in named else {}
    crowd = of_several_people(of.heading for of in clear.values())
    parts = {}
    for column in (name for name in dict.fromkeys((*SEVERAL, *PER_PERSON)) if found.get(name) in clear):
        whole = {number: of for number, of in clear.items() if number in free or number == found[column]}
        parts[column] = [clear[n].heading for n in numbered(column, COLUMNS["people"][column], found[column], whole)]
    each = _per_person(look, parts, crowd)
    named |= {name: of for name, of in parts.items() if name in each or (name in SEVERAL and not crowd)}
    crowd = [] if each else crowd
    look = replace(look, found=named)
    told = {of.heading: tells_of_dismissals(of) for of in look.under(look.unused)} if "sanction" in named else {}
    rivals = {heading: label for heading, label in told.items() if label}
    return replace(look, rivals=rivals, crowd=crowd, per_person=each)
