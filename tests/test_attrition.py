"""From a case to answer to dismissal, and what leaving and unknown outcomes could change, from the columns."""

import re

import pytest
from people import of

from analysis import vocabulary
from analysis.charts.catalogue import exhibit
from analysis.charts.exhibits import draw_attrition, draw_leaving
from analysis.counting.attrition import attrition, leaving_assumptions
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError

DISMISSED = ["dismissed", "would_have_been_dismissed"]


@pytest.fixture(scope="module")
def with_case(subjects):
    return subjects[subjects["case_to_answer"] != "none"]


@pytest.mark.parametrize("kind", ["", "sexual_misconduct"])
def test_each_step_is_reached_not_reached_or_not_stated(data, with_case, allegations, kind):
    """95 people of whom no view of the force is stated were drawn as not accepted."""
    if kind:
        accused = allegations.loc[allegations["complaint_type"] == kind, "subject_id"]
        with_case = with_case[with_case["subject_id"].isin(accused)]
    stated = with_case["finding_basis"] != "inferred_from_outcome"
    known = with_case["sanction"] != "not_stated"
    formal = ["management_advice", "written_warning", "final_written_warning", "reduction_in_rank", *DISMISSED]
    expected = {
        "Accepted by the force": (with_case["force_view"] == "agreed", with_case["force_view"] != "not_stated"),
        "Proceedings held": (
            with_case["proceeding"].isin(["meeting", "hearing", "accelerated_hearing"]),
            with_case["proceeding"] != "not_stated",
        ),
        "Misconduct found": (
            with_case["finding"].isin(["misconduct", "gross_misconduct"]) & stated,
            (with_case["finding"] != "not_stated") & stated,
        ),
        "Formal sanction": (with_case["sanction"].isin(formal), known),
        "Dismissed or would have been": (with_case["sanction"].isin(DISMISSED), known),
    }
    stages = attrition(data, kind).set_index("stage")
    assert [*stages.index] == [*expected]
    for stage, (reached, is_stated) in expected.items():
        row = stages.loc[stage]
        assert (row["numerator"], row["denominator"]) == (reached.sum(), is_stated.sum()), stage
        assert row["denominator"] + row["unknown_outcomes"] == len(with_case)
        assert row["n_cases"] == with_case.loc[is_stated, "case_id"].nunique()


@pytest.mark.parametrize("kind", ["", "sexual_misconduct", "custody_care"])
def test_the_last_step_is_the_rate_beside_it(data, kind):
    """A page said 5 of 16 = 31.3% and, of the same people, 5 = 29.4% of the first."""
    last = attrition(data, kind).iloc[-1]
    rate = dismissal_rates(data, among="case_to_answer", where={"complaint_type": kind} if kind else None).total
    names = ["numerator", "denominator", "rate", "low", "high", "n_cases", "n_cases_counted"]
    assert last[names].tolist() == pytest.approx(rate[names].tolist())
    said = f"{rate['numerator']} of {rate['denominator']}"
    chart = draw_attrition(data, kind)
    assert f"{said} were dismissed or would have been" in chart.title and f"{said} = " in chart.plot.rows[-1].words
    about = vocabulary.label("complaint_type", kind).lower() if kind else "all complaint types"
    assert f" each step, {about}. " in chart.subtitle  # said "each step, Sexual misconduct."


def test_what_is_not_stated_has_a_part_of_its_own_in_each_bar(data, with_case):
    chart = draw_attrition(data)
    axes = chart.figure.axes[0]
    stages = attrition(data)
    bars = [bar for bar in axes.patches if bar.get_width() < 1]
    n = len(with_case)
    for unstated, reached, row in zip(bars[::2], bars[1::2], stages.to_dict("records"), strict=True):
        assert reached.get_width() == pytest.approx(row["numerator"] / n)
        assert unstated.get_x() == pytest.approx(reached.get_width())
        assert unstated.get_width() == pytest.approx(row["unknown_outcomes"] / n)
        assert unstated.get_facecolor() != reached.get_facecolor()
        assert f"{row['stage']}: " in chart.alt_text and f"not stated of {row['unknown_outcomes']}." in chart.alt_text


def test_attrition_of_nobody_has_no_shares(data, subjects, allegations):
    stages = attrition(of(subjects.head(0), allegations))
    assert stages["numerator"].eq(0).all() and stages["rate"].isna().all()
    with pytest.raises(MisconductError, match="sexual_misconduct"):
        attrition(data, "sexual_misconduc")


def test_bounds_are_what_the_unknown_allow_and_everything_else_is_a_scenario(data, with_case):
    """Rows that bound nothing were called the lowest and the highest."""
    table = leaving_assumptions(data, "case_to_answer").set_index("label")
    unknown, left = with_case["sanction"] == "not_stated", with_case["left_service"] != "no_or_not_stated"
    either = with_case["sanction"].isin(DISMISSED)
    counts = {label: (row["kind"], row["numerator"], row["denominator"]) for label, row in table.iterrows()}
    n, known = len(with_case), (~unknown).sum()
    only = (with_case["sanction"] == "dismissed").sum()
    assert counts == {
        "Dismissed or would have been": ("rate", either.sum(), known),
        "Lowest: none of the unknown": ("bound", either.sum(), n),
        "Highest: all of the unknown": ("bound", (either | unknown).sum(), n),
        "Scenario: dismissed only": ("scenario", only, known),
        "Scenario: without those who left first": ("scenario", (either & ~left).sum(), (~unknown & ~left).sum()),
        "Scenario: all who left or are unknown": ("scenario", (either | left | unknown).sum(), n),
    }
    total = dismissal_rates(data, among="case_to_answer").total
    bounds = table.loc[table["kind"] == "bound", "rate"]
    assert bounds.tolist() == [total["rate_if_none_dismissed"], total["rate_if_all_dismissed"]]


def test_the_title_gives_the_bounds_and_no_scenario(data, frozen):
    """It said that between 2.7% (no bound) and 14.6% (a scenario) "were dismissed"."""
    chart = exhibit("bounds_leaving").draw(data)
    total = dismissal_rates(data, among="case_to_answer").total
    low, high = (f"{100 * total[f'rate_if_{which}_dismissed']:.1f}%" for which in ("none", "all"))
    frozen("bounds of case_to_answer", [low, high])
    assert re.findall(r"[\d.]+%", chart.title) == [low, high]
    assert f"{total['numerator']} of {total['denominator']} people" in chart.title and "would have been" in chart.title
    assert f"in {total['n_cases_counted']} of {total['n_cases']} investigations" in chart.title
    assert "Left first: " in chart.definition and [row.is_apart for row in chart.plot.rows] == [False] * 3 + [True] * 3


def test_without_unknown_outcomes_there_is_nothing_between(subjects, allegations):
    known = of(subjects[subjects["sanction"] != "not_stated"], allegations)
    assert "between" not in draw_leaving(known).title
