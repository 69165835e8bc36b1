"""Provenance: what each raw source is, and whether its files are still those that were described."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.days import is_partial_date
from analysis.errors import DataError, MisconductError, Problem, require_known
from analysis.paths import RAW, files_of, shown
from analysis.writing import put_back, write_files
from analysis.yaml_files import read_yaml

PUBLISHED = "published_figures"  # the collection of publications
DESCRIBING = ("source.yml", "corrections.yml")  # what lies beside the files of a source


@dataclass(frozen=True)
class Source:
    """What source.yml says of one folder of data/raw."""

    id: str
    title: str
    publisher: str
    citation: str
    urls: Sequence[str]
    licence: Mapping[str, str]
    published: str
    accessed: str
    jurisdiction: str
    coverage: str
    unit: str
    how_made: str
    known_limits: Sequence[str]
    files: Mapping[str, Mapping[str, Any]]
    agreement: Mapping[str, float] = field(default_factory=dict)  # of coded data: field -> share alike when read twice
    short: str = field(default_factory=str)  # title and period as a copied sentence has room for
    initials: str = field(default_factory=str)  # the publisher, where there is no room for that


THINGS = ("allegations", "cases")  # what a source counts that tells no people apart: its unit


def counted_in(sources: Sequence[Source]) -> str:
    """What one row of the people of some sources is, in the plural: people, or one of THINGS."""
    return next((source.unit for source in sources if source.unit in THINGS), "people")


def cases_of(counted: str) -> str:
    """What a case is called, in the plural, where `counted` is what `counted_in` gives."""
    return "investigations" if counted == "people" else "cases"


@cache
def read_source(folder: Path) -> Source:
    """Read folder/source.yml, once; MisconductError names every key that is missing or unknown."""
    return read_source_now(folder)


def read_source_now(folder: Path) -> Source:
    """The same, read again: an imported folder can be replaced meanwhile."""
    path = folder / "source.yml"
    if not path.is_file():
        raise MisconductError(f"{shown(path)} is missing: every folder of data/raw needs one.")
    entries = read_yaml(path)
    if not isinstance(entries, dict):
        raise MisconductError(f"{shown(path)} holds no keys.")
    expected = {known.name for known in fields(Source)}
    required = {known.name for known in fields(Source) if known.default_factory is MISSING}
    wrong = [f"{key} is missing" for key in sorted(required - set(entries))]
    wrong += [f"{key} is not a key of source.yml" for key in sorted(set(entries) - expected)]
    wrong += _wrong_values(entries)
    if wrong:
        raise MisconductError(f"{shown(path)}: {'; '.join(wrong)}.")
    if entries["id"] != folder.name:
        raise MisconductError(f"{shown(path)}: its id {entries['id']!r} is not the folder's name {folder.name!r}.")
    return Source(**entries)


def _wrong_values(entries: Mapping[str, Any]) -> list[str]:
    """What is wrong with the values of a source.yml: each kind of value by the keys that have it."""
    wrong = []
    for key, value in entries.items():
        if key in ("urls", "known_limits"):
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                wrong.append(f"{key} must be a list of texts")
        elif key == "licence":
            if not isinstance(value, dict) or not isinstance(value.get("name"), str):
                wrong.append("licence must have a name")
        elif key == "files":
            described = value.values() if isinstance(value, dict) else [None]
            if not all(isinstance(entry, dict) and isinstance(entry.get("sha256"), str) for entry in described):
                wrong.append("files must have a sha256 for each file")
        elif key == "agreement":
            shares = value.values() if isinstance(value, dict) else [None]
            if not all(isinstance(share, float) and 0 <= share <= 1 for share in shares):
                wrong.append("agreement must be a share from 0.0 to 1.0 for each field")
        elif not isinstance(value, str):
            wrong.append(f"{key} is {value!r} and must be text: put it in quotation marks")
        elif key in ("published", "accessed") and value[:1].isdigit() and not is_partial_date(value):
            wrong.append(
                f"{key} is {value!r} and must be a real day that has been, such as 2024-05-31, 2024-05 or 2024"
            )
    return wrong


def source_ids(*, fetched: bool = False) -> list[str]:
    """The folders of data/raw that have a source.yml: those with their files in them, or all where `fetched`."""
    ids = sorted(path.parent.name for path in RAW.glob("*/source.yml"))
    return [source for source in ids if fetched or not is_fetched(read_source(RAW / source))]


def is_fetched(source: Source) -> bool:
    """Whether a source's files are fetched and not part of the project."""
    return any("url" in described for described in source.files.values())


