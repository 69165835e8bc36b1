"""Nothing is ever half-written: files, folders, and imports, interrupted at any moment or two at once."""

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import yaml

from analysis.build.tables import load_table
from analysis.errors import MisconductError
from analysis.paths import replaced_folder, write_beside, write_files
from analysis.provenance import own_data as local
from analysis.provenance.sources import load_source
from analysis.reading.spreadsheet.importer import import_file

# --- being interrupted ------------------------------------------------------------------------------------------------

STEPS = [(os, name) for name in ("replace", "rename", "link", "unlink", "mkdir", "rmdir", "fsync")]


class Killed(BaseException):
    """The process ends here; nothing it would do afterwards is done."""


@contextmanager
def stopping(monkeypatch, after: int, failure: BaseException):
    """Let the step number `after` (0 is the first) fail; a Killed also fails every later one. Yields how many were."""
    done = []

    def guarded(step):
        def run(*arguments, **options):
            done.append(step.__name__)
            if len(done) - 1 == after or (len(done) > after and isinstance(failure, Killed)):
                raise failure
            return step(*arguments, **options)

        return run

    with monkeypatch.context() as patch:
        for module, name in STEPS:
            patch.setattr(module, name, guarded(getattr(module, name)))
        yield done


# --- files ------------------------------------------------------------------------------------------------------------


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("has_links", [True, False])
def test_a_rename_that_fails_puts_back_what_was_replaced(tmp_path, monkeypatch, has_links):
    files = {tmp_path / name: b"new" for name in ("a", "b", "c")}
    (tmp_path / "a").write_bytes(b"old a")
    (tmp_path / "c").write_bytes(b"old c")
    before, replace = contents(tmp_path), os.replace

    def fails(source, target):
        if str(target).endswith("c"):
            monkeypatch.setattr(os, "replace", replace)
            raise OSError("no")
        replace(source, target)

    def no_links(*_, **__):
        raise OSError("no second names here")

    monkeypatch.setattr(os, "replace", fails)
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(OSError, match="no"):
        write_files(files)
    assert contents(tmp_path) == before


def test_wherever_writing_fails_every_file_is_as_it_was(tmp_path, monkeypatch):
    names = ("a", "b", "c")
    for after in range(100):
        folder = tmp_path / str(after)
        folder.mkdir()
        for name in names[:2]:
            (folder / name).write_bytes(b"old")
        with stopping(monkeypatch, after, OSError("full")) as done:
            try:
                write_files({folder / name: b"new" for name in names})
                failed = False
            except OSError:
                failed = True
        found = {name: content for name, content in contents(folder).items() if not name.endswith(".partial")}
        assert found in ({"a": b"old", "b": b"old"}, dict.fromkeys(names, b"new"))
        if len(done) <= after:
            break
    assert after > 8 and not failed and contents(folder) == dict.fromkeys(names, b"new")


def test_a_link_at_a_temporary_name_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "out.csv.partial").symlink_to(victim)
    write_files({tmp_path / "out.csv": b"new"})
    assert victim.read_bytes() == b"mine" and (tmp_path / "out.csv").read_bytes() == b"new"


