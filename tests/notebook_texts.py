"""What the cells of a notebook show on imported data, run in this process: no kernel, no pictures."""

import ast
import re

import nbformat
import pandas as pd
from IPython.display import Markdown

from analysis.build.notebooks import set_parameters
from analysis.errors import MisconductError


def shown_by(value) -> str:
    """What a value shows as the last of a cell, in words."""
    if isinstance(value, pd.DataFrame):
        return value.to_string()
    return value.data if isinstance(value, Markdown) else getattr(value, "alt_text", repr(value))


def texts_of(path, own) -> dict[str, str]:
    """What each cell of a notebook shows on imported data, as `misconduct run --data` does, in this process; without
    those on what others published."""
    notebook = nbformat.read(path, as_version=4)
    set_parameters(notebook, {"imported": str(own)}, path)
    names = {}
    told = [(cell, cell.source if cell.cell_type == "markdown" else run(cell, names)) for cell in notebook.cells]
    return {cell.id: text for cell, text in told if not re.search("published", cell.source.partition("\n\n")[0])}


def run(cell, names) -> str:
    """What a cell of code shows, or why these data give nothing to show."""
    *lines, last = ast.parse(cell.source).body
    rest, shown = ([], last.value) if isinstance(last, ast.Expr) else ([last], ast.Constant(""))
    try:
        exec(compile(ast.Module([*lines, *rest], []), cell.id, "exec"), names)
        return shown_by(eval(compile(ast.Expression(ast.fix_missing_locations(shown)), cell.id, "eval"), names))
    except MisconductError as error:
        names["is_gap"] = True
        return str(error)
    except NameError as error:  # of a cell that needs one which these data could not fill, and of no other
        assert "is_gap" in names
        return str(error)
