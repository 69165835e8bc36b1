"""What has no rate or no interval, or is of low reliability, and who is found to have done something."""

import pandas as pd
import pytest
from people import of, people

from analysis.charts.marks import from_zero
from analysis.charts.rate_dots import dismissal_rates_by
from analysis.counting.rate_words import interval_cell, rate_cell, rate_in_words
from analysis.counting.rates import dismissal_rates


def test_a_finding_that_only_the_sanction_implies_is_not_found():
    """A dismissal implies gross misconduct, so a rate among findings so implied would rest on its own outcome."""
    subjects, allegations = people(["D"] * 3 + ["n"] * 9).values()
    subjects["finding_basis"] = ["inferred_from_outcome"] * 2 + ["stated"] * 10
    counts = {
        among: tuple(dismissal_rates(of(subjects, allegations), among=among).total[["numerator", "denominator"]])
        for among in ("proven", "proven_or_implied")
    }
    assert counts == {"proven": (1, 10), "proven_or_implied": (3, 12)}
    implied = of(subjects.assign(finding_basis="inferred_from_outcome"), allegations)
    assert dismissal_rates(implied, among="proven").unavailable == "the source does not say what was found"
    assert not dismissal_rates(implied, among="proven_or_implied").unavailable


def test_people_of_one_case_have_no_interval():
    """It is one decision, however many people it is about."""
    row = dismissal_rates(people(["D" * 6 + "n" * 6]), among="proven").total
    assert (row["rate"], row["reliability"]) == (0.5, "u") and pd.isna(row["low"]) and pd.isna(row["high"])
    assert (rate_cell(row), interval_cell(row)) == ("50.0% [u]", "[z]")


@pytest.mark.parametrize(("cases", "mark"), [(4, "u"), (5, "ok")])
def test_people_in_few_cases_are_marked(cases, mark):
    assert dismissal_rates(people(["nnn"] * cases), among="proven").total["reliability"] == mark


def test_what_the_law_excludes_has_no_rate(data, subjects):
    """A misconduct meeting cannot dismiss: that nobody was dismissed there is no estimate of anything."""
    rows = dismissal_rates(data, among="case_to_answer", by="proceeding").groups.set_index("proceeding")
    n = ((subjects["proceeding"] == "meeting") & (subjects["sanction"] != "not_stated")).sum()
    at_meetings = rows.loc["meeting"]
    assert at_meetings["numerator"] == 0 < at_meetings["denominator"] <= n and at_meetings["reliability"] == "z"
    assert at_meetings[["rate", "low", "high", "rate_if_none_dismissed", "rate_if_all_dismissed"]].isna().all()
    assert rate_in_words(at_meetings) == f"0 of {at_meetings['denominator']} [z]"
    kept = dismissal_rates(data, among="case_to_answer", where={"proceeding": ["meeting", "none"]}).total
    assert kept["reliability"] == "z" and pd.isna(kept["rate"])
    both = dismissal_rates(data, among="case_to_answer", where={"proceeding": ["meeting", "hearing"]}).total
    assert both["reliability"] == "ok" and both["rate"] > 0
    chart = dismissal_rates_by(dismissal_rates(data, among="case_to_answer", by="proceeding"))
    assert "Misconduct meeting" not in set(chart.data["label"])
    assert f"the law lets nobody be dismissed: Misconduct meeting (0 of {at_meetings['denominator']})" in chart.alt_text


def test_a_dismissal_that_the_law_excludes_is_still_counted():
    """Whoever coded it may have erred; it is not hidden."""
    subjects, allegations = people(["D"] + ["n"] * 11).values()
    row = dismissal_rates(of(subjects.assign(proceeding="meeting"), allegations), among="proven", by="proceeding").data
    assert (row["numerator"].iloc[0], row["reliability"].iloc[0]) == (1, "ok")


@pytest.mark.parametrize(
    ("highest", "end"),
    [
        (0, 0.1),
        (0.004, 0.005),
        (0.02, 0.025),
        (0.049, 0.05),
        (0.05, 0.06),
        (0.07, 0.08),
        (0.44, 0.5),
        (0.99, 1),
        (1, 1),
    ],
)
def test_an_axis_ends_at_the_next_round_number(highest, end):
    assert from_zero(highest) == (0, pytest.approx(end))
