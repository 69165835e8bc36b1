"""95 % intervals of a share when people in one case are not independent of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

INTERVAL_METHOD = "95 % Wilson score interval on the effective sample size (people in one case counted as a cluster)"


def design_effect(dismissed: pd.Series, cases: pd.Series) -> float:
    """How much clustering by case inflates the variance of a share: max(1, v_cluster / v_simple).

    dismissed: one true or false a person; cases: the case each person is in. v_cluster is the Taylor-linearised
    variance of a ratio over the m cases (Cochran 1977, chapter 3), v_simple = p(1 - p) / (n - 1).
    NaN where it is undefined: a share of 0 or 1, or fewer than two cases.
    """
    by_case = dismissed.astype(float).groupby(cases.to_numpy()).agg(["sum", "size"])
    n, m = int(by_case["size"].sum()), len(by_case)
    if m < 2:
        return float("nan")
    p = by_case["sum"].sum() / n
    simple = p * (1 - p) / (n - 1)
    if simple == 0:
        return float("nan")
    residuals = by_case["sum"] - p * by_case["size"]
    return max(1.0, float(m / (m - 1) * np.square(residuals).sum() / n**2 / simple))


def wilson_interval(numerator: float, denominator: float, effect: float = 1.0) -> tuple[float, float]:
    """95 % Wilson interval (Wilson 1927) of numerator / denominator on denominator / effect people; NaN for none."""
    if denominator == 0:
        return float("nan"), float("nan")
    low, high = proportion_confint(numerator / effect, denominator / effect, alpha=0.05, method="wilson")
    # The exact bounds at 0 and 1, which rounding can miss by one unit in the last place.
    return (0.0 if numerator == 0 else float(low)), (1.0 if numerator == denominator else float(high))
