"""Publishing: everything from the raw data, in order. Each step is a name for people and a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from analysis import charts
from analysis.charts import Chart
from analysis.errors import require_known
from analysis.notebooks import notebook_paths, run_notebook
from analysis.paths import BUILD
from analysis.rates import RateTable, dismissal_rates
from analysis.sources import load_sources
from analysis.tables import build_tables, load_table, write_tables

CHARTS: dict[str, tuple[str, Callable[..., Chart]]] = {  # name -> group column of its RateTable, function
    "dismissal_rates_by_complaint_type": ("complaint_type", charts.dismissal_rates_by_complaint_type),
}
BUILT = [  # chart, denominator, and the file name where one chart is drawn for several denominators
    ("dismissal_rates_by_complaint_type", "case_to_answer", "dismissal_rates_by_complaint_type"),
    (
        "dismissal_rates_by_complaint_type",
        "proceedings",
        "dismissal_rates_by_complaint_type_among_proceedings",
    ),
    ("dismissal_rates_by_complaint_type", "proven", "dismissal_rates_by_complaint_type_among_proven"),
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


def steps() -> Iterator[tuple[str, Callable[[], object]]]:
    """The build, step by step: validate and rebuild the tables, run each notebook, export the charts."""
    yield "Validate the data and rebuild the tables", lambda: write_tables(build_tables())
    for path in notebook_paths():
        yield f"Run {path.name}", partial(run_notebook, path)
    yield "Export the charts", export_charts
