import numpy as np
import pandas as pd
import pytest
from people import of, people
from scipy import stats

from analysis.counting.comparisons import against_rest, ratio_words, risk_ratio, risk_ratios
from analysis.counting.funnel import Z95, Z998, fit_beta_binomial, funnel, pooled_estimates, score_limits
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset
from analysis.errors import MisconductError


def test_koopman_reference():
    # Koopman (1984), Biometrics 40, 513-517: 36 of 40 against 16 of 80.
    ratio, low, high, p = risk_ratio(36, 40, 16, 80)
    assert (ratio, low, high) == pytest.approx((4.5, 2.9396, 7.1521), abs=5e-4)
    assert p < 1e-10


def test_the_ratio_turned_round_is_its_inverse():
    ratio, low, high, p = risk_ratio(7, 40, 3, 60)
    turned = risk_ratio(3, 60, 7, 40)
    assert (1 / ratio, 1 / high, 1 / low, p) == pytest.approx(turned, rel=1e-3)


def test_zeros():
    assert np.isnan(risk_ratio(0, 10, 0, 10)).all() and np.isnan(risk_ratio(0, 0, 1, 10)).all()
    ratio, low, high, _ = risk_ratio(0, 20, 5, 20)
    assert (ratio, low) == (0, 0) and 0 < high < 1.5
    ratio, low, high, _ = risk_ratio(5, 20, 0, 20)
    assert ratio == high == np.inf and low > 0.5


def by_force(cases: dict[str, list[str]]) -> Dataset:
    subjects, allegations = people([case for group in cases.values() for case in group]).values()
    forces = [force for force, group in cases.items() for case in group for _ in case]
    return of(subjects.assign(force=pd.Series(forces, dtype="str")), allegations)


def test_risk_ratios_and_holm():
    tables = by_force(
        {
            "Essex Police": ["n"] * 18 + ["D"] * 2,
            "Kent Police": ["n"] * 10 + ["D"] * 10,
            "Sussex Police": ["n"] * 15 + ["D"] * 5,
        }
    )
    table = risk_ratios(dismissal_rates(tables, among="proven", by="force"), "Essex Police")
    assert table["force"].tolist() == ["Kent Police", "Sussex Police"]
    assert table["ratio"].tolist() == pytest.approx([5, 2.5])
    assert table[["low", "high"]].iloc[0].tolist() == pytest.approx(risk_ratio(10, 20, 2, 20)[1:3])
    smaller, larger = sorted(table["p_value"])
    assert sorted(table["p_holm"]) == pytest.approx([2 * smaller, max(2 * smaller, larger)])


def test_clusters_widen_a_risk_ratio():
    single = by_force({"Essex Police": ["n"] * 40 + ["D"] * 4, "Kent Police": ["n"] * 20 + ["D"] * 8})
    grouped = by_force({"Essex Police": ["n"] * 40 + ["D"] * 4, "Kent Police": ["n"] * 20 + ["DDDD"] * 2})
    widths = []
    for tables in (single, grouped):
        row = risk_ratios(dismissal_rates(tables, among="proven", by="force"), "Essex Police").iloc[0]
        assert row["ratio"] == pytest.approx(8 / 28 / (4 / 44))
        widths.append(np.log(row["high"] / row["low"]))
    assert widths[1] > widths[0]


def test_an_unknown_reference_lists_the_groups():
    table = dismissal_rates(people(["D", "n"]), among="proven", by="force")
    with pytest.raises(MisconductError, match="Known: Kent Police"):
        risk_ratios(table, "Kent")


def test_what_is_not_stated_is_no_group_of_a_comparison(data):
    table = dismissal_rates(data, among="case_to_answer", by="person_type")
    assert "unknown" in set(table.groups["person_type"])
    ratios = risk_ratios(table, "officer")
    assert ratios["person_type"].tolist() == ["other", "staff"]
    assert ratios["p_holm"].max() == ratios["p_value"].max()  # two comparisons and not three
    with pytest.raises(MisconductError, match="unknown"):
        risk_ratios(table, "unknown")


def test_against_rest_counts_everybody_once(subjects, allegations):
    two = against_rest(subjects, "force", "Metropolitan Police Service")
    table = dismissal_rates(of(two, allegations), among="case_to_answer", by="force")
    assert table.groups["denominator"].sum() == table.total["denominator"]
    assert set(table.groups["force"]) == {"Metropolitan Police Service", "rest"}


@pytest.mark.parametrize("z", [Z95, Z998])
def test_funnel_limits_are_the_published_definition(z):
    low, high = score_limits(0.2, np.array([25.0, 400.0]), z)
    half = z * np.sqrt(0.2 * 0.8 / np.array([25, 400]))
    assert low == pytest.approx(np.maximum(0.2 - half, 0)) and high == pytest.approx(0.2 + half)
    assert pytest.approx(1.959964) == Z95 and pytest.approx(3.090232) == Z998


def test_a_group_outside_its_limits_is_found():
    # Nine groups of 40 with 4 dismissed each, and one with 16: only the last lies outside.
    cases = {f"force {number}": ["n"] * 36 + ["D"] * 4 for number in range(9)} | {"odd": ["n"] * 24 + ["D"] * 16}
    found = funnel(dismissal_rates(by_force(cases), among="proven", by="force"))
    assert found.target == pytest.approx(52 / 400) and not found.is_overdispersed
    assert found.data.set_index("force")["position"].drop("odd").eq("inside").all()
    z = (0.4 - 0.13) / np.sqrt(0.13 * 0.87 / 40)
    assert found.data.set_index("force").loc["odd", "z"] == pytest.approx(z) and z > Z998
    assert found.data.set_index("force").loc["odd", "position"] == "outside 99.8%"


