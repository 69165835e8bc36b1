"""Published counts year by year: only what one publication gives for several years in the same unit and words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import vocabulary
from analysis.counting.published_rates import period_label

LEAST = 3  # years, for a series


def yearly_series(figures: pd.DataFrame, outcomes: Sequence[str] = ()) -> pd.DataFrame:
    """Counts that one publication gives for at least three years, each series of one force, unit and outcome.

    figures: the processed table published_figures; outcomes: codes of the vocabulary `published_outcome` to keep, all
    if none is given. Returns source_id, force, complaint_type, person_type, unit, outcome (codes), period,
    period_start, period_end and value; a series in which a period has several counts (parts of a whole) is left out,
    as is a period that is not of one year.
    """
    keys = ["source_id", "force", "stage", "complaint_type", "complaint_type_source", "person_type", "unit", "outcome"]
    keys.append("outcome_source")
    rows = figures[figures["value"].notna() & (figures["unit"] != "percent")]
    rows = rows[rows["outcome"].isin(outcomes)] if outcomes else rows
    start, end = (pd.to_datetime(rows[f"period_{side}"]) for side in ("start", "end"))
    rows = rows[(end - start).dt.days.between(364, 365)]
    groups = rows.groupby(keys)["period_start"]
    is_series = (groups.transform("nunique") >= LEAST) & (groups.transform("nunique") == groups.transform("size"))
    found = rows[is_series].sort_values([*keys, "period_start"])
    found = found.assign(
        period=[period_label(a, b) for a, b in zip(found["period_start"], found["period_end"], strict=True)]
    )
    shown = [
        "source_id",
        "force",
        "complaint_type",
        "person_type",
        "unit",
        "outcome",
        "period",
        "period_start",
        "period_end",
        "value",
    ]
    return found[shown].reset_index(drop=True)


def series_table(series: pd.DataFrame, sources: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """What `yearly_series` returns as people read it: one row a series, its counts by year in one cell.

    sources, rates: the processed tables sources and published_rates. Returns force, complaint type, outcome, counted
    (the unit), by year, out of how many (whether the same publication says so), published by.
    """
    keys = ["source_id", "force", "complaint_type", "person_type", "unit", "outcome"]
    publisher = sources.set_index("source_id")["publisher"]
    same = ["source_id", "force", "complaint_type", "period_start", "period_end"]
    series = series.merge(rates[same].drop_duplicates(), on=same, how="left", indicator="beside")
    rows = [
        (
            force,
            vocabulary.label("complaint_type", kind),
            vocabulary.label("published_outcome", outcome),
            vocabulary.label("published_unit", unit),
            "; ".join(f"{period}: {value:,.0f}" for period, value in zip(group["period"], group["value"], strict=True)),
            _out_of(group),
            publisher[source],
        )
        for (source, force, kind, _, unit, outcome), group in series.groupby(keys)
    ]
    names = ["force", "complaint type", "outcome", "counted", "by year", "out of how many", "published by"]
    return pd.DataFrame(rows, columns=names).sort_values([*names[:3], "counted"], ignore_index=True)


def _out_of(group: pd.DataFrame) -> str:
    """Whether a series of `series_table` has published rates beside it."""
    has_rate = group["beside"] == "both"
    if not has_rate.any():
        return "not published beside them"
    years = "" if has_rate.all() else f" of {', '.join(group.loc[has_rate, 'period'])}"
    return f"notebook 05 has the rate{years}"


def barred_list(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """How many officers of England and Wales each release says were put on the barred list, by period.

    figures, sources: the processed tables published_figures and sources. A count that others repeat for the same period
    stands once, as the official publication has it. Returns period_start, period_end, officers, publisher, source_id.
    """
    is_listed = (figures["outcome_source"] == "placed on the barred list") & (figures["person_type"] == "officer")
    publications = sources[["source_id", "publisher", "fidelity"]]
    listed = figures[is_listed & (figures["force"] == "England and Wales")].merge(publications, on="source_id")
    listed = listed.assign(officers=listed["value"].astype("Int64"), is_repeated=listed["fidelity"] != "official")
    period = ["period_start", "period_end"]
    listed = listed.sort_values([*period, "is_repeated", "source_id"]).drop_duplicates([*period, "officers"])
    return listed[[*period, "officers", "publisher", "source_id"]].reset_index(drop=True)
