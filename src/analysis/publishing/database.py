"""The tables of a release in the formats of databases: one SQLite file, the same as SQL text, and Parquet."""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from analysis.checking.rate_columns import RateColumns
from analysis.publishing.released import Released
from analysis.publishing.table_schema import references

SQL_TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}
ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
PAGE = 4096
FILE_HEADER = 100  # bytes before the header of the first page
HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}  # kind of a page that holds rows or keys -> bytes of its header
WRITTEN_BY = 96  # where a SQLite file has the version of the library that wrote it; nothing is read differently for it
AS_IF_BY = 3_040_000


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _comment(text: str) -> str:
    return f"-- {' '.join(text.split())}"


def create_table(table: Released) -> str:
    """The CREATE TABLE of a table: types, keys, and the meaning of each column as a comment, which SQLite keeps."""
    keys = table.schema["primaryKey"]
    lines = []
    for field in table.schema["fields"]:
        constraints = field.get("constraints", {})
        kept = " NOT NULL" * bool(constraints.get("required") or field["name"] in keys)
        kept += " UNIQUE" * bool(constraints.get("unique") and keys != [field["name"]])
        meaning = field["description"] + " (1 true, 0 false)" * (field["type"] == "boolean")
        lines.append((f"{quoted(field['name'])} {SQL_TYPES[field['type']]}{kept}", _comment(meaning)))
    lines.append((f"PRIMARY KEY ({', '.join(map(quoted, keys))})", ""))
    for column, (other, key) in references(table.schema).items():
        lines.append((f"FOREIGN KEY ({quoted(column)}) REFERENCES {quoted(other)} ({quoted(key)})", ""))
    body = "\n".join(
        f"  {sql}{',' * (number < len(lines))} {comment}".rstrip() for number, (sql, comment) in enumerate(lines, 1)
    )
    return f"CREATE TABLE {quoted(table.name)} ( {_comment(table.description)}\n{body}\n)"


def rate_views(tables: Sequence[Released]) -> Iterator[str]:
    """A view of the rates by each group: who is counted out of whom, the group, and the columns of every rate."""
    [rates] = (table.rows for table in tables if table.name == "dismissal_rates")
    counts = ", ".join(map(quoted, RateColumns.to_schema().columns))
    for group in rates["grouped_by"].unique():
        yield (
            f"CREATE VIEW {quoted(f'dismissal_rates_by_{group}')} AS SELECT among, counted, "
            f"group_code AS {quoted(group)}, group_label, {counts} "
            f"FROM dismissal_rates WHERE grouped_by = {_literal(group)}"
        )


def _rows(table: Released) -> Iterator[tuple[Any, ...]]:
    return zip(*table.columns.values(), strict=True)


def _literal(value: Any) -> str:
    """A value in SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if isinstance(value, bool) else repr(value)


def sql_text(tables: Sequence[Released]) -> bytes:
    """All tables and views as SQL text: the same bytes whatever wrote them, and read by other databases with little
    change."""
    lines = ["PRAGMA foreign_keys = OFF;", "BEGIN TRANSACTION;"]
    for table in tables:
        lines.append(f"{create_table(table)};")
        into = f"INSERT INTO {quoted(table.name)} VALUES"
        lines += [f"{into} ({', '.join(map(_literal, row))});" for row in _rows(table)]
    lines += [f"{view};" for view in rate_views(tables)]
    return "\n".join([*lines, "COMMIT;", ""]).encode()


def sqlite_bytes(tables: Sequence[Released]) -> bytes:
    """The same as a SQLite file.

    The version of the library, which it would hold, is made one and the same, and so are the bytes that mean nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            for setting in (f"page_size = {PAGE}", "encoding = 'UTF-8'", "auto_vacuum = 0", "secure_delete = ON"):
                database.execute(f"PRAGMA {setting}")
            database.execute("BEGIN")
            for table in tables:
                database.execute(create_table(table))
                marks = ", ".join("?" * len(table.schema["fields"]))
                database.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", _rows(table))
            for view in rate_views(tables):
                database.execute(view)
            database.execute("COMMIT")
        content = bytearray(path.read_bytes())
    struct.pack_into(">I", content, WRITTEN_BY, AS_IF_BY)
    for start, end in unused(content):
        content[start:end] = bytes(end - start)
    return bytes(content)


def unused(content: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """From where to where each page of a SQLite file is unused: what stands there is left from before, and differs
    between versions of the library. Source: https://www.sqlite.org/fileformat2.html, section 1.6."""
    for page in range(0, len(content), PAGE):
        header = page + (0 if page else FILE_HEADER)
        if content[header] in HEADERS:
            cells, first = struct.unpack_from(">HH", content, header + 3)
            yield header + HEADERS[content[header]] + 2 * cells, page + first


def parquet_bytes(table: Released) -> bytes:
    """A table as Parquet, the meaning of each column in its metadata.

    The same bytes from the same version of pyarrow, which the format holds (created_by).
    """
    cells, arrays, fields = table.columns, [], []
    for field in table.schema["fields"]:
        kind = ARROW_TYPES[field["type"]]
        values = cells[field["name"]]
        if field["type"] == "date":
            values = [None if text is None else date.fromisoformat(text) for text in values]
        arrays.append(pa.array(values, kind))
        fields.append(pa.field(field["name"], kind, metadata={"description": field["description"]}))
    content = io.BytesIO()
    schema = pa.schema(fields, metadata={"description": table.description})
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), content, compression="snappy")
    return content.getvalue()
