import pytest

from analysis.checking.tables import PROCESSED_TABLES
from analysis.csv_files import to_csv_bytes
from analysis.paths import PROCESSED
from analysis.writing import write_files


def test_the_committed_tables_are_what_the_raw_data_give(built):
    assert set(built) == set(PROCESSED_TABLES) == {path.stem for path in PROCESSED.glob("*.csv")}
    for table, rows in built.items():
        stored = (PROCESSED / f"{table}.csv").read_bytes().decode().splitlines()
        rebuilt = to_csv_bytes(rows).decode().splitlines()
        differing = [f"row {n}: {a}" for n, (a, b) in enumerate(zip(stored, rebuilt, strict=False), 1) if a != b]
        assert not differing, f"data/processed/{table}.csv is not what data/raw gives: {differing[:3]}"
        assert len(stored) == len(rebuilt), table


def test_files_are_written_all_or_none(tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_files({good: b"new", bad: "not bytes"})  # type: ignore[dict-item]
    assert good.read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == ["good.txt"]


def test_raw_and_processed_data_have_the_same_people(built):
    from analysis.csv_files import read_csv_text
    from analysis.paths import RAW

    raw = read_csv_text(RAW / "iopc_investigations" / "subjects.csv")
    assert raw["subject_id"].tolist() == built["subjects"]["subject_id"].tolist()
