"""Fetching from a server that misbehaves in every way we could think of; only this machine is asked."""

import gzip
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from analysis.errors import MisconductError
from analysis.provenance import download as fetching
from analysis.provenance.download import Remote, fetch_file, fetched_sources, find, remotes, require

BODY = bytes(range(256)) * 400
asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Each path is one way to misbehave; /good does not."""

    def log_message(self, *_):
        pass

    def send(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        asked.append(self.path)
        first = asked.count(self.path) == 1
        if self.path in ("/good", "/moved-here"):
            self.send(200, BODY)
        elif self.path == "/missing":
            self.send(404)
        elif self.path == "/forbidden":
            self.send(403)
        elif self.path == "/busy-then-good":
            self.send(429) if first else self.send(200, BODY)
        elif self.path == "/packs-if-asked":
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                self.send(200, gzip.compress(BODY), **{"Content-Encoding": "gzip"})
            else:
                self.send(200, BODY)
        elif self.path == "/error-then-good":
            self.send(500) if first else self.send(200, BODY)
        elif self.path == "/always-error":
            self.send(503)
        elif self.path == "/truncated":
            self.send(200, BODY[:1000], length=len(BODY))
        elif self.path == "/truncated-then-good":
            self.send(200, BODY[:1000], length=len(BODY)) if first else self.send(200, BODY)
        elif self.path == "/wrong":
            self.send(200, b"x" * len(BODY))
        elif self.path == "/short":
            self.send(200, BODY[:-1])
        elif self.path == "/moved":
            self.send(302, Location="/moved-here")
        elif self.path == "/loop":
            self.send(302, Location="/loop")
        elif self.path == "/downgrade":
            self.send(302, Location="ftp://127.0.0.1/good")
        elif self.path in ("/endless", "/drip"):
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(10_000):
                    self.wfile.write(b"x" * (65536 if self.path == "/endless" else 1))
                    self.wfile.flush()
                    if self.path == "/drip":
                        time.sleep(0.05)
            except OSError:
                pass


@pytest.fixture(scope="module")
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    asked.clear()
    monkeypatch.delenv(fetching.MIRROR, raising=False)
    monkeypatch.setattr("time.sleep", lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.05)))


def pinned(server, path):
    return Remote("a_source", "file.bin", server + path, hashlib.sha256(BODY).hexdigest(), len(BODY))


def fetch(server, path, folder, **options):
    return fetch_file(pinned(server, path), folder, schemes=("http",), **options)


@pytest.mark.parametrize(
    "path", ["/good", "/moved", "/error-then-good", "/busy-then-good", "/truncated-then-good", "/packs-if-asked"]
)
def test_what_can_be_had_is_had(server, path, tmp_path):
    seen = []
    file = fetch(server, path, tmp_path, progress=lambda *done: seen.append(done))
    assert file.read_bytes() == BODY and file.name == "file.bin" and seen[-1] == ("file.bin", len(BODY), len(BODY))
    times = len(asked)
    assert fetch(server, path, tmp_path) == file and len(asked) == times  # from the cache


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/missing", "answered 404: file.bin is no longer there"),
        ("/forbidden", "answered 403: file.bin is not given out"),
        ("/always-error", "could not be fetched"),
        ("/truncated", "could not be fetched|not file.bin as pinned"),
        ("/short", "not file.bin as pinned"),
        ("/wrong", "not file.bin as pinned"),
        ("/endless", "sends more than"),
        ("/loop", "redirects more than"),
        ("/downgrade", "not https"),
    ],
)
def test_what_cannot_be_had_is_explained_and_nothing_is_kept(server, path, said, tmp_path):
    with pytest.raises(MisconductError, match=said):
        fetch(server, path, tmp_path)
    assert [entry for entry in tmp_path.rglob("*") if entry.is_file()] == []


def test_a_slow_drip_ends(server, tmp_path):
    with pytest.raises(MisconductError, match="too slow"):
        fetch(server, "/drip", tmp_path, seconds=0.2)
    assert not any(tmp_path.iterdir())


def test_nobody_there_is_explained(tmp_path):
    with pytest.raises(MisconductError, match=r"internet.*--mirror"):
        fetch("http://127.0.0.1:9", "/good", tmp_path)


def test_a_folder_that_cannot_be_written_to_is_explained(server, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(MisconductError, match=r"cannot be kept in .*MISCONDUCT_CACHE"):
        fetch(server, "/good", tmp_path / "cache")


def test_only_https_is_asked(server, tmp_path):
    with pytest.raises(MisconductError, match="not https"):
        fetch_file(pinned(server, "/good"), tmp_path)
    assert asked == []


def test_a_damaged_file_in_the_cache_is_fetched_again(server, tmp_path):
    (tmp_path / "file.bin").write_bytes(b"damaged")
    assert fetch(server, "/good", tmp_path).read_bytes() == BODY


def test_a_mirror_gives_the_same_bytes_or_none(server, tmp_path):
    mirror, cache = tmp_path / "mirror", tmp_path / "cache"
    mirror.mkdir()
    (mirror / "file.bin").write_bytes(BODY)
    assert fetch(server, "/missing", cache, mirror=mirror).read_bytes() == BODY and asked == []
    (mirror / "file.bin").write_bytes(BODY[:-1])
    with pytest.raises(MisconductError, match=r"no file\.bin with the pinned bytes"):
        fetch(server, "/missing", tmp_path / "other", mirror=mirror)
    assert not (tmp_path / "other").exists()


def test_every_pin_is_https_with_a_checksum_and_a_plain_name():
    pins = [remote for source in fetched_sources() for remote in remotes(source)]
    assert {remote.source for remote in pins} == {"chicago_complaints", "met_complaints", "new_orleans_actions"}
    assert len(pins) == 5
    for remote in pins:
        assert remote.url.startswith("https://") and len(remote.sha256) == 64 and remote.bytes > 0


def test_a_name_that_could_leave_the_folder_is_refused(monkeypatch):
    import dataclasses

    source = fetching.load_source("met_complaints")
    bad = dataclasses.replace(source, files={"../x.csv": {"url": "https://x", "sha256": "0" * 64, "bytes": 1}})
    monkeypatch.setattr(fetching, "load_source", lambda _: bad)
    with pytest.raises(MisconductError, match="not a plain file name"):
        remotes("met_complaints")


def test_what_is_missing_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv(fetching.CACHE, str(tmp_path))
    assert find("met_complaints", "met-police-complaints.csv") is None
    with pytest.raises(MisconductError, match="misconduct fetch met_complaints"):
        require("met_complaints", "met-police-complaints.csv")
