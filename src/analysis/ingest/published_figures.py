"""Published figures on UK police misconduct -> Sources, PublishedFigures, PublishedRates and Claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.errors import Problem
from analysis.files import FIRST_ROW
from analysis.vocabulary import harmonise

SOURCE = "published_figures"
FILES = {
    "sources": "sources.csv",
    "figures": "figures.csv",
    "published_rates": "published_rates.csv",
    "claims": "claims.csv",
}
UNITS_DIFFER = "UNITS DIFFER"  # how a note begins when the source itself sets two units side by side


def check(raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Problems between the files: an unknown source or figure, or a rate that its figures do not add up to."""
    problems = []
    known = set(raw["sources"]["source_id"])
    for table in ("figures", "published_rates", "claims"):
        for row, source in enumerate(raw[table]["source_id"], FIRST_ROW):
            if source not in known:
                problem, allowed = f"there is no source {source!r}.", "a source_id of sources.csv"
                problems.append(Problem(FILES[table], row, "source_id", source, problem, allowed, rule="no source"))
    figures = raw["figures"].set_index("figure_id")
    for row, rate in enumerate(raw["published_rates"].itertuples(), FIRST_ROW):
        for column, problem in _rate_problems(rate, figures):
            value = str(getattr(rate, column))
            problems.append(Problem(FILES["published_rates"], row, column, value, problem, rule="figures of a rate"))
    return problems


def _rate_problems(rate: object, figures: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) for one published rate, from the figures it refers to."""
    parts = {}
    for side in ("numerator", "denominator"):
        ids = [part for part in getattr(rate, f"{side}_figure_ids").split(";") if part]
        unknown = [part for part in ids if part not in figures.index]
        if unknown:
            yield f"{side}_figure_ids", f"there is no figure {', '.join(unknown)}."
            return
        parts[side] = figures.loc[ids]
    used = pd.concat(parts.values())
    for column in ("source_id", "force"):
        if set(used[column]) != {getattr(rate, column)}:
            yield column, f"its figures are of another {column}: {', '.join(sorted(set(used[column])))}."
    if set(parts["numerator"]["unit"]) == {"percent"}:
        if rate.quality != "C":  # type: ignore[attr-defined]
            yield "quality", "a rate made from a published percentage must have quality C."
        return
    for side, rows in parts.items():
        if len(rows) and rows["value"].sum() != getattr(rate, side):
            yield side, f"its figures add up to {rows['value'].sum():g}, not {getattr(rate, side)}."
    units = [set(rows["unit"]) for rows in parts.values()]
    if units[0] != units[1] and rate.numerator and not rate.note.startswith(UNITS_DIFFER):  # type: ignore[attr-defined]
        yield (
            "unit",
            f"numerator and denominator count different things, so the note must begin {UNITS_DIFFER}.",
        )


def ingest(raw: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The four tables, each force by its official short name and in the source's words."""

    def with_official_force(table: pd.DataFrame) -> pd.DataFrame:
        named = table.assign(force=harmonise(table["force"], SOURCE, "force"))
        named.insert(named.columns.get_loc("force") + 1, "force_source", table["force"])
        return named

    return {
        "sources": raw["sources"],
        "published_figures": _complete(with_official_force(raw["figures"])),
        "published_rates": with_official_force(raw["published_rates"]),
        "claims": raw["claims"],
    }


def _complete(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures with the columns of suppressed ones, of which these have none."""
    return figures.assign(
        symbol=pd.Series("", index=figures.index, dtype="str"),
        low=pd.Series(pd.NA, index=figures.index, dtype="Int64"),
        high=pd.Series(pd.NA, index=figures.index, dtype="Int64"),
    )
