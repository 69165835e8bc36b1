"""Which cells of a sheet are the table, as a mapping says: its rows and their cells, without what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import DataError, distinct
from analysis.reading.spreadsheet.cells import EMPTY, Cell, address, filled
from analysis.reading.spreadsheet.coded import Coded, Place, Row, Rows, combined, filled_rows, firsts, has_text, objects
from analysis.reading.spreadsheet.labels import fits, own_meaning
from analysis.reading.spreadsheet.mapping import SEVERAL, Codes
from analysis.reading.spreadsheet.passed import Passed, tell_of_passed
from analysis.reading.spreadsheet.sheet_rows import BETWEEN, Reader, each
from analysis.reading.spreadsheet.told import tell_of_rows
from analysis.reading.spreadsheet.unseen import unseen_words

NEEDED = {  # columns that must not be empty where a mapping names them
    "people": ("complaint_type", "sanction", "force", "subject_id", "people"),
    "counts": ("complaint_type", "force", "person_type", "value"),
}
TICKS = ("x", "✓", "✔", "☑", "1", "yes", "y", "true")
BROKEN = {  # kinds of cells that cannot be read: what is wrong, what to do, and the name of the rule
    "error": (
        "the formula of this cell failed ({}).",
        "Correct it in the spreadsheet, or skip the row (`skip_rows`).",
        "error cell",
    ),
    "masked": (
        "this cell holds {} and its format shows something else, such as <5, *, a part struck out or nothing.",
        "What is suppressed must stay so: write what is shown into the cell, as text.",
        "masked",
    ),
    "formula": (
        "this cell holds a formula whose result was never stored.",
        "Open and save it in a spreadsheet program.",
        "formula",
    ),
}
YEAR = re.compile(r"(19|20)\d\d")
NO_TICKS = ("", "0", "no", "n", "false", "-", "☐")


@dataclass
class _Layout:
    """Where in one sheet things stand: our columns -> column numbers, and the numbers of what else is looked at."""

    columns: dict[str, list[int]]
    ticks: dict[str, list[int]]
    groups: dict[str, int]
    wide: list[int]
    filling: set[int]
    chosen: dict[int, list[str]]  # by whose value rows are left out

    @property
    def used(self) -> list[int]:
        """The columns whose cells must be right."""
        found = {*self.wide, *self.groups.values(), *(c for name in self.ticks for c in self.ticks[name])}
        return sorted(found | {column for numbers in self.columns.values() for column in numbers if column})


def read_rows(reader: Reader) -> Rows:
    """The rows of the table, without empty ones, total rows and those to be left out; problems are noted in `reader`.

    Sheets of one shape follow one another. Raises DataError when a column that the mapping names is not there or no row
    is left, since nothing else can be said then.
    """
    parts: list[Rows] = []
    passed = Passed()
    for sheet in reader.sheets or (reader.sheet,):
        reader.turn_to(sheet)
        parts.append(_rows_of_sheet(reader, passed))
        tell_of_rows(reader, *_span(reader))
        reader.told.append(f"{len(parts[-1]):,} rows read from {reader.place}.")
    rows = Rows.stacked(parts)
    _take_in(reader, rows)
    if not rows:
        reader.wrong(None, "", "", "no row of the table is left.", "Check `read` and `columns` in the mapping.")
    tell_of_passed(reader, passed)
    if not rows:
        raise DataError(distinct(reader.problems))
    return rows


def _layout(reader: Reader) -> _Layout:
    """Where things stand in the sheet; DataError with every heading that is not there."""
    mapping = reader.mapping

    def numbers(headings: list[str]) -> list[int]:
        return [column for heading in headings if (column := reader.column_of(heading)) is not None]

    found = _Layout(
        columns={name: numbers(headings) for name, headings in mapping.columns.items()},
        ticks={name: numbers(headings) for name, headings in mapping.ticks.items()},
        groups={name: column for name, heading in mapping.group_rows.items() for column in numbers([heading])},
        wide=numbers(mapping.across.columns if mapping.across else []),
        filling={*numbers(mapping.read.fill_down)},
        chosen={column: values for heading, values in mapping.read.leave_out.items() for column in numbers([heading])},
    )
    first, last = _span(reader)
    if last < first or (last > len(reader.sheet.rows) and len(reader.sheets) < 2):
        outside = f"last_row: {last} is outside the table (rows {first} to {len(reader.sheet.rows)})."
        nothing = f"there are no rows under that of the headings, row {first - 1}."
        reader.wrong(None, "read", "", outside if reader.mapping.read.last_row else nothing)
    if reader.problems:
        raise DataError(reader.problems)
    return found


def _span(reader: Reader) -> tuple[int, int]:
    """The first and the last row of the table."""
    return max(reader.mapping.read.heading) + 1, reader.mapping.read.last_row or len(reader.sheet.rows)


def _rows_of_sheet(reader: Reader, passed: Passed) -> Rows:
    """The rows of one sheet."""
    layout, sheet = _layout(reader), reader.sheet
    used = layout.used
    first, last = _span(reader)
    last = max(first - 1, min(last, len(sheet.rows)))

    every = [Coded.of_sheet(sheet, column, first, last) for column in range(int(sheet.lengths.max(initial=0)) + 1)]

    def in_sheet(columns: Iterable[int]) -> dict[int, Coded]:
        return {column: every[column] for column in columns}

    numbers = np.arange(first, last + 1)
    cells = in_sheet({*used, *layout.chosen})
    is_wanted = np.isin(numbers, _numbers_of_rows(reader, first, last, used))
    is_looked = is_wanted & filled_rows([cells[column] for column in used], len(numbers))
    beside = numbers[is_wanted & ~is_looked]
    passed.beside += int(np.count_nonzero(sheet.widths[beside - 1])) if len(beside) else 0
    above = {column: found.filled_down() for column, found in in_sheet(layout.filling).items()}  # also from rows left
    cells |= {column: above[column] for column in above.keys() & cells.keys()}  # out: meant for those under them too
    is_passed = _left_out(reader, layout, in_sheet(_labelled(reader, layout)), cells, is_looked, passed)
    headings = _Headings(reader, layout, cells, is_looked & ~is_passed)
    passed.headings += int(headings.is_one.sum())
    kept = np.flatnonzero(is_looked & ~is_passed & ~headings.is_one)
    alike = combined([column.text_codes()[kept] for column in [*every[1:], *above.values()]], len(kept))
    new = firsts(alike)
    passed.repeated += len(kept) - len(new)
    kept = kept[new] if reader.mapping.duplicates == "count once" else kept
    _check_lengths(reader, numbers[kept])
    _check_headings(reader, numbers[kept], {column: cells[column].take(kept) for column in layout.wide or used})
    _check_beside(reader, layout, numbers[kept])
    _check_cells(reader, numbers[kept], {column: cells[column].take(kept) for column in used})
    groups = headings.over(kept, numbers)
    rows = _rows(reader, layout, numbers[kept], {column: found.take(kept) for column, found in cells.items()}, groups)
    skipped = numbers[is_looked & (is_passed | headings.is_one)]
    _check_merged(reader, used, layout.filling, (first, last), {*skipped.tolist()})
    return rows


def _labelled(reader: Reader, layout: _Layout) -> list[int]:
    """The columns in which a label can make a row a total: not those of numbers."""
    counts = {*layout.wide, *(c for name in ("value", "people", "note") for c in layout.columns.get(name, []))}
    is_counts = reader.mapping.table == "counts"
    labelled = {*reader.headings} if is_counts else {min(reader.headings, default=1), *layout.used}
    return sorted(labelled - counts)


def _left_out(
    reader: Reader,
    layout: _Layout,
    labelled: Dictionary[int, Coded],
    cells: Dictionary[int, Coded],
    is_looked: np.ndarray,
    passed: Passed,
) -> np.ndarray:
    """Which rows are totals, or left out by a value (`leave_out`); noted in `passed`."""
    read = reader.mapping.read
    is_out = np.zeros(len(is_looked), dtype=bool)
    totals: list[tuple[int, str]] = []
    for column in labelled.values() if read.total_rows else ():
        is_total = column.where(lambda cell: cell.text in read.total_rows) & is_looked
        totals += zip(np.flatnonzero(is_total).tolist(), column.texts[is_total], strict=True)
        is_out |= is_total
    passed.totals += [text for _, text in sorted(totals, key=lambda total: total[0])]
    for number, values in layout.chosen.items():
        heading = next(name for name, listed in read.leave_out.items() if listed is values)
        column = cells[number]
        reasons = objects(fits(values, cell.text, read.marks) for _, cell in column.cells)[column.codes]
        is_one = is_looked & ~is_out & (reasons != None)  # noqa: E711
        passed.by_value.update((heading, reason) for reason in reasons[is_one])
        is_out |= is_one
    return is_out


def _rows(
    reader: Reader,
    layout: _Layout,
    numbers: np.ndarray,
    cells: Dictionary[int, Coded],
    groups: Dictionary[str, list[Coded]],
) -> Rows:
    """The rows, their cells under our columns; what labels say of columns without a vocabulary stands in the cells."""
    sheet, marks = reader.sheet, reader.mapping.read.marks
    named = Coded(np.zeros(len(numbers), dtype=np.int64), [(0, Cell(sheet.name))])
    found = {
        name: [cells[column] if column else named for column in columns] for name, columns in layout.columns.items()
    }
    found |= groups
    rows = Rows(numbers, np.zeros(len(numbers), dtype=np.int64), (sheet,), found, [cells[n] for n in layout.wide])
    for name, columns in layout.ticks.items():
        found[name] = _ticked(reader, rows, name, {column: cells[column] for column in columns})
    for name in reader.mapping.labels.keys() & found.keys():
        if not reader.mapping.known[name]:
            own = reader.mapping.labels[name]

            def said(cell: Cell, own: Dictionary[str, Codes] = own) -> Cell:
                meant = own_meaning(own, cell.text, marks)
                return cell if meant is None else Cell(str(meant))

            found[name] = [column.changed(said) for column in found[name]]
    return rows


def _ticked(reader: Reader, rows: Rows, name: str, columns: Dictionary[int, Coded]) -> list[Coded]:
    """The headings of the ticked columns, as if they stood in cells; empty ones where none is ticked."""

    def ticked(row: Row) -> list[Place]:
        found = []
        for column, cell in row.cells[name]:
            text = cell.text.casefold()
            if text in TICKS:
                found.append((column, Cell(reader.texts[column])))
            elif text not in NO_TICKS:
                problem = f"{cell.text!r} is neither a tick (x, 1, yes) nor none (empty, 0, no)."
                reader.wrong(row.number, column, text, problem, rule="tick")
        if len(found) > 1 and name not in SEVERAL:
            problem = f"several columns of {name} are ticked: {', '.join(cell.text for _, cell in found)}."
            reader.wrong(row.number, found[1][0], "", problem, rule="ticks")
        return found

    rows = replace(rows, columns={name: [*columns.values()]})
    which, found = each(reader, rows, [name], ticked)
    empty = (next(iter(columns)), EMPTY)
    most = max(1, max(map(len, found), default=1))
    return [Coded(which, [line[place] if place < len(line) else empty for line in found]) for place in range(most)]


class _Headings:
    """The headings of groups that stand in rows of their own: with nothing else in the row; or with the numbers of the
    whole group, where the label of the column says what the group is. Such a row is read too."""

    def __init__(self, reader: Reader, layout: _Layout, cells: Dictionary[int, Coded], is_looked: np.ndarray) -> None:
        self.reader, self.columns, self.cells = reader, layout.groups, cells
        self.is_one = np.zeros(len(is_looked), dtype=bool)
        if layout.groups:
            full = {column: cells[column].where(has_text) for column in layout.used}
            is_alone = is_looked & (np.sum([*full.values()], axis=0) == 1)
            self.of = {column: is_alone & full[column] for column in {*layout.groups.values()}}
            self.is_one = np.any([*self.of.values()], axis=0)
            for name, column in layout.groups.items():
                self.of[column] = self.of[column] | (is_looked & cells[column].where(self._says(name)))

    def _says(self, group: str) -> Callable[[Cell], bool]:
        """Whether the labels of other columns say what group a cell begins."""
        mapping = self.reader.mapping
        names = [name for name in mapping.labels if mapping.columns.get(name) == [mapping.group_rows[group]]]
        own = {label: codes for name in names for label, codes in mapping.labels[name].items()}

        def says(cell: Cell) -> bool:
            meant = own_meaning(own, cell.text, mapping.read.marks)
            return isinstance(meant, Mapping) and group in meant

        return says

    def over(self, rows: np.ndarray, numbers: np.ndarray) -> dict[str, list[Coded]]:
        """The headings over some rows; a problem where none stands above, and where no row follows one."""
        found = {}
        for name, column in self.columns.items():
            last = np.maximum.accumulate(np.where(self.of[column], np.arange(len(self.is_one)), -1))[rows]
            for row in numbers[rows[last < 0]].tolist():
                advice = "Leave the row out (skip_rows or leave_out), or put a heading over it."
                problem = f"no heading of a group ({name}) stands above."
                self.reader.wrong(row, name, "", problem, advice, "group")
            cells = [*self.cells[column].cells, (column, EMPTY)]
            found[name] = [Coded(np.where(last < 0, len(cells) - 1, self.cells[column].codes[last]), cells)]
        ones = np.flatnonzero(self.is_one)
        following = np.searchsorted(rows, [*ones, len(self.is_one)])
        for one in ones[following[:-1] == following[1:]]:
            self._is_alone(int(numbers[one]), *next(c for n, c in self._at(one) if self.of[n][one]))
        return found

    def _at(self, position: int) -> list[tuple[int, Place]]:
        return [(column, self.cells[column].cells[self.cells[column].codes[position]]) for column in self.of]

    def _is_alone(self, row: int, column: int, cell: Cell) -> None:
        problem = f"no row follows {cell.text[:60]!r}, which looks like the heading of a group."
        advice = f"If it is a note, set last_row, or skip row {row}."
        self.reader.wrong(row, column, cell.text, problem, advice, "group")


def _take_in(reader: Reader, rows: Rows) -> None:
    """From here on ticks and headings of groups are columns like others; those without a filled cell, such as those of
    the template that nobody needed, are as if not mapped."""
    mapping, needed = reader.mapping, NEEDED[reader.mapping.table]
    used = {*needed, *rows.said()} if len(rows) else {*mapping.columns}
    empty = [name for name in mapping.columns if name not in used]
    if empty:
        reader.told.append(f"Empty columns, not used: {', '.join(empty)}.")
    columns = {name: found for name, found in mapping.columns.items() if name not in empty}
    columns |= mapping.ticks | {name: [heading] for name, heading in mapping.group_rows.items()}
    reader.mapping = mapping.model_copy(update={"columns": columns})


def _numbers_of_rows(reader: Reader, first: int, last: int, used: list[int]) -> np.ndarray:
    """Which rows to look at; what is hidden among them needs a decision of the mapping."""
    mapping, sheet = reader.mapping, reader.sheet
    numbers = _without(np.arange(first, last + 1), mapping.read.skip_rows)
    concealed = [n for n in sorted(sheet.hidden_rows) if first <= n <= last and n not in mapping.read.skip_rows]
    hidden = [n for n in map(int, concealed) if any(sheet.cell(n, c).text for c in used)]
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
    is_read = {*(numbers.tolist() if sheet.unseen else ())}.__contains__
    unseen = {place: why for place, why in sheet.unseen.items() if place[1] in used and is_read(place[0])}
    hidden += [row for row, _ in unseen]
    parts += [unseen_words(unseen)] if unseen else []
    if parts and not mapping.read.hidden:
        advice = "Look at what is hidden. Then, in the mapping under `read`, write hidden: read or hidden: leave_out."
        reader.wrong(None, "", "", f"the table has {' and '.join(parts)}.", advice, "hidden")
    elif parts:
        verb = "were read" if mapping.read.hidden == "read" else "were left out (rows only)"
        reader.told.append(f"{' and '.join(parts)}: {verb}.")
    return _without(numbers, hidden) if mapping.read.hidden == "leave_out" else numbers


def _without(numbers: np.ndarray, others: Sequence[int]) -> np.ndarray:
    return numbers[~np.isin(numbers, others)] if others else numbers


def _check_lengths(reader: Reader, numbers: np.ndarray) -> None:
    """In a CSV file a row with more or fewer cells than the heading has probably a comma inside a value."""
    sheet = reader.sheet
    width = int(sheet.lengths[max(reader.mapping.read.heading) - 1])
    lengths = sheet.lengths[numbers - 1]
    for number in numbers[lengths != width].tolist() if sheet.is_csv else ():
        row = sheet.rows[number - 1]
        if len(row) < width or any(filled(row[width:])):
            problem = f"the row has {len(row)} cells, the heading has {width}."
            advice = "A comma inside a value, as in 1,234, needs quotation marks around the value."
            reader.wrong(number, "", "", problem, advice, "row length")


def _check_headings(reader: Reader, numbers: np.ndarray, cells: Dictionary[int, Coded]) -> None:
    """A row that says the headings again, or years where counts are, begins another table."""
    heading = reader.sheet.rows[max(reader.mapping.read.heading) - 1]
    there = [(found, heading[column - 1].text) for column, found in cells.items() if column <= len(heading)]
    is_again = np.ones(len(numbers), dtype=bool)
    for found, said in sorted(there, key=lambda one: len(one[0].cells)):
        if is_again.any():
            is_again &= found.where(lambda cell, said=said: cell.text == said)  # type: ignore[misc]
    if reader.mapping.across and len(there) > 1:
        years = np.array([[int(text) if YEAR.fullmatch(text) else 0 for text in found.texts] for found, _ in there])
        is_again |= (years > 0).all(axis=0) & (np.abs(np.diff(years, axis=0)) == 1).all(axis=0)
    for number in numbers[is_again].tolist() if len(there) > 1 else ():
        advice = (
            f"If another table begins here, set last_row: {number - 1}, and import that one with a mapping of its own; "
            "if the headings are repeated, leave the row out (skip_rows or leave_out)."
        )
        reader.wrong(number, "", "", "the row has headings again, as over another table.", advice, "headings again")


def _check_beside(reader: Reader, layout: _Layout, numbers: np.ndarray) -> None:
    """Labels again between columns of counts are of another table, where they are not the same in each row."""
    for column in (column for columns in layout.columns.values() for column in columns if column and layout.wide):
        end = reader.texts[column].rpartition(BETWEEN)[2]
        for other in range(max(column, min(layout.wide)) + 1, max(layout.wide)):
            if reader.texts.get(other, "").rpartition(BETWEEN)[2] != end:
                continue
            row = next((n for n in numbers.tolist() if reader.sheet.cell(n, other) != reader.sheet.cell(n, column)), 0)
            if row:
                problem = f"the labels here are others than in {address(row, column)}: another table stands beside."
                advice = "Take its columns out of `across`, and import it with a mapping of its own."
                reader.wrong(row, other, reader.sheet.cell(row, other).text, problem, advice, "table beside")


def _check_cells(reader: Reader, numbers: np.ndarray, cells: Dictionary[int, Coded]) -> None:
    """Cells that hold an error or a formula that was never computed."""
    broken = {
        n: found for n, found in cells.items() if not BROKEN.keys().isdisjoint(cell.kind for _, cell in found.cells)
    }
    for column, found in broken.items():
        for position in np.flatnonzero(found.where(lambda cell: cell.kind in BROKEN)):
            number, cell = int(numbers[position]), found.cells[found.codes[position]][1]
            problem, advice, rule = BROKEN[cell.kind]
            value = "" if cell.kind == "masked" else cell.text
            reader.wrong(number, column, value, problem.format(cell.text), advice, rule)
            reader.bad_cells.add((reader.sheet.name, number, column))


def _check_merged(reader: Reader, used: list[int], filling: set[int], span: tuple[int, int], skipped: set[int]) -> None:
    """Merged cells in the body are only clear in columns that are filled down."""
    for top, left, bottom, right in reader.sheet.merged:
        touched = [column for column in used if left <= column <= right]
        inside = span[0] <= bottom and top <= span[1] and touched
        down_only = left == right and left in filling
        if inside and not down_only and not _is_left_out(reader, top, skipped):
            area = f"{address(top, left)}:{address(bottom, right)}"
            name = reader.headings.get(left, "")
            advice = f"If the value is meant for each of these rows, add {name!r} to fill_down; or unmerge the cells."
            reader.wrong(top, left, "", f"the cells {area} are merged.", advice, "merged")


def _is_left_out(reader: Reader, row: int, skipped: set[int]) -> bool:
    texts = {cell.text for cell in reader.sheet.rows[row - 1]} if row <= len(reader.sheet.rows) else set()
    return row in reader.mapping.read.skip_rows or row in skipped or not texts - {""}
