"""What a table's model says of its columns, as a Frictionless Table Schema: others check the same without this program.

Source of the form: https://specs.frictionlessdata.io/table-schema/ (version 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.checking.released_tables import RELEASED
from analysis.checking.tables import TABLES, TableSpec

TYPES = {"str": "string", "string": "string", "Int64": "integer", "float64": "number", "bool": "boolean"}
SPECIAL = re.compile(r"[.\\?*+{}()|\[\]^$]")


CODES = "vocabulary_"  # what the name of a table of codes begins with


def codes_table(name: str) -> str:
    """The name of the table of a vocabulary's codes."""
    return f"{CODES}{name}"


def table_schema(spec: TableSpec, order: Sequence[str]) -> dict[str, Any]:
    """The Table Schema of a table whose columns stand in `order`: what its model says, but for rules over columns.

    Raises KeyError for a kind of check that has no counterpart here, so that none is left out unseen.
    """
    columns = spec.model.to_schema().columns
    fields = [_field(name, columns[name]) for name in order]
    optional = {field["name"] for field in fields if not field.get("constraints", {}).get("required")}
    found: dict[str, Any] = {"fields": fields}
    # An empty cell of a key is a value: no row may lack a part of what tells it apart.
    found["missingValues"] = [] if optional & set(spec.key) else [""]
    found["primaryKey"] = [*spec.key]
    references = {
        name: (codes_table(column.metadata["vocabulary"]), "code")
        for name, column in columns.items()
        if _is_code(column)
    }
    references |= {column: (table, {**TABLES, **RELEASED}[table].key[0]) for column, table in spec.references.items()}
    keys = [
        {"fields": [name], "reference": {"resource": table, "fields": [column]}}
        for name, (table, column) in sorted(references.items(), key=lambda pair: order.index(pair[0]))
    ]
    return {**found, **({"foreignKeys": keys} if keys else {})}


def _is_code(column: Any) -> bool:
    """Whether a column holds one code of a vocabulary a cell."""
    return "vocabulary" in column.metadata and not any(check.name == "each_in" for check in column.checks)


def _field(name: str, column: Any) -> dict[str, Any]:
    """A column of a model as a field of a Table Schema."""
    kind = TYPES[str(column.dtype).split("[")[0]]
    constraints: dict[str, Any] = {}
    for check in column.checks:
        constraints |= CONSTRAINTS[check.name](check.statistics)
        kind = "date" if check.name == "is_iso_date" else kind
    nothing = pd.Series([""], dtype="str")
    if not (column.nullable if TYPES[str(column.dtype).split("[")[0]] != "string" else _all_hold(column, nothing)):
        constraints = {"required": True, **constraints}
    if column.unique:
        constraints["unique"] = True
    found = {"name": name, "type": kind, "description": column.description}
    return written_booleans({**found, **({"constraints": constraints} if constraints else {})})


def _all_hold(column: Any, cells: pd.Series) -> bool:
    return all(bool(check(cells).check_passed) for check in column.checks)


def written_booleans(field: dict[str, Any]) -> dict[str, Any]:
    """A field of true and false, which are written so and not otherwise."""
    return {**field, "trueValues": ["true"], "falseValues": ["false"]} if field["type"] == "boolean" else field


def _several(statistics: Mapping[str, Any]) -> dict[str, Any]:
    labels = "|".join(SPECIAL.sub(r"\\\g<0>", label) for label in statistics["labels"])
    return {"pattern": f"({labels})({vocabulary.SEPARATOR}({labels}))*"}


def references(schema: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Column -> the table and column that its values must be in."""
    return {
        key["fields"][0]: (key["reference"]["resource"], key["reference"]["fields"][0])
        for key in schema.get("foreignKeys", [])
    }


# pandera's check -> the constraints that say the same. A pattern is of the whole cell and has no anchors: XML Schema's.
CONSTRAINTS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "isin": lambda said: {"enum": [value for value in said["allowed_values"] if value != ""]},
    "each_in": _several,
    "is_iso_date": lambda said: {},
    "is_partly_date": lambda said: {},
    "is_year": lambda said: {"minimum": said["first"]},
    "is_word": lambda said: {"pattern": said["pattern"]},
    "str_matches": lambda said: {"pattern": said["pattern"].removeprefix("^").removesuffix("$")},
    "str_startswith": lambda said: {"pattern": SPECIAL.sub(r"\\\g<0>", said["string"]) + ".*"},
    "str_length": lambda said: {"minLength": said["min_value"]},
    "greater_than_or_equal_to": lambda said: {"minimum": said["min_value"]},
    "less_than_or_equal_to": lambda said: {"maximum": said["max_value"]},
}
