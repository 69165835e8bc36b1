"""The numbers of the funnel plot and of pooled estimates, worked out from their definitions on few groups."""

from dataclasses import replace

import numpy as np
import pytest
from people import by_force
from scipy import stats

from analysis.counting import funnel as counting
from analysis.counting.funnel import ByChance, Funnel, binomial_limit, funnel, pooled_estimates, stated_groups
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError

FORCES = {  # one person a case but for two of Gwent
    "Cumbria": ["n"] * 6 + ["D"],
    "Dorset": ["n"] * 30 + ["D"] * 2,
    "Essex": ["n"] * 36 + ["D"] * 4,
    "Gwent": ["n"] * 18 + ["DD"],
    "Kent": ["n"] * 4 + ["D"] * 16,
}


@pytest.fixture
def table():
    return dismissal_rates(by_force(FORCES), among="proven", by="force")


@pytest.fixture
def found(table):
    return funnel(table)


def test_limits_are_those_between_which_95_and_998_in_a_thousand_lie(found):
    assert counting.LIMITS == {"95": (0.025, 0.975), "998": (0.001, 0.999)}
    rows = found.data.set_index("force")
    for name, levels in (("95", (0.025, 0.975)), ("998", (0.001, 0.999))):
        for side, level in zip(("low", "high"), levels, strict=True):
            r = stats.binom.ppf(level, 40, found.target)  # the interpolated quantile of Spiegelhalter's appendix
            chance = stats.binom(40, found.target)
            limit = (r - (chance.cdf(r) - level) / chance.pmf(r)) / 40
            assert rows.loc["Essex", f"{side}_{name}"] == pytest.approx(max(limit, 0))


def test_each_group_is_where_its_rate_is(found):
    rows = found.data.set_index("force")
    assert found.target == 25 / 119 and found.cases == "investigations"
    assert rows["position"].to_dict() == {
        **{"Cumbria": counting.TOO_FEW, "Dorset": counting.OUTSIDE_95, "Essex": counting.INSIDE},
        **{"Gwent": counting.INSIDE, "Kent": counting.OUTSIDE_998},
    }
    assert rows.loc["Cumbria", ["low_95", "high_95", "low_998", "high_998"]].isna().all()
    p = found.target
    assert rows["z"]["Essex"] == pytest.approx((0.1 - p) / np.sqrt(p * (1 - p) / 40))
    assert rows["n_effective"]["Essex"] == 40 and rows["n_effective"]["Gwent"] < 20
    assert found.data.columns.tolist() == [
        *("force", "numerator", "denominator", "n_effective", "rate", "n_cases", "n_cases_counted", "z"),
        *("low_95", "high_95", "low_998", "high_998", "position"),
    ]
    assert (found.outside_95.observed, found.outside_998.observed) == (2, 1)
    assert found.outside["force"].tolist() == ["Dorset", "Kent"] and len(found.classified) == 4


