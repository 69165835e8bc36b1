"""Fetching the large public files: pinned address, size and checksum; kept in a cache outside the project.

The project never contains these bytes. `source.yml` of a source in data/raw pins them; everything that needs none of
them works without.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin, urlsplit

from platformdirs import user_cache_dir

from analysis.errors import MisconductError, of_system, require_known
from analysis.paths import RAW
from analysis.provenance.sources import load_source
from analysis.writing import write_files

CACHE, MIRROR = "MISCONDUCT_CACHE", "MISCONDUCT_MIRROR"  # environment variables
REDIRECTS, RETRIES, PAUSE, CHUNK = 5, 2, 30, 1 << 16  # PAUSE: seconds without a byte
PASSING = (408, 425, 429)  # answers of a busy server, which are worth another try
SECONDS = 900.0  # a file may take altogether
LATER = "Try again later, or use --mirror FOLDER."
Progress = Callable[[str, int, int], object]  # file, bytes so far, bytes in all


@dataclass(frozen=True)
class Remote:
    """One pinned file: its own name, where it is, and exactly which bytes it must be."""

    source: str
    name: str
    url: str
    sha256: str
    bytes: int


def remotes(source: str) -> list[Remote]:
    """The pinned files of a source; MisconductError when a name is not a plain file name."""
    found = []
    for name, described in load_source(source).files.items():
        if "url" not in described:
            continue
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise MisconductError(f"data/raw/{source}/source.yml: {name!r} is not a plain file name.")
        pins: Mapping[str, Any] = described
        found.append(Remote(source, name, pins["url"], pins["sha256"], int(pins["bytes"])))
    return found


def fetched_sources() -> list[str]:
    """The sources whose files are fetched."""
    ids = sorted(path.parent.name for path in RAW.glob("*/source.yml"))
    return [source for source in ids if remotes(source)]


def cache_folder() -> Path:
    """Where fetched files are kept: MISCONDUCT_CACHE, or the system's place for caches."""
    return Path(os.environ.get(CACHE) or user_cache_dir("police-misconduct-outcomes")).expanduser()


def _mirror_folder() -> Path | None:
    """The environment's mirror, if one is set."""
    return Path(os.environ[MIRROR]).expanduser() if os.environ.get(MIRROR) else None


def _is_pinned(path: Path, remote: Remote) -> bool:
    if not path.is_file() or path.stat().st_size != remote.bytes:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == remote.sha256


def find(source: str, name: str) -> Path | None:
    """A fetched file, its checksum verified, from the cache or the environment's mirror; None if it is not there."""
    [remote] = [entry for entry in remotes(source) if entry.name == name]
    folders = (cache_folder() / source, _mirror_folder())
    return next((folder / name for folder in folders if folder and _is_pinned(folder / name, remote)), None)


def require(source: str, name: str) -> Path:
    """Like find, but MisconductError says what is missing and how to get it."""
    found = find(source, name)
    if found is None:
        raise MisconductError(
            f"{name} of {load_source(source).title} is not on this computer. Get it with: misconduct fetch {source} "
            f"(or, without internet, misconduct fetch {source} --mirror FOLDER)."
        )
    return found


def fetch_source(source: str, mirror: Path | None = None, progress: Progress = lambda *_: None) -> list[Path]:
    """Fetch every file of a source that is not there already; their paths in the cache.

    mirror: a folder to take the same bytes from instead. MisconductError for an unknown source, or with what went
    wrong and what to do; a file is there whole and verified or not at all.
    """
    require_known(source, fetched_sources(), "fetched source")
    return [fetch_file(remote, cache_folder() / source, mirror, progress) for remote in remotes(source)]


def fetch_file(
    remote: Remote,
    folder: Path,
    mirror: Path | None = None,
    progress: Progress = lambda *_: None,
    *,
    schemes: tuple[str, ...] = ("https",),
    seconds: float = SECONDS,
) -> Path:
    """Fetch one file into a folder unless its bytes are there; the path.

    schemes: of addresses that may be asked, redirects included; seconds: the longest the whole may take.
    """
    try:
        return _fetch_file(remote, folder, mirror, progress, schemes, seconds)
    except OSError as error:
        raise MisconductError(
            f"{remote.name} cannot be kept in {folder}. {of_system(error)} Another folder for it: set {CACHE}."
        ) from error


def _fetch_file(
    remote: Remote,
    folder: Path,
    mirror: Path | None,
    progress: Progress,
    schemes: tuple[str, ...],
    seconds: float,
) -> Path:
    """`fetch_file`, but errors of the file system are as they come."""
    target = folder / remote.name
    if _is_pinned(target, remote):
        return target
    if target.is_dir():
        raise MisconductError(f"{target} is a folder, and should be a file that is fetched. Rename or remove it.")
    mirror = mirror or _mirror_folder()
    if mirror is not None:
        if not _is_pinned(mirror / remote.name, remote):
            raise MisconductError(
                f"{mirror} has no {remote.name} with the pinned bytes (size {remote.bytes:,}, sha256 "
                f"{remote.sha256[:12]}...). Get it again from {remote.url}."
            )
        write_files({target: (mirror / remote.name).read_bytes()})
        return target
    with TemporaryDirectory() as aside:
        write_files({target: _fetched(remote, Path(aside), progress, schemes, seconds).read_bytes()})
    return target


