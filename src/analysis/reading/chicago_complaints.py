"""Complaints against Chicago police officers -> one row an officer in a complaint, in the project's codes.

The files are fetched (analysis.provenance.download). Addresses and everything else that is not needed are never read.
Every label is looked at once a spelling and every number of a complaint once, whatever the number of rows
(docs/performance.md).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.checking.validation import validate_distinct
from analysis.csv_files import FIRST_ROW, memory_of_large, read_large_csv
from analysis.errors import DataError, MisconductError, Problem
from analysis.paths import shown
from analysis.reading.labels import relabel, to_codes
from analysis.reading.numbering import numbered

SOURCE = "chicago_complaints"
ACCUSED, COMPLAINTS, CATEGORIES = (
    "chicago-complaints-accused.csv.gz",
    "chicago-complaints.csv.gz",
    "chicago-complaint-categories.xlsx",
)
NO_GROUP = {"", "10X", "15", "15F", "21A"}  # codes that the publisher's list does not have
YEAR = re.compile(r"\d{4}-")  # that a date begins with
FIRST_RELEASE = "C"  # stands before the numbers of its complaints
AT_ONCE = 100_000  # numbers of complaints that one thread looks at
OPEN_UNLESS = {"no_action", "not_stated"}  # without a closing date, these do not say that the case has ended


def read_categories(path: Path) -> dict[str, str]:
    """Complaint code -> group in the publisher's words. The sheet's first row is data above its own headings' names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of openpyxl, about formatting
        sheet = pd.read_excel(path, header=None, dtype=str, keep_default_na=False)
    return {code: group for code, group in zip(sheet[0], sheet[2], strict=True) if group != "CATEGORY"}


def read_accused(accused: Path, complaints: Path, groups: Mapping[str, str]) -> pd.DataFrame:
    """One row an officer in a complaint, validated (checking: ChicagoRecords). groups: as read_categories gives them.

    Returns source, case_id, officer (a number; nobody is named), year (of the complaint), finding, finding_source,
    sanction, sanction_source, complaint_category, is_repeated; case_id and officer as dictionaries of Arrow, the
    others as categories. A complaint that is open (no closing date, and no sanction) has an unknown outcome.
    is_repeated: the row is of the second release, and the first has the accusation too (`repeated`).
    Raises DataError for a complaint that the second file lacks or has twice, and for an officer who is twice in one.
    """
    rows = read_large_csv(accused, [], ["cr_id", "UID", "complaint_code", "final_finding", "final_outcome"])
    cases = read_large_csv(complaints, ["cr_id"], ["complaint_date", "closed_date"])
    numbers = cases["cr_id"].combine_chunks()
    with ThreadPoolExecutor(1) as beside:  # Arrow and NumPy let the other work meanwhile
        numbering = beside.submit(number_cases, rows["cr_id"], numbers, accused, complaints)
        officers = rows["UID"].unify_dictionaries(memory_of_large()).combine_chunks()
        labels = {name: rows[name].to_pandas() for name in ("complaint_code", "final_finding", "final_outcome")}
        of_case = {name: cases[name].to_pandas() for name in ("complaint_date", "closed_date")}
        found = numbering.result()
        del rows, cases, numbering  # room for what is made of them
        case, officer = found.of_row, officers.indices.to_numpy()
        once = beside.submit(require_once, case, officer, numbers, accused)
        again = beside.submit(repeated, found, officer)
        years = relabel(of_case["complaint_date"], years_of(of_case["complaint_date"], complaints))
        sanction = to_codes(labels["final_outcome"], SOURCE, "sanction")
        if "not_stated" not in sanction.cat.categories:
            sanction = sanction.cat.add_categories("not_stated")
        is_open = (of_case["closed_date"] == "").to_numpy()[case] & sanction.isin(OPEN_UNLESS)
        columns = {
            "source": pd.Categorical.from_codes(np.zeros(len(case), dtype=np.int8), categories=[SOURCE]),
            "case_id": pd.arrays.ArrowExtensionArray(pa.DictionaryArray.from_arrays(case, numbers)),
            "officer": pd.arrays.ArrowExtensionArray(officers),
            "year": pd.Categorical.from_codes(years.cat.codes.to_numpy()[case], years.cat.categories),
            "finding": to_codes(labels["final_finding"], SOURCE, "finding"),
            "finding_source": labels["final_finding"],
            "sanction": sanction.mask(is_open, "not_stated"),
            "sanction_source": labels["final_outcome"],
            "complaint_category": _categories(labels["complaint_code"], groups),
        }
        once.result()
    columns["is_repeated"] = pd.Categorical(again.result(), categories=[False, True])
    frame = pd.DataFrame(columns, copy=False)
    validate_distinct(frame.drop(columns=["case_id", "officer"]), "chicago_records", shown(accused))
    return frame


def _categories(codes: pd.Series, groups: Mapping[str, str]) -> pd.Series:
    """The project's code of each complaint's code, by its group. MisconductError for one that no group has."""
    kinds = codes.cat.categories
    missing = [code for code in kinds if code not in groups and code not in NO_GROUP]
    if missing:
        raise MisconductError(f"{CATEGORIES} has no group for the complaint codes {', '.join(missing)}.")
    return to_codes(relabel(codes, [groups.get(code, "") for code in kinds]), SOURCE, "complaint_category")


