"""How tables and texts are shown in pages, workbook and packs: headings for columns, cells for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import edition, vocabulary
from analysis.charts import Chart
from analysis.charts.quoting import ALL_IN_ONE, quoted
from analysis.charts.quoting import LONGEST_QUOTE as LONGEST_QUOTE
from analysis.charts.quoting import origin as origin
from analysis.charts.quoting import quote_parts as quote_parts
from analysis.charts.quoting import with_share as with_share
from analysis.counting.funnel import OUTSIDE_95, OUTSIDE_998, TOO_FEW, Funnel
from analysis.counting.rate_table import ALL, RateTable
from analysis.counting.rate_words import (
    FEW,
    FEW_CASES,
    SMALL,
    bounds_cell,
    count_words,
    group_label,
    interval_cell,
    percent,
    rate_cell,
)
from analysis.edition import EDITION
from analysis.edition import PROJECT as PROJECT
from analysis.provenance.sources import Source, cases_of, counted_in, licence_line, source_line
from analysis.publishing.markdown_tables import cases_table as cases_table
from analysis.publishing.markdown_tables import markdown_table as markdown_table
from analysis.publishing.published_list import PublishedRate as PublishedRate
from analysis.publishing.published_list import how_to_read as how_to_read
from analysis.publishing.published_list import published_list as published_list
from analysis.vocabulary import GROUPS


def symbols(counted: str = "people") -> dict[str, str]:
    """What the marks mean; counted: what one in a denominator is, in the plural."""
    cases = cases_of(counted)
    return {
        "[u]": f"low reliability: fewer than {SMALL} {counted}, or {counted} in fewer than {FEW_CASES} {cases}; of "
        f"fewer than {FEW} {counted} only the counts are given",
        "[x]": "not available: the source does not give it",
        "[z]": "not applicable: nobody is in the group, or the law lets nobody in it be dismissed, so there is no "
        "rate; or all are in one case, so there is no interval",
        "[c]": "confidential: suppressed by the source",
    }


SYMBOLS = symbols()
HIDDEN = {"rate_id", "source_id", "has_counts", "is_unit_mixed", "design_effect", "p_value"}


DIGIT, NUMBER = re.compile(r"\d"), re.compile(r"[\d,.]*%?|\[\w\]|")


@dataclass(frozen=True)
class Shown:
    """A table as people read it: a caption, headings, and cells of text; the first cell of a row names it."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def numeric(self) -> list[bool]:
        """Of each column whether it holds numbers alone, or signs for what is none: these stand to the right."""
        return [
            any(map(DIGIT.search, cells)) and all(map(NUMBER.fullmatch, cells))
            for cells in zip(*self.rows, strict=True)
        ]


def chart_table(chart: Chart) -> Shown:
    """Exactly what a chart plots, in words."""
    data = chart.data
    code = next((column for column in data if column in GROUPS and "label" in data), None)
    data = data.drop(columns=[column for column in data if column in HIDDEN or column == code])
    data = data[["label", *(c for c in data if c != "label")]] if "label" in data else data
    entries = {column: entry for column, entry in column_entries(chart.data).items() if column in data}
    rows = [
        [
            "[u]" if entries[column]["is_share"] and _is_few(row) else _cell(column, value, entries[column])
            for column, value in row.items()
        ]
        for _, row in data.iterrows()
    ]
    if "has_counts" in chart.data:  # of a percentage alone, neither counts nor interval are known
        unknown = [place for place, column in enumerate(data) if column in ("numerator", "denominator", "low", "high")]
        for cells, has_counts in zip(rows, chart.data["has_counts"], strict=True):
            for place in () if has_counts else unknown:
                cells[place] = "[x]"
    return Shown(f"The data of the chart: {chart.title}", [entry["label"] for entry in entries.values()], rows)


