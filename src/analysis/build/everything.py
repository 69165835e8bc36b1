"""Doing everything from the raw data, in order: tables, documents, notebooks, charts, workbook, gallery."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from analysis import charts, vocabulary
from analysis.charts.catalogue import EXHIBITS, MET, OWN_RATES, draw_own_rates, exhibit
from analysis.charts import Chart
from analysis.counting.comparisons import funnel
from analysis.publishing.dictionary import write_dictionary
from analysis.errors import MisconductError, require_known
from analysis.publishing.findings import write_findings
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import write_template
from analysis.provenance.own_data import choose, chosen
from analysis.build.notebooks import notebook_paths, run_notebooks
from analysis.paths import BUILD, CHECKS, NOTEBOOKS, PROCESSED, RAW, ROOT, VOCABULARY
from analysis.publishing.gallery import SITE, build_gallery
from analysis.publishing.workbook import FILE as WORKBOOK
from analysis.publishing.workbook import write_workbook
from analysis.counting.rates import RateTable, dismissal_rates
from analysis.provenance.sources import load_sources
from analysis.build.staleness import MEMORY, Step
from analysis.build.tables import PROCESSED_TABLES, build_tables, load_table, write_tables

CHARTS: dict[str, tuple[str, Callable[..., Chart]]] = {  # name -> group column of its RateTable, function
    "dismissal_rates_by_complaint_type": ("complaint_type", charts.dismissal_rates_by_complaint_type),
    "dismissal_rates_by_vawg": ("vawg", charts.dismissal_rates_by),
    "funnel_by_force": ("force", lambda table, sources: charts.funnel_plot(table, funnel(table), MET, sources)),
}


COUNT = "dismissed_or_would_have_been"


def rates_of(**question: object) -> RateTable:
    """rates.dismissal_rates of the processed tables; MisconductError when the chosen imported data hold no people."""
    own = chosen()
    if own is not None and not (own / "subjects.csv").is_file():
        raise MisconductError(
            f"{own.name} holds counts, not a row for each person, so rates cannot be counted from it. Its own rates: "
            f"misconduct chart {OWN_RATES} --data {own.name}"
        )
    return dismissal_rates(load_table("subjects"), load_table("allegations"), **question)  # type: ignore[arg-type]


def draw_chart(
    name: str,
    *,
    among: str = "",
    count: str = COUNT,
    where: Mapping[str, str] | None = None,
    primary_only: bool = False,
) -> Chart:
    """A chart by its name, from the processed tables: one of CHARTS for a question, or one as the catalogue has it.

    among: out of whom, required for CHARTS. Raises MisconductError for an unknown name, listing the known ones, and for
    a question that is missing or that the chart does not take.
    """
    require_known(name, [*CHARTS, OWN_RATES, *(entry.name for entry in EXHIBITS if entry.name not in CHARTS)], "chart")
    if name not in CHARTS:
        given = {"--among": among, "--where": where, "--primary-only": primary_only}
        given |= {} if name == OWN_RATES else {"--count": count != COUNT}
        wrong = " and no ".join(option for option, value in given.items() if value)
        if wrong:
            raise MisconductError(f"The chart {name} takes no {wrong}. These do: {', '.join(CHARTS)}.")
        return draw_own_rates(load_tables(), count) if name == OWN_RATES else exhibit(name).draw(load_tables())
    if not among:
        known = ", ".join(vocabulary.codes("denominator"))
        raise MisconductError(f"The chart {name} needs --among: out of whom? One of {known}.")
    column, function = CHARTS[name]
    table = rates_of(among=among, by=column, count=count, where=where, primary_only=primary_only)
    return function(table, load_sources(table.sources))


def load_tables() -> dict[str, pd.DataFrame]:
    """All processed tables by name."""
    return {table: load_table(table) for table in PROCESSED_TABLES}


def export_charts(folder: Path = BUILD / "charts") -> list[Path]:
    """Draw and export every chart of the catalogue, several at a time; the files written."""
    names = [entry.name for entry in EXHIBITS]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return [file for files in pool.map(_export_chart, names, [folder] * len(names)) for file in files]


def _export_chart(name: str, folder: Path) -> list[Path]:
    return exhibit(name).draw(load_tables()).export(folder)


def rebuild_tables() -> None:
    """Validate the raw data, rebuild the processed tables and write the documents that are generated from them."""
    tables = build_tables()
    write_tables(tables)
    write_dictionary()
    write_findings(tables["subjects"], tables["allegations"])
    write_template()


SOURCES_OF_ALL = (
    ROOT / "src" / "analysis",
    RAW,
    CHECKS,
    VOCABULARY,
    ROOT / "requirements.lock",
)  # a change of these: all again
TABLES = tuple(PROCESSED / f"{table}.csv" for table in PROCESSED_TABLES)
DOCUMENTS = (ROOT / "docs" / "findings.md", ROOT / "docs" / "data_dictionary.md", TEMPLATE)


def build_all(say: Callable[[str], object], *, fresh: bool = False) -> list[MisconductError]:
    """Do whatever is needed, in order; `say` hears of each part. Returns the failures of notebooks.

    fresh: everything, even what is as it was at the last build.
    """
    choose("")  # the project's own data alone
    if fresh:
        MEMORY.unlink(missing_ok=True)
    tables = Step("tables", SOURCES_OF_ALL, (*TABLES, *DOCUMENTS))
    say("rebuilt the validated tables" if tables.run(rebuild_tables) else "tables: unchanged")
    failures = _build_notebooks(say)
    exported = Step("charts", (*SOURCES_OF_ALL, *TABLES), (BUILD / "charts",))
    say("exported the charts to build/charts" if exported.run(_replace_charts) else "charts: unchanged")
    everything = (*SOURCES_OF_ALL, *TABLES)
    workbook = Step("workbook", everything, (WORKBOOK,))
    say("wrote the workbook" if workbook.run(lambda: write_workbook(load_tables())) else "workbook: unchanged")
    site = site_step()
    say("built the gallery: build/site/index.html" if site.run(_build_site) else "gallery: unchanged")
    return failures


def site_step() -> Step:
    """The gallery as a step of the build."""
    documents = (ROOT / "docs", ROOT / "CHANGELOG.md", NOTEBOOKS)
    return Step("site", (*SOURCES_OF_ALL, *TABLES, *documents, BUILD / "charts", WORKBOOK), (SITE,))


def _build_site() -> None:
    build_gallery(load_tables(), SITE, WORKBOOK, BUILD / "charts")


def _build_notebooks(say: Callable[[str], object]) -> list[MisconductError]:
    """Run the notebooks that are not as their last run left them; the errors of those that failed."""
    steps = {path: Step(path.name, (*SOURCES_OF_ALL, *TABLES), (path,)) for path in notebook_paths()}
    stale = [path for path, step in steps.items() if not step.is_done()]
    first = notebook_paths()[0]  # it describes the others
    stale = [first, *(path for path in stale if path != first)] if stale else []
    failures: list[MisconductError] = []

    def ended(path: Path, error: MisconductError | None) -> None:
        say(f"{'ran' if error is None else 'FAILED'} {path.name}")
        if error is None:
            steps[path].remember(begun[path])
        else:
            failures.append(error)

    begun = {path: steps[path].begin() for path in stale}
    run_notebooks(stale, ended)
    if len(stale) < len(steps):
        say(f"notebooks: {len(steps) - len(stale)} unchanged")
    return failures


def _replace_charts(folder: Path = BUILD / "charts") -> None:
    """Export the charts into an empty folder, so that a chart that is no more leaves no files."""
    shutil.rmtree(folder, ignore_errors=True)
    export_charts(folder)
