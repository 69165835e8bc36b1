"""Doing everything from the raw data, in order: tables, documents, notebooks, charts, workbook, gallery."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from analysis import __version__
from analysis.build.fetched_counts import fetched_files
from analysis.build.notebooks import run_notebooks
from analysis.build.staleness import MEMORY, PACKAGE, Step, code_of
from analysis.build.tables import build_tables, write_tables
from analysis.charts.catalogue import EXHIBITS, exhibit
from analysis.checking.stamps import STAMP
from analysis.checking.tables import PROCESSED_TABLES
from analysis.dataset import load
from analysis.errors import MisconductError
from analysis.paths import (
    BUILD,
    CHECKS,
    NOTEBOOKS,
    PROCESSED,
    RAW,
    ROOT,
    VOCABULARY,
    notebook_paths,
    require_checkout,
    shown,
)
from analysis.publishing.api_reference import FILE as REFERENCE
from analysis.publishing.api_reference import write_reference
from analysis.publishing.dictionary import write_dictionary
from analysis.publishing.findings import write_findings
from analysis.publishing.gallery import SITE, build_gallery
from analysis.publishing.workbook import FILE as WORKBOOK
from analysis.publishing.workbook import write_workbook
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import write_template
from analysis.writing import fill_folder, locked, replaced_folder, write_files

TABLES = (*(PROCESSED / f"{table}.csv" for table in PROCESSED_TABLES), PROCESSED / STAMP)
DOCUMENTS = (ROOT / "docs" / "findings.md", ROOT / "docs" / "data_dictionary.md", TEMPLATE)
PLACES = tuple(sorted(RAW.glob("*/source.yml")))
READ = (VOCABULARY, ROOT / "requirements.lock", *PLACES)  # what every step reads, besides code and tables
CHARTS = BUILD / "charts"
HELP = PACKAGE / "help.txt"  # printed by analysis.__main__


def export_charts(folder: Path) -> None:
    """Draw and export every chart of the catalogue into a folder of `replaced_folder`, several at a time."""
    names = [entry.name for entry in EXHIBITS]
    quiet = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for them
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), signal.signal, quiet) as pool:
        list(pool.map(_export_chart, names, [folder] * len(names)))


def _export_chart(name: str, folder: Path) -> None:
    fill_folder(folder, exhibit(name).draw(load()).contents().items())


def rebuild_tables() -> None:
    """Validate the raw data, rebuild the processed tables and write the documents that are generated from them."""
    write_tables(build_tables())
    write_dictionary()
    write_findings(load())
    write_template()


def write_help() -> None:
    """Write what `misconduct --help` says, as the command line words it, to a file that needs no imports to print."""
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "--help"]
    environment = {
        **os.environ,
        "COLUMNS": "100",
        "TERMINAL_WIDTH": "100",
        "NO_COLOR": "1",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    said = subprocess.run(command, capture_output=True, check=True, env=environment, text=True, encoding="utf-8").stdout
    write_files({HELP: said.replace("Usage: -c ", "Usage: misconduct ").encode()})


def help_step() -> Step:
    """The help of the command line as a step of the build."""
    return Step("help", code_of("import analysis.cli"), (HELP,))


def tables_step() -> Step:
    """The processed tables as a step of the build: fetched files count as soon as they are there."""
    code = code_of("import analysis.build.tables, analysis.publishing.dictionary, analysis.publishing.findings")
    template = code_of("import analysis.reading.spreadsheet.template")
    return Step("tables", (*READ, *code, *template, RAW, CHECKS, *fetched_files()), (*TABLES, *DOCUMENTS))


def reference_step() -> Step:
    """The reference of the library as a step of the build: apart from the tables, since charts have docstrings too."""
    return Step("reference", (*READ, *code_of("import analysis.publishing.api_reference")), (REFERENCE,))


def notebook_step(path: Path) -> Step:
    """One notebook as a step of the build: the first one describes the others."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = code_of("".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code"))
    raw = (RAW, CHECKS) if PACKAGE / "build" / "tables.py" in code else ()
    others = tuple(notebook_paths()) if path == notebook_paths()[0] else ()
    return Step(path.name, (*READ, *code, *TABLES, *raw), (path, *others))


def chart_step() -> Step:
    """The exported charts as a step of the build."""
    return Step("charts", (*READ, *code_of("import analysis.charts.catalogue"), *TABLES), (CHARTS,))


