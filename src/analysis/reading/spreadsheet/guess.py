"""A first mapping for a file: what its columns and labels probably are; a person confirms every guess marked CHECK.

Every function here yields lines of YAML. A value CHECK is for a person to decide; the import names all that are left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis import vocabulary
from analysis.reading.spreadsheet.cells import without_collecting
from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.likely_cells import NOT_AVAILABLE, below, date_patterns, kind_of_years
from analysis.reading.spreadsheet.likely_columns import Column, is_number, last_part
from analysis.reading.spreadsheet.look import Look, look_at, upper_parts, with_marks
from analysis.reading.spreadsheet.mapping import COLUMNS, About, read_entries
from analysis.reading.spreadsheet.rows import Coded, combined, firsts
from analysis.reading.spreadsheet.second_look import put_in
from analysis.reading.spreadsheet.sheet_rows import MAY_BE_EMPTY, known_labels

SPLIT = ("complaint_type", "sanction", "force")  # columns of people whose cells may hold several labels
NEEDED = {
    "people": ("complaint_type", "sanction", "force"),
    "counts": ("force", "person_type", "unit", "stage", "complaint_type"),
}
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


def _quoted(text: str) -> str:
    """A text as YAML takes it, whatever is in it."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _lines(look: Look) -> Iterator[str]:
    """The mapping, line by line."""
    yield f"# How to read {_quoted(look.reader.file.name)}. Written by `misconduct map`: a first guess."
    yield "# Check every line marked CHECK, correct what is wrong, then write confirmed: yes."
    yield "# docs/bring_your_own_data.md explains every key."
    yield "confirmed: no"
    yield f"table: {look.table}  # CHECK: people (one row a person, allegation or case) or counts"
    yield from _source_lines(look.reader.file)
    yield from _read_lines(look)
    yield from _column_lines(look)
    yield from _constant_lines(look)
    yield from _label_lines(look)
    if look.table == "counts":
        yield from _symbol_lines(look)
        yield from _rate_lines(look)


def _source_lines(file: Path) -> Iterator[str]:
    """What only a person knows: where the file is from."""
    yield "source:  # CHECK: all of it; charts show it"
    slug = re.sub(r"[^a-z0-9]+", "_", file.stem.casefold()).strip("_")[:40]
    known_values = {"id": slug if re.match(r"[a-z]\w", slug) else f"file_{slug}", "title": file.stem}
    for name, part in About.model_fields.items():
        if part.is_required():
            yield f"  {name}: {_quoted(known_values.get(name, UNDECIDED))}"
    yield '  published: ""  # such as 2024 or 2024-05-31'


def _read_lines(look: Look) -> Iterator[str]:
    """Which cells are the table, and how numbers and dates are written in it."""
    sheet, read = look.reader.sheet, look.reader.mapping.read
    yield "read:"
    if sheet.name:
        yield f"  sheet: {_quoted(sheet.name)}" + (f"  # CHECK: one of {look.sheets} sheets" if look.sheets > 1 else "")
    if read.encoding:
        yield f"  encoding: {_quoted(read.encoding)}  # CHECK: look at names with accents"
    if read.delimiter:
        yield f"  delimiter: {_quoted(read.delimiter)}"
    yield f"  heading: {read.heading}  # CHECK: the row of the headings, or rows where there are two"
    if look.last < len(sheet.rows):
        yield f"  last_row: {look.last}  # CHECK: under it are notes"
    if look.totals and not look.is_ours:
        yield f"  total_rows: {_listed(look.totals)}  # CHECK: rows with these are left out"
    for text in dict.fromkeys(look.totals_of_people):
        yield f"  # A row says {_quoted(text)}: if it is the total of the others, write total_rows: [{_quoted(text)}]"
    hidden = [row for row in sheet.hidden_rows if max(read.heading) < row <= look.last]
    if hidden or sheet.hidden_columns or sheet.unseen:
        counted = f"{len(hidden)} hidden rows, {len(sheet.hidden_columns)} hidden columns"
        counted += f", {len(sheet.unseen):,} cells struck out or not to be seen" if sheet.unseen else ""
        yield f'  hidden: ""  # CHECK: {counted}; write read or leave_out'
    cells = [text for of in _number_columns(look) for text in of.texts]
    if any(re.fullmatch(r"\d{1,3}(,\d{3})+", text) for text in cells):
        yield '  thousands: ","  # CHECK'
    known = {word for name in COLUMNS[look.table].values() if name for word in known_labels(name)}
    labels = [text for column, name in COLUMNS[look.table].items() if name for text in look.texts(column)]
    marks = with_marks([*look.wide, *cells, *labels, *look.texts("period")], known)
    if marks:
        yield f"  marks: {_listed(marks)}  # CHECK: footnote marks at the end of labels and numbers"
    yield from _date_lines(look)


