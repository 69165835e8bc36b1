"""Published figures on UK police misconduct -> Sources, PublishedFigures, PublishedRates and Claims.

What the register says in words (how a claim is meant, which units differ, what a workforce counts) is read here, once,
and stands in columns from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.csv_files import FIRST_ROW
from analysis.errors import Problem
from analysis.reading.claim_counts import claim_notes, claim_problems, counts_checked
from analysis.vocabulary import crosswalk, harmonise

SOURCE = "published_figures"
FILES = {
    "sources": "sources.csv",
    "figures": "figures.csv",
    "published_rates": "published_rates.csv",
    "claims": "claims.csv",
}
UNITS_DIFFER = "UNITS DIFFER"  # how a note begins when the source itself sets two units side by side
FAILS = "FAILS"  # how a note begins when the register's author found that the claim does not recompute
QUANTITY = re.compile(  # what a claimed number measures: in which unit, of what, and as which end of a range
    r"(?P<unit>share|count|ratio|percent change)(?: [^,]+)?(?:, (?P<end>upper bound|lower bound|upper end))?"
)
UNITS = {"share": "percent", "count": "count", "ratio": "ratio", "percent change": "percent"}
ENDS = {"upper bound": "upper_bound", "lower bound": "lower_bound"}  # the upper end of several values is a value
WORKFORCE = re.compile(r"workforce \((?P<basis>[^)]+)\)(?:, .*)?")


def claim_kind(quantity: str) -> str:
    """The code of claim_kind that the words for what a claim measures say, or "" where they are not understood."""
    said = QUANTITY.fullmatch(quantity)
    if not said:
        return ""
    return "change" if said["unit"] == "percent change" else ENDS.get(said["end"] or "", "value")


def unmarked(note: str, mark: str) -> tuple[bool, str]:
    """Whether a note begins with `mark` and a colon, and the note without it."""
    return note.startswith(f"{mark}: "), note.removeprefix(f"{mark}: ")


def workforce_basis(stage: str, unit: str, note: str) -> str | None:
    """The code of workforce_basis of a figure: "" where it counts no workforce, None where its note is not clear."""
    if stage != "workforce" or unit == "percent":
        return ""
    said, known = WORKFORCE.fullmatch(note), crosswalk(SOURCE)["workforce_basis"]
    if said:
        return known.get(said["basis"])
    return None if note.startswith("workforce") else "not_stated"


def is_foi_reply(data_origin: str) -> bool:
    """Whether figures come from a reply to a freedom of information request, as the words for their origin say."""
    return bool(re.search(r"\bFOI\b", data_origin))


def check(raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Problems between the files: an unknown source or figure, or a rate that its figures do not add up to."""
    problems = []
    known = set(raw["sources"]["source_id"])
    for table in ("figures", "published_rates", "claims"):
        for row, source in enumerate(raw[table]["source_id"], FIRST_ROW):
            if source not in known:
                problem, allowed = f"there is no source {source!r}.", "a source_id of sources.csv"
                problems.append(Problem(FILES[table], row, "source_id", source, problem, allowed, rule="no source"))
    figures = {figure.figure_id: figure for figure in raw["figures"].itertuples()}
    for row, rate in enumerate(raw["published_rates"].itertuples(), FIRST_ROW):
        for column, problem in _rate_problems(rate, figures):
            value = str(getattr(rate, column))
            problems.append(Problem(FILES["published_rates"], row, column, value, problem, rule="figures of a rate"))
    claims = claim_problems(raw["claims"], raw["figures"], claim_notes(), FILES["claims"])
    return [*problems, *_wording_problems(raw), *claims]


