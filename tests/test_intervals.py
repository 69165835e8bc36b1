import runpy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import people
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from analysis.counting.intervals import design_effects, pairwise_correlation, wilson_interval
from analysis.counting.rates import dismissal_rates
from analysis.paths import ROOT

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


def effect(counted, people, correlation):
    """Of one group."""
    group = np.zeros(len(counted), dtype=np.int64)
    return float(design_effects(np.array(counted), np.array(people), group, 1, correlation)[0])


def test_design_effect_by_hand():
    # Cases of 2, 1 and 1 people, of whom 2, 0 and 0 were dismissed: p = 2/4, residuals 1, -0.5, -0.5,
    # v_cluster = 3/2 * 1.5 / 16 = 0.140625, v_simple = 0.25 / 3 = 0.083333. Kish: 6 / 4 people shared by each.
    assert effect([2, 0, 0], [2, 1, 1], 0.0) == pytest.approx(1.6875)
    assert effect([2, 0, 0], [2, 1, 1], 1.0) == pytest.approx(1.6875)
    # Two cases, of 2 people and of 1: p = 2/3, residuals 2/3 and -2/3, v_cluster = 2 * 8/9 / 9, v_simple = 2/9 / 2.
    assert effect([2, 0], [2, 1], 0.0) == pytest.approx(16 / 9)
    assert effect([1, 1, 0], [2, 1, 1], 0.0) == 1  # its own would be 0.84
    assert effect([1, 1, 0], [2, 1, 1], 0.5) == pytest.approx(1 + 0.5 * 0.5)


@pytest.mark.parametrize(("counted", "sizes"), [([2, 1], [2, 1]), ([0, 0], [2, 1]), ([1], [2])])
def test_all_or_none_or_one_case_borrow_the_correlation_of_everybody(counted, sizes):
    n = sum(sizes)
    assert effect(counted, sizes, 0.4) == pytest.approx(1 + (sum(size**2 for size in sizes) / n - 1) * 0.4)


def test_pairwise_correlation_by_hand():
    # Cases 2 of 2, 0 of 2, 1 of 1 and 0 of 1: p = 3/6, each of the two pairs deviates by 0.5 and 0.5 in the same way.
    assert pairwise_correlation(np.array([2, 0, 1, 0]), np.array([2, 2, 1, 1])) == pytest.approx(1)
    # Cases 2 of 2, 1 of 2, 0 of 2: products 0.25, -0.25, 0.25 of p(1 - p) = 0.25.
    assert pairwise_correlation(np.array([2, 1, 0]), np.array([2, 2, 2])) == pytest.approx(1 / 3)
    assert pairwise_correlation(np.array([1, 1]), np.array([2, 2])) == 0  # against each other: cut
    for undefined in (([1, 0], [1, 1]), ([0, 0], [2, 2]), ([2, 2], [2, 2]), ([], [])):
        assert pairwise_correlation(*(np.array(part, dtype=np.int64) for part in undefined)) == 1


@pytest.mark.parametrize(("among", "expected"), [("case_to_answer", 0.354055), ("proven", 0.386723)])
def test_pairwise_correlation_of_the_published_cases(data, among, expected):
    """Independently, with the standard library alone."""
    found = dismissal_rates(data, among=among, by="source").outcomes()
    sizes = np.bincount(found.case)
    counted = np.bincount(found.case, weights=found.is_counted)
    assert pairwise_correlation(counted[sizes > 0], sizes[sizes > 0]) == pytest.approx(expected, abs=5e-7)


pairs_of_case = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans()), max_size=60)


@given(pairs_of_case, st.floats(0, 1))
def test_several_groups_at_once_are_as_each_alone(found, correlation):
    """Against the definition written out for one group, people being (group, case, dismissed); never below 1."""
    table = pd.DataFrame(found, columns=["group", "case", "dismissed"]).astype(
        {"group": int, "case": int, "dismissed": bool}
    )
    pairs = table.groupby(["group", "case"])["dismissed"].agg(["sum", "size"]).reset_index()
    together = design_effects(*(pairs[name].to_numpy() for name in ("sum", "size", "group")), 4, correlation)
    for group in range(4):
        mine = table[table["group"] == group]
        alone = by_hand(mine["dismissed"].tolist(), mine["case"].tolist(), correlation)
        assert together[group] == pytest.approx(alone) and together[group] >= 1


