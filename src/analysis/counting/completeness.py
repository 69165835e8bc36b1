"""Which years of a source's records are complete, judged by the counts of the records alone."""

from __future__ import annotations

import pandas as pd

HALF, AHEAD, FIFTH = 0.5, 5, 0.2
FEW_ON_RECORD, COMPLETE, UNFINISHED = "few on record", "complete", "unfinished"
RULE = (
    f"A year up to the last one with fewer than half as many as the {AHEAD} years after it have on average is "
    f"*{FEW_ON_RECORD}*; from the first one after those in which the outcome of more than a fifth is not known, years "
    f"are *{UNFINISHED}*; between them they are *{COMPLETE}*."
)


def completeness(years: pd.DataFrame) -> pd.Series:
    """How completely each year is on record (RULE): FEW_ON_RECORD, COMPLETE or UNFINISHED, in the rows of `years`.

    years: year, n (records) and n_unknown (of them without a known outcome), one row a year, years ascending; a year
    that is not there has no records.
    """
    n = years.set_index("year")["n"].astype("float64")
    every = n.reindex(range(int(n.index.min()), int(n.index.max()) + 1), fill_value=0.0)
    after = every[::-1].rolling(AHEAD, min_periods=1).mean()[::-1].shift(-1)
    few = every.index[every < HALF * after]
    begins = few.max() if len(few) else every.index.min() - 1
    year, unknown = years["year"].astype("int64"), years["n_unknown"] / years["n"]
    ends = year[(unknown > FIFTH) & (year > begins)].min()
    found = pd.Series(COMPLETE, index=years.index)
    return found.mask(year <= begins, FEW_ON_RECORD).mask(year >= ends, UNFINISHED)
