"""Counts of outcomes, recounted straight from the columns."""

import csv
import re
from collections import Counter

import pytest
from people import of

from analysis import vocabulary
from analysis.counting.endings import CIRCULAR, ENDINGS, after_finding, ended, outcome_counts
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.paths import RAW
from analysis.publishing.gallery import _figures, type_part

MET = {"force": "Metropolitan Police Service"}


def test_every_count_by_type_and_outcome(data, subjects, allegations, frozen):
    table = outcome_counts(data).set_index("complaint_type")
    assert table.loc["(all)", "people"] == len(subjects)
    frozen("people", len(subjects))
    for kind, row in table.iterrows():
        accused = set(allegations.loc[allegations["complaint_type"] == kind, "subject_id"]) or set(
            subjects["subject_id"]
        )
        people = subjects[subjects["subject_id"].isin(accused)]
        assert row["investigations"] == people["case_id"].nunique(), kind
        for code in vocabulary.codes("sanction"):
            assert row[code] == (people["sanction"] == code).sum(), (kind, code)
    codes = vocabulary.codes("sanction")
    assert (table[codes].sum(axis=1) == table["people"]).all()
    assert [*table][:3] == ["people", "investigations", "dismissed"] and [*table][-1] == "not_stated"


@pytest.mark.parametrize("among", ["proven", "proven_or_implied", "gross_misconduct_proven"])
def test_what_became_of_those_found_against(data, subjects, frozen, among):
    """By stated findings, unless others are asked for: a dismissal implies the finding, so it decided who counts."""
    table = after_finding(data, among=among).set_index("complaint_type")
    assert (table[[*ENDINGS]].sum(axis=1) == table["found"]).all()
    found = ["gross_misconduct"] if among.startswith("gross") else ["misconduct", "gross_misconduct"]
    against = subjects[subjects["finding"].isin(found)]
    if "implied" not in among:
        against = against[against["finding_basis"] == "stated"]
    everybody = table.loc["(all)"]
    assert everybody["found"] == len(against)
    assert everybody["investigations"] == against["case_id"].nunique() < everybody["found"]
    assert everybody["dismissed"] == (against["sanction"] == "dismissed").sum()
    frozen(f"people found against, {among}", len(against))
    other = against[~against["sanction"].isin(["dismissed", "would_have_been_dismissed", "not_stated"])]
    assert everybody["left"] == (other["left_service"] != "no_or_not_stated").sum()
    assert everybody["not_said_to_have_left"] == (other["left_service"] == "no_or_not_stated").sum()


def test_how_gross_misconduct_ended_is_told_from_one_table(data, frozen):
    """Recounted with csv from the raw file: who was dismissed, who was not and is not said to have left, and who left
    first. The sentence spoke of 14 of 38 final warnings; 4 of the 38 findings were inferred from the dismissal."""
    with (RAW / "iopc_investigations" / "subjects.csv").open(encoding="utf-8", newline="") as file:
        people = [row for row in csv.DictReader(file) if row["finding"] == "gross_misconduct"]
    known = [row for row in people if row["sanction"] != "not_stated"]
    stated = [row for row in known if row["finding_basis"] == "stated"]

    def dismissed(rows):
        return [row for row in rows if row["sanction"] in ("dismissal", "would_have_been_dismissed")]

    others = [row for row in stated if row not in dismissed(stated)]
    left = Counter((row["left_service"], row["sanction"]) for row in others)
    left = {key: n for key, n in left.items() if key[0] != "no_or_not_stated"}
    not_left = Counter(row["sanction"] for row in others if row["left_service"] == "no_or_not_stated")
    frozen(
        "how gross misconduct ended",
        {
            "stated": [len(dismissed(stated)), len(stated)],
            "not said to have left": not_left,
            "left": {" ".join(key): n for key, n in left.items()},
            "or implied": [len(dismissed(known)), len(known)],
        },
    )
    how = ended(data)
    counts = [(row["numerator"], row["denominator"]) for row in (how.dismissed, how.not_left, how.left, how.implied)]
    n = len(stated)
    assert counts == [
        *((len(dismissed(stated)), n), (sum(not_left.values()), n), (sum(left.values()), n)),
        (len(dismissed(known)), len(known)),
    ]
    assert sum(k for k, _ in counts[:3]) == n
    assert all(f"{code.replace('_', ' ')} {many}" in how.not_left_as for code, many in not_left.items())
    assert all(f"{way} " in how.left_as and sanction.replace("_", " ") in how.left_as for way, sanction in left)
    frozen("interval of how gross misconduct ended", [how.dismissed["low"], how.dismissed["high"]])


def test_how_it_ended_where_nobody_was_found_against(data, subjects, allegations):
    how = ended(of(subjects.assign(finding="not_proven"), allegations))
    assert how.words == (
        "0 were dismissed or would have been dismissed; 0 got another outcome and are not said to have left; 0 left "
        "first and got another outcome"
    )


def test_a_page_counts_by_stated_findings_and_shows_the_implied_beside(data):
    """Its heading asked "who stayed?"; what is known is who is not said to have left."""
    name, page = type_part("sexual_misconduct", "sexual-misconduct", _figures(data, packs=False))[0]
    text = " ".join(re.sub("<[^>]+>", " ", str(page)).split())
    implied = dismissal_rates(data, among="proven_or_implied", where={"complaint_type": "sexual_misconduct"}).total
    found = after_finding(data, {"complaint_type": "sexual_misconduct"}).iloc[0]
    assert "not said to have left" in text.casefold() and CIRCULAR in text and "stayed" not in text, name
    assert f"{implied['numerator']} of {implied['denominator']} people found, in words or by their sanction" in text
    assert f"Sexual misconduct {found['found']} {found['investigations']} Dismissed: {found['dismissed']}; " in text


def test_one_force(data, subjects):
    table = outcome_counts(data, MET)
    joint = subjects["force"].str.split("; ").map(lambda forces: MET["force"] in forces)
    assert table["people"].iloc[0] == joint.sum() and (table["people"].iloc[1:] <= joint.sum()).all()


def test_a_force_without_cases_gives_an_empty_table(data):
    assert outcome_counts(data, {"force": "Police Scotland"}).empty
    assert after_finding(data, {"force": "Police Scotland"}).empty


def test_an_unknown_force_is_named(data):
    with pytest.raises(MisconductError, match="Kent Police"):
        outcome_counts(data, {"force": "Kent Polic"})
