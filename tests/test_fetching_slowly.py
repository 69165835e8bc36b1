"""A server that never ends, in every place where a reply can be dripped: the time limit limits all of it."""

import hashlib
import socket
import threading
import time
from itertools import chain, cycle

import pytest

from analysis.errors import MisconductError
from analysis.provenance import download as fetching
from analysis.provenance.download import Remote, fetch_file, find

BODY = b"0123456789" * 10
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
REPLIES = {  # a path -> what is sent at once, then what is dripped for ever
    "status": (b"HTTP/1.1 2", b"0"),
    "header-line": (HEAD + b"X: ", b"x"),
    "headers": (HEAD, b"X: y\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 100\r\n\r\n0", b""),
    "chunk-size": (CHUNKED, b"0"),
    "chunk-extension": (CHUNKED + b"5;", b"x"),
    "chunk": (CHUNKED + b"64\r\n0", b""),
    "trailers": (CHUNKED + b"64\r\n" + BODY + b"\r\n0\r\n", b"X: y\r\n"),
    "redirect-body": (b"HTTP/1.1 302 Found\r\nLocation: /headers\r\nContent-Length: 9999\r\n\r\n", b"x"),
    "error-body": (b"HTTP/1.1 404 Gone\r\nContent-Length: 9999\r\n\r\n", b"x"),
    "nowhere": (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", None),
    "plain": (b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:9/x\r\nContent-Length: 0\r\n\r\n", None),
}


@pytest.fixture(scope="module")
def server():
    stop = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def reply(connection):
        with connection:
            connection.settimeout(5)
            path = connection.recv(4096).split()[1].decode().strip("/")
            start, drip = REPLIES[path]
            try:
                for piece in chain([start], () if drip is None else cycle([drip])):
                    connection.sendall(piece)
                    if stop.wait(0.02):
                        return
            except OSError:
                pass

    def serve():
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=reply, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    stop.set()
    listening.close()


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv(fetching.MIRROR, raising=False)


def remote(server, path):
    return Remote("a_source", "file.bin", f"{server}/{path}", hashlib.sha256(BODY).hexdigest(), len(BODY))


def fetch(server, path, folder, **options):
    return fetch_file(remote(server, path), folder, schemes=("http",), **{"seconds": 0.25, **options})


@pytest.mark.parametrize("path", [path for path, (_, drip) in REPLIES.items() if drip is not None])
def test_whatever_is_dripped_ends_in_time(server, path, tmp_path):
    start = time.monotonic()
    with pytest.raises(MisconductError, match=r"is too slow: \d+ of 100 bytes|answered 404"):
        fetch(server, path, tmp_path)
    assert time.monotonic() - start < 3 and not any(tmp_path.iterdir())


def test_a_redirect_without_a_place_is_told_as_one(server, tmp_path):
    with pytest.raises(MisconductError, match=r"/nowhere answered 302 without saying where to"):
        fetch(server, "nowhere", tmp_path, seconds=5)


@pytest.mark.parametrize("url", ["http://example.org/x", "file:///etc/passwd", "ftp://example.org/x", "//example.org/"])
def test_nothing_but_https_is_asked(url, tmp_path):
    with pytest.raises(MisconductError, match="not https"):
        fetch_file(Remote("a_source", "file.bin", url, "0" * 64, 1), tmp_path)


def test_a_folder_where_the_file_should_be_is_told_as_one(server, tmp_path):
    (tmp_path / "file.bin").mkdir()
    with pytest.raises(MisconductError, match=r"file\.bin is a folder, and should be a file that is fetched"):
        fetch(server, "nowhere", tmp_path)


def test_a_link_at_an_unfinished_or_finished_name_is_not_followed(server, tmp_path):
    victim, mirror, cache = tmp_path / "victim", tmp_path / "mirror", tmp_path / "cache"
    victim.write_bytes(b"mine")
    for folder in (mirror, cache):
        folder.mkdir()
    (mirror / "file.bin").write_bytes(BODY)
    for name in ("file.bin", "file.bin.partial"):
        (cache / name).symlink_to(victim)
    assert fetch(server, "nowhere", cache, mirror=mirror).read_bytes() == BODY
    assert victim.read_bytes() == b"mine" and not (cache / "file.bin").is_symlink()


@pytest.mark.parametrize("name", [fetching.CACHE, fetching.MIRROR])
def test_a_tilde_is_the_home_folder(name, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "none"))
    monkeypatch.setenv(name, "~/kept")
    folder = tmp_path / "kept" / ("a_source" if name == fetching.CACHE else "")
    folder.mkdir(parents=True)
    (folder / "file.bin").write_bytes(BODY)
    monkeypatch.setattr(fetching, "remotes", lambda _: [remote("https://example.org", "x")])
    assert find("a_source", "file.bin") == folder / "file.bin"
