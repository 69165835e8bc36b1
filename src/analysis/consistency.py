"""Do published figures agree with themselves? The checks that the notes of a data set list, evaluated on its figures.

Each check is one line `NAME | expression` in NOTES.md; those known to fail stand in a second list, with the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import MisconductError
from analysis.files import read_csv_text
from analysis.paths import RAW
from analysis.sources import verify_checksums

FOLDER = RAW / "published_figures"
FORCE_PAGES, EVERYWHERE, CASES = "sdu_force_pages", "England and Wales", "case to answer for misconduct"


@dataclass(frozen=True)
class Check:
    """One comparison of published figures; `reason` says why it is known to fail, and is empty where it must hold."""

    name: str
    expression: str
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """Both sides of a check, and whether it holds."""

    left: Any
    right: Any
    holds: bool


def read_checks(notes: str) -> list[Check]:
    """The checks in the text of NOTES.md; MisconductError when a failing one has no reason, or a reason no check."""
    sections = re.findall(r"^(Pass|Fail)\b[^\n]*:\n+```\n(.*?)```", notes, re.MULTILINE | re.DOTALL)
    lines = {kind: [line.split(" | ", 1) for line in body.strip().splitlines()] for kind, body in sections}
    reasons = dict(re.findall(r"^\| ([A-Z0-9-]+) \| .+? \| (.+?) \|$", notes, re.MULTILINE))
    failing = {name for name, _ in lines["Fail"]}
    if failing != set(reasons):
        raise MisconductError(
            f"NOTES.md: failing checks and reasons differ: {', '.join(sorted(failing ^ set(reasons)))}."
        )
    return [Check(name, expression, reasons.get(name, "")) for kind in lines for name, expression in lines[kind]]


def load_checks() -> list[Check]:
    """The checks of the published figures, from the notes as they were when their checksum was taken."""
    verify_checksums(FOLDER)
    return read_checks((FOLDER / "NOTES.md").read_text(encoding="utf-8"))


def load_figures(folder: Path = FOLDER) -> pd.DataFrame:
    """The raw published figures in the source's own labels, `value` as number."""
    figures = read_csv_text(folder / "figures.csv")
    return figures.assign(value=figures["value"].astype(float))


def _names(figures: pd.DataFrame) -> dict[str, object]:
    """What an expression may use, as the notes define it."""

    def v(source: str, year: int | None = None, **wanted: str | tuple[str, ...]) -> float:
        rows = figures[figures["source_id"] == source]
        rows = rows[rows["period_start"].str[:4] == str(year)] if year else rows
        for column, labels in wanted.items():
            rows = rows[rows[column].isin(labels if isinstance(labels, tuple) else (labels,))]
        if rows.empty:
            raise MisconductError(f"No published figure has {source=}, {year=}, {wanted}.")
        return float(rows["value"].sum())

    def national(person: str, label: str) -> float:
        return v(FORCE_PAGES, force=EVERYWHERE, person_type=person, outcome_source=label, complaint_type="all")

    def per_force(person: str, labels: list[str] | tuple[str, ...], theme: str = "all") -> pd.Series:
        rows = figures[
            (figures["source_id"] == FORCE_PAGES)
            & (figures["force"] != EVERYWHERE)
            & (figures["person_type"] == person)
            & (figures["complaint_type_source"] == theme)
            & figures["outcome_source"].isin(labels)
        ]
        return rows.groupby("force")["value"].sum()

    def forces(person: str, label: str, theme: str = "all") -> float:
        return float(per_force(person, [label], theme).sum())

    def bad_forces(person: str, labels: tuple[str, ...]) -> list[str]:
        parts, whole = per_force(person, labels), per_force(person, [CASES])
        return sorted(force for force in whole.index if parts[force] != whole[force])

    cases = figures[figures["source_id"] == "sdu_cases_derived"]
    themes = sorted(set(cases["complaint_type_source"]) - {"all"})
    functions: list[Callable[..., object]] = [v, national, forces, bad_forces]
    return {
        **{function.__name__: function for function in functions},
        "EW": EVERYWHERE,
        "THEMES": themes,
        "all": all,
    }


def evaluate(check: Check, figures: pd.DataFrame) -> Result:
    """Both sides of a check on raw published figures.

    The expression may use nothing but the notes' own functions; MisconductError when it is not a comparison or no
    figure matches.
    """
    names = {"__builtins__": {}, **_names(figures)}
    tree = ast.parse(check.expression, mode="eval").body
    if any(isinstance(node, ast.Attribute) for node in ast.walk(tree)):
        raise MisconductError(f"{check.name}: {check.expression!r} reaches into an object; only comparisons are read.")

    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), check.name, "eval"), names)

    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        left, right = value(tree.left), value(tree.comparators[0])
        return Result(left, right, left <= right if isinstance(tree.ops[0], ast.LtE) else left == right)
    if isinstance(tree, ast.Call):
        left = value(tree)
        return Result(left, True, left is True)
    raise MisconductError(f"{check.name}: {check.expression!r} is not a comparison.")
