import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from analysis.counting.intervals import design_effect, design_effects, wilson_interval

# Outside reference values, given with the project's definitions.
REFERENCE = [
    (65, 100, 0.552544, 0.736358),
    (0, 5, 0, 0.434482),
    (5, 5, 0.565518, 1),
    (55, 118, 0.378587, 0.555754),
    (1045, 5000, 0.197955, 0.220491),
]


@pytest.mark.parametrize(("k", "n", "low", "high"), REFERENCE)
def test_wilson_equals_the_reference_and_scipy(k, n, low, high):
    assert wilson_interval(k, n) == pytest.approx((low, high), abs=5e-7)
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson_interval(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("effect", [1, 1.7])
def test_wilson_is_statsmodels_and_scipys(effect):
    """Every number dismissed of every number of people up to 120, on a sample smaller by the design effect."""
    for n in range(1, 121):
        k = np.arange(n + 1)
        theirs = np.clip(proportion_confint(k / effect, n / effect, method="wilson"), 0, 1).T
        ours = np.array([wilson_interval(int(one), n, effect) for one in k])
        assert np.abs(ours - theirs).max() < 1e-12
        if effect == 1:
            half = [binomtest(int(one), n).proportion_ci(method="wilson") for one in k[: n // 2 + 1]]  # slow
            assert np.abs(ours[: len(half)] - [(found.low, found.high) for found in half]).max() < 1e-12
            assert np.abs(ours + ours[::-1, ::-1] - 1).max() < 1e-12  # the other half is its mirror
        assert (ours[0, 0], ours[-1, 1]) == (0, 1)  # exactly


def test_wilson_of_nobody_is_missing():
    assert np.isnan(wilson_interval(0, 0)).all()


def test_wilson_on_an_effective_sample_is_wilson_on_that_many_people():
    assert wilson_interval(20, 100, 2) == pytest.approx(wilson_interval(10, 50))


def test_design_effect_by_hand():
    # Cases of 2, 1 and 1 people, of whom 2, 0 and 0 were dismissed: p = 2/4, residuals 1, -0.5, -0.5,
    # v_cluster = 3/2 * 1.5 / 16 = 0.140625, v_simple = 0.25 / 3 = 0.083333.
    dismissed = pd.Series([True, True, False, False])
    assert design_effect(dismissed, pd.Series(["a", "a", "b", "c"])) == pytest.approx(1.6875)


def test_design_effect_is_never_below_one():
    assert design_effect(pd.Series([True, False, True, False]), pd.Series(["a", "a", "b", "b"])) == 1


@pytest.mark.parametrize("outcomes", [[True, True], [False, False]])
def test_design_effect_is_undefined_for_all_or_none(outcomes):
    assert pd.isna(design_effect(pd.Series(outcomes), pd.Series(["a", "b"])))


def test_design_effect_is_undefined_for_one_case_or_nobody():
    assert pd.isna(design_effect(pd.Series([True, False]), pd.Series(["a", "a"])))
    assert pd.isna(design_effect(pd.Series([], dtype=bool), pd.Series([], dtype="str")))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans()), max_size=60))
def test_several_groups_at_once_are_as_each_alone(people):
    """Against the definition written out for one group: people are (group, case, dismissed)."""
    table = pd.DataFrame(people, columns=["group", "case", "dismissed"]).astype(
        {"group": int, "case": int, "dismissed": bool}
    )
    pairs = table.groupby(["group", "case"])["dismissed"].agg(["sum", "size"]).reset_index()
    columns = (pairs[name].to_numpy() for name in ("sum", "size", "group"))
    together = design_effects(*columns, 4)
    for group in range(4):
        mine = table[table["group"] == group]
        alone, found = by_hand(mine["dismissed"].tolist(), mine["case"].tolist()), together[group]
        assert (pd.isna(alone) and pd.isna(found)) or found == pytest.approx(alone)


def by_hand(dismissed: list[bool], cases: list[int]) -> float:
    n, m = len(dismissed), len(set(cases))
    if m < 2 or sum(dismissed) in (0, n):
        return float("nan")
    p = sum(dismissed) / n
    sums = {case: [d for d, c in zip(dismissed, cases, strict=True) if c == case] for case in cases}
    squares = sum((sum(ds) - p * len(ds)) ** 2 for ds in sums.values())
    return max(1.0, m / (m - 1) * squares / n**2 / (p * (1 - p) / (n - 1)))
