"""Set up the project and run one of its jobs: python -m make JOB (standard library only).

`make JOB` calls this file, so that every system has the same commands with or without make.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed.sha256"

JOBS = {
    "help": "list the jobs",
    "setup": "create .venv from requirements.lock and install this project into it",
    "build": "make everything that is not up to date: tables, notebooks, charts, workbook, gallery",
    "test": "run every test, every notebook included",
    "fuzz": "run the property tests with other examples each time, many more of them",
    "check": "lint, formatting and types",
    "lab": "open JupyterLab on the notebooks",
    "lock": "pin the dependencies of pyproject.toml again (maintainers; needs uv)",
    "benchmark": "time the main commands, and records at scale (benchmarks/README.md)",
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


def lock() -> None:
    """Write the lock files for Python 3.11 to 3.13 on every platform: hashes, no index addresses."""
    compile_ = ("uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet")
    plain = ("--no-emit-index-url", "--no-annotate", "--no-header")
    run(*compile_, *plain, "pyproject.toml", "--extra", "dev", "--output-file", "requirements.lock")
    run(*compile_, *plain, "benchmarks/requirements.in", "--output-file", "benchmarks/requirements.lock")


def benchmark() -> None:
    """Time the main commands, then records at scale beside DuckDB and Polars, which are installed for this alone."""
    peers = ROOT / "build" / "benchmark" / "packages"
    pip = (BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade")
    run(*pip, "--require-hashes", "--requirement", "benchmarks/requirements.lock", "--target", peers)
    run(BIN / "python", "benchmarks/run.py")
    run(BIN / "python", "benchmarks/scale.py", "build/benchmark", "--peers", peers)


def main(job: str) -> None:
    """Run one job by name."""
    if job not in JOBS:
        print(f"There is no job {job!r}.\n")
        job = "help"
    if job == "help":
        width = max(map(len, JOBS))
        print("\n".join(f"  make {name:<{width}}  {what}" for name, what in JOBS.items()))
        return
    if job == "clean":
        for folder in (VENV, ROOT / "build"):
            shutil.rmtree(folder, ignore_errors=True)
        return
    if job == "lock":
        return lock()
    setup()
    python = BIN / "python"
    if job == "build":
        run(python, "-m", "analysis", "build")
    elif job == "test":
        run(python, "-m", "pytest")
    elif job == "fuzz":
        run(python, "-m", "pytest", "tests", "-m", "hypothesis", "--hypothesis-profile", "fuzz")
    elif job == "check":
        run(python, "-m", "ruff", "check", ".")
        run(python, "-m", "ruff", "format", "--check", ".")
        run(python, "-m", "mypy")
    elif job == "lab":
        run(python, "-m", "analysis", "lab")
    elif job == "benchmark":
        benchmark()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "help")
