"""The ways to install must not disagree, and nothing of a machine or a registry may be in the repository."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from hypothesis import settings

from analysis import __version__
from analysis.cli import app
from analysis.paths import ROOT
from analysis.provenance.sources import load_source, source_ids

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def name_of(requirement: str) -> str:
    return re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def locked() -> set[str]:
    return {name_of(line) for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)}


def requirements(*extras: str) -> set[str]:
    """What the project asks for: plain, in the named extras (all of them if none is named) and to be built."""
    optional = PROJECT["project"]["optional-dependencies"]
    wanted = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    wanted += [requirement for extra in extras or optional for requirement in optional[extra]]
    return {name_of(requirement) for requirement in wanted} - {PROJECT["project"]["name"]}


def test_the_lock_has_everything_the_project_asks_for():
    assert requirements() <= locked()


def test_the_plain_installation_is_without_the_heavy_packages():
    plain = {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}
    assert not plain & {"jupyterlab", "ipywidgets", "nbconvert", "typst", "gptables", "playwright", "requests", "ruff"}
    assert "pandas>=3" in PROJECT["project"]["dependencies"]
    parts = set(PROJECT["project"]["optional-dependencies"]) - {"all", "dev"}
    [everything] = PROJECT["project"]["optional-dependencies"]["all"]
    assert set(re.search(r"\[(.*)\]", everything)[1].split(",")) == parts


def test_the_given_packages_are_there():
    assert {"pandas", "jupyterlab", "matplotlib", "pandera", "nbval"} <= locked()


def test_every_pin_has_hashes_and_no_address():
    pins = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert all(re.match(r"[a-z0-9.\-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)
    assert not re.search(r"://|--(extra-)?index|--find-links|file:", LOCK)


def test_an_undeclared_import_is_found(tmp_path):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text().replace('    "scipy",\n', ""))
    deptry = [sys.executable, "-m", "deptry", "--config", str(tmp_path / "pyproject.toml"), "src", "notebooks"]
    result = subprocess.run(deptry, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 1 and "'scipy' imported but" in result.stderr + result.stdout


def test_conda_and_pip_give_the_versions_of_the_lock():
    import make

    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, *conda, by_pip = environment["dependencies"]
    assert pip == "pip" and python == "python>=3.12,<3.14"  # which Pythons the next line asks the lock for
    versions = make.locked((3, 12))
    assert versions["numpy"] == make.locked((3, 13))["numpy"]
    named = dict(requirement.split("=") for requirement in conda)
    named |= dict(requirement.split("==") for requirement in by_pip["pip"])
    assert len(named) == len(conda) + len(by_pip["pip"])
    assert named == {name: versions[name] for name in requirements()}


def test_the_versions_of_the_lock_depend_on_the_python():
    import make

    assert make.locked((3, 11))["numpy"] < make.locked((3, 12))["numpy"]
    assert make.locked((3, 11)).keys() - {"overrides"} == make.locked((3, 12)).keys()


def test_every_job_does_something():
    import make

    assert {*make.COMMANDS, *make.FUNCTIONS, "setup"} == set(make.JOBS)
    assert make.COMMANDS.keys() & make.FUNCTIONS.keys() == {"check"}  # commands, then the audit


def test_one_version():
    assert PROJECT["project"]["version"] == __version__
    assert re.search(rf"^version: {re.escape(__version__)}$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("source", source_ids(fetched=True))
def test_the_licence_of_every_source_is_named(source):
    [line] = [line for line in (ROOT / "LICENSE-DATA.md").read_text().splitlines() if line.startswith(f"| `{source}` ")]
    licence = load_source(source).licence
    assert licence["name"] in line and (licence["name"] != "CC BY 4.0" or licence["url"] in line)


def test_make_lists_its_targets():
    import make

    listed = subprocess.run(["make", "--no-print-directory"], capture_output=True, text=True, cwd=ROOT).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony and phony.group(1).split() == list(make.JOBS)
    assert all(f"make {job}" in listed for job in make.JOBS)


@pytest.mark.parametrize("command", ["make build", "make test", "py -m make build", "py -m make test"])
def test_the_readme_names_the_commands(command):
    assert command in (ROOT / "README.md").read_text()


def test_property_tests_use_the_same_examples_each_time():
    assert settings().derandomize and settings().database is None and settings().deadline is None


def test_fuzzing_uses_others(tmp_path):
    (tmp_path / "conftest.py").write_text("import profiles\n")
    (tmp_path / "test_it.py").write_text(
        "from hypothesis import given, settings, strategies\n"
        "@given(strategies.integers())\ndef test_it(n): assert not settings().derandomize\n"
        "def test_other(): assert False\n"
    )
    path = os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
    job = ["-m", "hypothesis", "--hypothesis-profile", "fuzz"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:nbval", "-p", "no:xdist", *job, str(tmp_path)],
        **{"capture_output": True, "text": True, "cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": path}},
    )
    assert "1 passed, 1 deselected" in result.stdout, result.stdout
    assert all(f'"{part}"' in (ROOT / "make.py").read_text() for part in job)


DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "LICENSE-DATA")),
    *sorted((ROOT / "docs").glob("*.md")),
]
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_in_the_documents_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if "://" not in target and not target.startswith("build/"):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_documents_name_jobs_and_commands_that_there_are(document):
    import make

    text = document.read_text()
    typed = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^    ([^#\n]*)", text, re.MULTILINE)])
    assert set(re.findall(r"\bmake ([a-z]+)\b", typed)) <= set(make.JOBS)
    assert set(re.findall(r"\bmisconduct ([a-z]+)\b", typed)) <= COMMANDS


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_files_that_the_guides_name_are_there(document):
    text = (ROOT / document).read_text()
    paths = re.findall(r"`((?:src|data|tests|notebooks|docs)/[a-z0-9_./]+)`", text)  # capitals stand for a name
    rooms = [f"src/analysis/{room}" for room in re.findall(r"^\| `([a-z_]+(?:/|\.py))`", text, re.MULTILINE)]
    assert paths + rooms and [path for path in paths + rooms if not (ROOT / path).exists()] == []


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_issue_forms_are_forms(form):
    described = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= set(described)
    asked = [field for field in described["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in asked}) == len(asked) > 2
    assert all(field["attributes"]["label"] or field["attributes"]["options"] for field in asked)


def test_the_hosted_workflow_runs_what_ci_runs():
    """The jobs of .ci/run in their order, on each Python that the project promises."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["test"]
    steps = "\n".join(step.get("run", "") for step in workflow["steps"])
    ours = re.findall(r"^make (\w+)|(git status --porcelain)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    theirs = re.findall(r"^python -m make (\w+)|(git status --porcelain)", steps, re.MULTILINE)
    in_order = [[job or git for job, git in found] for found in (ours, theirs)]
    assert in_order[0] == in_order[1] == ["check", "build", "git status --porcelain", "test"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert workflow["strategy"]["matrix"]["python"] == promised == ["3.11", "3.12", "3.13"]
    assert {system.split("-")[0] for system in workflow["strategy"]["matrix"]["system"]} == {
        "ubuntu",
        "windows",
        "macos",
    }