def _wording_problems(raw: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Words of the register that cannot be read into a column."""
    for row, claim in enumerate(raw["claims"].itertuples(), FIRST_ROW):
        said = QUANTITY.fullmatch(claim.quantity)
        if not said or UNITS[said["unit"]] != claim.unit:
            yield Problem(
                file=FILES["claims"],
                row=row,
                column="quantity",
                value=claim.quantity,
                problem=f"it is not clear what {claim.quantity!r} in the unit {claim.unit} measures.",
                allowed="share, count, ratio or percent change (as the unit), of what, and, after a comma, which end",
                rule="quantity",
            )
    for table, mark in (("claims", FAILS), ("published_rates", UNITS_DIFFER)):
        for row, note in enumerate(raw[table]["note"], FIRST_ROW):
            is_marked, _ = unmarked(note, mark)
            if not is_marked and re.match(rf"[A-Z][A-Z ]+:|(?i:{mark})\b", note):
                yield Problem(
                    file=FILES[table],
                    row=row,
                    column="note",
                    value=note,
                    problem="the note begins like a mark, but is none.",
                    allowed=f"any text; with {mark!r}, a colon and a space before it where that is so",
                    rule="mark",
                )
    for row, figure in enumerate(raw["figures"].itertuples(), FIRST_ROW):
        if workforce_basis(figure.stage, figure.unit, figure.note) is None:
            yield Problem(
                file=FILES["figures"],
                row=row,
                column="note",
                value=figure.note,
                problem="it is not clear how this workforce is counted.",
                allowed=f"workforce ({' or '.join(crosswalk(SOURCE)['workforce_basis'])}), or other words",
                rule="workforce",
            )


def _rate_problems(rate: Any, figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) for one published rate, from the figures it refers to."""
    parts = {}
    for side in ("numerator", "denominator"):
        ids = [part for part in getattr(rate, f"{side}_figure_ids").split(";") if part]
        unknown = [part for part in ids if part not in figures]
        if unknown:
            yield f"{side}_figure_ids", f"there is no figure {', '.join(unknown)}."
            return
        parts[side] = [figures[part] for part in ids]
    for column in ("source_id", "force"):
        used = {getattr(figure, column) for found in parts.values() for figure in found}
        if used != {getattr(rate, column)}:
            yield column, f"its figures are of another {column}: {', '.join(sorted(used))}."
    units = [{figure.unit for figure in found} for found in parts.values()]
    if units[0] == {"percent"}:
        if rate.quality != "C":
            yield "quality", "a rate made from a published percentage must have quality C."
        return
    for side, found in parts.items():
        total = sum(figure.value for figure in found if pd.notna(figure.value))
        if found and total != getattr(rate, side):
            yield side, f"its figures add up to {total:g}, not {getattr(rate, side)}."
    is_mixed, _ = unmarked(rate.note, UNITS_DIFFER)
    if units[0] != units[1] and rate.numerator and not is_mixed:
        yield (
            "unit",
            f"numerator and denominator count different things, so the note must begin {UNITS_DIFFER}.",
        )
    if units[0] == units[1] and is_mixed:
        yield "note", f"the note begins {UNITS_DIFFER}, but numerator and denominator count the same thing."


def ingest(raw: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The four tables, each force by its official short name and in the source's words."""

    def with_official_force(table: pd.DataFrame) -> pd.DataFrame:
        named = table.assign(force=harmonise(table["force"], SOURCE, "force"))
        named.insert(named.columns.get_loc("force") + 1, "force_source", table["force"])
        return named

    sources, claims, notes = raw["sources"], raw["claims"], claim_notes()
    reasons = [notes.get(claim, {}).get("tolerance", "") for claim in claims["claim_id"]]
    return {
        "sources": sources.assign(is_foi_reply=sources["data_origin"].map(is_foi_reply).astype(bool)),
        "published_figures": _complete(with_official_force(raw["figures"])),
        "published_rates": _with_mark(with_official_force(raw["published_rates"]), "is_unit_mixed", UNITS_DIFFER),
        "claims": _with_mark(claims, "is_known_to_differ", FAILS).assign(
            claim_kind=claims["quantity"].map(claim_kind).astype("str"),
            counts_checked=counts_checked(claims, raw["figures"], notes),
            tolerance_reason=pd.Series(reasons, index=claims.index, dtype="str"),
        ),
    }


def _with_mark(table: pd.DataFrame, column: str, mark: str) -> pd.DataFrame:
    """A table with the mark of its notes as a column of true or false, and the notes without it."""
    found = [unmarked(note, mark) for note in table["note"]]
    return table.assign(
        note=pd.Series([note for _, note in found], index=table.index, dtype="str"),
        **{column: pd.Series([is_marked for is_marked, _ in found], index=table.index, dtype=bool)},
    )


def _complete(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures with the columns of suppressed ones, of which these have none, and how a workforce is counted."""
    basis = [workforce_basis(row.stage, row.unit, row.note) for row in figures.itertuples()]
    return figures.assign(
        workforce_basis=pd.Series(basis, index=figures.index, dtype="str"),
        symbol=pd.Series("", index=figures.index, dtype="str"),
        low=pd.Series(pd.NA, index=figures.index, dtype="Int64"),
        high=pd.Series(pd.NA, index=figures.index, dtype="Int64"),
    )
