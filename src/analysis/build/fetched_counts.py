"""Counts of the fetched sources: small tables that are committed, so that notebooks and charts need no fetching.

They are counted again whenever the fetched files are there; otherwise the committed ones are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import vocabulary
from analysis.checking.stamps import stamps
from analysis.counting.rate_table import ALL, RateTable
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset, read_table
from analysis.errors import MisconductError
from analysis.paths import PROCESSED, shown
from analysis.provenance.download import find
from analysis.reading import chicago_complaints as chicago
from analysis.reading import met_complaints as met
from analysis.reading import new_orleans_actions as orleans

CHICAGO_AMONG = ("all_subjects", "proven")


def rates_among(records: pd.DataFrame, among: str, by: str = "complaint_category") -> RateTable:
    """Dismissal rates of a city's records by group of allegations; their case_id is the cluster."""
    nothing = pd.DataFrame({"subject_id": [], "complaint_type": [], "position": []})
    data = Dataset({"subjects": records, "allegations": nothing})
    return dismissal_rates(data, among=among, by=by, count="dismissed")


def of_period(accused: pd.DataFrame, period: str) -> pd.DataFrame:
    """The records whose complaint is of a period, a code of the vocabulary chicago_period; repeated ones as it says."""
    entry = vocabulary.entry("chicago_period", period)
    rows = accused if entry["with_repeated"] else once(accused)
    return rows[rows["year"].astype("int64").between(entry["first_year"], entry["last_year"])]


def once(accused: pd.DataFrame) -> pd.DataFrame:
    """The records without what both releases have, as the first of them has it."""
    return accused[~accused["is_repeated"].astype(bool)]


def chicago_rates(accused: pd.DataFrame) -> pd.DataFrame:
    """The rates of every period and denominator: period, among, complaint_category, RateColumns."""
    tables = [
        rates_among(of_period(accused, period), among).with_total.assign(period=period, among=among)
        for period in vocabulary.codes("chicago_period")
        for among in CHICAGO_AMONG
    ]
    return _stored(tables, ["period", "among"])


def _stored(tables: list[pd.DataFrame], first: list[str]) -> pd.DataFrame:
    """Several tables of rates under each other as they are stored, the columns `first` before the others."""
    whole = pd.concat(tables, ignore_index=True)
    return whole[[*first, *(column for column in whole if column not in first)]].round(6)


