"""Every writer, stopped at every step that it asks of the system: what is there is all of the old or all of the new."""

import hashlib
import os
import shutil
import tempfile
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from interrupted import WAYS, every_step

from analysis.build import everything, notebooks, tables
from analysis.build.staleness import Step
from analysis.charts.chart import Chart
from analysis.dataset import load
from analysis.provenance import download, sources
from analysis.publishing import gallery, packs, release
from analysis.writing import fill_folder, put_back, restore_folder, write_beside

FILES = {"A": {"a": b"old", "only/of/A": b"x"}, "B": {"a": b"new", "b": b"also new", "only/of/B": b"y"}}
FLAT = {edition: {name: c for name, c in files.items() if "/" not in name} for edition, files in FILES.items()}
FETCHED = b"whole" * 50_000
FEWEST = 9  # points of each writer and way, so that they are more than 300 in all


def site(folder, edition, patch):
    patch(gallery, "site_files", lambda *_, **__: FILES[edition].items())
    gallery.build_gallery(None, folder / "site")


def a_release(folder, edition, patch):
    patch(release, "release_files", lambda *_: (edition, FILES[edition]))
    release.write_release([], folder / "release")


def pack(folder, edition, patch):
    patch(packs, "pack_files", lambda *_: FILES[edition])
    packs.write_pack(None, folder)


def chart(folder, edition, _):
    Chart.export(SimpleNamespace(contents=lambda _: FLAT[edition]), folder)


def charts(folder, edition, patch):
    patch(everything, "export_charts", lambda fresh: fill_folder(fresh, FLAT[edition].items()))
    everything._replace_charts(folder / "charts")


def notebook(folder, edition, patch):
    if not (folder / "01.ipynb").exists():
        (folder / "01.ipynb").write_bytes(b"A")
    patch(notebooks, "execute", lambda *_, **__: edition.encode())
    notebooks.run_notebook(folder / "01.ipynb")


def run(folder, edition, patch):
    patch(notebooks, "execute", lambda *_, **__: edition.encode())
    patch(notebooks, "run_html", lambda content: content)
    patch(notebooks, "find_notebook", lambda _: Path("01_x.ipynb"))
    notebooks.run_copy("01", {}, folder)


def processed(folder, edition, _):
    if (folder / "tables.json").exists():
        load("", folder)  # as every command begins
    tables.write_tables({name: pd.DataFrame({"x": [edition]}) for name in ("subjects", "allegations")}, folder)


def memory(folder, edition, _):
    Step(edition, (), (), folder / "steps.json")._store({edition: ["x"]})


def stamp(folder, edition, _):
    source = folder / "a_source"
    if edition == "A":
        source.mkdir()
        keys = ("id", "title", "publisher", "citation", "published", "accessed", "jurisdiction", "coverage", "unit")
        lines = [*(f"{key}: a_source" for key in (*keys, "how_made")), "urls: []", "known_limits: []", "licence:"]
        (source / "source.yml").write_text("\n".join([*lines, "  name: x", "files:", "  a.csv:", "    sha256: '0'\n"]))
        (source / "a.csv").write_text("a\n1\n")
    else:
        sources.read_source.cache_clear()
        sources.stamp(source)


def mirror(folder, edition, _):
    if edition == "B":
        (folder.parent / "mirror").mkdir(exist_ok=True)
        (folder.parent / "mirror" / "a.csv").write_bytes(FETCHED)
        remote = download.Remote("s", "a.csv", "https://x", hashlib.sha256(FETCHED).hexdigest(), len(FETCHED))
        download.fetch_file(remote, folder, folder.parent / "mirror")


@cache
def served() -> str:
    """The address of FETCHED on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(FETCHED)))
            self.end_headers()
            self.wfile.write(FETCHED)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/a.csv"


def fetched(folder, edition, patch):
    if edition == "A":
        left = folder.parent / f"left{os.getpid()}"  # of something else, and in its place at once: not what is killed
        left.write_bytes(FETCHED[:1000])
        left.replace(folder / "a.csv")
    else:
        patch(download, "_mirror_folder", lambda: None)
        patch(tempfile, "tempdir", str(folder.parent))
        remote = download.Remote("s", "a.csv", served(), hashlib.sha256(FETCHED).hexdigest(), len(FETCHED))
        download.fetch_file(remote, folder, schemes=("http",))


def bad_rows(folder, edition, _):
    write_beside(folder / "bad_rows.csv", edition.encode())


WRITERS = (site, a_release, pack, chart, charts, notebook, run, processed, memory, stamp, mirror, fetched, bad_rows)


def read(folder: Path, writer) -> dict[str, bytes]:
    """What is there for whoever reads it: files by their paths, unfinished ones and locks aside."""
    for name in ("site", "release", "charts"):
        restore_folder(folder / name)
    if writer is processed:
        load("", folder)
    else:
        put_back(folder)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: c for name, c in found.items() if not name.endswith(".lock") and ".being-" not in name}


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Waiting for the disk is a step, but takes no time here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_stopped_at_any_step_it_is_the_old_or_the_new(writer, way, tmp_path, monkeypatch):
    states, names = {}, {}
    for edition in "AB":
        clean = tmp_path / f"clean{edition}"
        if edition == "B":
            shutil.copytree(tmp_path / "cleanA", clean)
        else:
            clean.mkdir()
        writer(clean, edition, monkeypatch.setattr)
        states[edition], names[edition] = read(clean, writer), everything_in(clean)
    assert states["A"] != states["B"]

    def prepare(after):
        return Path(shutil.copytree(tmp_path / "cleanA", tmp_path / f"data{after}"))

    seen = []
    for folder in every_step(monkeypatch, prepare, lambda f: writer(f, "B", monkeypatch.setattr), WAYS[way]):
        found = read(folder, writer)
        assert found in states.values(), f"a mixture after {len(seen)} steps: {found}"
        seen.append("A" if found == states["A"] else "B")
        if way == "killed" and writer not in (bad_rows, mirror, fetched):  # which write another file next, or none
            writer(folder, "B", monkeypatch.setattr)
            assert read(folder, writer) == states["B"]
            assert everything_in(folder) == names["B"], "the next one tidies up"
    assert "A" in seen and seen[-1] == "B"
    assert way != "killed" or seen == sorted(seen)
    assert len(seen) >= FEWEST