def _number_columns(look: Look) -> list[Column]:
    """The columns of counts."""
    return look.under([*look.wide, *look.found.get("value", ()), *look.found.get("people", ())])


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
        text = _quoted(patterns[0]) if len(patterns) == 1 else _listed(patterns)
        yield f"  dates: {text}" + ("  # CHECK: day before month? Both are possible" if is_open else "")
    else:
        yield f"  # No way of writing dates that is known reads {_quoted(cells[0].text)}; see `dates` in the docs."


def _column_lines(look: Look) -> Iterator[str]:
    """What each column is, what a row is, and of which years the counts are."""
    yield "columns:  # our column: the heading in the file"
    for column, headings in look.found.items():
        text = _quoted(headings[0]) if len(headings) == 1 else _listed(headings)
        yield f"  {column}: {text}" + ("" if [column] == [*headings] else "  # CHECK")
    is_counted = look.wide or "value" in look.found
    if look.table == "counts" and not is_counted:
        yield f"  value: {UNDECIDED}  # the column of the numbers; or several columns of numbers under across"
    if look.unused:
        unused = ", ".join(_quoted(text)[1:-1] for text in look.unused)
        yield f"# Not used: {unused}"
        yield "# To use one, write it under columns; `misconduct map FILE --map THIS_FILE` then adds its labels."
    if look.wide:
        yield f"across:\n  columns: {_listed(look.wide)}"
        is_two = look.years and not any(not part for part in upper_parts(look.wide))
        are = "[period_note, period]" if is_two else "period" if look.years else "outcome"
        yield f"  are: {are}  # CHECK"
    if look.is_ours:
        yield "keep_ids: yes"
    if look.table == "people":
        yield f"row: {_row(look)}  # CHECK: what a row is: subject (a person), allegation or case"
        yield from _split_lines(look)
    elif look.years or look.found.get("period"):
        texts = [*(look.wide if look.years else ()), *look.texts("period")]
        yield f"period: {kind_of_years([*map(last_part, texts)])}  # CHECK"


def _row(look: Look) -> str:
    """What a row is: a case where it says of how many people, an allegation where a person stands in several rows."""
    if "people" in look.found:
        return "case"
    if "subject_id" not in look.found or look.is_ours:
        return "subject"
    names = [name for name in ("case_id", "subject_id") if name in look.found]
    numbers = [n for name in names for n, of in look.columns.items() if of.heading in look.found[name]]
    first = max(look.reader.mapping.read.heading) + 1
    columns = [Coded.of_sheet(look.reader.sheet, number, first, look.last) for number in numbers]
    is_told = np.all([column.where(lambda cell: cell.text) for column in columns], axis=0)
    who = combined([column.text_codes()[is_told] for column in columns], int(is_told.sum()))
    return "allegation" if len(firsts(who)) < len(who) else "subject"


def _split_lines(look: Look) -> Iterator[str]:
    """What separates several labels in one cell."""
    if look.is_ours:
        yield 'split: {complaint_type: ";", complaint_type_source: ";", force: ";"}'
        return
    split = [column for column in SPLIT if _is_split(look, column)]
    if split:
        said = ", ".join(f'{column}: ";"' for column in split)
        yield f"split: {{{said}}}  # CHECK: cells that hold several labels"


def _is_split(look: Look, column: str) -> bool:
    """Whether cells with ";" hold several labels: most of their parts are labels that are known, or come again."""
    if look.is_ours or look.table == "counts" or column not in SPLIT:
        return look.is_ours and column in ("complaint_type", "force")
    texts = look.texts(column)
    parts = [part.strip() for text in texts if ";" in text for part in text.split(";") if part.strip()]
    words = known_labels(COLUMNS["people"][column])
    told = [part for part in parts if part.casefold() in words or part in texts or parts.count(part) > 1]
    return bool(parts) and len(told) >= 0.5 * len(parts)


