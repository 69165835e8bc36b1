"""Time the main commands as whole processes against a plain pandas peer (Linux and macOS): make benchmark."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

RUNS = 5
ROOT = Path(__file__).resolve().parents[1]
PEER = """
import pandas as pd
people = pd.read_csv("data/raw/iopc_investigations/subjects.csv", keep_default_na=False)
people = people[(people.case_to_answer != "none") & (people.sanction != "not_stated")]
types = people.melt(["subject_id", "sanction"], ["complaint_type_1", "complaint_type_2", "complaint_type_3"])
out = types.sanction.isin(["dismissal", "would_have_been_dismissed"]).groupby(types.value).agg(["sum", "count"])
print(out)
"""
NOTEBOOKS = """
import sys
from pathlib import Path
from analysis.build.notebooks import execute, notebook_paths
from concurrent.futures import ThreadPoolExecutor
import os
with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
    list(pool.map(execute, notebook_paths()))
"""
ONE_BY_ONE = """
import subprocess, sys, tempfile
from analysis.build.notebooks import notebook_paths
with tempfile.TemporaryDirectory() as folder:
    for path in notebook_paths():
        command = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, str(path)]
        subprocess.run([sys.executable, *command], check=True)
"""
COMMANDS = {
    "peer: plain pandas count": ["-c", PEER],
    "misconduct --help": ["-m", "analysis", "--help"],
    "misconduct rates": ["-m", "analysis", "rates", "--by", "complaint_type", "--among", "case_to_answer"],
    "misconduct validate": ["-m", "analysis", "validate"],
    "misconduct build": ["-m", "analysis", "build"],
}


def run_once(arguments: list[str]) -> tuple[float, float]:
    """Seconds and peak MiB of one run as the operating system accounts for it."""
    begin = time.perf_counter()
    null = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)],
    )
    os.close(null)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(arguments)}")
    per_mib = 1024**2 if sys.platform == "darwin" else 1024
    return time.perf_counter() - begin, usage.ru_maxrss / per_mib


def main() -> None:
    """Print a table: median seconds, its ratio to the peer's, and the largest peak memory."""
    os.chdir(ROOT)
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):  # in turn, so that a drift of the machine's speed falls on all alike
        for name, arguments in COMMANDS.items():
            results[name].append(run_once(arguments))
    peer = statistics.median(seconds for seconds, _ in next(iter(results.values())))
    rounds = [(run_once(["-c", NOTEBOOKS])[0], run_once(["-c", ONE_BY_ONE])[0]) for _ in range(2)]
    ours, theirs = (statistics.median(side) for side in zip(*rounds, strict=True))
    print(
        f"all notebooks side by side {ours:.1f} s; one after another with jupyter nbconvert --execute {theirs:.1f} s; "
        f"ratio {ours / theirs:.2f}\n"
    )
    print(f"{'command':<28}{'median s':>10}{'x peer':>8}{'peak MiB':>10}   ({RUNS} runs)")
    for name, runs in results.items():
        seconds = statistics.median(seconds for seconds, _ in runs)
        print(f"{name:<28}{seconds:>10.2f}{seconds / peer:>8.1f}{max(memory for _, memory in runs):>10.0f}")


if __name__ == "__main__":
    main()
