"""Complaints against Metropolitan Police Service officers and staff -> how many people have how many complaints.

The file is fetched (analysis.provenance.download): pairs of case and person under a number, without type or outcome.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SOURCE = "met_complaints"
FILE = "met-police-complaints.csv"
NOT_PEOPLE = ("subject 122060", "Organisational")  # what the force put where no single person was meant


def read_pairs(path: Path) -> pd.DataFrame:
    """One row a person in a case: case_id, subject_id; repeated pairs once."""
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    return rows.rename(columns={"Case Ref": "case_id", "Subject Ref": "subject_id"}).drop_duplicates()


def complaints_per_person(pairs: pd.DataFrame) -> pd.DataFrame:
    """How many people have how many complaints: n_complaints, n_people; numbers that are not people left out."""
    people = pairs[~pairs["subject_id"].isin(NOT_PEOPLE)]
    counts = people["subject_id"].value_counts().value_counts().sort_index()
    return pd.DataFrame({"n_complaints": counts.index, "n_people": counts.to_numpy()}).astype("Int64")
