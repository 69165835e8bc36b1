"""95 % intervals of a share when people in one case are not independent of each other."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

Z = 1.959963984540054  # the 97.5 % point of the normal distribution
INTERVAL_METHOD = "95 % Wilson score interval on the effective sample size (people in one case counted as a cluster)"


def design_effect(dismissed: pd.Series, cases: pd.Series) -> float:
    """How much clustering by case inflates the variance of a share: max(1, v_cluster / v_simple).

    dismissed: one true or false a person; cases: the case each person is in. v_cluster is the Taylor-linearised
    variance of a ratio over the m cases (Cochran 1977, chapter 3), v_simple = p(1 - p) / (n - 1).
    NaN where it is undefined: a share of 0 or 1, or fewer than two cases.
    """
    case, known = pd.factorize(cases)
    counted = np.bincount(case, weights=dismissed.to_numpy(dtype=float), minlength=len(known))
    people = np.bincount(case, minlength=len(known))
    return float(design_effects(counted, people, np.zeros(len(known), dtype=int), 1)[0])


def design_effects(counted: np.ndarray, people: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """`design_effect` of several groups at once.

    counted, people, group: of each case in each group, how many of its people are dismissed, how many there are, and
    the number of the group, from 0 to groups - 1.
    """

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, weights=values, minlength=groups)

    n, m = total(people), np.bincount(group, minlength=groups).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = total(counted) / n
        simple = p * (1 - p) / (n - 1)
        clustered = m / (m - 1) * total(np.square(counted - p[group] * people)) / n**2
        effect = np.maximum(1.0, clustered / simple)
    return np.where((m >= 2) & (simple > 0), effect, np.nan)


def wilson_interval(numerator: float, denominator: float, effect: float = 1.0) -> tuple[float, float]:
    """95 % Wilson interval (Wilson 1927) of numerator / denominator on denominator / effect people; NaN for none."""
    if denominator == 0:
        return float("nan"), float("nan")
    n, p = denominator / effect, numerator / denominator
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    # The exact bounds at 0 and 1, which rounding can miss by one unit in the last place.
    return (0.0 if numerator == 0 else centre - half), (1.0 if numerator == denominator else centre + half)