def test_overdispersion_widens_the_limits():
    cases = {f"force {n}": ["n"] * (40 - k) + ["D"] * k for n, k in enumerate([0, 20, 0, 20, 0, 20, 0, 20])}
    found = funnel(dismissal_rates(by_force(cases), among="proven", by="force"))
    z = (0 - 0.25) / np.sqrt(0.25 * 0.75 / 40)
    assert found.dispersion == pytest.approx(z**2) and found.is_overdispersed
    assert found.data["position"].eq("inside").all()


def test_what_lies_outside_is_told_in_counts():
    """How many of how many groups of 10 people or more, outside which limits; a smaller one is not classified."""
    cases = {f"force {number}": ["n"] * 36 + ["D"] * 4 for number in range(9)}
    cases |= {"odd": ["n"] * 24 + ["D"] * 16, "small": ["n"] * 3}
    found = funnel(dismissal_rates(by_force(cases), among="proven", by="force"))
    assert found.outside_words() == (
        "1 of 10 forces with 10 people or more lies outside the 95% limits; 1 outside the 99.8% limits"
    )
    assert "outside the 95% limits (odd: 16 of 40); 1" in found.outside_words(named=True)
    assert found.small_words == "1 of 11 forces have fewer than 10 people with a known outcome"
    assert found.group_words("odd") == "odd: 16 of 40, outside the 99.8% limits"
    assert found.group_words("small") == "small: 0 of 3, too few to classify"
    assert found.group_words("force 1") == "force 1: 4 of 40, inside the 95% limits"
    assert found.group_words("nobody's") == ""
    only_small = funnel(dismissal_rates(by_force({"a": ["D", "n"]}), among="proven", by="force"))
    assert only_small.outside_words() == "no force has 10 people or more"
    alike = funnel(
        dismissal_rates(by_force({"a": ["D", *"n" * 11], "b": ["D", *"n" * 12]}), among="proven", by="force")
    )
    assert alike.outside_words() == "none of 2 forces with 10 people or more lies outside the 95% limits"


def test_not_stated_is_no_force(data, subjects, allegations):
    """27 of 43 forces have fewer than 10 people: whoever has no force stated is in the total and nowhere else."""
    found = funnel(dismissal_rates(data, among="case_to_answer", by="force"))
    assert found.small_words.startswith("27 of 43 forces")
    nameless = subjects.assign(force=subjects["force"].where(subjects["force"] != "Kent Police", ""))
    table = dismissal_rates(of(nameless, allegations), among="case_to_answer", by="force")
    assert table.groups.set_index("force")["denominator"]["(not stated)"] > 0
    assert funnel(table).small_words.startswith("26 of 42 forces")
    assert "(not stated)" not in {*funnel(table).data["force"], *pooled_estimates(table)["force"]}
    with pytest.raises(MisconductError, match="which force anybody is of"):
        funnel(dismissal_rates(of(subjects.assign(force=""), allegations), among="case_to_answer", by="force"))


def test_a_test_that_does_not_reject_is_not_no_difference(subjects, allegations):
    two = against_rest(subjects, "force", "Metropolitan Police Service")
    ratios = risk_ratios(dismissal_rates(of(two, allegations), among="case_to_answer", by="force"), "rest")
    assert ratio_words(ratios.iloc[0]) == (
        "0.49 times as often (95% interval 0.12 to 1.93, adjusted p = 0.342): these data cannot tell whether there is "
        "a difference"
    )
    assert ratio_words(ratios.iloc[0].replace({ratios["p_holm"].iloc[0]: 0.01})).endswith("the difference is clear")


def test_a_funnel_needs_both_outcomes():
    with pytest.raises(MisconductError, match="somebody dismissed"):
        funnel(dismissal_rates(people(["n", "n"]), among="proven", by="force"))


def test_the_beta_binomial_fit_is_the_best_of_a_grid():
    k, n = np.array([0, 2, 1, 7, 3]), np.array([10, 12, 30, 14, 9])

    def likelihood(alpha, beta):
        return stats.betabinom.logpmf(k, n, alpha, beta).sum()

    best = likelihood(*fit_beta_binomial(k, n))
    grid = [likelihood(m * s, (1 - m) * s) for m in np.linspace(0.02, 0.9, 45) for s in np.geomspace(0.2, 5000, 60)]
    assert best >= max(grid) - 1e-6


def test_pooled_estimates_lie_between_the_raw_rate_and_the_mean(data):
    table = dismissal_rates(data, among="proven", by="complaint_type")
    pooled = pooled_estimates(table)
    mean = np.divide(
        *(lambda a, b: (a, a + b))(
            *fit_beta_binomial(*(pooled[c].to_numpy(float) for c in ("numerator", "denominator")))
        )
    )
    between = (pooled["pooled"] - mean) * (pooled["rate"] - mean) >= 0
    assert between.all() and (abs(pooled["pooled"] - mean) <= abs(pooled["rate"] - mean) + 1e-9).all()
    assert ((pooled["pooled_low"] < pooled["pooled"]) & (pooled["pooled"] < pooled["pooled_high"])).all()
