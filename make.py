"""Set up the project and run one of its jobs: python -m make JOB (standard library only).

`make JOB` calls this file, so that every system has the same commands with or without make.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed.sha256"
PIN = re.compile(r"([a-z0-9.-]+)==([^ ]+)(.*)")  # a line of requirements.lock: name, version, and for which systems

JOBS = {
    "help": "list the jobs",
    "setup": "create .venv from requirements.lock and install this project into it",
    "build": "make everything that is not up to date: tables, notebooks, charts, workbook, gallery",
    "release": "build, then write what others load and cite to build/release (data package, SQLite, charts, gallery)",
    "test": "run every test, every notebook included",
    "fuzz": "run the property tests with other examples each time, many more of them",
    "attack": "kill what writes, 200 times at any moment, and look whether all is whole (not on Windows)",
    "mutants": "change the code that counts and draws, see which tests notice (hours; CONTRIBUTING.md; not on Windows)",
    "check": "lint, formatting, types and declared dependencies",
    "lab": "open JupyterLab on the notebooks",
    "lock": "pin the dependencies of pyproject.toml again (maintainers; needs uv)",
    "benchmark": "time the main commands, records at scale; coverage of the interval (benchmarks/README.md)",
    "clean": "remove .venv and build/",
}


def run(*command: str | Path, **environment: str) -> None:
    """Run `command` in the project's root; leave with its exit status when it fails."""
    status = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment})
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
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    for name, version, condition in (m.groups() for line in lines if (m := PIN.match(line))):
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


def attack() -> None:
    """Kill writers at any moment; see the file."""
    run(BIN / "python", "tests/attack.py")


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
    "fuzz": (("pytest", "tests", "-m", "hypothesis", "--hypothesis-profile", "fuzz"),),
    "check": (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("deptry", "src", "notebooks")),
    "lab": (("analysis", "lab"),),
}
FUNCTIONS = {
    "help": show_jobs,
    "attack": attack,
    "mutants": mutants,
    "lock": lock,
    "benchmark": benchmark,
    "clean": clean,
}
WITHOUT_SETUP = ("help", "lock", "clean")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "help")
