"""Running the notebooks so that their stored outputs come out the same, byte for byte, on every machine."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from analysis.errors import MisconductError
from analysis.paths import NOTEBOOKS, shown, write_files

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMEOUT = 300  # seconds a cell may take
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def notebook_paths() -> list[Path]:
    """The suite's notebooks in order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def execute(path: Path) -> bytes:
    """Run a notebook from top to bottom in its own folder and return its file with outputs, nothing written.

    The kernel's version, times and other traces of the machine are left out. Raises MisconductError naming the
    notebook, the cell and the message when a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
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
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def run_notebook(path: Path) -> None:
    """Run a notebook and store it with its outputs; on failure the file stays as it was."""
    write_files({path: execute(path)})
