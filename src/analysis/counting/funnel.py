"""A funnel plot's numbers: limits around the overall rate for groups of every size, and pooled small-sample estimates.

Everything here takes a RateTable and returns a table; nothing reads a file.
scipy is imported by what needs it: it takes longer to load than everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.counting.intervals import Z
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import NOT_STATED, SMALL, count_words
from analysis.errors import MisconductError

Z95, Z998 = Z, 3.090232306167813  # the 97.5 % and 99.9 % points of the normal distribution
INSIDE, OUTSIDE_95, OUTSIDE_998, TOO_FEW = "inside", "outside 95%", "outside 99.8%", "too few to classify"
WHERE = {  # a position in a sentence
    INSIDE: "inside the 95% limits",
    OUTSIDE_95: "outside the 95% limits",
    OUTSIDE_998: "outside the 99.8% limits",
    TOO_FEW: TOO_FEW,
}


@dataclass(frozen=True)
class Funnel:
    """A funnel plot's numbers (Spiegelhalter 2005).

    data: one row a stated group: the group column, numerator, denominator, n_effective, rate, n_cases,
    n_cases_counted, z, low_95, high_95, low_998, high_998 and position (inside, outside 95%, outside 99.8%; too few to
    classify, under 10 people). target: everybody's rate. dispersion: the mean of the squared, winsorised z;
    is_overdispersed: whether it is more than two standard deviations above 1, in which case the limits are widened by
    its square root.
    """

    data: pd.DataFrame
    target: float
    dispersion: float
    is_overdispersed: bool

    @property
    def widening(self) -> float:
        """The factor on the limits: the square root of the dispersion where there is over-dispersion, else 1."""
        return float(np.sqrt(self.dispersion)) if self.is_overdispersed else 1.0

    @property
    def classified(self) -> pd.DataFrame:
        """The rows of groups with people enough to say where they lie."""
        return self.data[self.data["denominator"] >= SMALL]

    @property
    def outside(self) -> pd.DataFrame:
        """The classified rows outside the 95 % limits or further."""
        return self.classified[self.classified["position"] != INSIDE]

    @property
    def small_words(self) -> str:
        """How many groups there are, and how many of them are too small to classify."""
        small, groups = len(self.data) - len(self.classified), self._groups(len(self.data))
        return f"{small} of {len(self.data)} {groups} have fewer than {SMALL} people with a known outcome"

    def outside_words(self, *, named: bool = False) -> str:
        """How many of how many classified groups lie outside which limits, as a clause; `named`: and which they are."""
        n, k, far = len(self.classified), len(self.outside), int((self.outside["position"] == OUTSIDE_998).sum())
        if not n:
            return f"no {self._groups(1)} has {SMALL} people or more"
        whole = f"{k or 'none'} of {n} {self._groups(n)} with {SMALL} people or more {'lie' if k > 1 else 'lies'}"
        further = f"; {far or 'none'} outside the 99.8% limits" if k else ""
        rows = [(row.iloc[0], row) for _, row in self.outside.iterrows()]
        names = "; ".join(f"{group}: {count_words(row)}" for group, row in rows) if named else ""
        return f"{whole} outside the 95% limits{f' ({names})' if names else ''}{further}"

    def group_words(self, group: str, cases: str = "investigations") -> str:
        """One group's count and where it lies, as a clause; "" where nobody in the data is of it."""
        rows = self.data[self.data.iloc[:, 0] == group]
        return "; ".join(f"{group}: {count_words(row, cases)}, {WHERE[row['position']]}" for _, row in rows.iterrows())

    def _groups(self, n: int) -> str:
        name = str(self.data.columns[0]).replace("_", " ")
        return name if n == 1 else f"{name}s"


