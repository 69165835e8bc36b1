"""A sheet of people, allegations or cases -> Subjects and Allegations of one source."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import parse_count
from analysis.reading.spreadsheet.mapping import PEOPLE, Mapping, parse_date
from analysis.reading.spreadsheet.sheet_rows import Reader, Row, codes_of, parts_of, read_rows
from analysis.reading.violence import vawg_per_person

NOT_GIVEN = {  # what a person's column says where the file has nothing on it
    "force": "",
    "person_type": "unknown",
    "rank": "unknown",
    "case_to_answer": "unknown",
    "force_view": "not_stated",
    "proceeding": "not_stated",
    "finding": "not_stated",
    "left_service": "no_or_not_stated",
    "criminal": "none_or_not_stated",
    "discrimination_ground": "",
    "vawg": "",
    "vawg_flag": "",
    "confidence": "high",
}
BESIDE = {"sanction": "sanction_source", "finding": "finding_basis"}  # what goes with the more severe of two rows
SPECIAL = ("complaint_type", "sanction", "force", "finding_basis")  # that have several values, or a rule of their own
LABELLED = [column for column, name in PEOPLE.items() if name and column not in SPECIAL]


@dataclass
class Person:
    """One subject: the rows they come from, our columns, and their complaint types in order (code, source's words)."""

    rows: list[int]
    values: dict[str, object]
    types: list[tuple[str, str]] = field(default_factory=list)


def _severer(column: str, *codes: object) -> str:
    """The most severe of some codes of a column; of equally severe ones the first."""
    return max(map(str, codes), key=lambda code: vocabulary.entry(column, code)["severity"])


def read_people(reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and Allegations (checking); every problem is noted in `reader`.

    Names and numbers of people and cases are used to tell them apart and not kept, unless the mapping says keep_ids.
    """
    mapping = reader.mapping
    people: dict[tuple[str, str], Person] = {}
    cases: dict[str, int] = {}
    for row in read_rows(reader):
        subject = row.text("subject_id")
        case = _case(reader, row, subject)
        if not subject and mapping.row == "allegation":
            reader.wrong(
                row.number,
                row.place("subject_id"),
                "",
                "the cell is empty, so nobody knows whose row it is.",
                rule="no person",
            )
        found = _person(reader, row)
        cases.setdefault(case, len(cases) + 1)
        for copy in range(_how_many(reader, row)):
            key = (case, subject or f"row {row.number}, {copy}")
            if key not in people:
                people[key] = Person(list(found.rows), dict(found.values), list(found.types))
            elif mapping.row == "allegation":
                _merge(reader, people[key], found)
            else:
                problem = f"the same person stands in row {people[key].rows[0]} too."
                advice = "If a row is an allegation, write row: allegation. If it is an error, use skip_rows."
                reader.wrong(row.number, row.place("subject_id"), "", problem, advice, "person twice")
    if "case_id" not in mapping.columns and "case_id" not in mapping.constants:
        reader.told.append(
            "No case numbers: each person is taken as a case of their own, so intervals may be too narrow."
        )
    reader.told += _told_of_cases_to_answer(
        [str(person.values["case_to_answer"]) for person in people.values()], mapping
    )
    reader.rows = {
        "subjects": [person.rows[0] for person in people.values()],
        "allegations": [person.rows[0] for person in people.values() for _ in person.types],
    }
    return _tables(reader, people, cases)


def _told_of_cases_to_answer(codes: list[str], mapping: Mapping) -> list[str]:
    """What people should know of the denominator case to answer; codes: that of each person."""
    unknown = codes.count("unknown")
    if codes and unknown == len(codes):
        return ["Whether there was a case to answer is not said, so rates among people with one are not available [x]."]
    told = []
    if unknown:
        told.append(
            f"Whether there was a case to answer is not said of {unknown:,} of {len(codes):,} people, who are left out "
            "of rates among people with one."
        )
    constant = mapping.constants.get("case_to_answer", "")
    if constant and codes and set(codes) <= {*vocabulary.codes_with("case_to_answer", "is_case_to_answer")}:
        told.append(f"Everybody is taken to have a case to answer, as the mapping says (case_to_answer: {constant}).")
    return told


def _case(reader: Reader, row: Row, subject: str) -> str:
    """What tells the case of a row apart: its number, or the person or row where the file has no numbers of cases."""
    mapping = reader.mapping
    case = row.text("case_id") or mapping.constants.get("case_id", "")
    if not case and mapping.row == "allegation" and "case_id" in mapping.columns:
        problem = "the cell is empty, so nobody knows which rows are one case."
        reader.wrong(row.number, row.place("case_id"), "", problem, rule="no case")
    if case:
        return case
    return f"person {subject}" if mapping.row == "allegation" else f"row {row.number}"


def _how_many(reader: Reader, row: Row) -> int:
    """How many people a row stands for."""
    if reader.mapping.row != "case":
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
    _infer_finding(reader, values, row, "finding" in labelled)
    return Person([row.number], values, _types(reader, row))


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
    """date (ISO or "") and year."""
    mapping = reader.mapping
    found: dict[str, object] = {"date": "", "year": None}
    for number, cell in row.cells.get("date", []):
        if cell.text:
            iso = parse_date(cell.text, cell.kind, mapping.read.dates)
            if iso is None:
                advice = f"Dates are written {mapping.read.dates} (`dates` under `read`) and not in the future."
                if cell.kind == "number":
                    advice += " A number may be a serial date: dates: serial."
                reader.wrong(row.number, number, cell.text, f"{cell.text!r} is not such a date.", advice, "date")
            found["date"] = iso or ""
    if "date" in mapping.constants:
        found["date"] = parse_date(mapping.constants["date"], "text", mapping.read.dates) or ""
        if not found["date"]:
            text = mapping.constants["date"]
            reader.wrong(None, "constants, date", text, f"{text!r} is not such a date.", f"Write {mapping.read.dates}.")
    text = row.text("year") or mapping.constants.get("year", "")
    if text:
        if text.isdecimal() and 1900 <= int(text) <= 2100:
            found["year"] = int(text)
        else:
            reader.wrong(row.number, row.place("year"), text, f"{text!r} is not a year.", rule="year")
    return found


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
            who = f"rows {person.rows[0]} and {other.rows[0]} are the same person"
            problem = f"{who} but differ: {mine[column]!r}, {theirs.get(column)!r}."
            reader.wrong(
                other.rows[0],
                column,
                str(theirs.get(column)),
                problem,
                "Make them agree, or skip a row.",
                "rows differ",
            )
    person.rows += other.rows
    known = dict(person.types)
    person.types += [(code, word) for code, word in other.types if code not in known]


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
