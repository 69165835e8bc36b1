"""Outcomes of published IOPC investigations, coded for this project -> Subjects and Allegations."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.csv_files import FIRST_ROW
from analysis.errors import Problem
from analysis.reading.violence import vawg_per_person
from analysis.vocabulary import harmonise

SOURCE = "iopc_investigations"
FILES = {"investigations": "investigations.csv", "subjects": "subjects.csv"}
SAME_CODES = (  # columns whose labels are our codes (the crosswalk says `same`)
    "person_type",
    "rank",
    "case_to_answer",
    "force_view",
    "proceeding",
    "finding",
    "finding_basis",
    "left_service",
    "criminal",
    "discrimination_ground",
    "confidence",
)


def check(raw: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Problems between the two files: a subject without a case, a count that does not match the subjects."""
    investigations, subjects = raw["investigations"], raw["subjects"]
    cases = set(investigations["investigation_id"])
    problems = [
        Problem(
            file=FILES["subjects"],
            row=row,
            column="investigation_id",
            value=case,
            problem=f"there is no investigation {case!r}.",
            allowed="an investigation_id of investigations.csv",
            advice="Add the investigation or correct the id.",
            rule="no case",
        )
        for row, case in enumerate(subjects["investigation_id"], FIRST_ROW)
        if case not in cases
    ]
    counted = subjects["investigation_id"].value_counts()
    for row, case, stated in zip(
        range(FIRST_ROW, len(investigations) + FIRST_ROW),
        investigations["investigation_id"],
        investigations["n_subjects"].fillna(0),
        strict=True,
    ):
        found = int(counted.get(case, 0))
        if found != stated:
            problem = f"n_subjects is {stated}, but subjects.csv has {found} for {case!r}."
            problems.append(Problem(FILES["investigations"], row, "n_subjects", str(stated), problem, rule="count"))
    return problems


def ingest(raw: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Subjects (509 rows in the first edition) and Allegations, in the order of subjects.csv, and Cases."""
    people = raw["subjects"].merge(
        raw["investigations"][["investigation_id", "force", "published", "incident_year", "vawg"]],
        on="investigation_id",
        how="left",
        validate="many_to_one",
    )
    subjects = pd.DataFrame(
        {
            "source": pd.Series(SOURCE, index=people.index, dtype="str"),
            "jurisdiction": pd.Series("England and Wales", index=people.index, dtype="str"),
            "case_id": people["investigation_id"],
            "subject_id": people["subject_id"],
            "force": harmonise(people["force"], SOURCE, "force"),
            "force_source": people["force"],
            "date": people["published"],
            "year": people["incident_year"],
            **{column: harmonise(people[column], SOURCE, column) for column in SAME_CODES},
            "sanction": harmonise(people["sanction"], SOURCE, "sanction"),
            "sanction_source": people["sanction"],
            "overturned_on_appeal": people["overturned_on_appeal"],
            "vawg_flag": harmonise(people["vawg"], SOURCE, "vawg_flag"),
        }
    )
    types = people.melt("subject_id", [f"complaint_type_{n}" for n in (1, 2, 3)], "position", "complaint_type_source")
    types = types[types["complaint_type_source"] != ""]
    allegations = pd.DataFrame(
        {
            "source": pd.Series(SOURCE, index=types.index, dtype="str"),
            "subject_id": types["subject_id"],
            "complaint_type": harmonise(types["complaint_type_source"], SOURCE, "complaint_type"),
            "complaint_type_source": types["complaint_type_source"],
            "position": types["position"].str.removeprefix("complaint_type_").astype("Int64"),
        }
    )
    order = pd.Series(range(len(people)), index=people["subject_id"])
    allegations = allegations.sort_values(
        ["subject_id", "position"],
        key=lambda column: column.map(order) if column.name == "subject_id" else column,
    )
    pages = raw["investigations"][raw["investigations"]["investigation_id"].isin(people["investigation_id"])]
    cases = pd.DataFrame({"source": SOURCE, "case_id": pages["investigation_id"], "url": pages["url"]})
    return {
        "subjects": subjects.assign(vawg=vawg_per_person(subjects, allegations)),
        "allegations": allegations.reset_index(drop=True),
        "cases": cases.astype("str").reset_index(drop=True),
    }
