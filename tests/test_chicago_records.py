"""The records of Chicago as they are read and counted, on small files in the publisher's form."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.build import fetched_counts as aggregates
from analysis.csv_files import read_large_csv
from analysis.errors import DataError, MisconductError
from analysis.reading import chicago_complaints as chicago
from analysis.reading.numbering import numbered

ACCUSED = "UID,complaint_category,complaint_code,cr_id,final_finding,final_outcome\n"
COMPLAINTS = "cr_id,complaint_date,closed_date,add1\n"


def read(folder, accused, complaints, groups=None):
    """read_accused of small files in the publisher's form."""
    (folder / "accused.csv").write_text(ACCUSED + "".join(f"{row}\n" for row in accused))
    (folder / "complaints.csv").write_text(COMPLAINTS + "".join(f"{row}\n" for row in complaints))
    return chicago.read_accused(folder / "accused.csv", folder / "complaints.csv", groups or {"05A": "Use of Force"})


GOOD = ["1.0,X,05A,C1,SU,SEPARATION", "2.0,X,05A,C1,NS,No Action Taken", "1.0,X,,C2,,NO ACTION TAKEN"]
CASES = ["C2,2015-01-02,,secret", "C1,2010-05-06,2011-01-01,secret", "C3,2011-01-01,,secret"]


def test_records_are_read_into_the_projects_codes(tmp_path):
    found = read(tmp_path, GOOD, CASES)
    assert found["case_id"].tolist() == ["C1", "C1", "C2"]
    assert found["officer"].tolist() == ["1.0", "2.0", "1.0"]
    assert found["year"].tolist() == [2010, 2010, 2015]
    assert found["sanction"].tolist() == ["dismissed", "no_action", "not_stated"]  # the last complaint is open
    assert found["finding"].tolist() == ["misconduct", "not_proven", "not_stated"]
    assert found["complaint_category"].tolist() == ["use_of_force", "use_of_force", "not_stated"]
    table = aggregates.rates_among(found, "all_subjects").total
    assert (table["numerator"], table["denominator"], table["unknown_outcomes"], table["n_cases"]) == (1, 2, 1, 1)


def test_complaints_get_one_number_in_whatever_parts_a_file_is_read():
    parts = [pa.array(part, pa.string()).dictionary_encode() for part in (["C1", "C1", "C3"], [], ["C3", "C2"], ["C1"])]
    numbers = pa.array(["C2", "3", "C3", "C1", "4"])
    found = chicago.number_cases(pa.chunked_array(parts), numbers, Path("accused"), Path("complaints"))
    assert found.of_row.tolist() == [3, 3, 2, 2, 0, 3]
    assert found.is_first.tolist() == [True, False, True, True, False]
    assert found.same.tolist() == [0, 2, 2, 3, -1]


texts = st.lists(st.lists(st.text("01é", max_size=2), max_size=6), min_size=1, max_size=4)


@settings(max_examples=50)
@given(texts, st.integers(0, 2))
@example([["1", ""], [], ["", "1", "01"]], 1)
def test_texts_are_numbered_by_what_they_are_whatever_they_end_in(texts, left_out):
    pieces = [pa.array(piece, pa.string()).slice(left_out) for piece in texts]
    with ThreadPoolExecutor(2) as threads:
        number, length = numbered(pieces, lambda piece: (piece, pa.compute.binary_length(piece).to_numpy()), threads)
    flat = [text for piece in texts for text in piece[left_out:]]
    assert length.tolist() == [len(text.encode()) for text in flat]
    assert len({*zip(flat, number.tolist(), strict=True)}) == len({*flat}) == len({*number.tolist()})
    assert {*number.tolist()} == {*range(len({*flat}))}


