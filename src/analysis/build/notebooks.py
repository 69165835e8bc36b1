"""Running the notebooks so that their stored outputs come out the same, byte for byte, on every machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from html import escape
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from analysis.errors import MisconductError, require_known
from analysis.provenance.own_data import chosen
from analysis.paths import NOTEBOOKS, shown, write_files

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
TIMEOUT = 300  # seconds a cell may take
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def notebook_paths() -> list[Path]:
    """The suite's notebooks in order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def execute(path: Path, parameters: Mapping[str, object] | None = None) -> bytes:
    """Run a notebook from top to bottom in the notebooks' folder and return its file with outputs, nothing written.

    parameters: values for names of its cell tagged `parameters`. The kernel's version, times and other traces of the
    machine are left out. With imported data (analysis.provenance.own_data), a cell that fails for want of data says so and the
    rest goes on. Raises MisconductError naming the notebook, the cell and the message when a cell fails otherwise, or
    when a parameter is unknown.
    """
    notebook = nbformat.read(path, as_version=4)
    if parameters:
        _set_parameters(notebook, parameters, path)
    own = chosen() is not None
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        allow_errors=own,
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
    if own:
        _explain_gaps(notebook)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # its id is random, and it shows nothing without its kernel
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def _explain_gaps(notebook: nbformat.NotebookNode) -> None:
    """Put a plain sentence in place of the error of a cell that had nothing to show, and of what depends on it."""
    for cell in notebook.cells:
        for position, output in enumerate(cell.get("outputs", [])):
            if output.output_type == "error":
                plain = output.ename in ("MisconductError", "DataError")
                found = output.evalue if plain else f"these data lack what it needs ({output.ename}: {output.evalue})."
                text = f"Not shown: {COLOURS.sub('', found)}\n"
                cell.outputs[position] = nbformat.v4.new_output("stream", name="stdout", text=text)


def _set_parameters(notebook: nbformat.NotebookNode, parameters: Mapping[str, object], path: Path) -> None:
    """Add a cell with the given values after the cell tagged `parameters`."""
    position = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    known = re.findall(r"^(\w+) *=", notebook.cells[position].source, re.MULTILINE)
    for name in parameters:
        require_known(name, known, f"parameter of {path.name}")
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell = nbformat.v4.new_code_cell(source, id="given-parameters", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(position + 1, cell)


def find_notebook(name: str) -> Path:
    """A notebook by its number or name; MisconductError lists the known ones."""
    names = {path.stem: path for path in notebook_paths()}
    numbers = {stem[:2]: path for stem, path in names.items()}
    return {**numbers, **names}[require_known(name, [*numbers, *names], "notebook")]


def run_copy(name: str, parameters: Mapping[str, object], folder: Path) -> list[Path]:
    """Run a notebook with other parameters; write folder/<name>.ipynb and .html and leave the notebook as it is."""
    path = find_notebook(name)
    content = execute(path, parameters)
    files = {folder / path.name: content, folder / f"{path.stem}.html": _page(content).encode()}
    write_files(files)
    return list(files)


def _page(content: bytes) -> str:
    """A notebook as a web page, with the text of each picture for those who do not see it."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = {data["image/png"]: data.get("text/plain", "") for data in outputs if "image/png" in data}

    def described(element: re.Match[str]) -> str:
        return f'<img alt="{escape(texts.get(element[2], ""))}"{element[1]}'

    return re.sub(r'<img alt="[^"]*"([^>]*src="data:image/png;base64,([^"]+)")', described, page)


def describe_notebooks() -> dict[str, str]:
    """Each notebook's name and the question in its first heading."""
    first = {path.stem: nbformat.read(path, as_version=4).cells[0].source.splitlines()[0] for path in notebook_paths()}
    return {stem: heading.removeprefix("# ") for stem, heading in first.items()}


def run_notebook(path: Path) -> None:
    """Run a notebook and store it with its outputs; on failure the file stays as it was.

    MisconductError when somebody saved it while it ran: what they saved stays.
    """
    before = path.read_bytes()
    content = execute(path)
    if path.read_bytes() != before:
        raise MisconductError(f"{shown(path)} was saved while it ran. That is kept; run it again.")
    write_files({path: content})


def run_notebooks(paths: Sequence[Path], done: Callable[[Path, MisconductError | None], object]) -> None:
    """Run notebooks side by side, one a core; `done` hears of each as it ends, with its error if it failed.

    A failing notebook stays as it was and does not stop the others.
    """

    def attempt(path: Path) -> MisconductError | None:
        try:
            run_notebook(path)
        except MisconductError as error:
            return error
        return None

    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        running = {pool.submit(attempt, path): path for path in paths}
        for finished in as_completed(running):
            done(running[finished], finished.result())