def load_source(source: str) -> Source:
    """One source of the project by its id; MisconductError lists the known ones."""
    return read_source(RAW / require_known(source, source_ids(fetched=True), "source"))


def source_line(sources: Sequence[Source]) -> str:
    """The line under a chart or table, from each source's source.yml."""
    return "Source: " + "; ".join(source.citation for source in sources) + "."


def place_and_period(sources: Sequence[Source]) -> str:
    """Where and when sources are about."""
    places = ", ".join(dict.fromkeys(source.jurisdiction for source in sources))
    return f"{places}. " + " ".join(f"{source.coverage}." for source in sources)


def licence_line(sources: Sequence[Source]) -> str:
    """Every licence that applies, once."""
    return ", ".join(dict.fromkeys(source.licence["name"] for source in sources))


def verify_checksums(folder: Path) -> None:
    """Compare each file of a source with source.yml.

    Raises DataError naming every file that changed, is missing or is not described.
    """
    source = read_source(folder)
    problems = []
    for name, described in source.files.items():
        path = folder / name
        if not path.is_file():
            problems.append(Problem.of_file(shown(path), "the file is missing.", rule="checksum"))
            continue
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != described["sha256"]:
            problems.append(
                Problem(
                    file=shown(path),
                    row=None,
                    column="",
                    value=found,
                    problem="the file has changed: its checksum is not that of source.yml.",
                    advice="Raw files are never edited. Restore it, or put a correction into corrections.yml; "
                    "a new edition of the source: misconduct stamp writes its new checksum and row count.",
                    rule="checksum",
                )
            )
    problems += [
        Problem.of_file(shown(path), "the file is not described in source.yml.", rule="checksum")
        for path in files_of([folder])
        if path.relative_to(folder).as_posix() not in {*source.files, *DESCRIBING}
    ]
    if problems:
        raise DataError(problems)


def stamp(folder: Path) -> list[str]:
    """Write checksum and, of a CSV file, number of rows of every file of a raw source into its source.yml.

    All else there stays as it is, comments and order included; a file that is not described is added at the end. The
    sentences of what changed; none when all was so already. MisconductError for a source whose files are fetched, and
    for a described file that is missing.
    """
    put_back(folder)
    source, path = read_source(folder), folder / "source.yml"
    if is_fetched(source):
        raise MisconductError(f"The files of {source.id} are fetched: {shown(path)} has to be changed by hand.")
    there = {path.relative_to(folder).as_posix() for path in files_of([folder])} - {*DESCRIBING}
    if missing := sorted(set(source.files) - there):
        raise MisconductError(f"{shown(path)} describes files that are missing: {', '.join(missing)}.")
    before = path.read_bytes()
    text, told = path.read_text(encoding="utf-8"), []
    described = {name: dict(entry) for name, entry in source.files.items()}
    for name in [*source.files, *sorted(there - set(source.files))]:
        for key, value in _stamp_of(folder / name).items():
            old = described.setdefault(name, {}).get(key)
            if old != value:
                text = _with_entry(text, name, key, value)
                described[name][key] = value
                told.append(f"{name}: {key} {'is' if old is None else f'was {old}, is now'} {value}.")
    if yaml.safe_load(text)["files"] != described:
        raise MisconductError(f"{shown(path)} is not laid out as the others are: nothing was written.")
    write_files({path: text.encode()}, {path: before})
    read_source.cache_clear()
    return told


def _stamp_of(file: Path) -> dict[str, str | int]:
    """What source.yml says of a file: sha256 and, of CSV, rows (records after the heading)."""
    content = file.read_bytes()
    stamped: dict[str, str | int] = {"sha256": hashlib.sha256(content).hexdigest()}
    if file.suffix == ".csv":
        stamped["rows"] = sum(1 for record in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if record) - 1
    return stamped


def _with_entry(text: str, name: str, key: str, value: str | int) -> str:
    """The text of a source.yml with one value of one file changed, or added after the file's others."""
    block = re.search(rf"^  {re.escape(name)}:\n(?:    .*\n)*", text, re.MULTILINE)
    if block is None:
        return f"{text.rstrip()}\n  {name}:\n    {key}: {value}\n"
    entry = re.compile(rf"^(    {key}:) \S+", re.MULTILINE)
    changed, found = entry.subn(rf"\g<1> {value}", block[0])
    return text.replace(block[0], changed if found else f"{block[0]}    {key}: {value}\n", 1)
