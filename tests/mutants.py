"""Change the code that counts and draws in small ways, and look which tests notice: make mutants (POSIX only).

mutmut makes the mutants and looks which tests reach which function. Here one process imports everything and forks for
each mutant, in an order drawn at random, so that what has run whenever it is stopped is a fair sample; it goes on where
it was. What was done is kept in build/mutants. Some functions alone (again, whatever became of them), what a mutant is:

    python tests/mutants.py counting "analysis.counting.rates.*"
    python tests/mutants.py counting --draw 250 "analysis.counting.rates.*"     # that many of them, always the same
    python tests/mutants.py counting --draw 250 --seed 20 "*"                   # others, of all
    cd build/mutants/counting && PYTHONPATH=../packages python -m mutmut show NAME
"""

import argparse
import gc
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from subprocess import run

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "mutants"
LINKED = ("README.md", "CHANGELOG.md", "conftest.py", "benchmarks", "data", "docs", "notebooks", "src", "tests")
TESTS = {  # package -> the files whose tests look at it directly: no browser, no notebook that is run, no built site
    "counting": "aggregates attrition claims compared_by_hand comparisons concentration counted_by_hand funnel_numbers "
    "import_units intervals models outcomes permutation published_choice published_counts published_series "
    "rate_table rate_words rates ratios robustness selection",
    "charts": "captions charts funnel_plot layout marks published",
}
FATES = {0: "survived", None: "not run", 33: "no test", 1: "died", 36: "too slow"}  # by mutmut's numbers
SEED = 16  # of the order, where no other is given
KINDS = ("died", "too slow", "survived", "no test", "not run")
PREPARE = """
from pathlib import Path
from libcst import matchers
from mutmut import __main__ as mutmut
from mutmut.mutation.file_mutation import MutationVisitor
skips, removes = MutationVisitor._skip_node_and_children, MutationVisitor._removes_ignored_code
strict = matchers.Arg(keyword=matchers.Name("strict"))  # of zip: all that it does is to raise an error
found = lambda node: [arg.value for arg in getattr(node, "args", ()) if matchers.matches(arg, strict)]
MutationVisitor._skip_node_and_children = lambda self, node: matchers.matches(node, strict) or skips(self, node)
MutationVisitor._removes_ignored_code = lambda self, node, new: found(node) != found(new) or removes(self, node, new)
Path("mutants").mkdir(exist_ok=True)
mutmut.set_mutant_under_test("mutant_generation")
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.setup_source_paths()
mutmut.create_mutants(2)
mutmut.collect_or_load_stats(mutmut.get_mutant_runner(1), apply_config_invalidation=True)
"""


def chosen_tests(package: str) -> list[str]:
    """What pytest is told to collect: property tests are left out, a hundred examples for each mutant take too long."""
    return [*(f"tests/test_{name}.py" for name in TESTS[package].split()), "-m", "not hypothesis"]


def settings(package: str) -> str:
    """The project file for a package: pytest's settings without workers and notebooks, and mutmut's."""
    told = {
        "source_paths": ["src"],
        "only_mutate": [f"src/analysis/{package}/*"],
        "also_copy": [name for name in LINKED if name != "src"],
        "do_not_mutate_patterns": [r"raise \w+Error"],  # that it is raised is tested, not every word of it
        "on_dependency_change": "ignore",
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-o", "addopts="],
        "pytest_add_cli_args_test_selection": chosen_tests(package),
    }
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8") + f"\n[tool.mutmut]\n{lines}\n"


