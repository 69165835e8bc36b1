"""Comparisons at their edges: the words of a ratio, who is told apart, and what is refused."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from people import by_force, people

from analysis.counting import comparisons
from analysis.counting.comparisons import against_rest, ratio_words, rest_words, risk_ratio, risk_ratios
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError

RATIO = pd.Series({"low": 1.906, "high": 20.84, "ratio": 6.3, "p_holm": 0.012, "verdict": "higher"})


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        *[(0, "0"), (0.124, "0.12"), (9.99, "9.99"), (10, "10.0"), (20.84, "20.8"), (99.9, "99.9"), (100, "100")],
        (131.4, "131"),
    ],
)
def test_a_ratio_has_three_digits(ratio, said):
    assert comparisons._times(ratio) == said


def test_a_ratio_in_words():
    told = "95% interval 1.91 to 20.8 times as often, p = 0.012"
    assert ratio_words(RATIO) == f"higher, with a ratio of 6.30 ({told})"
    unclear = pd.Series({**RATIO, "verdict": "cannot tell", "low": 2, "high": np.inf})
    assert ratio_words(unclear) == "these data cannot tell (95% interval at least 2.00 times as often, p = 0.012)"
    assert ratio_words(pd.Series({**RATIO, "low": np.nan})) == "none was, so there is no ratio"


def test_a_ratio_without_people_or_dismissals():
    for counts in ((0, 0, 1, 2), (1, 2, 0, 0), (0, 5, 0, 5)):
        assert all(math.isnan(number) for number in risk_ratio(*counts))
    assert (
        risk_ratio(0, 20, 5, 20)[:2] == (0, 0)
        and risk_ratio(5, 20, 0, 20)[0] == risk_ratio(5, 20, 0, 20)[2] == math.inf
    )
    assert risk_ratio(3, 20, 3, 20)[::3] == (1, 1)


def test_the_least_expected_in_a_cell():
    assert comparisons._least_expected(4, 12, 10, 40) == pytest.approx(14 * 12 / 52)
    assert comparisons._least_expected(30, 40, 10, 12) == pytest.approx(12 * 12 / 52)  # of those who were not
    assert comparisons._least_expected(0, 0, 0, 0) == 0


def test_which_comparisons_are_low_and_in_what_order():
    forces = {"A": ["n"] * 30 + ["D"] * 10, "B": ["n"] * 20 + ["D"] * 20, "C": ["D"] * 2 + ["n"] * 5, "D": ["n"] * 40}
    table = dismissal_rates(by_force(forces), among="proven", by="force")
    found = risk_ratios(table, "A")
    assert found.columns.tolist() == [
        *("force", "numerator", "denominator", "ratio", "low", "high", "p_value", "reliability", "p_holm", "verdict")
    ]
    assert found["force"].tolist() == ["B", "C", "D"] and found.index.tolist() == [0, 1, 2]
    assert found["reliability"].tolist() == ["ok", "u", "ok"]
    assert found["ratio"].tolist() == pytest.approx([2, 2 / 7 / 0.25, 0])
    assert found["verdict"].tolist() == ["cannot tell", "cannot tell", "lower"]
    assert found["low"][0] <= 1 <= found["high"][0] and found["high"][2] < 1
    low = risk_ratios(table, "C")
    assert low["reliability"].tolist() == ["u"] * 3
    none = risk_ratios(table, "D")
    assert none["ratio"].tolist() == [math.inf] * 3 and (none["high"] == math.inf).all()


def test_what_cannot_be_compared():
    data = people(["D", "n"])
    with pytest.raises(MisconductError, match="by one group"):
        risk_ratios(dismissal_rates(data, among="proven", by=["force", "year"]), "Kent Police")
    table = replace(dismissal_rates(data, among="proven", by="force"), unavailable="nobody says")
    with pytest.raises(MisconductError, match="Not available"):
        risk_ratios(table, "Kent Police")
    with pytest.raises(MisconductError, match="complaint type"):
        risk_ratios(dismissal_rates(data, among="proven", by="complaint_type"), "x")


def test_a_group_beside_everybody_else():
    forces = {"Kent Police": ["n"] * 9 + ["DD"] * 3, "rest": ["n"] * 28 + ["D"] * 2}
    table = dismissal_rates(by_force(forces), among="proven", by="force")
    assert rest_words(table, "Kent Police").startswith(
        "Kent Police: 6 of 15 people, in 3 of 12 investigations, were dismissed or would have been dismissed. "
        "Everybody else: 2 of 30 people. Beside them: "
    )
    things = rest_words(replace(table, counted="allegations", cases="cases"), "Kent Police")
    assert ", in 3 of 12 cases, that ended in dismissal or would have. All others: 2 of 30 allegations. Be" in things
    rows = table.with_total.rename(columns={"force": "person_type"})
    renamed = replace(table, with_total=rows, by=("person_type",))
    assert "The p value is for this one person type and is not adjusted" in rest_words(renamed, "Kent Police")
    alone = dismissal_rates(by_force({"Kent Police": ["n"] * 12}), among="proven", by="force")
    assert rest_words(alone, "Kent Police") == "These data have no other people to compare those of Kent Police with."
    few = dismissal_rates(by_force({"Kent Police": ["n"] * 9, "rest": ["n"] * 9}), among="proven", by="force")
    end = "too few to say anything about it."
    said = f"9 people with a known outcome in these data (fewer than 10 people), {end}"
    assert rest_words(few, "Kent Police").endswith(said)
    decisions = dismissal_rates(by_force({"Kent Police": ["nnn"] * 4, "rest": ["n"] * 9}), among="proven", by="force")
    assert "(people in fewer than 5 cases)" in rest_words(replace(decisions, cases="cases"), "Kent Police")
    assert rest_words(few, "Nobody") == (
        f"Nobody: 0 people with a known outcome in these data (fewer than 10 people), {end}"
    )


def test_a_joint_case_counts_with_the_group_named():
    subjects = people(["n", "n", "n"])["subjects"].assign(force=["Essex Police; Kent Police", "Kent Police", "Kent"])
    assert against_rest(subjects, "force", "Kent Police")["force"].tolist() == ["Kent Police", "Kent Police", "rest"]
    assert against_rest(subjects, "force", "Essex Police")["force"].tolist() == ["Essex Police", "rest", "rest"]


def test_an_interval_that_is_not_rejected_holds_1_and_is_else_as_it_was():
    """Rejected: above, below, around 1; not rejected: around, above, below; and one that was not tested."""
    p = [0.001, 0.002, 0.003, 0.9, 0.9, 0.9, np.nan]
    found = comparisons._judged(
        pd.DataFrame(
            {
                "p_value": p,
                "low": [1.5, 0.2, 0.9, 0.5, 1.2, 0.3, np.nan],
                "high": [3.0, 0.8, 1.4, 1.5, 3.0, 0.8, np.nan],
            }
        )
    )
    assert found["p_holm"].tolist()[:4] == pytest.approx([0.006, 0.01, 0.012, 1]) and np.isnan(found["p_holm"].iloc[6])
    assert found["low"].tolist()[:6] == [1.5, 0.2, 0.9, 0.5, 1, 0.3]
    assert found["high"].tolist()[:6] == [3.0, 0.8, 1.4, 1.5, 3.0, 1]
    assert found["verdict"].tolist() == ["higher", "lower", *["cannot tell"] * 5]
    edge = comparisons._judged(pd.DataFrame({"p_value": [0.05], "low": [1.5], "high": [3.0]}))
    assert edge["verdict"].tolist() == ["cannot tell"] and edge["low"].tolist() == [1]
