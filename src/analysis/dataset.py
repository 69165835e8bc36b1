"""The data that flow: all processed tables with their sources, read and never built.

A table whose checksum is the one that the build (or an import) wrote beside it is not validated again.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.checking.stamps import stamps
from analysis.counting.denominators import people_among
from analysis.counting.selection import Where, select
from analysis.csv_files import read_written_csv
from analysis.errors import MisconductError, require_known
from analysis.paths import PROCESSED, shown
from analysis.provenance.own_data import Identity, find_own, one_import
from analysis.provenance.sources import PUBLISHED, Source, load_source, read_source_now, source_ids
from analysis.vocabulary import Among, Count
from analysis.writing import put_back

PEOPLE_TABLES = ("subjects", "allegations")
CASE_COLUMNS = (
    "case_id",
    "force",
    "date",
    "year",
    "complaint_types",
    "people",
    "findings",
    "outcomes",
    "confidence",
    "url",
)
IMPLIED = " (implied by the outcome)"  # what a finding is that its source does not word


class Dataset(Mapping[str, pd.DataFrame]):
    """The tables by name (data["subjects"]), each read when it is first asked for, and their sources.

    Parameters
    ----------
    tables
        Name -> table, or the folders to read it from, one under the other.
    own
        The folder of the imported data set that stands in the project's place, if any.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame | tuple[Path, ...]], own: Path | None = None) -> None:
        """Keep the tables or where they are; nothing is read yet."""
        self._tables: dict[str, Any] = dict(tables)
        self._import: Identity | None = None  # which import this data set reads
        self.own = own

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One table; MisconductError lists the known ones, DataError says what is wrong with a file."""
        found = self._tables[require_known(table, self._tables, "table of these data")]
        if not isinstance(found, pd.DataFrame):
            for name, rows in self._read(table).items():
                self._tables[name] = tidy(rows)
        return self._tables[table]

    def _read(self, table: str) -> dict[str, pd.DataFrame]:
        """A table that has not been read, or those that belong together: imported people are checked across their
        files each time, so that no mixture of two imports is ever counted."""
        folders = self._tables[table]
        if self.own is None or self.own not in folders:
            return {table: read_table(folders[0], table)}
        names = PEOPLE_TABLES if table in PEOPLE_TABLES else (table,)
        with one_import(self.own, self._import) as (_, self._import):
            for name in names:
                _require_todays_columns(self.own, name)
            own = {name: read_table(self.own, name) for name in names}
        if table in PEOPLE_TABLES:
            from analysis.checking.accused import check_allegations

            check_allegations(own["subjects"], own["allegations"])
            return own
        others = [read_table(folder, table) for folder in folders if folder != self.own]
        return {table: pd.concat([own[table], *others], ignore_index=True)}

    def __iter__(self) -> Iterator[str]:
        """The names of the tables."""
        return iter(self._tables)

    def __contains__(self, table: object) -> bool:
        """Whether there is such a table."""
        return table in self._tables

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self._tables)

    def __repr__(self) -> str:
        """What there is, one table a line."""
        return f"{self._title()}\n" + "\n".join(f"  {name:<20} {self._rows(name):>8} rows" for name in self)

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        rows = "".join(f"<tr><th>{name}</th><td>{self._rows(name)}</td></tr>" for name in self)
        return f"<p>{self._title()}</p><table><tr><th>table</th><th>rows</th></tr>{rows}</table>"

    def _title(self) -> str:
        return f"Imported data {self.own.name}, and the project's" if self.own else "The project's data"

    def _rows(self, table: str) -> str:
        found = self._tables[table]
        if isinstance(found, pd.DataFrame):
            return f"{len(found):,}"
        return f"{sum(stamps(folder).get(table, {}).get('rows', 0) for folder in found):,}"

    @property
    def subjects(self) -> pd.DataFrame:
        """One row a person in a case, in codes; stages and severity are ordered, years are numbers."""
        if "subjects" not in self and self.own is not None:
            raise MisconductError(
                f"{self.own.name} holds counts, not a row for each person, so rates cannot be counted from it. Its own "
                f"rates: misconduct chart own_published_rates --data {self.own.name}"
            )
        return self["subjects"]

    @property
    def allegations(self) -> pd.DataFrame:
        """One row a complaint type alleged against a subject."""
        return self["allegations"]

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources of these tables by id: the project's; with imported people, theirs in place of the project's."""
        found = {} if self.own is None else {self.own.name: self.source(self.own.name)}
        has_people = self.own is not None and (self.own / "subjects.csv").is_file()
        own_people = {source for source in source_ids() if has_people and "subjects.csv" in load_source(source).files}
        return {**found, **{source: load_source(source) for source in source_ids() if source not in own_people}}

    def sources_of(self, rows: pd.DataFrame) -> tuple[Source, ...]:
        """The sources of rows of these tables.

        Parameters
        ----------
        rows
            Some rows of people, with the column `source`, or of published figures or rates, with `source_id`.

        Returns
        -------
        tuple of Source
            Of people each source by its id; of published figures and rates the project's collection, then the
            imported one.
        """
        if "source" in rows:
            return tuple(self.source(source) for source in sorted(map(str, rows["source"].unique())))
        used = set(rows["source_id"])
        collection = [PUBLISHED] if used - {self.own.name if self.own else ""} else []
        own = [self.own.name] if self.own is not None and self.own.name in used else []
        return tuple(self.source(source) for source in [*collection, *own])

    def source(self, source: str) -> Source:
        """One source by its id; MisconductError lists the known ones."""
        if self.own is None or source != self.own.name:
            return load_source(source)
        with one_import(self.own, self._import) as (_, self._import):
            return read_source_now(self.own)

    def cases(
        self,
        where: Where | None = None,
        *,
        among: Among | str = "all_subjects",
        count: Count | str = "",
        labels: bool = True,
    ) -> pd.DataFrame:
        """The investigations behind a number, each with the address of its publisher's page.

        Parameters
        ----------
        where
            Which people are kept, as in `dismissal_rates`.
        among
            The denominator that they are in; so the people are those of a rate and of its unknown outcomes.
        count
            A numerator, for the cases of those who are counted in it alone.
        labels
            Words for people instead of codes.

        Returns
        -------
        DataFrame
            One row a case, the latest first: case_id, force, date, year, complaint_types; people (how many of those
            kept are in it), findings and outcomes (each with how many people; of a finding in words also whether
            only the outcome implies it), confidence (low where any reading was borderline), url.

        Raises
        ------
        MisconductError
            For a group or value that is not known.
        """
        people = people_among(select(self, where), among)
        if count:
            numerator = vocabulary.entry("numerator", count)
            codes = vocabulary.codes_with(numerator["column"], numerator["attribute"])
            people = people[people[numerator["column"]].isin(codes)]
        kinds = self.allegations.merge(people[["subject_id", "case_id"]], on="subject_id").groupby("case_id")
        types = kinds["complaint_type"].agg(lambda found: [*dict.fromkeys(found)])
        urls = self["cases"].set_index("case_id")["url"] if "cases" in self else pd.Series(dtype="str")

        def said(column: str, code: object) -> str:
            return vocabulary.label(column, str(code)) if labels else str(code)

        def counted(column: str, group: pd.DataFrame) -> str:
            implied = group["finding_basis"].eq("inferred_from_outcome") & (column == "finding") & labels
            counts = sorted(Counter(zip(group[column], implied, strict=True)).items())
            named = (f"{said(column, code)}{IMPLIED if only else ''}: {n}" for (code, only), n in counts)
            return vocabulary.SEPARATOR.join(named)

        rows = [
            (
                case,
                group["force"].iloc[0],
                group["date"].max(),
                group["year"].iloc[0],
                vocabulary.SEPARATOR.join(said("complaint_type", code) for code in types.get(case, [])),
                len(group),
                counted("finding", group),
                counted("sanction", group),
                said("confidence", "low" if (group["confidence"] == "low").any() else "high"),
                urls.get(case, ""),
            )
            for case, group in people.groupby("case_id")
        ]
        found = pd.DataFrame(rows, columns=[*CASE_COLUMNS]).astype({"people": "Int64", "year": "Int64"})
        return found.sort_values(["date", "case_id"], ascending=[False, True], ignore_index=True)


