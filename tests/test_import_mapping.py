"""Mappings: the first one that is guessed, and what is refused in one."""

import re

import pytest
import yaml
from commands import misconduct
from imports import (
    COUNT_MAP,
    COUNT_ROWS,
    GOOD,
    PEOPLE_MAP,
    PERSON,
    SOURCE,
    changed,
    csv_file,
    imported,
    people_text,
    workbook,
)

from analysis.errors import DataError
from analysis.paths import ROOT
from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.mapping import About, Across, Mapping, RateOf, Read, read_mapping


@pytest.mark.parametrize(
    ("text", "kind", "pattern", "expected"),
    [
        ("2020-02-29", "date", "", "2020-02-29"),
        ("03/04/2022", "text", "DD/MM/YYYY", "2022-04-03"),
        ("3/4/22", "text", "D/M/YY", "2022-04-03"),
        ("3 April 2022", "text", "D Month YYYY", "2022-04-03"),
        ("3-Apr-2022", "text", "D-Mon-YYYY", "2022-04-03"),
        ("03/04/2022 14:05", "text", "DD/MM/YYYY HH:MM", "2022-04-03"),
        ("44654", "number", "serial", "2022-04-03"),
        ("31/02/2022", "text", "DD/MM/YYYY", None),
        ("04/13/2022", "text", "DD/MM/YYYY", None),
        ("44654", "number", "DD/MM/YYYY", None),
        ("01/01/2199", "text", "DD/MM/YYYY", None),
    ],
)
def test_dates(text, kind, pattern, expected):
    assert parse_date(text, kind, pattern) == expected


def test_a_first_mapping_guesses_and_must_be_confirmed(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref;Allegation;Date;Case to answer;Outcome\nA;Sexual misconduct;03/04/2022;No case to answer;Dismisssed\n",
    )
    guessed = suggest(file)
    for line in (
        'delimiter: ";"',
        'sanction: "Outcome"',
        'dates: "DD/MM/YYYY"',
        '"Dismisssed": dismissed',
        "confirmed: no",
    ):
        assert line in guessed
    file.with_suffix(".yml").write_text(guessed.replace("CHECK", "Kent Police"), encoding="utf-8")
    with pytest.raises(DataError, match="url"):
        read_mapping(file.with_suffix(".yml"))
    filled_in = guessed.replace('url: "CHECK"', "url: https://example.org")
    file.with_suffix(".yml").write_text(filled_in, encoding="utf-8")
    with pytest.raises(DataError, match="source: publisher, jurisdiction still say CHECK"):
        read_mapping(file.with_suffix(".yml"))
    decided = filled_in.replace('"CHECK"', '"said"').replace("force: CHECK", 'force: ""')
    file.with_suffix(".yml").write_text(decided, encoding="utf-8")
    with pytest.raises(DataError, match="confirmed: no"):
        read_mapping(file.with_suffix(".yml"))


