"""Odds ratios, power and the test of all groups at once, each against another computation."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from people import by_force, of, people
from scipy import optimize
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from analysis.counting import apart
from analysis.counting.adjusted import OTHERS, firth_model, odds_ratios, odds_table
from analysis.counting.permutation import p_of_spread
from analysis.counting.power import needed_table, people_needed, power
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError


def by_hand(design, outcome, cases):
    """The maximum of the penalised likelihood, searched for, and the sandwich summed case by case."""

    def loss(beta):
        chance = 1 / (1 + np.exp(-design @ beta))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        likelihood = np.sum(outcome * np.log(chance) + (1 - outcome) * np.log(1 - chance))
        return -likelihood - 0.5 * np.linalg.slogdet(information)[1]

    beta = optimize.minimize(loss, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-9}).x
    chance = 1 / (1 + np.exp(-design @ beta))
    inverse = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design)
    middle = np.zeros(inverse.shape)
    for case in set(cases):
        score = np.zeros(len(beta))
        for row, y, p, its in zip(design, outcome, chance, cases, strict=True):
            if its == case:
                score += row * (y - p + p * (1 - p) * (row @ inverse @ row) * (0.5 - p))
        middle += np.outer(score, score)
    m = len(set(cases))
    return beta, m / (m - 1) * inverse @ middle @ inverse, inverse


def test_the_model_is_that_of_another_computation():
    random = np.random.default_rng(3)
    cases = np.repeat(np.arange(60), random.integers(1, 5, 60))
    design = np.column_stack([np.ones(len(cases)), random.integers(0, 2, (len(cases), 2))]).astype(float)
    outcome = (random.random(len(cases)) < 0.1 + 0.3 * design[:, 1]).astype(int)
    beta, covariance = firth_model(design, outcome, cases)
    expected, sandwich, own = by_hand(design, outcome, cases)
    assert beta == pytest.approx(expected, abs=1e-4)
    variance = np.maximum(np.diag(sandwich), np.diag(own))
    assert np.diag(covariance) == pytest.approx(variance, rel=1e-3)


def test_a_two_by_two_table_has_the_odds_of_half_a_person_more_in_each_cell():
    """Firth's estimate of a saturated model of one variable (Heinze and Schemper 2002)."""
    outcome = np.array([1] * 3 + [0] * 9 + [0] * 12)
    design = np.column_stack([np.ones(24), np.arange(24) < 12]).astype(float)
    beta, covariance = firth_model(design, outcome, np.arange(24))
    assert math.exp(beta[1]) == pytest.approx((3.5 / 9.5) / (0.5 / 12.5), rel=1e-4)
    assert np.isfinite(np.sqrt(np.diag(covariance))).all()


def test_odds_of_two_types_before_and_after_a_year():
    """Four years of three drivers each, one of them dismissed, and of three who used force, none: all in one model."""
    kinds, years = [["driving"]] * 12 + [["use_of_force"]] * 12, [2014, 2015, 2016, 2017] * 6
    made = people(["D"] * 4 + ["n"] * 20, kinds)
    subjects = made["subjects"].assign(year=pd.Series([*years[:23], None], dtype="Int64"))
    subjects["case_to_answer"] = ["gross_misconduct", "misconduct"] * 12
    question = {"reference": "use_of_force", "beside": {"case_to_answer": ["gross_misconduct"]}}
    found = odds_ratios(of(subjects, made["allegations"]), among="proven", first_year=2016, **question)
    assert [*found["variable"]] == ["Driving", "Case to answer for gross misconduct", "Incident in 2016 or later"]
    assert found[["people", "dismissed"]].to_numpy().tolist() == [[12, 4], [12, 2], [11, 2]]
    drove, gross, late = np.arange(23) < 12, np.arange(23) % 2 == 0, np.array(years[:23]) >= 2016
    for way, columns in {"unadjusted": [drove], "adjusted": [drove, gross, late]}.items():
        design = np.column_stack([np.ones(23), *columns]).astype(float)
        beta, sandwich, own = by_hand(design, np.arange(23) < 4, np.arange(23))
        half = 1.96 * np.sqrt(np.maximum(np.diag(sandwich), np.diag(own)))
        for name, end in {"low": beta - half, "odds_ratio": beta, "high": beta + half}.items():
            told = found[f"{name}_{way}"].to_numpy()
            assert told[: len(columns)] == pytest.approx(np.exp(end[1:]), rel=1e-3), (name, way)
            assert np.isnan(told[len(columns) :]).all()


