"""What of a sheet was not read as rows of its table, and what people are told of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from analysis.reading.spreadsheet.sheet_rows import Reader


@dataclass
class Passed:
    """What was not read as rows of the table, over all sheets: for people to be told, or to be asked about."""

    totals: list[str] = field(default_factory=list)
    by_value: Counter[tuple[str, str]] = field(default_factory=Counter)  # heading, value -> rows
    repeated: int = 0
    headings: int = 0  # of groups
    beside: int = 0  # rows with something in other columns alone


def tell_of_passed(reader: Reader, passed: Passed) -> None:
    """What was left out; a problem for each total and value that the mapping lists and no row has."""
    read = reader.mapping.read
    if passed.totals:
        kinds = ", ".join(dict.fromkeys(passed.totals))
        reader.told.append(f"{_counted(len(passed.totals), 'total row')} left out ({kinds}).")
    for label in read.total_rows:
        if label not in passed.totals:
            problem = f"no row has {label!r}, which is listed under `total_rows`."
            reader.wrong(None, "read", label, problem, rule="totals")
    for (heading, value), count in passed.by_value.items():
        reader.told.append(f"{_counted(count)} left out: {heading} is {value or '(empty)'}.")
    for heading, values in read.leave_out.items():
        for value in values:
            if (heading, value) not in passed.by_value:
                problem = f"no row has {value!r} under {heading!r}, which is listed under `leave_out`."
                reader.wrong(None, "read", value, problem, rule="leave_out")
    if passed.headings:
        reader.told.append(f"{_counted(passed.headings)} read as headings of groups.")
    if passed.beside:
        reader.told.append(f"{_counted(passed.beside)} left out: nothing in the columns that the mapping names.")
    if passed.repeated and reader.mapping.table == "people":
        choice = {
            "": "counted too; `duplicates: count once` leaves them out, `duplicates: keep` says that they are right",
            "keep": "counted too, as the mapping says",
            "count once": "left out, as the mapping says",
        }[reader.mapping.duplicates]
        verb = "is" if passed.repeated == 1 else "are"
        reader.told.append(f"{_counted(passed.repeated)} {verb} the same in every cell as an earlier row: {choice}.")


def _counted(count: int, what: str = "row") -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
