"""Running the notebooks so that their stored outputs come out the same, byte for byte, on every machine."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analysis import vocabulary
from analysis.counting.claims import VERDICTS
from analysis.errors import MisconductError, require_known
from analysis.paths import ROOT, notebook_paths, shown
from analysis.provenance.own_data import find_own
from analysis.publishing.rendering import run_html
from analysis.writing import put_back, write_files

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_METADATA = ("tags", "jupyter")  # what is kept of a cell's: its tags and whether its source is folded
TIMEOUT = 300  # seconds a cell may take
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def execute(path: Path, parameters: Mapping[str, object] | None = None, *, explain_gaps: bool = False) -> bytes:
    """Run a notebook from top to bottom in the notebooks' folder and return its file with outputs, nothing written.

    parameters: values for names of its cell tagged `parameters`; text is read as what the cell has there. The kernel's
    version, times and other traces of the machine are left out. explain_gaps: a cell that other data cannot fill says
    so and the rest goes on. Raises MisconductError naming the notebook, the cell and the message when a cell fails
    otherwise, and before anything runs when a parameter is unknown or cannot have its value.
    """
    notebook = nbformat.read(path, as_version=4)
    if parameters:
        set_parameters(notebook, parameters, path)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        allow_errors=explain_gaps,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        cell = next(
            number
            for number, cell in enumerate(notebook.cells, 1)
            if any(output.get("output_type") == "error" for output in cell.get("outputs", []))
        )
        message = COLOURS.sub("", f"{error.ename}: {error.evalue}")
        raise MisconductError(f"{shown(path)}, cell {cell}: {message}") from error
    if explain_gaps:
        _explain_gaps(notebook, path)
    clean(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def clean(notebook: dict[str, Any]) -> None:
    """Take out of a notebook of the suite what is of the machine, the kernel or the editor, and not of its content."""
    notebook["metadata"] = {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key in CELL_METADATA}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # its id is random, and it shows nothing without its kernel


def clean_on_save(model: dict[str, Any], path: str, **_: object) -> None:
    """JupyterLab's pre_save_hook, given to it by `misconduct lab`: a notebook of the suite that is saved is cleaned.

    So one that was saved unchanged is the same file. path: below the project's folder; others are left as they are.
    """
    if model["type"] == "notebook" and ROOT / path.strip("/") in notebook_paths():
        clean(model["content"])


GAPS = ("MisconductError", "DataError")  # what these data lack is told by these
FOLLOWING = ("NameError",)  # and a cell that needs one before it fails so


def _explain_gaps(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Put a plain sentence in place of the error of a cell that had nothing to show, and of what depends on it.

    Raises MisconductError for any other error: that one is ours and not a gap of the data.
    """
    gaps = False
    for number, cell in enumerate(notebook.cells, 1):
        for position, output in enumerate(cell.get("outputs", [])):
            if output.output_type != "error":
                continue
            message = COLOURS.sub("", output.evalue)
            if output.ename not in (*GAPS, *(FOLLOWING if gaps else ())):
                raise MisconductError(f"{shown(path)}, cell {number}: {output.ename}: {message}")
            gaps = True
            said = message if output.ename in GAPS else "it needs what is not shown above."
            cell.outputs[position] = nbformat.v4.new_output("stream", name="stdout", text=f"Not shown: {said}\n")


VOCABULARIES = {  # of parameters that are not named like theirs
    "among": "denominator",
    "count": "numerator",
    "numerator": "numerator_definition",
    "column": "",
    "value": "",
}


def parameters_of(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """The names and values of the cell tagged `parameters`."""
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    found = {}
    for line in ast.parse(cell.source).body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            found[line.targets[0].id] = ast.literal_eval(line.value)
    return found


def _known_values(name: str) -> Sequence[str]:
    """What a parameter can be; empty where that is not listed anywhere."""
    if name == "verdict":
        return VERDICTS
    named = VOCABULARIES.get(name, name)
    return vocabulary.codes(named) if named in vocabulary.vocabularies() else ()


def _typed(name: str, value: object, default: object) -> object:
    """A value given as text as what the parameter's default is; MisconductError when it cannot be that."""
    found = value
    if isinstance(value, str) and not isinstance(default, str):
        with suppress(ValueError, SyntaxError):
            found = ast.literal_eval(value)
    if isinstance(default, float) and type(found) is int:
        found = float(found)
    if type(found) is not type(default):
        raise MisconductError(f"{name} must be like {default!r}, not {value!r}.")
    if (found or default) and (known := _known_values(name)):
        require_known(str(found), known, name.replace("_", " "), vocabulary.words(name))
    return found


def set_parameters(notebook: nbformat.NotebookNode, parameters: Mapping[str, object], path: Path) -> None:
    """Add a cell with the given values after the cell tagged `parameters`; text is read as what stands there.

    Raises MisconductError for an unknown parameter, and for one that cannot have its value.
    """
    position = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    known = parameters_of(notebook)
    for name in parameters:
        require_known(name, known, f"parameter of {path.name}")
    values = {name: _typed(name, value, known[name]) for name, value in parameters.items()}
    source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    cell = nbformat.v4.new_code_cell(source, id="given-parameters", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(position + 1, cell)


def find_notebook(name: str) -> Path:
    """A notebook by its number or name; MisconductError lists the known ones."""
    names = {path.stem: path for path in notebook_paths()}
    numbers = {stem[:2]: path for stem, path in names.items()}
    return {**numbers, **names}[require_known(name, [*numbers, *names], "notebook")]


def run_copy(name: str, parameters: Mapping[str, object], folder: Path, data: str = "") -> list[Path]:
    """Run a notebook with other parameters; write folder/<name>.ipynb and .html and leave the notebook as it is.

    data: the name of imported data to show instead of the project's.
    """
    path, own = find_notebook(name), find_own(data)
    given = {**parameters, **({} if own is None else {"imported": str(own)})}
    content = execute(path, given, explain_gaps=own is not None)
    files = {folder / path.name: content, folder / f"{path.stem}.html": run_html(content)}
    write_files(files)
    return list(files)


def describe_notebooks() -> dict[str, str]:
    """Each notebook's name and the question in its first heading."""
    first = {path.stem: nbformat.read(path, as_version=4).cells[0].source.splitlines()[0] for path in notebook_paths()}
    return {stem: heading.removeprefix("# ") for stem, heading in first.items()}


def run_notebook(path: Path) -> bytes:
    """Run a notebook and store it with its outputs, which are returned; on failure the file stays as it was.

    MisconductError when somebody saved it while it ran: what they saved stays.
    """
    put_back(path.parent)
    before = path.read_bytes()
    content = execute(path)
    write_files({path: content}, {path: before})
    return content


def run_notebooks(paths: Sequence[Path], done: Callable[[Path, MisconductError | None], object]) -> dict[Path, bytes]:
    """Run notebooks side by side, one a core; `done` hears of each as it ends, with its error if it failed.

    Returns those that did not fail, as they were stored. A failing notebook stays as it was and stops no other.
    """

    def attempt(path: Path) -> bytes | MisconductError:
        try:
            return run_notebook(path)
        except MisconductError as error:
            return error

    stored = {}
    pool = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2))
    try:
        running = {pool.submit(attempt, path): path for path in paths}
        for finished in as_completed(running):
            path, result = running[finished], finished.result()
            done(path, result if isinstance(result, MisconductError) else None)
            if isinstance(result, bytes):
                stored[path] = result
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C waits for those that run, and not for all
    return stored
