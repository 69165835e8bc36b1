"""Every chart the suite stands behind, by name: what it asks, where it is computed, and how it is drawn.

Notebooks and the gallery draw the same exhibits from here, so a chart has one definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis import charts, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import renamed
from analysis.charts.rows import for_titles, lower_first
from analysis.counting.attrition import attrition, leaving_assumptions
from analysis.counting.comparisons import risk_ratios
from analysis.counting.concentration import concentration
from analysis.counting.denominators import count_unstated, outside
from analysis.counting.funnel import funnel
from analysis.counting.published_rates import forest_table
from analysis.counting.rate_table import RateTable, describe
from analysis.counting.rate_words import SMALL, percent
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Where, select
from analysis.dataset import Dataset
from analysis.errors import MisconductError, require_known
from analysis.provenance.sources import place_and_period

CHICAGO, MET_COMPLAINTS = "chicago_complaints", "met_complaints"
CHICAGO_PERIOD = vocabulary.codes("chicago_period")[0]  # what its rates are headed by
VAWG_TYPES = ("sexual_misconduct", "domestic_abuse", "vawg")
MET = "Metropolitan Police Service"
COUNT = "dismissed_or_would_have_been"


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


def rates(data: Dataset, **question: object) -> RateTable:
    """rates.dismissal_rates of processed tables."""
    return dismissal_rates(data, **question)  # type: ignore[arg-type]


def draw_rates(table: RateTable, name: str = "") -> Chart:
    """Dot and interval chart of a RateTable by one column, called `name` if given."""
    chart = charts.dismissal_rates_by(table)
    return renamed(chart, name) if name else chart


def draw_attrition(data: Dataset, complaint_type: str = "") -> Chart:
    """Bars of how many people with a case to answer reach each step; MisconductError when there is nobody."""
    stages = attrition(data, complaint_type)
    sources = data.sources_of(data.subjects)
    only = {"complaint_type": complaint_type} if complaint_type else {}
    n = stages.set_index("stage")["n"]
    about = vocabulary.label("complaint_type", complaint_type) if complaint_type else "all complaint types"
    if not n["Case to answer"]:
        raise MisconductError(f"Nobody in these data has a case to answer for {about}, so there is nothing to draw.")
    title = (
        f"Of {n['Case to answer']} people with a case to answer, {n['Proceedings held']} faced proceedings, "
        f"{n['Misconduct found']} were found to have committed misconduct, "
        f"{n['Dismissed or would have been']} were dismissed or would have been"
    )
    definition = "People with a case to answer who reach each step, as the source states it."
    unstated = count_unstated(select(data, only), "case_to_answer")
    definition += f" {outside('case_to_answer', unstated)}" if unstated else ""
    subtitle = f"People reaching each step, {about}. {sources[0].jurisdiction}. {sources[0].coverage}."
    return charts.attrition_chart(stages, title, subtitle, definition, sources)


def draw_leaving(data: Dataset, among: str = "case_to_answer") -> Chart:
    """How far the rate could move under each assumption about people who left or whose outcome is unknown."""
    assumptions = leaving_assumptions(data, among)
    sources = data.sources_of(data.subjects)
    denominator = vocabulary.entry("denominator", among)
    lowest, highest = assumptions["rate"].min(), assumptions["rate"].max()
    title = (
        f"Depending on who left and what is unknown, between {percent(lowest)} and {percent(highest)} were dismissed"
    )
    subtitle = (
        f"Share dismissed among {denominator['label']} under each assumption. "
        f"{sources[0].jurisdiction}. {sources[0].coverage}."
    )
    definition = (
        f"{denominator['definition']} Each row changes one assumption about people who left or whose outcome is not "
        "stated."
    )
    unstated = count_unstated(data["subjects"], among)
    definition += f" {outside(among, unstated)}" if unstated else ""
    return charts.bounds_chart(assumptions, "bounds_leaving", title, subtitle, definition, sources)


def draw_funnel(data: Dataset, force: str = MET, among: str = "case_to_answer") -> Chart:
    """The funnel plot of forces with one force named."""
    return funnel_of(rates(data, among=among, by="force"), force)


def funnel_of(by_force: RateTable, force: str) -> Chart:
    """The funnel plot of a RateTable by force with one force named."""
    return charts.funnel_plot(by_force, funnel(by_force), force)


def compare(table: RateTable, reference: str) -> pd.DataFrame:
    """risk_ratios with a column `label` in place of the group's code, for people."""
    column = table.by[0]
    ratios = risk_ratios(table, reference)
    ratios.insert(0, "label", ratios[column].map(lambda code: vocabulary.label(column, code)))
    return ratios.drop(columns=column)


