"""A first mapping for a file: what its columns and labels probably are; a person confirms every guess marked CHECK."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from analysis import vocabulary
from analysis.errors import DataError
from analysis.reading.spreadsheet.cells import Cell, Sheet, filled, refuse
from analysis.reading.spreadsheet.grid import read_sheets
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.mapping import COUNTS, PEOPLE, About, Read
from analysis.reading.spreadsheet.mapping import Mapping as Guess
from analysis.reading.spreadsheet.sheet_rows import NUMBER, TOTAL, Reader, known_labels

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
    return "\n".join(_lines(reader, table, heading, last, columns, len(sheets))) + "\n"


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


def _lines(
    reader: Reader, table: str, heading: list[int], last: int, columns: Mapping[int, Sequence[Cell]], sheets: int
) -> Iterator[str]:
    """The mapping, line by line."""
    headings, sheet = reader.headings, reader.sheet
    known = PEOPLE if table == "people" else COUNTS
    years = {number: text for number, text in headings.items() if YEAR.fullmatch(text) and _numeric(columns[number])}
    rest = {number: text for number, text in headings.items() if number not in years}
    guessed = _guess_columns(rest, known, {number for number, cells in columns.items() if _numeric(cells)})
    number_columns = [text for number, text in rest.items() if _numeric(columns[number])]
    if table == "counts" and len(number_columns) > 2 and "total" in guessed.get("value", "").casefold():
        del guessed["value"]  # a total beside the numbers that it is the total of
    if table == "counts" and years and "outcome" not in guessed:  # the labels before the years have no known heading
        texts = [text for n, text in rest.items() if text not in guessed.values() and not _numeric(columns[n])]
        guessed |= {"outcome": texts[0]} if texts else {}
    ours = "figure_id" in guessed or ("subject_id" in guessed and guessed["subject_id"] == "subject_id")
    wide = list(years.values())
    if table == "counts" and not years and "value" not in guessed:
        wide = [text for text in number_columns if text not in guessed.values() and not TOTAL.fullmatch(text)]
    yield f"# How to read {reader.file.name}. Written by `misconduct map`: a first guess from looking at the file."
    yield "# Check every line marked CHECK, correct what is wrong, then write confirmed: yes."
    yield "# docs/bring_your_own_data.md explains every key."
    yield "confirmed: no"
    yield f"table: {table}  # CHECK: people (one row a person, allegation or case) or counts"
    yield "source:  # CHECK: all of it; charts show it"
    slug = re.sub(r"[^a-z0-9]+", "_", reader.file.stem.casefold()).strip("_")[:40]
    known_values = {"id": slug if re.match(r"[a-z]\w", slug) else f"file_{slug}", "title": reader.file.stem}
    for name, part in About.model_fields.items():
        if part.is_required():
            yield f"  {name}: {_quoted(known_values.get(name, 'CHECK'))}"
    yield '  published: ""  # such as 2024 or 2024-05-31'
    yield "read:"
    if sheet.name:
        yield f"  sheet: {_quoted(sheet.name)}" + (f"  # CHECK: one of {sheets} sheets" if sheets > 1 else "")
    if reader.mapping.read.encoding:
        yield f"  encoding: {_quoted(reader.mapping.read.encoding)}  # CHECK: look at names with accents"
    if reader.mapping.read.delimiter:
        yield f"  delimiter: {_quoted(reader.mapping.read.delimiter)}"
    yield f"  heading: {heading}  # CHECK: the row of the headings, or rows where there are two"
    if last < len(sheet.rows):
        yield f"  last_row: {last}  # CHECK: under it are notes"
    totals = _total_labels(table, headings, columns, guessed)
    if totals and not ours:
        yield f"  total_rows: [{', '.join(map(_quoted, totals))}]  # CHECK: rows with these are left out"
    hidden = [row for row in sheet.hidden_rows if heading[-1] < row <= last]
    if hidden or sheet.hidden_columns:
        counted = f"{len(hidden)} hidden rows, {len(sheet.hidden_columns)} hidden columns"
        yield f'  hidden: ""  # CHECK: {counted}; write read or leave_out'
    if any(re.fullmatch(r"\d{1,3}(,\d{3})+", cell.text) for cells in columns.values() for cell in cells):
        yield '  thousands: ","  # CHECK'
    if "date" in guessed:
        yield from _date_lines(columns[next(n for n, text in headings.items() if text == guessed["date"])])
    yield "columns:  # our column: the heading in the file"
    for column, text in guessed.items():
        if text not in wide:
            yield f"  {column}: {_quoted(text)}" + ("" if column == text else "  # CHECK")
    unused = [text for text in headings.values() if text not in {*guessed.values(), *wide}]
    if unused:
        yield f"# Not used: {', '.join(unused)}"
    if wide:
        yield f"across:\n  columns: [{', '.join(map(_quoted, wide))}]"
        yield f"  are: {'period' if years else 'outcome'}  # CHECK"
    if ours:
        yield "keep_ids: yes"
    if table == "people":
        yield "row: subject  # CHECK: what a row is: subject, allegation or case"
        if ours:
            yield 'split: {complaint_type: ";", complaint_type_source: ";", force: ";"}'
    elif years or guessed.get("period"):
        year_column = next((n for n, text in headings.items() if text == guessed.get("period")), 0)
        texts = [*years.values(), *(cell.text for cell in columns.get(year_column, []))]
        financial = any(YEAR.fullmatch(text) and re.search(r"[/–-]", text) for text in texts)
        yield f"period: {'financial_year' if financial else 'calendar_year'}  # CHECK"
    yield from _constant_lines(table, guessed)
    yield from _label_lines(headings, columns, guessed, known, wide if not years else [], set() if ours else {*totals})
    if table == "counts":
        yield from _symbol_lines(headings, columns, {*wide, guessed.get("value", "")})
        yield "# rates:  # what to divide by what; see docs/bring_your_own_data.md"


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
        yield f"  {column}: CHECK  # {_choice((PEOPLE if table == 'people' else COUNTS)[column])}"
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


def _label_lines(
    headings: Mapping[int, str],
    columns: Mapping[int, Sequence[Cell]],
    guessed: Mapping[str, str],
    known: Mapping[str, str],
    wide: Sequence[str],
    totals: set[str],
) -> Iterator[str]:
    """Every label that is not one of ours, with the code it probably means; totals: labels of rows left out."""
    lines = []
    for column, text in guessed.items():
        if not known[column]:
            continue
        number = next(n for n, heading in headings.items() if heading == text)
        labels = dict.fromkeys(cell.text for cell in columns[number] if cell.text not in totals)
        if column == "outcome":
            labels |= dict.fromkeys(wide)
        lines += _labels_of(column, known[column], labels)
    if wide and "outcome" not in guessed:
        lines += _labels_of("outcome", known["outcome"], wide)
    yield from ["labels:  # label in the file: our code", *lines] if lines else ["labels: {}"]


def _labels_of(column: str, name: str, labels: Iterable[str]) -> list[str]:
    """The lines of one column's unknown labels; nothing when all are known."""
    words, lines = known_labels(name), []
    several = column in ("force", "complaint_type")
    parts = dict.fromkeys(part.strip() for label in labels for part in (label.split(";") if several else [label]))
    for label in parts:
        if label.casefold() in words or (not label and column in ("outcome", "vawg", "discrimination_ground", "force")):
            continue
        guess = likely(label, words, name)
        lines.append(f"    {_quoted(label)}: {guess[1] if guess else 'CHECK'}  # CHECK")
        lines[-1] += f": nearest known is {guess[0]!r}" if guess and guess[0] in words else ""
    return [f"  {column}:  # {_choice(name)}", *lines] if lines else []


def _symbol_lines(
    headings: Mapping[int, str], columns: Mapping[int, Sequence[Cell]], counts: set[str]
) -> Iterator[str]:
    """Every cell among the counts that is not a number."""
    cells = [cell for number, text in headings.items() if text in counts for cell in columns[number]]
    symbols = dict.fromkeys(cell.text for cell in cells if not _is_number(cell))
    if symbols:
        yield "suppressed:  # symbol: [lowest, highest], confidential, not_available or zero"
    for symbol in symbols:
        below = BELOW.fullmatch(symbol)
        usual = "not_available" if symbol.casefold() in SYMBOLS else "confidential"
        meaning = f"[1, {int(below.group(1)) - 1}]" if below else usual
        yield f"  {_quoted(symbol)}: {meaning}  # CHECK"
