"""Every chart the suite stands behind, by name: what it asks, where it is computed, and how it is drawn.

Notebooks and the gallery draw the same exhibits from here, so a chart has one definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis import charts, vocabulary
from analysis.charts import Chart
from analysis.charts.exhibits import (
    CHICAGO_PERIOD,
    MET,
    OWN_RATES,
    VAWG_TYPES,
    chicago_gap,
    chicago_table,
    compare,
    draw_attrition,
    draw_funnel,
    draw_leaving,
    draw_own_rates,
    draw_rates,
    draw_ratios,
    draw_repeat_complaints,
    draw_vawg,
    funnel_of,
    met_workforce,
    new_orleans_table,
    own_rates,
    published_chart,
    published_charts,
    published_groups,
    typed,
)
from analysis.charts.forest import for_titles
from analysis.counting.rate_table import RateTable
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Where
from analysis.dataset import Dataset
from analysis.errors import MisconductError, require_known

COUNT = "dismissed_or_would_have_been"
__all__ = [  # what notebooks, pages and packs draw with
    "CHICAGO_PERIOD",
    "EXHIBITS",
    "OWN_RATES",
    "VAWG_TYPES",
    "Exhibit",
    "chart",
    "chicago_gap",
    "chicago_table",
    "compare",
    "draw_attrition",
    "draw_chart",
    "draw_funnel",
    "draw_leaving",
    "draw_own_rates",
    "draw_rates",
    "draw_ratios",
    "draw_repeat_complaints",
    "draw_vawg",
    "exhibit",
    "for_titles",
    "funnel_of",
    "met_workforce",
    "new_orleans_table",
    "own_rates",
    "published_charts",
    "published_groups",
]


@dataclass(frozen=True)
class Exhibit:
    """One chart of the suite.

    name: of its files and page; theme: which group of pages; question: what it answers; notebook and section: where it
    is computed; draw: from a data set; by: the group of its RateTable, where it can be drawn for any question.
    """

    name: str
    theme: str
    question: str
    notebook: str
    section: str
    draw: Callable[[Dataset], Chart]
    by: str = ""


_ONE, _TWO, _THREE = (
    "01_dismissal_rates_by_complaint_type",
    "02_from_case_to_answer_to_dismissal",
    "03_violence_against_women_and_girls",
)
_BY_TYPE = "dismissal_rates_by_complaint_type"
COMPLAINTS, PROCESS, WHO = "What they are accused of", "The process", "Who and where"
OTHERS, ELSEWHERE = "Published by others", "Other data"
EXHIBITS = [
    Exhibit(
        _BY_TYPE,
        COMPLAINTS,
        "Of people with a case to answer, how many are dismissed, by what they are accused of?",
        _ONE,
        "By complaint type",
        lambda data: draw_rates(dismissal_rates(data, among="case_to_answer", by="complaint_type")),
        by="complaint_type",
    ),
    Exhibit(
        f"{_BY_TYPE}_among_proceedings",
        COMPLAINTS,
        "Of people who faced misconduct proceedings, how many are dismissed, by what they are accused of?",
        _ONE,
        "Out of whom? Three groups",
        lambda data: draw_rates(
            dismissal_rates(data, among="proceedings", by="complaint_type"), f"{_BY_TYPE}_among_proceedings"
        ),
    ),
    Exhibit(
        f"{_BY_TYPE}_among_proven",
        COMPLAINTS,
        "Of people found to have committed misconduct, how many are dismissed, by what they are accused of?",
        _ONE,
        "Out of whom? Three groups",
        lambda data: draw_rates(dismissal_rates(data, among="proven", by="complaint_type"), f"{_BY_TYPE}_among_proven"),
    ),
    Exhibit(
        "dismissal_rates_by_vawg",
        COMPLAINTS,
        "How often are people accused of violence against women and girls dismissed?",
        _THREE,
        "The counts first",
        draw_vawg,
        by="vawg",
    ),
    Exhibit(
        "dismissal_rates_by_discrimination_ground",
        COMPLAINTS,
        "How often are people accused of racism, sexism or other discrimination dismissed?",
        _THREE,
        "Discriminatory behaviour by ground",
        lambda data: draw_rates(
            dismissal_rates(
                data,
                among="case_to_answer",
                by="discrimination_ground",
                where={"complaint_type": "discriminatory_behaviour"},
            ),
            "dismissal_rates_by_discrimination_ground",
        ),
    ),
    Exhibit(
        "from_case_to_answer_to_dismissal",
        PROCESS,
        "Where do people fall out between a case to answer and dismissal?",
        _TWO,
        "Step by step",
        draw_attrition,
    ),
    Exhibit(
        "dismissal_rates_by_force_view",
        PROCESS,
        "What happens when the force disagrees with the investigator?",
        _TWO,
        "When the force disagreed with the investigator",
        lambda data: draw_rates(dismissal_rates(data, among="case_to_answer", by="force_view")),
    ),
    Exhibit(
        "bounds_leaving",
        PROCESS,
        "Who leaves before the hearing, and how far could the dismissal rate move?",
        "06_leaving_before_the_hearing",
        "The rate under each assumption",
        draw_leaving,
    ),
    Exhibit(
        "funnel_by_force",
        WHO,
        "Do forces differ, and can these data tell?",
        "04_forces",
        "All forces",
        draw_funnel,
        by="force",
    ),
    Exhibit(
        "dismissal_rates_by_person_type",
        WHO,
        "Do police staff and officers differ in how often they are dismissed?",
        "07_who_is_dismissed",
        "Officers and staff",
        lambda data: draw_rates(dismissal_rates(data, among="case_to_answer", by="person_type")),
    ),
    Exhibit(
        "risk_ratios_by_complaint_type",
        COMPLAINTS,
        "How do complaint types compare with use of force?",
        "07_who_is_dismissed",
        "Complaint types compared with use of force",
        lambda data: draw_ratios(
            dismissal_rates(data, among="case_to_answer", by="complaint_type", primary_only=True),
            "use_of_force",
            "people accused of use of force",
            "risk_ratios_by_complaint_type",
        ),
    ),
    Exhibit(
        "published_rates_by_complaint_type",
        OTHERS,
        "What shares of accusations ended in dismissal, in figures that others published?",
        _ONE,
        "Beside them: published rates",
        lambda data: published_chart(data, "published_rates_by_complaint_type", typed(data), "accused"),
    ),
    Exhibit(
        "published_rates_vawg",
        OTHERS,
        "What have others published on sexual misconduct and domestic abuse?",
        _THREE,
        "What forces and journalists have published",
        lambda data: published_chart(data, "published_rates_vawg", VAWG_TYPES, "accused"),
    ),
    Exhibit(
        "published_rates_vawg_found",
        OTHERS,
        "And where sexual misconduct or domestic abuse came to proceedings, or was upheld?",
        _THREE,
        "What forces and journalists have published",
        lambda data: published_chart(data, "published_rates_vawg_found", VAWG_TYPES, "found"),
    ),
    Exhibit(
        "chicago_dismissal_rates",
        ELSEWHERE,
        "In Chicago, how many accusations against officers end in dismissal?",
        "11_chicago_dismissal_rates",
        "Of all accusations",
        lambda data: draw_rates(chicago_table(data, "all_subjects"), "chicago_dismissal_rates"),
    ),
    Exhibit(
        "chicago_dismissal_rates_among_proven",
        ELSEWHERE,
        "In Chicago, how many accusations that were sustained end in dismissal?",
        "11_chicago_dismissal_rates",
        "Of accusations that were sustained",
        lambda data: draw_rates(chicago_table(data, "proven"), "chicago_dismissal_rates_among_proven"),
    ),
    Exhibit(
        "new_orleans_dismissal_rates",
        ELSEWHERE,
        "In New Orleans, how many actions on allegations against officers are a dismissal?",
        "16_other_cities",
        "New Orleans: actions on allegations",
        lambda data: draw_rates(new_orleans_table(data), "new_orleans_dismissal_rates"),
    ),
    Exhibit(
        "repeat_complaints",
        ELSEWHERE,
        "Are complaints concentrated on few people of the Metropolitan Police Service?",
        "12_repeat_complaints",
        "Beside complaints that fall at random",
        draw_repeat_complaints,
    ),
]


def exhibit(name: str) -> Exhibit:
    """One exhibit by its name; MisconductError lists the known ones."""
    named = {entry.name: entry for entry in EXHIBITS}
    return named[require_known(name, named, "chart")]


def chart(table: RateTable) -> Chart:
    """The chart of a RateTable: dots with intervals. In a notebook it shows itself.

    Parameters
    ----------
    table
        From `dismissal_rates`, by one group.

    Returns
    -------
    Chart
        With title, subtitle, alt text and source line made of the table; `data` is exactly what is plotted.

    Raises
    ------
    MisconductError
        When the table has no or several groups, or nobody with a known outcome.
    """
    return charts.dismissal_rates_by(table)


def draw_chart(
    data: Dataset,
    name: str,
    *,
    among: str = "",
    count: str = COUNT,
    where: Where | None = None,
    primary_only: bool = False,
) -> Chart:
    """A chart by its name: for a question where it takes one (Exhibit.by), else as the catalogue has it.

    Parameters
    ----------
    data
        A Dataset, from `load()`.
    name
        Of its files and page in the gallery, or "own_published_rates" of imported counts.
    among
        Out of whom, as in `dismissal_rates`; required for a question.
    count, where, primary_only
        As in `dismissal_rates`, for a question.

    Returns
    -------
    Chart
        As the gallery has it, or of the question.

    Raises
    ------
    MisconductError
        For an unknown name, listing the known ones, and for a question that is missing or that the chart does not take.
    """
    asked = {entry.name: entry for entry in EXHIBITS if entry.by}
    require_known(name, [*asked, OWN_RATES, *(entry.name for entry in EXHIBITS if not entry.by)], "chart")
    if name not in asked:
        given = {"--among": among, "--where": where, "--primary-only": primary_only}
        given |= {} if name == OWN_RATES else {"--count": count != COUNT}
        wrong = " and no ".join(option for option, value in given.items() if value)
        if wrong:
            raise MisconductError(f"The chart {name} takes no {wrong}. These do: {', '.join(asked)}.")
        return draw_own_rates(data, count) if name == OWN_RATES else exhibit(name).draw(data)
    if not among:
        known = ", ".join(vocabulary.codes("denominator"))
        raise MisconductError(f"The chart {name} needs --among: out of whom? One of {known}.")
    by = asked[name].by
    table = dismissal_rates(data, among=among, by=by, count=count, where=where, primary_only=primary_only)
    return funnel_of(table, MET) if by == "force" else chart(table)
