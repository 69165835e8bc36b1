"""The stored notebooks: executed, reproducible, and really regression-tested by nbval."""

import json
import re
import subprocess
import sys

import nbformat
import pytest

from analysis.build.notebooks import execute, notebook_paths, run_notebook
from analysis.errors import MisconductError

PATHS = notebook_paths()


def cells(path):
    return nbformat.read(path, as_version=4).cells


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_stored_executed_without_errors(path):
    code = [cell for cell in cells(path) if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert any(output.output_type in ("display_data", "execute_result") for output in outputs)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_form(path):
    found = cells(path)
    code = [cell for cell in found if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata.get("tags", []) and len(code) <= 15
    assert re.fullmatch(r"\d\d_[a-z_]+", path.stem)
    last_heading = [cell.source for cell in found if cell.cell_type == "markdown" and cell.source.startswith("## ")][-1]
    assert "cannot tell" in last_heading.splitlines()[0]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_number_is_typed_by_hand(path):
    """Digits in markdown may only stand in names such as 95%; figures are computed by code."""
    for cell in cells(path):
        if cell.cell_type == "markdown":
            assert not re.findall(r"\d+", cell.source.replace("95%", "")), cell.source


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_chart_has_an_alt_text_that_nbval_compares(path):
    for cell in cells(path):
        for output in cell.get("outputs", []):
            assert "image/svg+xml" not in output.get("data", {}), "it does not show in a notebook that is not trusted"
            if "image/png" in output.get("data", {}):
                alt_text = output["data"]["text/plain"]
                assert len(re.findall(r"\d of \d|\d%|\d\.", alt_text)) >= 4 and "Source: " in alt_text


@pytest.mark.parametrize("path", PATHS[::4], ids=lambda path: path.stem)
def test_running_again_gives_the_same_bytes(path):
    """Some notebooks; CI makes all of them again before the tests, and git must see no change."""
    assert execute(path) == path.read_bytes()


def nbval(path):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-n0",
            "-q",
            "--nbval",
            "--nbval-current-env",
            str(path),
        ],
        capture_output=True,
        text=True,
        cwd=path.parent,
    )


def test_nbval_sees_one_changed_figure(tmp_path):
    """The proof that the regression test bites: the same notebook passes, and fails with one figure changed."""
    notebook = json.loads(PATHS[0].read_text(encoding="utf-8"))
    copy = tmp_path / PATHS[0].name
    copy.write_text(json.dumps(notebook))
    assert nbval(copy).returncode == 0
    alt_texts = [
        output["data"]["text/plain"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    line = next(number for number, text in enumerate(alt_texts[0]) if text.startswith("Sexual misconduct: "))
    changed = re.sub(r": (\d+) of ", lambda count: f": {int(count[1]) + 1} of ", alt_texts[0][line], count=1)
    alt_texts[0][line] = changed
    copy.write_text(json.dumps(notebook))
    result = nbval(copy)
    assert result.returncode == 1 and changed.strip().split(",")[0] in result.stdout


def test_a_failing_cell_is_named(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("1 / 0")])
    path = tmp_path / "01_broken.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with pytest.raises(MisconductError, match=r"01_broken\.ipynb, cell 2: ZeroDivisionError: division by zero"):
        execute(path)
    assert path.read_bytes() == before


def test_what_somebody_saves_while_a_notebook_runs_is_kept(tmp_path):
    path = tmp_path / "01_saved.ipynb"
    source = f"import pathlib; n = pathlib.Path({str(path)!r}).write_text('saved')"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)
    with pytest.raises(MisconductError, match="was saved while it ran"):
        run_notebook(path)
    assert path.read_text() == "saved"
