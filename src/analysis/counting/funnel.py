"""A funnel plot's numbers: limits around the overall rate for groups of every size, and pooled small-sample estimates.

Everything here takes a RateTable and returns a table; nothing reads a file.
scipy is imported by what needs it: it takes longer to load than everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.counting.permutation import BATCH, LEVEL, SEED
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import FEW_CASES, NOT_STATED, SMALL, count_words, p_words
from analysis.errors import MisconductError

LIMITS = {"95": (0.025, 0.975), "998": (0.001, 0.999)}  # the quantiles between which 95 % and 99.8 % lie
INSIDE, OUTSIDE_95, OUTSIDE_998, TOO_FEW = "inside", "outside 95%", "outside 99.8%", "too few to classify"
WHERE = {  # a position in a sentence
    INSIDE: "inside the 95% limits",
    OUTSIDE_95: "outside the 95% limits",
    OUTSIDE_998: "outside the 99.8% limits",
    TOO_FEW: TOO_FEW,
}
MOST_ALIKE = 10_000  # the largest alpha + beta: groups that differ by next to nothing


@dataclass(frozen=True)
class ByChance:
    """What is observed, its mean when outcomes fall by chance, and how often chance gives as much or more (p)."""

    observed: float
    expected: float
    p: float

    @property
    def expected_words(self) -> str:
        """The mean by chance as a number in a sentence."""
        return "under 0.1" if self.expected < 0.05 else f"{self.expected:.1f}"


@dataclass(frozen=True)
class Funnel:
    """A funnel plot's numbers (Spiegelhalter 2005).

    data: one row a stated group: the group column, numerator, denominator, n_effective, rate, n_cases,
    n_cases_counted, z, low_95, high_95, low_998, high_998 and position (inside, outside 95%, outside 99.8%; too few to
    classify, and without limits, where of low reliability [u]). target: everybody's rate. outside_95, outside_998: how
    many classified groups lie outside. dispersion: the mean of the squared, winsorised z of all groups, and spread: of
    the classified ones (NaN without one). By chance: outcomes of whole cases exchanged, the limits as they are. cases
    and counted: as in RateTable.
    """

    data: pd.DataFrame
    target: float
    outside_95: ByChance
    outside_998: ByChance
    dispersion: ByChance
    spread: ByChance
    cases: str = "investigations"
    counted: str = "people"

    @property
    def classified(self) -> pd.DataFrame:
        """The rows of groups with people and cases enough to say where they lie."""
        return self.data[self.data["position"] != TOO_FEW]

    @property
    def outside(self) -> pd.DataFrame:
        """The classified rows outside the 95 % limits or further."""
        return self.classified[self.classified["position"] != INSIDE]

    @property
    def small_words(self) -> str:
        """How many groups there are, and how many of them are too small to classify."""
        small, groups = len(self.data) - len(self.classified), self._groups(len(self.data))
        return (
            f"{small} of {len(self.data)} {groups} {'is' if small == 1 else 'are'} too small to classify (fewer than "
            f"{SMALL} {self.counted} with a known outcome, or {self.counted} in fewer than {FEW_CASES} {self.cases})"
        )

    def outside_words(self, *, named: bool = False) -> str:
        """How many of how many classified groups lie outside which limits, and how many chance would put there.

        A clause; `named`: and which they are, and how often chance puts as many there.
        """
        n, k = len(self.classified), int(self.outside_95.observed)
        if not n:
            return f"no {self._groups(1)} is large enough to classify"
        chance = f"by chance {self.outside_95.expected_words}"
        if named and k:
            names = (f"{row.iloc[0]}: {count_words(row, self.cases)}" for _, row in self.outside.iterrows())
            chance = f"{'; '.join(names)}; {chance}, as many or more with {p_words(self.outside_95.p)}"
        return (
            f"of {n} {self._groups(n)} large enough, {k or 'none'} {'lie' if k > 1 else 'lies'} outside the 95% limits "
            f"({chance}), {int(self.outside_998.observed) or 'none'} outside the 99.8% limits (by chance "
            f"{self.outside_998.expected_words})"
        )

    @property
    def dispersion_words(self) -> str:
        """How far groups are spread beyond chance, as sentences: of all groups, and of those that are classified."""
        n, groups = len(self.classified), self._groups(2)
        said = f"Dispersion over all {len(self.data)} {groups} is {_dispersion(self.dispersion)}"
        if n < 2:
            return f"{said}."
        said += f"; over the {n} large enough to classify {_dispersion(self.spread)}"
        if self.spread.p < LEVEL:
            return f"{said}. These are spread further than outcomes that fall by chance, in cases that are not alike."
        small = f" What is beyond chance rests on {groups} too small to classify." * (self.dispersion.p < LEVEL)
        return f"{said}: too few dismissals to tell whether these differ.{small}"

    def group_words(self, group: str) -> str:
        """One group's count and where it lies, as a clause; "" where nobody in the data is of it."""
        rows = self.data[self.data.iloc[:, 0] == group]
        counts = (f"{count_words(row, self.cases)}, {WHERE[row['position']]}" for _, row in rows.iterrows())
        return "; ".join(f"{group}: {count}" for count in counts)

    def _groups(self, n: int) -> str:
        name = str(self.data.columns[0]).replace("_", " ")
        return name if n == 1 else f"{name}s"


