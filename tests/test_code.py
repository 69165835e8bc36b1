"""What holds for the code itself."""

import ast
import subprocess
import sys

import pytest

from analysis.paths import ROOT

FILES = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_no_assert_in_production_code(path):
    assert not [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]


def test_the_vocabulary_is_read_without_the_heavy_libraries():
    code = "import sys; from analysis import vocabulary; vocabulary.vocabularies(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "pydantic", "pandera"} & {*done.stdout.split()}