@pytest.mark.parametrize(
    ("accused", "complaints", "groups", "said"),
    [
        ([*GOOD, "3.0,X,05A,C9,SU,Separation"], CASES, None, r"row 5, column cr_id: there is no complaint 'C9'"),
        (GOOD, [*CASES, CASES[0]], None, r"row 5, column cr_id: the complaint 'C2' occurs more than once"),
        ([*GOOD, GOOD[0]], CASES, None, r"row 5, column UID: the same officer is in the complaint 'C1'"),
        ([*GOOD, "3.0,X,05A,C2,SU,FIRED"], CASES, None, "'FIRED'"),
        ([*GOOD, "3.0,X,99Z,C2,SU,Separation"], CASES, None, "complaint codes 99Z"),
        (GOOD, CASES, {"05A": "Force"}, "complaint_category has labels .* 'Force'"),
        ([*GOOD, "3.0,X,05A,C3,SU,Separation"], [*CASES[:2], "C3,0011-01-01,,"], None, "row 5, column year: '11'"),
        (GOOD, [*CASES[:2], "C3,01/02/2010,,"], None, "row 4, column complaint_date: '01/02/2010' is not a date"),
        ([*GOOD, "3.0,X,05A"], CASES, None, "Expected 6 columns, got 3"),
    ],
)
def test_wrong_records_are_named(accused, complaints, groups, said, tmp_path):
    with pytest.raises(MisconductError, match=said):
        read(tmp_path, accused, complaints, groups)


def test_a_damaged_file_and_a_heading_that_occurs_twice_are_named(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(b"no gzip")
    (tmp_path / "b.csv").write_text("cr_id,cr_id,UID\n1,2,3\n")
    for name, said in (
        ("a.csv.gz", "a.csv.gz"),
        ("nowhere.csv", "nowhere.csv"),
        ("b.csv", "cr_id occurs more than once"),
    ):
        with pytest.raises(DataError, match=said):
            read_large_csv(tmp_path / name, ["cr_id"], ["UID"])


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(MisconductError, match="cr_id"):
        chicago.read_accused(tmp_path / "a.csv", tmp_path / "a.csv", {})


def test_addresses_are_never_read(tmp_path, monkeypatch):
    asked = []
    reading = chicago.read_large_csv
    monkeypatch.setattr(
        chicago, "read_large_csv", lambda path, *columns: asked.extend(columns) or reading(path, *columns)
    )
    read(tmp_path, GOOD, CASES)
    assert {column for columns in asked for column in columns} == {
        *("cr_id", "UID", "complaint_code", "final_finding", "final_outcome", "complaint_date", "closed_date")
    }


def test_a_year_belongs_to_one_of_the_periods_that_part_the_records(tmp_path):
    found = read(tmp_path, GOOD, ["C2,1990-12-31,1991-01-02,x", "C1,1991-01-01,1991-01-01,x"])
    assert aggregates.of_period(found, "complete_years")["case_id"].tolist() == ["C1", "C1"]
    assert aggregates.of_period(found, "early_years")["case_id"].tolist() == ["C2"]
    assert aggregates.of_period(found, "unfinished_years").empty
    assert len(aggregates.of_period(found, "all_years")) == 3


def test_what_both_releases_have_counts_once_as_the_first_has_it(tmp_path):
    """Same number but for the C and same officer; another officer, another number, or no other release: kept."""
    rows = ["1.0,X,05A,7,NS,No Action Taken", "1.0,X,05A,C7,SU,SEPARATION", "2.0,X,05A,7,NS,No Action Taken"]
    rows += ["1.0,X,05A,8,NS,No Action Taken", "3.0,X,05A,C9,NS,NO ACTION TAKEN", "1.0,X,05A,77,NS,Reprimand"]
    days = [f"{number},2000-03-04,2001-01-01,x" for number in ("7", "C7", "8", "C9", "77")]
    found = read(tmp_path, rows, days)
    assert found["is_repeated"].tolist() == [True, *[False] * 5]
    counts = aggregates.chicago_years(found).iloc[0]
    assert (counts["n"], counts["n_repeated"], counts["n_sustained_dismissed"]) == (5, 1, 1)
    assert aggregates.chicago_outcomes(found)["n"].sum() == 5
    assert len(aggregates.of_period(found, "from_1990")) == 5
    assert len(aggregates.of_period(found, "from_1990_as_published")) == 6
    officers = aggregates.chicago_officers(found).set_index("outcome")
    assert officers.loc["(all)"].tolist() == [3, 1] and officers.loc["no_action"].tolist() == [3, 0]
