"""What is being read: a sheet and its mapping, what each column of it is, and what the labels in its rows mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from analysis import vocabulary
from analysis.errors import Problem, nearest
from analysis.paths import shown
from analysis.reading.spreadsheet.cell_numbers import without_marks
from analysis.reading.spreadsheet.cells import EMPTY, Cell, Sheet, address, filled, letter
from analysis.reading.spreadsheet.coded import Row, Rows, firsts
from analysis.reading.spreadsheet.labels import NOT_GIVEN, REST, may_turn, own_meaning, rule_for
from analysis.reading.spreadsheet.likely import BETWEEN, likely
from analysis.reading.spreadsheet.mapping import Codes, Mapping

T = TypeVar("T")
MAY_BE_EMPTY = ("vawg", "vawg_flag", "discrimination_ground", "force")  # columns in which nothing means nothing
SHEET = "(sheet)"  # the heading that stands for the name of the sheet
TOTALLED = "outcomes?|cases|allegations|complaints|people|officers|staff|forces|numbers?|results"
TOTAL = re.compile(  # a whole label: "Total loss of equipment" is none
    rf"(((grand |sub-?|overall )?totals?|overall)( (number of )?({TOTALLED}))?"
    r"|all (forces|districts|divisions|areas|regions|boroughs|stations|departments|ranks|units)( total)?)"
    r"(,? (of |for |in )?(all forces|england and wales|england & wales|(the )?uk|scotland|wales))?",
    re.IGNORECASE,
)
OF_GROUP = re.compile(r"^(sub-?)?total:? (for |of )?|[ ,:-]+(sub-?)?total$")  # of a total: beside what it is of


@dataclass
class Reader:
    """One sheet being read: what it holds, all that is wrong with it, and what people should be told."""

    file: Path
    sheet: Sheet
    mapping: Mapping
    problems: list[Problem] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    codes: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # of labels seen: column, label -> codes
    unknown: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # labels: what is wrong, what to do
    bad_cells: set[tuple[str, int, int]] = field(default_factory=set)  # sheet, row, column: told already
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)  # table -> the row of the sheet that each row is from
    sheets: tuple[Sheet, ...] = ()  # all that are read, one under the other; `sheet` is the one being read
    rules: dict[tuple[str, str], str] = field(default_factory=dict)  # column, label -> the rule that decided
    is_year_of_date: bool = False  # the file has no column of years
    split_years: int = 0  # how many rows have a year such as 2019/20
    ruled: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # column, rule -> rows of each such label

    def turn_to(self, sheet: Sheet) -> None:
        """Read another sheet from here on."""
        if sheet is not self.sheet:
            self.sheet = sheet
            for name in ("headings", "texts"):
                self.__dict__.pop(name, None)

    @property
    def place(self) -> str:
        """The file and sheet as errors name them."""
        return shown(self.file) + (f", sheet {self.sheet.name}" if self.sheet.name else "")

    def wrong(
        self, row: int | None, column: int | str, value: str, problem: str, advice: str = "", rule: str = ""
    ) -> None:
        """Note one problem; `column` is a number where the cell is known. Of a broken cell one thing is said once."""
        if (self.sheet.name, row, column) in self.bad_cells:
            return
        heading = self.headings.get(column, SHEET) if isinstance(column, int) else column
        cell = f"cell {address(row or 1, column)}: " if isinstance(column, int) and column else ""
        rule = rule or problem
        self.problems.append(Problem(self.place, row, heading, value, cell + problem, advice=advice, rule=rule))

    @cached_property
    def headings(self) -> dict[int, str]:
        """Column number -> the one name of it: its heading, with its letter where another column has the same, such as
        Outcome (column C)."""
        times = Counter(self.texts.values())
        return {n: text if times[text] == 1 else f"{text} (column {letter(n)})" for n, text in self.texts.items()}

    @cached_property
    def texts(self) -> dict[int, str]:
        """Column number -> its heading; rows of headings joined, an upper one reaching over those under it.

        A column with something in it and no heading is called (column A) after its letter.
        """
        rows = sorted(self.mapping.read.heading)
        width = int(self.sheet.lengths.max(initial=0))
        found: dict[int, list[str]] = {column: [] for column in range(1, width + 1)}
        for row in rows:
            reach = self._reach(row, rows[-1], width) if row != rows[-1] else {}
            for column in found:
                text = self.sheet.cell(row, reach.get(column, column)).text
                if text and text not in found[column]:
                    found[column].append(text)
        nameless = {column for column, parts in found.items() if not parts}
        body = {column: self.sheet.column(column) for column in nameless}
        used = {
            n for n, (codes, cells) in body.items() if any(cells[code].text for code in {*codes[rows[-1] :].tolist()})
        }
        named = {column: BETWEEN.join(parts) or f"(column {letter(column)})" for column, parts in found.items()}
        empty = nameless - used
        return {column: name for column, name in named.items() if column not in empty}

    def _reach(self, row: int, last: int, width: int) -> dict[int, int]:
        """Column -> the column whose text in an upper row of headings is meant for it too.

        As the merged cells say; where nothing is merged, a text over another heading reaches right to the next text.
        """
        merged = [area for area in self.sheet.merged if area[0] == row and area[3] > area[1]]
        if merged:
            return {column: left for _, left, _, right in merged for column in range(left, right + 1)}
        reach, start = {}, 0
        for column in range(1, width + 1):
            if self.sheet.cell(row, column).text:
                start = column if self.sheet.cell(last, column).text else 0
            if start:
                reach[column] = start
        return reach

    def column_of(self, heading: str) -> int | None:
        """The number of the column with this heading, marks aside; a problem is noted when there is none or several."""
        if heading == SHEET:
            return 0
        marks = self.mapping.read.marks
        found = [column for column, text in self.headings.items() if text == heading]
        found = found or [column for column, text in self.texts.items() if text == heading]
        found = found or [column for column, text in self.texts.items() if without_marks(text, marks) == heading]
        if len(found) == 1:
            return found[0]
        row = max(self.mapping.read.heading)
        if not found:
            guess = nearest(heading, self.headings.values())
            hint = f"Is it {guess!r}?" if guess else f"Headings: {', '.join(map(repr, self.headings.values()))}."
            self.wrong(row, heading, heading, f"there is no column with the heading {heading!r}.", hint, "heading")
        else:
            names = " or ".join(repr(self.headings[column]) for column in found)
            problem = f"{len(found)} columns have the heading {heading!r}."
            self.wrong(row, heading, heading, problem, f"Write {names}, whichever is meant.", "heading")
        return None


def each(reader: Reader, rows: Rows, names: Iterable[str], read: Callable[[Row], T]) -> tuple[np.ndarray, list[T]]:
    """What is read of some of our columns, once for all rows that are alike in them: which result each row has, and the
    results. A problem is noted of every row that has it."""
    which = rows.alike(names := [*names])
    times, found = np.bincount(which), []
    noted: dict[int, list[Problem]] = {}
    for number, position in enumerate(firsts(which)):
        row = rows.row(position, names, int(times[number]))
        reader.turn_to(row.sheet)
        before = len(reader.problems)
        found.append(read(row))
        mine = [problem for problem in reader.problems[before:] if problem.row == row.number]
        noted |= {number: mine} if mine else {}
    for position in np.flatnonzero(np.isin(which, [*noted])):
        at = int(rows.numbers[position])
        reader.problems += [replace(problem, row=at) for problem in noted[which[position]] if problem.row != at]
    return which, found


@cache
def known_labels(name: str) -> dict[str, str]:
    """Labels that need no crosswalk, letter case aside: a vocabulary's codes and labels, and forces' other names."""
    found = {code.casefold(): code for code in vocabulary.codes(name)}
    found |= {vocabulary.label(name, code).casefold(): code for code in vocabulary.codes(name)}
    if name == "force":
        for source in ("published_figures", "iopc_investigations"):
            found |= {label.casefold(): code for label, code in vocabulary.crosswalk(source)["force"].items()}
    return found


def codes_of(reader: Reader, row: Row, column: str, text: str, at: int | str | None = None) -> dict[str, str]:
    """What a label says: column -> code, by the mapping's labels or, spelt exactly alike, the vocabulary's.

    A label that is not known is noted as a problem with the nearest known one. Each label is looked up once.
    """
    found = reader.codes.get((column, text))
    if found is None:
        found = _look_up(reader, row, column, text, at)
        if found:
            reader.codes[column, text] = found
    if (column, text) in reader.rules:
        reader.ruled.setdefault((column, reader.rules[column, text]), Counter()).update({text: row.times})
    return found


def _look_up(reader: Reader, row: Row, column: str, text: str, at: int | str | None) -> dict[str, str]:
    """`codes_of` a label for the first time."""
    name = reader.mapping.known[column]
    is_constant = column in reader.mapping.constants and column not in reader.mapping.columns
    own = reader.mapping.labels.get(column, {})
    bare = without_marks(text, reader.mapping.read.marks)
    meant = own_meaning(own, text, reader.mapping.read.marks)
    if meant is None:
        meant = known_labels(name).get(text.casefold(), known_labels(name).get(bare.casefold()))
    if meant is None and text:
        meant = _by_rule(reader, row, column, text, at)
        if meant == {}:
            return {}
    is_total = column == "outcome" and (reader.mapping.keep_ids or is_constant)  # a total of a stage has no outcome
    if meant is None and not text and (column in MAY_BE_EMPTY or is_total):
        meant = ""
    if meant is None:
        known = {label.casefold(): str(codes) for label, codes in own.items()} | known_labels(name)
        explained = reader.unknown.get((column, text)) or _explain(reader, row.number, column, text, bare, known)
        reader.unknown[column, text] = explained
        place = row.place(column) if at is None else at
        where: tuple[int | None, int | str] = (None, f"constants, {column}") if is_constant else (row.number, place)
        reader.wrong(where[0], where[1], text, *explained, "unknown label")
        return {}
    codes = {column: meant} if isinstance(meant, str) else dict(meant)
    if reader.mapping.table == "people":
        codes = {key: NOT_GIVEN.get(key, "") if code == "" else code for key, code in codes.items()}
    for key, code in codes.items():
        allowed = vocabulary.codes(reader.mapping.known[key]) if reader.mapping.known.get(key) else [code]
        if code not in allowed and not (key in ("outcome", *MAY_BE_EMPTY) and code == ""):
            guess = nearest(code, allowed)
            hint = f"Did you mean {guess!r}?" if guess else f"Codes: {', '.join(allowed)}."
            reader.wrong(
                None,
                f"labels, {column}",
                text,
                f"{text!r} leads to {code!r}, which is no code of {key}.",
                hint,
                "no code",
            )
            return {}
    return codes


def _by_rule(reader: Reader, row: Row, column: str, text: str, at: int | str | None) -> Codes | None:
    """What the first rule that a label fits says; None where it fits none, nothing ({}) and a problem where its words
    may say something else."""
    name, own = reader.mapping.known[column], reader.mapping.labels.get(column, {})
    bare = without_marks(text, reader.mapping.read.marks)
    rule = rule_for(own, bare) or (REST if REST in own else None)
    if rule is None:
        return None
    if may_turn(rule, bare, own[rule], name):
        problem = f"{text!r} fits {rule!r}, but its words may say something else."
        place = row.place(column) if at is None else at
        reader.wrong(row.number, place, text, problem, f"Write it out under labels: {column}.", "unknown label")
        return {}
    reader.rules[column, text] = rule
    return own[rule]


def _explain(
    reader: Reader, row: int, column: str, text: str, bare: str, known: Dictionary[str, str]
) -> tuple[str, str]:
    """What is wrong with a label that is not known, and what to do.

    bare: the label without footnote marks; known: labels of the mapping and of the vocabulary -> code.
    """
    name = reader.mapping.known[column]
    if not text:
        return "the cell is empty.", f'If that means something, write it under labels: {column}: "": ...'
    unmarked = re.sub(r"[\d*†‡]+$|\[\w+\]$", "", text)
    if unmarked != text and known_labels(name).get(unmarked.strip().casefold()):
        return f"{text!r} ends in what looks like a footnote mark.", "List the mark under `marks`."
    if TOTAL.fullmatch(text):
        return f"{text!r} looks like a total.", "List it under `total_rows`, or as a label."
    if len(list(filled(reader.sheet.rows[row - 1]))) == 1 and len(text) > 25:
        return f"{text[:60]!r} looks like a note under the table.", f"Set last_row: {row - 1}."
    guess, codes = likely(bare, known, name), vocabulary.codes(name)
    some = ", ".join(codes[:20]) + f" and {len(codes) - 20} more (docs/data_dictionary.md)" * (len(codes) > 20)
    best = f"The nearest known is {guess[0]!r} ({guess[1]})." if guess else f"Codes: {some}."
    abroad = {
        "people": ' Outside the UK there is no code: write force: "" under constants, and take it out of columns.',
        "counts": " Outside the UK write force: Outside the UK under constants, its name as force_source, and take it "
        "out of columns; counts of several bodies are imported one by one.",
    }[reader.mapping.table]
    advice = f"{best} Write it under labels: {column}." + abroad * (column == "force" and not guess)
    return f"{text!r} is not a known label.", advice


def part_of(cell: Cell, sign: str, n: int) -> Cell:
    """The n-th part of a cell, from 0, between signs; an empty one where it has fewer."""
    parts = cell.text.split(sign)
    return Cell(parts[n].strip()) if n < len(parts) else EMPTY


def parts_of(reader: Reader, row: Row, column: str) -> Iterator[tuple[int, str]]:
    """Every filled part of a column's cells, split where the mapping says so: column number and text."""
    separator = reader.mapping.split.get(column)
    for number, cell in row.cells.get(column, []):
        for part in cell.text.split(separator) if separator else [cell.text]:
            if part.strip():
                yield number, part.strip()