def years_of(dates: pd.Series, complaints: Path) -> list[int]:
    """The year of each category of dates, in order. DataError for one that does not begin with a year."""
    days = dates.cat.categories.tolist()
    wrong = [day for day in days if not YEAR.match(day)]
    if wrong:
        rows = {day: FIRST_ROW + int((dates == day).to_numpy().argmax()) for day in wrong}
        raise DataError(
            [
                Problem(
                    shown(complaints), row, "complaint_date", day, f"{day!r} is not a date.", "2019-02-28", rule="date"
                )
                for day, row in rows.items()
            ]
        )
    return [int(day[:4]) for day in days]


@dataclass(frozen=True)
class Complaints:
    """Which complaints the accusations are in: positions in the complaints file."""

    of_row: np.ndarray
    is_first: np.ndarray  # of each complaint, whether it is of the first release
    same: np.ndarray  # its own position if it is; else that of the complaint which the second has again, or -1


def number_cases(of_rows: pa.ChunkedArray, numbers: pa.Array, accused: Path, complaints: Path) -> Complaints:
    """Where each row's complaint is among the numbers of the complaints file.

    of_rows: as read, each part with the different numbers in it. The first release writes a C before the number of a
    complaint, which the second leaves out: both get one code, so that every number is looked up once.
    """
    different = [part.dictionary for part in of_rows.chunks]
    pieces = [numbers.slice(start, AT_ONCE) for start in range(0, len(numbers), AT_ONCE)] + different
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        key, is_first = numbered(pieces, _without_release, threads)
    key *= 2  # in place, for the memory
    key += is_first
    known, *keys = np.split(key, np.cumsum([len(numbers), *map(len, different)])[:-1])
    place = np.full(int(key.max(initial=0)) + 2, -1, dtype=np.int32)
    order = np.arange(len(known), dtype=np.int32)
    place[known[::-1]] = order[::-1]  # of a number that occurs again the first place stays
    rows = np.concatenate([place[own][part.indices] for own, part in zip(keys, of_rows.chunks, strict=True)])
    _require_known(rows, place[known] != order, of_rows, numbers, accused, complaints)
    return Complaints(rows, is_first[: len(known)], place[known | 1])


def _without_release(numbers: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Numbers of complaints without the letter of the first release, and which of them had it."""
    starts, memory = pa.compute.starts_with(numbers, FIRST_RELEASE), memory_of_large()
    without = pa.compute.binary_replace_slice(numbers, 0, len(FIRST_RELEASE), "", memory_pool=memory)
    return pa.compute.if_else(starts, without, numbers, memory_pool=memory), starts.to_numpy(zero_copy_only=False)


def _require_known(
    rows: np.ndarray, is_again: np.ndarray, of_rows: pa.ChunkedArray, numbers: pa.Array, accused: Path, complaints: Path
) -> None:
    """DataError when a complaint is there twice, or the complaint of a row (-1) is not."""
    problems = [
        Problem(
            shown(complaints),
            FIRST_ROW + int(row),
            "cr_id",
            (label := numbers[row].as_py()),
            f"the complaint {label!r} occurs more than once.",
            rule="complaint twice",
        )
        for row in np.flatnonzero(is_again)[:1]
    ]
    problems += [
        Problem(
            shown(accused),
            FIRST_ROW + int(row),
            "cr_id",
            (label := of_rows[row].as_py()),
            f"there is no complaint {label!r} in {complaints.name}.",
            rule="no complaint",
        )
        for row in (np.flatnonzero(rows < 0) if not problems else ())
    ]
    if problems:
        raise DataError(problems)


def repeated(found: Complaints, officer: np.ndarray) -> np.ndarray:
    """Whether each row is of the second release and says again what the first has: the same officer in the same
    complaint."""
    in_both = np.zeros(len(found.same) + 1, dtype=bool)  # the last, -1: of no complaint
    in_both[found.same[~found.is_first]] = True
    in_both[-1] = False
    rows = np.flatnonzero(in_both[found.same][found.of_row])  # few are, so that few rows need a look
    case = found.of_row[rows]
    pair = found.same[case] * np.int64(int(officer.max(initial=0)) + 1) + officer[rows]
    first = found.is_first[case]
    is_repeated = np.zeros(len(officer), dtype=bool)
    is_repeated[rows] = np.isin(pair, pair[first]) & ~first
    return is_repeated


def require_once(case: np.ndarray, officer: np.ndarray, numbers: pa.Array, accused: Path) -> None:
    """DataError when an officer is twice in one complaint."""
    pair = case.astype(np.int64) * (int(officer.max(initial=0)) + 1) + officer
    ordered = np.sort(pair, kind="stable")  # most are in order already, which this kind makes use of
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        raise DataError(
            [
                Problem(
                    shown(accused),
                    FIRST_ROW + int(row),
                    "UID",
                    (label := numbers[case[row]].as_py()),
                    f"the same officer is in the complaint {label!r} more than once.",
                    rule="officer twice",
                )
                for row in np.flatnonzero(pd.Series(pair).isin(twice) & pd.Series(pair).duplicated())
            ]
        )
