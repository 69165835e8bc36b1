"""Nothing is ever half-written: files and folders, interrupted at any moment or two at once."""

import os
import subprocess
import sys
import threading
import time

import pytest
from interrupted import FAILED, fill, stopping

from analysis.errors import MisconductError
from analysis.writing import replaced_folder, write_beside, write_files

# --- files ------------------------------------------------------------------------------------------------------------


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


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
        with stopping(monkeypatch, after, FAILED) as steps:
            try:
                write_files({folder / name: b"new" for name in names})
                failed = False
            except OSError:
                failed = True
        found = {name: content for name, content in contents(folder).items() if not name.startswith(".")}
        assert found in ({"a": b"old", "b": b"old"}, dict.fromkeys(names, b"new"))
        if steps.done <= after:
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


def test_a_file_in_the_place_of_a_folder_stays(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(MisconductError, match="mine is a file, so no folder"), replaced_folder(tmp_path / "mine"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine"] and (tmp_path / "mine").read_text() == "mine"


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


def test_the_lock_of_a_process_that_died_is_free(tmp_path):
    code = (
        "import os, pathlib, sys\nfrom analysis.writing import replaced_folder\n"
        "with replaced_folder(pathlib.Path(sys.argv[1])) as fresh:\n    (fresh / 'a').write_text('x')\n    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "site")]).returncode == 9
    assert (tmp_path / "site.lock").exists()
    start = time.monotonic()
    fill(tmp_path / "site", "2")
    assert time.monotonic() - start < 5 and [path.name for path in tmp_path.iterdir()] == ["site"]


def test_two_galleries_at_once_are_both_whole(tmp_path, monkeypatch):
    from analysis.publishing import gallery

    def slow(tables, *_, **__):
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
