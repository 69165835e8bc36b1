"""Small made-up tables of subjects for unit and property tests of the rates (never shown to anybody)."""

import pandas as pd

from analysis.dataset import Dataset

SANCTIONS = {"D": "dismissed", "W": "would_have_been_dismissed", "n": "no_action", "?": "not_stated"}


def of(subjects: pd.DataFrame, allegations: pd.DataFrame) -> Dataset:
    """A data set of these people."""
    return Dataset({"subjects": subjects, "allegations": allegations})


def with_tables(data: Dataset, **tables: pd.DataFrame) -> Dataset:
    """The same data with other tables in the place of some."""
    return Dataset({**data, **tables})


def people(cases: list[str], types: list[list[str]] | None = None) -> Dataset:
    """A data set from one string a case, one letter a subject: D, W, n (no action) or ? (unknown)."""
    rows = [
        (f"case{c}", f"case{c}#{i}", SANCTIONS[letter]) for c, case in enumerate(cases) for i, letter in enumerate(case)
    ]
    subjects = pd.DataFrame(rows, columns=["case_id", "subject_id", "sanction"], dtype="str")
    constants = {
        "source": "iopc_investigations",
        "jurisdiction": "England and Wales",
        "force": "Kent Police",
        "case_to_answer": "misconduct",
        "proceeding": "hearing",
        "finding": "misconduct",
        "person_type": "officer",
        "rank": "constable",
        "vawg": "none",
    }
    subjects = subjects.assign(
        **{name: pd.Series(value, index=subjects.index, dtype="str") for name, value in constants.items()},
        year=pd.Series(2016, index=subjects.index, dtype="Int64"),
    )
    types = types or [["use_of_force"]] * len(subjects)
    allegations = pd.DataFrame(
        [
            ("iopc_investigations", subject, kind, kind, position)
            for subject, kinds in zip(subjects["subject_id"], types, strict=True)
            for position, kind in enumerate(kinds, 1)
        ],
        columns=["source", "subject_id", "complaint_type", "complaint_type_source", "position"],
    )
    return of(subjects, allegations)


def by_force(cases: dict[str, list[str]]) -> Dataset:
    """People of several forces: of each its cases, as in `people`."""
    subjects, allegations = people([case for group in cases.values() for case in group]).values()
    forces = [force for force, group in cases.items() for case in group for _ in case]
    return of(subjects.assign(force=pd.Series(forces, dtype="str")), allegations)