def draw_ratios(table: RateTable, reference: str, reference_words: str, name: str) -> Chart:
    """Risk ratios of the groups of a RateTable against one of them."""
    ratios = risk_ratios(table, reference)
    return charts.risk_ratio_chart(table, ratios, reference, reference_words, name)


def published(data: Dataset, types: Sequence[str] = (), stages: Sequence[str] = ()) -> pd.DataFrame:
    """The forest table of published shares dismissed, of given complaint types and stages (all if none is given)."""
    rows = data["published_rates"]
    rows = rows[rows["numerator_definition"] == "dismissed"]
    rows = rows[rows["complaint_type"].isin(types)] if types else rows[rows["complaint_type"] != "all"]
    rows = rows[rows["denominator_stage"].isin(stages)] if stages else rows
    return forest_table(rows)


def _range(rows: pd.DataFrame) -> str:
    """The lowest to the highest share of a forest table, without groups too small for a title."""
    shares = for_titles(rows)["rate"]
    return f"{percent(shares.min())} to {percent(shares.max())}"


ACCUSED = ("allegations_made", "complaints_made", "individuals_accused")


def draw_published_accusations(data: Dataset) -> Chart:
    """Published shares of accusations that ended in dismissal, by complaint type."""
    rows = published(data, stages=ACCUSED)
    shares = _range(rows)
    title = f"Published shares of accusations that ended in dismissal: {shares}"
    subtitle = "Share dismissed of allegations or complaints made, or of people accused, as each source gives it."
    sources = data.sources_of(rows)
    return charts.published_rates_chart(rows, "published_rates_by_complaint_type", title, subtitle, sources)


def draw_published_vawg(data: Dataset) -> Chart:
    """Published shares dismissed for sexual misconduct, domestic abuse and violence against women and girls."""
    rows = published(data, types=VAWG_TYPES)
    title = f"Published shares dismissed run from {_range(rows)}"
    subtitle = (
        "Share dismissed in published figures on sexual misconduct, domestic abuse and violence against women and "
        "girls."
    )
    return charts.published_rates_chart(rows, "published_rates_vawg", title, subtitle, data.sources_of(rows))


OWN_RATES = "own_published_rates"


def own_rates(data: Dataset, where: Mapping[str, str]) -> pd.DataFrame:
    """The rows of published_rates of the imported data in a data set, with the values of `where`."""
    rows = data["published_rates"]
    rows = rows[rows["source_id"] == (data.own.name if data.own else "")]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return rows


def draw_own_rates(data: Dataset, count: str, where: Mapping[str, str] | None = None) -> Chart:
    """The rates of imported data alone, dismissals counted as `count` says where both are given.

    Raises MisconductError when there are no imported data or they hold no rates.
    """
    rows = own_rates(data, where or {})
    if rows.empty:
        raise MisconductError(
            "There are no rates of your own to draw: name imported counts with --data, and say in their mapping, under "
            "`rates`, what is divided by what."
        )
    chosen_rows = rows[rows["numerator_definition"] == count]
    rows = rows if chosen_rows.empty else chosen_rows
    sources = data.sources_of(rows)
    [what] = rows["numerator_definition"].unique()
    table = forest_table(rows)
    whole, titled = (" or ".join(part["who"].unique()) for part in (table, for_titles(table)))
    ended = f"of {titled} ended {vocabulary.entry('numerator', what)['ended']}"
    few = (table["denominator"] < SMALL).all()
    title = f"{'Too few to say what share' if few else _range(table)} {ended}"
    small = "" if few else f" The title leaves out groups of fewer than {SMALL}."
    subtitle = f"Share that ended so, {whole}. {sources[0].title}. {place_and_period(sources)}{small}"
    return charts.published_rates_chart(table, OWN_RATES, title, subtitle, sources)


