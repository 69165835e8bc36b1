"""What a disk or a folder refuses is told in a sentence by every command; nothing is lost or half-written."""

import errno
import os
import sys
import time
from pathlib import Path

import pytest
from commands import misconduct

import analysis.__main__ as door
from analysis import cli
from analysis.build import everything
from analysis.csv_files import read_csv_text
from analysis.dataset import PROCESSED, read_table
from analysis.errors import DataError, MisconductError
from analysis.paths import shown
from analysis.provenance import own_data
from analysis.reading.spreadsheet import importer, template
from analysis.reading.spreadsheet.grid import read_sheets
from analysis.reading.spreadsheet.mapping import read_mapping
from analysis.writing import fill_folder, locked, replaced_folder, write_beside, write_files


@pytest.fixture
def own(tmp_path):
    """A file and its mapping, as map writes it and somebody confirms it."""
    (tmp_path / "mine.csv").write_text("Ref,Type,Outcome\nC1,Driving,Dismissed\nC2,Driving,Sacked for x\n")
    (tmp_path / "mine.yml").write_text(
        "confirmed: yes\ntable: people\nsource: {id: mine, title: T, publisher: P, url: 'https://example.org', "
        "licence: not stated, jurisdiction: England and Wales, coverage: '2020'}\n"
        "columns: {case_id: Ref, complaint_type: Type, sanction: Outcome}\n"
        "constants: {force: Kent Police, case_to_answer: gross_misconduct}\nlabels: {sanction: {}}\n"
    )
    return tmp_path


def said(answer, *parts):
    assert answer.returncode == 1 and "Traceback" not in answer.stderr, answer.stderr
    for part in parts:
        assert part in answer.stderr, answer.stderr
    return answer


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("map",), ("import", "--map", "mine.yml"), ("validate", "--as", "subjects")])
@pytest.mark.parametrize("name", ["circle.csv", "n" * 300 + ".csv", "folder.csv", "none.csv"])
def test_a_file_that_is_none_is_a_sentence(own, command, name):
    (own / "circle.csv").symlink_to("circle.csv")
    (own / "folder.csv").mkdir()
    said(misconduct(command[0], name, *command[1:], cwd=own), name[:20])


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file of Linux")
@pytest.mark.parametrize("command", [("map",), ("import", "--map", "mine.yml"), ("validate", "--as", "subjects")])
def test_a_file_that_the_system_does_not_give_is_a_sentence(own, command):
    said(misconduct(command[0], "/proc/self/mem", *command[1:], cwd=own), "/proc/self/mem")


