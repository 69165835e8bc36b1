"""Checking: from a table of text to a typed, validated table, or to every problem in it as sentences.

One door for raw files, processed files and anybody's own file: `validate_file`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors

from analysis.checking.tables import TABLES
from analysis.csv_files import FIRST_ROW, read_csv_text
from analysis.errors import DataError, Problem, nearest, require_known
from analysis.grouping import combinations
from analysis.paths import RAW, shown
from analysis.provenance.corrections import read_corrections
from analysis.vocabulary import SEPARATOR

BOOLEANS = ("true", "false")
WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)  # what every program reads as the same number
DECIMAL = re.compile(r"-?\d{1,15}(\.\d+)?([eE]-?\d{1,2})?", re.ASCII)
RULE = re.compile(r"([\w -]+)\|(\w+)\|(.+)", re.DOTALL)  # of several columns, as the models name it
TOTAL_LABELS = re.compile(r"(grand |sub-?)?totals?|all forces|overall", re.IGNORECASE)
Accepted = Collection[tuple[str, str]]  # contradictions known and explained: (rule, id of the row)


@cache
def _columns(table: str) -> Mapping[str, object]:
    """Column name -> pandera column of a table's model."""
    return TABLES[require_known(table, TABLES, "table")].model.to_schema().columns


def _metadata(table: str, column: str) -> Mapping:
    found = _columns(table).get(column)
    return (getattr(found, "metadata", None) or {}) if found is not None else {}


def _convert(cells: pd.Series, dtype: str) -> tuple[pd.Series, pd.Series]:
    """A column of text as its type, and which cells could not be read (they become missing)."""
    filled = cells != ""
    if dtype in ("bool", "boolean"):
        return cells == "true", ~cells.isin(BOOLEANS)
    if dtype in ("Int64", "float64"):
        pattern = WHOLE if dtype == "Int64" else DECIMAL
        readable = cells.map(lambda cell: bool(pattern.fullmatch(cell))).astype(bool)
        values = pd.to_numeric(cells.where(readable, None), errors="coerce")
        return values.astype(dtype), filled & ~readable
    return cells.astype("str"), pd.Series(False, index=cells.index)


