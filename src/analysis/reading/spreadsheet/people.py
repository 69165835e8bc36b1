"""A sheet of people, allegations or cases -> Subjects and Allegations of one source."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import parse_count, spellings
from analysis.reading.spreadsheet.cells import Cell
from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.labels import NOT_GIVEN
from analysis.reading.spreadsheet.mapping import PEOPLE
from analysis.reading.spreadsheet.periods import parse_year
from analysis.reading.spreadsheet.sheet_rows import Reader, Row, codes_of, parts_of
from analysis.reading.spreadsheet.table_rows import read_rows
from analysis.reading.spreadsheet.told import tell_of_labels, tell_of_people
from analysis.reading.violence import vawg_per_person

BESIDE = {"sanction": "sanction_source", "finding": "finding_basis"}  # what goes with the more severe of two rows
SPECIAL = ("complaint_type", "sanction", "force", "finding_basis")  # that have several values, or a rule of their own
LABELLED = [column for column, name in PEOPLE.items() if name and column not in SPECIAL]


@dataclass
class Person:
    """One subject, or one allegation or case where nobody is told apart.

    rows: those they come from; values: by our columns; types: complaint types in order (code, source's words).
    """

    rows: list[Row]
    values: dict[str, object]
    types: list[tuple[str, str]] = field(default_factory=list)


def _severer(column: str, *codes: object) -> str:
    """The most severe of some codes of a column; of equally severe ones the first."""
    return max(map(str, codes), key=lambda code: vocabulary.entry(column, code)["severity"])


def read_people(reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and Allegations (checking); every problem is noted in `reader`.

    Names and numbers of people and cases are used to tell them apart and not kept, unless the mapping says keep_ids.
    """
    reader.is_year_of_date = not {"year"} & {*reader.mapping.columns, *reader.mapping.constants}
    rows = read_rows(reader)
    mapping = reader.mapping
    people: dict[tuple[str, str], Person] = {}
    cases: dict[str, int] = {}
    for row in rows:
        reader.turn_to(row.sheet)
        subject = row.text("subject_id")
        case = _case(reader, row, subject)
        if not subject and mapping.row == "allegation" and mapping.unit == "people":
            problem = "the cell is empty, so nobody knows whose row it is."
            reader.wrong(row.number, row.place("subject_id"), "", problem, rule="no person")
        found = _person(reader, row)
        cases.setdefault(case, len(cases) + 1)
        for copy in range(_how_many(reader, row)):
            key = (case, subject or (case if mapping.unit == "cases" else f"row {row.sheet.name} {row.number}, {copy}"))
            if key not in people:
                people[key] = Person(list(found.rows), dict(found.values), list(found.types))
            elif mapping.row == "allegation" or mapping.unit == "cases":
                _merge(reader, people[key], found)
            else:
                problem = f"the same person stands in row {people[key].rows[0].number} too."
                advice = "If a row is an allegation, write row: allegation. If it is an error, use skip_rows."
                reader.wrong(row.number, row.place("subject_id"), "", problem, advice, "person twice")
    tell_of_people(reader, [person.values for person in people.values()])
    tell_of_labels(reader)
    reader.rows = {
        "subjects": [person.rows[0] for person in people.values()],
        "allegations": [person.rows[0] for person in people.values() for _ in person.types],
    }
    return _tables(reader, people, cases)


def _case(reader: Reader, row: Row, subject: str) -> str:
    """What tells the case of a row apart: its number, or the person or row where the file has no numbers of cases."""
    mapping = reader.mapping
    case = row.text("case_id") or mapping.constants.get("case_id", "")
    if not case and (mapping.row == "allegation" or mapping.unit == "cases") and "case_id" in mapping.columns:
        problem = "the cell is empty, so nobody knows which rows are one case."
        reader.wrong(row.number, row.place("case_id"), "", problem, rule="no case")
    if case:
        return case
    by_person = mapping.row == "allegation" and mapping.unit == "people"
    return f"person {subject}" if by_person else f"row {row.sheet.name} {row.number}"


def _how_many(reader: Reader, row: Row) -> int:
    """How many people a row stands for."""
    if "people" not in reader.mapping.columns:
        return 1
    [(column, cell)] = row.cells["people"]
    count = parse_count(cell.text, cell.kind, reader.mapping)
    if isinstance(count, str) or not 1 <= count <= 1000:
        problem = f"{cell.text!r} is not a number of people from 1 to 1,000."
        reader.wrong(row.number, column, cell.text, problem, "Skip the row, or correct it.", "people")
        return 0
    return int(count)


def _person(reader: Reader, row: Row) -> Person:
    """What one row says of its person."""
    mapping = reader.mapping
    values: dict[str, object] = dict(NOT_GIVEN)
    labelled: dict[str, str] = {}
    for column in LABELLED:
        if column in mapping.columns:
            labelled |= codes_of(reader, row, column, row.text(column))
        elif column in mapping.constants:
            labelled |= codes_of(reader, row, column, mapping.constants[column])
    sanctions = [codes_of(reader, row, "sanction", text, number) for number, text in parts_of(reader, row, "sanction")]
    if "sanction" in mapping.constants:
        sanctions = [codes_of(reader, row, "sanction", mapping.constants["sanction"])]
    elif not sanctions:
        sanctions = [codes_of(reader, row, "sanction", "")]
    for found in sanctions:
        labelled |= {column: code for column, code in found.items() if column != "sanction"}
    known = [found["sanction"] for found in sanctions if "sanction" in found]
    values |= labelled
    values["sanction"] = _severer("sanction", *known) if known else "not_stated"
    values["sanction_source"] = row.text("sanction_source") or row.text("sanction") or "(empty)"
    if "sanction" in mapping.constants:
        values["sanction_source"] = mapping.constants["sanction"]
    values |= _forces(reader, row)
    values |= _dates(reader, row)
    values["overturned_on_appeal"] = _yes(reader, row, "overturned_on_appeal")
    _infer_finding(reader, values, row, labelled.get("finding", NOT_GIVEN["finding"]) != NOT_GIVEN["finding"])
    return Person([row], values, _types(reader, row))


def _infer_finding(reader: Reader, values: dict[str, object], row: Row, is_said: bool) -> None:
    """Where the file says no finding, a dismissal implies gross misconduct and another formal sanction misconduct.

    The rule of the vocabulary finding_basis; Police (Conduct) Regulations 2020 reg. 42.
    """
    mapping = reader.mapping
    if "finding_basis" in mapping.columns:
        values |= codes_of(reader, row, "finding_basis", row.text("finding_basis"))
    elif is_said:
        values["finding_basis"] = "stated"
    elif values["sanction"] in vocabulary.codes_with("sanction", "is_formal"):
        is_dismissal = values["sanction"] in vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been")
        finding = "gross_misconduct" if is_dismissal else "misconduct"
        values |= {"finding": finding, "finding_basis": "inferred_from_outcome"}
    else:
        values["finding_basis"] = "not_applicable"


def _forces(reader: Reader, row: Row) -> dict[str, str]:
    """force and force_source; several forces of a joint case keep their order."""
    mapping = reader.mapping
    parts: list[tuple[int | str, str]] = [*parts_of(reader, row, "force")]
    parts = parts or [("force", mapping.constants.get("force", ""))]
    codes = [codes_of(reader, row, "force", text, at).get("force", "") for at, text in parts if text]
    source = row.text("force_source") or row.text("force") or mapping.constants.get("force", "")
    return {"force": vocabulary.SEPARATOR.join(dict.fromkeys(codes)), "force_source": source}


def _dates(reader: Reader, row: Row) -> dict[str, object]:
    """date (ISO or "", where it has no day too) and year: that of the date where the file has no column of years."""
    mapping = reader.mapping
    iso = ""
    for number, cell in row.cells.get("date", []):
        if cell.text:
            iso = _date(reader, row.number, number, cell)
    if "date" in mapping.constants:
        iso = _date(reader, None, "constants, date", Cell(mapping.constants["date"]))
    text = row.text("year") or mapping.constants.get("year", "")
    found = parse_year(text, mapping.read.marks) if text else None
    if text and found is None:
        problem = f"{text!r} is not a year, or one that has not begun."
        advice = 'Where it means that there is none, write labels: {year: {"' + text + '": ""}}.'
        reader.wrong(row.number, row.place("year"), text, problem, advice, "year")
    reader.split_years += bool(found and found[1])
    by_date = int(iso[:4]) if iso and reader.is_year_of_date else None
    return {"date": iso if len(iso) == len("2019-02-28") else "", "year": found[0] if found else by_date}


def _date(reader: Reader, row: int | None, place: int | str, cell: Cell) -> str:
    """A date as far as it goes (2016-02-28, 2016-02 or 2016); "" where it is none, and a problem."""
    read = reader.mapping.read
    texts = spellings(cell.text, read.marks)
    iso = next(filter(None, (parse_date(text, cell.kind, read.dates) for text in texts)), None)
    if iso is None:
        advice = f"Dates are written {' or '.join(read.dates)} (`dates` under `read`) and not in the future."
        if cell.kind == "number":
            advice += " A number may be a serial date: dates: serial."
        reader.wrong(row, place, cell.text, f"{cell.text!r} is not such a date.", advice, "date")
    return iso or ""


def _yes(reader: Reader, row: Row, column: str) -> bool:
    text = (row.text(column) or reader.mapping.constants.get(column, "")).casefold()
    if text not in ("", "yes", "no", "true", "false", "y", "n"):
        reader.wrong(row.number, row.place(column), text, f"{text!r} is neither yes nor no.", rule="yes or no")
    return text in ("yes", "true", "y")


def _types(reader: Reader, row: Row) -> list[tuple[str, str]]:
    """The complaint types of a row, each once, with the source's words."""
    mapping = reader.mapping
    parts: list[tuple[int | str, str]] = [*parts_of(reader, row, "complaint_type")]
    if "complaint_type" in mapping.constants:
        parts = [("complaint_type", mapping.constants["complaint_type"])]
    elif not parts:
        codes = codes_of(reader, row, "complaint_type", "")
        return [(codes["complaint_type"], "(empty)")] if codes else []
    words = [text for _, text in parts_of(reader, row, "complaint_type_source")]
    words = words if len(words) == len(parts) else [text for _, text in parts]
    found: dict[str, str] = {}
    for (number, text), word in zip(parts, words, strict=True):
        code = codes_of(reader, row, "complaint_type", text, number).get("complaint_type")
        if code:
            found.setdefault(code, word)
    return [*found.items()]


def _merge(reader: Reader, person: Person, other: Person) -> None:
    """Take a further row of the same person: the most severe outcome counts, types are added, the rest must agree."""
    mine, theirs = person.values, other.values
    ordered = vocabulary.ordered_vocabularies()
    for column in ordered:
        both_known = column in mine and column in theirs  # else the label is a problem already
        if both_known and _severer(column, mine[column], theirs[column]) != mine[column]:
            mine |= {name: theirs[name] for name in (column, BESIDE.get(column)) if name}
    mine["overturned_on_appeal"] = bool(mine["overturned_on_appeal"]) or bool(theirs["overturned_on_appeal"])
    merged = {*ordered, *BESIDE.values(), "overturned_on_appeal"}
    for column in mine.keys() - merged:
        if mine[column] != theirs.get(column):
            who = f"rows {person.rows[0].number} and {other.rows[0].number} are the same {_one(reader)}"
            problem = f"{who} but differ: {mine[column]!r}, {theirs.get(column)!r}."
            reader.wrong(
                other.rows[0].number,
                column,
                str(theirs.get(column)),
                problem,
                "Make them agree, or skip a row.",
                "rows differ",
            )
    person.rows += other.rows
    known = dict(person.types)
    person.types += [(code, word) for code, word in other.types if code not in known]


def _one(reader: Reader) -> str:
    """What one in the table is, in the singular."""
    return "person" if reader.mapping.unit == "people" else reader.mapping.unit.removesuffix("s")


def _tables(
    reader: Reader, people: Dictionary[tuple[str, str], Person], cases: Dictionary[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and Allegations of the people found."""
    about, keep = reader.mapping.source, reader.mapping.keep_ids
    subjects, allegations = [], []
    in_case: dict[str, int] = {}
    for (case, subject), person in people.items():
        in_case[case] = in_case.get(case, 0) + 1
        case_id = case if keep else f"{about.id}-{cases[case]:05d}"
        subject_id = subject if keep else f"{case_id}#{in_case[case]}"
        subjects.append(
            {
                "source": about.id,
                "jurisdiction": about.jurisdiction,
                "case_id": case_id,
                "subject_id": subject_id,
                **person.values,
            }
        )
        allegations += [
            {
                "source": about.id,
                "subject_id": subject_id,
                "complaint_type": code,
                "complaint_type_source": word,
                "position": position,
            }
            for position, (code, word) in enumerate(person.types, 1)
        ]
    people_table, types = pd.DataFrame(subjects), pd.DataFrame(allegations)
    if len(types):  # else every row has a problem, and is told so
        people_table["vawg"] = vawg_per_person(people_table, types)
    return people_table, types