def test_a_first_mapping_of_counts_knows_years_and_symbols(tmp_path):
    file = workbook(
        tmp_path / "a.xlsx",
        [["Title"], ["Outcome", "2019/20", "2020/21"], ["Dismissed", "<5", 1], ["Total", 4, 3], ["note"]],
    )
    guessed = yaml.load(suggest(file), yaml.BaseLoader)
    assert guessed["table"] == "counts" and guessed["across"]["columns"] == ["2019/20", "2020/21"]
    assert guessed["period"] == "financial_year" and guessed["suppressed"] == {"<5": ["1", "4"]}
    assert guessed["read"]["heading"] == ["2"] and guessed["read"]["last_row"] == "4"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [["Year", "Dismissed", "Written warning", "No action", "Total"], [2019, 1, 2, 3, 6], [2020, 4, 5, 6, 15]],
            {"across": {"columns": ["Dismissed", "Written warning", "No action"], "are": "outcome"}},
        ),
        (
            [["Year", "Outcome", "Number"], ["2019/20", "Dismissed", 3], ["2020/21", "NFA", 4]],
            {"period": "financial_year"},
        ),
        ([["Force", "Year", "Allegation type", "Number"], ["Kent Police", 2019, "Driving", 7]], {"table": "counts"}),
        ([["Ref\x7f", "Allegation", "Outcome"], ["A", "Driv\x96ing", "Dismissed"]], {"table": "people"}),
    ],
)
def test_first_mappings_of_usual_sheets(rows, expected, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("\n".join(";".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    guessed = yaml.load(suggest(file), yaml.BaseLoader)
    assert {key: guessed[key] for key in expected} == expected


def test_a_comma_in_a_heading_does_not_hide_the_semicolons(tmp_path):
    guessed = yaml.load(
        suggest(csv_file(tmp_path / "a.csv", "Ref;Allegation, type;Outcome\nA;Driving;Dismissed\n")), yaml.BaseLoader
    )
    assert guessed["read"]["delimiter"] == ";" and guessed["columns"]["complaint_type"] == "Allegation, type"


def test_there_is_no_first_mapping_of_nothing(tmp_path):
    with pytest.raises(DataError, match="there is nothing in it"):
        suggest(workbook(tmp_path / "a.xlsx", []))


WRONG_MAPPINGS = {
    "no such key": ({"sauce": {}}, "no such key. Did you mean 'source'"),
    "no such column": ({"columns": {**PERSON, "sanktion": "Outcome"}}, "Did you mean 'sanction'"),
    "required column": ({"columns": {"case_id": "Ref"}}, "`complaint_type` must be under"),
    "in two places": ({"constants": {"sanction": "dismissed"}}, "it can be one of them"),
    "cases without people or numbers": (
        {"row": "case", "columns": {"complaint_type": "Allegation", "sanction": "Outcome"}},
        "needs `people` under `columns`.*or `case_id`",
    ),
    "ticks of a column without words": ({"ticks": {"year": ["Old", "New"]}}, "'year' is a column without labels"),
    "a column twice": ({"ticks": {"sanction": ["Dismissed"]}}, "under `columns` and under `ticks`"),
    "two meanings of a year": ({"labels": {"year": {"NA": {"year": "", "date": ""}}}}, "can only say one thing"),
    "counts in people": ({"suppressed": {"*": "zero"}}, "are for table: counts"),
    "wrong id": ({"source": {**SOURCE, "id": "../x"}}, "small letters"),
    "wrong address": ({"source": {**SOURCE, "url": "file:///etc/passwd"}}, "an address"),
    "wrong number": ({"read": {"heading": "first"}}, "'first' is not allowed"),
    "several headings": ({"columns": {**PERSON, "case_to_answer": ["A", "B"]}}, "cannot have several headings"),
    "no headings": ({"columns": {**PERSON, "sanction": []}}, "sanction"),
    "row nought": ({"read": {"heading": "0"}}, "'0' is not allowed"),
    "no rows of headings": ({"read": {"heading": []}}, "read, heading"),
    "dates twice": ({"read": {"dates": "DD/DD/YYYY"}}, "is not how dates are written"),
    "dates of nothing": ({"read": {"dates": "day first"}}, "is not how dates are written"),
    "a key of a label misspelt": (
        {"labels": {"sanction": {"Left": {"sanction": "not_stated", "left_servce": "resigned"}}}},
        "cannot say 'left_servce'. Did you mean 'left_service'",
    ),
    "more than a type in a label of types": (
        {"labels": {"complaint_type": {"GM": {"complaint_type": "driving", "case_to_answer": "misconduct"}}}},
        "cannot say 'case_to_answer'",
    ),
    "still to be checked": ({"source": {**SOURCE, "licence": "CHECK"}}, "licence still says CHECK"),
    "a constant that cannot be": ({"constants": {"subject_id": "A"}}, "cannot be the same in every row"),
    "missing": (
        {"source": {key: value for key, value in SOURCE.items() if key != "title"}},
        "source, title: this is missing",
    ),
}


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_refused_in_plain_words(name, tmp_path):
    changes, message = WRONG_MAPPINGS[name]
    (tmp_path / "m.yml").write_text(yaml.safe_dump({**PEOPLE_MAP, **changes}), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_mapping(tmp_path / "m.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {a: *b}", "not valid YAML"),
        ("columns: !!map foo", "valid dictionary|not valid YAML"),
        ("[" * 3000, "more than 20 deep"),
        ("- a\n- b", "holds no keys"),
        ("", "holds no keys"),
        ("table: people\ntable: counts", "'table' stands twice"),
        ("labels:\n  sanction:\n    NFA: no_action\n    NFA: dismissed", "'NFA' stands twice"),
    ],
)
def test_a_mapping_that_is_not_one_is_refused(text, message, tmp_path):
    (tmp_path / "m.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_mapping(tmp_path / "m.yml")


def test_the_first_mapping_is_never_written_over_a_file(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text(GOOD))
    assert misconduct("map", str(file)).returncode == 0
    again = misconduct("map", str(file))
    assert again.returncode == 1 and "exists already" in again.stderr


def test_the_projects_sources_cannot_be_overwritten(tmp_path):
    for taken in ("iopc_investigations", "chicago_complaints", "as_337_21"):
        with pytest.raises(DataError, match="taken"):
            imported(workbook(tmp_path / "a.xlsx", COUNT_ROWS), changed(COUNT_MAP, source={"id": taken}), tmp_path)


def test_every_key_of_a_mapping_is_documented():
    text = (ROOT / "docs" / "bring_your_own_data.md").read_text(encoding="utf-8")
    table = text[text.index("## Every key of a mapping") : text.index("## When something is wrong")]
    keys = {key for part in (Mapping, Read, RateOf, Across, About) for key in part.model_fields}
    assert not [key for key in sorted(keys) if not re.search(rf"`(read: )?{key}\b", table)]
