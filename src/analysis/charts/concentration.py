"""How concentrated complaints are: two rows a group of people, observed and by chance."""

from __future__ import annotations

import pandas as pd

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, from_zero, in_percent
from analysis.charts.page import Row, Rows
from analysis.charts.style import GREY, PINK
from analysis.counting.concentration import Concentration
from analysis.counting.rate_words import percent, percent_range
from analysis.provenance.sources import Source

HOW_TO_READ = (
    "Filled: observed, with a 95% bootstrap interval. Hollow: if every complaint fell on anybody alike, with the range "
    "of 95% of such allocations."
)
EXPOSURE = "Exposure is not known: people who meet the public more often have more complaints at equal conduct."


def concentration_chart(found: Concentration, stated: str, source: Source) -> Chart:
    """The share of complaints about the most complained-about people, observed and by chance: two rows a group.

    stated: where the number of people is from, as a sentence.
    """
    marks, people, top = _marks(found), found.people, found.data.iloc[-1]
    definition = (
        f"Share of {found.complaints:,} complaints (pairs of case and person) about the people with most of them, "
        f"among {people:,} people, those without a complaint included."
    )
    words = Words(
        title=f"{percent(top['share'])} of complaints are about the {top['group']:.0%} of people with most; chance "
        f"alone would give {percent(top['by_chance'])}",
        subtitle=f"{definition} {source.jurisdiction}. {source.coverage}.",
        definition=f"{definition} {stated} Staff are among those complained about and not among these.",
        lines=[
            f"{who} ({row.n_people:,} people), {what}: {percent(row.rate)}, {percent_range(row.low, row.high)}."
            for row in marks.itertuples()
            for who, what in [row.label.split(": ")]
        ],
        notes=(HOW_TO_READ, stated, EXPOSURE),
        interval_method="95 % bootstrap over people; 95 % of random allocations",
        measure="Share of all complaints about the people with most of them.",
        counted=f"They are {int(top['n_people']):,} of {people:,} people",
    )
    rows = []
    for place, row in enumerate(marks.itertuples()):
        observed = place % 2 == 0
        draw = dot(row.rate, row.low, row.high, PINK if observed else GREY, not observed)
        rows.append(Row(row.label, f"{percent(row.rate)} of complaints", draw, row.high, row.n_people, bold=observed))
    plot = Rows(tuple(rows), from_zero, in_percent)
    return compose("Dot and interval chart", "repeat_complaints", words, marks, plot, (source,))


def _marks(found: Concentration) -> pd.DataFrame:
    """What is drawn, top to bottom: of each group the share observed, then the one by chance."""
    marks: list[tuple[object, ...]] = []
    for row in found.data.itertuples():
        who = f"The {row.group:.0%} with most"
        marks.append((f"{who}: observed", row.n_people, row.share, row.low, row.high))
        marks.append((f"{who}: by chance alone", row.n_people, row.by_chance, row.chance_low, row.chance_high))
    return pd.DataFrame(marks, columns=["label", "n_people", "rate", "low", "high"])
