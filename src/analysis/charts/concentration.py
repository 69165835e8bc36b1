"""How concentrated complaints are: two rows a group of people, observed and if complaints fell at random."""

from __future__ import annotations

import pandas as pd

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, from_zero, in_percent
from analysis.charts.page import Row, Rows
from analysis.charts.style import GREY, PINK
from analysis.counting.concentration import Concentration
from analysis.counting.rate_words import percent
from analysis.provenance.sources import Source, place_and_period

AT_RANDOM = (
    "If complaints fell at random: a Poisson distribution with the same mean, without zero for the people complained "
    "about. No intervals: everybody complained about is counted, nobody is sampled. That people are complained about "
    "together, in one case, is left out."
)
EXPOSURE = "Exposure is not known: people who meet the public more often have more complaints at equal conduct."


def concentration_chart(accused: Concentration, workforce: Concentration, stated: str, source: Source) -> Chart:
    """The share of complaints about the most complained-about people, observed and at random: two rows a group.

    accused: among the people with a complaint; workforce: among an assumed number of people, the last group of which is
    set apart under the others; stated: where that number is from, as a sentence.
    """
    marks, top = concentration_marks(accused, workforce), accused.data.iloc[-1]
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
    rows = []
    for place, row in enumerate(marks.itertuples()):
        observed = place % 2 == 0
        draw = dot(row.rate, row.rate, row.rate, PINK if observed else GREY, hollow=False)
        apart = place >= len(marks) - 2
        rows.append(
            Row(row.label, percent(row.rate), draw, row.rate, row.n_people, observed, is_kept=True, is_apart=apart)
        )
    plot = Rows(tuple(rows), from_zero, in_percent)
    return compose("Dot chart", "repeat_complaints", words, marks, plot, (source,))


def concentration_marks(accused: Concentration, workforce: Concentration) -> pd.DataFrame:
    """What is drawn, top to bottom: of each group the share observed, then at random; last of the workforce."""
    groups = [(f"{row.group:.0%} with most", row) for row in accused.data.itertuples()]
    last = [*workforce.data.itertuples()][-1]
    groups.append((f"{last.group:.0%} of {workforce.people:,} assumed", last))
    marks = [
        (f"{who}: {what}", row.n_people, share)
        for who, row in groups
        for what, share in (("observed", row.share), ("at random", row.at_random))
    ]
    return pd.DataFrame(marks, columns=["label", "n_people", "rate"])
