"""The ways to install must not disagree, and nothing of a machine or a registry may be in the repository."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from hypothesis import settings

from analysis import __version__
from analysis.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def name_of(requirement: str) -> str:
    return re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def locked() -> set[str]:
    return {name_of(line) for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)}


def test_the_lock_has_everything_the_project_asks_for():
    build = PROJECT["build-system"]["requires"]
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"] + build
    assert {name_of(requirement) for requirement in wanted} <= locked()


def test_the_given_packages_are_there():
    assert {"pandas", "jupyterlab", "matplotlib", "pandera", "nbval"} <= locked()


def test_every_pin_has_hashes_and_no_address():
    pins = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert all(re.match(r"[a-z0-9.\-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)
    assert not re.search(r"://|--(extra-)?index|--find-links|file:", LOCK)


def test_conda_installs_exactly_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, lock = environment["dependencies"]
    assert pip == "pip" and lock == {"pip": ["--requirement requirements.lock"]}
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert python.startswith(f"python>={lowest},")


def test_one_version():
    assert PROJECT["project"]["version"] == __version__
    assert re.search(rf"^version: {re.escape(__version__)}$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_make_lists_its_targets():
    import make

    listed = subprocess.run(["make", "--no-print-directory"], capture_output=True, text=True, cwd=ROOT).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony and phony.group(1).split() == list(make.JOBS)
    assert all(f"make {job}" in listed for job in make.JOBS)


@pytest.mark.parametrize("command", ["make build", "make test", "py -m make build", "py -m make test"])
def test_the_readme_names_the_commands(command):
    assert command in (ROOT / "README.md").read_text()


def test_links_in_the_documents_lead_somewhere():
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CHANGELOG.md"]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if "://" not in target and not target.startswith("build/"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_property_tests_use_the_same_examples_each_time():
    assert settings().derandomize and settings().database is None and settings().deadline is None


def test_fuzzing_uses_others(tmp_path):
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(
        "from hypothesis import given, settings, strategies\n"
        "@given(strategies.integers())\ndef test_it(n): assert not settings().derandomize\n"
        "def test_other(): assert False\n"
    )
    job = ["-m", "hypothesis", "--hypothesis-profile", "fuzz"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *job, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path
    )
    assert "1 passed, 1 deselected" in result.stdout, result.stdout
    assert all(f'"{part}"' in (ROOT / "make.py").read_text() for part in job)
