"""Every chart the suite stands behind, from a data set: which rows it shows, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis import charts, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import renamed
from analysis.charts.forest import for_titles, shares, shares_copied, shares_title
from analysis.charts.rate_dots import rate_line
from analysis.charts.text import lower_first
from analysis.counting.attrition import attrition, leaving_assumptions
from analysis.counting.comparisons import risk_ratios
from analysis.counting.completeness import COMPLETE, FEW_ON_RECORD, UNFINISHED, completeness
from analysis.counting.concentration import concentration
from analysis.counting.denominators import count_unstated
from analysis.counting.funnel import funnel
from analysis.counting.published_choice import WIDEST, shown_together
from analysis.counting.published_rates import forest_table, with_publishers
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import SMALL, percent, share_label
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import select
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.provenance.sources import Source, place_and_period

CHICAGO, MET_COMPLAINTS, NEW_ORLEANS = "chicago_complaints", "met_complaints", "new_orleans_actions"
CHICAGO_PERIOD = vocabulary.codes("chicago_period")[0]  # what its rates are headed by
NEW_ORLEANS_AMONG = vocabulary.codes("new_orleans_among")[0]
MOST_NAMED = 3  # complaint types in a subtitle
VAWG_TYPES = tuple(vocabulary.codes_with("complaint_type", "is_vawg"))
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
    if table.counted != "people":
        reference_words = reference_words.replace("people accused", table.counted)
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
    rows = with_publishers(forest_table(rates), data["sources"])
    counted = vocabulary.entry("numerator_definition", count)
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
    copied = shares_copied(rows, about, counted["ended"])
    return charts.published_rates_chart(rows, name, title, subtitle, sources, copied)


def published_charts(
    data: Dataset, name: str, types: Sequence[str], count: str = WIDEST, force: str = ""
) -> list[Chart]:
    """published_chart of each step that has rates, called by `name` and the step."""
    steps = [step for step in vocabulary.codes("published_step") if len(published(data, types, step, count, force))]
    return [published_chart(data, f"{name}_{step}", types, step, count, force) for step in steps]


def typed(data: Dataset) -> list[str]:
    """The complaint types that published rates are split by."""
    return [code for code in data["published_rates"]["complaint_type"].unique() if code != "all"]


def published_groups(data: Dataset) -> dict[str, Sequence[str]]:
    """By name, the complaint types whose published rates are drawn together in notebook 05."""
    first = {"discriminatory_behaviour": ["discriminatory_behaviour"], "vawg": VAWG_TYPES}
    drawn = {kind for kinds in first.values() for kind in kinds}
    return {**first, "other_types": [kind for kind in typed(data) if kind not in drawn], "all_types": ["all"]}


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
    table = with_publishers(forest_table(rows), data["sources"])
    whole, titled = (" or ".join(part["who"].unique()) for part in (table, for_titles(table)))
    ended = f"of {titled} ended {vocabulary.entry('numerator', what)['ended']}"
    few = (table["denominator"] < SMALL).all()
    title = f"{'Too few to say what share' if few else shares(table)} {ended}"
    small = "" if few else f" The title leaves out groups of fewer than {SMALL}."
    subtitle = f"Share that ended so, {whole}. {sources[0].title}. {place_and_period(sources)}{small}"
    return charts.published_rates_chart(table, OWN_RATES, title, subtitle, sources)


ACCUSATIONS = "accusations"  # what is counted in Chicago
ENDED_SO = "separation, administrative termination or separation in another case"  # its dismissals
ONE_ACCUSATION = (
    "An accusation is one officer in one complaint: an officer with several complaints counts in each, so these are "
    "not numbers of officers."
)


def chicago_gap(years: pd.DataFrame) -> str:
    """Why the years beside the headline period stand apart, and what counts once, from the counts by year
    (ChicagoYears)."""
    period = vocabulary.entry("chicago_period", CHICAGO_PERIOD)
    first, last = period["first_year"], period["last_year"]
    early, late = years[years["year"] < first], years[years["year"] > last]
    n = years.set_index("year")["n"]
    return (
        f"Complaints before {first} are left out because few are on record: {n[first - 1]:,} accusations of "
        f"{first - 1}, {n[first]:,} of {first}. They are {percent(early['n'].sum() / years['n'].sum())} of all "
        f"accusations and hold {early['n_sustained_dismissed'].sum():,} of the "
        f"{years['n_sustained_dismissed'].sum():,} dismissals among sustained ones. Complaints after {last} are left "
        f"out because many are unfinished: the outcome of {late['n_unknown'].sum():,} of {late['n'].sum():,} "
        f"accusations is not known. {years['n_repeated'].sum():,} accusations stand in both releases of the records "
        "and count once."
    )


def chicago_definition(among: str, period: str) -> str:
    """What a rate of chicago_table is of, in words of accusations."""
    whom, years = vocabulary.entry("chicago_among", among), vocabulary.entry("chicago_period", period)
    return (
        f"Share {share_label('dismissed', ACCUSATIONS)} among {whom['label']}. Counted: {ENDED_SO} as final outcome; a "
        f"resignation before any sanction is not a dismissal. Out of: {whom['definition']} {ACCUSATIONS.capitalize()} "
        f"whose outcome is not known are left out of the rate and counted beside it. {years['definition']}"
    )


def chicago_table(data: Dataset, among: str, period: str = CHICAGO_PERIOD) -> RateTable:
    """The committed Chicago rates of one denominator and period (vocabulary chicago_period) as a RateTable.

    Reads chicago_rates and chicago_years.
    """
    words = vocabulary.entry("chicago_period", period)
    source, line = data.source(CHICAGO), f" ({lower_first(words['label'])})"
    table = _counted_table(
        data["chicago_rates"],
        {"period": period, "among": among},
        chicago_definition(among, period),
        # In the source line too: the smallest picture has the period nowhere else.
        replace(source, coverage=words["label"], citation=source.citation + line),
    )
    return replace(
        table,
        among=among,
        counted=ACCUSATIONS,
        cases="complaints",
        whom=vocabulary.label("chicago_among", among),
        period=words["label"],
        notes=(ONE_ACCUSATION, *([chicago_gap(data["chicago_years"])] if period == CHICAGO_PERIOD else [])),
    )


def _counted_table(rates: pd.DataFrame, chosen: Mapping[str, str], definition: str, source: Source) -> RateTable:
    """The rows of committed rates that have the values of `chosen`, as a RateTable by the one column besides."""
    rows = rates[(rates[[*chosen]] == pd.Series(chosen)).all(axis=1)].drop(columns=[*chosen]).reset_index(drop=True)
    by = (str(rows.columns[0]),)
    return RateTable(rows, by, "all_subjects", "dismissed", {}, definition, (source,))


ACTIONS = "actions"  # on allegations: what is counted in New Orleans
ONE_ACTION = (
    "The records tell neither officers nor complaints apart: these are not numbers of officers, and the intervals take "
    "allegations as independent of each other, which those about one officer are not."
)
BY_ALLEGATION = "95 % Wilson score interval, actions on one allegation counted as a cluster; officers are not known"


def new_orleans_gap(years: pd.DataFrame) -> str:
    """How complete the years are and how many actions have none, from the counts by year (NewOrleansYears)."""
    dated = years.dropna(subset="year")
    found = completeness(dated)
    few, complete, late = (dated[found == kind] for kind in (FEW_ON_RECORD, COMPLETE, UNFINISHED))
    said = f"only {complete['year'].min()} to {complete['year'].max()} are" if len(complete) else "no year is"
    why = [f"up to {few['year'].max()} few are on record"] if len(few) else []
    why += [f"of {y.year} the outcome of {y.n_unknown:,} of {y.n:,} is not known" for y in late[:1].itertuples()]
    return (
        f"By the rule that the Chicago records are judged by, {said} complete: {' and '.join(why)}. So actions of all "
        f"years are counted together. {years.loc[years['year'].isna(), 'n'].sum():,} of {years['n'].sum():,} actions "
        "have no year, or an impossible one."
    )


def new_orleans_table(data: Dataset, among: str = NEW_ORLEANS_AMONG) -> RateTable:
    """The committed New Orleans rates of one denominator (vocabulary new_orleans_among) as a RateTable.

    Reads new_orleans_rates and new_orleans_years.
    """
    whom = vocabulary.entry("new_orleans_among", among)
    definition = (
        f"Share {share_label('dismissed', ACTIONS)} among {whom['label']}. Counted: the officer is dismissed, also one "
        "dismissed while under investigation; a resignation before an action is not a dismissal. Out of: "
        f"{whom['definition']} {ACTIONS.capitalize()} whose outcome is not known are left out of the rate and counted "
        "beside it."
    )
    source = data.source(NEW_ORLEANS)
    # In the source line too: the smallest picture has it nowhere else.
    source = replace(source, citation=f"{source.citation} (officers not told apart: intervals too narrow)")
    table = _counted_table(data["new_orleans_rates"], {"among": among}, definition, source)
    return replace(
        table,
        counted=ACTIONS,
        cases="allegations",
        whom=whom["label"],
        interval_method=BY_ALLEGATION,
        notes=(ONE_ACTION, new_orleans_gap(data["new_orleans_years"])),
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


def workforce_words(data: Dataset, workforce: int = 0) -> tuple[int, str]:
    """How many people are assumed to have been there to be complained about (0: as published), and what that is."""
    published, words = met_workforce(data)
    if workforce not in (0, published):
        return workforce, f"{workforce:,} people are assumed."
    return published, (
        f"{published:,} is the number of {words}; the people complained about are officers and staff of about five "
        "years that the disclosure does not date."
    )


def draw_repeat_complaints(data: Dataset, workforce: int = 0) -> Chart:
    """How concentrated complaints about Metropolitan Police people are; workforce 0: the published one."""
    people, stated = workforce_words(data, workforce)
    counts = data["met_complaints"]
    accused, assumed = concentration(counts), concentration(counts, people)
    return charts.concentration_chart(accused, assumed, stated, data.source(MET_COMPLAINTS))