def _dispersion(found: ByChance) -> str:
    return f"{found.observed:.2f} (by chance {found.expected:.2f}, {p_words(found.p)})"


def binomial_limit(p: float, n: np.ndarray | float, level: float) -> np.ndarray:
    """The share that a binomial share of n people of rate p stays under with probability `level`; n may be a fraction.

    The smallest r with P(R <= r) >= level, less (P(R <= r) - level) / P(R = r), by n, cut to 0 and 1: the interpolated
    quantile of the appendix of Spiegelhalter (2005), Statistics in Medicine 24. P(R <= r) = I_{1-p}(n - r, r + 1), the
    regularised incomplete beta function, which is the binomial's at whole n.
    """
    from scipy import special

    size = np.atleast_1d(n)

    def at_most(r: np.ndarray) -> np.ndarray:
        chance = special.betainc(size - r, r + 1, 1 - p)
        return np.where(r < 0, 0.0, np.where(r < size, chance, 1.0))

    r = np.zeros_like(size)
    while (short := at_most(r) < level).any():
        r += short
    return np.clip((r - (at_most(r) - level) / (at_most(r) - at_most(r - 1))) / size, 0, 1)


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
    force outside the limits by itself. What chance would do is counted over BATCH permutations of cases.

    Raises MisconductError when the total's rate is 0, 1 or missing (there are no limits then) or no group is stated.
    """
    if table.unavailable or table.outcomes is None:
        raise MisconductError(table.nothing)
    p = float(table.total["rate"])
    if not 0 < p < 1:
        raise MisconductError(f"A funnel plot needs both: {table.counted} {table.share_label}, and others.")
    groups = stated_groups(table)
    data = groups[[table.by[0], "numerator", "denominator", "rate", "n_cases", "n_cases_counted"]].copy()
    n = (groups["denominator"] / groups["design_effect"]).to_numpy()
    data.insert(3, "n_effective", n)
    deviation = np.sqrt(p * (1 - p) / n)
    data["z"] = (data["rate"].to_numpy() - p) / deviation
    for name, levels in LIMITS.items():
        data[f"low_{name}"], data[f"high_{name}"] = (binomial_limit(p, n, level) for level in levels)
    few = (groups["reliability"] != "ok").to_numpy()
    counts = table.outcomes().permuted(BATCH, np.random.default_rng(SEED))[:, groups.index]
    # The observed first, then those by chance.
    rates = np.vstack([data["rate"], counts / data["denominator"].to_numpy()])
    outside = {
        name: (rates < data[f"low_{name}"].to_numpy()) | (rates > data[f"high_{name}"].to_numpy()) for name in LIMITS
    }
    data["position"] = np.select([few, outside["998"][0], outside["95"][0]], [TOO_FEW, OUTSIDE_998, OUTSIDE_95], INSIDE)
    data.loc[few, [f"{side}_{name}" for name in LIMITS for side in ("low", "high")]] = np.nan
    z = (rates - p) / deviation
    outside_95, outside_998 = (_by_chance(outside[name][:, ~few].sum(axis=1)) for name in LIMITS)
    dispersion, spread = (_by_chance(_dispersions(part)) for part in (z, z[:, ~few]))
    return Funnel(
        data.reset_index(drop=True), p, outside_95, outside_998, dispersion, spread, table.cases, table.counted
    )


def _dispersions(z: np.ndarray) -> np.ndarray:
    """The mean squared z of each row, a tenth at each end drawn in (winsorised); NaN of none."""
    if not z.shape[1]:
        return np.full(len(z), np.nan)
    low, high = np.quantile(z, [0.1, 0.9], axis=1, keepdims=True)
    return np.mean(np.clip(z, low, high) ** 2, axis=1)


def _by_chance(values: np.ndarray) -> ByChance:
    """The first value beside the others, which chance gave."""
    as_much = np.mean(values >= values[0] - 1e-9)  # with the observed itself, as a permutation test counts
    return ByChance(float(values[0]), float(values[1:].mean()), float(as_much))


@dataclass(frozen=True)
class Pooled:
    """Each group's rate drawn towards that of all groups, and the beta distribution that draws it.

    data: the group column, numerator, denominator, rate (raw), n_effective, pooled, pooled_low, pooled_high. mean and
    deviation: of the fitted distribution of rates between groups (shares).
    """

    data: pd.DataFrame
    mean: float
    deviation: float

    @property
    def between_words(self) -> str:
        """How far the groups are fitted to differ, as a sentence."""
        least = np.sqrt(self.mean * (1 - self.mean) / (MOST_ALIKE + 1))
        said = f"a standard deviation of {100 * self.deviation:.1f} percentage points"
        nothing = self.deviation < 1.05 * least
        return f"Between groups the fit finds {'no spread that it can measure' if nothing else said}."


def fit_beta_binomial(k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Maximum-likelihood alpha and beta of a beta-binomial for k of n, which may be fractions (scipy)."""
    from scipy import optimize, special

    def loss(parameters: np.ndarray) -> float:
        mean, size = 1 / (1 + np.exp(-parameters[0])), np.exp(parameters[1])
        alpha, beta = mean * size, (1 - mean) * size
        return float((special.betaln(alpha, beta) - special.betaln(alpha + k, beta + n - k)).sum())

    start = np.clip(k.sum() / n.sum(), 0.001, 0.999)
    found = optimize.minimize(
        loss, [np.log(start / (1 - start)), np.log(10)], bounds=[(-12, 12), (np.log(0.1), np.log(MOST_ALIKE))]
    )
    mean, size = 1 / (1 + np.exp(-found.x[0])), np.exp(found.x[1])
    return float(mean * size), float((1 - mean) * size)


