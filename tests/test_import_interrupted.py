"""An import is whole: interrupted at any moment, two at once, or mixed by hand, it is the old data or the new."""

import hashlib
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from interrupted import WAYS, every_step, fill, read_once

from analysis.checking import validation
from analysis.checking.stamps import STAMP, stamp_of
from analysis.csv_files import to_csv_bytes
from analysis.dataset import load, read_table
from analysis.errors import MisconductError
from analysis.provenance.own_data import CHECKSUMS, checksums, one_import
from analysis.reading.spreadsheet.importer import import_file
from analysis.writing import write_files

MAP = {
    "confirmed": "yes",
    "table": "people",
    "source": {
        "id": "mine",
        "title": "A title",
        "publisher": "A force",
        "url": "https://example.org/reply",
        "licence": "not stated",
        "jurisdiction": "England and Wales",
        "coverage": "2020 to 2022",
    },
    "columns": {"case_id": "Ref", "complaint_type": "Type", "sanction": "Outcome"},
    "constants": {"force": "Kent Police", "case_to_answer": "gross_misconduct"},
    "labels": {"sanction": {"NFA": "no_action"}},
}


@pytest.fixture
def editions(tmp_path):
    """Two files to import under the same id: A, everybody dismissed; B, nobody, and of another type."""
    files = {}
    for name, kind, outcome in (("A", "Sexual misconduct", "Dismissed"), ("B", "Driving", "NFA")):
        rows = "".join(f"C{n},{kind},{outcome}\n" for n in range(4))
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text("Ref,Type,Outcome\n" + rows)
        mapping = {**MAP, "source": {**MAP["source"], "title": f"Edition {name}"}}
        files[name].with_suffix(".yml").write_text(yaml.safe_dump(mapping))
    return files


def import_edition(file, folder):
    return import_file(file, file.with_suffix(".yml"), folder)


def edition_of(folder) -> str:
    """Which edition is read from an imported folder: all of it A or all of it B."""
    data = load(folder)
    found = {
        {"dismissed": "A", "no_action": "B"}[data.subjects["sanction"].unique().item()],
        {"sexual_misconduct": "A", "driving": "B"}[data.allegations["complaint_type"].unique().item()],
        data.source(folder.name).title.removeprefix("Edition "),
    }
    assert len(found) == 1, f"a mixture: {found}"
    return found.pop()


def read_bytes_of(folder) -> dict[str, bytes]:
    """The files of an import, read as one."""
    with one_import(folder) as (names, _):
        return {name: (folder / name).read_bytes() for name in names}


@pytest.mark.parametrize("way", WAYS)
def test_an_import_that_stops_anywhere_leaves_the_old_data_or_the_new(editions, tmp_path, monkeypatch, way):
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a step that takes no time here
    states = {}
    for edition in "BA":
        import_edition(editions[edition], tmp_path / edition)
        assert edition_of(tmp_path / edition / "mine") == edition
        states[edition] = read_bytes_of(tmp_path / edition / "mine")
    read_once(editions["B"], monkeypatch.setattr)

    def prepare(after):
        return shutil.copytree(tmp_path / "A", tmp_path / f"data{after}")

    seen = []
    for folder in every_step(monkeypatch, prepare, lambda f: import_edition(editions["B"], f), WAYS[way]):
        found = read_bytes_of(folder / "mine")
        [edition] = [edition for edition, state in states.items() if state == found]
        seen.append(edition)
        fill(folder / "mine", "and the next one works and tidies up")
        assert [path.name for path in folder.iterdir()] == ["mine"]
    assert len(seen) > 10 and {*seen} == {"A", "B"} and seen[-1] == "B"
    assert way != "killed" or seen == sorted(seen)


@pytest.mark.parametrize("table", ["subjects.csv", "allegations.csv", "source.yml", "tables.json"])
def test_a_mixture_is_never_read(editions, tmp_path, table):
    import_edition(editions["A"], tmp_path / "a")
    import_edition(editions["B"], tmp_path / "b")
    (tmp_path / "a" / "mine" / table).write_bytes((tmp_path / "b" / "mine" / table).read_bytes())
    with pytest.raises(MisconductError, match="its files do not belong together"):
        edition_of(tmp_path / "a" / "mine")