def test_dispersion_is_the_mean_of_z_squared_with_a_tenth_at_each_end_drawn_in(found):
    assert counting._dispersions(np.array([range(11), [0] * 10 + [100]])).tolist() == [
        pytest.approx((1 + 1 + sum(n * n for n in range(2, 9)) + 81 + 81) / 11),  # 0 drawn in to 1, and 10 to 9
        0,
    ]
    assert np.isnan(counting._dispersions(np.empty((2, 0)))).tolist() == [True, True]
    z = found.data["z"].to_numpy()
    drawn = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    assert found.dispersion.observed == pytest.approx((drawn**2).mean())
    z = z[1:]  # without Cumbria
    assert found.spread.observed == pytest.approx((np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean())


def test_what_chance_gives_is_the_mean_of_the_others_and_the_share_as_large():
    assert counting._by_chance(np.array([2.0, 0, 1, 2, 4])) == ByChance(2.0, 7 / 4, 3 / 5)
    assert [ByChance(0, n, 1).expected_words for n in (0.049, 0.05, 2.25)] == ["under 0.1", "0.1", "2.2"]


def test_pooled_intervals_are_the_central_95_of_the_beta_distribution(table):
    pooled = pooled_estimates(table)
    size = pooled.mean * (1 - pooled.mean) / pooled.deviation**2 - 1
    rows = pooled.data
    assert rows.columns.tolist() == [
        *("force", "numerator", "denominator", "rate", "n_effective", "pooled", "pooled_low", "pooled_high")
    ]
    k = rows["rate"].astype(float) * rows["n_effective"]
    beta = stats.beta(pooled.mean * size + k, (1 - pooled.mean) * size + rows["n_effective"] - k)
    assert rows["pooled"].tolist() == pytest.approx(beta.mean().tolist())
    assert rows["pooled_low"].tolist() == pytest.approx(beta.ppf(0.025).tolist())
    assert rows["pooled_high"].tolist() == pytest.approx(beta.ppf(0.975).tolist())


def test_what_is_said_of_a_funnel(found):
    assert found.small_words == (
        "1 of 5 forces is too small to classify (fewer than 10 people with a known outcome, or people in fewer than 5 "
        "investigations)"
    )
    chance = f"by chance {found.outside_95.expected:.1f}"
    assert found.outside_words() == (
        f"of 4 forces large enough, 2 lie outside the 95% limits ({chance}), 1 outside the 99.8% limits (by chance "
        f"{found.outside_998.expected_words})"
    )
    assert found.outside_words(named=True).startswith(
        "of 4 forces large enough, 2 lie outside the 95% limits (Dorset: 2 of 32; Kent: 16 of 20; by chance "
    )
    assert "as many or more with p" in found.outside_words(named=True)
    fewer = replace(found, cases="cases", data=found.data.assign(n_cases=found.data["n_cases"] - 1))
    assert "; Kent: 16 of 20, in 16 of 19 cases; by" in fewer.outside_words(named=True)
    assert found.group_words("Essex") == "Essex: 4 of 40, inside the 95% limits"
    assert found.group_words("Gwent") == "Gwent: 2 of 20, in 1 of 19 investigations, inside the 95% limits"
    assert found.group_words("Nobody") == ""
    assert "in 1 of 19 cases, in" in replace(found, cases="cases").group_words("Gwent")
    assert found.dispersion_words.startswith(f"Dispersion over all 5 forces is {found.dispersion.observed:.2f} (by ")
    assert found.dispersion_words.endswith(
        "). These are spread further than outcomes that fall by chance, in cases that are not alike."
    )


def said(found: Funnel, rows: int, **by_chance: ByChance) -> Funnel:
    parts = {name: getattr(found, name) for name in ("outside_95", "outside_998", "dispersion", "spread")}
    return Funnel(found.data.iloc[:rows], found.target, **{**parts, **by_chance})


def test_what_is_said_of_fewer_groups(found):
    none = said(found, 1)
    assert none.outside_words() == "no force is large enough to classify"
    assert none.small_words.startswith("1 of 1 force is too small")
    assert none.dispersion_words.startswith("Dispersion over all 1 forces is ") and none.dispersion_words.endswith(").")
    one = said(found, 2, outside_95=ByChance(1, 0.3, 0.2), outside_998=ByChance(0, 0.01, 1))
    assert one.outside_words() == (
        "of 1 force large enough, 1 lies outside the 95% limits (by chance 0.3), none outside the 99.8% limits (by "
        "chance under 0.1)"
    )
    nobody = said(found, 2, outside_95=ByChance(0, 0.3, 1))
    assert "none lies outside the 95% limits (by chance 0.3)" in nobody.outside_words(named=True)
    alike = said(found, 3, spread=ByChance(1, 1, 0.05), dispersion=ByChance(2, 1, 0.05))
    assert alike.dispersion_words.endswith(
        "; over the 2 large enough to classify 1.00 (by chance 1.00, p = 0.050): too few dismissals to tell whether "
        "these differ."
    )
    small = said(found, 3, spread=ByChance(1, 1, 0.05), dispersion=ByChance(2, 1, 0.049))
    assert small.dispersion_words.endswith(" differ. What is beyond chance rests on forces too small to classify.")


def test_a_limit_at_the_ends_and_of_a_fraction_of_a_person():
    assert binomial_limit(0.001, 5, 0.025) == pytest.approx(0) and binomial_limit(0.9, 3, 0.999) <= 1
    assert binomial_limit(0.5, 1, 0.975) == pytest.approx(1 - 0.025 / 0.5)  # of one person: both, less the rest of one
    assert binomial_limit(0.2, np.array([10.0, 20.0]), 0.5).tolist() == [
        pytest.approx(float(binomial_limit(0.2, n, 0.5)[0])) for n in (10, 20)
    ]


def test_groups_without_people_or_a_name_are_none():
    data = by_force({"Kent": ["D", "n"], "": ["n"], "Essex": ["?"]})
    subjects = data["subjects"]
    table = dismissal_rates(
        type(data)({**data, "subjects": subjects.assign(force=subjects["force"].replace("", None))}),
        among="proven",
        by="force",
    )
    assert stated_groups(table)["force"].tolist() == ["Kent"]
    with pytest.raises(MisconductError, match="which force anybody is of"):
        stated_groups(dismissal_rates(by_force({"Essex": ["?"]}), among="proven", by="force"))


def test_a_funnel_needs_both_outcomes_and_people_behind_its_counts(table, found):
    assert funnel(table).outside_95 == found.outside_95  # the same each time
    assert funnel(replace(table, cases="cases")).cases == "cases"
    for cases in ("n", "D"):
        with pytest.raises(MisconductError, match="needs both: people dismissed"):
            funnel(dismissal_rates(by_force({"Kent": [cases] * 12}), among="proven", by="force"))
    for lacking in ({"outcomes": None}, {"unavailable": "nobody says"}):
        with pytest.raises(MisconductError):
            funnel(replace(table, **lacking))
    with pytest.raises(MisconductError, match="Not available"):
        pooled_estimates(replace(table, unavailable="nobody says"))


def test_the_fit_is_better_than_any_beside_it():
    k, n = np.array([0, 2, 1, 7, 3]), np.array([10, 12, 30, 14, 9])
    alpha, beta = counting.fit_beta_binomial(k, n)

    def likelihood(mean: float, size: float) -> float:
        return float(stats.betabinom.logpmf(k, n, mean * size, (1 - mean) * size).sum())

    mean, size = alpha / (alpha + beta), alpha + beta
    best = likelihood(mean, size)
    assert all(best > likelihood(*near) for near in ((mean * 1.1, size), (mean / 1.1, size)))
    assert all(best > likelihood(*near) for near in ((mean, size * 1.2), (mean, size / 1.2)))


def test_the_fit_ends_where_its_bounds_are():
    """Nobody at all; groups as alike as they can be; groups of whom all or none were."""
    n = np.full(4, 20.0)
    alpha, beta = counting.fit_beta_binomial(np.zeros(4), n)
    assert np.log(alpha / beta) == pytest.approx(-12)
    assert sum(counting.fit_beta_binomial(20 * n, 40 * n)) == pytest.approx(counting.MOST_ALIKE)
    assert sum(counting.fit_beta_binomial(np.array([0, 20, 0, 20.0]), n)) == pytest.approx(0.1)


def test_a_group_of_several_words(found):
    renamed = replace(found, data=found.data.rename(columns={"force": "complaint_type"}))
    assert renamed.small_words.startswith("1 of 5 complaint types is too small")
