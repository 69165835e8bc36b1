"""Malformed inputs, each made from a valid one by a named mutation, and what becomes of it.

A mutation must be refused in words, or read as what it shows. Anything else is silent (read as something else, or rows
lost without a word), a traceback, or slow. `make attack` tries all of them, test_mutations.py some each time.
"""

import csv
import io
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import yaml
from attacked import MAP, SHEET, ods, replaced, rezipped, xlsx
from imports import FILES

from analysis.checking.stamps import stamps
from analysis.errors import MisconductError
from analysis.reading.spreadsheet.cells import filled
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import make_tables, read_file
from analysis.reading.spreadsheet.mapping import read_mapping
from analysis.yaml_files import read_yaml

SLOW = 20.0
CELLS = {  # a count as it may be written -> what may be read, where it is read at all (else: refused)
    **dict.fromkeys(["3", "03", "3.0", "3.00", " 3 ", "3\u00a0", "3\u200b", "\ufeff3", "３", "٣", "3\n"], 3),
    **{"<5": "c", "-": "x", "": 0, " ": 0, "\u00a0": 0, "\n": 0},
    **dict.fromkeys(
        ["-3", "(3)", "3-", "+3", "--3", "3.5", "3,5", "3.000", "3e0", "3E2", "0x3", "0b11", "1_000", "3;4"]
    ),
    **dict.fromkeys(
        ["3²", "³", "3₂", "Ⅲ", "½", "3½", "3*", "3†", "3 (a)", "3[1]", "3a", "a3", "3?", "~3", "c3", "3/4"]
    ),
    **dict.fromkeys(
        ["1 000", "1,000", "1.000", "1'000", "1\t000", "1\n000", "12 34", "1,00", "1,000,00", "3 4", "3\x0b4"]
    ),
    **dict.fromkeys(
        ["=1+2", "@3", "'3", "''3", '"3"', "NaN", "nan", "inf", "-inf", "None", "null", "NULL", "NA", "n/a"]
    ),
    **dict.fromkeys(
        ["true", "TRUE", "#N/A", "#REF!", "#DIV/0!", "Err:502", ">5", "≤5", "1-4", "1–4", "3%", "£3", "3 people"]
    ),
    **dict.fromkeys(["2019-01-01", "1/2/2019", "3:00", "9" * 16, "9" * 400, "9" * 5000, "1e400", "9007199254740993"]),
    **dict.fromkeys(
        ["\u202e32", "3\x1b", "\x013", "3\x7f", "\u20663", "3\ufffd", "<script>3</script>", "&#51;", "3\u0338"]
    ),
}
FORMATS = (  # of a number, which show something else than 3
    *(";;;", "[<5] ;0", "#,##0,", "0,,", '0" of 10"', '0"0"', '"~"0', "0\\0", '"1"0', "0%%", "-0", "(0)", "**", '"4"'),
    *(
        "0*x",
        "[=3];0",
        "0 x",
        "0/10",
        "#,##0,.0",
        "[$5-809]0",
        '"Fewer than 5"',
        '"c"',
        '"*"',
        "[<5]*-",
        "0.0,",
        "\\30",
    ),
)
XML = {  # of the sheet of an .xlsx file: text -> text
    "a formula": ("<v>3</v>", "<f>1+2</f>"),
    "a formula over lines": ("<v>3</v>", "<f\n>1+2</f><v/>"),
    "a shared formula": ("<v>3</v>", '<f t="shared" si="0"/>'),
    "an array": ("<v>3</v>", '<f t="array" ref="B2">1+2</f>'),
    "not a number": ("<v>3</v>", "<v>three</v>"),
    "no such text": ('t="n"><v>3</v>', 't="s"><v>9</v>'),
    "an error": ('t="n"><v>3</v>', 't="e"><v>#N/A</v>'),
    "a truth": ('t="n"><v>3</v>', 't="b"><v>1</v>'),
    "a day": ('t="n"><v>3</v>', 't="d"><v>2019-01-01</v>'),
    "no such style": ('r="B2" t', 'r="B2" s="99" t'),
    "no place": ('r="B2" ', ""),
    "a place twice": ('r="B2" ', 'r="A2" '),
    "no such place": ('r="B2" ', 'r="2B" '),
    "a far place": ('r="B2" ', 'r="XFD1048576" '),
    "a hidden row": ('<row r="2"', '<row r="2" hidden="1"'),
    "a flat row": ('<row r="2"', '<row r="2" ht="0" customHeight="1"'),
    "a row twice": ('<row r="3"', '<row r="2"'),
    "a hidden column": ("<sheetData>", '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'),
    "a thin column": ("<sheetData>", '<cols><col min="2" max="2" width="0"/></cols><sheetData>'),
    "columns without end": ("<sheetData>", '<cols><col min="1" max="999999999" hidden="1"/></cols><sheetData>'),
    "merged": ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="B2:B3"/></mergeCells>'),
    "all merged": ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "cut off": ("</sheetData>", ""),
    "entities": ("<worksheet", '<!DOCTYPE a [<!ENTITY b "3">]><worksheet'),
    "another name space": ("spreadsheetml/2006/main", "spreadsheetml/2007/main"),
    "no rows": ("<sheetData>", "<sheetDate>"),
}
INSIDE = {  # of a cell of .ods: its XML
    "break": "<text:p>1<text:line-break/>2</text:p>",
    "tab": "<text:p>1<text:tab/>2</text:p>",
    "spaces": '<text:p>1<text:s text:c="9"/>2</text:p>',
    "spans": '<text:p>3<text:span text:style-name="up">2</text:span></text:p>',
    "two paragraphs": "<text:p>1</text:p><text:p>2</text:p>",
}
STORED = ("", "*", "c", "1-4", "30", "99", "0.3", "3,5", "-3", "5 or fewer", "3 of 9", "\u202e3")  # shown in place of 3