def fates(package: str) -> dict[str, dict[str, int | None]]:
    """Of each module that has mutants, their names and what became of them."""
    files = sorted((PLACE / package / "mutants" / "src" / "analysis" / package).glob("*.meta"))
    found = {file: json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"] for file in files}
    return {file.name.removesuffix(".py.meta"): codes for file, codes in found.items() if codes}


def prepare(package: str) -> None:
    """Make the mutants in a folder of their own where the project lies by links, and look which tests reach which."""
    place = PLACE / package
    place.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        if not (place / name).is_symlink():
            (place / name).symlink_to(ROOT / name)
    (place / "pyproject.toml").write_text(settings(package), encoding="utf-8")
    told = {**os.environ, "PYTHONPATH": str(PLACE / "packages")}
    run([sys.executable, "-c", PREPARE], cwd=place, env=told, check=True)


def wanted(package: str, patterns: list[str], number: int | None, seed: int) -> list[str]:
    """The mutants of these names, or those that have not run, or `number` of them; always in the same random order."""
    found = {name: code for codes in fates(package).values() for name, code in codes.items()}
    order = random.Random(seed).sample(sorted(found), len(found))
    named = [name for name in order if any(fnmatch(name, pattern) for pattern in patterns or ["*"])][:number]
    return [name for name in named if patterns or found[name] is None]


class Forks:
    """In the place of pytest's loop: a process for each mutant, which ends at the first test that notices it."""

    def __init__(self, names: list[str]) -> None:
        told = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))
        self.names, self.reach, self.seconds = names, told["tests_by_mangled_function_name"], told["duration_by_test"]
        self.items: dict[str, pytest.Item] = {}
        self.noticed: dict[str, Counter[str]] = defaultdict(Counter)  # function or module -> test -> how often

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        plain = next(item for item in session.items if set(item.fixturenames) <= {"request", "data", "subjects"})
        runtestprotocol(plain, nextitem=session.items[-1], log=False)  # the data are loaded once, before all forks
        gc.freeze()
        alike = self.alike({*plain.fixturenames})
        functions = {name: name.rpartition("__mutmut_")[0] for name in self.names}
        tests = {
            function: {test for one in self.reach.get(function, []) if one in self.items for test in (one, *alike[one])}
            for function in functions.values()
        }
        code, by, _ = self.ask("", {*self.items} & set().union(*tests.values()))
        if code:
            pytest.exit(f"{by} fails, or is too slow, without any change.")
        for number, (name, function) in enumerate(functions.items(), 1):
            code, by, seconds = self.ask(name, tests[function]) if tests[function] else (33, "", 0.0)
            for place in (function, function.rpartition(".")[0]):
                self.noticed[place][by] += code == 1
            self.remember(name, code, seconds)
            print(f"{number}/{len(functions)} {FATES[code]} {seconds:.2f} s {name} {by}", flush=True)
        return True

    def alike(self, without: set[str]) -> dict[str, set[str]]:
        """Of each test those that look at the same fixture of a file or all files: only the first of them makes it."""
        users: dict[tuple[str, str], set[str]] = defaultdict(set)
        for test, item in self.items.items():
            for name, found in item._fixtureinfo.name2fixturedefs.items():
                if found[-1].scope != "function" and name not in without:
                    users[name, found[-1].baseid].add(test)
        alike: dict[str, set[str]] = defaultdict(set)
        for tests in users.values():
            for test in tests:
                alike[test] |= tests
        return alike

    def ask(self, name: str, tests: set[str]) -> tuple[int, str, float]:
        """What becomes of a mutant, the test in which it is decided, and the processor's time."""
        here = self.noticed[name.rpartition("__mutmut_")[0]]
        near = self.noticed[name.rpartition(".")[0]]
        order = sorted(
            tests, key=lambda test: (-here[test], -near[test], self.seconds[test], test)
        )  # likely ones first
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                self.run(name, order, writing)
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as told:
            begun = [line.rstrip("\n").split(" ", 1) for line in told]
        _, status, used = os.wait4(pid, 0)
        for (start, test), (end, _) in pairwise([*begun, [str(time.monotonic()), ""]]):
            self.seconds[test] = max(float(end) - float(start), self.seconds[test])  # with what it needs
        code = os.waitstatus_to_exitcode(status)
        fate = 36 if code in (-signal.SIGPROF, -signal.SIGALRM) else min(abs(code), 1)
        return fate, begun[-1][1] if code else "", used.ru_utime + used.ru_stime

    def run(self, name: str, tests: list[str], writing: int) -> None:
        """In the new process: tell of each test when it begins; ends it."""
        from mutmut.mutation.trampoline import set_mutant_under_test

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        set_mutant_under_test(name)
        for test, following in zip(tests, [*tests[1:], ""], strict=True):
            os.write(writing, f"{time.monotonic()} {test}\n".encode())
            limit = 10 + 5 * self.seconds[test]
            signal.setitimer(signal.ITIMER_PROF, limit)  # of this process's own time: a loop ends
            signal.setitimer(signal.ITIMER_REAL, 10 * limit)  # and what waits for ever
            reports = runtestprotocol(self.items[test], nextitem=self.items.get(following), log=False)
            if any(report.failed for report in reports):
                os._exit(1)
        os._exit(0)

    def remember(self, name: str, code: int, seconds: float) -> None:
        """Where mutmut would, whole or not at all."""
        file = Path("src", *name.split(".")[:-1]).with_suffix(".py.meta")
        told = json.loads(file.read_text(encoding="utf-8"))
        told["exit_code_by_key"][name], told["durations_by_key"][name] = code, seconds
        file.with_suffix(".new").write_text(json.dumps(told, indent=4), encoding="utf-8")
        file.with_suffix(".new").replace(file)


def mutate(package: str, patterns: list[str], number: int | None, seed: int) -> None:
    """Run mutants of a package: see `wanted`."""
    prepare(package)
    place = PLACE / package / "mutants"
    names = wanted(package, patterns, number, seed)
    os.chdir(place)
    sys.path[:0] = [str(place / "src"), str(place / "tests")]
    sys.path.append(str(PLACE / "packages"))
    quiet = ["--rootdir=.", "-q", "-s", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-o", "addopts="]
    pytest.main([*quiet, *chosen_tests(package)], plugins=[Forks(names)])


def table(package: str) -> str:
    """Module by module how many mutants there are, and what became of them, as Markdown."""
    found = {module: Counter(FATES[code] for code in codes.values()) for module, codes in fates(package).items()}
    found["all"] = sum(found.values(), Counter())
    lines = [f"| {package} | mutants | {' | '.join(KINDS)} | noticed, of those run |"]
    lines += [f"|---|{'---:|' * (len(KINDS) + 2)}"]
    for name, counts in found.items():
        ran = counts.total() - counts["not run"]
        share = f"{100 * counts['died'] / ran:.1f}%" if ran else ""
        lines.append(f"| {name} | {counts.total()} | {' | '.join(str(counts[kind]) for kind in KINDS)} | {share} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", choices=TESTS, help="one; without, all of them")
    parser.add_argument("names", nargs="*", help="of mutants, with * and ?")
    parser.add_argument("--draw", type=int, metavar="N", help="run only N of these, drawn at random")
    parser.add_argument("--seed", type=int, default=SEED, help="of their order; another for others")
    given = parser.parse_intermixed_args()
    for package in [given.package] if given.package else [*TESTS]:
        try:
            mutate(package, given.names, given.draw, given.seed)
        finally:
            print(table(package))


if __name__ == "__main__":
    main()
