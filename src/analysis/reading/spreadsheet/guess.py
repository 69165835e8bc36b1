"""A first mapping for a file: what its columns and labels probably are; a person confirms every guess marked CHECK."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import vocabulary
from analysis.errors import DataError
from analysis.reading.spreadsheet.cell_numbers import NUMBER
from analysis.reading.spreadsheet.cells import Cell, Sheet, filled, refuse
from analysis.reading.spreadsheet.grid import read_sheets
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.mapping import COLUMNS, COUNTS, About, Read
from analysis.reading.spreadsheet.mapping import Mapping as Guess
from analysis.reading.spreadsheet.sheet_rows import MAY_BE_EMPTY, TOTAL, Reader, known_labels

YEAR = re.compile(r"(FY ?)?(19|20)\d\d(\s?[/–-]\s?(\d{4}|\d{2}))?")
WORDS: dict[str, tuple[str, ...]] = {  # our column -> words in headings, the more telling ones first
    "case_to_answer": ("case to answer", "severity", "assessment"),
    "complaint_type": ("allegation type", "complaint type", "allegation", "category", "breach", "nature", "reason"),
    "sanction": ("sanction", "outcome", "result", "disposal", "action taken"),
    "outcome": ("outcome", "sanction", "result", "disposal", "action taken", "measure"),
    "discrimination_ground": ("discrimination", "protected characteristic"),
    "left_service": ("resigned", "retired", "left the force", "left service", "leaving"),
    "proceeding": ("proceeding", "hearing or meeting", "type of hearing"),
    "finding": ("finding", "decision", "proven"),
    "people": ("number of officers", "number of people", "no. of officers"),
    "subject_id": ("officer id", "officer number", "subject", "officer ref", "person id", "pseudonym"),
    "case_id": ("case", "reference", "file number", "ref"),
    "date": ("date",),
    "period": ("year", "period"),
    "year": ("year",),
    "person_type": ("officer or staff", "officer/staff", "employee type", "person type", "staff type"),
    "rank": ("rank", "grade", "role"),
    "force": ("force", "constabulary", "police service"),
    "unit": ("unit",),
    "stage": ("stage",),
    "value": ("number", "count", "value", "total"),
    "note": ("note", "comment", "remark"),
}
SYMBOLS = ("", "-", "–", "..", "n/a", "na")  # that mostly mean not available
BELOW = re.compile(r"(?:<|fewer than |less than )\s*(\d+)", re.IGNORECASE)
DATES = {
    r"\d{4}-\d\d-\d\d": "YYYY-MM-DD",
    r"\d\d/\d\d/\d{4}": "DD/MM/YYYY",
    r"\d+ [A-Z][a-z]{3,} \d{4}": "D Month YYYY",
}
NEEDED = {
    "people": ("complaint_type", "sanction", "force"),
    "counts": ("force", "person_type", "unit", "stage", "complaint_type"),
}


def suggest(file: Path, table: str = "") -> str:
    """The text of a first mapping for `file`; table: people or counts, guessed when empty.

    Raises DataError when the file cannot be read.
    """
    encoding, delimiter, sheets = _open(file)
    visible = [sheet for sheet in sheets if not sheet.is_hidden and sheet.rows] or sheets
    sheet = max(visible, key=lambda found: sum(1 for row in found.rows for _ in filled(row)))
    if not any(cell.text for row in sheet.rows for cell in row):
        raise refuse(file, "there is nothing in it.", "Check that it was saved, and sent, completely.")
    heading = _heading(sheet)
    last = max((n for n, row in enumerate(sheet.rows, 1) if len([*filled(row)]) > 1), default=heading[-1])
    read = Read(sheet=sheet.name, encoding=encoding, delimiter=delimiter, heading=heading)
    reader = Reader(file, sheet, Guess.model_construct(read=read))
    columns = {
        number: [sheet.cell(row, number) for row in range(heading[-1] + 1, last + 1)] for number in reader.headings
    }
    table = table or _table(reader.headings, columns)
    return "\n".join(_lines(_look(reader, table, columns), last, len(sheets))) + "\n"


def _open(file: Path) -> tuple[str, str, list[Sheet]]:
    """Encoding and delimiter ("" where they need not be said) and the sheets; the delimiter of the widest table."""
    first: DataError | None = None
    for encoding in ("", "windows-1252", "utf-16"):
        found = []
        for delimiter in ("", ";", "\t", "|"):
            try:
                found.append((encoding, delimiter, read_sheets(file, encoding, delimiter)))
            except DataError as error:
                first = first or error
            if found and not found[0][2][0].is_csv:
                return found[0]
        if found:
            return max(found, key=lambda entry: _usual_width(entry[2][0]))
        if first is not None and "is not UTF-8" not in str(first):
            break
    raise first or refuse(file, "the file cannot be read.", "Save it again as .xlsx or as plain UTF-8 CSV.")


def _usual_width(sheet: Sheet) -> int:
    """How many filled cells most rows have."""
    return Counter(len([*filled(row)]) for row in sheet.rows if row).most_common(1)[0][0] if sheet.rows else 0


def _heading(sheet: Sheet) -> list[int]:
    """The rows of the headings: the first that is nearly as full as the fullest, and one over it with several texts."""
    counts = [len([*filled(row)]) for row in sheet.rows]
    most = max(counts, default=0)
    last = next((number for number, count in enumerate(counts, 1) if count and count >= max(2, 0.6 * most)), 1)
    return [last - 1, last] if last > 1 and counts[last - 2] > 1 else [last]


def _is_number(cell: Cell) -> bool:
    return cell.kind in ("number", "percent") or bool(NUMBER.fullmatch(cell.text.replace(",", "")))


def _numeric(cells: Sequence[Cell]) -> bool:
    """Whether most of a column's filled cells are numbers, symbols in place of numbers aside."""
    found = [cell for cell in cells if cell.text.casefold() not in SYMBOLS and not BELOW.fullmatch(cell.text)]
    return bool(found) and sum(map(_is_number, found)) >= 0.5 * len(found)


