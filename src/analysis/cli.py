"""The command line, `misconduct`: each command says what it does in words of its own; heavy imports come late."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from analysis import __version__, vocabulary
from analysis.cli_spreadsheets import BadRows, import_, listed, map_
from analysis.errors import DataError, MisconductError, explained_gaps, require_known, told_of

app = typer.Typer(
    help="How often are police officers accused of misconduct dismissed, and how does it depend on what they are "
    "accused of? Start with: misconduct rates --by complaint_type --among case_to_answer",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def _one_of(codes: object) -> str:
    """The codes of a Literal type as people read them: a, b or c."""
    *others, last = get_args(codes)
    return f"{', '.join(others)} or {last}"


Among = Annotated[str, typer.Option(help=f"Out of whom: {_one_of(vocabulary.Among)}.")]
Count = Annotated[str, typer.Option(help=f"What is counted: {_one_of(vocabulary.Count)}.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help='Only some people: --where "force=Kent Police,Sussex Police", --where "complaint_type!=driving" or '
        '--where "year>=2015". Can be repeated.'
    ),
]
Data = Annotated[str, typer.Option("--data", help="Use your own imported data of this name (see misconduct import).")]
Primary = Annotated[bool, typer.Option("--primary-only", help="Count people under their first complaint type only.")]


def _values(parameters: list[str] | None) -> dict[str, str]:
    """["force=Kent Police"] as {"force": "Kent Police"}, for -p."""
    found: dict[str, str] = {}
    for parameter in parameters or []:
        name, equals, value = (part.strip() for part in parameter.partition("="))
        if not equals or not name:
            raise MisconductError(f'-p {parameter!r} is not of the form NAME=VALUE, such as force="Kent Police".')
        if name in found:
            raise MisconductError(f"-p names {name} twice.")
        found[name] = value
    return found


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""
    context.obj["debug"] = debug


@app.command()
def build(
    fresh: Annotated[bool, typer.Option("--fresh", help="Do everything again, even what has not changed.")] = False,
    packs: Annotated[
        bool, typer.Option("--packs", help="With a small pack on the site for each force and complaint type.")
    ] = False,
) -> None:
    """Do all that is needed: validated tables, notebooks, charts, workbook and gallery (build/site/index.html)."""
    from analysis.paths import require_checkout

    require_checkout("misconduct build")
    from rich.console import Console

    from analysis.build.everything import build_all

    start, console = time.monotonic(), Console(stderr=True)
    with console.status("Building ...") if console.is_terminal else nullcontext():

        def say(what: object) -> None:
            print(f"{time.monotonic() - start:5.1f} s  {what}", flush=True)

        failures = build_all(say, fresh=fresh, packs=packs)
    if failures:
        raise MisconductError("\n".join(map(str, failures)))


@app.command()
def run(
    notebook: Annotated[str, typer.Argument(help="A notebook's number or name, for example 04.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help='NAME=VALUE, for example: -p force="Kent Police". Can be repeated.'),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("build/runs"),
    data: Data = "",
) -> None:
    """Run a notebook with other parameters and write a copy as notebook and web page; nothing else changes."""
    from analysis.paths import require_checkout

    require_checkout("misconduct run")
    from analysis.build.notebooks import run_copy

    for file in run_copy(notebook, _values(parameter), out, data):
        print(file)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A git revision, or a folder with processed tables.")],
    new: Annotated[str, typer.Argument(help="Another one; the working folder is .")],
) -> None:
    """Say which quoted figures, rates and rows changed between two editions; exit status 1 if a headline figure did."""
    from analysis.publishing.changes import diff as compare_editions

    text, moved = compare_editions(old, new)
    print(text)
    raise typer.Exit(1 if moved else 0)


@app.command()
def validate(
    file: Annotated[
        Path | None,
        typer.Argument(help="A CSV file, or a source's folder of data/raw; all of the project's data if left out."),
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="TABLE", help="Which table FILE is, for example subjects or iopc_investigations/subjects."
        ),
    ] = None,
    bad_rows: BadRows = Path("bad_rows.csv"),
) -> None:
    """Check data and explain every problem in it.

    With FILE and --as TABLE any CSV file is checked as that table; with a folder, the rules between its files too.
    """
    from analysis.paths import require_checkout

    if file is None:
        require_checkout("misconduct validate without a file")
    try:
        if file is None or file.is_dir():
            from analysis.build.tables import check_all, check_folder

            for line in check_all() if file is None else check_folder(file):
                print(line)
        else:
            from analysis.checking.tables import TABLES
            from analysis.checking.validation import validate_file

            if as_ is None:
                raise MisconductError(f"Say which table it is, with --as TABLE. Known: {', '.join(TABLES)}.")
            print(f"{file}: no problems in {len(validate_file(file, as_)):,} rows as {as_}")
    except DataError as error:
        raise listed(error, bad_rows) from error


@app.command()
def stamp(
    source: Annotated[str, typer.Argument(help="A folder of data/raw: iopc_investigations.")],
) -> None:
    """Write checksums and row counts of a source's files into its source.yml, after a new edition of the source."""
    from analysis.paths import RAW, require_checkout
    from analysis.provenance.sources import source_ids
    from analysis.provenance.sources import stamp as stamp_source

    require_checkout("misconduct stamp")
    for line in stamp_source(RAW / require_known(source, source_ids(fetched=True), "source")) or ["Nothing changed."]:
        print(line)