@dataclass(frozen=True)
class Input:
    """What is tried: a file, and its mapping; read: what may be read of 2019 (None: nothing), else all is as it was."""

    name: str
    file: str
    content: bytes
    mapping: bytes
    read: object = None


PLAIN = yaml.safe_dump(MAP, sort_keys=False).encode()
CSV = "Year,Dismissed\n2019,3\n2020,5\n"


def _csv(value: str) -> bytes:
    rows = io.StringIO()
    csv.writer(rows).writerows([["Year", "Dismissed"], ["2019", value], ["2020", "5"]])
    return rows.getvalue().encode()


def _of_cells() -> Iterator[Input]:
    for value, read in CELLS.items():
        yield Input(f"csv {value[:20]!r} ({len(value)})", "a.csv", _csv(value), PLAIN, read)
        if not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", value):
            text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'.encode()
            yield Input(
                f"xlsx {value[:20]!r} ({len(value)})",
                "a.xlsx",
                replaced(xlsx(), b't="n"><v>3</v>', b't="inlineStr">' + text),
                PLAIN,
                read,
            )
            cell = f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
            yield Input(f"ods {value[:20]!r} ({len(value)})", "a.ods", ods(cell), PLAIN, read)


def _of_books() -> Iterator[Input]:
    for code in FORMATS:
        content = xlsx(3, lambda book, sheet, code=code: setattr(sheet["B2"], "number_format", code))
        yield Input(f"format {code}", "a.xlsx", content, PLAIN)
    for name, (old, new) in XML.items():
        yield Input(f"sheet: {name}", "a.xlsx", replaced(xlsx(), old.encode(), new.encode(), SHEET), PLAIN, "same")
    for name, inside in INSIDE.items():
        yield Input(f"ods: {name}", "a.ods", ods(f"<table:table-cell>{inside}</table:table-cell>"), PLAIN)
    for text in STORED:
        cell = '<table:table-cell office:value-type="float" office:value="3"><text:p>{}</text:p></table:table-cell>'
        yield Input(f"ods shows {text!r}", "a.ods", ods(cell.format(escape(text))), PLAIN)
    for name, content in (("xlsx", xlsx()), ("ods", ods()), ("xls", (FILES / "old.xls").read_bytes())):
        for part in range(1, 10):
            yield Input(f"{name} cut at {part}/10", f"a.{name}", content[: len(content) * part // 10], PLAIN)
            place = len(content) * part // 11
            yield Input(
                f"{name} byte {place}", f"a.{name}", content[:place] + b"\xa5" + content[place + 1 :], PLAIN, "same"
            )
    for part in zipfile.ZipFile(io.BytesIO(xlsx())).namelist():
        yield Input(
            f"xlsx: {part} empty",
            "a.xlsx",
            rezipped(xlsx(), lambda n, t, p=part: (n, b"" if n == p else t)),
            PLAIN,
            "same",
        )
        yield Input(
            f"xlsx: no {part}",
            "a.xlsx",
            rezipped(xlsx(), lambda n, t, p=part: (f"_{n}" if n == p else n, t)),
            PLAIN,
            "same",
        )


def _of_csv() -> Iterator[Input]:
    for name, content in {
        **{"empty": b"", "nothing": b"\0" * 99, "one line": b"Year,Dismissed\n", "no heading": b"2019,3\n2020,5\n"},
        **{
            "open quote": CSV.replace("3", '"3').encode(),
            "utf-16": CSV.encode("utf-16"),
            "utf-32": CSV.encode("utf-32"),
        },
        **{
            "semicolons": CSV.replace(",", ";").encode(),
            "tabs": CSV.replace(",", "\t").encode(),
            "cr": CSV.replace("\n", "\r").encode(),
        },
        **{"a cell more": CSV.replace("3", "3,4").encode(), "a cell less": CSV.replace(",3", "").encode()},
        **{"latin-1": CSV.replace("3", "3\xa0").encode("latin-1"), "nul": CSV.replace("3", "3\0").encode()},
        **{
            "headings alike": CSV.replace("Year", "Dismissed").encode(),
            "a heading more": CSV.replace("Year", "Year,").encode(),
        },
        **{
            "pdf": b"%PDF-1.4\n" + CSV.encode(),
            "html": b"<html>" + CSV.encode(),
            "gzip cut": b"\x1f\x8b\x08\0",
            "zip": b"PK\x03\x04",
        },
        **{"year 0001": CSV.replace("2019", "0001").encode(), "year 2119": CSV.replace("2019", "2119").encode()},
        **{"year 1066": CSV.replace("2019", "1066").encode()},
    }.items():
        yield Input(f"csv: {name}", "a.csv", content, PLAIN, "same")


def _of_mappings() -> Iterator[Input]:
    lines = PLAIN.decode().splitlines()
    for number, line in enumerate(lines):
        for what, changed in (
            *(("gone", []), ("twice", [line, line]), ("its value gone", [line.partition(":")[0] + ":"])),
            *(("its value a list", [line.partition(":")[0] + ": [1, [2]]"]), ("a bracket more", [line + " ["])),
            ("its value long", [line.partition(":")[0] + ": " + "9" * 5000]),
        ):
            text = "\n".join([*lines[:number], *changed, *lines[number + 1 :]]).encode()
            yield Input(f"mapping: line {number + 1} {what}", "a.csv", CSV.encode(), text, "same")
    for name, text in {
        "brackets": b"[" * 100_000,
        "nothing": b"",
        "a list": b"- a",
        "nul": PLAIN + b"\0",
        "latin": b"\xe9",
    }.items():
        yield Input(f"mapping: {name}", "a.csv", CSV.encode(), text)


def inputs() -> list[Input]:
    """All of them."""
    return [*_of_cells(), *_of_books(), *_of_csv(), *_of_mappings()]


def documents() -> dict[str, tuple[Callable[[Path], object], str, bytes]]:
    """YAML of the project and JSON beside tables, which must be refused: name -> reader, file, content."""
    deep = b"[" * 100_000
    bomb = b"a0: &a0 [x]\n" + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)
    )
    project = {
        "deep": deep,
        "bomb": bomb,
        "key twice": b"a: 1\na: 2",
        "day": b"a: 2019-02-30",
        "digits": b"a: " + b"9" * 5000,
    }
    project |= {
        "latin": b"a: \xe9",
        "utf-16": "a: 1".encode("utf-16"),
        "tab": b"a:\n\t- b",
        "tag": b"a: !!python/name:os.system x",
    }
    beside = {
        "deep": deep,
        "list": b"[]",
        "text": b'"a"',
        "cut": b'{"subjects": {"rows"',
        "nul": b"\0",
        "number": b'{"a": 1}',
        "key": b'{"a": {}}',
    }
    found: dict[str, tuple[Callable[[Path], object], str, bytes]] = {}
    found |= {f"yaml: {name}": (read_yaml, "a.yml", content) for name, content in project.items()}
    found |= {
        f"json: {name}": (lambda path: stamps(path.parent), "tables.json", content) for name, content in beside.items()
    }
    return found


