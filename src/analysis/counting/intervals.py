"""95 % intervals of a share when people in one case are not independent of each other."""

from __future__ import annotations

import math

import numpy as np

Z = 1.959963984540054  # the 97.5 % point of the normal distribution
INTERVAL_METHOD = "95 % Wilson score interval on the effective sample size (people in one case counted as a cluster)"


def pairwise_correlation(counted: np.ndarray, people: np.ndarray, times: np.ndarray | int = 1) -> float:
    """How alike the outcomes of two people in one case are: their correlation, cut to 0 to 1; 1 where undefined.

    counted, people: of each case, how many of its people are dismissed, and how many there are; times: how many cases
    are so. The pairwise estimator of the intraclass correlation (Kish 1965, section 5.6): the products of the
    deviations from the overall share, over all pairs in one case, by p(1 - p). Undefined where no case has two people,
    or the share is 0 or 1.
    """
    n, pairs = (people * times).sum(), float((people * (people - 1) * times).sum())
    p = (counted * times).sum() / n if n else 0.0
    if not pairs or not 0 < p < 1:
        return 1.0
    squares = counted * (1 - p) ** 2 + (people - counted) * p**2
    products = float(((np.square(counted - p * people) - squares) * times).sum())
    return min(1.0, max(0.0, products / (pairs * p * (1 - p))))


def design_effects(
    counted: np.ndarray,
    people: np.ndarray,
    group: np.ndarray,
    groups: int,
    correlation: float,
    times: np.ndarray | int = 1,
) -> np.ndarray:
    """How much clustering by case inflates the variance of the share of each of several groups: at least 1.

    counted, people, group: of each case in each group, how many of its people are dismissed, how many there are, and
    the number of the group, from 0 to groups - 1; correlation: `pairwise_correlation` of everybody; times: how many
    cases are so. The larger of the group's own effect, v_cluster / v_simple, and Kish's 1 + (sum of n_c squared / n -
    1) * correlation, so that a group with few dismissals, whose own effect says little, borrows from all. v_cluster is
    the Taylor-linearised variance of a ratio over the m cases (Cochran 1977, chapter 3), v_simple = p(1 - p) / (n - 1);
    left out where the share is 0 or 1, or m < 2.
    """

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, weights=values * times, minlength=groups)

    n, m = total(people), total(np.ones(len(group)))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = total(counted) / n
        simple = p * (1 - p) / (n - 1)
        clustered = m / (m - 1) * total(np.square(counted - p[group] * people)) / n**2
        own = np.where((m >= 2) & (simple > 0), clustered / simple, 1.0)
        kish = np.where(n > 0, 1 + (total(np.square(people)) / n - 1) * correlation, 1.0)
    return np.maximum(1.0, np.maximum(own, kish))


def wilson_interval(numerator: float, denominator: float, effect: float = 1.0) -> tuple[float, float]:
    """95 % Wilson interval (Wilson 1927) of numerator / denominator on denominator / effect people; NaN for none."""
    if denominator == 0:
        return math.nan, math.nan
    n, p = denominator / effect, numerator / denominator
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    # The exact bounds at 0 and 1, which rounding can miss by one unit in the last place.
    return (0.0 if numerator == 0 else centre - half), (1.0 if numerator == denominator else centre + half)
