"""Kill writers for real, at any moment, and look: make attack (POSIX only; about two minutes).

The import and the writers of test_crash_points.py that have two editions, in a process of its own that writes one after
the other until it is killed (SIGKILL); every second time two processes write the same at once. Whoever reads then sees
all of one edition: anything else is a mixture, and the exit status is 1.
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import test_crash_points as crash
import yaml
from test_import_interrupted import MAP, import_edition, read_bytes_of

from analysis.errors import MisconductError
from analysis.writing import restore_folder

KILLS = 20  # of each writer
LONGEST = 4  # times as long as one writing takes a process lives at most
ONE = (crash.stamp, crash.mirror, crash.bad_rows)  # which have one edition


def importing(folder: Path, edition: str, _: Callable) -> None:
    """The import as a writer: people of one edition, all of one outcome."""
    file = folder.parent / f"{edition}.csv"
    if not file.exists():
        outcome = {"A": "Dismissed", "B": "NFA"}[edition]
        file.write_text("Ref,Type,Outcome\n" + "".join(f"C{n},Driving,{outcome}\n" for n in range(50)))
        file.with_suffix(".yml").write_text(yaml.safe_dump(MAP))
    import_edition(file, folder)


def read(folder: Path, writer: Callable) -> dict[str, bytes]:
    """What is read after a kill."""
    if writer is importing:
        restore_folder(folder / "mine")
        return read_bytes_of(folder / "mine")
    return crash.read(folder, writer)


def keep_writing(folder: Path, writer: Callable, begun) -> None:
    """One edition after the other, until somebody ends it."""
    random.seed(os.getpid())
    begun.set()
    while True:
        for edition in random.sample("AB", 2):
            try:
                writer(folder, edition, setattr)
            except MisconductError as error:  # the other of two holds the lock, or saved the notebook
                if "meanwhile" not in str(error) and "being written" not in str(error):
                    raise


def killed(folder: Path, writer: Callable, processes: int, seconds: float) -> None:
    """Start processes that write, and kill them at some moment."""
    context = get_context("fork")
    begun = context.Event()
    running = [context.Process(target=keep_writing, args=(folder, writer, begun)) for _ in range(processes)]
    for process in running:
        process.start()
    begun.wait(20)
    time.sleep(random.uniform(0, seconds))
    for process in running:
        if process.exitcode is not None:
            raise SystemExit(f"{writer.__name__} ended by itself with {process.exitcode}")
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def attack(writer: Callable, folder: Path, kills: int) -> Counter[str]:
    """How often each edition was there after a kill; `mixture` for anything else."""
    states, found, seconds = {}, Counter(), 0.0
    for edition in "AB":
        clean = folder / f"clean{edition}"
        clean.mkdir(parents=True)
        for step in "AB"[: "AB".index(edition) + 1]:
            start = time.monotonic()
            writer(clean, step, setattr)
            seconds = time.monotonic() - start
        states[edition] = read(clean, writer)
    place = folder / "cleanA"
    for kill in range(kills):
        killed(place, writer, 1 + kill % 2, LONGEST * seconds)
        found["in the middle"] += any(".being-" in str(path) for path in place.rglob("*"))
        now = read(place, writer)
        added = {name: now.get(name) for name in states["A"]} if writer is crash.chart else now  # what only B has stays
        same = [edition for edition, state in states.items() if now == state or (edition == "A" and added == state)]
        found[same[0] if same else "mixture"] += 1
        if not same:
            print(f"{writer.__name__}: a mixture: {sorted(now)}", file=sys.stderr)
    return found


def main() -> None:
    """Attack every writer; say what was found."""
    total: Counter[str] = Counter()
    writers = [writer for writer in crash.WRITERS if writer not in ONE]
    with tempfile.TemporaryDirectory() as folder:
        for writer in (importing, *writers):
            found = attack(writer, Path(folder) / writer.__name__, KILLS)
            print(f"{writer.__name__:<12} {dict(sorted(found.items()))}", flush=True)
            total += found
    middle = total.pop("in the middle", 0)
    print(f"{total.total()} times killed, {middle} of them in the middle of writing; {total['mixture']} mixtures")
    sys.exit(1 if total["mixture"] or not middle or not total["B"] else 0)  # nor is it 0 where nothing was hit


if __name__ == "__main__":
    main()
