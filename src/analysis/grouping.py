"""Which rows of a table are alike: groups by several columns at once, on numbers instead of labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

SMALL = 1 << 16  # what a table of is quickly looked up in


def combinations(rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The number of each row's combination of values, from 0; and the combinations there are, in order of categories.

    rows: columns of categories. Raises ValueError when a value is missing.
    """
    number, size = np.zeros(len(rows), dtype=np.int64), 1
    for column in rows:
        codes, width = rows[column].cat.codes.to_numpy(), len(rows[column].cat.categories)
        if (codes < 0).any():
            raise ValueError(f"{column} has missing values, which are no group.")
        number *= width
        number += codes
        size *= width
        if size > SMALL:
            number, size = _numbered(number, size)
            number = number.astype(np.int64)  # with the next column it may be large
    number, size = _numbered(number, size)
    one = np.zeros(size if len(rows) else 0, dtype=np.int64)  # a row of each
    one[number] = np.arange(len(rows))
    found = {column: rows[column].cat.categories[rows[column].cat.codes.to_numpy()[one]] for column in rows}
    return number, pd.DataFrame(found)


def _numbered(numbers: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Numbers from 0 to size - 1 by their places among those there are, in order; and how many there are."""
    present = counted(numbers, size)[0]
    if size > 2 * len(numbers):
        return np.searchsorted(present, numbers), len(present)
    place = np.zeros(size, dtype=np.int32)  # half the memory of millions
    place[present] = np.arange(len(present))
    return place[numbers], len(present)


def counted(numbers: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Which numbers from 0 to size - 1 there are, in order, and how many of each."""
    if size > 2 * len(numbers):
        return np.unique(numbers, return_counts=True)
    times = np.bincount(numbers, minlength=size)
    present = np.flatnonzero(times)
    return present, times[present]


def within(parts: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's part of a group, from 0, some of which may be nobody's; and the group of each.

    parts, group: numbers from 0. Most parts are in one group alone: only where there is another, it is looked up.
    """
    own = np.zeros(int(parts.max(initial=-1)) + 1, dtype=group.dtype)
    own[parts] = group
    others = np.flatnonzero(group != own[parts])
    code, found = pd.factorize(group[others].astype(np.int64) * len(own) + parts[others])
    number = parts.astype(np.int64)
    number[others] = code + len(own)
    return number, np.concatenate([own, found // max(1, len(own))])