def _fetched(remote: Remote, aside: Path, progress: Progress, schemes: tuple[str, ...], seconds: float) -> Path:
    """The file as its address sends it, in a folder that nobody else reads; its checksum verified."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    files = pooch.create(
        aside,
        base_url="",
        registry={remote.name: remote.sha256},
        urls={remote.name: remote.url},
        retry_if_failed=RETRIES,
    )
    end = time.monotonic() + seconds

    def download(_: str, output: str, __: object) -> None:
        _download(remote, Path(output), schemes, end, progress)

    try:
        return Path(files.fetch(remote.name, downloader=download))
    except ValueError as error:
        raise MisconductError(
            f"What {remote.url} sent is not {remote.name} as pinned (sha256 {remote.sha256[:12]}...): the download was "
            "cut short, or the publisher has changed the file. Nothing was kept. Try again later; a new edition of the "
            "file needs its new checksum in source.yml."
        ) from error
    except requests.RequestException as error:
        raise MisconductError(
            f"{remote.name} could not be fetched from {remote.url}: {error.__class__.__name__}. Is the internet "
            f"reachable? Without it: misconduct fetch {remote.source} --mirror FOLDER. Everything else works without."
        ) from error


def _download(remote: Remote, output: Path, schemes: tuple[str, ...], end: float, progress: Progress) -> None:
    """Stream a file's address into a file, at most as many bytes as pinned, and until `end` at most.

    Raises requests' exceptions for what may pass (they are tried again), MisconductError for what will not.
    """
    done = 0
    with output.open("wb") as file:
        for chunk in _until(end, _sent(remote, schemes)):
            if chunk is None:
                so_far = f"{done:,} of {remote.bytes:,} bytes"
                raise MisconductError(f"{remote.url} is too slow: {so_far}. {LATER}")
            file.write(chunk)
            done += len(chunk)
            if done > remote.bytes:
                raise MisconductError(f"{remote.url} sends more than the {remote.bytes:,} bytes of {remote.name}.")
            progress(remote.name, done, remote.bytes)


def _until(end: float, chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """What `chunks` gives until `end` (of time.monotonic), then None, whatever it is waiting for.

    A server can drip headers, sizes or trailers for ever below every limit of the libraries. So a thread asks it, which
    is left to itself at `end` and ends with the process at the latest.
    """
    arrived: Queue[bytes | BaseException | None] = Queue(maxsize=4)
    given_up = threading.Event()

    def ask() -> None:
        last: BaseException | None = None
        try:
            for chunk in chunks:
                if given_up.is_set():
                    return
                arrived.put(chunk)
        except BaseException as error:
            last = error
        if not given_up.is_set():
            arrived.put(last)

    threading.Thread(target=ask, daemon=True).start()
    try:
        while (left := end - time.monotonic()) > 0:
            found = arrived.get(timeout=left)
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            yield found
        yield None
    except Empty:
        yield None
    finally:
        given_up.set()
        while not arrived.empty():  # nobody waits for room
            arrived.get_nowait()


def _sent(remote: Remote, schemes: tuple[str, ...]) -> Iterator[bytes]:
    """The bytes that the address of a file sends, redirects followed."""
    import requests

    url = remote.url

    for _ in range(REDIRECTS + 1):
        if urlsplit(url).scheme not in schemes:
            raise MisconductError(f"{remote.name}: {url} is not asked, because it is not https.")
        plain = {"Accept-Encoding": "identity"}  # the bytes that are pinned, not packed on the way
        with requests.get(url, stream=True, timeout=PAUSE, allow_redirects=False, headers=plain) as answer:
            if 300 <= answer.status_code < 400:
                if "location" not in answer.headers:
                    raise MisconductError(f"{url} answered {answer.status_code} without saying where to. {LATER}")
                url = urljoin(url, answer.headers["location"])
                continue
            if 400 <= answer.status_code < 500 and answer.status_code not in PASSING:
                gone = "is no longer there" if answer.status_code in (404, 410) else "is not given out"
                raise MisconductError(
                    f"{url} answered {answer.status_code}: {remote.name} {gone}. Look for it at its publisher, and use "
                    "--mirror FOLDER."
                )
            answer.raise_for_status()
            yield from _arriving(answer)
            return
    raise MisconductError(f"{remote.url} redirects more than {REDIRECTS} times.")


def _arriving(answer: Any) -> Iterator[bytes]:
    """The bytes of an answer as they arrive, so that a slow drip is noticed; requests' exception when it breaks off."""
    import requests
    import urllib3

    try:
        while chunk := answer.raw.read1(CHUNK):
            yield chunk
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(str(error)) from error
