"""Comparing rates fairly: risk ratios with intervals that hold together, counts and adjusted p values.

Everything here takes a RateTable or counts, and returns a table; nothing reads a file.
scipy is imported by what needs it: it takes longer to load than everything else.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.permutation import LEVEL, Outcomes, holm, p_values
from analysis.counting.rate_table import CANNOT_TELL, HIGHER, LOWER, UNSTATED, RateTable
from analysis.counting.rate_words import SMALL, count_words, few_words, p_words
from analysis.errors import MisconductError, require_known

REST = "rest"
WIDEST = 30.0  # the logarithm of a ratio that no interval reaches
EXPECTED = 5  # under as many in a cell of the two by two table, the score test's p value is not to be relied on


def against_rest(subjects: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Subjects with `column` reduced to `value` and "rest"; a joint case that names `value` counts as `value` only."""
    named = subjects[column].str.split(vocabulary.SEPARATOR).map(lambda parts: value in parts).astype(bool)
    return subjects.assign(**{column: np.where(named, value, REST)})


def risk_ratio(
    k: float, n: float, k_reference: float, n_reference: float, level: float = LEVEL
) -> tuple[float, float, float, float]:
    """Ratio of two independent shares, its Koopman (1984) score interval and two-sided p value of the score test.

    The interval covers 1 - level: the ratios that the score test does not reject at `level`. Counts may be fractions.
    NaN where a group is empty or nobody in either was dismissed; an upper end may be infinite.
    """
    from scipy import optimize, stats

    if not _is_tested(k, n, k_reference, n_reference):
        return (math.nan,) * 4
    counts = (k, n, k_reference, n_reference)
    ratio = k / n / (k_reference / n_reference) if k_reference else math.inf
    z = float(stats.norm.isf(level / 2))

    def end(side: int) -> float:
        return math.exp(optimize.brentq(lambda log: _score(math.exp(log), *counts) - side * z, -WIDEST, WIDEST))

    low, high = end(1) if k else 0.0, end(-1) if k_reference else math.inf
    return ratio, low, high, float(2 * stats.norm.sf(abs(_score(1.0, *counts))))


def _score(ratio: float, k: float, n: float, k_reference: float, n_reference: float) -> float:
    """The score statistic of two shares having this ratio: normal where they have, falling as the ratio rises."""
    # The reference's share that fits best, of a quadratic (Koopman 1984, equation 1).
    a, b, c = ratio * (n + n_reference), ratio * (n + k_reference) + k + n_reference, k + k_reference
    base = 2 * c / (b + math.sqrt(max(0.0, b * b - 4 * a * c)))
    share = ratio * base
    variance = share * max(0.0, 1 - share) / n + ratio**2 * base * max(0.0, 1 - base) / n_reference
    difference = k / n - ratio * k_reference / n_reference
    return difference / math.sqrt(variance) if variance > 0 else 0.0  # all of both: the limit at a ratio of 1


def risk_ratios(table: RateTable, reference: str) -> pd.DataFrame:
    """Each group of a one-column RateTable against one of its groups; what is not stated is no group.

    Returns
    -------
    DataFrame
        One row a group: the group column, numerator, denominator, ratio, low and high (of m comparisons each interval
        covers 1 - 0.05 / m, so that all hold together in 95 %, and holds 1 where the test does not reject it), p_value,
        reliability (u where either group is of low reliability), p_holm (adjusted for all the comparisons made, Holm
        1979) and verdict: higher or lower where p_holm is under 0.05 and the interval leaves out 1, else "cannot tell".

    Raises
    ------
    MisconductError
        For an unknown group, or a table by several.

    Source
    ------
    Koopman (1984) on counts divided by each group's design effect, as in the interval of a rate. The p value is that
    of the score test, or of a permutation of cases among the two groups' people (who is in both counts in both) where
    fewer than 5 are expected in a cell.
    """
    if len(table.by) != 1:
        raise MisconductError("Risk ratios need a rate table by one group.")
    if table.unavailable:
        raise MisconductError(table.nothing)
    column = table.by[0]
    groups = table.groups[~table.groups[column].isin(UNSTATED)]
    require_known(reference, groups[column], column.replace("_", " "))
    base = groups[groups[column] == reference].iloc[0]
    compared = groups.drop(index=base.name)
    effective = [(*_effective(row), *_effective(base)) for _, row in compared.iterrows()]
    m = sum(_is_tested(*counts) for counts in effective)
    found = compared[[column, "numerator", "denominator"]].copy()
    names = ["ratio", "low", "high", "p_value"]
    found[names] = np.array([risk_ratio(*counts, LEVEL / max(m, 1)) for counts in effective]).reshape(-1, len(names))
    if base["numerator"]:
        found["ratio"] = (compared["rate"] / base["rate"]).where(found["ratio"].notna())
    found["reliability"] = np.where((compared["reliability"] == "ok") & (base["reliability"] == "ok"), "ok", "u")
    few = np.array([_is_tested(*counts) and _least_expected(*counts) < EXPECTED for counts in effective])
    if few.any() and table.outcomes is not None:
        outcomes, beside = table.outcomes(), found.loc[~few, "p_value"].dropna()
        pairs = [_pair(outcomes, int(group), int(base.name)) for group in found.index[few]]
        found.loc[few, "p_value"] = p_values(pairs, [*beside])
    return _judged(found).reset_index(drop=True)


