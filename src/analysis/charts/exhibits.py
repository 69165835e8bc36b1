"""Every chart the suite stands behind, from a data set: which rows it shows, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis import charts, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import renamed
from analysis.charts.forest import for_titles, shares
from analysis.charts.rate_dots import rate_line
from analysis.charts.text import lower_first
from analysis.counting.attrition import attrition, leaving_assumptions
from analysis.counting.comparisons import risk_ratios
from analysis.counting.concentration import concentration
from analysis.counting.denominators import count_unstated
from analysis.counting.funnel import funnel
from analysis.counting.published_rates import forest_table
from analysis.counting.rate_table import RateTable, describe
from analysis.counting.rate_words import SMALL, percent
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import select
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

CHICAGO, MET_COMPLAINTS = "chicago_complaints", "met_complaints"
CHICAGO_PERIOD = vocabulary.codes("chicago_period")[0]  # what its rates are headed by
MET = "Metropolitan Police Service"


def draw_rates(table: RateTable, name: str = "") -> Chart:
    """Dot and interval chart of a RateTable by one column, called `name` if given."""
    chart = charts.dismissal_rates_by(table)
    return renamed(chart, name) if name else chart


def draw_vawg(data: Dataset, among: str = "case_to_answer", count: str = "dismissed_or_would_have_been") -> Chart:
    """Dismissal rates by violence against women and girls per person, with the rate of the investigations' flag in a
    note: the flag takes in people who are accused of something else, and misses some who are accused of it."""
    by_person, by_flag = (dismissal_rates(data, among=among, by=by, count=count) for by in ("vawg", "vawg_flag"))
    flagged = by_flag.groups[by_flag.groups["vawg_flag"] == "perpetrated"]
    label = vocabulary.label("vawg_flag", "perpetrated")
    notes = tuple(f"{label}: {rate_line(row, by_flag.cases)}." for _, row in flagged.iterrows())
    return draw_rates(replace(by_person, notes=notes))


def draw_attrition(data: Dataset, complaint_type: str = "") -> Chart:
    """Bars of how many people with a case to answer reach each step; MisconductError when there is nobody."""
    only = {"complaint_type": complaint_type} if complaint_type else {}
    stages = attrition(data, complaint_type)
    unstated = count_unstated(select(data, only), "case_to_answer")
    return charts.attrition_chart(stages, complaint_type, unstated, data.sources_of(data.subjects))


def draw_leaving(data: Dataset, among: str = "case_to_answer") -> Chart:
    """How far the rate could move under each assumption about people who left or whose outcome is unknown."""
    assumptions, unstated = leaving_assumptions(data, among), count_unstated(data.subjects, among)
    return charts.bounds_chart(assumptions, among, unstated, data.sources_of(data.subjects))


def draw_funnel(data: Dataset, force: str = MET, among: str = "case_to_answer") -> Chart:
    """The funnel plot of forces with one force named."""
    return funnel_of(dismissal_rates(data, among=among, by="force"), force)


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


ACCUSED = ("allegations_made", "complaints_made", "individuals_accused")


def draw_published_accusations(data: Dataset) -> Chart:
    """Published shares of accusations that ended in dismissal, by complaint type."""
    rows = published(data, stages=ACCUSED)
    title = f"Published shares of accusations that ended in dismissal: {shares(rows)}"
    subtitle = "Share dismissed of allegations or complaints made, or of people accused, as each source gives it."
    sources = data.sources_of(rows)
    return charts.published_rates_chart(rows, "published_rates_by_complaint_type", title, subtitle, sources)


def draw_published_vawg(data: Dataset) -> Chart:
    """Published shares dismissed for sexual misconduct, domestic abuse and violence against women and girls."""
    rows = published(data, types=vocabulary.codes_with("complaint_type", "is_vawg"))
    title = f"Published shares dismissed run from {shares(rows)}"
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
    title = f"{'Too few to say what share' if few else shares(table)} {ended}"
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
    stated = f"{people:,} people: {words}." if people == published else f"{people:,} people are assumed."
    found = concentration(data["met_complaints"], people)
    return charts.concentration_chart(found, stated, data.source(MET_COMPLAINTS))
