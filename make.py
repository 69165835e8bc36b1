"""Set up the project and run one of its jobs: python -m make JOB (standard library only).

`make JOB` calls this file, so that every system has the same commands with or without make.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed.sha256"
PIN = re.compile(r"([a-z0-9.-]+)==([^ ]+)(.*)")  # a line of requirements.lock: name, version, and for which systems
LOCKS = ("requirements.lock", "benchmarks/requirements.lock", "tests/mutants.lock")
OSV = "https://api.osv.dev/v1/querybatch"  # the open source vulnerabilities that the Python index publishes too
PATIENCE = 10  # seconds

JOBS = {
    "help": "list the jobs",
    "setup": "create .venv from requirements.lock and install this project into it",
    "build": "make everything that is not up to date: tables, notebooks, charts, workbook, gallery",
    "release": "build, then write what others load and cite to build/release (data package, SQLite, charts, gallery)",
    "test": "run every test, every notebook included",
    "fuzz": "run the property tests with many other examples each time; random spreadsheets for 10 minutes",
    "attack": "try every malformed input; kill what writes, 200 times at any moment, and look whether all is whole",
    "mutants": "change the code that counts and draws, see which tests notice (hours; CONTRIBUTING.md; not on Windows)",
    "check": "lint, formatting, types, declared dependencies; audit",
    "audit": "ask whether a pinned package has a known weakness, where that can be asked",
    "lab": "open JupyterLab on the notebooks",
    "lock": "pin the dependencies of pyproject.toml again (maintainers; needs uv)",
    "benchmark": "time the main commands, records at scale; coverage of the interval (benchmarks/README.md)",
    "clean": "remove .venv and build/",
}


def run(*command: str | Path, **environment: str) -> None:
    """Run `command` in the project's root; leave with its exit status when it fails.

    Compiled modules are kept, whatever the system says: the jobs start dozens of processes.
    """
    kept = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    status = subprocess.run([str(part) for part in command], cwd=ROOT, env={**kept, **environment})
    if status.returncode:
        sys.exit(status.returncode)


def fingerprint() -> str:
    """What the environment depends on: the lock, the project file and the Python that made it."""
    parts = [(ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode()])).hexdigest()


def setup() -> None:
    """Create .venv and install the pinned packages and the project, unless that was done already."""
    if sys.version_info < (3, 11):  # noqa: UP036 (an older Python may start this file)
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 build")
    if STAMP.exists() and STAMP.read_text() == fingerprint():
        return
    print("Setting up .venv (once; one or two minutes) ...", flush=True)
    run(sys.executable, "-m", "venv", "--clear", VENV)
    pip = (BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "--requirement", "requirements.lock")
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text(fingerprint())


def show_jobs() -> None:
    """Print every job and what it does."""
    width = max(map(len, JOBS))
    print("\n".join(f"  make {name:<{width}}  {what}" for name, what in JOBS.items()))


def clean() -> None:
    """Remove what setup and the build made."""
    for folder in (VENV, ROOT / "build"):
        shutil.rmtree(folder, ignore_errors=True)


def lock() -> None:
    """Write the lock files for Python 3.11 to 3.13 on every platform (hashes, no index addresses); conda's versions."""
    compile_ = ("uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet")
    plain = ("--no-emit-index-url", "--no-annotate", "--no-header")
    run(*compile_, *plain, "pyproject.toml", "--all-extras", "--output-file", "requirements.lock")
    run(*compile_, *plain, "benchmarks/requirements.in", "--output-file", "benchmarks/requirements.lock")
    alike = ("--constraint", "requirements.lock")  # what both need is the same
    run(*compile_, *plain, *alike, "tests/mutants.in", "--output-file", "tests/mutants.lock")
    file, versions = ROOT / "environment.yml", locked((3, 12))
    pins = re.compile(r"^( +- )([a-zA-Z0-9-]+)(==?)[\w.]+$", re.MULTILINE)
    text = file.read_text(encoding="utf-8")
    file.write_text(pins.sub(lambda pin: f"{pin[1]}{pin[2]}{pin[3]}{versions[pin[2].lower()]}", text), encoding="utf-8")


def locked(python: tuple[int, int]) -> dict[str, str]:
    """Package -> version of requirements.lock for a Python, where the lock has one for older and one for newer ones."""
    found = {}
    for name, version, condition in (m.groups() for line in _lines(LOCKS[0]) if (m := PIN.match(line))):
        compared = re.search(r"python_full_version (<|>=) '3\.(\d+)'", condition)
        if compared is None or (compared[1] == "<") == (python < (3, int(compared[2]))):
            found[name] = version
    return found


