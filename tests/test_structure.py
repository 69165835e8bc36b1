"""What holds for the code itself: the flow of docs/architecture.md, sizes, docstrings, no assert."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.paths import ROOT

PACKAGE = ROOT / "src" / "analysis"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FILES = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]
ROOMS = (  # a module imports from its own room and those above it; two rooms in one line do not know each other
    {"characters", "errors", "paths", "writing", "zips", "vocabulary", "yaml_files", "days", "csv_files"}
    | {"grouping", "edition"},
    {"provenance"},
    {"checking"},
    {"reading", "counting"},
    {"dataset"},
    {"charts"},
    {"publishing"},
    {"build"},
    {"cli_spreadsheets"},
    {"cli"},
    {"__init__", "__main__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}
ALLOWED = {
    ("analysis.build.staleness", "analysis"),  # it asks the door which rooms a notebook can reach through it
    ("analysis.publishing.api_reference", "analysis"),  # it describes the door
}
LONGEST_FUNCTION, LONGEST_FILE = 55, 420


def test_no_style_is_left_of_what_is_gone():
    """Each class and id that the style names stands in a template or a script."""
    folder = PACKAGE / "publishing"
    style = (folder / "static" / "site.css").read_text(encoding="utf-8")
    style = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", style, flags=re.DOTALL)
    parts = [*folder.glob("templates/*.html"), *folder.glob("*.py"), *folder.glob("static/*.js")]
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    given = re.findall(r"""(?:class|id|className|toggle\(|add\()[=: ]*f?["']([^"']*)""", text)
    used = {name for names in given for name in re.split(r"[^\w-]+", names)}
    assert {*re.findall(r"[.#]([a-zA-Z][\w-]*)", style)} - used == set()


def name_of(file: Path) -> str:
    parts = ("analysis", *file.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES}


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules of this package that a module imports, at any depth of its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole way"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "analysis" and name != "analysis.__version__":
                yield name if name in MODULES else name.rpartition(".")[0]


def room_of(module: str) -> str:
    return (*module.split("."), "__init__")[1]


def upward(module: str, tree: ast.Module) -> list[str]:
    """The imports of a module that go against the flow."""
    mine = room_of(module)
    return [
        name
        for name in imports(tree)
        if (module, name) not in ALLOWED
        and room_of(name) != mine
        and (FLOOR[room_of(name)] > FLOOR[mine] or (FLOOR[room_of(name)] == FLOOR[mine] != 0))
    ]


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The modules that import each other, directly or through others; packages stand for nothing of their own."""
    found, done = [], set()

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                walk(other, [*path, module])
            done.add(module)

    for module in graph:
        walk(module, [])
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is without its docstring, which may be long where people look functions up."""
    first = function.body[0]
    explained = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) else 0
    return function.end_lineno - function.lineno + 1 - explained


@pytest.mark.parametrize("module", MODULES)
def test_every_module_imports_only_from_above(module):
    assert not upward(module, MODULES[module])


def test_no_module_imports_itself_through_others():
    graph = {module: {*imports(tree)} - {"analysis"} for module, tree in MODULES.items()}
    assert not circles(graph)


def test_the_rules_would_find_something():
    assert upward("analysis.counting.rates", ast.parse("def f():\n    from analysis.charts import rows"))
    assert upward("analysis.counting.rates", ast.parse("from analysis.reading.spreadsheet import guess"))
    assert upward("analysis.charts.rows", ast.parse("import analysis"))
    assert not upward("analysis.charts.rows", ast.parse("from analysis.counting import rates\nimport pandas"))
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [["a", "b", "c", "a"]]


@pytest.mark.parametrize("module", MODULES)
def test_no_assert_in_production_code(module):
    assert not [node.lineno for node in ast.walk(MODULES[module]) if isinstance(node, ast.Assert)]


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_is_explained(module):
    tree = MODULES[module]
    public = [
        node
        for scope in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef)))
        for node in scope.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(tree)
    assert not [node.name for node in public if not ast.get_docstring(node)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_files_and_functions_can_be_read_at_once(file):
    text = file.read_text(encoding="utf-8")
    length = text.count("\n")
    assert length <= LONGEST_FILE
    lengths = {node.name: lines_of(node) for node in functions(ast.parse(text))}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def test_the_vocabulary_is_read_without_the_heavy_libraries():
    code = "import sys; from analysis import vocabulary; vocabulary.vocabularies(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "pydantic", "pandera"} & {*done.stdout.split()}


def test_fetched_files_are_looked_for_without_what_fetches_them():
    code = (
        "import sys; from analysis.build import fetched_counts; fetched_counts.fetched_files();"
        "import analysis.csv_files; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pooch", "requests", "urllib3", "pyarrow.csv"} & {*done.stdout.split()}


def test_importing_changes_no_memory_of_arrow():
    code = "import pyarrow; before = pyarrow.default_memory_pool().backend_name; import analysis.csv_files;"
    code += "print(before == pyarrow.default_memory_pool().backend_name)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "True"
