"""The commands for spreadsheets of one's own, `misconduct map` and `import`; cli.py registers them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.errors import DataError, MisconductError, of_system, require_known
from analysis.publishing.stages import stages_shown

BadRows = Annotated[
    Path, typer.Option(help="Where to write every problem as CSV; a name beside it if that one is taken.")
]


def listed(error: DataError, wanted: Path) -> MisconductError:
    """Write every problem of `error` as CSV to `wanted`, or beside it if it is taken; the error that says so."""
    from analysis.csv_files import problems_csv
    from analysis.writing import write_beside

    try:
        written = write_beside(wanted, problems_csv(error.problems))
    except OSError as failure:
        every = "\n".join([*(f"- {problem.sentence()}" for problem in error.problems), str(error)])
        return MisconductError(f"{every}\nThis list could not be written to {wanted}. {of_system(failure)}")
    taken = f" ({wanted} was there already and is left as it is.)" if written != wanted else ""
    return MisconductError(f"{error}\nEvery problem is in {written}.{taken}")


def map_(
    file: Annotated[Path, typer.Argument(help="A spreadsheet: CSV, XLSX, XLS or ODS.")],
    table: Annotated[str, typer.Option(help="people or counts; guessed if left out.")] = "",
    out: Annotated[Path | None, typer.Option(help="The mapping to write; FILE.yml if left out.")] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="A mapping to keep and to add labels to.")] = None,
) -> None:
    """Look at a spreadsheet and write a first mapping of its columns and labels, with guesses for you to check."""
    from analysis.reading.spreadsheet.guess import STAGES, suggest
    from analysis.writing import write_beside

    if table:
        require_known(table, ("people", "counts"), "table")
    target = out or map_file or file.with_suffix(".yml")
    if target.exists() and (out or not map_file):
        raise MisconductError(f"{target} exists already. Name another file with --out, or remove it.")
    with stages_shown(STAGES) as begin:
        target = write_beside(target, suggest(file, table, map_file, begin).encode())
    print(target)
    print(f"Check every line marked CHECK, write confirmed: yes, then: misconduct import {file} --map {target}")


def import_(
    file: Annotated[Path, typer.Argument(help="A spreadsheet: CSV, XLSX, XLS or ODS.")],
    map_file: Annotated[Path, typer.Option("--map", help="Its mapping, as misconduct map writes a first one.")],
    bad_rows: BadRows = Path("bad_rows.csv"),
) -> None:
    """Import a spreadsheet of your own; then use it with --data in rates, chart, pack and run."""
    from analysis.paths import shown
    from analysis.reading.spreadsheet.importer import STAGES, import_file

    try:
        with stages_shown(STAGES) as begin:
            folder, told = import_file(file, map_file, begin=begin)
    except DataError as error:
        raise listed(error, bad_rows) from error
    for line in told:
        print(line)
    print(f"Written to {shown(folder)}. Use it with --data {folder.name}")
