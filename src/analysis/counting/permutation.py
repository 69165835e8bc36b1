"""Whether groups are further apart than outcomes that fall by chance: exchanged among whole cases, many times.

People in one case are mostly dismissed or not dismissed together, so a test that takes them one by one finds too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

SEED = 20200201  # any would do: fixed, so that every run says the same
BATCH, MOST = 20_000, 200_000  # permutations at a time, and at most
AT_ONCE = 4_000_000  # numbers held in memory
LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Outcomes:
    """People with a known outcome, each in a case, and the groups that they are in.

    case: of each person, the number of their case; is_counted: whether they are of the numerator. person, group: one
    entry a membership, the number of the person and of the group (0 to groups - 1); somebody may be in several.
    """

    case: np.ndarray
    is_counted: np.ndarray
    person: np.ndarray
    group: np.ndarray
    groups: int

    @cached_property
    def members(self) -> np.ndarray:
        """Whether each person, in the order of their cases, is in each group."""
        found = np.zeros((len(self.case), self.groups), dtype=np.int8)
        found[self.person, self.group] = 1
        return found[np.argsort(self.case, kind="stable")]

    @cached_property
    def people(self) -> np.ndarray:
        """How many people are in each group."""
        return self.members.sum(axis=0)

    @cached_property
    def counted(self) -> np.ndarray:
        """How many of each group are of the numerator."""
        order = np.argsort(self.case, kind="stable")
        return self.members[self.is_counted[order]].sum(axis=0)

    def among(self, *groups: int) -> Outcomes:
        """The people of some groups alone, which are numbered in the order given."""
        kept = np.isin(self.group, groups)
        people, person = np.unique(self.person[kept], return_inverse=True)
        number = np.zeros(self.groups, dtype=np.int64)
        number[[*groups]] = np.arange(len(groups))
        return Outcomes(self.case[people], self.is_counted[people], person, number[self.group[kept]], len(groups))

    def permuted(self, draws: int, random: np.random.Generator) -> np.ndarray:
        """How many of each group are of the numerator when outcomes fall by chance: (draws, groups).

        The outcomes of a whole case go to a case of as many people, and within it to any of them.
        """
        _, number, sizes = np.unique(self.case, return_inverse=True, return_counts=True)
        dismissed = np.bincount(number[self.is_counted], minlength=len(sizes))
        first = np.cumsum(sizes) - sizes  # of each case, the place of its first person
        counts = np.zeros((draws, self.groups))
        for size in np.unique(sizes[dismissed > 0]):
            alike = np.flatnonzero(sizes == size)
            given = dismissed[alike]
            step = max(1, AT_ONCE // len(alike))
            for start in range(0, draws, step):
                part = counts[start : start + step]
                cases = first[alike[_distinct(len(part), len(alike), int((given > 0).sum()), random)]]
                for column, k in enumerate(given[given > 0]):
                    for place in _distinct(len(part), int(size), int(k), random).T:
                        part += self.members[cases[:, column] + place]
        return counts


def _distinct(draws: int, choices: int, wanted: int, random: np.random.Generator) -> np.ndarray:
    """`wanted` different numbers under `choices`, in random order, in each of `draws` rows (Fisher and Yates)."""
    deck = np.tile(np.arange(choices), (draws, 1))
    rows = np.arange(draws)
    for place in range(min(wanted, choices - 1)):
        # Of doubles alone, whose stream has never changed between versions of numpy.
        other = place + (random.random(draws) * (choices - place)).astype(np.int64)
        taken = deck[rows, other]
        deck[rows, other] = deck[:, place]
        deck[:, place] = taken
    return deck[:, :wanted]


def holm(p: np.ndarray) -> np.ndarray:
    """p values adjusted for how many there are (Holm 1979)."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, stepped)
    return adjusted


def p_values(tests: Sequence[tuple[Outcomes, np.ndarray]], beside: Sequence[float] = ()) -> np.ndarray:
    """Two-sided p value of each weighted sum of counts, by how far it is from its mean, by permutation of cases.

    tests: outcomes, and weights of their groups (groups, sums); beside: p values of the same family that come from
    another test. As many permutations as it takes until their own error (3.3 standard errors) cannot move any p value
    across LEVEL after Holm's adjustment; MOST at most.
    """
    expected = [outcomes.is_counted.mean() * (outcomes.people @ weights) for outcomes, weights in tests]
    observed = np.concatenate(
        [np.abs(outcomes.counted @ weights - e) for (outcomes, weights), e in zip(tests, expected, strict=True)]
    )
    random, beyond, draws = np.random.default_rng(SEED), np.zeros(len(observed)), 0
    while True:
        drawn = [
            np.abs(outcomes.permuted(BATCH, random) @ weights - e)
            for (outcomes, weights), e in zip(tests, expected, strict=True)
        ]
        beyond += (np.hstack(drawn) >= observed - 1e-9).sum(axis=0)
        draws += BATCH
        p = (beyond + 1) / (draws + 1)
        error = 3.3 * np.sqrt(p * (1 - p) / draws)
        low, high = (holm(np.append(np.clip(p + side * error, 0, 1), beside)) < LEVEL for side in (-1, 1))
        if draws >= MOST or (low == high).all():
            return p


def p_against_rest(outcomes: Outcomes) -> np.ndarray:
    """Two-sided p value of each group's share against that of everybody else, by permutation of cases.

    NaN of a group that holds nobody or everybody.
    """
    n, everybody = outcomes.people, len(outcomes.case)
    tested = (n > 0) & (n < everybody)
    p = np.full(outcomes.groups, np.nan)
    if tested.any() and 0 < outcomes.is_counted.sum() < everybody:
        p[tested] = p_values([(outcomes, np.eye(outcomes.groups)[:, tested])])
    return p


def p_of_spread(outcomes: Outcomes, draws: int = 5 * BATCH) -> float:
    """p value of the shares of all groups being alike, in one test, by permutation of cases.

    The statistic is the sum over groups of n (share - share of everybody) squared. NaN without two groups or where
    nobody or everybody is of the numerator.
    """
    n, k = outcomes.people, int(outcomes.is_counted.sum())
    if (n > 0).sum() < 2 or not 0 < k < len(outcomes.case):
        return np.nan
    expected = k * n / len(outcomes.case)

    def spread(counted: np.ndarray) -> np.ndarray:
        return (np.square(counted - expected) / np.maximum(1, n)).sum(axis=-1)

    drawn = spread(outcomes.permuted(draws, np.random.default_rng(SEED)))
    return float(((drawn >= spread(outcomes.counted) - 1e-9).sum() + 1) / (draws + 1))
