"""A release: what others load and cite. Tables as CSV, Parquet, SQLite, with datapackage.json; workbook, charts, site.

The data have a version of their own, `data_version`: the month in which the newest source was taken, and eight digits
of the checksum of all tables and codes. It moves when a table or what a code means does, and not when the program does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis import __version__
from analysis.checking.tables import PROCESSED_TABLES
from analysis.csv_files import to_csv_bytes
from analysis.errors import MisconductError
from analysis.paths import BUILD, ROOT, shown
from analysis.provenance.sources import Source
from analysis.publishing.database import parquet_bytes, sql_text, sqlite_bytes
from analysis.publishing.released import Released, descriptions
from analysis.publishing.table_schema import CODES
from analysis.writing import fill_folder, replaced_folder
from analysis.zips import zip_bytes

RELEASE = BUILD / "release"
NAME = "police-misconduct-outcomes"
PACKAGE, SUMS, SQLITE, SQL = "datapackage.json", "SHA256SUMS", f"{NAME}.sqlite", f"{NAME}.sql"
WORKBOOK, CHARTS, GALLERY = "misconduct_outcomes.xlsx", "charts.zip", "gallery.zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OF_TABLES = (("CSV", "text/csv"), ("Parquet", "application/vnd.apache.parquet"))


@dataclass(frozen=True)
class Distribution:
    """A file of a release that others load: what it is called, its media type, its path there, and what it holds."""

    name: str
    format: str
    path: str
    description: str


def distributions() -> list[Distribution]:
    """The files of a release that others load, whole ones first, then each table as CSV and as Parquet.

    Nothing is read or counted; the site names the same files by this list.
    """
    whole = [
        Distribution("Data package", "application/json", PACKAGE, "Every table with columns, rules and licences"),
        Distribution("SQLite", "application/vnd.sqlite3", SQLITE, "All tables, and a view of the rates by each group"),
        Distribution("SQL", "application/sql", SQL, "The same as text, for other databases"),
        Distribution("Workbook", XLSX, WORKBOOK, "Rates, counts and definitions as an accessible spreadsheet"),
        Distribution("Charts", "application/zip", CHARTS, "Every chart with its data, alt text and caption"),
        Distribution("Gallery", "application/zip", GALLERY, "The whole site; open index.html, no server is needed"),
    ]
    return whole + [
        Distribution(f"{name} ({kind})", media, f"{kind.lower()}/{name}.{kind.lower()}", description)
        for kind, media in OF_TABLES
        for name, description in descriptions().items()
    ]


def data_version(tables: Sequence[Released]) -> str:
    """The version of the data, such as 2026.11+1a2b3c4d: see above. tables: as released_tables gives them."""
    sources = {source.id: source for table in tables for source in table.sources}
    month = max(source.accessed for source in sources.values())[:7].replace("-", ".")
    said = [table for table in tables if table.name in PROCESSED_TABLES or table.name.startswith(CODES)]
    sums = (f"{table.name} {hashlib.sha256(to_csv_bytes(table.rows)).hexdigest()}" for table in said)
    return f"{month}+{hashlib.sha256(' '.join(sums).encode()).hexdigest()[:8]}"


def write_release(tables: Sequence[Released], folder: Path = RELEASE, built: Mapping[str, Path] | None = None) -> str:
    """Write a release into `folder`, in place of what was there; the version of its data.

    Parameters
    ----------
    tables
        As released_tables gives them.
    built
        WORKBOOK, CHARTS and GALLERY -> the file or folder that the build made; left out where not given.

    Raises
    ------
    MisconductError
        When something of `built` is not there.
    """
    version, files = release_files(tables, built or {})
    with replaced_folder(folder) as fresh:
        fill_folder(fresh, files.items())
    return version


def release_files(tables: Sequence[Released], built: Mapping[str, Path]) -> tuple[str, dict[str, bytes]]:
    """The version of the data, and every file of a release by its path; see write_release."""
    version = data_version(tables)
    files = {name: _packed(path) for name, path in built.items()}
    files |= {f"csv/{table.name}.csv": to_csv_bytes(table.rows) for table in tables}
    files |= {f"parquet/{table.name}.parquet": parquet_bytes(table) for table in tables}
    files |= {SQLITE: sqlite_bytes(tables), SQL: sql_text(tables)}
    cited = read_citation()
    files["CITATION.cff"] = _yaml(cited_with(cited, version))
    files[".zenodo.json"] = _json(_deposit(version))
    files["README.md"] = (ROOT / "docs" / "use_the_data.md").read_bytes()
    files[PACKAGE] = _json(_package(tables, version, cited, files))
    sums = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())]
    return version, {**files, SUMS: "".join(sums).encode()}


def _packed(path: Path) -> bytes:
    """A file as it is, a folder as one zip: not compressed, since what is the same must not depend on a library."""
    if not path.exists():
        raise MisconductError(f"{shown(path)} is not there. Make it first: make build")
    if path.is_file():
        return path.read_bytes()
    inside = {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    return zip_bytes(inside, packed=False)


def read_citation() -> dict[str, Any]:
    """CITATION.cff."""
    return dict(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")))


def cited_with(citation: Mapping[str, Any], version: str) -> dict[str, Any]:
    """CITATION.cff with the version of the data in its entry of the data."""
    references = [
        {**entry, "version": version} if entry["type"] == "dataset" else entry for entry in citation["references"]
    ]
    return {**citation, "references": references}


def _deposit(version: str) -> dict[str, Any]:
    """What Zenodo is told of the release: as of the project, but data, with their version and licence."""
    about = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    [entry] = (entry for entry in read_citation()["references"] if entry["type"] == "dataset")
    told = {"title": entry["title"], "description": entry["abstract"], "license": entry["license"].lower()}
    told["notes"] = f"The licence is that of the tables coded by this project; {PACKAGE} names that of each table."
    return {**about, **told, "upload_type": "dataset", "version": version}


def _yaml(entries: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(dict(entries), sort_keys=False, allow_unicode=True, width=120).encode()


def _json(entries: Mapping[str, Any]) -> bytes:
    return (json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode()


def _licences(sources: Sequence[Source], code: str) -> list[dict[str, str]]:
    """The licences of sources as the data package has them, each once; without sources that of the code."""
    found: dict[str, dict[str, str]] = {} if sources else {code: {"name": code}}
    for source in sources:
        title = source.licence["name"]
        entry = {"title": title, **({"path": source.licence["url"]} if "url" in source.licence else {})}
        if re.fullmatch(r"CC[A-Z0-9. -]*", title):
            entry = {"name": title.replace(" ", "-"), **entry}
        found.setdefault(title, entry)
    return [*found.values()]


def _origins(sources: Sequence[Source]) -> dict[str, Any]:
    """Where data are from, in the form of the data package; nothing for the project's own words."""
    named = [{"title": source.citation, "path": source.urls[0]} for source in sources]
    return {"sources": named} if named else {}


