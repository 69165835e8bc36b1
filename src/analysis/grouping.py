"""Which rows of a table are alike: groups by several columns at once, on numbers instead of labels."""

from __future__ import annotations

import numpy as np
import pandas as pd


def combinations(rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The number of each row's combination of values, from 0; and the combinations there are, in order of categories.

    rows: columns of categories. Raises ValueError when a value is missing.
    """
    sizes = [len(rows[column].cat.categories) for column in rows]
    number = np.zeros(len(rows), dtype=np.int64)
    for column, size in zip(rows, sizes, strict=True):
        codes = rows[column].cat.codes.to_numpy()
        if (codes < 0).any():
            raise ValueError(f"{column} has missing values, which are no group.")
        number *= size
        number += codes
    present = np.sort(pd.unique(number))
    places = np.unravel_index(present, sizes) if sizes else ()
    found = {column: rows[column].cat.categories[place] for column, place in zip(rows, places, strict=True)}
    return number_of(number, present), pd.DataFrame(found)


def number_of(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """The position of each value in `ordered`, which holds all of them."""
    return pd.Index(ordered).get_indexer(values)