def _judged(found: pd.DataFrame) -> pd.DataFrame:
    """Ratios with p_holm and verdict; an interval holds 1 where the test does not reject it."""
    found = found.assign(p_holm=np.nan)
    tested = found["p_value"].notna()
    found.loc[tested, "p_holm"] = holm(found.loc[tested, "p_value"].to_numpy())
    is_clear = found["p_holm"] < LEVEL
    low = found["low"].where(is_clear, found["low"].clip(upper=1))
    high = found["high"].where(is_clear, found["high"].clip(lower=1))
    verdict = np.select([is_clear & (low > 1), is_clear & (high < 1)], [HIGHER, LOWER], CANNOT_TELL)
    return found.assign(low=low, high=high, verdict=verdict)


def _effective(row: pd.Series) -> tuple[float, float]:
    """A row's numerator and denominator, divided by its design effect."""
    return float(row["numerator"] / row["design_effect"]), float(row["denominator"] / row["design_effect"])


def _is_tested(k: float, n: float, k_reference: float, n_reference: float) -> bool:
    return bool(n and n_reference and (k or k_reference))


def _least_expected(k: float, n: float, k_reference: float, n_reference: float) -> float:
    """The least that is expected in a cell of the two by two table, were both shares the same."""
    counted, everybody = k + k_reference, n + n_reference
    return min(counted, everybody - counted) * min(n, n_reference) / everybody if everybody else 0.0


def _pair(outcomes: Outcomes, group: int, reference: int) -> tuple[Outcomes, np.ndarray]:
    """The people of two groups, and the weights of the difference of their shares."""
    both = outcomes.among(group, reference)
    return both, np.array([[1.0], [-1.0]]) / both.people[:, np.newaxis]


def times_words(ratio: pd.Series) -> str:
    """The interval of a row of risk_ratios in a sentence: 1.91 to 20.8 times as often."""
    return f"{interval_words(ratio)} times as often"


def interval_words(ratio: pd.Series) -> str:
    """The interval of a row of risk_ratios: 1.91 to 20.8, or at least 1.91."""
    low, high = ratio["low"], ratio["high"]
    return f"at least {_times(low)}" if np.isinf(high) else f"{_times(low)} to {_times(high)}"


def _times(ratio: float) -> str:
    """A ratio to three digits: 0.12, 1.93, 20.8, 131."""
    return "0" if ratio == 0 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def ratio_words(ratio: pd.Series) -> str:
    """A row of risk_ratios: the interval of the ratio of two rates, and whether these data can tell them apart.

    That a test does not reject never becomes "no difference" here, and no ratio stands without its interval.
    """
    if pd.isna(ratio["low"]):
        return "none was, so there is no ratio"
    told = f"95% interval {times_words(ratio)}, {p_words(ratio['p_holm'])}"
    if ratio["verdict"] == CANNOT_TELL:
        return f"these data cannot tell ({told})"
    return f"{ratio['verdict']}, with a ratio of {_times(ratio['ratio'])} ({told})"


def rest_words(table: RateTable, value: str) -> str:
    """A group of `against_rest` beside everybody else, in sentences: both counts and the ratio where there is one.

    table: the rates by that group. Of low reliability [u], or with nobody else, it says that and no ratio. The p value
    is that of one comparison; the sentence says so, because whoever chose the group may have looked at others.
    """
    groups, who = table.groups.set_index(table.by[0]), table.counted
    were, others = ("were ", "Everybody else") if who == "people" else ("", "All others")
    if value not in groups.index or groups.loc[value, "reliability"] != "ok":
        n = groups["denominator"].get(value, 0)
        few = few_words(groups.loc[value], who, table.cases) if n else f"fewer than {SMALL} {who}"
        return f"{value}: {n} {who} with a known outcome in these data ({few}), too few to say anything about it."
    if REST not in groups.index:
        return f"These data have no other {who} to compare those of {value} with."
    own, rest = (count_words(groups.loc[group], table.cases, who) for group in (value, REST))
    ratio = risk_ratios(table, REST).set_index(table.by[0]).loc[value]
    return (
        f"{value}: {own}, {were}{table.share_label}. {others}: {rest}. Beside "
        f"them: {ratio_words(ratio)}. The p value is for this one {table.by[0].replace('_', ' ')} and is not adjusted "
        "for having looked at others."
    )
