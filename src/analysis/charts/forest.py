"""Published rates as a forest plot: one row a rate, each out of the group that its own source gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, extreme, extremes, from_zero, in_percent, nothing
from analysis.charts.page import Row, Rows
from analysis.charts.style import BLUE, GREY
from analysis.charts.text import lower_first
from analysis.counting.rate_words import FEW, SMALL, percent, percent_range, rate_cell
from analysis.provenance.sources import Source

COLOURS = {"A": BLUE, "B": GREY, "C": GREY}  # by quality
SHAPES = {"A": "o", "B": "s", "C": "^"}  # by quality: hollow means low reliability and nothing else
MARKS = {"A": "Dots: quality A", "B": "Squares: B", "C": "Triangles: C"}
SMALL_NOTE = (
    f"[u], hollow: out of fewer than {SMALL}, low reliability (an arrow: the interval goes on); fewer than {FEW}: "
    "counts only."
)


def _notes() -> list[str]:
    """How to read every such chart."""
    marks = (f"{mark}, {lower_first(vocabulary.entry('quality', code)['definition'])}" for code, mark in MARKS.items())
    return [
        f"{' '.join(marks)} Lines: 95% Wilson interval.",
        "Rates differ in what they are a share of, in unit and in period: compare only like with like. "
        "Sources overlap.",
    ]


def for_titles(rates: pd.DataFrame) -> pd.DataFrame:
    """The rows of a forest table that a title may speak of: no group under 10, unless there is no other."""
    reliable = rates[~rates["has_counts"] | (rates["denominator"] >= SMALL)]
    return reliable if len(reliable) else rates


def shares(rates: pd.DataFrame) -> str:
    """The lowest to the highest share of a forest table, without groups too small for a title."""
    found = for_titles(rates)["rate"]
    return f"{percent(found.min())} to {percent(found.max())}"


def shares_title(rates: pd.DataFrame, ended: str = "in dismissal") -> str:
    """The title of a forest table: how far the shares run, in how many publications, and of what they are shares.

    ended: how they ended, in words.
    """
    return f"{_run(rates, ended)}, {_units(rates)}"


def shares_copied(rates: pd.DataFrame, about: str, ended: str = "in dismissal") -> str:
    """The same where it is copied: led by what the rates are about, with the counts behind the lowest and highest."""
    counts = lower_first(extremes(for_titles(rates)))
    return "; ".join(filter(None, (f"{about}: {lower_first(_run(rates, ended))}", counts, _units(rates))))


def _run(rates: pd.DataFrame, ended: str) -> str:
    """How far the shares of a forest table run, and in how many publications."""
    titled = for_titles(rates)
    publications = titled["source_id"].nunique()
    many = "" if publications == 1 else "s"
    run = f"run from {shares(rates)}" if titled["rate"].nunique() > 1 else f"are {percent(titled['rate'].iloc[0])}"
    return f"Shares ending {ended} {run} in {publications} publication{many}"


def _units(rates: pd.DataFrame) -> str:
    """Of what the shares of a forest table are."""
    *others, last = dict.fromkeys(for_titles(rates)["unit"])
    some = " or ".join(part for part in (", ".join(others[:-1]), *others[-1:]) if part)
    return f"some of {some}, some of {last}" if others else f"of {last}"


def published_rates_chart(
    rates: pd.DataFrame, name: str, title: str, subtitle: str, sources: Sequence[Source], copied: str = ""
) -> Chart:
    """Forest plot of published rates, one row a rate, marked by quality.

    rates: a forest table (counting.published_rates), in the order to be drawn; its intervals are plain Wilson ones, as
    published counts do not say which people share a case. title, subtitle, copied (the title where it is copied, if
    that is another): whoever chose the rows says what they have in common.
    """
    reliable = for_titles(rates)
    words = Words(
        title=title,
        subtitle=subtitle,
        definition="Each rate is dismissals over the group that its own source gives; no rate mixes sources.",
        lines=[_line(row) for row in rates.itertuples()],
        notes=[*_notes(), SMALL_NOTE] if (rates["denominator"] < SMALL).any() else _notes(),
        interval_method="95 % Wilson score interval",
        counted=extremes(reliable),
        copied=copied,
    )
    named = [extreme(reliable, rate).name for rate in (reliable["rate"].min(), reliable["rate"].max())]  # in the title
    rows = tuple(_row(row, row.Index in named) for row in rates.itertuples())
    plot = Rows(rows, from_zero, in_percent, "published rates")
    return compose("Forest plot", name, words, rates, plot, sources)


def _counts(row: Any) -> str:
    """The counts of a published rate, or that there are none."""
    return f"{row.numerator} of {row.denominator:,}" if row.has_counts else "no counts"


def _share(row: Any) -> str:
    """The share of a published rate with its mark: 12.5% [u] out of fewer than SMALL, [u] alone under FEW."""
    return rate_cell(row._asdict())


def _of(row: Any) -> str:
    """Out of whom a published rate is; where its source sets two units side by side, that it does."""
    return f"{row.who}{' (units differ)' if row.is_unit_mixed else ''}"


def _line(row: Any) -> str:
    """A published rate in the alt text."""
    interval = "" if row.denominator < FEW else f", 95% interval {percent_range(row.low, row.high)}"
    what = f"{lower_first(row.type)}: {row.counted} {_counts(row)}, {_of(row)}"
    return f"{row.label}, {what}, {_share(row)}{interval}, quality {row.quality}."


def _row(row: Any, is_kept: bool) -> Row:
    """A published rate as it is drawn."""
    few, is_small = row.denominator < FEW, row.reliability == "u"
    return Row(
        row.label,
        f"{_counts(row)}{' ' if few else ' = ' if row.has_counts else ': '}{_share(row)}",
        nothing if few else dot(row.rate, row.low, row.high, COLOURS[row.quality], is_small, SHAPES[row.quality]),
        0.0 if few else row.rate if pd.isna(row.high) else row.high,
        float(row.denominator),
        under=f"{row.type}. {row.counted[:1].upper()}{row.counted[1:]}, of {_of(row)}",
        is_kept=is_kept,
        is_apart=is_small,
        least=float(0.0 if few else row.rate) if is_small else None,
    )
