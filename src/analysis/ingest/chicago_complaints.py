"""Complaints against Chicago police officers -> one row an officer in a complaint, in the project's codes.

The files are fetched (analysis.fetching). Addresses and everything else that is not needed are never read.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from analysis.errors import MisconductError
from analysis.vocabulary import crosswalk

SOURCE = "chicago_complaints"
ACCUSED, COMPLAINTS, CATEGORIES = (
    "chicago-complaints-accused.csv.gz",
    "chicago-complaints.csv.gz",
    "chicago-complaint-categories.xlsx",
)
NO_GROUP = {"", "10X", "15", "15F", "21A"}  # codes that the publisher's list does not have
OPEN_UNLESS = {"no_action", "not_stated"}  # without a closing date, these do not say that the case has ended


def to_codes(labels: pd.Series, vocabulary: str) -> pd.Series:
    """Labels of this source as codes, looked up once a spelling; MisconductError names every unknown spelling."""
    known = crosswalk(SOURCE)[vocabulary]
    spellings = labels.astype("category")
    unknown = [label for label in spellings.cat.categories if label not in known]
    if unknown:
        raise MisconductError(
            f"{SOURCE}: {vocabulary} has labels that data/vocabulary/crosswalks/{SOURCE}.yml does not know: "
            f"{', '.join(map(repr, unknown))}."
        )
    codes = pd.Categorical([known[label] for label in spellings.cat.categories])
    numbers = pd.Series(codes.codes, index=range(len(codes))).reindex(spellings.cat.codes).to_numpy()
    return pd.Series(pd.Categorical.from_codes(numbers, categories=codes.categories), index=labels.index)


def read_categories(path: Path) -> dict[str, str]:
    """Complaint code -> group in the publisher's words. The sheet's first row is data above its own headings' names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of openpyxl, about formatting
        sheet = pd.read_excel(path, header=None, dtype=str, keep_default_na=False)
    return {code: group for code, group in zip(sheet[0], sheet[2], strict=True) if group != "CATEGORY"}


def read_accused(accused: Path, complaints: Path, categories: Path) -> pd.DataFrame:
    """One row an officer in a complaint.

    Returns source, case_id, subject_id (complaint and officer; nobody is named), year (of the complaint), finding,
    finding_source, sanction, sanction_source, complaint_category; codes as categories. A complaint that is open (no
    closing date, and no sanction) has an unknown outcome.
    """
    text: dict = {"dtype": "str", "keep_default_na": False}
    rows = pd.read_csv(accused, usecols=["UID", "complaint_code", "cr_id", "final_finding", "final_outcome"], **text)
    cases = pd.read_csv(complaints, usecols=["cr_id", "complaint_date", "closed_date"], **text).set_index("cr_id")
    groups = read_categories(categories)
    codes = rows["complaint_code"].astype("category")
    missing = [code for code in codes.cat.categories if code not in groups and code not in NO_GROUP]
    if missing:
        raise MisconductError(f"{categories.name} has no group for the complaint codes {', '.join(missing)}.")
    named = codes.map({code: groups.get(code, "") for code in codes.cat.categories}).astype("str")
    sanction = to_codes(rows["final_outcome"], "sanction")
    is_open = rows["cr_id"].map(cases["closed_date"]).eq("") & sanction.isin(OPEN_UNLESS)
    year = rows["cr_id"].map(cases["complaint_date"]).str[:4]
    return pd.DataFrame(
        {
            "source": pd.Categorical.from_codes([0] * len(rows), categories=[SOURCE]),
            "case_id": rows["cr_id"],
            "subject_id": rows["cr_id"] + "#" + rows["UID"],
            "year": pd.to_numeric(year).astype("Int64"),
            "finding": to_codes(rows["final_finding"], "finding"),
            "finding_source": rows["final_finding"],
            "sanction": sanction.mask(is_open, "not_stated"),
            "sanction_source": rows["final_outcome"],
            "complaint_category": to_codes(named, "complaint_category"),
        }
    )
