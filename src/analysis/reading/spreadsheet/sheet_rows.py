"""Rows of a sheet as a mapping says: which cells are the table, what each column is, and what its labels mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from openpyxl.utils import get_column_letter

from analysis import vocabulary
from analysis.errors import DataError, Problem, nearest
from analysis.paths import shown
from analysis.reading.spreadsheet.cell_numbers import without_marks
from analysis.reading.spreadsheet.cells import EMPTY, Cell, Sheet, address, filled
from analysis.reading.spreadsheet.likely import BETWEEN, likely
from analysis.reading.spreadsheet.mapping import Codes, Mapping

NEEDED = {  # columns that must not be empty where a mapping names them
    "people": ("complaint_type", "sanction", "force", "subject_id", "people"),
    "counts": ("complaint_type", "force", "person_type", "value"),
}
MAY_BE_EMPTY = ("vawg", "discrimination_ground", "force")  # columns in which nothing means nothing
TOTALLED = "outcomes?|cases|allegations|complaints|people|officers|staff|forces|numbers?|results"
TOTAL = re.compile(  # a whole label: "Total loss of equipment" is none
    rf"((grand |sub-?|overall )?totals?|overall)( (number of )?({TOTALLED}))?|all forces( total)?", re.IGNORECASE
)


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
    bad_cells: set[tuple[int, int]] = field(default_factory=set)  # row, column: of them nothing more is said
    rows: dict[str, list[int]] = field(default_factory=dict)  # table -> the row of the sheet that each row is from

    @property
    def place(self) -> str:
        """The file and sheet as errors name them."""
        return shown(self.file) + (f", sheet {self.sheet.name}" if self.sheet.name else "")

    def wrong(
        self, row: int | None, column: int | str, value: str, problem: str, advice: str = "", rule: str = ""
    ) -> None:
        """Note one problem; `column` is a number where the cell is known. Of a broken cell one thing is said once."""
        if (row, column) in self.bad_cells:
            return
        heading = self.headings.get(column, "") if isinstance(column, int) else column
        cell = f"cell {address(row or 1, column)}: " if isinstance(column, int) else ""
        rule = rule or problem
        self.problems.append(Problem(self.place, row, heading, value, cell + problem, advice=advice, rule=rule))

    @cached_property
    def headings(self) -> dict[int, str]:
        """Column number -> its heading; rows of headings joined, an upper one reaching over those under it.

        A column with something in it and no heading is called (column A) after its letter.
        """
        rows = sorted(self.mapping.read.heading)
        width = max((len(row) for row in self.sheet.rows), default=0)
        found: dict[int, list[str]] = {column: [] for column in range(1, width + 1)}
        for row in rows:
            reach = self._reach(row, rows[-1], width) if row != rows[-1] else {}
            for column in found:
                text = self.sheet.cell(row, reach.get(column, column)).text
                if text and text not in found[column]:
                    found[column].append(text)
        body = self.sheet.rows[rows[-1] :]
        nameless = {column for column, parts in found.items() if not parts}
        used = {column for column in nameless if any(column <= len(line) and line[column - 1].text for line in body)}
        named = {
            column: BETWEEN.join(parts) or f"(column {get_column_letter(column)})" for column, parts in found.items()
        }
        return {column: name for column, name in named.items() if column not in nameless - used}

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
        """The number of the column with this heading; a problem is noted when there is none or more than one."""
        found = [column for column, text in self.headings.items() if text == heading]
        if len(found) == 1:
            return found[0]
        row = max(self.mapping.read.heading)
        if not found:
            guess = nearest(heading, self.headings.values())
            hint = f"Is it {guess!r}?" if guess else f"Headings: {', '.join(map(repr, self.headings.values()))}."
            self.wrong(row, heading, heading, f"there is no column with the heading {heading!r}.", hint, "heading")
        else:
            self.wrong(
                row, heading, heading, f"{len(found)} columns have the heading {heading!r}.", "Rename one.", "heading"
            )
        return None


@dataclass(frozen=True)
class Row:
    """One row of the table: its number in the sheet, and our columns -> the cells they come from, by column number."""

    number: int
    cells: dict[str, list[tuple[int, Cell]]]
    across: list[tuple[int, Cell]]

    def text(self, column: str) -> str:
        """The text of the first filled cell of one of our columns."""
        return next((cell.text for _, cell in self.cells.get(column, []) if cell.text), "")

    def place(self, column: str) -> int | str:
        """The number of the column in the sheet, for problems."""
        return self.cells[column][0][0] if self.cells.get(column) else column


def read_rows(reader: Reader) -> list[Row]:
    """The rows of the table, without empty ones, total rows and those to be skipped; problems are noted in `reader`.

    Raises DataError when a column that the mapping names is not there, since nothing else can be said then.
    """
    mapping, sheet = reader.mapping, reader.sheet
    columns = {
        name: [column for heading in wanted if (column := reader.column_of(heading)) is not None]
        for name, wanted in mapping.columns.items()
    }
    wide = [c for heading in (mapping.across.columns if mapping.across else []) if (c := reader.column_of(heading))]
    filling = {c for heading in mapping.read.fill_down if (c := reader.column_of(heading))}
    first, last = max(mapping.read.heading) + 1, mapping.read.last_row or len(sheet.rows)
    if last < first or last > len(sheet.rows):
        reader.wrong(None, "read", "", f"last_row: {last} is outside the table (rows {first} to {len(sheet.rows)}).")
    if reader.problems:
        raise DataError(reader.problems)
    used = sorted({*wide, *(column for found in columns.values() for column in found)})
    numbers = set(_numbers_of_rows(reader, first, last, used))
    counts = {*wide, *(column for name in ("value", "people", "note") for column in columns.get(name, []))}
    labelled = {*reader.headings} if mapping.table == "counts" else {min(reader.headings, default=1), *used}
    labelled -= counts
    rows, above = [], dict.fromkeys(filling, EMPTY)
    totals: list[str] = []
    for number in range(first, last + 1):
        line = {column: sheet.cell(number, column) for column in used}
        for column in filling:  # also from rows that are left out: their value is meant for those under them too
            above[column] = sheet.cell(number, column) if sheet.cell(number, column).text else above[column]
        if number not in numbers or not any(filled(line.values())):
            continue
        total = _totals(reader, number, labelled)
        if total:
            totals += total
            continue
        line |= {column: above[column] for column in filling & line.keys()}
        _check_length(reader, number)
        _check_cells(reader, number, line)
        cells = {name: [(column, line[column]) for column in found] for name, found in columns.items()}
        rows.append(Row(number, cells, [(column, line[column]) for column in wide]))
    _check_merged(reader, used, filling, first, last, labelled)
    _leave_out_empty(reader, rows)
    if not rows:
        problem = f"no row is left between row {first} and row {last}."
        reader.wrong(None, "", "", problem, "Check `read` in the mapping.")
    reader.told.append(f"{len(rows):,} rows read from {reader.place}.")
    _tell_of_totals(reader, totals)
    return rows


def _tell_of_totals(reader: Reader, totals: list[str]) -> None:
    """Which total rows were left out (their labels); a problem for each that the mapping lists and no row has."""
    if totals:
        kinds = ", ".join(dict.fromkeys(totals))
        reader.told.append(f"{len(totals)} total row{'s' * (len(totals) > 1)} left out ({kinds}).")
    for label in reader.mapping.read.total_rows:
        if label not in totals:
            problem = f"no row has {label!r}, which is listed under `total_rows`."
            reader.wrong(None, "read", label, problem, rule="totals")


def _leave_out_empty(reader: Reader, rows: list[Row]) -> None:
    """Columns without a filled cell, such as those of the template that nobody needed, are as if not mapped."""
    columns, needed = reader.mapping.columns, NEEDED[reader.mapping.table]
    empty = [name for name in columns if rows and name not in needed and not any(row.text(name) for row in rows)]
    if empty:
        reader.told.append(f"Empty columns, not used: {', '.join(empty)}.")
        kept = {name: found for name, found in columns.items() if name not in empty}
        reader.mapping = reader.mapping.model_copy(update={"columns": kept})


def _numbers_of_rows(reader: Reader, first: int, last: int, used: list[int]) -> list[int]:
    """Which rows to look at; what is hidden among them needs a decision of the mapping."""
    mapping, sheet = reader.mapping, reader.sheet
    numbers = [number for number in range(first, last + 1) if number not in mapping.read.skip_rows]
    hidden = [n for n in numbers if n in sheet.hidden_rows and any(sheet.cell(n, c).text for c in used)]
    hidden_columns = [column for column in used if column in sheet.hidden_columns]
    parts = []
    if hidden:
        which = ", ".join(map(str, hidden[:8])) + ", ..." * (len(hidden) > 8)
        parts.append(f"{len(hidden)} hidden row{'s' * (len(hidden) > 1)} ({which})")
    if hidden_columns:
        names = ", ".join(repr(reader.headings[column]) for column in hidden_columns)
        parts.append(f"{len(hidden_columns)} hidden column{'s' * (len(hidden_columns) > 1)} ({names})")
    if sheet.is_hidden:
        parts.append("a sheet that is hidden")
    if parts and not mapping.read.hidden:
        advice = "Look at what is hidden. Then, in the mapping under `read`, write hidden: read or hidden: leave_out."
        reader.wrong(None, "", "", f"the table has {' and '.join(parts)}.", advice, "hidden")
    elif parts:
        verb = "were read" if mapping.read.hidden == "read" else "were left out (rows only)"
        reader.told.append(f"{' and '.join(parts)}: {verb}.")
    return [n for n in numbers if mapping.read.hidden != "leave_out" or n not in hidden]


def _check_length(reader: Reader, number: int) -> None:
    """In a CSV file a row with more or fewer cells than the heading has probably a comma inside a value."""
    row, heading = reader.sheet.rows[number - 1], reader.sheet.rows[max(reader.mapping.read.heading) - 1]
    if reader.sheet.is_csv and len(row) > 1 and (len(row) < len(heading) or any(filled(row[len(heading) :]))):
        problem = f"the row has {len(row)} cells, the heading has {len(heading)}."
        advice = "A comma inside a value, as in 1,234, needs quotation marks around the value."
        reader.wrong(number, "", "", problem, advice, "row length")


def _check_cells(reader: Reader, number: int, line: dict[int, Cell]) -> None:
    """Cells that hold an error or a formula that was never computed."""
    for column, cell in line.items():
        if cell.kind == "error":
            advice = "Correct it in the spreadsheet, or skip the row (`skip_rows`)."
            reader.wrong(
                number, column, cell.text, f"the formula of this cell failed ({cell.text}).", advice, "error cell"
            )
        elif cell.kind == "masked":
            problem = f"this cell holds {cell.text} and its format shows something else, such as <5 or *."
            advice = "What is suppressed must stay so: write what is shown into the cell, as text."
            reader.wrong(number, column, "", problem, advice, "masked")
        elif cell.kind == "formula":
            problem = "this cell holds a formula whose result was never stored."
            reader.wrong(number, column, cell.text, problem, "Open and save it in a spreadsheet program.", "formula")
        if cell.kind in ("error", "masked", "formula"):
            reader.bad_cells.add((number, column))


def _check_merged(
    reader: Reader, used: list[int], filling: set[int], first: int, last: int, labelled: set[int]
) -> None:
    """Merged cells in the body are only clear in columns that are filled down."""
    for top, left, bottom, right in reader.sheet.merged:
        touched = [column for column in used if left <= column <= right]
        inside = first <= bottom and top <= last and touched
        down_only = left == right and left in filling
        if inside and not down_only and not _is_left_out(reader, top, labelled):
            area = f"{address(top, left)}:{address(bottom, right)}"
            name = reader.headings.get(left, "")
            advice = f"If the value is meant for each of these rows, add {name!r} to fill_down; or unmerge the cells."
            reader.wrong(top, left, "", f"the cells {area} are merged.", advice, "merged")


def _is_left_out(reader: Reader, row: int, labelled: set[int]) -> bool:
    texts = {cell.text for cell in reader.sheet.rows[row - 1]} if row <= len(reader.sheet.rows) else set()
    return row in reader.mapping.read.skip_rows or bool(_totals(reader, row, labelled)) or not texts - {""}


def _totals(reader: Reader, row: int, labelled: set[int]) -> list[str]:
    """The labels of `total_rows` that a row has in its columns of labels; what another column says makes no total."""
    texts = [reader.sheet.cell(row, column).text for column in sorted(labelled)]
    return [text for text in texts if text in reader.mapping.read.total_rows]


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
    return found


def _look_up(reader: Reader, row: Row, column: str, text: str, at: int | str | None) -> dict[str, str]:
    """`codes_of` a label for the first time."""
    name = reader.mapping.known[column]
    is_constant = column in reader.mapping.constants and column not in reader.mapping.columns
    own = reader.mapping.labels.get(column, {})
    bare = without_marks(text, reader.mapping.read.marks)
    meant: Codes | None = own.get(text, own.get(bare))
    if meant is None:
        meant = known_labels(name).get(text.casefold(), known_labels(name).get(bare.casefold()))
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
    abroad = ' Outside the UK there is no code: write force: "" under constants, and take it out of columns.'
    advice = f"{best} Write it under labels: {column}." + abroad * (column == "force" and not guess)
    return f"{text!r} is not a known label.", advice


def parts_of(reader: Reader, row: Row, column: str) -> Iterator[tuple[int, str]]:
    """Every filled part of a column's cells, split where the mapping says so: column number and text."""
    separator = reader.mapping.split.get(column)
    for number, cell in row.cells.get(column, []):
        for part in cell.text.split(separator) if separator else [cell.text]:
            if part.strip():
                yield number, part.strip()
