"""Change the code that counts and draws in small ways, and look which tests notice: make mutants (POSIX only; hours).

mutmut makes the mutants; each runs only the tests that reach its function. What was done is kept in build/mutants, so
that a run can be stopped and taken up again. Some functions alone (again, whatever became of them), what a mutant is:

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
LINKED = ("benchmarks", "data", "docs", "notebooks", "src", "tests")
TESTS = {  # package -> the files whose tests look at it directly: no browser, no notebook that is run, no built site
    "counting": "attrition claims compared_by_hand comparisons concentration counted_by_hand funnel_numbers intervals "
    "outcomes permutation published_counts rate_table rate_words rates ratios robustness selection",
    "charts": "captions charts funnel_plot layout marks published",
}
FATES = {0: "survived", None: "not run", 5: "no test", 33: "no test", 1: "died", 3: "died"}  # else it took too long
KINDS = ("died", "too slow", "survived", "no test", "not run")


def settings(package: str) -> str:
    """The project file for a package: pytest's settings without workers and notebooks, and mutmut's."""
    told = {
        "source_paths": ["src"],
        "only_mutate": [f"src/analysis/{package}/*"],
        "also_copy": [name for name in LINKED if name != "src"],
        "do_not_mutate_patterns": [r"raise \w+Error"],  # that it is raised is tested, not every word of it
        "on_dependency_change": "ignore",
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-o", "addopts="],
        # A hundred examples for each mutant take too long.
        "pytest_add_cli_args_test_selection": [
            *(f"tests/test_{name}.py" for name in TESTS[package].split()),
            *("-m", "not hypothesis"),
        ],
    }
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8") + f"\n[tool.mutmut]\n{lines}\n"


def mutate(package: str, names: list[str]) -> None:
    """Run what has not been run of a package, in a folder of its own where the project lies by links."""
    place = PLACE / package
    place.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        if not (place / name).is_symlink():
            (place / name).symlink_to(ROOT / name)
    (place / "pyproject.toml").write_text(settings(package), encoding="utf-8")
    told = {**os.environ, "PYTHONPATH": str(PLACE / "packages")}
    run([sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names], cwd=place, env=told, check=True)


def table(package: str) -> str:
    """Module by module how many mutants there are, and what became of them, as Markdown."""
    found = {}
    for file in sorted((PLACE / package / "mutants" / "src" / "analysis" / package).glob("*.meta")):
        codes = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        if codes:
            found[file.name.removesuffix(".py.meta")] = Counter(FATES.get(code, "too slow") for code in codes)
    found["all"] = sum(found.values(), Counter())
    lines = [f"| {package} | mutants | {' | '.join(KINDS)} | noticed, of those run |"]
    lines += [f"|---|{'---:|' * (len(KINDS) + 2)}"]
    for name, fates in found.items():
        ran, noticed = fates.total() - fates["not run"], fates["died"] + fates["too slow"]
        share = f"{100 * noticed / ran:.1f}%" if ran else ""
        lines.append(f"| {name} | {fates.total()} | {' | '.join(str(fates[kind]) for kind in KINDS)} | {share} |")
    return "\n".join(lines)


def main(packages: list[str], names: list[str]) -> None:
    for package in packages:
        try:
            mutate(package, names)
        finally:
            print(table(package))


if __name__ == "__main__":
    main(sys.argv[1:2] or [*TESTS], sys.argv[2:])