def test_the_groups_of_the_model_are_counted_from_the_columns(data, subjects, allegations):
    found = odds_ratios(
        data, among="case_to_answer", reference="use_of_force", beside={"case_to_answer": ["gross_misconduct"]}
    ).set_index("variable")
    first = allegations[allegations["position"] == 1].set_index("subject_id")["complaint_type"]
    known = subjects[(subjects["case_to_answer"] != "none") & (subjects["sanction"] != "not_stated")]
    sexual = known[known["subject_id"].map(first) == "sexual_misconduct"]
    dismissed = sexual["sanction"].isin(["dismissed", "would_have_been_dismissed"]).sum()
    assert tuple(found.loc["Sexual misconduct", ["people", "dismissed"]]) == (len(sexual), dismissed)
    sizes = known["subject_id"].map(first).value_counts()
    assert found.loc[OTHERS, "people"] == sizes[sizes < 10].sum()
    gross = found.loc["Case to answer for gross misconduct"]
    assert gross["people"] == (known["case_to_answer"] == "gross_misconduct").sum()
    assert np.isnan(gross["odds_ratio_unadjusted"])
    for way in ("unadjusted", "adjusted"):
        ends = found[[f"{end}_{way}" for end in ("low", "odds_ratio", "high")]].dropna().to_numpy()
        assert (np.diff(ends, axis=1) > 0).all()


def test_what_everybody_has_is_named_and_not_adjusted_for(data):
    question = {"reference": "use_of_force", "beside": {"case_to_answer": ["gross_misconduct"]}}
    found = odds_ratios(data, among="gross_misconduct_case_to_answer", **question)
    assert [*found.attrs["left_out"]] == ["Case to answer for gross misconduct"]
    assert odds_ratios(data, among="case_to_answer", **question).attrs["left_out"] == []


def test_a_model_that_cannot_be_fitted_is_refused(data):
    with pytest.raises(MisconductError, match="use_of_farce"):
        odds_ratios(data, among="case_to_answer", reference="use_of_farce", beside={})
    nobody = people(["n"] * 12, [["driving"]] * 12)
    with pytest.raises(MisconductError, match="somebody dismissed"):
        odds_ratios(nobody, among="proven", reference="driving", beside={})


@pytest.mark.parametrize(("rate", "ratio"), [(0.044, 2), (0.044, 3), (0.1, 2), (0.2, 1.5)])
def test_people_needed_are_those_of_statsmodels(rate, ratio):
    expected = samplesize_proportions_2indep_onetail(rate * ratio - rate, rate, 0.8, value=0)
    assert people_needed(rate, ratio) == pytest.approx(expected, rel=0.02)
    n = people_needed(rate, ratio)
    assert power(rate, ratio, n, n) == pytest.approx(0.8, abs=0.005)
    assert people_needed(rate, ratio, effect=1.5) == pytest.approx(1.5 * n, abs=1.5)


def test_power_grows_with_people_and_is_near_that_of_arcsines():
    values = [power(0.044, 2, n, 4 * n) for n in (50, 100, 200, 400)]
    assert values == sorted(values)
    effect = 2 * (math.asin(math.sqrt(0.2)) - math.asin(math.sqrt(0.1)))
    assert power(0.1, 2, 150, 150) == pytest.approx(NormalIndPower().power(effect, 150, 0.05), abs=0.03)


def test_a_rate_that_cannot_be_so_high(data):
    with pytest.raises(MisconductError, match="cannot become 3 times"):
        people_needed(0.5, 3)
    table = needed_table(dismissal_rates(data, among="gross_misconduct_proven"))
    assert table["ratio"].tolist() == [2] and table["higher_rate"].max() <= 1


def test_people_needed_for_several_comparisons_at_once(data):
    """Each of five at one per cent: the z of the test is 2.576."""
    rates = dismissal_rates(data, among="case_to_answer")
    rate, effect = rates.total["rate"], rates.total["design_effect"]
    table = needed_table(rates, (2, 3), comparisons=5)
    assert table.columns.tolist() == ["ratio", "lower_rate", "higher_rate", "people_needed"]
    assert table.to_numpy().tolist() == [
        [ratio, rate, rate * ratio, people_needed(rate, ratio, effect, 2.5758293035489)] for ratio in (2, 3)
    ]
    assert rates.outcomes is None and rates.verdicts.empty  # of no groups