def test_links_in_a_circle_have_a_name_for_people(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert shown(tmp_path / "a") == str(tmp_path / "a")


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9"])
def test_an_id_that_windows_keeps_for_itself_is_refused(own, name):
    text = (own / "mine.yml").read_text()
    (own / "mine.yml").write_text(text.replace("id: mine", f"id: {name}"))
    with pytest.raises(DataError, match=f"'{name}' is not allowed. Write small letters"):
        read_mapping(own / "mine.yml")
    (own / "mine.yml").write_text(text.replace("id: mine", f"id: {name}x"))
    assert read_mapping(own / "mine.yml").source.id == f"{name}x"


# --- folders that cannot be written to, full disks --------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("command", ["chart", "pack", "map"])
def test_what_cannot_be_written_is_a_sentence_with_its_place(own, command, number, monkeypatch):
    def refuse(path, content):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("analysis.writing._write_to_disk", refuse)
    arguments = {
        "chart": ("chart", "funnel_by_force", "--among", "proven", "--format", "svg", "--size", "page", "--out", "out"),
        "pack": ("pack", "--force", "Kent Police", "--out", "out"),
        "map": ("map", "mine.csv", "--out", "out/x.yml"),
    }
    monkeypatch.setattr("analysis.publishing.packs.pack_files", lambda *_: {"a": b"x"})
    answer = said(misconduct(*arguments[command], cwd=own), f"{os.strerror(number)}.", "out")
    assert not [path for path in (own / "out").rglob("*") if path.is_file()] and answer.stdout == ""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_problems_found_are_all_told_where_their_list_cannot_be_written(own, number, monkeypatch):
    def refuse(path, content):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("analysis.writing._write_to_disk", refuse)
    rows = "".join(f"C{n},Driving,Sacked {n}\n" for n in range(40))
    (own / "mine.csv").write_text("Ref,Type,Outcome\n" + rows)
    answer = said(misconduct("import", "mine.csv", "--map", "mine.yml", cwd=own), f"{os.strerror(number)}.")
    assert all(f"Sacked {n}'" in answer.stderr for n in range(40))


def test_an_import_into_a_folder_that_cannot_be_written_to_is_a_sentence(own, monkeypatch):
    (own / "mine.csv").write_text("Ref,Type,Outcome\nC1,Driving,Dismissed\n")
    (own / "file").write_text("no folder")
    monkeypatch.setattr(importer.import_file, "__defaults__", (own / "file", str))
    said(misconduct("import", "mine.csv", "--map", "mine.yml", cwd=own), "file", "File exists", "A file is where")


def test_a_folder_where_a_file_should_be_is_told_as_one(tmp_path):
    (tmp_path / "a").mkdir()
    for files in ({"a": b"x"}, {"a": b"x", "b": b"y"}):
        with pytest.raises(MisconductError, match="a is a folder, so no file can be written there"):
            write_files({tmp_path / name: content for name, content in files.items()})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_disk_without_second_names_still_replaces_nothing(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a.csv").write_bytes(b"mine")
    assert write_beside(tmp_path / "a.csv", b"x").name == "a-2.csv" and (tmp_path / "a-2.csv").read_bytes() == b"x"
    assert (tmp_path / "a.csv").read_bytes() == b"mine" and len([*tmp_path.iterdir()]) == 2


@pytest.mark.parametrize("paths", [["../x"], ["a", "a"], ["a", "./a"]])
def test_a_path_out_of_the_folder_or_there_twice_is_refused(tmp_path, paths):
    with (
        pytest.raises(MisconductError, match="outside the folder or there twice"),
        replaced_folder(tmp_path / "site") as fresh,
    ):
        fill_folder(fresh, [(path, b"x") for path in paths])
    assert not any(tmp_path.iterdir())


def test_a_missing_table_says_how_to_get_it_back(monkeypatch):
    where = r"data/processed/no_such\.csv is missing.* git checkout .* misconduct build .* misconduct fetch"
    with pytest.raises(MisconductError, match=where):
        read_table(PROCESSED, "no_such")


# --- two at once, another clock, Ctrl-C -------------------------------------------------------------------------------


def test_a_second_build_or_release_says_who_builds(tmp_path, monkeypatch):
    monkeypatch.setattr(everything, "MEMORY", tmp_path / "steps.json")
    monkeypatch.setattr(everything.locked.__wrapped__, "__defaults__", (0.05,))
    monkeypatch.setattr(everything.Step, "is_done", lambda _: True)
    with locked(tmp_path / "steps.json", tmp_path):
        for work in (lambda: everything.build_all(print), everything.make_release):
            with pytest.raises(MisconductError, match=rf"build is being written by another process \({os.getpid()}\)"):
                work()


def test_a_clock_that_is_set_back_changes_nothing(own, monkeypatch):
    (own / "mine.csv").write_text("Ref,Type,Outcome\nC1,Driving,Dismissed\n")
    importer.import_file(own / "mine.csv", own / "mine.yml", own / "data")
    (own / "mine.csv").write_text("Ref,Type,Outcome\nC1,Driving,Dismissed\nC2,Driving,Dismissed\n")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    folder, _ = importer.import_file(own / "mine.csv", own / "mine.yml", own / "data")
    os.utime(folder / own_data.CHECKSUMS, (0, 0))
    with own_data.one_import(folder) as (names, _):
        assert len(read_csv_text(folder / "subjects.csv")) == 2 and "subjects.csv" in names


@pytest.mark.parametrize("when", ["in a command", "before it"])
def test_ctrl_c_is_one_sentence_and_status_130(when, monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(*((cli, "main", stop) if when == "before it" else ("analysis.dataset.load", stop)))
    monkeypatch.setattr(sys, "argv", ["misconduct", "rates", "--among", "proven"])
    with pytest.raises(SystemExit) as leaving:
        door.main()
    assert leaving.value.code == 130
    assert capsys.readouterr().err.strip() == "Stopped. What was not finished is as it was before."


def test_a_file_that_is_changed_while_it_is_imported_is_not_imported(own, monkeypatch):
    (own / "mine.csv").write_text("Ref,Type,Outcome\nC1,Driving,Dismissed\n")
    read = importer.read_file

    def changed(file, mapping):
        found = read(file, mapping)
        file.write_text("Ref,Type,Outcome\nC1,Driving,NFA\n")
        return found

    monkeypatch.setattr(importer, "read_file", changed)
    with pytest.raises(MisconductError, match="was changed while it was read"):
        importer.import_file(own / "mine.csv", own / "mine.yml", own / "data")
    assert not (own / "data").exists()


# --- zips -------------------------------------------------------------------------------------------------------------


def test_the_template_is_the_same_at_any_time_and_can_be_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(template, "FILE", tmp_path / "template.xlsx")
    first = template.write_template().read_bytes()
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert template.write_template().read_bytes() == first
    assert [sheet.name for sheet in read_sheets(tmp_path / "template.xlsx")] == ["Read me", "People", "Counts", "Words"]
