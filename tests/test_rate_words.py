"""How rates are said, at every edge: each of these a small change of the code would move."""

import numpy as np
import pandas as pd
import pytest

from analysis import vocabulary
from analysis.counting import rate_words as words
from analysis.counting.denominators import among_label, outside

ROW = pd.Series(
    {
        **{"numerator": 6, "denominator": 24, "n_cases_counted": 3, "n_cases": 15, "unknown_outcomes": 2},
        **{"rate": 0.25, "low": 0.12, "high": 0.45, "reliability": "ok"},
        **{"rate_if_none_dismissed": 6 / 26, "rate_if_all_dismissed": 8 / 26},
    }
)


def row(**changed: object) -> pd.Series:
    return pd.Series({**ROW, **changed})


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (float("nan"), "[z]"),
        (0, "0.0%"),
        (0.000009, "<0.001%"),
        (0.00001, "0.0010%"),
        (0.00268, "0.27%"),
        (0.00995, "1.0%"),
        (0.01, "1.0%"),
        (0.0445, "4.5%"),  # a half, rounded up
        (0.0625, "6.3%"),
        (0.9994, "99.9%"),
        (0.9995, ">99.9%"),
        (0.99999, ">99.9%"),
        (1, "100.0%"),
    ],
)
def test_a_share_at_every_edge(share, said):
    assert words.percent(share) == said


def test_two_shares_or_none():
    assert words.percent_range(0.026, 0.073) == "2.6% to 7.3%"
    assert words.percent_range(float("nan"), float("nan")) == "[z]"


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0009, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0472, "p = 0.047"),
        (0.0996, "p = 0.100"),
        (0.1, "p = 0.10"),
        (1, "p = 1.00"),
    ],
)
def test_a_p_value_at_every_edge(p, said):
    assert words.p_words(p) == said


def test_headings_and_labels():
    assert words.heading("numerator") == "dismissed"
    assert words.heading("a_column_of_the_user") == "a column of the user"
    assert words.group_label("complaint_type", "use_of_force") == vocabulary.label("complaint_type", "use_of_force")
    assert words.group_label("force", "Kent Police") == "Kent Police"
    assert [words.plain(value) for value in (None, pd.NA, np.nan)] == ["(not stated)"] * 3
    assert (words.plain(2016), words.plain("x"), words.group_label("year", pd.NA)) == ("2016", "x", "(not stated)")


def test_a_group_that_takes_in_more_than_its_label_is_explained():
    entry = vocabulary.entry("vawg", "perpetrated")
    assert words.explanations(["force", "vawg"]) == [f"{entry['label']}: {entry['definition']}"]
    assert words.explanations(["force_view"])[0].startswith(vocabulary.label("force_view", "disagreed") + ": ")


def test_why_a_row_is_of_low_reliability():
    assert words.few_words(row(denominator=9)) == "fewer than 10 people"
    assert words.few_words(row(denominator=10)) == "people in fewer than 5 investigations"
    assert words.few_words(row(denominator=9), "complaints", "cases") == "fewer than 10 complaints"
    assert words.few_words(row(denominator=10), "complaints", "cases") == "complaints in fewer than 5 cases"


def test_only_people_are_dismissed():
    assert words.share_label("dismissed") == "dismissed"
    assert words.share_label("dismissed", "complaints") == "that ended in dismissal"


def test_a_count_in_how_many_cases():
    assert words.count_words(ROW) == "6 of 24, in 3 of 15 investigations"
    assert words.count_words(ROW, "cases", "people") == "6 of 24 people, in 3 of 15 cases"
    many = row(numerator=1200, denominator=2400, n_cases_counted=1100, n_cases=2300)
    assert words.count_words(many) == "1,200 of 2,400, in 1,100 of 2,300 investigations"
    one = row(n_cases_counted=1, n_cases=1)
    assert words.case_words(one) == ", in 1 of 1 investigation"
    assert words.case_words(row(n_cases_counted=1, n_cases=2), "cases") == ", in 1 of 2 cases"
    assert words.case_words(row(n_cases_counted=6, n_cases=24)) == ""
    assert words.case_words(row(n_cases_counted=6)) == ", in 6 of 15 investigations"


@pytest.mark.parametrize(
    ("changed", "sentence", "rate", "interval"),
    [
        ({}, "6 of 24 = 25.0%", "25.0%", "12.0% to 45.0%"),
        ({"reliability": "u"}, "6 of 24 = 25.0% [u]", "25.0% [u]", "12.0% to 45.0%"),
        ({"reliability": "z", "rate": np.nan}, "6 of 24 [z]", "[z]", "12.0% to 45.0%"),
        ({"reliability": "x"}, "6 of 24 = [x]", "[x]", "12.0% to 45.0%"),
        ({"denominator": 5}, "6 of 5 = 25.0%", "25.0%", "12.0% to 45.0%"),
        ({"denominator": 4}, "6 of 4 [u]", "[u]", "[u]"),
        ({"denominator": 1}, "6 of 1 [u]", "[u]", "[u]"),
        (
            {"denominator": 0, "rate": np.nan, "low": np.nan, "high": np.nan},
            "none with a known outcome [z]",
            "[z]",
            "[z]",
        ),
        ({"numerator": 1200, "denominator": 4800}, "1,200 of 4,800 = 25.0%", "25.0%", "12.0% to 45.0%"),
    ],
)
def test_a_rate_in_a_sentence_and_in_a_table(changed, sentence, rate, interval):
    told = row(**changed)
    assert (words.rate_in_words(told), words.rate_cell(told), words.interval_cell(told)) == (sentence, rate, interval)


def test_bounds_are_told_of_five_people_and_more_with_those_of_unknown_outcome():
    assert words.bounds_cell(ROW) == "23.1% to 30.8%"
    assert words.bounds_cell(row(denominator=2)) == "[u]"
    assert words.bounds_cell(row(denominator=3)) == "23.1% to 30.8%"
    assert words.bounds_cell(row(denominator=1, unknown_outcomes=0)) == "[u]"
    nobody = {"rate_if_none_dismissed": np.nan, "rate_if_all_dismissed": np.nan}
    assert words.bounds_cell(row(denominator=0, unknown_outcomes=0, **nobody)) == "[z]"


def test_what_cannot_be_known_is_marked_in_its_row_alone():
    shown = pd.DataFrame({"group": ["a", "b"], "rate": ["1.0%", "2.0%"], "n": [1, 2]})
    marked = words.marked_unavailable(shown, pd.DataFrame({"reliability": ["x", "ok"]}), ["rate", "n"])
    assert marked.to_numpy().tolist() == [["a", "[x]", "[x]"], ["b", "2.0%", 2]]
    assert words.marked_unavailable(shown, pd.DataFrame({"reliability": ["ok", "u"]}), ["rate", "n"]) is shown


def test_a_denominator_in_words():
    assert among_label("case_to_answer") == "people with a case to answer"
    assert among_label("case_to_answer", "allegations") == "allegations with a case to answer"
    left_out = "Also left out: {} the source does not say whether there was a case to answer."
    assert outside("case_to_answer", 1) == left_out.format("one person of whom")
    assert outside("case_to_answer", 2000) == left_out.format("2,000 people of whom")
    assert outside("case_to_answer", 1, "allegations") == left_out.format("1 allegations of which")
    assert outside("case_to_answer", 2000, "allegations") == left_out.format("2,000 allegations of which")