def test_all_groups_at_once(data):
    """One person a case and two groups: Fisher's exact test, two-sided by the distance from what is expected."""
    table = dismissal_rates(
        people(["D"] * 5 + ["n"] * 15, [["driving"]] * 4 + [["use_of_force"]] * 16),
        **{"among": "proven", "by": "complaint_type"},
    )
    chances = [math.comb(5, k) * math.comb(15, 4 - k) / math.comb(20, 4) for k in range(5)]
    assert p_of_spread(table.outcomes()) == pytest.approx(chances[4], abs=0.002)
    by_type = dismissal_rates(data, among="case_to_answer", by="complaint_type", primary_only=True)
    assert p_of_spread(by_type.outcomes()) < 0.002
    assert math.isnan(p_of_spread(dismissal_rates(people(["n"] * 9), among="proven", by="force").outcomes()))


def test_odds_as_people_read_them():
    """A hundredth, a tenth and a hundred are told no finer than two figures; what is not in a model has no odds."""
    counts = {"variable": ["Driving", "Other"], "people": [40, 12], "dismissed": [3, 0]}
    first = {"odds_ratio_unadjusted": [0.136, 9.96], "low_unadjusted": [0.0221, 1.14], "high_unadjusted": [10.0, 138.2]}
    last = {"odds_ratio_adjusted": [np.nan, 1.26], "low_adjusted": [np.nan, 0.5], "high_adjusted": [np.nan, 10.6]}
    assert odds_table(pd.DataFrame({**counts, **first, **last})).to_dict("list") == {
        "variable": ["Driving", "Other"],
        "dismissed": ["3 of 40", "0 of 12"],
        "odds ratio, unadjusted (95% interval)": ["0.14 (0.022 to 10)", "10 (1.1 to 138)"],
        "odds ratio, adjusted (95% interval)": ["[z]", "1.3 (0.5 to 11)"],
    }


def rates_of(groups, by="force"):
    return dismissal_rates(groups, among="proven", by=by)


def test_which_groups_are_told_apart_is_said_by_name():
    """A group of four people, all dismissed, is tested and not named."""
    high, low = ["D"] * 18 + ["n"] * 2, ["n"] * 58 + ["DD"]
    names = dict.fromkeys(("Dorset Police", "Essex Police", "Kent Police"), high)
    names |= dict.fromkeys(("Gwent Police", "Surrey Police"), low)
    table = rates_of(by_force({**names, "Cleveland Police": ["D"] * 4}))
    assert apart.told_apart(table) == {"higher": [*names][:3], "lower": [*names][3:]}
    assert apart.apart_words(table) == (
        "the share is higher for Dorset Police, Essex Police and Kent Police and lower for Gwent Police and Surrey "
        "Police than for everybody else"
    )
    assert "after Holm's adjustment for 6 groups" in apart.test_notes(table)[0]
    assert apart.spread_words(table) == (
        "62 of 184 people found to have committed misconduct, in 60 of 182 investigations, were dismissed or would "
        "have been dismissed. The groups differ (p < 0.001)."
    )
    untested = replace(table, cases="cases", outcomes=None)
    assert ", in 60 of 182 cases, were dismissed" in apart.spread_words(untested)
    kinds = [["sexual_misconduct"]] * 18 + [["driving"]] * 40
    by_type = rates_of(people(["D"] * 18 + ["n"] * 38 + ["D"] * 2, kinds), by="complaint_type")
    assert apart.apart_words(by_type) == (
        "the share is higher for sexual misconduct and lower for driving than for everybody else"
    )
    assert apart.apart_words(replace(by_type, counted="allegations")).endswith(" for driving than for all others")


def test_groups_that_cannot_be_told_apart():
    alike = rates_of(by_force({"Kent Police": ["n"] * 9 + ["D"], "Essex Police": ["n"] * 19 + ["D"]}))
    assert apart.apart_words(alike) == "these data cannot rank the groups"
    assert apart.spread_words(alike) == (
        "2 of 30 people found to have committed misconduct were dismissed or would have been dismissed. These data "
        "cannot tell whether the groups differ (p = 1.00)."
    )
    alone = rates_of(by_force({"Kent Police": ["n"] * 9 + ["D"]}))
    assert apart.apart_words(alone) == "" and apart.test_notes(alone) == ()
    for untested in (alone, replace(alike, outcomes=None)):
        assert apart.spread_words(untested).endswith(" dismissed. These data cannot tell whether the groups differ.")
