"""How concentrated complaints are on few people, beside what they would be if they fell on anybody at random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.counting.rate_words import percent
from analysis.errors import MisconductError

SHARES = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Concentration:
    """The people with most complaints and the share of all complaints that are about them.

    data: group (share of the people), n_people, share (observed) and at_random (if complaints fell on anybody at
    random). dispersion: the variance of complaints a person over what it would be at random; 1 if they fall so.
    """

    data: pd.DataFrame
    complaints: int
    people: int
    mean: float
    dispersion: float


def top_share(counts: np.ndarray, people: int) -> float:
    """The share of all complaints that the `people` with most have.

    counts: how many people have 0, 1, 2, ... complaints, also an expected number.
    """
    numbers = np.arange(len(counts))
    with_more = np.cumsum(counts[::-1])[::-1] - counts
    taken = np.minimum(counts, np.maximum(0, people - with_more))
    return float((taken * numbers).sum() / (counts * numbers).sum())


def truncated_mean(mean: float) -> float:
    """The mean of the Poisson distribution whose part above zero has a given mean, more than 1.

    The maximum-likelihood estimate of a zero-truncated Poisson.
    """
    from scipy.optimize import brentq  # it takes long to load

    return float(brentq(lambda rate: rate / -math.expm1(-rate) - mean, 1e-9, mean))


def at_random(mean: float, people: int, highest: int) -> np.ndarray:
    """How many of `people` would have 0, 1, ... `highest` complaints, or more, in a Poisson distribution."""
    numbers = np.arange(highest + 1)
    logarithms = numbers * math.log(mean) - mean - np.array([math.lgamma(number + 1) for number in numbers])
    return people * np.exp(logarithms)


def concentration(complaints: pd.DataFrame, workforce: int = 0) -> Concentration:
    """Concentration of complaints among the people who have any, or among a workforce.

    complaints: n_complaints, n_people. workforce 0: only who has a complaint, beside a zero-truncated Poisson
    distribution of the same mean, so that nothing is assumed of how many have none; otherwise among so many people,
    those without any included, beside a Poisson distribution. Raises MisconductError when fewer people are assumed than
    have complaints.
    """
    accused = int(complaints["n_people"].sum())
    if workforce and workforce < accused:
        raise MisconductError(f"{accused:,} people have complaints, so the workforce cannot be {workforce:,}.")
    counts = np.zeros(2 * int(complaints["n_complaints"].max()) + 1)  # twice: nothing of a Poisson distribution beyond
    counts[complaints["n_complaints"]] = complaints["n_people"]
    people = workforce or accused
    counts[0] = people - accused
    numbers = np.arange(len(counts))
    mean = float((counts * numbers).sum() / people)
    rate = mean if workforce else truncated_mean(mean)
    expected = at_random(rate, people if workforce else round(people / -math.expm1(-rate)), len(counts) - 1)
    variance = float((counts * (numbers - mean) ** 2).sum() / (people - 1))
    groups = [(share, round(share * people)) for share in SHARES]
    rows = [(share, top, top_share(counts, top), top_share(expected, top)) for share, top in groups]
    data = pd.DataFrame(rows, columns=["group", "n_people", "share", "at_random"])
    return Concentration(data, int((counts * numbers).sum()), people, mean, variance / (mean * (1 + rate - mean)))


def concentration_table(found: Concentration) -> pd.DataFrame:
    """`data` as people read it: the share of people, how many those are, their share of complaints, and at random."""
    rows = [
        (f"{row.group:.0%}", row.n_people, percent(row.share), percent(row.at_random))
        for row in found.data.itertuples()
    ]
    return pd.DataFrame(rows, columns=["people with most", "how many", "share of complaints", "if they fell at random"])
