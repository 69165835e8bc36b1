"""Reading and writing tables as CSV: text in exactly as written, typed by the table's schema, the same bytes out.

Nothing is guessed: cells are read as text ("None", "NA" and "" stay what they are) and converted by the schema alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as csv_of_arrow

from analysis.errors import DataError, Problem
from analysis.paths import shown

# A kind of memory that gives back what is no longer needed: a third less at the peak of ten million rows.
_BACKEND = "jemalloc" if "jemalloc" in pa.supported_memory_backends() else "system"
pa.set_memory_pool(getattr(pa, f"{_BACKEND}_memory_pool")())

FIRST_ROW = 2  # a spreadsheet's number of the first row under the heading
SAVE_AS_UTF8 = (
    "Save it again as plain UTF-8 CSV: in LibreOffice choose Text CSV with the character set UTF-8, "
    "in Windows Notepad choose the encoding UTF-8."
)


def read_csv_text(path: Path) -> pd.DataFrame:
    """Read a UTF-8, comma-separated file with a heading row; every cell is text, "" where empty.

    Raises DataError with every problem of the file's form: missing, empty, wrong encoding, byte-order mark, wrong
    delimiter, duplicated headings, rows longer or shorter than the heading.
    """
    name = shown(path)

    def refuse(problem: str, advice: str, row: int | None = None, column: str = "") -> DataError:
        return DataError([Problem(name, row, column, "", problem, advice=advice, rule="file")])

    if not path.is_file():
        raise refuse("there is no such file.", "Check the name and the folder.")
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:4096]:
        raise refuse("the file is UTF-16 (or not text at all), not UTF-8.", SAVE_AS_UTF8)
    if content.startswith(codecs.BOM_UTF8):
        raise refuse("the file begins with a byte-order mark, as spreadsheets write for 'CSV UTF-8'.", SAVE_AS_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse(
            f"byte {content[error.start]:#04x} in line {line} is not UTF-8; the file is probably Windows-1252.",
            SAVE_AS_UTF8,
        ) from error
    if not text.strip():
        raise refuse("the file is empty.", "It must hold a heading row and the data under it.")

    try:
        heading, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise refuse(f"a quotation mark is not closed or misplaced ({error}).", "Check the quotation marks.") from error
    if len(heading) == 1 and (found := re.search(r"[;\t|]", heading[0])):
        delimiter = {"\t": "tabs"}.get(found.group(), repr(found.group()))
        raise refuse(
            f"the columns seem to be separated by {delimiter}, not by commas.",
            "Save it with commas between columns.",
        )
    problems = [
        Problem(name, 1, title, "", f"the heading {title!r} occurs {count} times.", rule="duplicated heading")
        for title, count in Counter(heading).items()
        if count > 1
    ]
    problems += [
        Problem(
            name,
            number,
            "",
            "",
            f"the row has {len(row)} values, the heading has {len(heading)} columns.",
            advice="A comma inside a value needs quotation marks around the value.",
            rule="row length",
        )
        for number, row in enumerate(rows, FIRST_ROW)
        if len(row) != len(heading)
    ]
    if problems:
        raise DataError(problems)
    return pd.DataFrame(rows, columns=heading, dtype="str")


def read_large_csv(path: Path, texts: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Some columns of a large CSV file (also .gz) that is known to be well formed, every cell as text, "" where empty.

    texts: columns kept as text; labels: columns of few different values, each kept once (dictionaries of Arrow, which
    pandas takes as categories). Raises DataError when the file cannot be read, a column is missing or there twice, or a
    row has too many or too few cells.
    """
    kinds = {**dict.fromkeys(texts, pa.string()), **dict.fromkeys(labels, pa.dictionary(pa.int32(), pa.string()))}
    try:
        table = csv_of_arrow.read_csv(
            path,
            read_options=csv_of_arrow.ReadOptions(block_size=1 << 20),
            convert_options=csv_of_arrow.ConvertOptions(
                include_columns=[*kinds], column_types=kinds, strings_can_be_null=False
            ),
        )
        twice = [name for name, times in Counter(csv_of_arrow.open_csv(path).schema.names).items() if times > 1]
        if twice:
            raise pa.ArrowInvalid(f"the heading {', '.join(twice)} occurs more than once")
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        advice = "Compare it with its publisher's; if it was fetched, remove it and fetch it again."
        raise DataError([Problem.of_file(shown(path), f"{error}.", advice=advice, rule="file")]) from error
    return table.unify_dictionaries()


def to_csv_bytes(table: pd.DataFrame, decimals: int = 6) -> bytes:
    """The table as CSV bytes, the same on every system: true/false, whole numbers without .0, numbers rounded."""

    def as_text(column: pd.Series) -> pd.Series:
        def cell(value: object) -> str:
            if pd.isna(value):
                return ""
            if isinstance(value, float):
                return f"{value:.{decimals}f}".rstrip("0").rstrip(".")
            return str(value)

        if pd.api.types.is_bool_dtype(column):
            return column.map({True: "true", False: "false"})
        return column.astype(object).map(cell)

    return table.apply(as_text).to_csv(index=False, lineterminator="\n").encode()


GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")


def plain(text: str) -> str:
    """A text as it was before harmless()."""
    return text[1:] if text.startswith("'") and text[1:].startswith(GUARDED) else text


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text that a spreadsheet would take for a formula; for exports only.

    An apostrophe that such a text begins with gets another, so that plain() finds the text again.
    """

    def guarded(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and value.startswith(GUARDED) else value

    return table.apply(lambda column: column if pd.api.types.is_numeric_dtype(column) else column.map(guarded))


def problems_csv(problems: Sequence[Problem]) -> bytes:
    """Every problem, one a row, as CSV that is harmless in a spreadsheet whatever it is about."""
    columns = [field.name for field in fields(Problem)]
    return to_csv_bytes(
        harmless(pd.DataFrame([astuple(problem) for problem in problems], columns=columns, dtype=object))
    )
