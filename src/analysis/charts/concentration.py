"""How concentrated complaints are: a row a group of people, observed and if complaints fell at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import draw_dot, from_zero, in_percent
from analysis.charts.page import Row, Rows
from analysis.charts.style import GREY, PINK
from analysis.counting.concentration import Concentration
from analysis.counting.rate_words import percent
from analysis.provenance.sources import Source, place_and_period

AT_RANDOM = (
    "Dots: observed. Diamonds: if complaints fell at random: a Poisson distribution with the same mean, without zero "
    "for the people complained about. No intervals: everybody complained about is counted, nobody is sampled. That "
    "people are complained about together, in one case, is left out."
)
EXPOSURE = "Exposure is not known: people who meet the public more often have more complaints at equal conduct."


def concentration_chart(accused: Concentration, workforce: Concentration, stated: str, source: Source) -> Chart:
    """The share of complaints about the most complained-about people, observed and at random: a row a group.

    accused: among the people with a complaint; workforce: among an assumed number of people, the last group of which is
    set apart under the others; stated: where that number is from, as a sentence.
    """
    groups, top = _groups(accused, workforce), accused.data.iloc[-1]
    marks = _marks(groups)
    definition = (
        f"Share of {accused.complaints:,} complaints (pairs of case and person) about the people with most of them, "
        f"among the {accused.people:,} officers and staff with at least one"
    )
    words = Words(
        title=f"Of {accused.people:,} people complained about, the {top['group']:.0%} with most have "
        f"{percent(top['share'])} of complaints; if complaints fell at random they would have "
        f"{percent(top['at_random'])}",
        subtitle=f"{definition}. {place_and_period((source,))}",
        definition=f"{definition}; set apart, among an assumed {workforce.people:,}, those without a complaint "
        f"included. {stated}",
        lines=[f"{row.label} ({row.n_people:,} people): {percent(row.rate)}." for row in marks.itertuples()],
        notes=(AT_RANDOM, f"Under the line, an assumption: {stated}", EXPOSURE),
        interval_method="none: everybody complained about is counted",
        measure="Share of all complaints about the people with most of them.",
        counted=f"They are {int(top['n_people']):,} of {accused.people:,} people",
    )
    plot = Rows(tuple(_row(group, group is groups[-1]) for group in groups), from_zero, in_percent)
    return compose("Dot chart", "repeat_complaints", words, marks, plot, (source,))


def _groups(accused: Concentration, workforce: Concentration) -> list[tuple[str, Any]]:
    """Each group in words with its row of a Concentration; last the largest of the workforce."""
    groups = [(f"{row.group:.0%} with most", row) for row in accused.data.itertuples()]
    last = [*workforce.data.itertuples()][-1]
    return [*groups, (f"{last.group:.0%} of {workforce.people:,} assumed", last)]


def _marks(groups: Sequence[tuple[str, Any]]) -> pd.DataFrame:
    """What is drawn, top to bottom: of each group the share observed, then at random."""
    marks = [
        (f"{who}: {what}", row.n_people, share)
        for who, row in groups
        for what, share in (("observed", row.share), ("at random", row.at_random))
    ]
    return pd.DataFrame(marks, columns=["label", "n_people", "rate"])


def _row(group: tuple[str, Any], is_apart: bool) -> Row:
    """Both shares of a group on one line."""
    who, row = group

    def draw(axes: Axes, height: float) -> None:
        draw_dot(axes, height, row.at_random, row.at_random, row.share, GREY, hollow=False, shape="D")
        draw_dot(axes, height, row.share, row.share, row.share, PINK, hollow=False)

    words = f"{percent(row.share)}; at random {percent(row.at_random)}"
    return Row(who, words, draw, max(row.share, row.at_random), row.n_people, is_kept=True, is_apart=is_apart)
