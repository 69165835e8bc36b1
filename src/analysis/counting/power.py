"""How many people it would take to tell two dismissal rates apart, and how likely these data are to do so.

Two-sided tests of two independent shares by the normal approximation (Fleiss and others 2003, chapter 4, without
continuity correction); people in one case are not independent, so numbers of people are divided by the design effect.
"""

from __future__ import annotations

import math

import pandas as pd

from analysis.counting.intervals import Z
from analysis.counting.rate_table import RateTable
from analysis.errors import MisconductError

POWER_80 = 0.8416212335729143  # the 80 % point of the normal distribution


def people_needed(rate: float, ratio: float, effect: float = 1.0, z: float = Z) -> int:
    """People in each of two groups for an 80 % chance of finding that one rate is `ratio` times the other.

    rate: the lower share, 0 to 1; effect: the design effect; z: of the test, 1.96 for one comparison at 5 %. Raises
    MisconductError where the higher share would be more than 1.
    """
    other = rate * ratio
    if not 0 < rate < other <= 1:
        raise MisconductError(f"A rate of {rate:.3f} cannot become {ratio:g} times as high.")
    middle = (rate + other) / 2
    under = z * math.sqrt(2 * middle * (1 - middle))
    apart = POWER_80 * math.sqrt(rate * (1 - rate) + other * (1 - other))
    return math.ceil(effect * ((under + apart) / (other - rate)) ** 2)


def power(rate: float, ratio: float, n: float, others: float, z: float = Z) -> float:
    """The chance of finding that a rate of `n` people is `ratio` times that of `others`, whose rate is `rate`.

    n, others: effective numbers of people. Returns a share from 0 to 1.
    """
    higher = rate * ratio
    middle = (n * higher + others * rate) / (n + others)
    under = z * math.sqrt(middle * (1 - middle) * (1 / n + 1 / others))
    apart = math.sqrt(higher * (1 - higher) / n + rate * (1 - rate) / others)
    return 0.5 * (1 + math.erf((abs(higher - rate) - under) / apart / math.sqrt(2)))


def needed_table(table: RateTable, ratios: tuple[float, ...] = (2, 3, 5), comparisons: int = 1) -> pd.DataFrame:
    """How many people a group it would take to see each ratio, from the rate and design effect of a RateTable's total.

    comparisons: how many are made at once; each is tested at 5 % over that many (Bonferroni). Returns ratio,
    lower_rate, higher_rate (shares), people_needed (in each of two groups).
    """
    from scipy import stats

    total = table.known_total
    rate, z = float(total["rate"]), float(stats.norm.isf(0.025 / comparisons))
    possible = [ratio for ratio in ratios if rate * ratio <= 1]
    rows = [
        (ratio, rate, rate * ratio, people_needed(rate, ratio, float(total["design_effect"]), z)) for ratio in possible
    ]
    return pd.DataFrame(rows, columns=["ratio", "lower_rate", "higher_rate", "people_needed"])
