"""What is given with -p arrives as a value, whatever is in it: it runs nothing."""

import nbformat
import pytest

from analysis.build import notebooks
from analysis.build.notebooks import execute, run_copy
from analysis.errors import MisconductError

HOSTILE = (
    "'''; import os; os.system('touch owned'); '''",
    '"""; open("owned", "w"); """',
    "x'\nopen('owned', 'w')\n'",
    '"); open("owned", "w"); ("',
    "__import__('os').system('touch owned')",
    "{open('owned', 'w')}",
    "\\'; open('owned', 'w') #",
    "\u2028open('owned', 'w')",
    "\ropen('owned', 'w')",
    "%%bash\ntouch owned",
    "!touch owned",
)


def test_values_run_nothing(tmp_path):
    """All in one run of a kernel."""
    names = [f"p{number}" for number in range(len(HOSTILE))]
    given = nbformat.v4.new_code_cell("\n".join(f"{name} = 'x'" for name in names), metadata={"tags": ["parameters"]})
    shows = nbformat.v4.new_code_cell(f"print({', '.join(f'ascii({name})' for name in names)}, sep='\\n')")
    nbformat.write(nbformat.v4.new_notebook(cells=[given, shows]), tmp_path / "01_x.ipynb")
    run = nbformat.reads(
        execute(tmp_path / "01_x.ipynb", dict(zip(names, HOSTILE, strict=True))).decode(), as_version=4
    )
    assert run.cells[-1].outputs[0].text.splitlines() == [ascii(value) for value in HOSTILE]
    assert [path.name for path in tmp_path.iterdir()] == ["01_x.ipynb"]


@pytest.mark.parametrize(
    "value", ["__import__('os').getpid()", "[n for n in (1,)]", "1+1", "(1).__class__", "9" * 5000]
)
def test_a_number_is_a_number_and_no_expression(value, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "NotebookClient", lambda *_, **__: pytest.fail("a kernel starts"))
    with pytest.raises(MisconductError, match="must be like 5, not"):
        run_copy("00", {"shown": value}, tmp_path)


@pytest.mark.parametrize("name", ["shown=1;import os", "import os", "shown\n", "__builtins__", "0"])
def test_names_run_nothing(name, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "NotebookClient", lambda *_, **__: pytest.fail("a kernel starts"))
    with pytest.raises(MisconductError, match="is not a known parameter"):
        run_copy("00", {name: "1"}, tmp_path)
    assert not any(tmp_path.iterdir())
