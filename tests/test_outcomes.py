"""Counts of outcomes, recounted straight from the columns."""

import pandas as pd
import pytest
from people import of

from analysis import vocabulary
from analysis.counting.outcomes import after_misconduct, outcome_counts
from analysis.errors import MisconductError

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


def test_what_became_of_those_found_against(data, subjects, frozen):
    table = after_misconduct(data).set_index("complaint_type")
    parts = ["dismissed", "would_have_been_dismissed", "left", "stayed", "not_stated"]
    assert (table[parts].sum(axis=1) == table["found"]).all()
    proven = subjects[subjects["finding"].isin(["misconduct", "gross_misconduct"])]
    everybody = table.loc["(all)"]
    assert everybody["investigations"] == proven["case_id"].nunique() < everybody["found"]
    assert everybody["found"] == len(proven)
    assert everybody["dismissed"] == (proven["sanction"] == "dismissed").sum()
    frozen("people found against", len(proven))
    other = proven[~proven["sanction"].isin(["dismissed", "would_have_been_dismissed", "not_stated"])]
    assert everybody["left"] == (other["left_service"] != "no_or_not_stated").sum()
    assert everybody["stayed"] == (other["left_service"] == "no_or_not_stated").sum()


def test_final_warnings_of_people_not_said_to_have_left(data, subjects, allegations):
    """After gross misconduct: 14 of 38, recounted from the columns; 2 more had resigned and count apart."""
    from analysis.counting.outcomes import final_warnings

    gross = subjects[(subjects["finding"] == "gross_misconduct") & (subjects["sanction"] != "not_stated")]
    warned = gross[gross["sanction"] == "final_written_warning"]
    stayed = warned[warned["left_service"] == "no_or_not_stated"]
    found = final_warnings(data)
    assert (found.row["numerator"], found.row["denominator"]) == (len(stayed), len(gross)) == (14, 38)
    assert (found.row["n_cases_counted"], found.row["n_cases"]) == (stayed["case_id"].nunique(), 33)
    assert (found.row["low"], found.row["high"]) == pytest.approx((0.211, 0.559), abs=5e-4)
    assert (found.n_left, found.how) == (len(warned) - len(stayed), "resigning") == (2, "resigning")
    assert found.words == (
        "14 got a final written warning and are not said to have left, in 12 of 33 investigations; 2 more got one "
        "after resigning"
    )
    ways = subjects.set_index("subject_id")["left_service"]
    first, second = warned.loc[warned["left_service"] != "no_or_not_stated", "subject_id"]
    for changed, how in (({first: "retired"}, "leaving"), ({first: "retired", second: "retired"}, "retiring")):
        left = ways.copy()
        left.update(pd.Series(changed))
        assert final_warnings(of(subjects.assign(left_service=left.to_numpy()), allegations)).how == how


def test_one_force(data, subjects):
    table = outcome_counts(data, MET)
    joint = subjects["force"].str.split("; ").map(lambda forces: MET["force"] in forces)
    assert table["people"].iloc[0] == joint.sum() and (table["people"].iloc[1:] <= joint.sum()).all()


def test_a_force_without_cases_gives_an_empty_table(data):
    assert outcome_counts(data, {"force": "Police Scotland"}).empty
    assert after_misconduct(data, {"force": "Police Scotland"}).empty


def test_an_unknown_force_is_named(data):
    with pytest.raises(MisconductError, match="Kent Police"):
        outcome_counts(data, {"force": "Kent Polic"})