def score_limits(p: float, n: np.ndarray | float, z: float, widening: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """p ± z · sqrt(p (1 - p) / n), cut to 0 and 1: the score-test limits of a share for groups of n people."""
    half = z * widening * np.sqrt(p * (1 - p) / np.asarray(n, dtype=float))
    return np.clip(p - half, 0, 1), np.clip(p + half, 0, 1)


def stated_groups(table: RateTable) -> pd.DataFrame:
    """The rows of a one-column RateTable's groups that have somebody; "(not stated)" is no group.

    MisconductError when there is none.
    """
    groups, column = table.groups, table.by[0]
    groups = groups[(groups["denominator"] > 0) & (groups[column] != NOT_STATED)]
    if groups.empty:
        raise MisconductError(f"These data do not say which {column.replace('_', ' ')} anybody is of.")
    return groups


def funnel(table: RateTable) -> Funnel:
    """Funnel limits of every stated group of a one-column RateTable around the total's rate.

    n is the effective number of people (denominator / design effect), so that one case of many people cannot put its
    force outside the limits by itself.

    Raises MisconductError when the total's rate is 0, 1 or missing (there are no limits then) or no group is stated.
    """
    if table.unavailable:
        raise MisconductError(table.nothing)
    p = float(table.total["rate"])
    if not 0 < p < 1:
        raise MisconductError("A funnel plot needs somebody dismissed and somebody not dismissed.")
    column = table.by[0]
    groups = stated_groups(table)
    data = groups[[column, "numerator", "denominator", "rate", "n_cases", "n_cases_counted"]].copy()
    n = (groups["denominator"] / groups["design_effect"]).to_numpy(dtype=float)
    data.insert(3, "n_effective", n)
    data["z"] = (data["rate"].to_numpy(dtype=float) - p) / np.sqrt(p * (1 - p) / n)
    low, high = np.quantile(data["z"], [0.1, 0.9])
    dispersion = float(np.mean(np.clip(data["z"], low, high) ** 2))
    m = len(data)
    is_overdispersed = m * dispersion > m + 2 * np.sqrt(2 * m)  # m times the dispersion is chi-squared on m degrees
    widening = np.sqrt(dispersion) if is_overdispersed else 1.0
    for name, z in (("95", Z95), ("998", Z998)):
        data[f"low_{name}"], data[f"high_{name}"] = score_limits(p, n, z, widening)
    away = np.abs(data["z"]) / widening
    few = groups["denominator"].to_numpy() < SMALL
    data["position"] = np.select([few, away > Z998, away > Z95], [TOO_FEW, OUTSIDE_998, OUTSIDE_95], INSIDE)
    return Funnel(data.reset_index(drop=True), p, dispersion, bool(is_overdispersed))


def fit_beta_binomial(k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Maximum-likelihood alpha and beta of a beta-binomial for k of n (scipy); alpha + beta is at most 10,000."""
    from scipy import optimize, stats

    def loss(parameters: np.ndarray) -> float:
        mean, size = 1 / (1 + np.exp(-parameters[0])), np.exp(parameters[1])
        return float(-stats.betabinom.logpmf(k, n, mean * size, (1 - mean) * size).sum())

    start = np.clip(k.sum() / n.sum(), 0.001, 0.999)
    found = optimize.minimize(
        loss, [np.log(start / (1 - start)), np.log(10)], bounds=[(-12, 12), (np.log(0.1), np.log(10_000))]
    )
    mean, size = 1 / (1 + np.exp(-found.x[0])), np.exp(found.x[1])
    return float(mean * size), float((1 - mean) * size)


def pooled_estimates(table: RateTable) -> pd.DataFrame:
    """Each group's rate drawn towards that of all groups, the more so the smaller it is (empirical Bayes).

    Returns the group column, numerator, denominator, rate (raw), pooled, pooled_low, pooled_high: mean and central
    95 % of Beta(alpha + k, beta + n - k), with alpha and beta fitted to all groups. To be shown beside, never instead
    of, the raw rate. The uncertainty of alpha and beta themselves is not in the interval.
    """
    from scipy import stats

    if table.unavailable:
        raise MisconductError(table.nothing)
    column = table.by[0]
    data = stated_groups(table)[[column, "numerator", "denominator", "rate"]].reset_index(drop=True)
    k, n = (data[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    alpha, beta = fit_beta_binomial(k, n)
    posterior = stats.beta(alpha + k, beta + n - k)
    return data.assign(pooled=posterior.mean(), pooled_low=posterior.ppf(0.025), pooled_high=posterior.ppf(0.975))
