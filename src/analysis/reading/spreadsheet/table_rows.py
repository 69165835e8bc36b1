"""Which cells of a sheet are the table, as a mapping says: its rows and their cells, without what is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from analysis.errors import DataError
from analysis.reading.spreadsheet.cells import EMPTY, Cell, address, filled
from analysis.reading.spreadsheet.labels import fits, own_meaning
from analysis.reading.spreadsheet.mapping import SEVERAL
from analysis.reading.spreadsheet.sheet_rows import Reader, Row

NEEDED = {  # columns that must not be empty where a mapping names them
    "people": ("complaint_type", "sanction", "force", "subject_id", "people"),
    "counts": ("complaint_type", "force", "person_type", "value"),
}
TICKS = ("x", "✓", "✔", "☑", "1", "yes", "y", "true")
NO_TICKS = ("", "0", "no", "n", "false", "-", "☐")


@dataclass
class Passed:
    """What was not read as rows of the table, over all sheets: for people to be told, or to be asked about."""

    totals: list[str] = field(default_factory=list)
    by_value: Counter[tuple[str, str]] = field(default_factory=Counter)  # heading, value -> rows
    repeated: int = 0


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


def read_rows(reader: Reader) -> list[Row]:
    """The rows of the table, without empty ones, total rows and those to be left out; problems are noted in `reader`.

    Sheets of one shape follow one another. Raises DataError when a column that the mapping names is not there, since
    nothing else can be said then.
    """
    rows: list[Row] = []
    passed = Passed()
    for sheet in reader.sheets or (reader.sheet,):
        reader.turn_to(sheet)
        found = _rows_of_sheet(reader, passed)
        rows += found
        reader.told.append(f"{len(found):,} rows read from {reader.place}.")
    _take_in(reader, rows)
    if not rows:
        reader.wrong(None, "", "", "no row of the table is left.", "Check `read` in the mapping.")
    _tell(reader, passed)
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
        span = f"rows {first} to {len(reader.sheet.rows)}"
        reader.wrong(None, "read", "", f"last_row: {last} is outside the table ({span}).")
    if reader.problems:
        raise DataError(reader.problems)
    return found


def _span(reader: Reader) -> tuple[int, int]:
    """The first and the last row of the table."""
    return max(reader.mapping.read.heading) + 1, reader.mapping.read.last_row or len(reader.sheet.rows)


def _rows_of_sheet(reader: Reader, passed: Passed) -> list[Row]:
    """The rows of one sheet."""
    layout, mapping, sheet = _layout(reader), reader.mapping, reader.sheet
    first, last = _span(reader)
    used = layout.used
    numbers = set(_numbers_of_rows(reader, first, last, used))
    counts = {*layout.wide, *(c for name in ("value", "people", "note") for c in layout.columns.get(name, []))}
    labelled = {*reader.headings} if mapping.table == "counts" else {min(reader.headings, default=1), *used}
    labelled -= counts
    rows: list[Row] = []
    above = dict.fromkeys(layout.filling, EMPTY)
    group, skipped = _Group(reader, layout), set()
    seen: set[tuple[str, ...]] = set()
    for number in range(first, min(last, len(sheet.rows)) + 1):
        line = {column: sheet.cell(number, column) for column in {*used, *layout.chosen}}
        for column in layout.filling:  # also from rows left out: their value is meant for those under them too
            above[column] = sheet.cell(number, column) if sheet.cell(number, column).text else above[column]
        if number not in numbers or not any(filled(line[column] for column in used)):
            continue
        totals = _totals(reader, number, labelled)
        line |= {column: above[column] for column in layout.filling & line.keys()}
        reason = _left_out(reader, layout, line)
        if totals or reason or group.begins(number, line):
            passed.totals += totals
            passed.by_value.update([reason] if reason and not totals else [])
            skipped.add(number)
            continue
        whole = (*(cell.text for cell in sheet.rows[number - 1]), *(cell.text for cell in above.values()))
        passed.repeated += whole in seen
        if whole in seen and mapping.duplicates == "count once":
            continue
        seen.add(whole)
        _check_length(reader, number)
        _check_cells(reader, number, {column: line[column] for column in used})
        rows.append(_row(reader, layout, number, line, group.take(number)))
    group.end()
    _check_merged(reader, used, layout.filling, (first, last), skipped)
    return rows


def _row(
    reader: Reader, layout: _Layout, number: int, line: dict[int, Cell], group: dict[str, tuple[int, Cell]]
) -> Row:
    """One row, its cells under our columns; what labels say of columns without a vocabulary stands in their cells."""
    name_of_sheet = Cell(reader.sheet.name)
    cells = {
        name: [(column, line[column] if column else name_of_sheet) for column in numbers]
        for name, numbers in layout.columns.items()
    }
    cells |= {name: _ticked(reader, number, name, columns, line) for name, columns in layout.ticks.items()}
    cells |= {name: [place] for name, place in group.items()}
    marks = reader.mapping.read.marks
    for name in reader.mapping.labels.keys() & cells.keys():
        if not reader.mapping.known[name]:
            own = reader.mapping.labels[name]
            cells[name] = [
                (column, cell if (found := own_meaning(own, cell.text, marks)) is None else Cell(str(found)))
                for column, cell in cells[name]
            ]
    return Row(number, cells, [(column, line[column]) for column in layout.wide], reader.sheet)


def _ticked(
    reader: Reader, number: int, name: str, columns: list[int], line: dict[int, Cell]
) -> list[tuple[int, Cell]]:
    """The headings of the ticked columns, as if they stood in cells; one empty cell where none is ticked."""
    found = []
    for column in columns:
        text = line[column].text.casefold()
        if text in TICKS:
            found.append((column, Cell(reader.headings[column])))
        elif text not in NO_TICKS:
            problem = f"{line[column].text!r} is neither a tick (x, 1, yes) nor none (empty, 0, no)."
            reader.wrong(number, column, text, problem, rule="tick")
    if len(found) > 1 and name not in SEVERAL:
        problem = f"several columns of {name} are ticked: {', '.join(cell.text for _, cell in found)}."
        reader.wrong(number, found[1][0], "", problem, rule="ticks")
    return found or [(columns[0], EMPTY)]


class _Group:
    """The headings of groups that stand in rows of their own, with nothing else in the row."""

    def __init__(self, reader: Reader, layout: _Layout) -> None:
        self.reader, self.columns, self.used = reader, layout.groups, layout.used
        self.current: dict[str, tuple[int, Cell]] = {}
        self.row = 0  # of a heading under which no row has come yet

    def begins(self, number: int, line: dict[int, Cell]) -> bool:
        """Whether a row is the heading of a group."""
        full = [column for column in self.used if line[column].text]
        if len(full) != 1 or full[0] not in self.columns.values():
            return False
        self.end()
        self.row = number
        self.current |= {name: (full[0], line[full[0]]) for name, column in self.columns.items() if column == full[0]}
        return True

    def take(self, number: int) -> dict[str, tuple[int, Cell]]:
        """The headings over a row."""
        self.row = 0
        for name in self.columns.keys() - self.current.keys():
            advice = "Leave the row out (skip_rows or leave_out), or put a heading over it."
            self.reader.wrong(number, name, "", f"no heading of a group ({name}) stands above.", advice, "group")
        return {name: self.current.get(name, (column, EMPTY)) for name, column in self.columns.items()}

    def end(self) -> None:
        """Note a problem where no row has followed the last heading."""
        if self.row:
            [(column, cell), *_] = self.current.values()
            problem = f"no row follows {cell.text[:60]!r}, which looks like the heading of a group."
            advice = f"If it is a note, set last_row, or skip row {self.row}."
            self.reader.wrong(self.row, column, cell.text, problem, advice, "group")


def _left_out(reader: Reader, layout: _Layout, line: dict[int, Cell]) -> tuple[str, str] | None:
    """The heading and the value by which a row is left out (`leave_out`), if it is."""
    for column, values in layout.chosen.items():
        text = line[column].text if column else reader.sheet.name
        found = fits(values, text, reader.mapping.read.marks)
        if found is not None:
            return next(name for name, listed in reader.mapping.read.leave_out.items() if listed is values), found
    return None


def _tell(reader: Reader, passed: Passed) -> None:
    """What was left out; a problem for each total and value that the mapping lists and no row has."""
    read = reader.mapping.read
    if passed.totals:
        kinds = ", ".join(dict.fromkeys(passed.totals))
        reader.told.append(f"{_rows(len(passed.totals), 'total row')} left out ({kinds}).")
    for label in read.total_rows:
        if label not in passed.totals:
            problem = f"no row has {label!r}, which is listed under `total_rows`."
            reader.wrong(None, "read", label, problem, rule="totals")
    for (heading, value), count in passed.by_value.items():
        reader.told.append(f"{_rows(count)} left out: {heading} is {value or '(empty)'}.")
    for heading, values in read.leave_out.items():
        for value in values:
            if (heading, value) not in passed.by_value:
                problem = f"no row has {value!r} under {heading!r}, which is listed under `leave_out`."
                reader.wrong(None, "read", value, problem, rule="leave_out")
    if passed.repeated and reader.mapping.table == "people":
        choice = {
            "": "counted too; `duplicates: count once` leaves them out, `duplicates: keep` says that they are right",
            "keep": "counted too, as the mapping says",
            "count once": "left out, as the mapping says",
        }[reader.mapping.duplicates]
        verb = "is" if passed.repeated == 1 else "are"
        reader.told.append(f"{_rows(passed.repeated)} {verb} the same in every cell as an earlier row: {choice}.")


def _rows(count: int, what: str = "row") -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _take_in(reader: Reader, rows: list[Row]) -> None:
    """From here on ticks and headings of groups are columns like others; those without a filled cell, such as those of
    the template that nobody needed, are as if not mapped."""
    mapping, needed = reader.mapping, NEEDED[reader.mapping.table]
    empty = [n for n in mapping.columns if rows and n not in needed and not any(row.text(n) for row in rows)]
    if empty:
        reader.told.append(f"Empty columns, not used: {', '.join(empty)}.")
    columns = {name: found for name, found in mapping.columns.items() if name not in empty}
    columns |= mapping.ticks | {name: [heading] for name, heading in mapping.group_rows.items()}
    reader.mapping = mapping.model_copy(update={"columns": columns})


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


def _totals(reader: Reader, row: int, labelled: set[int]) -> list[str]:
    """The labels of `total_rows` that a row has in its columns of labels; what another column says makes no total."""
    texts = [reader.sheet.cell(row, column).text for column in sorted(labelled)]
    return [text for text in texts if text in reader.mapping.read.total_rows]