def _package(
    tables: Sequence[Released], version: str, citation: Mapping[str, Any], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """datapackage.json (https://specs.frictionlessdata.io/data-package/, version 1).

    Only CSV files have their checksum here: those of the others depend on the versions of libraries, and are in SUMS.
    """
    [about] = (entry for entry in citation["references"] if entry["type"] == "dataset")
    sources = {source.id: source for table in tables for source in table.sources}
    code = citation["license"]
    return {
        "profile": "data-package",
        "name": NAME,
        "title": about["title"],
        "description": about["abstract"],
        "version": version,
        "program_version": __version__,
        "keywords": json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))["keywords"],
        "contributors": [{"title": author["name"], "role": "author"} for author in about["authors"]],
        "licenses": _licences([*sources.values()], code),
        **_origins([*sources.values()]),
        "resources": [*(_table(table, files, code) for table in tables), *_others(files)],
    }


def _table(table: Released, files: Mapping[str, bytes], code: str) -> dict[str, Any]:
    """A table as a resource."""
    path = f"csv/{table.name}.csv"
    return {
        "profile": "tabular-data-resource",
        "type": "table",
        "name": table.name,
        "path": path,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": f"sha256:{hashlib.sha256(files[path]).hexdigest()}",
        "licenses": _licences(table.sources, code),
        **_origins(table.sources),
        "schema": table.schema,
    }


def _others(files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    """The other files as resources that are not tables to whoever reads the package."""
    for entry in distributions():
        if entry.path in files and not entry.path.startswith("csv/"):
            yield {
                "profile": "data-resource",
                "type": "file",
                "name": entry.path.rpartition("/")[2].lower(),
                "path": entry.path,
                "description": entry.description,
                "format": entry.path.rpartition(".")[2],
                "mediatype": entry.format,
            }
