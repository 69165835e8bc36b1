"""Columns of labels, each spelling looked at once whatever the number of rows, as codes of this project."""

from __future__ import annotations

import pandas as pd

from analysis.errors import MisconductError
from analysis.vocabulary import crosswalk


def to_codes(labels: pd.Series, source: str, vocabulary: str) -> pd.Series:
    """Labels of `source` (categories) as codes (categories), looked up once a spelling.

    Raises MisconductError naming every unknown spelling.
    """
    known = crosswalk(source)[vocabulary]
    spellings = labels.cat.categories
    unknown = [label for label in spellings if label not in known]
    if unknown:
        raise MisconductError(
            f"{source}: {vocabulary} has labels that data/vocabulary/crosswalks/{source}.yml does not know: "
            f"{', '.join(map(repr, unknown))}."
        )
    return relabel(labels, [known[label] for label in spellings])


def relabel(labels: pd.Series, names: list) -> pd.Series:
    """Categories under other names, one for each in order; several may get the same."""
    numbers, distinct = pd.factorize(pd.Series(names))
    return pd.Series(pd.Categorical.from_codes(numbers[labels.cat.codes], list(distinct)), index=labels.index)
