"""How concentrated complaints are on few people, against what chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.counting.rate_words import percent, percent_range
from analysis.errors import MisconductError

SHARES = (0.01, 0.05, 0.10)
DRAWS, ALLOCATIONS, SEED = 2000, 200, 20261124


@dataclass(frozen=True)
class Concentration:
    """The people with most complaints and the share of all complaints that are about them.

    data: group (share of all people), n_people, share, low, high (95 % bootstrap over people), by_chance,
    chance_low, chance_high (95 % of random allocations of as many complaints to as many people). dispersion: variance
    over mean of complaints a person; 1 in a Poisson distribution.
    """

    data: pd.DataFrame
    complaints: int
    people: int
    mean: float
    dispersion: float


def top_share(counts: np.ndarray, people: int) -> float:
    """The share of all complaints that the `people` with most have.

    counts: how many people have 0, 1, 2, ... complaints.
    """
    numbers = np.arange(len(counts))
    taken = np.minimum(counts, np.maximum(0, people - np.concatenate([np.cumsum(counts[::-1])[::-1][1:], [0]])))
    return float((taken * numbers).sum() / (counts * numbers).sum())


def concentration(complaints: pd.DataFrame, workforce: int) -> Concentration:
    """Concentration of complaints among `workforce` people, those without any included.

    complaints: n_complaints, n_people. Chance: every complaint falls on anybody alike, so that complaints a person are
    Poisson with the same mean (to be exact multinomial with the same total). Raises MisconductError when fewer people
    are assumed than have complaints.
    """
    accused = int(complaints["n_people"].sum())
    if workforce < accused:
        raise MisconductError(f"{accused:,} people have complaints, so the workforce cannot be {workforce:,}.")
    counts = np.zeros(int(complaints["n_complaints"].max()) + 1, dtype=int)
    counts[complaints["n_complaints"].to_numpy(dtype=int)] = complaints["n_people"].to_numpy(dtype=int)
    counts[0] = workforce - accused
    numbers = np.arange(len(counts))
    total = int((counts * numbers).sum())
    mean = total / workforce
    variance = float((counts * (numbers - mean) ** 2).sum() / (workforce - 1))
    random = np.random.default_rng(SEED)
    resampled = random.multinomial(workforce, counts / workforce, size=DRAWS)
    allocated = [
        np.bincount(np.bincount(random.integers(0, workforce, total), minlength=workforce)) for _ in range(ALLOCATIONS)
    ]
    rows = []
    for share in SHARES:
        people = round(share * workforce)
        low, high = np.quantile([top_share(draw, people) for draw in resampled], [0.025, 0.975])
        chance = np.array([top_share(draw, people) for draw in allocated])
        chance_low, chance_high = np.quantile(chance, [0.025, 0.975])
        rows.append([share, people, top_share(counts, people), low, high, chance.mean(), chance_low, chance_high])
    columns = ["group", "n_people", "share", "low", "high", "by_chance", "chance_low", "chance_high"]
    return Concentration(pd.DataFrame(rows, columns=columns), total, workforce, mean, variance / mean)


def concentration_table(found: Concentration) -> pd.DataFrame:
    """`data` as people read it: the share of people, how many those are, their share of complaints, and by chance."""
    rows = [
        (
            f"{row.group:.0%}",
            row.n_people,
            f"{percent(row.share)} ({percent_range(row.low, row.high)})",
            f"{percent(row.by_chance)} ({percent_range(row.chance_low, row.chance_high)})",
        )
        for row in found.data.itertuples()
    ]
    return pd.DataFrame(rows, columns=["group", "n_people", "observed", "by_chance"])
