"""Attrition as bars: how many people reach each step from a case to answer to dismissal, and what is not stated."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import TOTALS, from_zero, in_percent, parts_of_bar
from analysis.charts.page import Row, Rows
from analysis.charts.rate_dots import rate_line
from analysis.charts.style import BLUE, PINK
from analysis.charts.text import lower_first
from analysis.counting.denominators import among_label, outside
from analysis.counting.endings import CIRCULAR
from analysis.counting.intervals import INTERVAL_METHOD
from analysis.counting.rate_words import rate_in_words
from analysis.errors import MisconductError
from analysis.provenance.sources import Source, cases_of, counted_in, place_and_period

CONTAINED = "A step need not be contained in the one above it: sources do not always say all."
STEPS = "{} {} faced proceedings, {} were found against, and {} were dismissed or would have been"
STEPS_OF_THINGS = "{} {} led to proceedings, misconduct was found of {}, and {} ended in dismissal or would have"


def attrition_chart(stages: pd.DataFrame, complaint_type: str, unstated: int, sources: Sequence[Source]) -> Chart:
    """How many people reach each stage, do not, or nothing is stated of: bars of three parts.

    stages: as attrition.attrition returns them for `complaint_type` ("" for all). unstated: how many people are left
    out because nothing is stated of a case to answer. MisconductError when there is nobody.
    """
    rows = stages.set_index("stage")
    kind = vocabulary.label("complaint_type", complaint_type) if complaint_type else TOTALS["complaint_type"]
    about = lower_first(kind)
    last = rows.iloc[-1]
    people = int(last["denominator"] + last["unknown_outcomes"])
    if not people:
        raise MisconductError(f"Nobody in these data has a case to answer for {about}, so there is nothing to draw.")
    counts = {stage: f"{row['numerator']} of {row['denominator']}" for stage, row in rows.iterrows()}
    counted = counted_in(sources)
    among, cases = among_label("case_to_answer", counted), cases_of(counted)
    is_people = counted == "people"
    whom, steps = ("who", STEPS) if is_people else ("that", STEPS_OF_THINGS)
    of = "those of whom" if is_people else "those of which"
    definition = f"{among.capitalize()} {whom} reach each step, out of {of} it is stated. {CIRCULAR}"
    words = Words(
        title="Where it is stated, "
        + steps.format(
            counts["Proceedings held"], among, counts["Misconduct found"], counts["Dismissed or would have been"]
        ),
        subtitle=f"{among.capitalize()} {whom} reached each step, {about}. {place_and_period(sources[:1])}",
        definition=f"{definition} {outside('case_to_answer', unstated, counted)}" if unstated else definition,
        lines=[
            f"{stage}: {rate_line(row, cases)}; not stated of {row['unknown_outcomes']}."
            for stage, row in rows.iterrows()
        ],
        notes=(
            f"Each bar: all {people:,} {counted}. Dark: reached; grey: not stated; white: not reached. In "
            f"words: of {of} it is stated; a finding that only a sanction implies is not. {CONTAINED}",
        ),
        interval_method=INTERVAL_METHOD.replace("people", counted),
        measure=f"Each step: of {of} it is stated",
    )
    plot = Rows(
        tuple(
            Row(
                str(stage),
                rate_in_words(row),
                parts_of_bar(
                    [row["numerator"] / people, row["unknown_outcomes"] / people], PINK if stage == last.name else BLUE
                ),
                1.0,
                row["denominator"],
                bold=stage == last.name,
                under=f"not stated: {row['unknown_outcomes']}",
                is_kept=True,
            )
            for stage, row in rows.iterrows()
        ),
        from_zero,
        in_percent,
    )
    return compose("Bar chart", "from_case_to_answer_to_dismissal", words, stages, plot, sources)
