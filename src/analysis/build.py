"""Publishing: everything from the raw data, in order: tables, generated documents, notebooks, charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis import charts
from analysis.charts import Chart
from analysis.comparisons import funnel
from analysis.dictionary import write_dictionary
from analysis.errors import require_known
from analysis.findings import write_findings
from analysis.paths import BUILD
from analysis.rates import RateTable, dismissal_rates
from analysis.sources import load_sources
from analysis.tables import build_tables, load_table, write_tables

CHARTS: dict[str, tuple[str, Callable[..., Chart]]] = {  # name -> group column of its RateTable, function
    "dismissal_rates_by_complaint_type": ("complaint_type", charts.dismissal_rates_by_complaint_type),
    "dismissal_rates_by_vawg": ("vawg", charts.dismissal_rates_by),
    "funnel_by_force": (
        "force",
        lambda table, sources: charts.funnel_plot(table, funnel(table), "Metropolitan Police Service", sources),
    ),
}
BUILT = [  # chart, denominator, and the file name where one chart is drawn for several denominators
    ("dismissal_rates_by_complaint_type", "case_to_answer", "dismissal_rates_by_complaint_type"),
    (
        "dismissal_rates_by_complaint_type",
        "proceedings",
        "dismissal_rates_by_complaint_type_among_proceedings",
    ),
    ("dismissal_rates_by_complaint_type", "proven", "dismissal_rates_by_complaint_type_among_proven"),
    ("dismissal_rates_by_vawg", "case_to_answer", "dismissal_rates_by_vawg"),
    ("funnel_by_force", "case_to_answer", "funnel_by_force"),
]


def rates_of(**question: object) -> RateTable:
    """rates.dismissal_rates of the processed tables."""
    return dismissal_rates(load_table("subjects"), load_table("allegations"), **question)  # type: ignore[arg-type]


def draw_chart(name: str, *, among: str, **question: object) -> Chart:
    """A chart by its name, from the processed tables; MisconductError lists the known names."""
    column, function = CHARTS[require_known(name, CHARTS, "chart")]
    table = rates_of(among=among, by=column, **question)
    return function(table, load_sources(table.sources))


def export_charts(folder: Path = BUILD / "charts") -> list[Path]:
    """Draw and export every chart of BUILT."""
    drawn = (replace(draw_chart(name, among=among), name=file_name) for name, among, file_name in BUILT)
    return [file for chart in drawn for file in chart.export(folder)]


def rebuild_tables() -> None:
    """Validate the raw data, rebuild the processed tables and write the documents that are generated from them."""
    tables = build_tables()
    write_tables(tables)
    write_dictionary()
    write_findings(tables["subjects"], tables["allegations"])