def by_hand(dismissed: list[bool], cases: list[int], correlation: float) -> float:
    n, m = len(dismissed), len(set(cases))
    if not n:
        return 1.0
    sums = {case: [d for d, c in zip(dismissed, cases, strict=True) if c == case] for case in cases}
    kish = 1 + (sum(len(ds) ** 2 for ds in sums.values()) / n - 1) * correlation
    if m < 2 or sum(dismissed) in (0, n):
        return max(1.0, kish)
    p = sum(dismissed) / n
    squares = sum((sum(ds) - p * len(ds)) ** 2 for ds in sums.values())
    return max(1.0, kish, m / (m - 1) * squares / n**2 / (p * (1 - p) / (n - 1)))


@given(st.lists(st.booleans(), min_size=2, max_size=40), st.integers(1, 39))
def test_one_person_a_case_gives_plain_wilson(dismissed, first):
    """Of everybody and of each group, whatever correlation the other group's cases have."""
    letters = ["D" if one else "n" for one in dismissed]
    types = [["driving"] if place < first else ["other"] for place in range(len(letters))]
    shared = people([*letters, "DD", "nn"], [*types, *[["custody_care"]] * 4])
    groups = dismissal_rates(shared, among="proven", by="complaint_type").groups.set_index("complaint_type")
    for row in (groups.loc[name] for name in ("driving", "other") if name in groups.index):
        if row["n_cases"] > 1:
            plain = wilson_interval(row["numerator"], row["denominator"])
            assert (row["low"], row["high"]) == pytest.approx(plain, abs=1e-12) and row[
                "design_effect"
            ] == pytest.approx(1)
        else:
            assert np.isnan([row["low"], row["high"]]).all()


COVERAGE = runpy.run_path(str(ROOT / "benchmarks" / "coverage.py"))


@pytest.fixture(scope="module")
def simulated():
    """Some cells of the simulation, each of 2,000 groups: the standard error of one is 0.005."""
    cells = {"correlations": (0.0, 0.6, 1.0), "cases": (8, 30), "rates": (0.05, 0.2)}
    return [*COVERAGE["simulate"](COVERAGE["coded"](), 2000, **cells)]


def test_an_interval_holds_the_true_rate_as_often_as_it_says(simulated):
    ours, _, plain, _ = np.array([cell.coverage for cell in simulated]).T
    assert ours.mean() >= 0.95 and ours.min() >= 0.92
    assert plain.mean() < 0.93  # what clustering is for
    widths = np.array([cell.width for cell in simulated]).mean(axis=0)
    assert widths[2] < widths[1] < widths[0] < widths[3]


def test_the_methodology_has_the_table_that_the_simulation_prints(simulated):
    """The methods in their order; and figures that a smaller simulation of some cells does not contradict."""
    text = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
    for method, line in zip(COVERAGE["METHODS"], COVERAGE["table"](simulated).splitlines()[2:], strict=True):
        [stated] = [row for row in text.splitlines() if row.startswith(f"| {method} |")]
        mean, here = (float(row.split("|")[2]) for row in (stated, line))
        assert mean == pytest.approx(here, abs=0.02), method


def test_the_simulated_outcomes_correlate_as_asked():
    sizes = np.full((4000, 5), 4)
    for correlation in (0.0, 0.3, 1.0):
        counted = COVERAGE["drawn"](sizes, correlation, 0.2, np.random.default_rng(1)).ravel()
        assert counted.mean() / 4 == pytest.approx(0.2, abs=0.01)
        assert pairwise_correlation(counted, sizes.ravel()) == pytest.approx(correlation, abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(0, 1)), min_size=1, max_size=20))
def test_cases_that_are_alike_can_be_given_once(cases):
    every = np.array([(min(k, n), n, group) for k, n, group in cases])
    once, times = np.unique(every, axis=0, return_counts=True)
    assert pairwise_correlation(*once.T[:2], times) == pytest.approx(pairwise_correlation(*every.T[:2]))
    assert design_effects(*once.T, 2, 0.3, times) == pytest.approx(design_effects(*every.T, 2, 0.3))