def test_a_mixture_of_other_people_is_not_read_without_checksums_either(editions, tmp_path):
    import_edition(editions["A"], tmp_path)
    (tmp_path / "mine" / CHECKSUMS).unlink()
    assert edition_of(tmp_path / "mine") == "A"
    file = tmp_path / "mine" / "allegations.csv"
    file.write_bytes(file.read_bytes()[: file.read_bytes().rstrip().rindex(b"\n") + 1])
    with pytest.raises(MisconductError, match="has no allegation"):
        edition_of(tmp_path / "mine")


def test_an_import_is_not_validated_again_and_an_older_one_without_a_stamp_each_time(editions, tmp_path, monkeypatch):
    import_edition(editions["A"], tmp_path)
    seen, validate = [], validation.validate_processed
    monkeypatch.setattr(validation, "validate_processed", lambda *table: seen.append(table[1]) or validate(*table))
    types = load(tmp_path / "mine").subjects.dtypes
    assert seen == []
    for name in (STAMP, CHECKSUMS):
        (tmp_path / "mine" / name).unlink()
    for _ in range(2):
        assert edition_of(tmp_path / "mine") == "A"
    assert seen == ["subjects", "allegations"] * 2
    assert load(tmp_path / "mine").subjects.dtypes.equals(types)


@pytest.mark.parametrize("has_stamp", [True, False])
def test_an_import_of_an_earlier_edition_must_be_imported_again(editions, tmp_path, has_stamp):
    import_edition(editions["A"], tmp_path)
    folder = tmp_path / "mine"
    older = read_table(folder, "subjects").drop(columns=["finding_basis", "vawg"])
    contents = {"subjects.csv": to_csv_bytes(older)}
    contents |= {name: (folder / name).read_bytes() for name in ("allegations.csv", "source.yml")}
    if has_stamp:
        tables = {"subjects": older, "allegations": read_table(folder, "allegations")}
        contents[STAMP] = stamp_of(
            {name: (rows, hashlib.sha256(contents[f"{name}.csv"]).hexdigest()) for name, rows in tables.items()}
        )
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    shutil.rmtree(folder)
    write_files({folder / name: content for name, content in {**contents, CHECKSUMS: checksums(digests)}.items()})
    said = "imported with an earlier edition of this program: it has no finding_basis, vawg. Import the file again"
    with pytest.raises(MisconductError, match=said):
        edition_of(folder)


def test_one_process_reads_one_import(editions, tmp_path):
    import_edition(editions["A"], tmp_path)
    data = load(tmp_path / "mine")
    assert data.subjects["sanction"].unique().tolist() == ["dismissed"]
    import_edition(editions["B"], tmp_path)
    assert data.allegations["complaint_type"].unique().tolist() == ["sexual_misconduct"]  # read with the subjects
    for read in (lambda: data.source("mine"), lambda: data.sources, lambda: data.sources_of(data.subjects)):
        with pytest.raises(MisconductError, match="was imported again meanwhile"):
            read()
    assert edition_of(tmp_path / "mine") == "B"


def test_what_somebody_put_beside_an_import_stays_and_its_old_tables_go(editions, tmp_path):
    import_edition(editions["A"], tmp_path)
    for name in ("notes.csv", "published_rates.csv"):
        (tmp_path / "mine" / name).write_text("x")
    import_edition(editions["B"], tmp_path)
    assert (tmp_path / "mine" / "notes.csv").read_text() == "x"
    assert not (tmp_path / "mine" / "published_rates.csv").exists()


def test_two_processes_that_import_the_same_id_leave_one_of_both(editions, tmp_path):
    code = (
        "import pathlib, sys\nfrom interrupted import importer, read_once\n"
        "file, folder = map(pathlib.Path, sys.argv[1:])\nread_once(file)\n"
        "for _ in range(8): importer.import_file(file, file.with_suffix('.yml'), folder)"
    )
    folder = tmp_path / "data"
    import_edition(editions["A"], folder)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(file), str(folder)], stderr=subprocess.PIPE, env=env)
        for file in editions.values()
    ]
    seen = set()
    while any(process.poll() is None for process in running):
        try:
            seen.add(edition_of(folder / "mine"))
        except MisconductError as error:
            assert "was imported again meanwhile" in str(error)
    assert [process.communicate()[1] for process in running] == [b"", b""]
    assert seen and edition_of(folder / "mine") in ("A", "B")
    assert [path.name for path in folder.iterdir()] == ["mine"]
