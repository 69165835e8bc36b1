"""The tables that only a release has, made of the others: rates and what they mean, sources, every column explained."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.checking.fields import Table, code, identifier, number, text
from analysis.checking.rate_columns import RateColumns
from analysis.checking.tables import TableSpec
from analysis.vocabulary import GROUPS


def _grouped_by() -> Any:
    """The column that people are grouped by."""
    return pa.Field(
        description="The column of the people that they are grouped by",
        isin=[*GROUPS],
        metadata={"allowed": ", ".join(GROUPS)},
    )


class DismissalRates(RateColumns):
    """Dismissal rates of people by one group, as this project counts them; groups do not add up where they overlap."""

    grouped_by: str = _grouped_by()
    among: str = code("denominator", "Out of whom")
    counted: str = code("numerator", "What is counted")
    group_code: str = text("The group: a code or value of that column, (all) or (not stated)", required=True)
    group_label: str = text("The group in words", required=True)


class RateDefinitions(Table):
    """What the rates of one group, denominator and numerator mean, in words, and how their intervals are made."""

    grouped_by: str = _grouped_by()
    among: str = code("denominator", "Out of whom")
    counted: str = code("numerator", "What is counted")
    definition: str = text("What is counted out of whom, what is left out, and what does not add up", required=True)
    interval_method: str = text("How the 95 % intervals are made", required=True)


class DataSources(Table):
    """One source of data: whose it is, under which licence, what it covers and what it cannot tell."""

    source: str = identifier("Id of the data source", unique=True)
    title: str = text("Its title", required=True)
    publisher: str = text("Who published it", required=True)
    citation: str = text("How to name it under a figure", required=True)
    url: str = text("Its first address", required=True)
    licence: str = text("Name of the licence", required=True)
    licence_url: str = text("Address of the licence")
    licence_note: str = text("What the licence covers")
    published: str = text("When it was published, as far as known", required=True)
    accessed: str = text("When it was taken", required=True)
    jurisdiction: str = text("Where it applies", required=True)
    coverage: str = text("What it covers", required=True)
    unit: str = text("What one row is", required=True)
    how_made: str = text("How it was made", required=True)
    known_limits: str = text("What it cannot tell, one sentence after another")


class Columns(Table):
    """One column of one table of the release: its type, its meaning and what it may hold."""

    table_name: str = text("The table", required=True)
    position: pd.Int64Dtype = number("The column's place in its table, from 1", least=1)
    column_name: str = text("The column", required=True)
    column_type: str = text("string, integer, number, boolean or date", required=True)
    description: str = text("What it means", required=True)
    constraints: str = text("What it may hold, in the words of datapackage.json, as JSON")
    codes: str = text("The table of the codes that it holds")


RATE = ("grouped_by", "among", "counted")
RELEASED: dict[str, TableSpec] = {
    "dismissal_rates": TableSpec(DismissalRates, (*RATE, "group_code")),
    "rate_definitions": TableSpec(RateDefinitions, RATE),
    "data_sources": TableSpec(DataSources, ("source",)),
    "columns": TableSpec(Columns, ("table_name", "column_name")),
}