def _is_few(row: pd.Series) -> bool:
    """Whether a row is of so few people that only its counts are given; no row without a denominator is."""
    n = row.get("denominator")
    return n is not None and pd.notna(n) and 0 < n < FEW


def column_entries(columns: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Heading (label), definition and is_share of each column of one table, from the vocabulary `column`.

    Some columns mean something else among published rates (which have a column `who`), beside a ratio, of a stage, and
    in the records of other cities.
    """
    columns = [*columns]
    kinds = {
        "who": "published_",
        "ratio": "ratio_",
        "stage": "stage_",
        "complaint_category": "accusations_",
        "allegation_rule": "actions_",
    }
    kind = next((kinds[column] for column in kinds if column in columns), "")
    known = vocabulary.codes("column")
    return {
        column: vocabulary.entry("column", f"{kind}{column}" if f"{kind}{column}" in known else column)
        for column in columns
    }


def _cell(column: str, value: Any, entry: Mapping[str, Any]) -> str:
    if pd.isna(value):
        return "[z]"
    if entry["is_share"]:
        return percent(float(value))
    if column == "reliability":
        return vocabulary.label("reliability", value)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def people(n: int, counted: str = "people") -> str:
    """1 person, 2 people; 1 allegation, 2 allegations."""
    return f"{n:,} {one_of(counted) if n == 1 else counted}"


def one_of(counted: str) -> str:
    """What is counted, in the singular."""
    return "person" if counted == "people" else counted.removesuffix("s")


def counts_words(counted: str) -> str:
    """What a table of outcomes counts, without its full stop."""
    if counted == "people":
        counting = "Somebody accused of several things counts in each row"
        return f"People and the investigations they are in, not rates. {counting}"
    return (
        f"{counted.capitalize()} and the cases they are in, not rates. Each counts in the row of every type of its own"
    )


def question(counted: str) -> str:
    """What a fact sheet asks."""
    asked = "are people accused of misconduct dismissed" if counted == "people" else f"do {counted} end in dismissal"
    return f"how often {asked}?"


def in_cases(n: int, cases: str = "investigations") -> str:
    """in 1 investigation, in 2 investigations."""
    return f"in {n:,} {cases.removesuffix('s') if n == 1 else cases}"


def _so_few(row: Any, what: str, is_people: bool = True) -> str:
    """Of one or two people, how many: dismissed; not dismissed; both dismissed; 1 dismissed."""
    k, n = int(row["numerator"]), int(row["denominator"])
    none = "dismissed" if is_people else what
    if n == 1:
        return what if k else f"not {none}"
    return (f"neither {none}", f"1 {what}", f"both {what}")[k]


def rate_words(
    row: Any, what: str = "dismissed or would have been", cases: str = "investigations", counted: str = "people"
) -> str:
    """A row of a RateTable in words: 5 of 16, in 5 of 14 investigations: 31.3% (95% interval 13.2% to 57.6%).

    Of fewer than FEW people only the counts, and of one or two what became of them: 1 person, in 1 investigation:
    dismissed or would have been. what: the numerator in words; cases, counted: what a case, and one in the
    denominator, is, in the plural.
    """
    if row["reliability"] == "x":
        return "not available [x]"
    if not row["denominator"]:
        return "none with a known outcome [z]"
    if row["reliability"] == "z":
        return f"{count_words(row, cases)} [z]: the law lets nobody there be dismissed"
    if row["denominator"] <= 2:
        so_few = _so_few(row, what, counted == "people")
        return f"{people(row['denominator'], counted)}, {in_cases(row['n_cases'], cases)}: {so_few}"
    if row["denominator"] < FEW:
        return f"{count_words(row, cases)} [u]"
    return f"{count_words(row, cases)}: {rate_cell(row)} (95% interval {interval_cell(row)})"


def nobody_words(table: RateTable) -> str:
    """What is said of a group of a RateTable in which there is nobody."""
    if table.counted != "people":
        return f"these data have no {table.among_label} and a known outcome"
    return f"nobody in these data is among {table.among_label} with a known outcome"


def rate_sentence(row: Any, table: RateTable, about: str = "") -> str:
    """A row of a RateTable as a sentence without its full stop, led by what it is about where that is not everything.

    Sussex Police, driving: 2 of 6 people with a case to answer, in 2 of 4 investigations, were dismissed or would have
    been. One or two people are told as in rate_words, and people who are all in one case are said to be.
    """
    is_people = table.counted == "people"
    who, what = table.among_label, str(vocabulary.entry("numerator", table.count)["title" if is_people else "ended"])
    begin, n = (f"{about}: " if about else ""), row["denominator"]
    if table.unavailable:
        return f"{begin}{who}: not available [x]: {table.unavailable}"
    if not n:
        return f"{begin}{nobody_words(table)}"
    if n <= 2:
        whom = who.replace(table.counted, one_of(table.counted), 1) if n == 1 else who
        so_few = _so_few(row, what if is_people else f"ended {what}", is_people)
        return f"{begin}{n} {whom}, {in_cases(row['n_cases'], table.cases)}: {so_few}"
    counts, _, there = count_words(row, table.cases).partition(", ")
    one = f"{ALL_IN_ONE}{table.cases.removesuffix('s')}" if row["n_cases"] == 1 else ""
    return f"{begin}{counts} {who}{f', {there},' if there else ''} {'were' if is_people else 'ended'} {what}{one}"


def unknown_words(row: Any, counted: str = "people") -> str:
    """Of how many people more, beside a row of a RateTable, the outcome is not known, and what they could change."""
    if not row["unknown_outcomes"]:
        return "nobody's outcome is unknown" if counted == "people" else "no outcome is unknown"
    return (
        f"the outcome of {row['unknown_outcomes']:,} more is not known. Had none or all of those been dismissed: "
        f"{bounds_cell(row)}"
    )


def more_words(row: Any, counted: str = "people") -> str:
    """Of how many more, beside a row of a RateTable, the outcome is not known, as a clause; "" of none.

    counted: what one of them is, in the plural; it is named where it is not people.
    """
    many = int(row["unknown_outcomes"])
    if not many or row["reliability"] == "x":
        return ""
    return f"outcome not known for {many:,} more{'' if counted == 'people' else f' {counted}'}"


def total_words(table: RateTable) -> str:
    """Everybody in a RateTable, in sentences: how many, in how many cases, the rate, and what is not known.

    MisconductError where the rate cannot be known.
    """
    row = table.known_total
    rate = "" if row["denominator"] < FEW else f": {rate_cell(row)} (95% interval {interval_cell(row)})"
    unknown = unknown_words(row, table.counted)
    return f"{rate_sentence(row, table)}{rate}. {unknown[:1].upper()}{unknown[1:]}."


def limits(sources: Sequence[Source]) -> str:
    """What figures cannot tell: the last words of a notebook.

    Parameters
    ----------
    sources
        Where the figures come from, such as `table.sources` of a RateTable.

    Returns
    -------
    str
        A Markdown list of the known limits of each source, led by its title where there are several, and what the mark
        [u] means; then the citation and licence of each.

    Source
    ------
    known_limits, citation and licence of each source.yml.
    """
    known = [
        f"{f'{source.title}: ' if len(sources) > 1 else ''}{limit}"
        for source in sources
        for limit in source.known_limits
    ]
    small = (
        f"Small numbers: a rate marked [u] has fewer than {SMALL} {counted_in(sources)} or {FEW_CASES} cases behind it "
        "and should not be quoted alone."
    )
    cited = "; ".join(f"{source.citation} ({source.licence['name']})" for source in sources)
    return "\n".join([*(f"- {limit}" for limit in [*known, small]), "", f"Source: {cited}."])


@dataclass(frozen=True)
class Said:
    """A rate on a page: its count in large letters, what follows it, the whole in words, and the sentence to copy.

    more: as more_words gives it.
    """

    figure: str
    rest: str
    whole: str
    more: str
    definition: str
    sentence: str
    quote: str


def said(row: Any, table: RateTable, about: str, sources: Sequence[Source], page: str = "") -> Said:
    """What a page says of a row of a RateTable: `about` leads its sentence, which place, period and source follow."""
    whole = rate_words(row, cases=table.cases, counted=table.counted)
    figure = re.split("[,:] ", whole)[0]
    sentence = rate_sentence(row, table, about)
    more, quote = more_words(row, table.counted), quoted(sentence, sources, page, row)
    return Said(figure, whole.removeprefix(figure), whole, more, table.definition, sentence, quote)


def outcome_words(counts: Any) -> str:
    """How it ended for the one or two people of a row of outcomes.outcome_counts: dismissed; both no action; for one
    dismissed, for the other no action."""
    labels = {code: vocabulary.label("sanction", code).lower() for code in vocabulary.codes("sanction")}
    first, *other = (label for code, label in labels.items() for _ in range(counts[code]))
    if not other:
        return first
    return f"both {first}" if other == [first] else f"for one {first}, for the other {other[0]}"


def labelled(outcome: str, n: int) -> str:
    """An outcome and how many had it, the count last: a noun before it need not be made plural."""
    label = vocabulary.label("sanction", outcome).replace("_", " ")
    return f"{label[:1].upper()}{label[1:]}: {n:,}"


def counts_table(counts: pd.DataFrame, caption: str, who: str = "people") -> Shown:
    """A table of endings.py as people read it; who: what is counted, in the plural."""
    if who != "people":
        counts = counts.rename(columns={"people": who, "investigations": "in cases"})
    headings = ["complaint type", *(vocabulary.label("sanction", column) for column in [*counts][1:])]
    headings = [heading[:1].lower() + heading[1:].replace("_", " ") for heading in headings]
    rows = [
        ["All complaint types" if kind == ALL else group_label("complaint_type", kind), *(f"{n}" for n in row)]
        for kind, *row in counts.itertuples(index=False)
    ]
    return Shown(caption, headings, rows)


def compared_words(found: Funnel, group: str) -> list[str]:
    """Whether a group differs from the others, in plain sentences: first its own count and where it lies.

    found: of counting.funnel. No sentence ranks a group, or takes a test that told nothing for a sign of likeness.
    """
    row = found.data[found.data.iloc[:, 0] == group].iloc[0]
    counts = f"{group}: {count_words(row, found.cases, 'people')}"
    everybody = (
        f"Of {len(found.classified)} forces large enough, {int(found.outside_95.observed) or 'none'} "
        f"{'lie' if found.outside_95.observed > 1 else 'lies'} outside the range for a force of this size; "
        f"luck would put about {found.outside_95.expected_words} there."
    )
    if row["position"] == TOO_FEW:
        return [f"{counts}. That is too few to tell whether this force differs from others."]
    if row["position"] == OUTSIDE_998:
        return [
            f"{counts}. That is far outside the range for a force of this size. Cases differ, so ask why.",
            everybody,
        ]
    if row["position"] == OUTSIDE_95:
        said = (
            "That is outside the range for a force of this size. By itself this does not show that the force differs."
        )
        return [f"{counts}. {said}", everybody]
    said = "That is inside the range for a force of this size. It does not show that the force is like the others."
    return [f"{counts}. {said}", everybody]


def citation(chart: Chart) -> str:
    """How to cite a chart."""
    return cited(chart.title, chart.sources)


def cited(title: str, sources: Sequence[Source], page: str = "") -> str:
    """How to cite figures of the project under a title; page: where in the site they stand."""
    address = f" {edition.ADDRESS}{page}" if edition.ADDRESS else ""
    return f"{EDITION}. {title}. {source_line(sources)} Licence of the data: {licence_line(sources)}.{address}"
