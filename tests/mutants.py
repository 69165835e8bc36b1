"""Change the code that counts and draws in small ways, and look which tests notice: make mutants (POSIX only; hours).

mutmut makes the mutants; each runs only the tests that reach its function. What was done is kept in build/mutants, so
that a run can be stopped and taken up again. Alone, a part or some of its functions, and what became of them:

    python tests/mutants.py counting "analysis.counting.rates.*"
    cd build/mutants/counting && PYTHONPATH=../packages python -m mutmut show NAME
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "mutants"
COPIED = ("benchmarks", "data", "docs", "notebooks", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff")
TESTS = {  # part -> the files whose tests look at it directly: no browser, no notebook that is run, no built site
    "counting": "attrition claims comparisons concentration intervals outcomes permutation published_counts rate_table "
    "rate_words rates ratios robustness selection funnel_numbers",
    "charts": "captions charts funnel_plot layout marks published",
}
# Of a message only that it is raised is tested here; what it says, where it matters.
LEFT_OUT = [r"raise MisconductError"]
FATES = {0: "survived", None: "not run", 5: "no test", 33: "no test", 1: "killed", 3: "killed"}  # else: "too slow"


def settings(part: str) -> str:
    """The project file for a part: pytest's settings without workers and notebooks, and mutmut's."""
    told = {
        "source_paths": ["src"],
        "only_mutate": [f"src/analysis/{part}/*"],
        "also_copy": COPIED,
        "do_not_mutate_patterns": LEFT_OUT,
        "on_dependency_change": "ignore",
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-o", "addopts="],
        "pytest_add_cli_args_test_selection": [
            *(f"tests/test_{name}.py" for name in TESTS[part].split()),
            *("-m", "not hypothesis"),  # a hundred examples for each mutant take too long
        ],
    }
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8") + f"\n[tool.mutmut]\n{lines}\n"


def prepare(part: str) -> Path:
    """The folder of a part, where the project lies by links."""
    place = PLACE / part
    place.mkdir(parents=True, exist_ok=True)
    for name in ("src", "tests", *COPIED):
        if not (place / name).is_symlink():
            (place / name).symlink_to(ROOT / name)
    (place / "pyproject.toml").write_text(settings(part), encoding="utf-8")
    return place


def table(place: Path) -> str:
    """Module by module how many mutants there are, and what became of them, as Markdown."""
    rows, all_of = [], Counter()
    for file in sorted((place / "mutants").rglob("*.meta")):
        fates = Counter(
            FATES.get(code, "too slow") for code in json.loads(file.read_text())["exit_code_by_key"].values()
        )
        if fates:
            rows.append((file.name.removesuffix(".py.meta"), fates))
            all_of.update(fates)
    kinds = ("killed", "too slow", "survived", "no test", "not run")
    lines = [f"| Module | Mutants | {' | '.join(kinds)} | died, of those run |", f"|---|{'---:|' * (len(kinds) + 2)}"]
    for name, fates in (*rows, ("all", all_of)):
        ran, died = fates.total() - fates["not run"], fates["killed"] + fates["too slow"]
        share = f"{100 * died / ran:.1f}%" if ran else ""
        lines.append(f"| {name} | {fates.total()} | {' | '.join(str(fates[kind]) for kind in kinds)} | {share} |")
    return "\n".join(lines)


def main(parts: list[str], names: list[str]) -> None:
    for part in parts:
        place = prepare(part)
        packages = os.environ.get("MUTMUT", str(PLACE / "packages"))
        told = {**os.environ, "PYTHONPATH": packages}
        run([sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names], cwd=place, env=told, check=True)
        print(table(place))


if __name__ == "__main__":
    chosen = sys.argv[1:]
    main([chosen[0]] if chosen else list(TESTS), chosen[1:])
