"""A sheet of people, allegations or cases -> Subjects and Allegations of one source."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import parse_count, spellings
from analysis.reading.spreadsheet.cells import Cell
from analysis.reading.spreadsheet.coded import (
    Row,
    Rows,
    combined,
    filled_in,
    firsts,
    has_text,
    labelled,
    repeated,
)
from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.labels import NOT_GIVEN
from analysis.reading.spreadsheet.mapping import PEOPLE
from analysis.reading.spreadsheet.periods import parse_year
from analysis.reading.spreadsheet.sheet_rows import Reader, codes_of, each, part_of, parts_of
from analysis.reading.spreadsheet.table_rows import read_rows
from analysis.reading.spreadsheet.told import tell_of_labels, tell_of_people
from analysis.reading.violence import vawg_per_person

BESIDE = {"sanction": "sanction_source", "finding": "finding_basis"}  # what goes with the more severe of two rows
UNDOING = "reinstated"  # the sanction that undoes a dismissal
TOGETHER = 100  # people who may stand in one row
SPECIAL = ("complaint_type", "sanction", "force", "finding_basis")  # that have several values, or a rule of their own
TYPES = ("complaint_type", "complaint_type_source")
LABELLED = [column for column, name in PEOPLE.items() if name and column not in SPECIAL]


def read_people(reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and Allegations (checking); every problem is noted in `reader`.

    Names and numbers of people and cases are used to tell them apart and not kept, unless the mapping says keep_ids.
    """
    reader.is_year_of_date = not {"year"} & {*reader.mapping.columns, *reader.mapping.constants}
    rows = _each_person(reader, read_rows(reader))
    if not len(rows):
        return pd.DataFrame(), pd.DataFrame()
    told, mapping = _told_apart(reader, rows), reader.mapping
    said = _said(reader, rows)
    kinds, types = each(reader, rows, TYPES, lambda row: _types(reader, row))
    which = told.index.to_numpy()  # the row that each of these is in
    starts = firsts(told["person"].to_numpy())
    if mapping.row == "allegation" or mapping.unit == "cases":
        people = _merged(reader, rows.take(which), said.iloc[which], told["person"].to_numpy())
    else:
        people = said.iloc[which[starts]]
        for number, person in enumerate(told["person"]) if len(starts) < len(which) else ():
            if number != starts[person]:
                problem = f"the same person stands in row {rows.numbers[which[starts[person]]]} too."
                advice = "If a row is an allegation, write row: allegation. If it is an error, use skip_rows."
                _wrong(reader, rows[which[number]], "subject_id", problem, advice, "person twice")
    people = _with_ids(reader, rows, told.iloc[starts], people)
    tell_of_people(reader, people)
    tell_of_labels(reader)
    allegations = _allegations(people, told["person"].to_numpy(), kinds[which], types)
    reader.rows = {
        "subjects": rows.take(which[starts]),
        "allegations": rows.take(which[starts][allegations.pop("person")]),
    }
    if len(allegations):  # else every row has a problem, and is told so
        people["vawg"] = vawg_per_person(people, allegations)
    return people, allegations


def _each_person(reader: Reader, rows: Rows) -> Rows:
    """A row for each person where several stand in one (`per_person`); a problem where it is not clear who is meant."""
    names, split = reader.mapping.per_person, reader.mapping.split
    if not names:
        return rows
    columns, is_wrong = {name: rows.columns[name] for name in names}, np.zeros(len(rows), dtype=bool)
    for name in (name for name in names if name in split):
        [column], sign = columns[name], split[name]
        most = min(TOGETHER, max(cell.text.count(sign) for _, cell in column.cells) + 1)
        is_wrong |= column.where(lambda cell, sign=sign: cell.text.count(sign) >= TOGETHER)  # type: ignore[misc]
        columns[name] = [column.changed(lambda cell, n=n, sign=sign: part_of(cell, sign, n)) for n in range(most)]  # type: ignore[misc]
    people = np.array([np.sum([of.where(has_text) for of in found], axis=0) for found in columns.values()])
    is_wrong |= (people == 0).all(axis=0) | ((people.max(axis=0) > people.min(axis=0)) & bool({*names} & {*split}))
    if "subject_id" in names:  # what somebody has of whom nothing is said
        is_wrong |= (people > people[names.index("subject_id")]).any(axis=0)
    for position in np.flatnonzero(is_wrong).tolist():
        said = ", ".join(f"{n} in {name}" for name, n in zip(names, people[:, position].tolist(), strict=True))
        problem = f"it is not clear which people stand in the row, at most {TOGETHER}: {said}."
        advice = "Give each person a row of their own in the file, or leave the row out (skip_rows or leave_out)."
        _wrong(reader, rows[position], names[0], problem, advice, "per person")
    return rows.of_each(columns)