def said_rows(told: list[str]) -> int:
    """How many rows an import says that it read, left out, or used as headings of groups."""
    counts = (
        re.match(r"([\d,]+) (?:\w+ )?rows? .*?(read from|left out|not read|as headings|earlier row: left out)", line)
        for line in told
    )
    return sum(int(found[1].replace(",", "")) for found in counts if found)


def lost(file: Path, mapping, reader) -> int:
    """How many rows of the sheets read are neither read nor said to be left out."""
    first = max(mapping.read.heading)
    rows = sum(any(filled(line)) for sheet in reader.sheets for line in sheet.rows[first:])
    return rows - said_rows(reader.told)


def tried(folder: Path, given: Input) -> str:
    """refused, read, or what is wrong: silent, slow, traceback."""
    file, map_file = folder / given.file, folder / "m.yml"
    file.write_bytes(given.content)
    map_file.write_bytes(given.mapping)
    start = time.monotonic()
    try:
        with suppress(MisconductError):
            suggest(file)
        mapping = read_mapping(map_file)
        reader = read_file(file, mapping)
        figures = make_tables(reader)["published_figures"]
    except MisconductError as error:
        words = str(error)
        return "refused" if time.monotonic() - start < SLOW and words and "Traceback" not in words else "slow"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    value = [
        (row.period_start[:4] or year, row.symbol or row.value)  # no year is said, in a note of its own
        for row, year in zip(figures.itertuples(), ("2019", "2020"), strict=False)
    ]
    if time.monotonic() - start > SLOW:
        return "slow"
    if lost(file, mapping, reader):
        return f"silent: {lost(file, mapping, reader)} rows lost"
    expected = [("2019", 3 if given.read == "same" else given.read), ("2020", 5)]
    return "read" if value == expected else f"silent: read as {value}"


def tried_document(folder: Path, name: str) -> str:
    """The same of a document."""
    read, file, content = documents()[name]
    (folder / file).write_bytes(content)
    try:
        read(folder / file)
    except MisconductError:
        return "refused"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    return "silent"


def main() -> None:
    """Try all of them; the exit status is 1 when one is neither refused nor read as it shows."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = [(given.name, tried(folder, given)) for given in inputs()]
        results += [(name, tried_document(folder, name)) for name in documents()]
    for name, result in results:
        found[result.partition(":")[0]] += 1
        if result not in ("refused", "read"):
            print(f"{name}: {result}", file=sys.stderr)
    print(f"{found.total()} malformed inputs: {dict(found)}")
    sys.exit(0 if found.keys() <= {"refused", "read"} else 1)


if __name__ == "__main__":
    main()
