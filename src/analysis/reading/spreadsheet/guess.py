"""A first mapping for a file: what its columns and labels probably are; a person confirms every guess marked CHECK.

Every function here yields lines of YAML. A value CHECK is for a person to decide; the import names all that are left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis import vocabulary
from analysis.reading.spreadsheet.cells import without_collecting
from analysis.reading.spreadsheet.coded import Coded, combined, firsts
from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.guess_words import (
    SPLIT,
    constant_lines,
    is_split,
    label_lines,
    listed,
    quoted,
    symbol_lines,
)
from analysis.reading.spreadsheet.likely import likely, reads_like_return
from analysis.reading.spreadsheet.likely_cells import MARKS, date_patterns, is_period, kind_of_years
from analysis.reading.spreadsheet.likely_columns import is_final, last_part
from analysis.reading.spreadsheet.likely_layout import next_table, with_marks
from analysis.reading.spreadsheet.look import Look, look_at
from analysis.reading.spreadsheet.mapping import COLUMNS, About, read_entries
from analysis.reading.spreadsheet.periods import parse_period
from analysis.reading.spreadsheet.second_look import put_in
from analysis.reading.spreadsheet.sheet_rows import known_labels

OF_ALL = re.compile(r"accused|received|recorded|investigated|finalised|all (cases|officers|complaints|allegations)")
SERIAL = range(20_000, 60_000)  # days from 1899-12-30 that are a date of 1954 to 2064


STAGES = ("Looking at the file", "Writing a first mapping")  # in this order


def suggest(file: Path, table: str = "", map_file: Path | None = None, begin: Callable[[str], object] = str) -> str:
    """The text of a first mapping for `file`; table: people or counts, guessed when empty.

    map_file: a mapping in which somebody decided some things. They stay as they are, and what they make it possible to
    look at, such as the labels of columns that were named, is added. begin: is called with each of STAGES in turn.
    Raises DataError when a file cannot be read.
    """
    return drafted(file, table, read_entries(map_file) if map_file else {}, begin)[0]


def drafted(
    file: Path, table: str, decided: Mapping[str, Any], begin: Callable[[str], object] = str
) -> tuple[str, Look]:
    """The text of `suggest` and the look at the file that it comes of; decided: a mapping as YAML has it, or none."""
    with without_collecting():
        begin(STAGES[0])
        look = look_at(file, table, decided)
        begin(STAGES[1])
        lines = [*_lines(look)]
    return "\n".join(put_in(lines, decided) if decided else lines) + "\n", look


def _lines(look: Look) -> Iterator[str]:
    """The mapping, line by line."""
    yield f"# How to read {quoted(look.reader.file.name)}. Written by `misconduct map`: a first guess."
    yield "# Check every line marked CHECK, correct what is wrong, then write confirmed: yes."
    yield "# docs/bring_your_own_data.md explains every key."
    yield "confirmed: no"
    yield f"table: {look.table}  # CHECK: people (one row a person, allegation or case) or counts"
    yield from _source_lines(look)
    yield from _read_lines(look)
    yield from _column_lines(look)
    yield from constant_lines(look)
    yield from label_lines(look)
    if look.table == "counts":
        yield from symbol_lines(look)
        yield from _rate_lines(look)


def _source_lines(look: Look) -> Iterator[str]:
    """Where the file is from, which only a person knows, but for what its years and forces say."""
    yield "source:  # CHECK: all of it; charts show it"
    stem = look.reader.file.stem
    slug = re.sub(r"[^a-z0-9]+", "_", stem.casefold()).strip("_")[:40]
    known_values = {"id": slug if re.match(r"[a-z]\w", slug) else f"file_{slug}", "title": stem}
    known_values |= {"licence": "not stated", "coverage": coverage(look), "jurisdiction": _jurisdiction(look)}
    for name, part in About.model_fields.items():
        if part.is_required():
            yield f"  {name}: {quoted(known_values.get(name) or UNDECIDED)}"
    yield '  published: ""  # such as 2024 or 2024-05-31'


def periods_of(look: Look) -> list[str]:
    """The periods that headings of columns name."""
    return [text if is_period(text) else last_part(text) for text in look.heads("period")]


def coverage(look: Look) -> str:
    """From which year to which the file goes, whatever their order in it; "" where it does not say."""
    if "period" in look.parts:
        years = [*dict.fromkeys(MARKS.sub("", text).strip() for text in periods_of(look))]
        begins = {text: parse_period(text, kind_of_years(years)) for text in years}
        is_clear = not any(isinstance(begin, str) for begin in begins.values())
        years.sort(key=(lambda text: begins[text]) if is_clear else None)
    else:
        texts = [text for name in ("year", "period", "date") for text in look.texts(name)]
        years = sorted({year for text in texts for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)})
    return " to ".join(dict.fromkeys([years[0], years[-1]])) if years else ""


def _jurisdiction(look: Look) -> str:
    """England and Wales where all of the forces are; else ""."""
    words = known_labels("force")
    found = [likely(text, words, "force") for text in look.texts("force")]
    kinds = {vocabulary.entry("force", guess[1])["kind"] if guess else "" for guess in found}
    return "England and Wales" if kinds == {"territorial"} else ""


def _read_lines(look: Look) -> Iterator[str]:
    """Which cells are the table, and how numbers and dates are written in it."""
    sheet, read = look.reader.sheet, look.reader.mapping.read
    yield "read:"
    if sheet.name:
        name = listed(look.stacked) if look.stacked else quoted(sheet.name)
        about = "sheets of one shape, read one under the other" if look.stacked else f"one of {look.sheets} sheets"
        yield f"  sheet: {name}" + (f"  # CHECK: {about}" if look.sheets > 1 else "")
    if read.encoding:
        yield f"  encoding: {quoted(read.encoding)}  # CHECK: look at names with accents"
    if read.delimiter:
        yield f"  delimiter: {quoted(read.delimiter)}"
    yield f"  heading: {read.heading}  # CHECK: the row of the headings, or rows where there are two"
    if max(read.heading) < look.last < len(sheet.rows):
        below = next_table(sheet, max(read.heading))
        under = f"is another table (headings in row {below}), for a mapping of its own" if below else "are notes"
        yield f"  last_row: {look.last}  # CHECK: under it {under}"
    if look.totals and not look.is_ours:
        said = listed(look.totals)
        people = f"{UNDECIDED}  # rows of a table of people say so: {said} leaves them out, [] keeps them"
        yield f"  total_rows: {people if look.table == 'people' else said + '  # CHECK: rows with these are left out'}"
    if read.broken_lines:
        said = "a row with nothing under it is the rest of the row above"
        yield f"  broken_lines: {quoted(read.broken_lines)}  # CHECK: {said}"
    if look.below:
        yield f"  fill_down: {listed(look.below)}  # CHECK: a cell is meant for the empty ones under it too"
    hidden = [row for row in sheet.hidden_rows if max(read.heading) < row <= look.last]
    if hidden or sheet.hidden_columns or sheet.unseen:
        kinds = {"hidden row": hidden, "hidden column": sheet.hidden_columns}
        counted = [f"{len(of):,} {kind}{'s' * (len(of) > 1)}" for kind, of in kinds.items() if of]
        counted += [f"{len(sheet.unseen):,} cells struck out or not to be seen"] if sheet.unseen else []
        yield f'  hidden: ""  # CHECK: {", ".join(counted)}; write read or leave_out'
    cells = [text for of in look.counted for text in of.texts]
    signs = [found.group(2) for text in cells if (found := re.fullmatch(r"\d{1,3}(([,. ])\d{3})+(,0{1,2})?", text))]
    decimal = next((text for text in cells if re.fullmatch(r"\d+,\d{1,2}", text)), "")
    if signs:
        yield f"  thousands: {quoted(signs[0])}  # CHECK"
    elif decimal:
        yield f'  thousands: "."  # CHECK: the comma of {decimal} is a decimal comma'
    known = {word for name in COLUMNS[look.table].values() if name for word in known_labels(name)}
    labels = [text for column, name in COLUMNS[look.table].items() if name for text in look.texts(column)]
    marks = with_marks([*look.wide, *cells, *labels, *look.texts("period")], known)
    if marks:
        yield f"  marks: {listed(marks)}  # CHECK: footnote marks at the end of labels and numbers"
    yield from _date_lines(look)


def _date_lines(look: Look) -> Iterator[str]:
    """How the dates of a column are written, by all of them."""
    cells = [cell for of in look.under(look.found.get("date", ())) for cell in of.cells]
    cells = [cell for cell in cells if cell.text and cell.kind != "date"]
    if not cells:
        return
    if all(cell.text.isdecimal() and int(cell.text) in SERIAL for cell in cells):
        yield "  dates: serial  # CHECK: numbers of days, as spreadsheets count them"
        return
    patterns, is_open = date_patterns([cell.text for cell in cells])
    if patterns:
        text = quoted(patterns[0]) if len(patterns) == 1 else listed(patterns)
        yield f"  dates: {text}" + ("  # CHECK: day before month? Both are possible" if is_open else "")
    else:
        yield f"  # No way of writing dates that is known reads {quoted(cells[0].text)}; see `dates` in the docs."


def _column_lines(look: Look) -> Iterator[str]:
    """What each column is, what a row is, and of which years the counts are."""
    yield "columns:  # our column: the heading in the file"
    for column, headings in look.found.items():
        text = quoted(headings[0]) if len(headings) == 1 else listed(headings)
        if column == "sanction" and (look.rivals or look.crowd):
            yield from _sanction_lines(look, text)
            continue
        yield f"  {column}: {text}" + ("" if [column] == [*headings] else "  # CHECK")
    yield from _of_one_heading(look)
    is_counted = look.wide or "value" in look.found
    if look.table == "counts" and not is_counted:
        yield f"  value: {UNDECIDED}  # the column of the numbers; or several columns of numbers under across"
    if look.unused:
        unused = ", ".join(quoted(text)[1:-1] for text in look.unused)
        yield f"# Not used: {unused}"
        yield "# To use one, write it under columns; `misconduct map FILE --map THIS_FILE` then adds its labels."
    if look.wide:
        yield f"across:\n  columns: {listed(look.wide)}"
        are = ", ".join(look.parts)
        yield f"  are: {are if len(look.parts) == 1 else f'[{are}]'}  # CHECK"
    for key, found in (("ticks", {"sanction": look.ticks} if look.ticks else {}), ("group_rows", look.groups)):
        for name, of in found.items():
            yield f"{key}: {{{name}: {quoted(of) if isinstance(of, str) else listed(of)}}}  # CHECK"
    if look.is_ours:
        yield "keep_ids: yes"
    if look.table == "people":
        if look.per_person:
            about = "several people in a row: the first of each list, or part of a cell, is of the first"
            yield f"per_person: {listed(look.per_person)}  # {about}"
        yield f"row: {_row(look)}  # CHECK: what a row is: subject (a person), allegation or case"
        yield from _split_lines(look)
    elif "period" in [*look.parts, *look.found]:
        yield f"period: {kind_of_years([*periods_of(look), *look.texts('period')])}  # CHECK"


def _sanction_lines(look: Look, text: str) -> Iterator[str]:
    """Which column says how it ended, where others have dismissals too; text: what seems to. Asked unless by their
    headings those are of what was not decided in the end."""
    if look.crowd:
        yield f"  sanction: {UNDECIDED}  # Several people stand in one row: {listed(look.crowd)}."
        yield "    # Write what is of each as lists, subject_id: [...] and sanction: [...], and under columns"
        yield "    # per_person: [subject_id, sanction]; or give each a row of their own in the file first."
        return
    told = ", ".join(f"{quoted(heading)} has {quoted(label)}" for heading, label in look.rivals.items())
    is_undone = any(map(reads_like_return, look.rivals.values()))
    if not (is_undone or any(map(is_final, look.rivals))) and any(map(is_final, look.found["sanction"])):
        yield f"  sanction: {text}  # CHECK: {told} too"
        return
    yield f"  sanction: {UNDECIDED}  # {text} seems to say it, but {told}: write which of them says it, or a list"
    yield f"    # of several, of which the most severe counts: {listed([*look.found['sanction'], *look.rivals])}"
    if is_undone:
        yield "    # In a list, what means reinstated undoes the dismissal beside it."


def _of_one_heading(look: Look) -> Iterator[str]:
    """How to say which column is meant where several have the same heading."""
    names: dict[str, list[str]] = {}
    for number, text in look.reader.texts.items():
        names.setdefault(text, []).append(quoted(look.reader.headings[number]))
    for text, several in names.items():
        if len(several) > 1:
            yield f"# {len(several)} columns have the heading {quoted(text)}: look which is meant, and write"
            yield f"# {' or '.join(several)}"


def _row(look: Look) -> str:
    """What a row is: a case where it says of how many people, an allegation where a person stands in several rows;
    asked where a case does and nobody is told apart."""
    names = [name for name in ("case_id", "subject_id") if name in look.found]
    if "people" in look.found or look.is_ours or not names:
        return "case" if "people" in look.found else "subject"
    numbers = [n for name in names for n, of in look.columns.items() if of.heading in look.found[name]]
    first = max(look.reader.mapping.read.heading) + 1
    columns = [Coded.of_sheet(look.reader.sheet, number, first, look.last) for number in numbers]
    is_told = np.all([column.where(lambda cell: cell.text) for column in columns], axis=0)
    who = combined([column.text_codes()[is_told] for column in columns], int(is_told.sum()))
    if len(firsts(who)) == len(who):
        return "subject"
    return "allegation" if "subject_id" in names else UNDECIDED


def _split_lines(look: Look) -> Iterator[str]:
    """What separates several labels in one cell."""
    if look.is_ours:
        yield 'split: {complaint_type: ";", complaint_type_source: ";", force: ";"}'
        return
    split = [column for column in dict.fromkeys((*look.per_person, *SPLIT)) if is_split(look, column)]
    if split:
        said = ", ".join(f'{column}: ";"' for column in split)
        yield f"split: {{{said}}}  # CHECK: cells that hold several labels"


def _rate_lines(look: Look) -> Iterator[str]:
    """How to say what is divided by what; where a total is the only thing to divide by, that it can be."""
    yield "# rates:  # what to divide by what; see docs/bring_your_own_data.md"
    labels = [*look.labels("outcome"), *look.outcomes]
    outcomes = look.texts("outcome")
    rows = [text for text in look.totals if text in outcomes]
    is_open = look.parts != ["period"]
    columns = {of.heading for of in look.columns.values() if "total" in of.heading.casefold() and of.is_numeric}
    totals = [*rows, *(text for text in look.unused if is_open and text in columns)]
    if totals and not any(OF_ALL.search(text.casefold()) for text in labels):
        said = quoted(totals[0])
        yield f"# {said} is the only row or column that others can be a share of. If it is what you want to divide by,"
        yield "# take it out of total_rows (or put it into across), say what it counts, and ask for the rate:"
        yield f'# labels: {{outcome: {{{said}: {{outcome: "", stage: finalised}}}}}}'
        yield "# rates: [{numerator: dismissed, of_stage: finalised, denominator_stage: finalised}]"
