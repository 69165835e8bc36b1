"""The commands for spreadsheets of one's own, `misconduct map` and `import`; cli.py registers them."""

from __future__ import annotations

import sys
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


def can_ask() -> bool:
    """Whether there is somebody at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def import_(
    file: Annotated[Path, typer.Argument(help="A spreadsheet: CSV, XLSX, XLS or ODS.")],
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Its mapping; if left out, questions are asked and one is written.")
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask: a mapping is needed then.")] = False,
    bad_rows: BadRows = Path("bad_rows.csv"),
) -> None:
    """Import a spreadsheet of your own, asking what is open; then use it with --data in rates, chart, pack and run."""
    from analysis.paths import shown
    from analysis.reading.spreadsheet.importer import STAGES, import_file

    if map_file is None:
        if no_input or not can_ask():
            raise MisconductError(_needs_mapping(file))
        map_file, is_right = _asked(file)
        if not is_right:
            return
    try:
        with stages_shown(STAGES) as begin:
            folder, told = import_file(file, map_file, begin=begin)
    except DataError as error:
        raise listed(error, bad_rows) from error
    for line in told:
        print(line)
    print(f"Written to {shown(folder)}. Use it with --data {folder.name}")


def _needs_mapping(file: Path) -> str:
    """What to do where nobody can be asked."""
    there = file.with_suffix(".yml")
    first = f"There is {there}: check it" if there.exists() else f"misconduct map {file} writes {there}: check it"
    return (
        f"{file} needs a mapping, which says what is what in it, and nobody can be asked here. {first}, then: "
        f"misconduct import {file} --map {there}. Or leave out --map on a terminal: it asks, and writes the mapping."
    )


def _asked(file: Path) -> tuple[Path, bool]:
    """`ask` on a terminal, whose end is an error for people."""
    from analysis.publishing.asking import ask

    try:
        return ask(file)
    except EOFError:
        raise MisconductError("The answers ended before the questions did. Nothing was written.") from None
