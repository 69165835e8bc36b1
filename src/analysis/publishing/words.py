"""How tables and texts are shown in pages, workbook and packs: headings for columns, cells for people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import __version__, vocabulary
from analysis.charts import Chart
from analysis.charts.chart import licence_line
from analysis.paths import ROOT
from analysis.published import period_label
from analysis.rates import ALL, RateTable, group_label, percent, percent_range

PROJECT = "Police misconduct outcomes"
SYMBOLS = {
    "[u]": "low reliability: fewer than 10 people",
    "[x]": "not available: the source does not give it",
    "[z]": "not applicable: nobody is in the group, so there is no rate",
    "[c]": "confidential: suppressed by the source",
}
SHARES = {"rate", "low", "high", "of_first", "rate_if_none_dismissed", "rate_if_all_dismissed"}
HEADINGS = {
    "label": "group",
    "n": "people",
    "of_first": "share of the first",
    "low": "95% interval from",
    "high": "95% interval to",
    "n_cases": "investigations",
    "n_cases_counted": "investigations with a dismissal",
    "n_effective": "effective number",
    "unknown_outcomes": "outcome unknown",
    "rate_if_none_dismissed": "rate if no unknown was dismissed",
    "rate_if_all_dismissed": "rate if all unknown were dismissed",
    "who": "out of",
    "p_holm": "p (Holm)",
    "source_id": "publication",
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
    code = next((column for column in data if column in vocabulary.vocabularies() and "label" in data), None)
    data = data.drop(columns=[column for column in data if column in HIDDEN or column == code])
    data = data[["label", *(c for c in data if c != "label")]] if "label" in data else data
    headings = [HEADINGS.get(column, column.replace("_", " ")) for column in data]
    rows = [[_cell(column, value) for column, value in row.items()] for _, row in data.iterrows()]
    return Shown(f"The data of the chart: {chart.title}", headings, rows)


def _cell(column: str, value: Any) -> str:
    if pd.isna(value):
        return "[z]"
    if column in SHARES:
        return percent(float(value))
    if column == "reliability":
        return vocabulary.label("reliability", value)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def rate_words(row: pd.Series) -> str:
    """A rate with its count, interval and mark: 5 of 16 = 31.3% (95% interval 13.2% to 57.6%)."""
    if row["reliability"] == "x":
        return "not available [x]"
    if not row["denominator"]:
        return "nobody with a known outcome [z]"
    mark = " [u]" if row["reliability"] == "u" else ""
    interval = percent_range(row["low"], row["high"])
    return f"{row['numerator']} of {row['denominator']} = {percent(row['rate'])}{mark} (95% interval {interval})"


def readable_table(table: RateTable, caption: str) -> Shown:
    """A RateTable as people read it."""
    readable = table.readable()
    shown = readable.assign(
        **{column: readable[column].map(_all_words) for column in readable.columns[: len(table.by)]}
    )
    return Shown(caption, [*shown], [[str(cell) for cell in row] for row in shown.itertuples(index=False)])


def _all_words(label: str) -> str:
    return "All" if label == ALL else label


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


def project_metadata() -> Mapping[str, Any]:
    """Name, version and description of the project, from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