@app.command()
def rates(
    among: Among,
    by: Annotated[
        list[str] | None,
        typer.Option(help="A group, for example complaint_type, force, rank or year. Can be repeated."),
    ] = None,
    count: Count = "dismissed_or_would_have_been",
    where: Where = None,
    primary_only: Primary = False,
    format_: Annotated[
        Format, typer.Option("--format", help="table for reading, csv or json for other programs.")
    ] = Format.table,
    data: Data = "",
) -> None:
    """Print dismissal rates: how many of whom were dismissed, with a 95 % interval and what is unknown."""
    from analysis.counting.rates import dismissal_rates
    from analysis.counting.selection import parse_conditions
    from analysis.dataset import load
    from analysis.publishing.terminal import print_rates

    kept = parse_conditions(where or [])
    table = dismissal_rates(load(data), among=among, by=by or [], count=count, where=kept, primary_only=primary_only)
    if format_ is Format.csv:
        sys.stdout.buffer.write(table.to_csv())
    elif format_ is Format.json:
        sys.stdout.buffer.write(table.to_json())
    else:
        print_rates(table)


@app.command()
def chart(
    name: Annotated[
        str,
        typer.Argument(
            help="Which chart: dismissal_rates_by_complaint_type, dismissal_rates_by_vawg or funnel_by_force, with "
            "--among; own_published_rates, of imported counts; or any of the gallery by the name of its files."
        ),
    ],
    among: Among = "",
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    count: Count = "dismissed_or_would_have_been",
    where: Where = None,
    primary_only: Primary = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="svg, png, or pdf (with typst); all of them if left out. Can be repeated."),
    ] = None,
    sizes: Annotated[
        list[str] | None, typer.Option("--size", help="page, wide or square; all if left out. Can be repeated.")
    ] = None,
    data: Data = "",
) -> None:
    """Draw a chart and write it as SVG, PNG and PDF, with its data, its alt text and its metadata."""
    from analysis.charts.catalogue import draw_chart
    from analysis.charts.export import pictures
    from analysis.counting.selection import parse_conditions
    from analysis.dataset import load

    wanted, kept = pictures(sizes, formats), parse_conditions(where or [])
    drawn = draw_chart(load(data), name, among=among, count=count, where=kept, primary_only=primary_only)
    for file in drawn.export(out, wanted):
        print(file)
    if not formats and "pdf" not in {kind for _, kind in wanted}:
        typer.echo("No PDF, which needs typst: pip install 'police-misconduct-outcomes[publishing]'", err=True)


@app.command()
def cases(
    where: Where = None,
    among: Annotated[str, typer.Option(help="The denominator that the people are in; all of them if left out.")] = (
        "all_subjects"
    ),
    count: Annotated[
        str, typer.Option(help="A numerator, for those who are counted in it alone: dismissed_or_would_have_been.")
    ] = "",
    format_: Annotated[
        Format, typer.Option("--format", help="table for reading, csv or json for other programs.")
    ] = Format.table,
    data: Data = "",
) -> None:
    """Print the investigations behind a number, each with the address of its publisher's page."""
    from analysis.counting.selection import parse_conditions
    from analysis.csv_files import to_csv_bytes
    from analysis.dataset import load
    from analysis.publishing.terminal import print_cases

    found = load(data).cases(parse_conditions(where or []), among=among, count=count, labels=format_ is Format.table)
    if format_ is Format.csv:
        sys.stdout.buffer.write(to_csv_bytes(found))
    elif format_ is Format.json:
        print(found.to_json(orient="records", indent=2, force_ascii=False))
    else:
        print_cases(found)


@app.command()
def pack(
    force: Annotated[str, typer.Option(help='A force\'s official short name, for example "Kent Police".')] = "",
    complaint_type: Annotated[str, typer.Option(help="A complaint type, for example sexual_misconduct.")] = "",
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("build/packs"),
    data: Data = "",
) -> None:
    """Write one zip for a force, a complaint type or both: charts, workbook, fact sheet, sentences, licence."""
    from analysis.dataset import load
    from analysis.publishing.packs import write_pack

    print(write_pack(load(data), out, force, complaint_type))


@app.command()
def release() -> None:
    """Write what others load and cite to build/release: CSV, Parquet, SQLite, data package, charts, workbook, site."""
    from analysis.build.everything import make_release

    print(make_release())


@app.command()
def fetch(
    source: Annotated[
        str, typer.Argument(help="A fetched source, for example chicago_complaints; all if left out.")
    ] = "",
    mirror: Annotated[
        Path | None, typer.Option(help="A folder with the same files, for computers without internet.")
    ] = None,
) -> None:
    """Fetch the large public files that are not part of the project into a cache, and verify each checksum."""
    from rich.progress import Progress

    from analysis.provenance.download import fetch_source, fetched_sources

    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        bars: dict[str, object] = {}

        def progress(name: str, done: int, total: int) -> None:
            task = bars.setdefault(name, bar.add_task(name, total=total))
            bar.update(task, completed=done)  # type: ignore[arg-type]

        for wanted in [source] if source else fetched_sources():
            for file in fetch_source(wanted, mirror, progress):
                print(file)


app.command("map")(map_)
app.command("import")(import_)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks, docs and data; JupyterLab's own options can follow, such as --no-browser."""
    from analysis.paths import ROOT, require_checkout

    require_checkout("misconduct lab")
    options = [
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
        "--ContentsManager.pre_save_hook=analysis.build.notebooks.clean_on_save",
    ]
    raise typer.Exit(subprocess.run([sys.executable, "-m", "jupyterlab", *options, *context.args]).returncode)


def main() -> None:
    """Run a command; an error a user can put right is shown without a traceback, unless --debug."""
    asked: dict[str, bool] = {}
    try:
        with explained_gaps():
            app(standalone_mode=True, obj=asked)
    except (MisconductError, OSError) as error:
        if asked.get("debug"):
            raise
        print(told_of(error), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