def _wrong(reader: Reader, row: Row, column: str, problem: str, advice: str = "", rule: str = "") -> None:
    """Note a problem of a column in one row, in whatever sheet."""
    reader.turn_to(row.sheet)
    reader.wrong(row.number, row.place(column), "", problem, advice, rule)


def _told_apart(reader: Reader, rows: Rows) -> pd.DataFrame:
    """Who is who: one row a person in a row of the sheet, which the index numbers; case and subject: numbers of the
    texts of their numbers (`texts_of`) and, after those, of what stands for them; person: the number of the person,
    from 0 in the order in which they come."""
    mapping = reader.mapping
    is_alleged, is_people = mapping.row == "allegation", mapping.unit == "people"
    (subject, subjects), (case, cases) = rows.texts_of("subject_id"), _cases(reader, rows)
    has_subject, has_case = filled_in((subject, subjects)), filled_in((case, cases))
    for position in np.flatnonzero(~has_subject).tolist() if is_alleged and is_people else ():
        problem = "the cell is empty, so nobody knows whose row it is."
        _wrong(reader, rows[position], "subject_id", problem, rule="no person")
    must_have = (is_alleged or not is_people) and "case_id" in mapping.columns
    for position in np.flatnonzero(~has_case).tolist() if must_have else ():
        problem = "the cell is empty, so nobody knows which rows are one case."
        _wrong(reader, rows[position], "case_id", problem, rule="no case")
    alone = int((~has_case).sum()) if "case_id" in mapping.columns and not must_have else 0
    if alone:
        rest = f"{'s' * (alone > 1)} without {' and '.join(mapping.columns['case_id'])}: each is counted as a case of"
        reader.told.append(
            f"{alone:,} row{rest} its own. If it is the rest of the row above, see `broken_lines` (`read`)."
        )
    own_row = combined([rows.sheet, rows.numbers], len(rows))  # that of several people, if it has
    case = np.where(has_case, case, len(cases) + (subject if is_alleged and is_people else own_row))
    which, counts = each(reader, rows, ["people"], lambda row: _how_many(reader, row))
    at = np.repeat(np.arange(len(rows)), np.array(counts, dtype=np.int64)[which])
    case = case[at]
    own = len(subjects) + (case if mapping.unit == "cases" else np.arange(len(at)))
    subject = np.where(has_subject[at], subject[at], own)
    return pd.DataFrame({"case": case, "subject": subject, "person": combined([case, subject], len(at))}, index=at)


def _cases(reader: Reader, rows: Rows) -> tuple[np.ndarray, list[str]]:
    """`texts_of` the numbers of the cases, one for all where the mapping says so."""
    case, cases = rows.texts_of("case_id")
    return case, [text or reader.mapping.constants.get("case_id", "") for text in cases]


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


def _said(reader: Reader, rows: Rows) -> pd.DataFrame:
    """What each row says of its person, by our columns, as categories."""
    mapping = reader.mapping
    values = {column: repeated(code, len(rows)) for column, code in NOT_GIVEN.items()} | {
        "year": repeated(None, len(rows))
    }

    def put(names: list[str], read: Callable[[Row], Dictionary[str, object]]) -> None:
        """What is read of some columns, over what is there; each thing once for rows that are alike."""
        which, found = each(reader, rows, names, read)
        for column in dict.fromkeys(column for codes in found for column in codes):
            before = values.get(column, repeated(None, len(rows)))
            is_said = np.array([column in codes for codes in found])[which]
            new = [codes.get(column) for codes in found]
            old = len(new) + 1 + before.codes.astype(np.int64)  # the missing ones first
            values[column] = labelled(np.where(is_said, which, old), [*new, None, *before.categories])

    for column in (name for name in LABELLED if name in mapping.columns or name in mapping.constants):
        put([column], lambda row, name=column: codes_of(reader, row, name, _text(reader, row, name)))  # type: ignore[misc]
    put(["sanction"], lambda row: _sanctions(reader, row))
    put(["force"], lambda row: _forces(reader, row))
    put(["date"], lambda row: _date_of(reader, row))
    put(["year"], lambda row: _year(reader, row))
    put(["overturned_on_appeal"], lambda row: {"overturned_on_appeal": _yes(reader, row, "overturned_on_appeal")})
    for name in ("sanction", "force"):
        put([f"{name}_source", name], lambda row, name=name: {f"{name}_source": _words(reader, row, name)})  # type: ignore[misc]
    if "finding_basis" in mapping.columns:
        put(["finding_basis"], lambda row: codes_of(reader, row, "finding_basis", row.text("finding_basis")))
        return pd.DataFrame(values)
    return _with_findings(pd.DataFrame(values))


