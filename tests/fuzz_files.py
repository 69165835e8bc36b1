"""Random spreadsheets and mappings for some minutes: python tests/fuzz_files.py [MINUTES] [SEED] (POSIX only).

Each is made from a valid one by some random changes, then looked at (map) and imported, in a limited time. There must
be no traceback, none that takes too long, and no row that is neither read nor said to be left out; the exit status is 1
otherwise, and the files that did it are kept and named.
"""

import io
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import yaml
from attacked import MAP, ods, rezipped, xlsx
from imports import FILES, GOOD, PEOPLE_MAP, people_text
from mutations import CELLS, FORMATS, lost

from analysis.errors import MisconductError
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import make_tables, read_file
from analysis.reading.spreadsheet.mapping import read_mapping

LIMIT = 20  # seconds for one file


class TooLong(BaseException):
    """No Exception, so that nobody takes it for damage of the file."""


def too_long(*_: object) -> None:
    """What the alarm does."""
    raise TooLong


PIECES = [
    *CELLS,
    *(
        "2019",
        "2019/20",
        "Total",
        "Driving",
        "Dismissed",
        "NFA",
        "Kent Police",
        "Year",
        "Ref",
        "a,b",
        ",,,",
        "\n\n",
        '"',
    ),
    *("<v>", "</v>", "<c>", "</row>", "<f/>", 'hidden="1"', "&", "&lt;", "<text:s/>", "99999999", "-1", "0"),
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "*a",
        "&a ",
        "  ",
        "#",
        "skip_rows: [2]",
        "last_row: 3",
        "hidden: read",
        "heading: 2",
    ),
]


def changed(text: bytes, dice: random.Random) -> bytes:
    """Bytes with a few random changes."""
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        text = changed_once(text, dice)
    return text


def changed_once(text: bytes, dice: random.Random) -> bytes:
    """Bytes with a piece put in, left out, repeated, moved or in place of another, a byte altered or lines mixed."""
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + int(dice.expovariate(0.1)))
    piece = dice.choice(PIECES).encode("utf-8", "replace")
    begin, middle, rest = text[:start], text[start:end], text[end:]
    ways = (
        lambda: begin + piece + middle + rest,
        lambda: begin + piece + rest,
        lambda: begin + rest,
        lambda: rest + begin + middle,
        lambda: begin + middle * dice.randrange(2, 2000) + rest,
        lambda: begin + bytes([dice.randrange(256)]) + text[start + 1 :],
        lambda: b"\n".join(sorted(text.split(b"\n"), key=lambda _: dice.random())),
    )
    return dice.choice(ways)()


def in_zip(content: bytes, dice: random.Random) -> bytes:
    """A workbook of which a part has such changes, packed again."""
    part = dice.choice([*zipfile.ZipFile(io.BytesIO(content)).namelist(), *["sheet1.xml", "content.xml"] * 9])
    return rezipped(content, lambda name, text: (name, changed(text, dice) if name.endswith(part) else text))


def made(dice: random.Random) -> tuple[str, bytes, bytes]:
    """The name of a file, its bytes, and those of its mapping."""
    value = dice.choice([*CELLS, 3, 3.5, 12, 0, -1, 10**20])
    code = dice.choice([*FORMATS, "General", "0", "0%", "dd/mm/yyyy"])
    kind = dice.choice(["csv", "people", "xlsx", "xlsx", "ods", "xls"])
    mapping = yaml.safe_dump(PEOPLE_MAP if kind == "people" else MAP, sort_keys=False).encode()
    mapping = mapping if dice.random() < 0.6 else changed(mapping, dice)
    if kind == "people":
        rows = [dice.choice([GOOD, f"B{n},Driving,NFA,Mis", "", "Total,1,,", f"C{n},,,", "note"]) for n in range(30)]
        content = people_text(*rows).encode()
        return "a.csv", content if dice.random() < 0.4 else changed(content, dice), mapping
    if kind == "csv":
        return (
            "a.csv",
            changed(f"Year,Dismissed\n2019,{value}\n2020,5\n2021,7\n".encode("utf-8", "replace"), dice),
            mapping,
        )
    if kind == "xls":
        return "a.xls", changed((FILES / "old.xls").read_bytes(), dice), mapping
    try:
        content = xlsx(value, lambda _, sheet: setattr(sheet["B2"], "number_format", code)) if kind == "xlsx" else ods()
    except Exception:  # what openpyxl does not write
        content = xlsx()
    return f"a.{kind}", in_zip(content, dice), mapping


def tried(file: Path, map_file: Path) -> str:
    """What becomes of a file and its mapping."""
    found = "refused"
    try:
        suggest(file)
    except MisconductError:
        found = "not mapped"
    try:
        mapping = read_mapping(map_file)
        reader = read_file(file, mapping)
        make_tables(reader)
    except MisconductError:
        return found
    return "read" if not lost(file, mapping, reader) else f"silent: {lost(file, mapping, reader)} rows lost"


def main(minutes: float, seed: int) -> None:
    """Try files until the time is over."""
    warnings.simplefilter("ignore")
    dice, found = random.Random(seed), Counter[str]()
    folder = Path(tempfile.mkdtemp())
    end, slowest = time.monotonic() + 60 * minutes, 0.0
    signal.signal(signal.SIGALRM, too_long)
    while time.monotonic() < end:
        name, content, mapping = made(dice)
        (folder / name).write_bytes(content)
        (folder / "m.yml").write_bytes(mapping)
        start = time.monotonic()
        signal.alarm(LIMIT)
        try:
            result = tried(folder / name, folder / "m.yml")
        except TooLong:
            result = "hang"
        except Exception as error:
            result = f"traceback: {type(error).__name__}: {error}"
        signal.alarm(0)
        slowest = max(slowest, time.monotonic() - start)
        found[result.partition(":")[0]] += 1
        if result not in ("read", "refused", "not mapped"):
            kept = Path(tempfile.mkdtemp(prefix="misconduct-fuzz-"))
            for file in (name, "m.yml"):
                shutil.copy(folder / file, kept)
            print(f"{kept}: {result[:300]}", file=sys.stderr, flush=True)
    shutil.rmtree(folder)
    print(f"{found.total():,} files (seed {seed}), slowest {slowest:.1f} s: {dict(found)}")
    sys.exit(0 if found.keys() <= {"read", "refused", "not mapped"} else 1)


if __name__ == "__main__":
    main(float((sys.argv[1:] or ["10"])[0]), int((sys.argv[2:] or [str(int(time.time()))])[0]))
