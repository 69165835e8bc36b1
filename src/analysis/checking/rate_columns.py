"""The columns of every table of dismissal rates."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from analysis.checking.fields import code, meaning, number


class RateColumns(pa.DataFrameModel):
    """Dismissal rates: group columns first, then these; the first row is the total, its groups "(all)"."""

    numerator: pd.Int64Dtype = number(meaning("numerator"))
    denominator: pd.Int64Dtype = number(meaning("denominator"))
    rate: float = number(meaning("rate"), whole=False, nullable=True, le=1)
    low: float = number(meaning("low"), whole=False, nullable=True, le=1)
    high: float = number(meaning("high"), whole=False, nullable=True, le=1)
    n_cases: pd.Int64Dtype = number(meaning("n_cases"))
    n_cases_counted: pd.Int64Dtype = number(meaning("n_cases_counted"))
    design_effect: float = number(meaning("design_effect"), whole=False, least=1)
    unknown_outcomes: pd.Int64Dtype = number(meaning("unknown_outcomes"))
    rate_if_none_dismissed: float = number(meaning("rate_if_none_dismissed"), whole=False, nullable=True, le=1)
    rate_if_all_dismissed: float = number(meaning("rate_if_all_dismissed"), whole=False, nullable=True, le=1)
    reliability: str = code("reliability", meaning("reliability"))

    @pa.dataframe_check(error="numerator_too_large|numerator|the numerator must not be larger than the denominator.")
    def _numerator_fits(cls, table: pd.DataFrame) -> pd.Series:
        return (table["numerator"] <= table["denominator"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="too_many_cases|n_cases_counted|there cannot be more of these than cases and dismissals.")
    def _cases_fit(cls, table: pd.DataFrame) -> pd.Series:
        least = table[["n_cases", "numerator"]].min(axis=1)
        return (table["n_cases_counted"] <= least).fillna(True).astype(bool)

    @pa.dataframe_check(error="interval_order|rate|low <= rate <= high must hold.")
    def _interval_order(cls, table: pd.DataFrame) -> pd.Series:
        ordered = (table["low"] <= table["rate"] + 1e-9) & (table["rate"] <= table["high"] + 1e-9)
        return ordered | table["low"].isna()
