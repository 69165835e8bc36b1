"""Attrition as bars: how many people reach each step from a case to answer to dismissal."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import bar, from_zero, in_percent
from analysis.charts.page import Row, Rows
from analysis.charts.style import BLUE, PINK
from analysis.counting.denominators import outside
from analysis.counting.rate_words import percent
from analysis.errors import MisconductError
from analysis.provenance.sources import Source, counted_in, place_and_period

CONTAINED = (
    "Counts of people, not estimates. A stage need not be contained in the one above it: sources do not always say all."
)


def attrition_chart(stages: pd.DataFrame, complaint_type: str, unstated: int, sources: Sequence[Source]) -> Chart:
    """How many people reach each stage, as bars.

    stages: as attrition.attrition returns them for `complaint_type` ("" for all). unstated: how many people are left
    out because nothing is stated of a case to answer. MisconductError when there is nobody.
    """
    n = stages.set_index("stage")["n"]
    about = vocabulary.label("complaint_type", complaint_type) if complaint_type else "all complaint types"
    if not n["Case to answer"]:
        raise MisconductError(f"Nobody in these data has a case to answer for {about}, so there is nothing to draw.")
    counted = counted_in(sources)
    definition = f"{counted.capitalize()} with a case to answer that reach each step, as the source states it."
    steps = "{} faced proceedings, {} were found to have committed misconduct, {} were dismissed or would have been"
    if counted != "people":
        steps = "{} led to proceedings, misconduct was found of {}, {} ended in dismissal or would have"
    else:
        definition = definition.replace(" that ", " who ")
    reached = (n["Proceedings held"], n["Misconduct found"], n["Dismissed or would have been"])
    words = Words(
        title=f"Of {n['Case to answer']} {counted} with a case to answer, {steps.format(*reached)}",
        subtitle=f"{counted.capitalize()} reaching each step, {about}. {place_and_period(sources[:1])}",
        definition=f"{definition} {outside('case_to_answer', unstated, counted)}" if unstated else definition,
        lines=[f"{row.stage}: {row.n}, {percent(row.of_first)} of the first." for row in stages.itertuples()],
        notes=(CONTAINED.replace("people", counted),),
        interval_method=f"none: counts of the {counted} in the data",
    )
    last = len(stages) - 1
    rows = [
        Row(
            str(row.stage),
            f"{row.n} = {percent(row.of_first)}",
            bar(row.of_first, PINK if level == last else BLUE),
            1.0,
            row.n,
            bold=level == last,
            is_kept=True,
        )
        for level, row in enumerate(stages.itertuples())
    ]
    plot = Rows(tuple(rows), from_zero, in_percent)
    return compose("Bar chart", "from_case_to_answer_to_dismissal", words, stages, plot, sources)
