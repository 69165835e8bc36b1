"""How far a rate could move: one row an assumption about people who left or whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, extremes, from_zero, in_percent
from analysis.charts.page import Row, Rows
from analysis.charts.style import BLUE, PINK
from analysis.counting.denominators import among_label, outside
from analysis.counting.rate_words import percent, percent_range, share_label
from analysis.provenance.sources import Source, counted_in


def _whom(counted: str) -> str:
    """About whom something is assumed."""
    kind = "people" if counted == "people" else f"{counted} about people"
    return f"{kind} who left or whose outcome is not stated"


def bounds_chart(assumptions: pd.DataFrame, among: str, unstated: int, sources: Sequence[Source]) -> Chart:
    """How a rate moves under each assumption: one row an assumption, with the count behind it.

    assumptions: as attrition.leaving_assumptions returns them for the denominator `among`; the first is the project's
    definition and is drawn in another colour. unstated: how many people are left out because the source does not say
    whether they belong to the denominator.
    """
    denominator = vocabulary.entry("denominator", among)
    lowest, highest = assumptions["rate"].min(), assumptions["rate"].max()
    counted = counted_in(sources)
    definition = f"{denominator['definition']} Each row changes one assumption about {_whom(counted)}."
    measure = f"Share {share_label('dismissed', counted)} among {among_label(among, counted)} under each assumption"
    words = Words(
        title=f"Depending on who left and what is unknown, between {percent(lowest)} and {percent(highest)} "
        + ("were dismissed" if counted == "people" else f"of the {counted} ended in dismissal"),
        subtitle=f"{measure}. {sources[0].jurisdiction}. {sources[0].coverage}.",
        definition=f"{definition} {outside(among, unstated, counted)}" if unstated else definition,
        lines=[
            f"{row.label}: {_counts(row)}, {percent(row.rate)}, 95% interval {percent_range(row.low, row.high)}."
            for row in assumptions.itertuples()
        ],
        notes=(f"Dots: share. Lines: 95% interval, {counted} in one case counted together.",),
        interval_method="95 % Wilson score interval on the effective sample size",
        measure=measure,
        counted=extremes(assumptions),
    )
    rows = [
        Row(
            row.label,
            f"{_counts(row)} = {percent(row.rate)}",
            dot(row.rate, row.low, row.high, PINK if level == 0 else BLUE, hollow=False),
            row.high,
            row.denominator,
            bold=level == 0,
            is_kept=True,
        )
        for level, row in enumerate(assumptions.itertuples())
    ]
    plot = Rows(tuple(rows), from_zero, in_percent)
    return compose("Dot and interval chart", "bounds_leaving", words, assumptions, plot, sources)


def _counts(row: object) -> str:
    return f"{row.numerator} of {row.denominator}"  # type: ignore[attr-defined]
