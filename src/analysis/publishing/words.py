"""How tables and texts are shown in pages, workbook and packs: headings for columns, cells for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import __version__, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import licence_line
from analysis.published import period_label
from analysis.rates import ALL, SMALL, group_label, percent, percent_range
from analysis.vocabulary import GROUPS

PROJECT = "Police misconduct outcomes"
SYMBOLS = {
    "[u]": f"low reliability: fewer than {SMALL} people",
    "[x]": "not available: the source does not give it",
    "[z]": "not applicable: nobody is in the group, so there is no rate",
    "[c]": "confidential: suppressed by the source",
}
HIDDEN = {"rate_id", "has_counts", "is_unit_mixed", "design_effect", "p_value"}


@dataclass(frozen=True)
class Shown:
    """A table as people read it: a caption, headings, and cells of text; the first cell of a row names it."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def chart_table(chart: Chart) -> Shown:
    """Exactly what a chart plots, in words."""
    data = chart.data
    code = next((column for column in data if column in GROUPS and "label" in data), None)
    data = data.drop(columns=[column for column in data if column in HIDDEN or column == code])
    data = data[["label", *(c for c in data if c != "label")]] if "label" in data else data
    entries = column_entries(data.columns)
    rows = [[_cell(column, value, entries[column]) for column, value in row.items()] for _, row in data.iterrows()]
    if "has_counts" in chart.data:  # of a percentage alone, neither counts nor interval are known
        unknown = [place for place, column in enumerate(data) if column in ("numerator", "denominator", "low", "high")]
        for cells, has_counts in zip(rows, chart.data["has_counts"], strict=True):
            for place in () if has_counts else unknown:
                cells[place] = "[x]"
    return Shown(f"The data of the chart: {chart.title}", [entry["label"] for entry in entries.values()], rows)


def column_entries(columns: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Heading (label), definition and is_share of each column of one table, from the vocabulary `column`.

    Some columns mean something else among published rates (which have a column `who`) and beside a ratio.
    """
    columns = [*columns]
    kind = "published_" if "who" in columns else "ratio_" if "ratio" in columns else ""
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


def rate_words(row: pd.Series) -> str:
    """A rate with its count, interval and mark: 5 of 16 = 31.3% (95% interval 13.2% to 57.6%)."""
    if not row["denominator"]:
        return "nobody with a known outcome [z]"
    mark = " [u]" if row["reliability"] == "u" else ""
    interval = percent_range(row["low"], row["high"])
    return f"{row['numerator']} of {row['denominator']} = {percent(row['rate'])}{mark} (95% interval {interval})"


def counts_table(counts: pd.DataFrame, caption: str, *, keep: Sequence[str] = ()) -> Shown:
    """A table of outcomes.py as people read it; outcomes that nobody had are left out, except those of `keep`."""
    empty = [c for c in counts if c != "complaint_type" and c not in keep and counts[c].sum() == 0]
    counts = counts.drop(columns=empty)
    headings = ["complaint type", *(vocabulary.label("sanction", column) for column in [*counts][1:])]
    headings = [heading[:1].lower() + heading[1:].replace("_", " ") for heading in headings]
    rows = [
        ["All complaint types" if kind == ALL else group_label("complaint_type", kind), *(f"{n}" for n in row)]
        for kind, *row in counts.itertuples(index=False)
    ]
    return Shown(caption, headings, rows)


@dataclass(frozen=True)
class PublishedRate:
    """One published rate for a list: what, how many, and where it was published."""

    what: str
    figure: str
    quality: str
    publisher: str
    url: str


def published_list(rates: pd.DataFrame, publications: pd.DataFrame) -> list[PublishedRate]:
    """Rows of published_rates in words, each with its publication; addresses other than http(s) are dropped."""
    known = publications.set_index("source_id")
    found = []
    for row in rates.sort_values(["complaint_type", "period_start", "rate_id"]).itertuples():
        source = known.loc[row.source_id]
        share = percent(row.numerator / row.denominator)
        figure = share if row.unit == "percent" else f"{row.numerator} of {row.denominator:,} = {share}"
        kind = vocabulary.label("complaint_type", row.complaint_type)
        what = (
            f"{row.force}, {kind.lower()}, {period_label(row.period_start, row.period_end)}: "
            f"{vocabulary.label('numerator_definition', row.numerator_definition)}, out of "
            f"{vocabulary.label('denominator_stage', row.denominator_stage)} "
            f"({vocabulary.label('published_unit', row.unit)})"
        )
        url = source["url"] if re.match(r"https?://", source["url"]) else ""
        found.append(PublishedRate(what, figure, row.quality, source["publisher"], url))
    return found


def citation(chart: Chart) -> str:
    """How to cite a chart."""
    return (
        f"{PROJECT} (version {__version__}). {chart.title}. {chart.source_line} Licence of the data: "
        f"{licence_line(chart.sources)}."
    )