def chicago_years(accused: pd.DataFrame) -> pd.DataFrame:
    """What is on record of each year's complaints, as counts: the columns of ChicagoYears."""
    everything, accused = accused, once(accused)
    unknown = ~accused["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    dismissed = accused["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal"))
    sustained = accused["finding"].isin(vocabulary.codes_with("finding", "is_proven"))
    marks = {
        "n_unknown": unknown,
        "n_dismissed": dismissed,
        "n_sustained": sustained,
        "n_sustained_unknown": sustained & unknown,
        "n_sustained_dismissed": sustained & dismissed,
    }
    by_year = pd.DataFrame({"n": True, **marks}, index=accused.index).groupby(accused["year"].astype("int64")).sum()
    rows = everything["year"].astype("int64").value_counts()
    return by_year.assign(n_repeated=rows - by_year["n"]).reset_index().astype("Int64")


def chicago_outcomes(accused: pd.DataFrame) -> pd.DataFrame:
    """How many accusations ended how, in the source's spelling, by finding."""
    return _counted(once(accused), ["sanction_source", "sanction", "finding"])


def _counted(records: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """How many records there are of each combination of `keys`, as n."""
    counts = records.groupby(keys, observed=True).size().rename("n").reset_index()
    return counts.astype({**dict.fromkeys(keys, "str"), "n": "Int64"}).sort_values(keys).reset_index(drop=True)


def chicago_officers(accused: pd.DataFrame) -> pd.DataFrame:
    """How many different officers had each outcome at least once, and in a sustained accusation; (all): any known one.

    Returns the columns of ChicagoOfficers. An officer counts once, so that both releases are looked at.
    """
    rows = pd.DataFrame({"outcome": accused["sanction"].astype("str"), "officer": accused["officer"].factorize()[0]})
    known = rows[rows["outcome"].isin(vocabulary.codes_with("sanction", "is_known"))]
    rows = pd.concat([known.assign(outcome=ALL), rows])
    sustained = accused["finding"].isin(vocabulary.codes_with("finding", "is_proven"))[rows.index]
    officers, of_sustained = (part.groupby("outcome")["officer"].nunique() for part in (rows, rows[sustained]))
    found = pd.DataFrame({"n_officers": officers, "n_sustained_officers": of_sustained}).fillna(0).astype("Int64")
    return found.reset_index().astype({"outcome": "str"})


def new_orleans_rates(actions: pd.DataFrame) -> pd.DataFrame:
    """The rates of every denominator: among, allegation_rule, RateColumns; an allegation is the cluster."""
    has_rule = actions["allegation_rule"] != "not_stated"
    wanted = vocabulary.vocabularies()["new_orleans_among"]
    tables = [
        rates_among(
            actions[has_rule] if entry["has_rule"] else actions, "all_subjects", "allegation_rule"
        ).with_total.assign(among=among)
        for among, entry in wanted.items()
    ]
    return _stored(tables, ["among"])


def new_orleans_outcomes(actions: pd.DataFrame) -> pd.DataFrame:
    """How many actions there are of each kind under each rule, in the source's words and as counted here."""
    return _counted(actions, ["sanction_source", "sanction", "allegation_source", "allegation_rule"])


def new_orleans_years(actions: pd.DataFrame) -> pd.DataFrame:
    """What is on record of each year's actions, as counts: the columns of NewOrleansYears."""
    unknown = ~actions["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    dismissed = actions["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal"))
    ruled = actions["allegation_rule"] != "not_stated"
    marks = {
        "n": True,
        "n_unknown": unknown,
        "n_dismissed": dismissed,
        "n_ruled": ruled,
        "n_ruled_unknown": ruled & unknown,
        "n_ruled_dismissed": ruled & dismissed,
    }
    by_year = pd.DataFrame(marks, index=actions.index).groupby(actions["year_source"]).sum().astype("Int64")
    years = actions.drop_duplicates("year_source").set_index("year_source")["year"]
    by_year.insert(0, "year", years)
    return by_year.reset_index()


@dataclass(frozen=True)
class Fetched:
    """A fetched source: its files, how they are read, and the tables that are counted from what is read."""

    files: tuple[str, ...]
    read: Callable[..., pd.DataFrame]
    tables: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]


def _read_chicago(accused: Path, complaints: Path, categories: Path) -> pd.DataFrame:
    """The Chicago records."""
    return chicago.read_accused(accused, complaints, chicago.read_categories(categories))


FETCHED = {
    chicago.SOURCE: Fetched(
        (chicago.ACCUSED, chicago.COMPLAINTS, chicago.CATEGORIES),
        _read_chicago,
        {
            "chicago_rates": chicago_rates,
            "chicago_outcomes": chicago_outcomes,
            "chicago_officers": chicago_officers,
            "chicago_years": chicago_years,
        },
    ),
    met.SOURCE: Fetched((met.FILE,), met.read_pairs, {"met_complaints": met.complaints_per_person}),
    orleans.SOURCE: Fetched(
        (orleans.FILE,),
        orleans.read_actions,
        {
            "new_orleans_rates": new_orleans_rates,
            "new_orleans_outcomes": new_orleans_outcomes,
            "new_orleans_years": new_orleans_years,
        },
    ),
}


def fetched_files() -> tuple[Path, ...]:
    """The fetched files that are there."""
    found = (find(source, name) for source, fetched in FETCHED.items() for name in fetched.files)
    return tuple(file for file in found if file is not None)


def committed(table: str, source: str) -> pd.DataFrame:
    """The stored counts of a fetched source, which nothing but its files can replace.

    MisconductError, saying how to get them, unless they are as they were counted.
    """
    path, stamp = PROCESSED / f"{table}.csv", stamps(PROCESSED).get(table, {})
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != stamp.get("sha256"):
        wrong = "has been changed by hand" if path.is_file() else "is missing"
        raise MisconductError(
            f"{shown(path)} {wrong}, and the files that it is counted from are not on this computer. Take it back: git "
            f"checkout -- data/processed. Or count it again: misconduct fetch {source}, then misconduct build."
        )
    return read_table(PROCESSED, table)


def aggregates() -> dict[str, pd.DataFrame]:
    """Every table of this module by name: counted where the files are there, else the committed one."""
    found = {}
    for source, fetched in FETCHED.items():
        files = [find(source, name) for name in fetched.files]
        rows = None if None in files else fetched.read(*files)
        for table, count in fetched.tables.items():
            found[table] = committed(table, source) if rows is None else count(rows)
    return found