def test_nothing_that_is_there_is_replaced(tmp_path):
    (tmp_path / "bad.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "bad-2.csv").mkdir()
    assert write_beside(tmp_path / "bad.csv", b"x") == tmp_path / "bad-3.csv"
    assert not (tmp_path / "nowhere").exists() and write_beside(tmp_path / "new" / "a", b"x").read_bytes() == b"x"
    with pytest.raises(MisconductError, match="not the name of a file"):
        write_beside(tmp_path.parent.__class__(), b"x")


# --- folders ----------------------------------------------------------------------------------------------------------


def test_a_second_one_waits_or_says_who_holds_the_folder(tmp_path):
    with replaced_folder(tmp_path / "site") as first:
        (first / "a").write_text("1")
        with (
            pytest.raises(MisconductError, match=rf"being written by another process \({os.getpid()}\)"),
            replaced_folder(tmp_path / "site", seconds=0.1),
        ):
            pass
        waiting = threading.Thread(target=fill, args=(tmp_path / "site", "2"))
        waiting.start()
    waiting.join()
    assert [path.name for path in tmp_path.iterdir()] == ["site"] and (tmp_path / "site" / "a").read_text() == "2"


def fill(folder, text):
    with replaced_folder(folder) as fresh:
        (fresh / "a").write_text(text)


def test_the_lock_of_a_process_that_died_is_free(tmp_path):
    code = (
        "import os, pathlib, sys\nfrom analysis.paths import replaced_folder\n"
        "with replaced_folder(pathlib.Path(sys.argv[1])) as fresh:\n    (fresh / 'a').write_text('x')\n    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "site")]).returncode == 9
    assert (tmp_path / "site.lock").exists()
    start = time.monotonic()
    fill(tmp_path / "site", "2")
    assert time.monotonic() - start < 5 and [path.name for path in tmp_path.iterdir()] == ["site"]


def test_two_galleries_at_once_are_both_whole(tmp_path, monkeypatch):
    from analysis.publishing import gallery

    def slow(tables, *_):
        for number in range(tables):
            time.sleep(0.01)
            yield f"{number}.html", b"x"

    monkeypatch.setattr(gallery, "site_files", slow)
    counts = []
    builds = [
        threading.Thread(target=lambda n=n: counts.append(gallery.build_gallery(n, tmp_path / "site")))
        for n in (20, 20, 20)
    ]
    for build in builds:
        build.start()
    for build in builds:
        build.join()
    assert counts == [20, 20, 20] and len(list((tmp_path / "site").iterdir())) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


# --- imports ----------------------------------------------------------------------------------------------------------

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
    local.choose(str(folder))
    subjects, allegations = load_table("subjects"), load_table("allegations")
    found = {
        {"dismissed": "A", "no_action": "B"}[subjects["sanction"].unique().item()],
        {"sexual_misconduct": "A", "driving": "B"}[allegations["complaint_type"].unique().item()],
        load_source(folder.name).title.removeprefix("Edition "),
    }
    assert len(found) == 1, f"a mixture: {found}"
    return found.pop()


@pytest.mark.parametrize("failure", [Killed(), OSError("full")], ids=["killed", "failed"])
def test_an_import_that_stops_anywhere_leaves_the_old_data_or_the_new(editions, tmp_path, monkeypatch, failure):
    import_edition(editions["A"], tmp_path / "before")
    seen = []
    for after in range(200):
        folder = shutil.copytree(tmp_path / "before", tmp_path / f"data{after}")
        with stopping(monkeypatch, after, failure) as done, suppress(Killed, OSError):
            import_edition(editions["B"], folder)
        seen.append(edition_of(folder / "mine"))
        fill(folder / "mine", "and the next one works and tidies up")
        assert [path.name for path in folder.iterdir()] == ["mine"]
        if len(done) <= after:
            break
    assert len(seen) > 10 and {*seen} == {"A", "B"} and seen[-1] == "B"
    assert isinstance(failure, OSError) or seen == sorted(seen)


@pytest.mark.parametrize("table", ["subjects.csv", "allegations.csv", "source.yml"])
def test_a_mixture_is_never_read(editions, tmp_path, table):
    import_edition(editions["A"], tmp_path / "a")
    import_edition(editions["B"], tmp_path / "b")
    (tmp_path / "a" / "mine" / table).write_bytes((tmp_path / "b" / "mine" / table).read_bytes())
    with pytest.raises(MisconductError, match="its files do not belong together"):
        edition_of(tmp_path / "a" / "mine")


def test_a_mixture_of_other_people_is_not_read_without_checksums_either(editions, tmp_path):
    import_edition(editions["A"], tmp_path)
    (tmp_path / "mine" / local.CHECKSUMS).unlink()
    assert edition_of(tmp_path / "mine") == "A"
    file = tmp_path / "mine" / "allegations.csv"
    file.write_bytes(file.read_bytes()[: file.read_bytes().rstrip().rindex(b"\n") + 1])
    with pytest.raises(MisconductError, match="has no allegation"):
        edition_of(tmp_path / "mine")


def test_one_process_reads_one_import(editions, tmp_path):
    import_edition(editions["A"], tmp_path)
    local.choose(str(tmp_path / "mine"))
    load_table("subjects")
    import_edition(editions["B"], tmp_path)
    for read in (lambda: load_table("allegations"), lambda: load_source("mine")):
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
        "import sys, pathlib\nfrom analysis.reading.spreadsheet.importer import import_file\n"
        "file, folder = map(pathlib.Path, sys.argv[1:])\n"
        "for _ in range(8): import_file(file, file.with_suffix('.yml'), folder)"
    )
    folder = tmp_path / "data"
    import_edition(editions["A"], folder)
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(file), str(folder)], stderr=subprocess.PIPE)
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
