"""Violence against women and girls per person, and the flag of the investigation beside it: both from the columns."""

import csv

import pandas as pd
import pytest

from analysis.charts.catalogue import exhibit
from analysis.counting.rates import dismissal_rates
from analysis.paths import PROCESSED, RAW
from analysis.publishing.findings import findings
from analysis.reading.violence import vawg_per_person

DISMISSED = ("dismissed", "would_have_been_dismissed")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.fixture(scope="module")
def counted():
    """By plain Python from the raw files: of a case to answer and a known outcome, (k, n, investigations) of each."""
    flags = {row["investigation_id"]: row["vawg"] for row in rows(RAW / "iopc_investigations" / "investigations.csv")}
    groups = {"vawg": {}, "vawg_flag": {}}
    for row in rows(RAW / "iopc_investigations" / "subjects.csv"):
        if row["case_to_answer"] in ("none", "unknown") or row["sanction"] == "not_stated":
            continue
        types = {row[f"complaint_type_{n}"] for n in (1, 2, 3)}
        flag = flags[row["investigation_id"]]
        person = "perpetrated" if types & {"sexual_misconduct", "domestic_abuse"} else flag
        for name, code in (("vawg", person), ("vawg_flag", flag)):
            groups[name].setdefault(code, []).append(
                (row["sanction"] in ("dismissal", "would_have_been_dismissed"), row["investigation_id"])
            )

    def counts(found):
        return sum(k for k, _ in found), len(found), len({case for _, case in found})

    return {name: {code: counts(found) for code, found in by.items()} for name, by in groups.items()}


@pytest.mark.parametrize("by", ["vawg", "vawg_flag"])
def test_each_group_is_what_the_raw_files_say(data, counted, frozen, by):
    table = dismissal_rates(data, among="case_to_answer", by=by).groups.set_index(by)
    found = {code: (row["numerator"], row["denominator"], row["n_cases"]) for code, row in table.iterrows()}
    assert found == counted[by] and {*found} == {"perpetrated", "response", "none"}
    columns = ["numerator", "denominator", "n_cases", "low", "high"]
    frozen(f"rate case_to_answer {by} perpetrated", table.loc["perpetrated", columns].to_dict())


def test_the_flag_stands_beside_in_the_chart_and_in_the_finding(data, counted):
    """The chart and the sentence said "3 of 15 accused": one of them was accused of not challenging a colleague."""
    person, flag = (" of ".join(map(str, counted[by]["perpetrated"][:2])) for by in ("vawg", "vawg_flag"))
    chart = exhibit("dismissal_rates_by_vawg").draw(data)
    assert f"Alleged violence against women and girls: {person}" in chart.alt_text
    [note] = [note for note in chart.notes if note.startswith("The investigation")]
    assert note.startswith("The investigation is flagged: alleged violence against women and girls: " + flag)
    [finding] = [finding for finding in findings(data) if finding.id == "vawg_perpetrated"]
    assert finding.sentence.startswith(f"{person} people") and f"flagged as about it, {flag}" in finding.sentence
    assert finding.figure.startswith(person) and f"; {flag}" in finding.figure
    assert "Accused of sexual misconduct or domestic abuse" in finding.definition


def test_nobody_accused_of_it_is_in_neither():
    """6 of 17 people accused of sexual misconduct, and the one of domestic abuse, were."""
    people = {row["subject_id"]: row for row in rows(PROCESSED / "subjects.csv")}
    accused = [
        row["subject_id"]
        for row in rows(PROCESSED / "allegations.csv")
        if row["complaint_type"] in ("sexual_misconduct", "domestic_abuse")
    ]
    assert accused and {people[person]["vawg"] for person in accused} == {"perpetrated"}


@pytest.mark.parametrize(
    ("own", "flag", "kind", "expected"),
    [
        ("", "", "driving", ""),
        ("", "response", "driving", "response"),
        ("response", "none", "driving", "response"),
        ("none", "perpetrated", "driving", "perpetrated"),
        ("none", "none", "sexual_misconduct", "perpetrated"),
        ("", "response", "domestic_abuse", "perpetrated"),
    ],
)
def test_types_decide_then_the_flag_then_the_sources_own_word(own, flag, kind, expected):
    subjects = pd.DataFrame({"subject_id": ["a"], "vawg": [own], "vawg_flag": [flag]})
    allegations = pd.DataFrame({"subject_id": ["a"], "complaint_type": [kind]})
    assert vawg_per_person(subjects, allegations).tolist() == [expected]


def test_no_heading_is_a_bare_abbreviation(data):
    """Tables were headed "vawg"."""
    for by in ("vawg", "vawg_flag"):
        table = dismissal_rates(data, among="case_to_answer", by=by)
        assert "violence against women and girls" in table.readable().columns[0]
        assert "vawg" not in exhibit("dismissal_rates_by_vawg").draw(data).subtitle
