"""What an import would give: its first rows as they are read, and how many of whom were dismissed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.draft import Draft
from analysis.reading.spreadsheet.importer import make_tables, read_file
from analysis.reading.spreadsheet.labels import NOT_GIVEN
from analysis.reading.spreadsheet.mapping import mapping_of
from analysis.reading.spreadsheet.template import people_sheet
from analysis.vocabulary import SEPARATOR

ROWS = 5  # that are shown
PEOPLE = ("date", "year", "force", "complaint_type", "case_to_answer", "sanction", "left_service")
COUNTS = ("period_start", "force", "complaint_type", "stage", "outcome", "value", "symbol")


def preview(draft: Draft, map_file: Path) -> tuple[pd.DataFrame, str]:
    """The first rows of a settled draft as they are read, and a sentence on what they come to.

    map_file: the mapping as errors name it. Raises DataError with every problem of the mapping or of the file.
    """
    reader = read_file(draft.file, mapping_of(draft.said, map_file))
    tables = make_tables(reader)
    if "subjects" in tables:
        return _shown(people_sheet(tables["subjects"], tables["allegations"]), PEOPLE), _of_people(
            tables["subjects"], reader.mapping.unit
        )
    return _shown(tables["published_figures"], COUNTS), _of_counts(
        tables["published_figures"], tables["published_rates"]
    )


def _shown(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The first rows for people: the columns that say something, codes in words."""
    told = [column for column in columns if not {*rows[column].dropna().astype(str)} <= {"", NOT_GIVEN.get(column, "")}]
    return pd.DataFrame({column.replace("_", " "): [*map(_words(column), rows[column].head(ROWS))] for column in told})


def _words(column: str) -> Callable[[object], str]:
    """How a value of a column reads."""
    names = {"outcome": "published_outcome", "stage": "published_stage"}
    name = names.get(column, column)

    def words(value: object) -> str:
        if pd.isna(value):
            return ""
        is_coded = name in vocabulary.vocabularies()
        return "; ".join(vocabulary.label(name, part) if is_coded else part for part in str(value).split(SEPARATOR))

    return words


def _of_people(people: pd.DataFrame, unit: str) -> str:
    """How many were dismissed, would have been, and are unknown."""
    sanctions = people["sanction"]
    dismissed = int(sanctions.isin(vocabulary.codes_with("sanction", "is_dismissal")).sum())
    either = int(sanctions.isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been")).sum())
    unknown = int((~sanctions.isin(vocabulary.codes_with("sanction", "is_known"))).sum())
    would = f", {either - dismissed:,} would have been" if either > dismissed else ""
    return f"{dismissed:,} of {len(people):,} {unit} dismissed{would}; {unknown:,} unknown."


def _of_counts(figures: pd.DataFrame, rates: pd.DataFrame) -> str:
    """The rates that can be made of the numbers, or how many numbers there are."""
    shares = [f"{row.numerator} of {row.denominator} in {row.period_start[:4]}" for row in rates.itertuples()]
    if shares:
        return f"Dismissed: {', '.join(shares)}."
    return f"{len(figures):,} numbers, and no rate: the file is not said to have what they are a share of."