def load(data: str | Path = "", folder: Path = PROCESSED) -> Dataset:
    """The project's data, or the same with imported data in their place.

    Nothing is built, and a table is read when it is first asked for.

    Parameters
    ----------
    data
        "" for the project's alone, the id of an import, or the folder that one wrote. Its people stand instead of the
        project's; its published figures and rates, each of its own source, before them.
    folder
        Of the processed tables.

    Returns
    -------
    Dataset
        The tables by name, such as `data["subjects"]` (one row a person in a case), and their sources.

    Raises
    ------
    MisconductError
        Names the imported data sets there are, or says how to get the tables when there are none.
    """
    own = find_own(data)
    put_back(folder)
    names = [*stamps(folder)] or sorted(path.stem for path in folder.glob("*.csv"))
    if not names:
        raise MisconductError(f"There are no tables in {folder}. In a checkout of the project: make build.")
    tables: dict[str, tuple[Path, ...]] = dict.fromkeys(names, (folder,))
    if own is not None:
        with one_import(own) as (files, _):
            there = {Path(file).stem for file in files if file.endswith(".csv")}
        for name in (*PEOPLE_TABLES, "cases"):  # the project's people have no place beside others
            tables.pop(name, None)
        tables |= {name: (own, *tables.get(name, ())) for name in sorted(there)}
    return Dataset(tables, own)


def read_table(folder: Path, table: str) -> pd.DataFrame:
    """folder/<table>.csv with its types: as stamped where the checksum is that of the stamp, else validated first.

    Raises DataError with every problem when it is missing or wrong.
    """
    path, stamp = folder / f"{table}.csv", stamps(folder).get(table)
    if folder == PROCESSED and not path.is_file():
        raise MisconductError(
            f"{shown(path)} is missing. Get it back: git checkout {shown(path)}; or make it again: misconduct build "
            "(counts of fetched sources also need misconduct fetch)."
        )
    content = path.read_bytes() if path.is_file() else b""
    if stamp is None or hashlib.sha256(content).hexdigest() != stamp["sha256"]:
        from analysis.checking.validation import validate_processed

        return validate_processed(path, table)
    return read_written_csv(content, stamp["columns"])


def _require_todays_columns(folder: Path, table: str) -> None:
    """MisconductError when an earlier edition imported a table: it lacks columns that are needed now."""
    needed = stamps(PROCESSED).get(table, {}).get("columns", {})
    path = folder / f"{table}.csv"
    missing = []
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            heading = next(csv.reader(file), [*needed])
        missing = [column for column in needed if column not in heading]
    if missing:
        raise MisconductError(
            f"{shown(path)} was imported with an earlier edition of this program: it has no {', '.join(missing)}. "
            "Import the file again with its mapping (misconduct import)."
        )


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """The table with ordered categories in columns whose vocabulary has a severity, least severe first."""
    ordered = {
        column: pd.CategoricalDtype(vocabulary.by_severity(column), ordered=True)
        for column in table
        if column in vocabulary.ordered_vocabularies()
    }
    return table.astype(ordered)