def workbook_step() -> Step:
    """The workbook as a step of the build."""
    return Step("workbook", (*READ, *code_of("import analysis.publishing.workbook"), *TABLES), (WORKBOOK,))


def site_step(*, packs: bool = False) -> Step:
    """The gallery as a step of the build; packs: with one to download for each force and complaint type."""
    code = (
        *code_of("import analysis.publishing.gallery"),
        *(PACKAGE / "publishing" / n for n in ("static", "templates")),
    )
    documents = (*(ROOT / name for name in ("docs", "CHANGELOG.md", "CITATION.cff", ".zenodo.json")), NOTEBOOKS)
    return Step("site with packs" if packs else "site", (*READ, *code, *TABLES, *documents, CHARTS, WORKBOOK), (SITE,))


def build_all(say: Callable[[str], object], *, fresh: bool = False, packs: bool = False) -> list[MisconductError]:
    """Do whatever is needed, in order; `say` hears of each part. Returns the failures of notebooks.

    fresh: everything, even what is as it was at the last build; packs: a gallery with packs, which one that has them
    already stays. MisconductError while another process builds.
    """
    with locked(MEMORY, BUILD):
        return _build_all(say, fresh=fresh, packs=packs)


def _build_all(say: Callable[[str], object], *, fresh: bool, packs: bool) -> list[MisconductError]:
    if fresh:
        MEMORY.unlink(missing_ok=True)
    help_step().run(write_help)
    say("rebuilt the validated tables" if tables_step().run(rebuild_tables) else "tables: unchanged")
    say("wrote the reference" if reference_step().run(write_reference) else "reference: unchanged")
    failures = _build_notebooks(say)
    say("exported the charts to build/charts" if chart_step().run(_replace_charts) else "charts: unchanged")
    say("wrote the workbook" if workbook_step().run(lambda: write_workbook(load())) else "workbook: unchanged")
    site = site_step(packs=packs or site_step(packs=True).is_done())
    built = site.run(lambda: build_gallery(load(), SITE, WORKBOOK, CHARTS, packs=packs))
    say("built the gallery: build/site/index.html" if built else "gallery: unchanged")
    return failures


def make_release() -> str:
    """Write a release to build/release from what the build made; a line that says which.

    Raises MisconductError when a part of it is not as today's tables give it, or outside a checkout.
    """
    require_checkout("misconduct release")
    from analysis.publishing import release
    from analysis.publishing.released import released_tables

    steps = {"charts": chart_step(), "workbook": workbook_step()}
    steps["gallery with packs"] = site_step(packs=True)
    built = {release.WORKBOOK: WORKBOOK, release.CHARTS: CHARTS, release.GALLERY: SITE}
    with locked(MEMORY, BUILD):  # nobody builds between the question and the answer
        stale = [name for name, step in steps.items() if not step.is_done()]
        if stale:
            raise MisconductError(f"Not up to date: {', '.join(stale)}. Make them first: misconduct build --packs")
        version = release.write_release(released_tables(load()), release.RELEASE, built)
    return f"{shown(release.RELEASE)}: data {version}, program {__version__}"


def _build_notebooks(say: Callable[[str], object]) -> list[MisconductError]:
    """Run the notebooks that are not as their last run left them; the errors of those that failed."""
    steps = {path: notebook_step(path) for path in notebook_paths()}
    stale = [path for path, step in steps.items() if not step.is_done()]
    failures: list[MisconductError] = []

    def ended(path: Path, error: MisconductError | None) -> None:
        say(f"{'ran' if error is None else 'FAILED'} {path.name}")
        if error is not None:
            failures.append(error)

    before = {path: path.read_bytes() for path in steps}
    begun = {path: steps[path].begin() for path in stale}
    stored = run_notebooks(stale, ended)
    for path in stored:  # all at once: the first describes the others
        steps[path].remember(begun[path], {**before, **stored})
    if len(stale) < len(steps):
        say(f"notebooks: {len(steps) - len(stale)} unchanged")
    return failures


def _replace_charts(folder: Path = CHARTS) -> None:
    """Export the charts in place of the earlier ones, so that a chart that is no more leaves no files."""
    with replaced_folder(folder, seconds=0) as fresh:
        export_charts(fresh)