ACCUSATIONS = "accusations"  # what is counted in Chicago
CHICAGO_WHOM = {
    "all_subjects": "accusations against officers",
    "proven": "sustained accusations against officers",
}
ONE_ACCUSATION = (
    "An accusation is one officer in one complaint: an officer with several complaints counts in each, so these are "
    "not numbers of officers."
)


def chicago_gap(years: pd.DataFrame) -> str:
    """Why the years before the headline period stand apart, from the counts by year (ChicagoYears)."""
    first = vocabulary.entry("chicago_period", CHICAGO_PERIOD)["first_year"]
    early = years[years["year"] < first]
    n = years.set_index("year")["n"]
    return (
        f"Complaints before {first} are left out because few are on record: they are "
        f"{percent(early['n'].sum() / years['n'].sum())} of all accusations and hold "
        f"{early['n_sustained_dismissed'].sum():,} of the {years['n_sustained_dismissed'].sum():,} dismissals among "
        f"sustained ones. {first} itself is on record in part: {n[first]:,} accusations, {n[first + 1]:,} a year later."
    )


def chicago_table(data: Dataset, among: str, period: str = CHICAGO_PERIOD) -> RateTable:
    """The committed Chicago rates of one denominator and period (vocabulary chicago_period) as a RateTable.

    Reads chicago_rates and chicago_years.
    """
    rows, by = data["chicago_rates"], ("complaint_category",)
    whom, words = CHICAGO_WHOM[among], vocabulary.entry("chicago_period", period)
    notes = (ONE_ACCUSATION, *([chicago_gap(data["chicago_years"])] if period == CHICAGO_PERIOD else []))
    source, line = data.source(CHICAGO), f" ({lower_first(words['label'])})"
    return RateTable(
        with_total=rows[(rows["among"] == among) & (rows["period"] == period)]
        .drop(columns=["period", "among"])
        .reset_index(drop=True),
        by=by,
        among=among,
        count="dismissed",
        where={},
        definition=f"{describe(among, 'dismissed', by, False, {}, ACCUSATIONS, whom)} Found is what the records call "
        f"sustained. {words['definition']}",
        # In the source line too: the smallest picture has the period nowhere else.
        sources=(replace(source, coverage=words["label"], citation=source.citation + line),),
        counted=ACCUSATIONS,
        cases="complaints",
        whom=whom,
        period=words["label"],
        notes=notes,
    )


def met_workforce(data: Dataset) -> tuple[int, str]:
    """Officers of the Metropolitan Police Service, as published, and in words what that number is and who says so."""
    figures = data["published_figures"]
    found = figures[(figures["force"] == MET) & (figures["stage"] == "workforce") & (figures["unit"] == "individuals")]
    figure = found[found["source_id"] != (data.own.name if data.own else "")].iloc[-1]
    source = data["sources"].set_index("source_id").loc[figure["source_id"]]
    basis = figure["workforce_basis"]
    what = "" if basis == "not_stated" else f" ({vocabulary.label('workforce_basis', basis)})"
    words = f"officers{what} in {figure['period_start'][:4]}/{figure['period_end'][2:4]}"
    return int(figure["value"]), f"{words}, as published by {source['publisher']} ({source['published']})"


