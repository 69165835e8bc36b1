"""The installed package, outside the checkout: what a wheel holds, what works from any folder, what says it cannot."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from analysis import paths
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError, explained_gaps
from analysis.paths import PROCESSED, RAW, ROOT, VOCABULARY

OWN = ROOT / "docs" / "own_data"
NEEDS_A_CHECKOUT = (["build"], ["run", "04"], ["validate"], ["lab"], ["diff", "HEAD", "HEAD"])
# The modules that the extras bring (pyproject.toml) and that a plain installation may lack.
EXTRAS = (
    "IPython",
    "ipywidgets",
    "jupyterlab",
    "nbclient",
    "bleach",
    "nbformat",
    "gptables",
    "markdown_it",
    "typst",
)
EXTRAS += ("pooch", "requests", "urllib3")
COMMANDS = """
import os, sys
from pathlib import Path
for absent in {absent!r}:
    sys.modules[absent] = None  # importing it is a ModuleNotFoundError
import analysis
from analysis.cli import main
print(analysis.__version__, Path(analysis.__file__).parent)
print("total", *analysis.dismissal_rates(analysis.load(), among="proven").total[["numerator", "denominator"]])
for arguments in {commands!r}:
    sys.argv = ["misconduct", *arguments]
    try:
        main()
    except SystemExit as leaving:
        print("left with", int(leaving.code or 0), *arguments[:1], flush=True)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    [file] = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """The Python of an environment with the wheel; the packages it needs are those of the tests' own environment."""
    folder = tmp_path_factory.mktemp("installed") / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    binary = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(binary), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    [site] = folder.rglob("site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))  # its own .pth files are not read: no checkout
    return binary


def in_folder(
    python: Path, folder: Path, *commands: list[str], absent: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    """Run commands one after another in one process, in `folder`, without a trace of the checkout or of `absent`."""
    home = {name: str(folder / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MISCONDUCT_MIRROR")}
    return subprocess.run(
        [str(python), "-c", COMMANDS.format(commands=commands, absent=absent)],
        **{"cwd": folder, "env": {**kept, **home}, "capture_output": True, "text": True, "encoding": "utf-8"},
    )


def test_a_wheel_holds_the_tables_and_no_more(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("analysis/_project/")]
    held = {name.removeprefix("analysis/_project/") for name in names}
    wanted = [*VOCABULARY.rglob("*.yml"), *PROCESSED.glob("*.csv"), *PROCESSED.glob("*.json")]
    wanted += [*RAW.glob("*/source.yml"), *RAW.glob("*/corrections.yml"), ROOT / "docs" / "own_data" / "template.xlsx"]
    assert held == {path.relative_to(ROOT).as_posix() for path in wanted} and len(names) == len(held)


def test_an_installed_package_answers_from_any_folder(python, data, tmp_path):
    (tmp_path / "reply.csv").write_text("Officer,Allegation,Outcome\n1,Driving,Dismissed\n2,Driving,No action\n")
    result = in_folder(
        *(python, tmp_path),
        ["rates", "--by", "complaint_type", "--among", "case_to_answer"],
        ["chart", "dismissal_rates_by_complaint_type", "--among", "proven", "--out", "charts"],
        ["cases", "--where", "force=Kent Police"],
        ["map", "reply.csv"],
        ["pack", "--force", "Kent Police"],
        ["import", str(OWN / "racist_behaviour.xlsx"), "--map", str(OWN / "racist_behaviour.yml")],
        *NEEDS_A_CHECKOUT,
    )
    assert "site-packages" in result.stdout.splitlines()[0], result.stderr
    total = dismissal_rates(data, among="proven").total
    assert result.stdout.splitlines()[1] == f"total {total['numerator']} {total['denominator']}"
    ended = [line for line in result.stdout.splitlines() if line.startswith("left with")]
    worked, refused = ended[:6], ended[6:]
    assert worked == [f"left with 0 {name}" for name in ("rates", "chart", "cases", "map", "pack", "import")], (
        result.stderr
    )
    assert "case to answer" in result.stdout and (tmp_path / "reply.yml").is_file()
    assert {path.suffix for path in (tmp_path / "charts").iterdir()} >= {".svg", ".png", ".pdf", ".csv"}
    assert list((tmp_path / "build" / "packs").glob("*.zip"))
    if os.name != "nt":  # Windows itself is asked for the place of a user's data, not the environment
        [source] = (tmp_path / "home").rglob("source.yml")
        assert source.parents[1].name == "imported"
    assert refused == [f"left with 1 {command}" for command, *_ in NEEDS_A_CHECKOUT]
    assert result.stderr.count("needs a checkout of the project (git clone") == len(NEEDS_A_CHECKOUT), result.stderr
    assert "Traceback" not in result.stderr


def test_the_plain_dependencies_are_enough(python, tmp_path):
    """And a command that needs an extra says so."""
    result = in_folder(
        *(python, tmp_path),
        ["rates", "--by", "complaint_type", "--among", "case_to_answer"],
        ["chart", "dismissal_rates_by_complaint_type", "--among", "proven", "--out", "charts"],
        ["import", str(OWN / "racist_behaviour.xlsx"), "--map", str(OWN / "racist_behaviour.yml")],
        ["pack", "--force", "Kent Police"],
        absent=EXTRAS,
    )
    ended = [line.split()[2] for line in result.stdout.splitlines() if line.startswith("left with")]
    assert ended == ["0", "0", "0", "1"], result.stderr
    assert {path.suffix for path in (tmp_path / "charts").iterdir()} == {".svg", ".png", ".csv", ".txt", ".json"}
    assert "No PDF, which needs typst: pip install 'police-misconduct-outcomes[publishing]'" in result.stderr
    assert "This needs the package" in result.stderr and "police-misconduct-outcomes[all]" in result.stderr


def test_a_checkout_needs_nothing_else(monkeypatch):
    assert paths.IS_CHECKOUT and paths.require_checkout("misconduct build") is None
    monkeypatch.setattr(paths, "IS_CHECKOUT", False)
    with pytest.raises(MisconductError, match="`misconduct build` needs a checkout of the project"):
        paths.require_checkout("misconduct build")


def test_a_missing_extra_is_named():
    named = r"package no_such_package, .*police-misconduct-outcomes\[all\]"
    with pytest.raises(MisconductError, match=named), explained_gaps():
        import no_such_package.part  # noqa: F401
    with pytest.raises(ModuleNotFoundError), explained_gaps():
        import analysis.no_such_module  # noqa: F401
