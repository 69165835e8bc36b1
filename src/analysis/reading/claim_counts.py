"""The counts of a claim held against the published figures, and its tolerance against the rounding of its number.

What cannot be read off the register itself is said, a claim an entry, in data/checks/claims.yml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.checking.consistency import side_sum
from analysis.csv_files import FIRST_ROW
from analysis.errors import MisconductError, Problem, require_known
from analysis.paths import CHECKS, shown
from analysis.yaml_files import read_yaml

FILE = CHECKS / "claims.yml"
SIDES = ("numerator", "denominator")
UNPUBLISHED = "not_in_figures"
SIGNS = {1: "+", -1: "\u2212"}
KEYS = ("claim", *SIDES, "tolerance")


def claim_notes() -> dict[str, Mapping[str, Any]]:
    """claim_id -> its entry in data/checks/claims.yml; MisconductError where an entry is none."""
    notes = read_yaml(FILE)
    for entry in notes:
        for key in entry:
            require_known(key, KEYS, f"key of {shown(FILE)}")
    ids = [entry["claim"] for entry in notes]
    if len({*ids}) < len(ids):
        raise MisconductError(f"{shown(FILE)}: {max(ids, key=ids.count)} has two entries.")
    return {entry["claim"]: entry for entry in notes}


def rounding(value: float, unit: str) -> float:
    """Half of the last digit of a number claimed, in its own unit; 0 for a count, which is not rounded."""
    return 0.0 if unit == "count" else 0.5 * 10.0 ** -len(f"{value:.10g}".partition(".")[2])


def counts_checked(claims: pd.DataFrame, figures: pd.DataFrame, notes: Mapping[str, Mapping[str, Any]]) -> pd.Series:
    """In words what the counts of each claim were found to be; "" for a claim without counts.

    claims, figures: of the register. Raises MisconductError when a note names no figure.
    """
    said = []
    for claim in claims.itertuples():
        sides = {side: _found(claim, side, figures, notes) for side in SIDES if pd.notna(getattr(claim, side))}
        parts = [f"{side}: {words}" for side, words in sides.items()]
        alike = len({*sides.values()}) == 1
        said.append(f"{' and '.join(sides)}: {next(iter(sides.values()))}" if alike else "; ".join(parts))
    return pd.Series(said, index=claims.index, dtype="str")


def _found(claim: Any, side: str, figures: pd.DataFrame, notes: Mapping[str, Mapping[str, Any]]) -> str:
    """Where a count of a claim stands among the figures, in words; "" where nothing gives it."""
    count, note = getattr(claim, side), notes.get(claim.claim_id, {}).get(side)
    if not note:
        return "in figures.csv" if count in _counts(figures, claim.source_id) else ""
    if UNPUBLISHED in note:
        return f"not in figures.csv ({note[UNPUBLISHED]})"
    total, used = side_sum(note, figures)
    if total != count:
        return ""
    others = sorted({*used["source_id"]} - {claim.source_id})
    where = f"figures.csv, under {' and '.join(others)}" if others else "figures.csv"
    signs = zip(used["sign"], used["value"], strict=True)
    made = " ".join(f"{SIGNS[sign]} {value:g}" for sign, value in signs).removeprefix("+ ")
    return f"{made} in {where}" if len(used) > 1 else f"in {where}"


def _counts(figures: pd.DataFrame, source_id: str) -> list[float]:
    """The counts that one source gives."""
    return figures.loc[(figures["source_id"] == source_id) & (figures["unit"] != "percent"), "value"].tolist()


def claim_problems(
    claims: pd.DataFrame, figures: pd.DataFrame, notes: Mapping[str, Mapping[str, Any]], file: str
) -> Iterator[Problem]:
    """Counts that are not those of the figures, tolerances wider than rounding without a reason, and needless notes."""
    for claim_id in [*notes.keys() - {*claims["claim_id"]}]:
        yield Problem.of_file(shown(FILE), f"there is no claim {claim_id!r}.", rule="note of a claim")
    for row, claim in enumerate(claims.itertuples(), FIRST_ROW):
        note = notes.get(claim.claim_id, {})
        for side in SIDES:
            count = getattr(claim, side)
            known = _counts(figures, claim.source_id)
            if pd.notna(count) and not _found(claim, side, figures, notes):
                yield _uncounted(claim, side, known, file, row)
            if side in note and (pd.isna(count) or count in known):
                yield Problem.of_file(
                    shown(FILE),
                    f"{claim.claim_id}: its {side} needs no note: it is not given, or a figure of {claim.source_id}.",
                    rule="note of a claim",
                )
        is_value = claim.quantity.rpartition(", ")[2] not in ("upper bound", "lower bound")
        is_wider = is_value and claim.tolerance > rounding(claim.published_value, claim.unit) + 1e-9
        if is_wider != bool(note.get("tolerance")):
            problem = "is wider than the rounding of the number claimed" if is_wider else "is not wider than rounding"
            yield Problem(
                file,
                row,
                "tolerance",
                f"{claim.tolerance:g}",
                f"the tolerance {claim.tolerance:g} of {claim.claim_id} {problem}.",
                advice=f"{'Say why under' if is_wider else 'Take the reason out of'} tolerance in {shown(FILE)}.",
                rule="tolerance",
            )


def _uncounted(claim: Any, side: str, known: list[float], file: str, row: int) -> Problem:
    """A count of a claim that is none of the figures."""
    count = getattr(claim, side)
    near = min(known, key=lambda value: abs(value - count), default=None)
    nearest = "" if near is None else f" (the nearest is {near:g})"
    return Problem(
        file,
        row,
        side,
        str(count),
        f"{claim.claim_id}: {count} is no figure of {claim.source_id} in figures.csv{nearest}.",
        advice=f"Correct it; or say in {shown(FILE)} which figures it is made of, or why it is none of them.",
        rule="count of a claim",
    )
