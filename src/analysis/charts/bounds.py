"""How far a rate could move: what unknown outcomes allow, and scenarios of people who left first; one row each."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, from_zero, in_percent, nothing
from analysis.charts.page import Row, Rows
from analysis.charts.rate_dots import rate_line
from analysis.charts.style import BLUE, PINK
from analysis.counting.denominators import among_label, outside
from analysis.counting.intervals import INTERVAL_METHOD
from analysis.counting.rate_words import FEW, case_words, count_words, percent, rate_in_words, share_label
from analysis.errors import MisconductError
from analysis.provenance.sources import Source, cases_of, counted_in, place_and_period

LEFT_FIRST = "Left first: the source says that the person resigned, retired or left before the proceedings ended."


def bounds_chart(assumptions: pd.DataFrame, among: str, unstated: int, sources: Sequence[Source]) -> Chart:
    """How a rate moves under each assumption: one row an assumption, with the count behind it.

    assumptions: as attrition.leaving_assumptions returns them for the denominator `among`; the rate is drawn in
    another colour, scenarios stand apart under it and its bounds. unstated: how many people are left out because the
    source does not say whether they belong to the denominator. MisconductError when nobody's outcome is known.
    """
    denominator = vocabulary.entry("denominator", among)
    rate, bounds = assumptions.iloc[0], assumptions[assumptions["kind"] == "bound"]
    counted = counted_in(sources)
    if not rate["denominator"]:
        raise MisconductError(
            f"There are no {counted} with a known outcome in this group, so there is nothing to draw."
        )
    who, is_people = among_label(among, counted), counted == "people"
    cases = cases_of(counted)
    unknown = int(rate["unknown_outcomes"])
    between = " and ".join(percent(share) for share in bounds["rate"])
    ended = "were dismissed or would have been" if is_people else "ended in dismissal or would have"
    counts = count_words(rate, cases, who)
    title = f"{counts}{'' if counts.endswith(who) else ','} {ended}"
    if unknown:
        title += f"; between {between}, whatever became of the {unknown} of unknown outcome"
    measure = f"Share {share_label('dismissed', counted)} among {who}, with what is not known and in scenarios"
    words = Words(
        title=title,
        subtitle=f"{measure}. {place_and_period(sources[:1])}",
        definition=" ".join(
            [denominator["definition"], LEFT_FIRST, *([outside(among, unstated, counted)] if unstated else [])]
        ),
        lines=[f"{row['label']}: {rate_line(row, cases)}." for _, row in assumptions.iterrows()],
        notes=(
            f"Dots: share. Lines: 95% interval, {counted} in one {cases.removesuffix('s')} counted together. "
            "A scenario is no bound.",
            f"Lowest and highest: what {unknown} unknown outcomes allow. {LEFT_FIRST}",
        ),
        interval_method=INTERVAL_METHOD.replace("people", counted),
        measure=measure,
        row=rate,
    )
    plot = Rows(tuple(_row(row, cases) for _, row in assumptions.iterrows()), from_zero, in_percent)
    return compose("Dot and interval chart", "bounds_leaving", words, assumptions, plot, sources)


def _row(row: pd.Series, cases: str) -> Row:
    is_rate, few = row["kind"] == "rate", row["denominator"] < FEW
    mark = dot(row["rate"], row["low"], row["high"], PINK if is_rate else BLUE, hollow=row["reliability"] == "u")
    return Row(
        row["label"],
        rate_in_words(row),
        nothing if few else mark,
        0.0 if few else float(row["rate"] if pd.isna(row["high"]) else row["high"]),
        row["denominator"],
        bold=is_rate,
        under=case_words(row, cases).removeprefix(", "),
        is_kept=row["kind"] != "scenario",
        is_apart=row["kind"] == "scenario",
    )