def _table(headings: Mapping[int, str], columns: Mapping[int, Sequence[Cell]]) -> str:
    years = [heading for heading in headings.values() if YEAR.fullmatch(heading)]
    if "figure_id" in headings.values() or len(years) > 1:
        return "counts"
    named = {heading.casefold() for number, heading in headings.items() if _numeric(columns[number])}
    if named & {"number", "count", "total", "n", "value"} and not any("officer" in heading for heading in named):
        return "counts"
    return "counts" if sum(map(_numeric, columns.values())) > len(columns) / 2 else "people"


def _guess_columns(headings: Mapping[int, str], known: Mapping[str, str], numeric: set[int]) -> dict[str, str]:
    """Our column -> heading, each used once: headings with our own names first, then by their words.

    known: our columns with their vocabularies; numeric: columns of numbers, which are never labels.
    """
    free = dict(headings)
    found = {}
    for number, heading in headings.items():
        if heading in known:
            found[heading] = free.pop(number)
    for column, words in WORDS.items():
        if column not in known or column in found:
            continue
        for word in words:
            pattern = re.compile(rf"\b{re.escape(word)}")
            candidates = {n: text for n, text in free.items() if not (known[column] and n in numeric)}
            number = next((n for n, text in candidates.items() if pattern.search(text.casefold())), 0)
            if number:
                found[column] = free.pop(number)
                break
    return found