def _words(reader: Reader, row: Row, name: str) -> str:
    """What the source says of a sanction or force."""
    constants = reader.mapping.constants
    if name == "sanction" and name in constants:
        return constants[name]
    own = vocabulary.SEPARATOR.join(cell.text for _, cell in row.cells.get(name, []) if cell.text)
    return row.text(f"{name}_source") or own or constants.get(name, "(empty)" if name == "sanction" else "")


def _text(reader: Reader, row: Row, column: str) -> str:
    """What a row, or else the whole file, has in a column."""
    return row.text(column) or reader.mapping.constants.get(column, "")


def _with_findings(said: pd.DataFrame) -> pd.DataFrame:
    """Where the file says no finding, a dismissal implies gross misconduct and another formal sanction misconduct.

    The rule of the vocabulary finding_basis; Police (Conduct) Regulations 2020 reg. 42.
    """
    which = combined([said[name].array.codes for name in ("finding", "sanction")], len(said))
    one = said[["finding", "sanction"]].iloc[firsts(which)].astype(object)
    is_said = one["finding"] != NOT_GIVEN["finding"]
    is_formal, is_dismissal = (
        one["sanction"].isin(vocabulary.codes_with("sanction", attribute))
        for attribute in ("is_formal", "is_dismissal_or_would_have_been")
    )
    implied = is_dismissal.map({True: "gross_misconduct", False: "misconduct"})
    basis = is_formal.map({True: "inferred_from_outcome", False: "not_applicable"}).mask(is_said, "stated")
    finding = one["finding"].mask(is_formal & ~is_said, implied)
    return said.assign(finding=labelled(which, [*finding]), finding_basis=labelled(which, [*basis]))


def _sanctions(reader: Reader, row: Row) -> dict[str, str]:
    """The most severe of a row's sanctions, a dismissal that was undone aside, and what their labels say besides."""
    parts: list[tuple[int | str | None, str]] = [*parts_of(reader, row, "sanction")]
    if not parts or "sanction" in reader.mapping.constants:
        parts = [(None, reader.mapping.constants.get("sanction", ""))]
    found = [codes_of(reader, row, "sanction", text, at) for at, text in parts]
    known = [codes["sanction"] for codes in found if "sanction" in codes]
    if UNDOING in known:  # a person's dismissal that stands beside it did not last
        known = [code for code in known if not vocabulary.entry("sanction", code)["is_dismissal"]]
    severity = _severities("sanction")
    said = {column: code for codes in found for column, code in codes.items()}
    return {**said, "sanction": max(known, key=severity.__getitem__, default="not_stated")}


def _severities(column: str) -> dict[str, int]:
    """How severe each code of a column is."""
    return {code: vocabulary.entry(column, code)["severity"] for code in vocabulary.codes(column)}


def _forces(reader: Reader, row: Row) -> dict[str, str]:
    """force; several forces of a joint case keep their order."""
    parts: list[tuple[int | str, str]] = [*parts_of(reader, row, "force")]
    parts = parts or [("force", reader.mapping.constants.get("force", ""))]
    codes = [codes_of(reader, row, "force", text, at).get("force", "") for at, text in parts if text]
    return {"force": vocabulary.SEPARATOR.join(dict.fromkeys(codes))}


def _date_of(reader: Reader, row: Row) -> dict[str, object]:
    """date (ISO or "", where it has no day too), and its year where the file has no column of years."""
    mapping = reader.mapping
    iso = ""
    for number, cell in row.cells.get("date", []):
        if cell.text:
            iso = _date(reader, row.number, number, cell)
    if "date" in mapping.constants:
        iso = _date(reader, None, "constants, date", Cell(mapping.constants["date"]))
    year = int(iso[:4]) if iso and reader.is_year_of_date else None
    return {"date": iso if len(iso) == len("2019-02-28") else "", "year": year}


def _year(reader: Reader, row: Row) -> dict[str, object]:
    """The year of the column of years; nothing where none is given."""
    text = _text(reader, row, "year")
    found = parse_year(text, reader.mapping.read.marks) if text else None
    if text and found is None:
        problem = f"{text!r} is not a year, or one that has not begun."
        advice = 'Where it means that there is none, write labels: {year: {"' + text + '": ""}}.'
        reader.wrong(row.number, row.place("year"), text, problem, advice, "year")
    reader.split_years += row.times if found and found[1] else 0
    return {"year": found[0]} if found else {}


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
    text = _text(reader, row, column).casefold()
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