def pooled_estimates(table: RateTable) -> Pooled:
    """Each group's rate drawn towards that of all groups, the more so the smaller it is (empirical Bayes).

    On the same effective numbers as the funnel: k and n are divided by the design effect. pooled, pooled_low and
    pooled_high: mean and central 95 % of Beta(alpha + k, beta + n - k), with alpha and beta fitted to all groups. To be
    shown beside, never instead of, the raw rate. The uncertainty of alpha and beta themselves is not in the interval,
    so where the fit finds no spread the interval is far too narrow, and is no evidence that groups are alike.
    """
    from scipy import stats

    if table.unavailable:
        raise MisconductError(table.nothing)
    groups = stated_groups(table)
    k, n = ((groups[name] / groups["design_effect"]).to_numpy() for name in ("numerator", "denominator"))
    alpha, beta = fit_beta_binomial(k, n)
    posterior, size = stats.beta(alpha + k, beta + n - k), alpha + beta
    data = groups[[table.by[0], "numerator", "denominator", "rate"]].assign(
        n_effective=n, pooled=posterior.mean(), pooled_low=posterior.ppf(0.025), pooled_high=posterior.ppf(0.975)
    )
    return Pooled(data.reset_index(drop=True), alpha / size, float(np.sqrt(alpha * beta / (size + 1)) / size))