def draw_repeat_complaints(data: Dataset, workforce: int = 0) -> Chart:
    """How concentrated complaints about Metropolitan Police people are; workforce 0: the published one."""
    published, words = met_workforce(data)
    people = workforce or published
    found = concentration(data["met_complaints"], people)
    stated = f"{people:,} people: {words}." if people == published else f"{people:,} people are assumed."
    top = found.data.iloc[-1]
    title = (
        f"{percent(top['share'])} of complaints are about the {top['group']:.0%} of people with most; chance alone "
        f"would give {percent(top['by_chance'])}"
    )
    definition = (
        f"Share of {found.complaints:,} complaints (pairs of case and person) about the people with most of them, "
        f"among {people:,} people, those without a complaint included. {stated} Staff are among those "
        "complained about and not among these."
    )
    sources = (data.source(MET_COMPLAINTS),)
    subtitle = f"{definition.split('. ')[0]}. {sources[0].jurisdiction}. {sources[0].coverage}."
    return charts.concentration_chart(found.data, people, stated, title, subtitle, definition, sources)


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
        lambda data: draw_rates(rates(data, among="case_to_answer", by="complaint_type")),
        by="complaint_type",
    ),
    Exhibit(
        f"{_BY_TYPE}_among_proceedings",
        COMPLAINTS,
        "Of people who faced misconduct proceedings, how many are dismissed, by what they are accused of?",
        _ONE,
        "Out of whom? Three groups",
        lambda data: draw_rates(rates(data, among="proceedings", by="complaint_type"), f"{_BY_TYPE}_among_proceedings"),
    ),
    Exhibit(
        f"{_BY_TYPE}_among_proven",
        COMPLAINTS,
        "Of people found to have committed misconduct, how many are dismissed, by what they are accused of?",
        _ONE,
        "Out of whom? Three groups",
        lambda data: draw_rates(rates(data, among="proven", by="complaint_type"), f"{_BY_TYPE}_among_proven"),
    ),
    Exhibit(
        "dismissal_rates_by_vawg",
        COMPLAINTS,
        "How often are people dismissed in cases about violence against women and girls?",
        _THREE,
        "The counts first",
        lambda data: draw_rates(rates(data, among="case_to_answer", by="vawg")),
        by="vawg",
    ),
    Exhibit(
        "dismissal_rates_by_discrimination_ground",
        COMPLAINTS,
        "How often are people accused of racism, sexism or other discrimination dismissed?",
        _THREE,
        "Discriminatory behaviour by ground",
        lambda data: draw_rates(
            rates(
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
        "Everybody, step by step",
        draw_attrition,
    ),
    Exhibit(
        "dismissal_rates_by_force_view",
        PROCESS,
        "What happens when the force disagrees with the investigator?",
        _TWO,
        "When the force disagreed with the investigator",
        lambda data: draw_rates(rates(data, among="case_to_answer", by="force_view")),
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
        "Are police staff dismissed more often than officers?",
        "07_who_is_dismissed",
        "Officers and staff",
        lambda data: draw_rates(rates(data, among="case_to_answer", by="person_type")),
    ),
    Exhibit(
        "risk_ratios_by_complaint_type",
        COMPLAINTS,
        "Which complaint types end in dismissal more often than use of force?",
        "07_who_is_dismissed",
        "Complaint types compared with use of force",
        lambda data: draw_ratios(
            rates(data, among="case_to_answer", by="complaint_type", primary_only=True),
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
        draw_published_accusations,
    ),
    Exhibit(
        "published_rates_vawg",
        OTHERS,
        "What have others published on sexual misconduct and domestic abuse?",
        _THREE,
        "What forces and journalists have published",
        draw_published_vawg,
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
        "repeat_complaints",
        ELSEWHERE,
        "Are complaints concentrated on few officers of the Metropolitan Police?",
        "12_repeat_complaints",
        "Against chance",
        draw_repeat_complaints,
    ),
]


def exhibit(name: str) -> Exhibit:
    """One exhibit by its name; MisconductError lists the known ones."""
    named = {entry.name: entry for entry in EXHIBITS}
    return named[require_known(name, named, "chart")]


def chart(table: RateTable) -> Chart:
    """The chart of a RateTable by one group: dots with intervals. In a notebook it shows itself.

    Raises MisconductError when the table has no or several groups, or nobody with a known outcome.
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

    among: out of whom, required for a question. Raises MisconductError for an unknown name, listing the known ones, and
    for a question that is missing or that the chart does not take.
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
