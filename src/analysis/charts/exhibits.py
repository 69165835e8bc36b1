"""Every chart the suite stands behind, from a data set: which rows it shows, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis import charts, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import renamed
from analysis.charts.forest import for_titles, shares, shares_title
from analysis.charts.text import lower_first
from analysis.counting.attrition import attrition, leaving_assumptions
from analysis.counting.comparisons import risk_ratios
from analysis.counting.concentration import concentration
from analysis.counting.denominators import count_unstated
from analysis.counting.funnel import funnel
from analysis.counting.published_choice import WIDEST, shown_together
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
MOST_NAMED = 3  # complaint types in a subtitle
VAWG_TYPES = ("sexual_misconduct", "domestic_abuse", "vawg")
MET = "Metropolitan Police Service"


def draw_rates(table: RateTable, name: str = "") -> Chart:
    """Dot and interval chart of a RateTable by one column, called `name` if given."""
    chart = charts.dismissal_rates_by(table)
    return renamed(chart, name) if name else chart


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


def published(data: Dataset, types: Sequence[str], step: str, count: str = WIDEST, force: str = "") -> pd.DataFrame:
    """The published rates of complaint types at one step (published_step) that may stand beside each other.

    count: a code of numerator_definition, WIDEST as counting.published_choice has it; force: of one only, if given.
    """
    rates = data["published_rates"]
    return shown_together(rates[rates["force"] == force] if force else rates, types, step, count)


def published_chart(
    data: Dataset, name: str, types: Sequence[str], step: str, count: str = WIDEST, force: str = ""
) -> Chart:
    """The rates of `published` as a forest plot; MisconductError where there are none."""
    rates = published(data, types, step, count, force)
    if rates.empty:
        raise MisconductError(f"No source supports a rate of {', '.join(types)} at this step.")
    rows, counted = forest_table(rates), vocabulary.entry("numerator_definition", count)
    how = (
        "dismissed, with those who would have been where the source counts them"
        if count == WIDEST
        else counted["label"]
    )
    of = vocabulary.entry("published_step", step)["definition"]
    title, sources = shares_title(rows, counted["ended"]), data.sources_of(rates)
    kinds = [vocabulary.label("complaint_type", kind) for kind in types]
    about = ", ".join([kinds[0], *map(lower_first, kinds[1:])]) if len(kinds) <= MOST_NAMED else "By complaint type"
    subtitle = f"{about}. Share {how}. Out of: {lower_first(of)}"
    return charts.published_rates_chart(rows, name, title, subtitle, sources)


def published_charts(data: Dataset, name: str, types: Sequence[str], count: str, force: str = "") -> list[Chart]:
    """published_chart of each step that has rates, called by `name` and the step."""
    steps = [step for step in vocabulary.codes("published_step") if len(published(data, types, step, count, force))]
    return [published_chart(data, f"{name}_{step}", types, step, count, force) for step in steps]


def typed(data: Dataset) -> list[str]:
    """The complaint types that published rates are split by."""
    return [code for code in data["published_rates"]["complaint_type"].unique() if code != "all"]


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
