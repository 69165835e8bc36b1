"""The tables of a release, each with its rows, the meaning of its columns and its sources: data, rates, codes.

All formats of a release are written from these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.checking.released_tables import RATE, RELEASED
from analysis.checking.tables import PROCESSED_TABLES, TABLES, TableSpec
from analysis.counting.rate_words import group_label
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import DECIMALS
from analysis.dataset import Dataset
from analysis.provenance.sources import Source, load_source, source_ids
from analysis.publishing.table_schema import codes_table, references, table_schema, written_booleans
from analysis.vocabulary import vocabularies

OF_KIND = {str: "string", int: "integer", bool: "boolean"}  # of an attribute of codes
OF_CODES = {
    "code": "The code",
    "position": "Its place in the order of the codes, from 1",
    "label": "The code in words",
    "definition": "What it means",
    "authority": "Who says so: a regulation, a standard or a rule of this project",
}


@dataclass(frozen=True)
class Released:
    """A table of a release.

    rows: as in data/processed, text "" where nothing is given; schema: its Table Schema; sources: where its rows are
    from, none for the project's own words.
    """

    name: str
    description: str
    rows: pd.DataFrame
    schema: Mapping[str, Any]
    sources: tuple[Source, ...] = ()

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """Column -> its cells as Python's values, None where nothing is given; numbers rounded as in the CSV."""
        missing = set(self.schema["missingValues"])

        def cell(value: Any) -> Any:
            if pd.isna(value) or (isinstance(value, str) and value in missing):
                return None
            return round(value, DECIMALS) if isinstance(value, float) else value

        return {name: [cell(value) for value in self.rows[name].astype(object)] for name in self.rows}


def released_tables(data: Dataset) -> list[Released]:
    """Every table of a release, the project's data first, then rates and their meaning, sources, codes, and columns."""
    tables = [_processed(data, name) for name in PROCESSED_TABLES]
    of_people = data.sources_of(data.subjects)
    tables += [_own(name, rows, of_people) for name, rows in _rates(data).items()]
    tables.append(_own("data_sources", _sources([load_source(name) for name in source_ids(fetched=True)])))
    tables += [_codes(name) for name in vocabularies()]
    return [*tables, _own("columns", _explained(tables))]


def descriptions() -> dict[str, str]:
    """Name -> what a row is, of released_tables in their order; nothing is read or counted."""
    *first, last = ((name, _about(spec)) for name, spec in RELEASED.items())
    codes = {codes_table(name): f"The codes of {name}: what each means, and who says so." for name in vocabularies()}
    return {**{name: _about(TABLES[name]) for name in PROCESSED_TABLES}, **dict(first), **codes, **dict([last])}


def _processed(data: Dataset, name: str) -> Released:
    rows, spec = data[name], TABLES[name]
    sources = (data.source(spec.source),) if spec.source else data.sources_of(rows)
    return Released(name, _about(spec), rows, table_schema(spec, [*rows]), sources)


def _own(name: str, rows: pd.DataFrame, sources: Sequence[Source] = ()) -> Released:
    spec = RELEASED[name]
    return Released(name, _about(spec), rows, table_schema(spec, [*rows]), tuple(sources))


def _about(spec: TableSpec) -> str:
    return (spec.model.__doc__ or "").splitlines()[0]


def _rates(data: Dataset) -> dict[str, pd.DataFrame]:
    """The rates by everything that people differ in, out of every denominator, of every numerator; what they mean."""
    tables = (data.subjects, data.allegations)
    groups = [by for by in vocabulary.GROUPS for table in tables if by in table and table[by].nunique() > 1]
    rates, meanings = [], []
    for by in groups:
        for among in vocabulary.codes("denominator"):
            for count in vocabulary.codes("numerator"):
                table = dismissal_rates(data, among=among, by=by, count=count)
                key = dict(zip(RATE, (by, among, count), strict=True))
                meanings.append({**key, "definition": table.definition, "interval_method": table.interval_method})
                rows = table.with_total.rename(columns={by: "group_code"})
                rows.insert(1, "group_label", [group_label(by, code) for code in rows["group_code"]])
                rates.append(pd.DataFrame(key, index=rows.index).join(rows))
    return {"dismissal_rates": pd.concat(rates, ignore_index=True), "rate_definitions": pd.DataFrame(meanings)}


def _sources(sources: Sequence[Source]) -> pd.DataFrame:
    """What each source.yml says, one row a source."""
    said = ("title", "publisher", "citation")
    about = ("published", "accessed", "jurisdiction", "coverage", "unit", "how_made")
    return pd.DataFrame(
        [
            {
                "source": source.id,
                **{key: getattr(source, key) for key in said},
                "url": source.urls[0],
                "licence": source.licence["name"],
                "licence_url": source.licence.get("url", ""),
                "licence_note": source.licence.get("note", ""),
                **{key: getattr(source, key) for key in about},
                "known_limits": " ".join(source.known_limits),
            }
            for source in sources
        ]
    )


def _codes(name: str) -> Released:
    """A vocabulary: one row a code, in the order of its file, with every attribute."""
    entries = vocabularies()[name]
    first = next(iter(entries.values()))
    attributes = [key for key in first if key not in vocabulary.REQUIRED]
    keys = (*vocabulary.REQUIRED, *attributes)
    rows = pd.DataFrame(
        [
            {"code": code, "position": n, **{k: entry[k] for k in keys}}
            for n, (code, entry) in enumerate(entries.items(), 1)
        ]
    )
    fields: list[dict[str, Any]] = [
        {"name": name, "type": "integer" if name == "position" else "string", "description": meaning}
        for name, meaning in OF_CODES.items()
    ]
    fields[0]["constraints"] = {"required": True, "unique": True}
    for key in attributes:
        kind = type(first[key])
        fields.append({"name": key, "type": OF_KIND[kind], "description": f"Attribute {key}: {vocabulary.KINDS[kind]}"})
    schema = {"fields": [written_booleans(field) for field in fields], "missingValues": [""], "primaryKey": ["code"]}
    return Released(codes_table(name), descriptions()[codes_table(name)], rows, schema)


def _explained(tables: Sequence[Released]) -> pd.DataFrame:
    """Every column of the tables, one a row; the table `columns` itself is not in it."""
    return pd.DataFrame(
        [
            {
                "table_name": table.name,
                "position": position,
                "column_name": field["name"],
                "column_type": field["type"],
                "description": field["description"],
                "constraints": json.dumps(field["constraints"], ensure_ascii=False) if "constraints" in field else "",
                "codes": references(table.schema).get(field["name"], ("", ""))[0],
            }
            for table in tables
            for position, field in enumerate(table.schema["fields"], 1)
        ]
    )