def _constant_lines(look: Look) -> Iterator[str]:
    """Columns that must be said and that no heading seems to be."""
    across = "outcome" if look.wide and not look.years else ""
    missing = [column for column in NEEDED[look.table] if column not in (*look.found, across)]
    is_silent = look.table == "people" and "case_to_answer" not in look.found
    yield "constants:  # what is the same for the whole file" if missing or is_silent else "constants: {}"
    for column in missing:
        yield f"  {column}: {UNDECIDED}  # {_choice(COLUMNS[look.table][column])}"
    if is_silent:
        yield "  # No heading tells whether there was a case to answer. With unknown, a rate among people with a case"
        yield "  # to answer is not available [x]. Any other code but none says that everybody in the file had one."
        yield f"  case_to_answer: unknown  # {_choice('case_to_answer')}"


def _choice(name: str) -> str:
    """What a column can say, in short."""
    codes = vocabulary.codes(name)
    if name == "case_to_answer":  # whose codes alone can be misread: not_stated is a case to answer
        codes = [f"{code} ({vocabulary.label(name, code)})" for code in codes]
    abroad = '"" outside the UK, or ' if name == "force" else ""
    return f"{abroad}one of: {', '.join(codes[:30])}{', ... (docs/data_dictionary.md)' * (len(codes) > 30)}"


def _label_lines(look: Look) -> Iterator[str]:
    """Every label that is not one of ours, with the code it probably means; those of rows left out are not asked."""
    known, left_out = COLUMNS[look.table], set() if look.is_ours else {*look.totals}
    outcomes = [] if look.years else look.wide
    lines = []
    for column in dict.fromkeys([*look.found, *(["outcome"] if outcomes else [])]):
        if known.get(column):
            labels = [text for text in look.labels(column) if text not in left_out]
            labels += outcomes if column == "outcome" else []
            lines += _labels_of(column, known[column], labels, _is_split(look, column))
    yield from ["labels:  # label in the file: our code", *lines] if lines else ["labels: {}"]


def _labels_of(column: str, name: str, labels: Iterable[str], is_split: bool) -> list[str]:
    """The lines of one column's unknown labels; nothing when all are known."""
    words, lines = known_labels(name), []
    parts = dict.fromkeys(part.strip() for label in labels for part in (label.split(";") if is_split else [label]))
    for label in parts:
        if label.casefold() in words or (not label and column in ("outcome", *MAY_BE_EMPTY)):
            continue
        guess = likely(label, words, name)
        lines.append(f"    {_quoted(label)}: {guess[1] if guess else UNDECIDED}  # CHECK")
        lines[-1] += f": nearest known is {guess[0]!r}" if guess and guess[0] in words else ""
    return [f"  {column}:  # {_choice(name)}", *lines] if lines else []


def _symbol_lines(look: Look) -> Iterator[str]:
    """Every cell among the counts that is not a number."""
    cells = [cell for of in _number_columns(look) for cell in of.cells]
    symbols = dict.fromkeys(cell.text for cell in cells if not is_number(cell))
    if symbols:
        yield "suppressed:  # symbol: [lowest, highest], confidential, not_available or zero"
    for symbol in symbols:
        bounds = below(symbol)
        usual = "not_available" if symbol.casefold() in NOT_AVAILABLE else "confidential"
        yield f"  {_quoted(symbol)}: {[*bounds] if bounds else usual}  # CHECK"


def _rate_lines(look: Look) -> Iterator[str]:
    """How to say what is divided by what; where a total is the only thing to divide by, that it can be."""
    yield "# rates:  # what to divide by what; see docs/bring_your_own_data.md"
    labels = [*look.labels("outcome"), *([] if look.years else look.wide)]
    totals = [*look.totals, *(text for text in look.unused if not look.years and text in _total_headings(look))]
    if totals and not any(OF_ALL.search(text.casefold()) for text in labels):
        said = _quoted(totals[0])
        yield f"# {said} is the only row or column that others can be a share of. If it is what you want to divide by,"
        yield "# take it out of total_rows (or put it into across), say what it counts, and ask for the rate:"
        yield f'# labels: {{outcome: {{{said}: {{outcome: "", stage: finalised}}}}}}'
        yield "# rates: [{numerator: dismissed, of_stage: finalised, denominator_stage: finalised}]"


def _total_headings(look: Look) -> list[str]:
    return [of.heading for of in look.columns.values() if of.is_numeric and "total" in of.heading.casefold()]
