"""Counts of a few made-up people, worked out on paper: steps, endings, leavers, denominators, conditions, chance."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from people import of, people

from analysis.counting.attrition import attrition, leaving_assumptions, steps
from analysis.counting.comparisons import _pair
from analysis.counting.concentration import at_random, concentration, concentration_table
from analysis.counting.denominators import (
    cannot_be_dismissed,
    count_unstated,
    is_unstated,
    people_among,
    require_available,
    unavailable,
)
from analysis.counting.endings import after_finding, ended, endings, outcome_counts
from analysis.counting.intervals import design_effects, pairwise_correlation
from analysis.counting.permutation import Outcomes, _distinct, holm, p_against_rest, p_of_spread, p_values
from analysis.counting.rate_words import NOT_STATED
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import (
    Condition,
    as_texts,
    between,
    conditions,
    excluding,
    only_words,
    parse_conditions,
    without_value,
)
from analysis.errors import MisconductError

CASES = ["DW", "n", "n", "?", "n", "D"]  # 7 people in 6 cases


@pytest.fixture
def data():
    subjects, allegations = people(CASES, [["driving"], ["driving", "use_of_force"], *[["use_of_force"]] * 5]).values()
    return of(
        subjects.assign(
            case_to_answer=[*["misconduct"] * 3, "none", "gross_misconduct", "unknown", "misconduct"],
            proceeding=["hearing", "none", "meeting", "none", "not_stated", "hearing", "hearing"],
            finding=["gross_misconduct", "misconduct", "none", "none", "misconduct", "misconduct", "gross_misconduct"],
            finding_basis=[*["stated"] * 6, "inferred_from_outcome"],
            force_view=["agreed", "disagreed", "not_stated", "agreed", "agreed", "agreed", "agreed"],
            left_service=["no", "resigned", "retired", "no", "no", "resigned", "no"],
        ),
        allegations,
    )


def test_who_is_in_a_denominator_and_of_whom_it_is_not_said(data):
    subjects = data.subjects
    counts = {among: len(people_among(subjects, among)) for among in ("case_to_answer", "proven", "proven_or_implied")}
    assert counts == {"case_to_answer": 5, "proven": 4, "proven_or_implied": 5}
    assert len(people_among(subjects, "all_subjects")) == 7
    assert is_unstated(subjects, "case_to_answer").tolist() == [*[False] * 5, True, False]
    assert is_unstated(subjects, "proven").tolist() == [*[False] * 6, True]
    assert is_unstated(subjects, "all_subjects").tolist() == [False] * 7
    assert is_unstated(subjects, "proceedings").tolist() == [*[False] * 4, True, False, False]
    assert not is_unstated(subjects, "all_subjects").any() and not is_unstated(subjects, "proven_or_implied").any()
    assert (count_unstated(subjects, "case_to_answer"), count_unstated(subjects, "proven")) == (1, 0)
    assert unavailable(subjects, "case_to_answer") == unavailable(subjects[:0], "case_to_answer") == ""
    nobody = subjects.assign(case_to_answer="unknown")
    assert unavailable(nobody, "case_to_answer") == "the source does not say whether there was a case to answer"
    with pytest.raises(MisconductError, match="the source does not say whether there was a case to answer"):
        require_available(nobody, "case_to_answer")
    assert require_available(subjects, "case_to_answer") is None
    with pytest.raises(MisconductError):
        leaving_assumptions(of(nobody, data.allegations), "case_to_answer")
    with pytest.raises(MisconductError):
        attrition(of(nobody, data.allegations))


def test_what_the_law_lets_nobody_be_dismissed_in():
    groups = pd.DataFrame({"proceeding": ["meeting", "hearing", "(all)"], "finding": ["misconduct", "none", "x"]})
    assert cannot_be_dismissed(groups[["proceeding"]], {}).tolist() == [True, False, False]
    found = cannot_be_dismissed(groups[["finding"]], {}).tolist()
    assert found[2] is False and cannot_be_dismissed(groups, {}).tolist() == [True, found[1], False]
    assert cannot_be_dismissed(groups[[]].assign(force="x"), {"proceeding": ["meeting"]}).all()
    assert not cannot_be_dismissed(groups[[]].assign(force="x"), {"proceeding": ["meeting", "hearing"]}).any()


def test_a_rate_says_how_many_are_left_out_because_nobody_says_if_they_belong_to_it(data):
    forces = pd.Series(["Kent Police"] * 5 + ["Sussex Police"] + ["Kent Police"], dtype="str")
    both = of(data.subjects.assign(force=forces), data.allegations)
    assert dismissal_rates(both, among="case_to_answer").unstated == 1
    nobody = dismissal_rates(both, among="case_to_answer", where={"force": "Sussex Police"})
    assert (nobody.total["reliability"], nobody.unstated) == ("x", 0)
    assert nobody.unavailable == "the source does not say whether there was a case to answer"


def test_where_the_law_lets_nobody_be_dismissed_there_is_no_share_of_any_kind():
    made = people(["nn?", "n", "n"])
    meetings = of(made.subjects.assign(proceeding="meeting"), made.allegations)
    row = dismissal_rates(meetings, among="all_subjects", by="proceeding").groups.iloc[0]
    assert row[["rate", "low", "high", "rate_if_none_dismissed", "rate_if_all_dismissed"]].isna().all()
    assert row[["numerator", "denominator", "unknown_outcomes", "reliability"]].tolist() == [0, 4, 1, "z"]


def test_steps_reached_not_reached_and_not_stated(data):
    told = {
        name: "".join("?" if pd.isna(one) else "yn"[not one] for one in s) for name, s in steps(data.subjects).items()
    }
    assert told == {
        "Accepted by the force": "yn?yyyy",
        "Proceedings held": "yny n?yy".replace(" ", ""),
        "Misconduct found": "yynnyy?",
        "Formal sanction": "yynn?ny",
        "Dismissed or would have been": "yynn?ny",
    }
    rows = attrition(data).set_index("stage")
    counts = rows[["numerator", "denominator", "unknown_outcomes"]].to_numpy().tolist()
    assert counts == [[3, 4, 1], [3, 4, 1], [3, 4, 1], [3, 4, 1], [3, 4, 1]]
    only = attrition(data, "driving").set_index("stage")
    assert only.loc["Accepted by the force", ["numerator", "denominator", "n_cases"]].tolist() == [1, 2, 1]
    assert only.loc["Dismissed or would have been", ["numerator", "denominator"]].tolist() == [2, 2]
    with pytest.raises(MisconductError, match="complaint type"):
        attrition(data, "drivin")


def test_what_is_assumed_of_leavers(data):
    rows = leaving_assumptions(data, "all_subjects").set_index("label")
    assert rows["kind"].tolist() == ["rate", "bound", "bound", "scenario", "scenario", "scenario"]
    assert rows[["numerator", "denominator"]].to_numpy().tolist() == [[3, 6], [3, 7], [4, 7], [2, 6], [2, 3], [6, 7]]
    assert rows.index.tolist() == [
        *("Dismissed or would have been", "Lowest: none of the unknown", "Highest: all of the unknown"),
        *(
            "Scenario: dismissed only",
            "Scenario: without those who left first",
            "Scenario: all who left or are unknown",
        ),
    ]


def test_how_it_ended(data):
    left, not_left = "left", "not_said_to_have_left"
    assert endings(data.subjects).tolist() == [
        *("dismissed", "would_have_been_dismissed", left, not_left, "not_stated", left, "dismissed")
    ]
    counts = outcome_counts(data)
    columns = ["complaint_type", "people", "investigations", "dismissed", "no_action", "not_stated"]
    assert counts[columns].to_numpy().tolist() == [
        *(["(all)", 7, 6, 2, 3, 1], ["use_of_force", 6, 6, 1, 3, 1], ["driving", 2, 1, 1, 0, 0])
    ]
    assert counts.columns[3] == "dismissed" and counts.columns[-1] == "not_stated"
    assert outcome_counts(data, {"complaint_type": "driving"})["people"].tolist() == [2, 2, 1]
    nobody = outcome_counts(data, {"force": "(not stated)"})
    assert nobody.empty and nobody.columns.tolist() == counts.columns.tolist()
    found = after_finding(data)
    assert found.iloc[0].tolist() == ["(all)", 4, 3, 1, 1, 1, 0, 1]
    assert found.columns[1:3].tolist() == ["found", "investigations"]
    assert after_finding(data, among="proven_or_implied").iloc[0, 1] == 5
    assert after_finding(data, {"complaint_type": "driving"}).iloc[0].tolist() == ["(all)", 2, 1, 1, 1, 0, 0, 0]


def test_how_it_ended_in_words(data):
    said = ended(data, "proven")
    assert said.words == (
        "2 were dismissed or would have been dismissed, in 1 of 2 investigations; 0 got another outcome and are not "
        "said to have left; 1 left first and got another outcome (resigned 1, no action 1)"
    )
    assert (said.implied["numerator"], said.implied["denominator"]) == (3, 4)
    everybody = ended(data, "gross_misconduct_proven")
    assert (everybody.dismissed["numerator"], everybody.implied["numerator"], everybody.left_as) == (1, 2, "")


def test_correlation_and_design_effects_by_hand():
    # Two ordered pairs a case; products of deviations from 2/5: (3/5)^2, twice (2/5)^2 and twice -(3/5)(2/5).
    p, pair = 0.4, np.array([2, 2, 2, 2, 2])
    products = 2 * ((1 - p) ** 2 + 2 * p**2 - 2 * p * (1 - p))
    assert pairwise_correlation(np.array([2, 0, 0, 1, 1]), pair) == pytest.approx(products / (10 * p * (1 - p)))
    counted, n, p = np.array([2, 0, 1]), np.array([2, 2, 1]), 3 / 5
    assert pairwise_correlation(np.array([1, 1]), np.array([2, 2])) == 0  # -1, cut
    assert pairwise_correlation(np.array([1, 0]), np.array([1, 1])) == 1  # no pairs
    assert pairwise_correlation(np.array([0]), np.array([2])) == pairwise_correlation(np.array([2]), np.array([2])) == 1
    assert pairwise_correlation(np.zeros(0), np.zeros(0)) == 1
    one_group = np.zeros(3, dtype=int)
    clustered = 3 / 2 * ((2 - 2 * p) ** 2 + (2 * p) ** 2 + (1 - p) ** 2) / 25
    own = clustered / (p * (1 - p) / 4)
    assert design_effects(counted, n, one_group, 1, 0.1).tolist() == pytest.approx([own])
    kish = 1 + (9 / 5 - 1) * 3
    assert design_effects(counted, n, one_group, 1, 3).tolist() == pytest.approx([kish])
    assert design_effects(np.zeros(3), n, one_group, 2, 0.5).tolist() == [pytest.approx(1.4), 1]
    alone = design_effects(np.array([1, 1, 0]), np.array([2, 1, 1]), np.array([0, 1, 1]), 2, 0)
    assert alone.tolist() == [1, pytest.approx(2 * 0.5 / 4 / 0.25)]


def test_conditions_in_words_and_codes():
    kept = {"complaint_type": Condition(kept=("driving", "use_of_force")), "year": between(2015, 2019)}
    assert only_words({}) == ""
    assert only_words(kept) == "Only people accused of driving or use of force; only year: 2015 to 2019."
    said = only_words(kept).removesuffix(".")
    assert only_words(kept, {"year": 1}) == f"{said}; 1 person whose year is not stated is left out."
    assert only_words(kept, {"year": 1000}) == f"{said}; 1,000 people whose year is not stated are left out."
    cases = (
        "Only cases of driving or use of force; only year: 2015 to 2019; 1 case whose year is not stated is left out."
    )
    assert only_words(kept, {"year": 1}, "cases") == cases
    both = Condition(kept=("Kent Police", NOT_STATED), left_out=("Essex Police",))
    unstated = "Only Kent Police or people whose force is not stated; all but Essex Police."
    assert only_words({"force": both}) == unstated
    assert only_words({"rank": Condition(kept=("constable",))}) == "Only rank: Constable."
    assert as_texts(kept) == {"complaint_type": "driving or use_of_force", "year": "2015 to 2019"}
    several = [Condition(kept=("a",), left_out=("b", "c")), between(2015), between(None, 2015), between(2015, 2015)]
    assert [one.words("year") for one in several] == ["a, not b or c", "2015 or later", "2015 or earlier", "2015"]
    assert [as_texts({"year": one})["year"] for one in several] == [
        "a, not b or c",
        "2015 to",
        "to 2015",
        "2015 to 2015",
    ]
    assert between(0, 1).words("year") == "0 to 1" and excluding(1, "b").left_out == ("1", "b")
    for ends in ((2, 1), (None, None)):
        with pytest.raises(MisconductError, match="A range needs"):
            between(*ends)


def test_conditions_from_the_command_line():
    read = parse_conditions(
        ["year>2015", " year <= 2018 ", "complaint_type!=driving", "force=Kent Police , Essex Police"]
    )
    assert read == {
        **{"year": Condition(low=2016, high=2018), "complaint_type": Condition(left_out=("driving",))},
        **{"force": Condition(kept=("Kent Police", "Essex Police"))},
    }
    assert parse_conditions(["year<2015", "year>=2010"])["year"] == Condition(low=2010, high=2014)
    for wrong in (["year"], ["year="], ["year>x"], ["year=1", "year=2"], ["year>1", "year>=2"], ["year>20a"]):
        with pytest.raises(MisconductError, match="--only"):
            parse_conditions(wrong, "--only")


def test_what_a_condition_keeps():
    values = pd.Series(["a", "b", "(not stated)", "a", "2"]).astype("category")
    person = pd.Series([1, 1, 2, 3, 4])
    assert Condition(kept=("a",)).keeps(values, person).tolist() == [True, False, False, True, False]
    assert Condition(left_out=("b",)).keeps(values, person).tolist() == [False, False, False, True, True]
    assert Condition(low=2).keeps(values, person).tolist() == [*[False] * 4, True]
    assert Condition(high=2).keeps(values, person).tolist() == [*[False] * 4, True]
    assert not Condition(low=3).keeps(values, person).any() and not Condition(high=1).keeps(values, person).any()
    rows = pd.DataFrame({"force": values, "subject_id": person})
    assert without_value(rows, {"force": Condition(kept=("a",))}) == {"force": 1}
    assert without_value(rows, {"force": Condition(kept=("a", "(not stated)"))}) == {}
    assert without_value(rows[:2], {"force": Condition(kept=("a",))}) == {}


def test_conditions_of_the_library(data):
    def read(value: object) -> Condition:
        return conditions({"year": value}, data.subjects)["year"]

    assert read(2016) == read(np.int64(2016)) == read("2016") == read([2016]) == Condition(kept=("2016",))
    assert read(between(2000)) == Condition(low=2000) and conditions(None, data.subjects) == {}
    for wrong in (2016.5, [], Condition(), [1999]):
        with pytest.raises(MisconductError, match="year"):
            read(wrong)
    with pytest.raises(MisconductError, match="force is not a number"):
        conditions({"force": between(1)}, data.subjects)


def test_concentration_by_hand():
    """Four people with one complaint, one with six: 10 complaints of 5 people, or of 20."""
    table = pd.DataFrame({"n_complaints": [1, 6], "n_people": [4, 1]})
    found = concentration(table, 20)
    assert (found.complaints, found.people, found.mean) == (10, 20, 0.5)
    assert found.data["group"].tolist() == [0.01, 0.05, 0.1] and found.data["n_people"].tolist() == [0, 1, 2]
    assert found.data["share"].tolist() == [0, 0.6, 0.7]
    variance = (15 * 0.25 + 4 * 0.25 + 5.5**2) / 19
    assert found.dispersion == pytest.approx(variance / 0.5)
    alone = concentration(table)
    rate = alone.mean * (1 - math.exp(-1.5936242600400401))  # the fixed point for a mean of 2
    assert (alone.people, alone.mean) == (5, 2) and rate == pytest.approx(1.59362426)
    assert alone.dispersion == pytest.approx((4 * 1 + 16) / 4 / (2 * (1 + rate - 2)))
    assert concentration(table, 5).people == 5
    with pytest.raises(MisconductError, match="5 people have complaints, so the workforce cannot be 4"):
        concentration(table, 4)
    assert at_random(0.5, 100, 2).tolist() == pytest.approx([100 * math.exp(-0.5) * x for x in (1, 0.5, 0.125)])
    shown = concentration_table(found)
    assert shown.columns.tolist() == ["people with most", "how many", "share of complaints", "if they fell at random"]
    assert shown.iloc[1, :3].tolist() == ["5%", 1, "60.0%"] and shown.iloc[0, 0] == "1%" and shown.iloc[2, 0] == "10%"


def test_outcomes_and_their_permutations_by_hand():
    """Person 0 of case 1, dismissed; 1 and 2 of case 0, of whom 2 dismissed; 3 alone in case 2."""
    out = Outcomes(
        np.array([1, 0, 0, 2]),
        np.array([True, False, True, False]),
        np.array([0, 1, 2, 3, 3]),
        np.array([0, 0, 1, 1, 0]),
        2,
    )
    assert out.members.tolist() == [[1, 0], [0, 1], [1, 0], [1, 1]]  # in the order of their cases
    assert out.people.tolist() == [3, 2] and out.counted.tolist() == [1, 1]
    case, person = np.arange(60) % 3, np.arange(60)  # in each case those who come first stay first
    placed = Outcomes(case, case > 0, person, person, 60).members.argmax(axis=1)
    assert placed.tolist() == [*range(0, 60, 3), *range(1, 60, 3), *range(2, 60, 3)]
    second = out.among(1)
    assert (second.case.tolist(), second.is_counted.tolist(), second.groups) == ([0, 2], [True, False], 1)
    assert (second.person.tolist(), second.group.tolist()) == ([0, 1], [0, 0])
    turned = out.among(1, 0)
    assert turned.people.tolist() == [2, 3] and turned.groups == 2
    assert _pair(out, 1, 0)[1].tolist() == [[1 / 2], [-1 / 3]]  # somebody is in both
    drawn = out.permuted(4000, np.random.default_rng(1))
    # One of the two alone is dismissed, and one of the pair: groups 0 and 1 get what these hold.
    assert drawn.shape == (4000, 2) and drawn.mean(axis=0).tolist() == pytest.approx([1.5, 1.0], abs=0.05)
    assert drawn.min(axis=0).tolist() == [1, 0] and drawn.max(axis=0).tolist() == [2, 2]
    deck = _distinct(3000, 4, 2, np.random.default_rng(1))
    assert deck.shape == (3000, 2) and (deck[:, 0] != deck[:, 1]).all()
    assert np.bincount(deck.ravel(), minlength=4).tolist() == pytest.approx([1500] * 4, abs=120)
    assert sorted(_distinct(1, 3, 3, np.random.default_rng(1))[0]) == [0, 1, 2]


def test_p_values_by_hand():
    """One dismissed of four alone, in groups of one and three: exchanged, the one has it a quarter of the time."""
    out = Outcomes(np.arange(4), np.array([True, False, False, False]), np.arange(4), np.array([0, 1, 1, 1]), 3)
    found = p_against_rest(out)
    assert found[:2].tolist() == pytest.approx([0.25, 0.25], abs=0.01) and np.isnan(found[2])
    assert p_of_spread(out, 4000) == pytest.approx(0.25, abs=0.03)
    everybody = Outcomes(np.arange(2), np.array([True, True]), np.arange(2), np.array([0, 1]), 2)
    assert np.isnan(p_against_rest(everybody)).all() and math.isnan(p_of_spread(everybody, 10))
    one = Outcomes(np.arange(2), np.array([True, False]), np.arange(2), np.array([0, 0]), 2)
    assert np.isnan(p_against_rest(one)).all() and math.isnan(p_of_spread(one, 10))
    assert p_values([(out, np.eye(3)[:, :1])], [0.9]).tolist() == pytest.approx([0.25], abs=0.01)
    assert holm(np.array([0.04, 0.01, 0.6, 0.5])).tolist() == pytest.approx([0.12, 0.04, 1, 1])


def test_as_many_permutations_as_the_answer_takes():
    """Beyond what is observed in the same share of each batch: 3.3 standard errors of it reach across 0.05, or not."""

    class Told:
        is_counted, people, counted = np.zeros(1), np.ones(1), np.ones(1)

        def __init__(self, share: float) -> None:
            self.share, self.batches = share, 0

        def permuted(self, draws: int, random: object) -> np.ndarray:
            self.batches += 1
            return (np.arange(draws) < self.share * draws).astype(float)[:, None]

    for share, batches in ((0.056, 1), (0.045, 1), (0.052, 7), (0.048, 7), (0.05, 10)):
        told = Told(share)
        assert p_values([(told, np.eye(1))]) == pytest.approx(share, abs=1e-4) and told.batches == batches, share
    doubled = Told(0.026)
    p_values([(doubled, np.eye(1))], [0.9])  # after Holm's adjustment for two it is 0.052
    assert doubled.batches > 1


def test_the_spread_of_groups_is_that_of_every_way_outcomes_can_fall():
    """Two of six dismissed, in groups of one, two and three, one of whom is in two: each way as often as any other."""
    person, group = np.array([0, 1, 2, 3, 4, 5, 5]), np.array([0, 1, 1, 2, 2, 2, 1])
    n = np.array([1, 3, 3])

    def spread(dismissed: tuple[int, ...]) -> float:
        counts = np.bincount(group[np.isin(person, dismissed)], minlength=3)
        return float((n * (counts / n - 2 / 6) ** 2).sum())

    every = [spread(pair) for pair in combinations(range(6), 2)]
    for observed in ((0, 1), (3, 4), (0, 5)):
        out = Outcomes(np.arange(6), np.isin(np.arange(6), observed), person, group, 3)
        exact = np.mean([one >= spread(observed) - 1e-9 for one in every])
        assert p_of_spread(out, 20_000) == pytest.approx(exact, abs=0.015)
        assert p_of_spread(out, 500) == p_of_spread(out, 500)
    alike = Outcomes(np.arange(2), np.array([True, False]), np.arange(2), np.array([0, 1]), 2)
    assert p_of_spread(alike, 9) == 1  # both ways are as far apart
    none = Outcomes(np.arange(2), np.array([False, False]), np.arange(2), np.array([0, 1]), 2)
    assert math.isnan(p_of_spread(none, 9))
