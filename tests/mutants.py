"""Change the code that counts and draws in small ways, and look which tests notice: make mutants (POSIX only; hours).

mutmut makes the mutants; each runs only the tests that reach its function. What was done is kept in build/mutants, so
that a run can be stopped and taken up again. Some functions alone (again, whatever became of them), what a mutant is:

    python tests/mutants.py counting "analysis.counting.rates.*"
    python tests/mutants.py counting --draw 250 "analysis.counting.rates.*"     # that many of them, always the same
    cd build/mutants/counting && PYTHONPATH=../packages python -m mutmut show NAME
"""

import argparse
import json
import os
import random
import sys
from collections import Counter
from fnmatch import fnmatch
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
SEED = 16  # of what is drawn
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


def fates(package: str) -> dict[str, dict[str, int | None]]:
    """Of each module that has mutants, their names and what became of them."""
    files = sorted((PLACE / package / "mutants" / "src" / "analysis" / package).glob("*.meta"))
    found = {file: json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"] for file in files}
    return {file.name.removesuffix(".py.meta"): codes for file, codes in found.items() if codes}


def drawn(package: str, patterns: list[str], number: int) -> list[str]:
    """Some of the mutants of these names, at random but always the same. They must have been made."""
    names = [name for codes in fates(package).values() for name in codes if any(fnmatch(name, p) for p in patterns)]
    if not names:
        sys.exit("There are no such mutants yet. Without --draw they are made; that can be stopped once it runs them.")
    return random.Random(SEED).sample(sorted(names), min(number, len(names)))


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
    found = {
        module: Counter(FATES.get(code, "too slow") for code in codes.values())
        for module, codes in fates(package).items()
    }
    found["all"] = sum(found.values(), Counter())
    lines = [f"| {package} | mutants | {' | '.join(KINDS)} | noticed, of those run |"]
    lines += [f"|---|{'---:|' * (len(KINDS) + 2)}"]
    for name, counts in found.items():
        ran, noticed = counts.total() - counts["not run"], counts["died"] + counts["too slow"]
        share = f"{100 * noticed / ran:.1f}%" if ran else ""
        lines.append(f"| {name} | {counts.total()} | {' | '.join(str(counts[kind]) for kind in KINDS)} | {share} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", choices=TESTS, help="one; without, all of them")
    parser.add_argument("names", nargs="*", help="of mutants, with * and ?")
    parser.add_argument("--draw", type=int, metavar="N", help="run only N of these, drawn at random")
    given = parser.parse_intermixed_args()
    for package in [given.package] if given.package else [*TESTS]:
        try:
            mutate(package, drawn(package, given.names or ["*"], given.draw) if given.draw else given.names)
        finally:
            print(table(package))


if __name__ == "__main__":
    main()
