"""What the command line shows people: rates as a table with what they mean, and the cases behind a number."""

from __future__ import annotations

import sys

import pandas as pd

from analysis.counting.rate_table import RateTable


def print_rates(table: RateTable) -> None:
    """A RateTable for people, followed by its definition and sources."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analysis.counting.rate_words import FEW, FEW_CASES, SMALL

    readable = table.readable()
    console = Console(width=None if sys.stdout.isatty() else 160)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(readable):
        drawn.add_column(column, justify="left" if position < len(table.by) else "right", overflow="fold")
    for row in readable.itertuples(index=False):
        drawn.add_row(*(Text(str(cell)) for cell in row))
    console.print(drawn)
    print(f"\n{table.definition}\nInterval: {table.interval_method}.")
    print(
        f"[u] fewer than {SMALL} {table.counted} or {FEW_CASES} {table.cases}, low reliability "
        f"(under {FEW} {table.counted}: counts only); [z] no rate or no interval."
    )
    if table.unavailable:
        print(f"[x] not available: {table.unavailable}, so this rate cannot be known.")
    print(table.source_line)


def print_cases(found: pd.DataFrame) -> None:
    """The cases of Dataset.cases with labels, each in three lines."""
    for case in found.to_dict("records"):
        people = "1 person" if case["people"] == 1 else f"{case['people']} people"
        print(f"{case['date'] or 'no date'}  {case['force'] or 'force not stated'}: {case['complaint_types']}")
        print(f"    {people}; found: {case['findings']}; outcome: {case['outcomes']}")
        print(f"    {case['url'] or case['case_id']}")
    print(f"{len(found)} investigations.")
