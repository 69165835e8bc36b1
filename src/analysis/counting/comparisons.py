"""Comparing rates fairly: risk ratios with their intervals, counts and adjusted p values.

Everything here takes a RateTable or counts, and returns a table; nothing reads a file.
statsmodels is imported by what needs it: it takes longer to load than everything else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.rate_table import UNSTATED, RateTable
from analysis.counting.rate_words import SMALL, count_words
from analysis.errors import MisconductError, require_known

REST = "rest"


def against_rest(subjects: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Subjects with `column` reduced to `value` and "rest"; a joint case that names `value` counts as `value` only."""
    named = subjects[column].str.split(vocabulary.SEPARATOR).map(lambda parts: value in parts).astype(bool)
    return subjects.assign(**{column: pd.Series(np.where(named, value, REST), index=subjects.index, dtype="str")})


def risk_ratio(k: float, n: float, k_reference: float, n_reference: float) -> tuple[float, float, float, float]:
    """Ratio of two independent shares, its 95 % Koopman (1984) score interval and two-sided p value of the score test.

    NaN where a group is empty or nobody in either was dismissed; an upper end may be infinite.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

    if not n or not n_reference or not (k or k_reference):
        return (float("nan"),) * 4
    ratio = k / n / (k_reference / n_reference) if k_reference else float("inf")
    with np.errstate(all="ignore"):
        groups = (k, n, k_reference, n_reference)
        score = {"compare": "ratio", "method": "score", "correction": False}  # True would be Miettinen and Nurminen's
        low, high = confint_proportions_2indep(*groups, **score)
        p = test_proportions_2indep(*groups, **score).pvalue
    return ratio, (0.0 if k == 0 else float(low)), (float("inf") if k_reference == 0 else float(high)), float(p)


def risk_ratios(table: RateTable, reference: str) -> pd.DataFrame:
    """Each group of a one-column RateTable against one of its groups; what is not stated is no group.

    Returns one row a group: the group column, numerator, denominator, ratio, low, high, p_value, p_holm (adjusted for
    all the comparisons made, Holm 1979) and reliability (u when either denominator is under 10). Counts are divided
    by each group's design effect first, as in the interval of a rate. Raises MisconductError for an unknown group.
    """
    from statsmodels.stats.multitest import multipletests

    if len(table.by) != 1:
        raise MisconductError("Risk ratios need a rate table by one group.")
    if table.unavailable:
        raise MisconductError(table.nothing)
    column = table.by[0]
    groups = table.groups.set_index(column)
    groups = groups[~groups.index.isin(UNSTATED)]
    require_known(reference, groups.index, column.replace("_", " "))
    base = groups.loc[reference]
    rows = []
    for group, row in groups.drop(index=reference).iterrows():
        effective = [row[c] / row["design_effect"] for c in ("numerator", "denominator")]
        effective += [base[c] / base["design_effect"] for c in ("numerator", "denominator")]
        ratio, low, high, p = risk_ratio(*map(float, effective))
        if row["denominator"] and base["denominator"] and base["numerator"]:
            ratio = float(row["rate"] / base["rate"])
        reliable = row["reliability"] == base["reliability"] == "ok"
        rows.append((group, row["numerator"], row["denominator"], ratio, low, high, p, "ok" if reliable else "u"))
    names = [column, "numerator", "denominator", "ratio", "low", "high", "p_value", "reliability"]
    compared = pd.DataFrame(rows, columns=names)
    tested = compared["p_value"].notna()
    compared["p_holm"] = np.nan
    if tested.any():
        compared.loc[tested, "p_holm"] = multipletests(compared.loc[tested, "p_value"], method="holm")[1]
    return compared


def ratio_words(ratio: pd.Series) -> str:
    """A row of risk_ratios: the ratio of two rates with its interval, and whether these data can tell them apart.

    That a test does not reject never becomes "no difference" here.
    """
    p = ratio["p_holm"]
    told = "the difference is clear" if p < 0.05 else "these data cannot tell whether there is a difference"
    interval = f"95% interval {ratio['low']:.2f} to {ratio['high']:.2f}, adjusted p = {p:.3f}"
    return f"{ratio['ratio']:.2f} times as often ({interval}): {told}"


def rest_words(table: RateTable, value: str) -> str:
    """A group of `against_rest` beside everybody else, in a sentence: both counts and the ratio where there is one.

    table: the rates by that group. Of fewer than SMALL people, or with nobody else, it says that and no ratio.
    """
    groups = table.groups.set_index(table.by[0])
    n = int(groups["denominator"].get(value, 0))
    if n < SMALL:
        return f"{value} has {n} people with a known outcome in these data: too few to say anything about it."
    if REST not in groups.index:
        return f"These data have nobody else to compare the people of {value} with."
    own, rest = (count_words(groups.loc[group], table.cases, "people") for group in (value, REST))
    ratios = risk_ratios(table, REST).set_index(table.by[0])
    return (
        f"{value}: {own}, were {vocabulary.label('numerator', table.count)}. Everybody else: {rest}. That is "
        f"{ratio_words(ratios.loc[value])}."
    )