def _merged(reader: Reader, rows: Rows, said: pd.DataFrame, person: np.ndarray) -> pd.DataFrame:
    """Each person's rows as one: the most severe outcome counts, the rest must agree; person: the number of each's."""
    starts = firsts(person)
    result = said.iloc[starts].reset_index(drop=True)
    if len(starts) == len(said):
        return result
    ordered = [column for column in vocabulary.ordered_vocabularies() if column in said]
    for column in ordered:
        severity = _severities(column)
        by_code = np.array([*(severity[code] for code in said[column].cat.categories), -1])
        rank = by_code[said[column].cat.codes]
        if column == "sanction":
            undone = np.isin(person, person[said[column] == UNDOING])
            rank[undone & said[column].isin(vocabulary.codes_with(column, "is_dismissal"))] = -1
        order = np.lexsort((-rank, person))  # of equally severe ones the first
        first = order[firsts(person[order])]
        for name in (name for name in (column, BESIDE.get(column)) if name in said):
            result[name] = said[name].iloc[first].array
    flag = "overturned_on_appeal"
    result[flag] = labelled(np.isin(np.arange(len(starts)), person[said[flag] == True]).astype(int), [False, True])  # noqa: E712
    for column in (name for name in said if name not in (*ordered, *BESIDE.values(), flag)):
        codes, values = said[column].cat.codes.to_numpy(), [*said[column].cat.categories, None]
        mine = codes[starts][person]
        for position in np.flatnonzero(mine != codes).tolist():
            row, first_row = rows[position], int(rows.numbers[starts[person[position]]])
            who = f"rows {first_row} and {row.number} are the same {_one(reader)}"
            value = values[codes[position]]
            problem = f"{who} but differ: {values[mine[position]]!r}, {value!r}."
            advice = "Make them agree, or skip a row."
            reader.turn_to(row.sheet)
            reader.wrong(row.number, column, str(value), problem, advice, "rows differ")
    return result


def _one(reader: Reader) -> str:
    """What one in the table is, in the singular."""
    return "person" if reader.mapping.unit == "people" else reader.mapping.unit.removesuffix("s")


def _with_ids(reader: Reader, rows: Rows, told: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """People with their source, and with ids that tell nothing, or with their own; told: case and subject of each."""
    about, number = reader.mapping.source, pd.factorize(told["case"])[0]
    place = pd.Series(number).groupby(number).cumcount().to_numpy()
    cases = pd.Index([f"{about.id}-{n:05d}" for n in range(1, number.max(initial=-1) + 2)], dtype="str")
    places = pd.Index([f"#{n}" for n in range(1, place.max(initial=-1) + 2)], dtype="str")
    ids = {
        "case_id": cases.take(number).array,
        "subject_id": pd.Categorical.from_codes(np.arange(len(place)), cases.take(number) + places.take(place)),
    }
    if reader.mapping.keep_ids:
        (_, subjects), (_, names) = rows.texts_of("subject_id"), _cases(reader, rows)
        kept = {"case_id": ("case", names), "subject_id": ("subject", subjects)}
        ids = {
            name: [texts[n] if n < len(texts) else made for n, made in zip(told[of].tolist(), ids[name], strict=True)]
            for name, (of, texts) in kept.items()
        }
    whole = {"source": about.id, "jurisdiction": about.jurisdiction}  # the same of everybody
    ids |= {name: repeated(text, len(people)) for name, text in whole.items()}
    return people.reset_index(drop=True).assign(**ids)


def _allegations(people: pd.DataFrame, person: np.ndarray, kinds: np.ndarray, types: list) -> pd.DataFrame:
    """Allegations of people, each complaint type once; person: the number of each row's, as the result has it too;
    kinds: which of `types` each row says."""
    lengths = np.array([len(found) for found in types], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    said = np.repeat(np.arange(len(kinds)), lengths[kinds])
    within = np.arange(len(said)) - np.repeat(np.cumsum(lengths[kinds]) - lengths[kinds], lengths[kinds])
    which, flat = starts[kinds[said]] + within, [pair for found in types for pair in found]
    found = pd.DataFrame({name: labelled(which, [pair[n] for pair in flat]) for n, name in enumerate(TYPES)})
    found["person"] = person[said]
    found = found.drop_duplicates(["person", "complaint_type"]).sort_values("person", kind="stable", ignore_index=True)
    of = {name: people[name].iloc[found["person"]].array for name in ("source", "subject_id")}
    return found.assign(**of, position=found.groupby("person").cumcount() + 1)
