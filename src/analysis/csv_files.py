"""Reading and writing tables as CSV: text in exactly as written, typed by the table's schema, the same bytes out.

Nothing is guessed: cells are read as text ("None", "NA" and "" stay what they are) and converted by the schema alone.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.characters import INVISIBLE
from analysis.errors import DataError, Problem, about
from analysis.paths import shown

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 10_000  # rows that are written together
PAIRS = 1_000  # of the values of two columns, that are joined before they are written row by row
DECIMALS = 6  # that numbers are written with
NEEDS_QUOTES = re.compile('[",\\r\\n]')
FIRST_ROW = 2  # a spreadsheet's number of the first row under the heading
SAVE_AS_UTF8 = (
    "Save it again as plain UTF-8 CSV: in LibreOffice choose Text CSV with the character set UTF-8, "
    "in Windows Notepad choose the encoding UTF-8."
)


def _refused(path: Path, problem: str, advice: str) -> DataError:
    """The error of a whole file."""
    return DataError([Problem.of_file(shown(path), problem, advice=advice, rule="file")])


def _text_of(path: Path) -> str:
    """The text of a UTF-8 file. DataError when it is missing, empty, or in another encoding."""
    if not path.is_file():
        raise _refused(path, "there is no such file.", "Check the name and the folder.")
    with about(path):
        content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:4096]:
        raise _refused(path, "the file is UTF-16 (or not text at all), not UTF-8.", SAVE_AS_UTF8)
    if content.startswith(codecs.BOM_UTF8):
        problem = "the file begins with a byte-order mark, as spreadsheets write for 'CSV UTF-8'."
        raise _refused(path, problem, SAVE_AS_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = f"byte {content[error.start]:#04x} in line {line} is not UTF-8; the file is probably Windows-1252."
        raise _refused(path, problem, SAVE_AS_UTF8) from error
    if not text.strip():
        raise _refused(path, "the file is empty.", "It must hold a heading row and the data under it.")
    if hidden := INVISIBLE.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        problem = f"line {line} has a character that nobody sees (U+{ord(hidden[0]):04X})."
        raise _refused(path, problem, "Take it out: it can change how what follows is read or shown.")
    return text


def read_csv_text(path: Path) -> pd.DataFrame:
    """Read a UTF-8, comma-separated file with a heading row; every cell is text, "" where empty.

    Raises DataError with every problem of the file's form: missing, empty, wrong encoding, byte-order mark, wrong
    delimiter, duplicated headings, rows longer or shorter than the heading.
    """
    text = _text_of(path)
    try:
        heading, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        problem = f"a quotation mark is not closed or misplaced ({error})."
        raise _refused(path, problem, "Check the quotation marks.") from error
    if len(heading) == 1 and (found := re.search(r"[;\t|]", heading[0])):
        delimiter = {"\t": "tabs"}.get(found.group(), repr(found.group()))
        problem = f"the columns seem to be separated by {delimiter}, not by commas."
        raise _refused(path, problem, "Save it with commas between columns.")
    problems = [
        Problem(shown(path), 1, title, "", f"the heading {title!r} occurs {count} times.", rule="duplicated heading")
        for title, count in Counter(heading).items()
        if count > 1
    ]
    problems += [
        Problem(
            file=shown(path),
            row=number,
            column="",
            value="",
            problem=f"the row has {len(row)} values, the heading has {len(heading)} columns.",
            advice="A comma inside a value needs quotation marks around the value.",
            rule="row length",
        )
        for number, row in enumerate(rows, FIRST_ROW)
        if len(row) != len(heading)
    ]
    if problems:
        raise DataError(problems)
    return pd.DataFrame(rows, columns=heading, dtype="str")


def memory_of_large() -> pa.MemoryPool:
    """The memory for large tables: of a kind that gives back what is no longer needed (a third less at the peak of ten
    million rows) and grows without asking the system for much at once."""
    import pyarrow as pa  # only here: whoever imports this module keeps theirs

    kind = "jemalloc" if "jemalloc" in pa.supported_memory_backends() else "system"
    return getattr(pa, f"{kind}_memory_pool")()


def read_large_csv(path: Path, texts: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Some columns of a large CSV file (also .gz) that is known to be well formed, every cell as text, "" where empty.

    texts: columns kept as text; labels: columns whose values occur often, each kept once in every part of the file
    (dictionaries of Arrow, which pandas takes as categories). Raises DataError when the file cannot be read, a column
    is missing or there twice, or a row has too many or too few cells.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    memory = memory_of_large()
    columns = {**dict.fromkeys(texts, pa.string()), **dict.fromkeys(labels, pa.dictionary(pa.int32(), pa.string()))}
    try:
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(block_size=1 << 22),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=[*columns], column_types=columns, strings_can_be_null=False
            ),
            memory_pool=memory,
        )
        heading = arrow_csv.open_csv(path, memory_pool=memory).schema.names
        twice = [name for name, times in Counter(heading).items() if times > 1]
        if twice:
            raise pa.ArrowInvalid(f"the heading {', '.join(twice)} occurs more than once")
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        advice = "Compare it with its publisher's; if it was fetched, remove it and fetch it again."
        raise _refused(path, f"{error}.", advice) from error
    return table


def read_written_csv(content: bytes, kinds: Mapping[str, str]) -> pd.DataFrame:
    """A table as `to_csv_bytes` wrote it; kinds: column -> type of pandas, of those that our tables have."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    known = {"str": pa.large_string(), "bool": pa.bool_(), "Int64": pa.int64(), "float64": pa.float64()}
    options = arrow_csv.ConvertOptions(
        column_types={column: known[kind] for column, kind in kinds.items()},
        null_values=[""],
        true_values=["true"],
        false_values=["false"],
    )
    table = arrow_csv.read_csv(
        io.BytesIO(content),
        arrow_csv.ReadOptions(use_threads=False, block_size=1 << 22),
        arrow_csv.ParseOptions(newlines_in_values=True),
        options,
    )
    types = {pa.large_string(): pd.api.types.pandas_dtype("str"), pa.int64(): pd.Int64Dtype()}
    return table.combine_chunks().to_pandas(types_mapper=types.get)