def typed(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows made by code with exactly the columns of `table`, in order and with their types, as they are read back; text
    that comes as categories stays so, and each different one is checked and written once."""
    kinds = {name: str(column.dtype).split("[")[0] for name, column in _columns(table).items()}  # type: ignore[attr-defined]

    def as_kind(column: pd.Series, kind: str) -> Any:
        if kind == "bool" or not isinstance(column.dtype, pd.CategoricalDtype):
            return column.astype(kind)
        different = column.cat.categories
        if kind == "str":
            return column if different.dtype == kind else column.cat.rename_categories(different.astype(kind))
        return different.astype(kind).array.take(column.cat.codes.to_numpy(), allow_fill=True)

    found = rows.reindex(columns=[*kinds])
    return found.assign(**{n: as_kind(found[n], "str" if kind == "string" else kind) for n, kind in kinds.items()})


def _advice(value: str, labels: Collection[str]) -> str:
    """What to do about a label that is not known."""
    unknown = [part for part in value.split(SEPARATOR) if part not in labels]
    if len(unknown) > 1 or (unknown and unknown[0] != value):
        return f"Not known in it: {', '.join(map(repr, unknown))}."
    if TOTAL_LABELS.fullmatch(value.strip()):
        return "A total must not stand among the rows: leave that row out."
    if value == "":
        return "A value must be given."
    guess = nearest(value, labels)
    return f"Did you mean {guess!r}?" if guess else ""


def _cell_problem(table: str, file: str, row: int, column: str, value: str, check: str) -> Problem:
    """One bad cell as a Problem."""
    metadata = _metadata(table, column)
    allowed, advice = str(metadata.get("allowed", "")), ""
    if check == "field_uniqueness":
        problem, allowed = f"the value {value!r} occurs more than once.", "each value only once"
    elif check == "not_nullable":
        problem = "the cell is empty."
    elif "labels" in metadata:
        labels = list(metadata["labels"])
        problem = f"{value!r} is not a known label."
        advice = _advice(value, labels)
        allowed = allowed if len(labels) <= 20 else f"one of the {len(labels)} labels known for this column"
    else:
        problem = f"{value!r} is not allowed here."
    return Problem(file, row, column, value, problem, allowed, advice, check)


def _structure_problems(text: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """Columns that are missing and columns nobody asked for."""
    columns = _columns(table)
    problems = []
    for column in columns:
        if column not in text:
            guess = nearest(column, [extra for extra in text if extra not in columns])
            advice = f"Is it the column {guess!r}?" if guess else f"Its meaning: {columns[column].description}."  # type: ignore[attr-defined]
            problems.append(
                Problem(file, 1, column, "", "this column is missing.", advice=advice, rule="missing column")
            )
    if TABLES[table].model.to_schema().strict:
        problems += [
            Problem(file, 1, column, "", "this column is not expected.", ", ".join(columns), rule="extra column")
            for column in text
            if column not in columns
        ]
    return problems


@cache
def _rules(table: str) -> Any:
    """The model's rules but that text is text, as `typed` made it.

    Over that pandera takes longer than over all others: it makes a table of what fails also where nothing does.
    """
    schema = copy.deepcopy(TABLES[table].model.to_schema())
    for column in schema.columns.values():
        column.dtype = None if str(column.dtype).startswith("string") else column.dtype
    return schema


def find_problems(typed: pd.DataFrame, table: str, file: str, accepted: Accepted = ()) -> list[Problem]:
    """All problems that the pandera model of `table` finds in a typed table, in the order of its rows."""
    spec = TABLES[table]
    alike = _alike(typed, table, file)
    try:
        _rules(table).validate(typed, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return alike
    problems: dict[tuple, Problem] = {}  # of single cells; they explain more than the rules over several columns
    rules: dict[tuple, Problem] = {}
    for failure in failures.itertuples():
        check, column = str(failure.check), str(failure.column)
        if pd.isna(failure.index):
            problems[(check, column)] = Problem(file, None, column, str(failure.failure_case), check, rule=check)
            continue
        position = typed.index.get_loc(failure.index)
        row = position + FIRST_ROW
        if found := RULE.fullmatch(check):  # pandera lists it once a column
            rule, column, sentence = found.groups()
            entity = " ".join(_cells(typed, spec.key, position))
            value = str(typed[column].iloc[position])
            rules.setdefault((row, rule), Problem(file, row, column, value, sentence, rule=rule, entity=entity))
        else:
            value = "" if pd.isna(failure.failure_case) else str(failure.failure_case)
            problems.setdefault((row, column), _cell_problem(table, file, row, column, value, check))
    known = set(accepted)
    unexplained = [problem for problem in rules.values() if (problem.rule, problem.entity) not in known]
    return sorted([*alike, *problems.values(), *unexplained], key=lambda problem: problem.row or 0)


def _alike(typed: pd.DataFrame, table: str, file: str) -> list[Problem]:
    """A problem for each row that is like another in all columns of the table's key."""
    key, columns = [*TABLES[table].key], _columns(table)
    if not key or not {*key} <= {*typed} or (len(key) == 1 and columns[key[0]].unique):  # type: ignore[attr-defined]
        return []  # the last: the model says so itself
    found = []
    for position in typed.duplicated(key, keep=False).to_numpy().nonzero()[0]:
        values = ", ".join(_cells(typed, key, position))
        column, what = (key[0], "value") if len(key) == 1 else ("", "combination")
        problem = f"the {what} {values} occurs more than once."
        found.append(Problem(file, int(position) + FIRST_ROW, column, values, problem, rule="key"))
    return found


def _cells(typed: pd.DataFrame, columns: Collection[str], position: int) -> list[str]:
    return [str(typed[column].iloc[position]) for column in columns]


def stale_acceptances(typed: pd.DataFrame, table: str, file: str, accepted: Accepted) -> list[Problem]:
    """A problem for each accepted contradiction that the table no longer contains."""
    found = {(problem.rule, problem.entity) for problem in find_problems(typed, table, file)} if accepted else set()
    return [
        Problem(
            file, None, "", entity, f"corrections.yml accepts {rule} for {entity!r}, which no longer occurs.", rule=rule
        )
        for rule, entity in accepted
        if (rule, entity) not in found
    ]


def validate_text(text: pd.DataFrame, table: str, file: str, accepted: Accepted = ()) -> pd.DataFrame:
    """Type and validate a table of text cells as `table`; the result has the model's columns and types.

    Raises DataError with every problem: columns, cells that cannot be read, cells not allowed, rules over columns.
    """
    problems = _structure_problems(text, table, file)
    columns = _columns(table)
    typed = text.copy()
    unreadable: set[tuple[int, str]] = set()
    for name in columns:
        if name not in text:
            continue
        typed[name], bad = _convert(text[name], str(columns[name].dtype).split("[")[0])  # type: ignore[attr-defined]
        for position in bad.to_numpy().nonzero()[0]:
            row, value = int(position) + FIRST_ROW, text[name].iloc[position]
            unreadable.add((row, name))
            problems.append(_cell_problem(table, file, row, name, value, "type"))
    if not any(problem.rule == "missing column" for problem in problems):
        known = typed[[*columns]] if TABLES[table].model.to_schema().strict else typed
        problems += [p for p in find_problems(known, table, file, accepted) if (p.row, p.column) not in unreadable]
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.row or 0))
    return typed


def validate_file(path: Path, table: str, accepted: Accepted = ()) -> pd.DataFrame:
    """Read a CSV file and validate it as `table` (a name in checking.tables.TABLES); returns the typed table.

    Raises DataError with every problem and MisconductError when the table's name is unknown.
    """
    require_known(table, TABLES, "table")
    return validate_text(read_csv_text(path), table, shown(path), accepted)


def validate_distinct(frame: pd.DataFrame, table: str, what: str) -> None:
    """Validate a large frame of categories by its distinct rows; raises DataError as validate_frame does.

    The same verdict as row by row, since no rule of these tables looks at two rows. A problem names the first row that
    has it.
    """
    number, distinct = combinations(frame)
    try:
        validate_frame(typed(distinct, table), table, what)
    except DataError as error:
        first = pd.Series(number).drop_duplicates().sort_values().index
        rows = [None if p.row is None else int(first[p.row - FIRST_ROW]) + FIRST_ROW for p in error.problems]
        problems = [replace(problem, row=row) for problem, row in zip(error.problems, rows, strict=True)]
        raise DataError(sorted(problems, key=lambda problem: problem.row or 0)) from error


def validate_frame(frame: pd.DataFrame, table: str, what: str, accepted: Accepted = ()) -> pd.DataFrame:
    """Validate a typed table made by code; returns it unchanged or raises DataError naming it as `what`."""
    problems = find_problems(frame, table, what, accepted)
    if problems:
        raise DataError(problems)
    return frame


def accepted_rules() -> list[tuple[str, str]]:
    """The contradictions that the project's sources really contain: (rule, id of the row)."""
    folders = (path.parent for path in sorted(RAW.glob("*/corrections.yml")))
    return [(entry.rule, entry.entity) for folder in folders for entry in read_corrections(folder)[1]]


def validate_processed(path: Path, table: str) -> pd.DataFrame:
    """Read a processed table and validate it, known contradictions aside; DataError when it is missing or wrong."""
    return validate_file(path, table, accepted_rules())
