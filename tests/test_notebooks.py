"""The stored notebooks: executed, reproducible, and really regression-tested by nbval."""

import ast
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from analysis.build import notebooks
from analysis.build.notebooks import clean_on_save, execute, parameters_of, run_notebook, set_parameters
from analysis.errors import MisconductError
from analysis.paths import ROOT, notebook_paths

PATHS = notebook_paths()
FREE = {"imported", "folder"}  # parameters that can be any name


def cells(path):
    return nbformat.read(path, as_version=4).cells


def number(name):
    """The path of a notebook by its number."""
    return next(path for path in PATHS if path.name.startswith(name))


def named_values(path):
    """(parameter, value) that the comments of the parameters cell name: name = default  # also: v1, v2."""
    source = next(cell.source for cell in cells(path) if "parameters" in cell.metadata.get("tags", []))
    found = re.findall(r"^(\w+) = .*  # also: (.+)$", source, re.MULTILINE)
    return [(name, value) for name, values in found for value in ast.literal_eval(f"[{values}]")]


def told_with(path, parameters, shell):
    """What a notebook writes to stderr, in this process, with parameters given as `misconduct run -p` gives them."""
    from IPython.utils.capture import capture_output

    notebook = nbformat.read(path, as_version=4)
    set_parameters(notebook, parameters, path)
    shell.reset()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with capture_output() as told:
                result = shell.run_cell(cell.source)
            if told.stderr or not result.success:
                return f"{path.stem} with {parameters}, {cell.source}: {result.error_in_exec!r} {told.stderr}"
    return ""


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_stored_executed_without_errors(path):
    code = [cell for cell in cells(path) if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert any(output.output_type in ("display_data", "execute_result") for output in outputs)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_column_or_row_of_a_table_is_left_out(path):
    """A table of 22 columns was stored with 20 and "..."."""
    outputs = [output.get("data", {}) for cell in cells(path) for output in cell.get("outputs", [])]
    assert not [data for data in outputs if re.search(r"<t[hd]>\.\.\.</t[hd]>", data.get("text/html", ""))]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_form(path):
    found = cells(path)
    code = [cell for cell in found if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata.get("tags", []) and len(code) <= 15
    assert re.fullmatch(r"\d\d_[a-z_]+", path.stem)
    last_heading = [cell.source for cell in found if cell.cell_type == "markdown" and cell.source.startswith("## ")][-1]
    assert "cannot tell" in last_heading.splitlines()[0]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_does_not_begin_with_code(path):
    """What is seen first: a title and words, the parameters, then a heading and a few lines of code, or three."""
    found = cells(path)
    assert found[0].cell_type == "markdown" and re.match(r"# .+\n\n.+", found[0].source)
    seen = [cell for cell in found if not cell.metadata.get("jupyter", {}).get("source_hidden")]
    first = next(n for n, cell in enumerate(seen) if cell.cell_type == "code" and not cell.metadata.get("tags"))
    assert len(seen[first].source.splitlines()) <= (5 if seen[first - 1].source.startswith("## ") else 3)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_parameters_name_further_values(path):
    parameters = parameters_of(nbformat.read(path, as_version=4))
    values = named_values(path)
    assert {name for name, _ in values} == set(parameters) - FREE
    for name, value in values:
        assert value != parameters[name] and type(value) is type(parameters[name])


def given(path):
    """The parameters of a few runs in which every named value is used: all first ones, all second ones and so on; of a
    notebook that names none its own."""
    values = {}
    for name, value in named_values(path):
        values.setdefault(name, []).append(str(value))
    for place in range(max(map(len, values.values()), default=1)):
        yield {name: named[place] for name, named in values.items() if place < len(named)}


@pytest.fixture(scope="module")
def shell():
    """What runs cells in this process, without a kernel; charts are laid out and described, and not made into pictures,
    which other tests do."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from analysis.charts import Chart

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chart, "png", lambda *_, **__: b"")
        yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs_with_every_value_that_it_names(path, shell, monkeypatch):
    used = {pair for parameters in given(path) for pair in parameters.items()}
    assert used == {(name, str(value)) for name, value in named_values(path)}
    monkeypatch.chdir(path.parent)
    runs = [told_with(path, parameters, shell) for parameters in given(path)]
    assert runs and not [told for told in runs if told]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_number_is_typed_by_hand(path):
    """Digits in markdown may only stand in names such as 95%; figures are computed by code."""
    for cell in cells(path):
        if cell.cell_type == "markdown":
            assert not re.findall(r"\d+", cell.source.replace("95%", "")), cell.source


def shown(path, kind):
    """What the outputs of a notebook show as a kind of text, such as text/markdown."""
    outputs = [output for cell in cells(path) for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def test_no_sentence_leaves_out_the_mark_of_a_group():
    """Of a group that a table of the same notebook marks [u], a line says so too, beside its count."""
    marked = {
        (path, *row)
        for path in PATHS
        for text in shown(path, "text/plain")
        for row in re.findall(r"^ *(\S.*?)(?:  +|: )(\d+ of \d+)\b.*\[u\]", text, re.MULTILINE)
    }
    lines = [(path, line) for path in PATHS for text in shown(path, "text/markdown") for line in text.splitlines()]
    assert len(marked) > len(PATHS)
    for path, label, count in marked:
        said = [line for where, line in lines if where == path and f"{label}: {count} " in line]
        assert all("[u]" in line or "too few" in line for line in said), (path.stem, label, said)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_chart_has_an_alt_text_that_nbval_compares(path):
    """And shows itself in a notebook that is not trusted (SVG would not); its alt text stands there once."""
    stored = path.read_text(encoding="utf-8")
    for cell in cells(path):
        for output in cell.get("outputs", []):
            assert "image/svg+xml" not in output.get("data", {})
            if "image/png" in output.get("data", {}):
                alt_text = output["data"]["text/plain"]
                assert len(re.findall(r"\d of \d|\d%|\d\.", alt_text)) >= 4 and "Source: " in alt_text
                assert stored.count(json.dumps(alt_text.splitlines()[0], ensure_ascii=False)[1:-1]) == 1


def test_running_again_gives_the_same_bytes():
    """One notebook; CI makes all of them again before the tests, and git must see no change."""
    path = number("12")
    assert execute(path) == path.read_bytes()


def test_nbval_sees_one_changed_figure_and_says_which(tmp_path):
    """The proof that the regression test bites: a notebook with one stored figure changed fails (as it is, it passes:
    all are run). What moved, by how much, and how to accept it stand in the message."""
    notebook = json.loads(PATHS[0].read_text(encoding="utf-8"))
    charts = [place for place, cell in enumerate(notebook["cells"]) if "image/png" in str(cell.get("outputs"))]
    notebook["cells"] = notebook["cells"][: charts[0] + 1]  # to the first chart
    outputs = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    alt_text = next(data["text/plain"] for data in outputs if "image/png" in data)
    line = next(number for number, text in enumerate(alt_text) if text.startswith("Sexual misconduct: "))
    count = int(re.search(r": (\d+) of ", alt_text[line])[1])
    alt_text[line] = alt_text[line].replace(f": {count} of ", f": {count + 1} of ", 1)
    copy = tmp_path / PATHS[0].name
    copy.write_text(json.dumps(notebook))
    shutil.copy(PATHS[0].with_name("conftest.py"), tmp_path)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "-q", "--nbval", "--nbval-current-env"]
    result = subprocess.run([*command, str(copy)], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 1
    assert f"Figure moved: {count + 1} -> {count} (-1)" in result.stdout
    assert "misconduct diff HEAD" in result.stdout


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
    with pytest.raises(MisconductError, match=r"was changed by somebody meanwhile\. That is kept"):
        run_notebook(path)
    assert path.read_text() == "saved"


def as_saved(path):
    """A notebook as JupyterLab sends it to be saved: with what its kernel and its editor have added."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.language_info = {"name": "python", "version": "3.13.0", "file_extension": ".py"}
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    for cell in notebook.cells:
        cell.metadata |= {"trusted": True, "scrolled": True, "execution": {"iopub.status.idle": "2026-11-26T14:00:00"}}
    return notebook


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_saving_an_unchanged_notebook_changes_nothing(path):
    """By the hook of JupyterLab's server that `misconduct lab` sets, and the way that server writes a file."""
    model = {"type": "notebook", "content": as_saved(path)}
    clean_on_save(model=model, path=path.relative_to(ROOT).as_posix(), contents_manager=None)
    assert f"{nbformat.writes(model['content'], nbformat.NO_CONVERT)}\n".encode() == path.read_bytes()


def test_notebooks_of_others_are_saved_as_they_are():
    model = {"type": "notebook", "content": as_saved(PATHS[0])}
    before = json.dumps(model)
    clean_on_save(model=model, path="notebooks/my_own.ipynb", contents_manager=None)
    assert json.dumps(model) == before
    clean_on_save(model={"type": "file", "content": "text"}, path=PATHS[0].relative_to(ROOT).as_posix())


def test_a_recoded_person_is_a_few_lines_in_git(tmp_path):
    """A count that changes in a chart is one line of its alt text and its picture; nothing else of the cell."""
    notebook = json.loads(number("01").read_text(encoding="utf-8"))
    before = json.dumps(notebook, indent=1).splitlines()
    data = next(
        output["data"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    )
    line = next(n for n, text in enumerate(data["text/plain"]) if text.startswith("Sexual misconduct: "))
    data["text/plain"][line] = data["text/plain"][line].replace(" of ", " of 1", 1)
    data["image/png"] = "another picture"
    after = json.dumps(notebook, indent=1).splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 2 and max(map(len, changed)) < 250


@pytest.fixture
def no_kernel(monkeypatch):
    """Starting a kernel fails the test."""

    def started(*_, **__):
        pytest.fail("a kernel was started")

    monkeypatch.setattr(notebooks, "NotebookClient", started)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("00", {"shown": "three"}, "shown must be like 5, not 'three'"),
        ("09", {"low_agreement": "[1]"}, r"low_agreement must be like 95, not '\[1\]'"),
        ("11", {"count_small": "1.5"}, "count_small must be like 10, not '1.5'"),
        ("12", {"workforce": ""}, "workforce must be like 0, not ''"),
        ("12", {"workforce": "True"}, "workforce must be like 0, not 'True'"),
        ("01", {"among": "proceeding"}, "'proceeding' is not a known among. Did you mean 'proceedings'"),
        ("01", {"among": ""}, "'' is not a known among"),
        ("01", {"count": "sacked"}, "'sacked' is not a known count. Known: dismissed_or_would_have_been, dismissed"),
        ("04", {"force": "Kent"}, "'Kent' is not a known force"),
        ("05", {"numerator": "dismised"}, "'dismised' is not a known numerator. Did you mean 'dismissed'"),
        ("08", {"verdict": "differ"}, "'differ' is not a known verdict. Did you mean 'differs'"),
        ("10", {"complaint_type": "sexual"}, "'sexual' is not a known complaint type"),
        ("10", {"Among": "proven"}, "'Among' is not a known parameter of 10_make_your_own_chart.ipynb"),
    ],
)
def test_a_wrong_parameter_is_refused_before_a_kernel_starts(name, parameters, said, no_kernel):
    with pytest.raises(MisconductError, match=said):
        execute(number(name), parameters)


@pytest.mark.parametrize(
    ("name", "parameter", "text", "value"),
    [
        ("00", "shown", "3", 3),
        ("09", "low_agreement", "90", 90),
        ("11", "count_small", "100", 100),
        ("12", "workforce", "45000", 45000),
        ("08", "verdict", "differs", "differs"),
        ("10", "folder", "12", "12"),
        ("05", "numerator", "left_service_including_resignations", "left_service_including_resignations"),
    ],
)
def test_a_parameter_is_given_as_its_default_is(name, parameter, text, value):
    notebook = nbformat.read(number(name), as_version=4)
    set_parameters(notebook, {parameter: text}, number(name))
    injected = next(cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", []))
    assert injected.source == f"{parameter} = {value!r}"


def notebook_of(path, *sources):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)
    return path


def test_only_a_gap_of_the_data_is_explained_as_one(tmp_path):
    gap = "from analysis.errors import MisconductError; raise MisconductError('Nobody is there.')"
    found = execute(notebook_of(tmp_path / "01_gap.ipynb", gap, "1"), explain_gaps=True)
    assert "Not shown: Nobody is there." in found.decode() and '"error"' not in found.decode()


@pytest.mark.parametrize("ours", ["1 / 0", "unknown_name", "{}['key']"])
def test_an_error_that_is_ours_is_not_explained_as_a_gap(tmp_path, ours):
    path = notebook_of(tmp_path / "01_ours.ipynb", "1", ours)
    with pytest.raises(MisconductError, match=r"01_ours\.ipynb, cell 2: (ZeroDivision|Name|Key)Error"):
        execute(path, explain_gaps=True)


def test_lab_hands_on_options_and_cleans_what_is_saved(monkeypatch):
    """JupyterLab's own options pass; it opens at the project's folder, so that docs and data can be reached."""
    from typer.testing import CliRunner

    from analysis import cli

    started = []

    def run(command):
        started.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    result = CliRunner().invoke(cli.app, ["lab", "--no-browser", "--port=0"], obj={})
    [[python, _, program, *options]] = started
    assert (result.exit_code, python, program) == (3, sys.executable, "jupyterlab")
    assert options[-2:] == ["--no-browser", "--port=0"] and f"--ServerApp.root_dir={ROOT}" in options
    hook = next(option for option in options if "pre_save_hook" in option).partition("=")[2]
    assert hook == f"{clean_on_save.__module__}.{clean_on_save.__qualname__}"


def test_jupyterlab_takes_the_hook_by_its_name():
    from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

    name = f"{clean_on_save.__module__}.{clean_on_save.__qualname__}"
    assert AsyncLargeFileManager(pre_save_hook=name).pre_save_hook is clean_on_save