def to_csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as CSV bytes, the same on every system: true/false, whole numbers without .0, numbers rounded."""
    import pyarrow as pa  # only here: whoever imports this module keeps theirs
    import pyarrow.compute as pc

    heading = (",".join(_quoted(str(name)) for name in table.columns) + "\n").encode()
    if table.empty:
        return heading
    columns = _joined([_as_text(column) for _, column in table.items()])
    if len(table.columns) == 1:
        texts = columns[0].cast(pa.large_string())
        columns = [pc.replace_substring_regex(texts, "^$", '""')]  # else it would be no row
    nothing, comma, end = (pa.scalar(sign, pa.large_string()) for sign in ("", ",", "\n"))
    stream = io.BytesIO()
    stream.write(heading)
    for start in range(0, len(table), AT_ONCE):
        some = [column.slice(start, AT_ONCE) for column in columns]
        texts = [part.dictionary_decode() if pa.types.is_dictionary(part.type) else part for part in some]
        texts[-1] = pc.binary_join_element_wise(texts[-1], nothing, end)
        stream.write(letters_of(pc.binary_join_element_wise(*texts, comma)))
    return stream.getvalue()


def _joined(columns: Sequence[pa.Array]) -> list[pa.Array]:
    """Columns as they are written, neighbours of few different values taken together: as one of all their pairs."""
    import pyarrow as pa

    found = [*columns[:1]]
    for column in columns[1:]:
        left = found[-1]
        is_pair = all(pa.types.is_dictionary(one.type) for one in (left, column))
        if is_pair and len(left.dictionary) * len(column.dictionary) <= PAIRS:
            several = len(column.dictionary)
            places = left.indices.to_numpy().astype(np.int64) * several + column.indices.to_numpy()
            texts = [f"{a},{b}" for a in left.dictionary.to_pylist() for b in column.dictionary.to_pylist()]
            found[-1] = pa.DictionaryArray.from_arrays(places, pa.array(texts, pa.large_string()))
        else:
            found.append(column)
    return found


def _as_text(column: pd.Series) -> pa.Array:
    """The cells of a column as they are written, or which of its different ones each is (a dictionary of Arrow)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def cell(value: object) -> str:
        if pd.isna(value):
            return ""
        if isinstance(value, float):
            return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
        return str(value)

    if isinstance(column.dtype, pd.StringDtype):
        texts = in_arrow(column)
        letters = bytes(letters_of(texts))
        if not any(sign in letters for sign in (b'"', b",", b"\r", b"\n")):
            return texts
        found = pc.dictionary_encode(texts)
        codes, values = found.indices.to_numpy(), [*map(_quoted, found.dictionary.to_pylist())]
    elif isinstance(column.dtype, pd.CategoricalDtype):
        codes, different = column.cat.codes, _as_text(column.cat.categories.to_series()).cast(pa.large_string())
        values = pa.concat_arrays([different, pa.array([""], pa.large_string())])
    elif pd.api.types.is_bool_dtype(column):
        codes, values = column.isna() * 2 + column.fillna(False).astype(int), ["false", "true", ""]
    elif pd.api.types.is_numeric_dtype(column):
        codes, different = pd.factorize(column)  # each value is looked at once
        values = [*map(cell, different), ""]
    else:
        return pa.array([_quoted(cell(value)) for value in column.astype(object)], pa.large_string())
    places = pa.array(np.where(codes < 0, len(values) - 1, codes))
    return pa.DictionaryArray.from_arrays(places, pa.array(values, pa.large_string()))


def in_arrow(column: pd.Series) -> pa.Array:
    """A column of text as Arrow has it, "" where a value is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.chunked_array([pa.array(column.array)]).combine_chunks().cast(pa.large_string())
    return pc.fill_null(found, "") if found.null_count else found


def letters_of(texts: pa.Array) -> memoryview:
    """Texts in Arrow, one right after the other."""
    _, places, letters = texts.buffers()
    first, *_, last = np.frombuffer(places, dtype=np.int64)[[texts.offset, texts.offset + len(texts)]]
    return memoryview(letters or b"")[first:last]


def _quoted(text: str) -> str:
    """A text as a cell of a CSV file: in quotation marks where it needs them."""
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) else text


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