def install_beside(locked: str, folder: Path) -> None:
    """Install the packages of a lock into a folder, for one job alone."""
    pip = (BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade")
    run(*pip, "--require-hashes", "--requirement", locked, "--target", folder)


def benchmark() -> None:
    """Time the main commands, then records at scale beside DuckDB and Polars, which are installed for this alone."""
    peers = ROOT / "build" / "benchmark" / "packages"
    install_beside("benchmarks/requirements.lock", peers)
    run(BIN / "python", "benchmarks/run.py")
    run(BIN / "python", "benchmarks/coverage.py")
    run(BIN / "python", "benchmarks/scale.py", "build/benchmark", "--peers", peers)


def audit() -> None:
    """Ask OSV whether a pinned package has a known weakness, and fail if one has; where it cannot be asked, say so.

    One question about all of them (https://google.github.io/osv.dev/post-v1-querybatch/), and no longer than PATIENCE.
    """
    pins = sorted({found.groups()[:2] for lock in LOCKS for line in _lines(lock) if (found := PIN.match(line))})
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in pins]
    answers: list[Any] = []

    def ask() -> None:
        question = urllib.request.Request(OSV, json.dumps({"queries": queries}).encode())
        try:
            with urllib.request.urlopen(question, timeout=PATIENCE) as answer:
                answers.extend(json.load(answer)["results"])
        except (OSError, ValueError, KeyError) as error:
            answers[:] = [error]

    asking = threading.Thread(target=ask, daemon=True)  # a name that nobody answers for has no time limit of its own
    asking.start()
    asking.join(PATIENCE)
    if len(answers) != len(pins):
        why = answers[0] if answers else f"no answer in {PATIENCE} seconds"
        print(f"Known weaknesses of the {len(pins)} pinned packages: not looked up, {OSV} cannot be asked ({why}).")
        return
    known = {pin: [each["id"] for each in answer.get("vulns", [])] for pin, answer in zip(pins, answers, strict=True)}
    weak = [f"{name} {version}: https://osv.dev/{each}" for (name, version), ids in known.items() for each in ids]
    if weak:
        sys.exit("\n".join(["Known weaknesses of pinned packages. Raise the pins (make lock):", *weak]))
    print(f"None of the {len(pins)} pinned packages has a known weakness ({OSV}).")


def _lines(lock: str) -> list[str]:
    return (ROOT / lock).read_text(encoding="utf-8").splitlines()


def attack() -> None:
    """Malformed inputs, then writers that are killed at any moment (not on Windows); see the files."""
    run(BIN / "python", "tests/mutations.py")
    run(BIN / "python", "tests/attack.py")


def fuzz() -> None:
    """Property tests with other examples, then random spreadsheets and mappings; see the file."""
    run(BIN / "python", "-m", "pytest", "tests", "-m", "hypothesis", "--hypothesis-profile", "fuzz")
    run(BIN / "python", "tests/fuzz_files.py")


def mutants() -> None:
    """Run mutmut, which is installed for this alone; see the file."""
    install_beside("tests/mutants.lock", ROOT / "build" / "mutants" / "packages")
    run(BIN / "python", "tests/mutants.py")


def main(job: str) -> None:
    """Run one job by name."""
    if job not in JOBS:
        print(f"There is no job {job!r}.\n")
        job = "help"
    if job not in WITHOUT_SETUP:
        setup()
    for command in COMMANDS.get(job, ()):
        run(BIN / "python", "-m", *command)
    if job in FUNCTIONS:
        FUNCTIONS[job]()


COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {  # job -> what the environment's Python runs, one after another
    "build": (("analysis", "build"),),
    "release": (("analysis", "build", "--packs"), ("analysis", "release")),
    "test": (("pytest",),),
    "check": (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("deptry", "src", "notebooks")),
    "lab": (("analysis", "lab"),),
}
FUNCTIONS = {
    "help": show_jobs,
    "attack": attack,
    "fuzz": fuzz,
    "mutants": mutants,
    "check": audit,
    "audit": audit,
    "lock": lock,
    "benchmark": benchmark,
    "clean": clean,
}
WITHOUT_SETUP = ("help", "audit", "lock", "clean")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "help")
