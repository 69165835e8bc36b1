"""Counts of the fetched sources: small tables that are committed, so that notebooks and charts need no fetching.

They are counted again whenever the fetched files are there; otherwise the committed ones are read.
"""

from __future__ import annotations

import hashlib
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

CHICAGO_AMONG = ("all_subjects", "proven")


def fetched_files() -> tuple[Path, ...]:
    """The fetched files that are there."""
    wanted = [(chicago.SOURCE, name) for name in (chicago.ACCUSED, chicago.COMPLAINTS, chicago.CATEGORIES)]
    found = (find(source, name) for source, name in [*wanted, (met.SOURCE, met.FILE)])
    return tuple(file for file in found if file is not None)


def chicago_accused() -> pd.DataFrame | None:
    """The Chicago records, or None where their files are not there."""
    files = [find(chicago.SOURCE, name) for name in (chicago.ACCUSED, chicago.COMPLAINTS, chicago.CATEGORIES)]
    if None in files:
        return None
    accused, complaints, categories = files
    return chicago.read_accused(accused, complaints, chicago.read_categories(categories))  # type: ignore[arg-type]


def rates_among(accused: pd.DataFrame, among: str) -> RateTable:
    """Dismissal rates of the Chicago records by group of allegations; a complaint is the cluster."""
    nothing = pd.DataFrame({"subject_id": [], "complaint_type": [], "position": []})
    data = Dataset({"subjects": accused, "allegations": nothing})
    return dismissal_rates(data, among=among, by="complaint_category", count="dismissed")


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
    whole = pd.concat(tables, ignore_index=True)
    first = ["period", "among"]
    return whole[[*first, *(column for column in whole if column not in first)]].round(6)  # as it is stored


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
    keys = ["sanction_source", "sanction", "finding"]
    counts = once(accused).groupby(keys, observed=True).size().rename("n").reset_index()
    return counts.astype({**dict.fromkeys(keys, "str"), "n": "Int64"}).sort_values(keys).reset_index(drop=True)


def chicago_officers(accused: pd.DataFrame) -> pd.DataFrame:
    """How many different officers had each outcome at least once, and in a sustained accusation; (all): any known one.

    Returns the columns of ChicagoOfficers. An officer counts once, so that both releases are looked at.
    """
    officer = accused["subject_id"].str.rpartition("#")[2]
    rows = pd.DataFrame({"outcome": accused["sanction"].astype("str"), "officer": officer})
    known = rows[rows["outcome"].isin(vocabulary.codes_with("sanction", "is_known"))]
    rows = pd.concat([known.assign(outcome=ALL), rows])
    sustained = accused["finding"].isin(vocabulary.codes_with("finding", "is_proven"))[rows.index]
    officers, of_sustained = (part.groupby("outcome")["officer"].nunique() for part in (rows, rows[sustained]))
    found = pd.DataFrame({"n_officers": officers, "n_sustained_officers": of_sustained}).fillna(0).astype("Int64")
    return found.reset_index().astype({"outcome": "str"})


def met_counts() -> pd.DataFrame | None:
    """How many people have how many complaints in the Metropolitan Police disclosure, or None without its file."""
    file = find(met.SOURCE, met.FILE)
    return None if file is None else met.complaints_per_person(met.read_pairs(file))


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
    accused, pairs = chicago_accused(), met_counts()
    ways = {
        "chicago_rates": chicago_rates,
        "chicago_outcomes": chicago_outcomes,
        "chicago_officers": chicago_officers,
        "chicago_years": chicago_years,
    }
    return {
        **{name: committed(name, chicago.SOURCE) if accused is None else way(accused) for name, way in ways.items()},
        "met_complaints": committed("met_complaints", met.SOURCE) if pairs is None else pairs,
    }
