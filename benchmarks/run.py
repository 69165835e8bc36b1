"""Time the main commands as whole processes against a plain pandas peer (Linux and macOS): make benchmark."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterable
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
from analysis.build.notebooks import execute
from analysis.paths import notebook_paths
from concurrent.futures import ThreadPoolExecutor
import os
with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
    list(pool.map(execute, notebook_paths()))
"""
ONE_BY_ONE = """
import subprocess, sys, tempfile
from analysis.paths import notebook_paths
with tempfile.TemporaryDirectory() as folder:
    for path in notebook_paths():
        command = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, str(path)]
        subprocess.run([sys.executable, *command], check=True)
"""
PLOTTING = "pandas, matplotlib"
RATES = ["rates", "--by", "complaint_type", "--among", "case_to_answer"]
CHART = ["chart", "dismissal_rates_by_complaint_type", "--among", "case_to_answer", "--out", "build/benchmark/chart"]
BUDGETS = (  # what is timed, its peer in the same run, and at most how many times as long it may take
    (
        "misconduct rates",
        ["-m", "analysis", "rates", "--by", "complaint_type", "--among", "case_to_answer"],
        "pandas",
        2.0,
    ),
    (
        "misconduct chart, one SVG",
        ["-m", "analysis", *CHART, "--format", "svg", "--size", "page"],
        "pandas, matplotlib",
        2.5,
    ),
    ("import analysis", ["-c", "import analysis"], "bare", 1.2),
    ("misconduct --help", ["-m", "analysis", "--help"], "bare", 5.0),
)
PEERS = {
    "bare": ["-c", "pass"],
    "pandas": ["-c", "import pandas"],
    PLOTTING: ["-c", "import pandas, matplotlib.figure, matplotlib.backends.backend_svg"],
    "plain pandas count": ["-c", PEER],
}
PACK = ["--force", "Metropolitan Police Service", "--complaint-type", "sexual_misconduct", "--out", "build/benchmark"]
OTHERS = {
    "misconduct pack": ["-m", "analysis", "pack", *PACK],
    "misconduct validate": ["-m", "analysis", "validate"],
    "misconduct build, again": ["-m", "analysis", "build"],
}


def run_once(arguments: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MiB of one run as the operating system accounts for it."""
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
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / per_mib


def main() -> None:
    """Print a table of the budgets, one of the other commands, and how long all notebooks take."""
    os.chdir(ROOT)
    commands = {**PEERS, **{name: arguments for name, arguments, *_ in BUDGETS}, **OTHERS}
    results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(RUNS):  # in turn, so that a drift of the machine's speed falls on all alike
        for name, arguments in commands.items():
            results[name].append(run_once(arguments))
    wall, cpu, memory = (
        {name: middle(run[part] for run in runs) for name, runs in results.items()} for part in range(3)
    )
    print(
        f"{'budget (processor seconds)':<28}{'s':>8}  {'peer':<20}{'x peer':>8}{'at most':>9}   ({RUNS} runs, medians)"
    )
    for name, _, peer, most in BUDGETS:
        print(f"{name:<28}{cpu[name]:>8.3f}  {peer:<20}{cpu[name] / cpu[peer]:>8.2f}{most:>9.1f}")
    print(f"\n{'command':<28}{'wall s':>8}{'x plain pandas count':>22}{'peak MiB':>10}")
    for name in (*(name for name, *_ in BUDGETS), *OTHERS):
        print(f"{name:<28}{wall[name]:>8.2f}{wall[name] / wall['plain pandas count']:>22.1f}{memory[name]:>10.0f}")
    rounds = [(run_once(["-c", NOTEBOOKS])[0], run_once(["-c", ONE_BY_ONE])[0]) for _ in range(2)]
    ours, theirs = (middle(side) for side in zip(*rounds, strict=True))
    print(
        f"\nall notebooks side by side {ours:.1f} s; one after another with jupyter nbconvert --execute "
        f"{theirs:.1f} s; ratio {ours / theirs:.2f}"
    )


def middle(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


if __name__ == "__main__":
    main()