def _quoted(text: str) -> str:
    """A text as YAML takes it, whatever is in it."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


@dataclass(frozen=True)
class _Look:
    """What a sheet probably is. columns: number -> cells; guessed: our column -> heading; wide: headings of counts that
    are values; years: whether those are years; totals: labels of rows of totals."""

    reader: Reader
    table: str
    columns: Mapping[int, Sequence[Cell]]
    guessed: Mapping[str, str]
    wide: Sequence[str]
    years: bool
    totals: Sequence[str]

    @property
    def is_ours(self) -> bool:
        """Whether this program wrote the file, so that its ids can be kept."""
        return "figure_id" in self.guessed or self.guessed.get("subject_id") == "subject_id"

    def cells(self, column: str) -> Sequence[Cell]:
        """The cells under the heading that one of our columns seems to be."""
        found = (n for n, text in self.reader.headings.items() if text == self.guessed.get(column))
        return self.columns.get(next(found, 0), ())


def _look(reader: Reader, table: str, columns: Mapping[int, Sequence[Cell]]) -> _Look:
    """What the columns of a sheet probably are."""
    headings, known = reader.headings, COLUMNS[table]
    years = {number: text for number, text in headings.items() if YEAR.fullmatch(text) and _numeric(columns[number])}
    rest = {number: text for number, text in headings.items() if number not in years}
    guessed = _guess_columns(rest, known, {number for number, cells in columns.items() if _numeric(cells)})
    number_columns = [text for number, text in rest.items() if _numeric(columns[number])]
    if table == "counts" and len(number_columns) > 2 and "total" in guessed.get("value", "").casefold():
        del guessed["value"]  # a total beside the numbers that it is the total of
    if table == "counts" and years and "outcome" not in guessed:  # the labels before the years have no known heading
        texts = [text for n, text in rest.items() if text not in guessed.values() and not _numeric(columns[n])]
        guessed |= {"outcome": texts[0]} if texts else {}
    wide = list(years.values())
    if table == "counts" and not years and "value" not in guessed:
        wide = [text for text in number_columns if text not in guessed.values() and not TOTAL.fullmatch(text)]
    totals = _total_labels(table, headings, columns, guessed)
    return _Look(reader, table, columns, guessed, wide, bool(years), totals)


def _lines(look: _Look, last: int, sheets: int) -> Iterator[str]:
    """The mapping, line by line."""
    yield f"# How to read {look.reader.file.name}. Written by `misconduct map`: a first guess from looking at the file."
    yield "# Check every line marked CHECK, correct what is wrong, then write confirmed: yes."
    yield "# docs/bring_your_own_data.md explains every key."
    yield "confirmed: no"
    yield f"table: {look.table}  # CHECK: people (one row a person, allegation or case) or counts"
    yield from _source_lines(look.reader.file)
    yield from _read_lines(look, last, sheets)
    yield from _column_lines(look)
    yield from _constant_lines(look.table, look.guessed)
    yield from _label_lines(look)
    if look.table == "counts":
        yield from _symbol_lines(look)
        yield "# rates:  # what to divide by what; see docs/bring_your_own_data.md"


def _source_lines(file: Path) -> Iterator[str]:
    """What only a person knows: where the file is from."""
    yield "source:  # CHECK: all of it; charts show it"
    slug = re.sub(r"[^a-z0-9]+", "_", file.stem.casefold()).strip("_")[:40]
    known_values = {"id": slug if re.match(r"[a-z]\w", slug) else f"file_{slug}", "title": file.stem}
    for name, part in About.model_fields.items():
        if part.is_required():
            yield f"  {name}: {_quoted(known_values.get(name, 'CHECK'))}"
    yield '  published: ""  # such as 2024 or 2024-05-31'


def _read_lines(look: _Look, last: int, sheets: int) -> Iterator[str]:
    """Which cells are the table, and how numbers and dates are written in it."""
    sheet, read = look.reader.sheet, look.reader.mapping.read
    yield "read:"
    if sheet.name:
        yield f"  sheet: {_quoted(sheet.name)}" + (f"  # CHECK: one of {sheets} sheets" if sheets > 1 else "")
    if read.encoding:
        yield f"  encoding: {_quoted(read.encoding)}  # CHECK: look at names with accents"
    if read.delimiter:
        yield f"  delimiter: {_quoted(read.delimiter)}"
    yield f"  heading: {read.heading}  # CHECK: the row of the headings, or rows where there are two"
    if last < len(sheet.rows):
        yield f"  last_row: {last}  # CHECK: under it are notes"
    if look.totals and not look.is_ours:
        yield f"  total_rows: [{', '.join(map(_quoted, look.totals))}]  # CHECK: rows with these are left out"
    hidden = [row for row in sheet.hidden_rows if read.heading[-1] < row <= last]
    if hidden or sheet.hidden_columns:
        counted = f"{len(hidden)} hidden rows, {len(sheet.hidden_columns)} hidden columns"
        yield f'  hidden: ""  # CHECK: {counted}; write read or leave_out'
    if any(re.fullmatch(r"\d{1,3}(,\d{3})+", cell.text) for cells in look.columns.values() for cell in cells):
        yield '  thousands: ","  # CHECK'
    yield from _date_lines(look.cells("date"))


def _column_lines(look: _Look) -> Iterator[str]:
    """What each column is, what a row is, and of which years the counts are."""
    yield "columns:  # our column: the heading in the file"
    for column, text in look.guessed.items():
        if text not in look.wide:
            yield f"  {column}: {_quoted(text)}" + ("" if column == text else "  # CHECK")
    unused = [text for text in look.reader.headings.values() if text not in {*look.guessed.values(), *look.wide}]
    if unused:
        yield f"# Not used: {', '.join(unused)}"
    if look.wide:
        yield f"across:\n  columns: [{', '.join(map(_quoted, look.wide))}]"
        yield f"  are: {'period' if look.years else 'outcome'}  # CHECK"
    if look.is_ours:
        yield "keep_ids: yes"
    if look.table == "people":
        yield "row: subject  # CHECK: what a row is: subject, allegation or case"
        if look.is_ours:
            yield 'split: {complaint_type: ";", complaint_type_source: ";", force: ";"}'
    elif look.years or look.guessed.get("period"):
        texts = [*(look.wide if look.years else ()), *(cell.text for cell in look.cells("period"))]
        financial = any(YEAR.fullmatch(text) and re.search(r"[/–-]", text) for text in texts)
        yield f"period: {'financial_year' if financial else 'calendar_year'}  # CHECK"


def _total_labels(
    table: str, headings: Mapping[int, str], columns: Mapping[int, Sequence[Cell]], guessed: Mapping[str, str]
) -> list[str]:
    """The labels that make a row a total: in the first column, in those of labels of counts, or of ids of people."""
    naming = (
        ("case_id", "subject_id")
        if table == "people"
        else (*(name for name, words in COUNTS.items() if words), "period")
    )
    used = {guessed[column] for column in naming if column in guessed}
    looked = [n for n, text in headings.items() if n == min(headings) or text in used]
    return [*dict.fromkeys(cell.text for n in looked for cell in columns[n] if TOTAL.fullmatch(cell.text))]


def _date_lines(cells: Sequence[Cell]) -> Iterator[str]:
    """How the dates of a column are written."""
    texts = [cell for cell in cells if cell.text and cell.kind != "date"]
    for expression, name in DATES.items():
        if texts and all(re.fullmatch(expression, cell.text) for cell in texts):
            yield f"  dates: {_quoted(name)}  # CHECK: day before month?"
    if texts and all(cell.kind == "number" for cell in texts):
        yield "  dates: serial  # CHECK: numbers of days, as spreadsheets count them"


def _constant_lines(table: str, guessed: Mapping[str, str]) -> Iterator[str]:
    """Columns that must be said and that no heading seems to be."""
    missing = [column for column in NEEDED[table] if column not in guessed]
    is_silent = table == "people" and "case_to_answer" not in guessed
    yield "constants:  # what is the same for the whole file" if missing or is_silent else "constants: {}"
    for column in missing:
        yield f"  {column}: CHECK  # {_choice(COLUMNS[table][column])}"
    if is_silent:
        yield "  # No heading tells whether there was a case to answer. With unknown, a rate among people with a case"
        yield "  # to answer is not available [x]. Any other code but none says that everybody in the file had one."
        yield f"  case_to_answer: unknown  # {_choice('case_to_answer')}"


def _choice(name: str) -> str:
    """What a column can say, in short."""
    codes = vocabulary.codes(name)
    if name == "case_to_answer":  # whose codes alone can be misread: not_stated is a case to answer
        codes = [f"{code} ({vocabulary.label(name, code)})" for code in codes]
    return f"one of: {', '.join(codes[:30])}{', ... (docs/data_dictionary.md)' * (len(codes) > 30)}"


def _label_lines(look: _Look) -> Iterator[str]:
    """Every label that is not one of ours, with the code it probably means; those of rows left out are not asked."""
    known, left_out = COLUMNS[look.table], set() if look.is_ours else {*look.totals}
    outcomes = [] if look.years else look.wide
    lines = []
    for column in look.guessed:
        if known[column]:
            labels = dict.fromkeys(cell.text for cell in look.cells(column) if cell.text not in left_out)
            labels |= dict.fromkeys(outcomes if column == "outcome" else ())
            lines += _labels_of(column, known[column], labels)
    if outcomes and "outcome" not in look.guessed:
        lines += _labels_of("outcome", known["outcome"], outcomes)
    yield from ["labels:  # label in the file: our code", *lines] if lines else ["labels: {}"]


def _labels_of(column: str, name: str, labels: Iterable[str]) -> list[str]:
    """The lines of one column's unknown labels; nothing when all are known."""
    words, lines = known_labels(name), []
    several = column in ("force", "complaint_type")
    parts = dict.fromkeys(part.strip() for label in labels for part in (label.split(";") if several else [label]))
    for label in parts:
        if label.casefold() in words or (not label and column in ("outcome", *MAY_BE_EMPTY)):
            continue
        guess = likely(label, words, name)
        lines.append(f"    {_quoted(label)}: {guess[1] if guess else 'CHECK'}  # CHECK")
        lines[-1] += f": nearest known is {guess[0]!r}" if guess and guess[0] in words else ""
    return [f"  {column}:  # {_choice(name)}", *lines] if lines else []


def _symbol_lines(look: _Look) -> Iterator[str]:
    """Every cell among the counts that is not a number."""
    counts = {*look.wide, look.guessed.get("value", "")}
    cells = [cell for number, text in look.reader.headings.items() if text in counts for cell in look.columns[number]]
    symbols = dict.fromkeys(cell.text for cell in cells if not _is_number(cell))
    if symbols:
        yield "suppressed:  # symbol: [lowest, highest], confidential, not_available or zero"
    for symbol in symbols:
        below = BELOW.fullmatch(symbol)
        usual = "not_available" if symbol.casefold() in SYMBOLS else "confidential"
        meaning = f"[1, {int(below.group(1)) - 1}]" if below else usual
        yield f"  {_quoted(symbol)}: {meaning}  # CHECK"
