"""Errors for people: what is wrong, where, what is allowed and what to do; all problems of a file at once."""

from __future__ import annotations

import errno
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.characters import visible

NAMED = 20  # values in one line
MOST = 1000  # different values of one kind of problem


class MisconductError(Exception):
    """Something a user can put right; the message is the whole explanation. Shown without a traceback."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one table. `row` counts as a spreadsheet does: the heading is row 1."""

    file: str
    row: int | None
    column: str
    value: str
    problem: str
    allowed: str = ""
    advice: str = ""
    rule: str = ""
    entity: str = ""  # id of the row, for rules over several columns
    times: int = 1  # how many rows it is said of

    @classmethod
    def of_file(cls, file: str, problem: str, *, advice: str = "", rule: str = "") -> Problem:
        """One thing wrong with a file as a whole."""
        return cls(file=file, row=None, column="", value="", problem=problem, advice=advice, rule=rule)

    def sentence(self) -> str:
        """The problem as one or more plain sentences."""
        where = [self.file]
        where += [f"row {self.row}"] if self.row is not None else []
        where += [f"column {self.column}"] if self.column else []
        parts = [f"{', '.join(where)}: {self.problem}", self.advice]
        parts += [f"Allowed: {self.allowed}."] if self.allowed else []
        return " ".join(part for part in parts if part)


class DataError(MisconductError):
    """One or more problems in data. Nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep every problem; the message is the short summary."""
        self.problems = list(problems)
        super().__init__(self.summary())

    def summary(self, examples: int = 3, kinds: int = 12) -> str:
        """A few examples of each kind of problem (file, column, rule) and how many more there are."""
        groups: dict[tuple[str, str, str], list[Problem]] = {}
        for problem in self.problems:
            groups.setdefault((problem.file, problem.column, problem.rule), []).append(problem)
        count = len(self.problems)
        lines = [f"{count:,} problem{'' if count == 1 else 's'} found. Nothing was written."]
        for (_, column, _), group in list(groups.items())[:kinds]:
            lines += [f"- {problem.sentence()}" for problem in group[:examples]]
            if len(group) > examples:
                more = dict.fromkeys(repr(problem.value) for problem in group[examples:] if problem.value)
                which = f": {', '.join([*more][:NAMED])}{', ...' * (len(more) > NAMED)}" if len(more) > 1 else ""
                lines.append(f"  ... and {len(group) - examples:,} more of this kind in {column or 'this file'}{which}")
        if len(groups) > kinds:
            lines.append(f"... and {len(groups) - kinds:,} more kinds of problem")
        return "\n".join(lines)


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, where the same is said of several rows: with how many they are, and the first three.

    At most MOST different values of one kind (file, column, rule) are kept; how many are not is said.
    """
    rows: dict[tuple, dict[int, None]] = {}
    first: dict[tuple, Problem] = {}
    kinds: Counter[tuple[str, str, str]] = Counter()
    for problem in problems:
        kind = (problem.file, problem.column, problem.rule)
        key = (*kind, problem.value, "" if problem.row else problem.problem)
        if key not in first:
            kinds[kind] += 1
            if kinds[kind] > MOST:
                continue
            first[key] = problem
        if problem.row:
            rows.setdefault(key, {})[problem.row] = None
    found = [_of_rows(problem, [*rows.get(key, {})]) for key, problem in first.items()]
    return found + [
        Problem(file, None, column, "", f"{count - MOST:,} more problems of this kind are not listed.", rule=rule)
        for (file, column, rule), count in kinds.items()
        if count > MOST
    ]


def _of_rows(problem: Problem, rows: list[int]) -> Problem:
    """A problem with how many rows it is said of, where that is more than one."""
    if len(rows) < 2:
        return problem
    which = f"{', '.join(map(str, rows[:3]))}{', ...' * (len(rows) > 3)}"
    return replace(problem, problem=f"{problem.problem} ({len(rows):,} rows: {which})", times=len(rows))


def nearest(label: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known label most like `label`, letter case aside, or None when none is `alike` (0 to 1) enough."""
    import difflib  # late: most commands have no error

    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(label.strip().casefold(), folded, n=1, cutoff=alike)
    return folded[found[0]] if found else None


def require_known(value: str, known: Iterable[str], what: str, words: Mapping[str, str] | None = None) -> str:
    """Return `value` when it is one of `known`; otherwise raise MisconductError naming the nearest and all of them.

    words: what else each is called, joined by "; ".
    """
    known = list(known)
    if value in known:
        return value
    guesses = _called(value, words or {}) or [guess for guess in [nearest(value, known, 0.7)] if guess]
    hint = f" Did you mean {' or '.join(map(repr, guesses))}?" if guesses else ""
    raise MisconductError(f"{value!r} is not a known {what}.{hint} Known: {', '.join(known)}.")


def _called(value: str, words: Mapping[str, str]) -> list[str]:
    """The first few names that are also called `value`; else those with it among the words of what they are called."""
    said = value.strip().casefold()
    also = {name: [phrase.strip().casefold() for phrase in phrases.split(";")] for name, phrases in words.items()}
    part = re.compile(rf"\b{re.escape(said)}\b") if said else None
    same = [name for name, phrases in also.items() if said in phrases]
    return [*(same or [name for name, phrases in also.items() if part and any(map(part.search, phrases))])][:3]


@contextmanager
def about(path: Path) -> Iterator[None]:
    """An error of the system is told of `path`, and not of a name that only we know, or of none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


ADVICE = {  # what to do about an error of the system
    errno.ENOSPC: "The disk is full: make room, or write to another folder.",
    errno.EDQUOT: "Your share of the disk is used up: make room, or write to another folder.",
    errno.EACCES: "Ask for the right to it, or take another folder.",
    errno.EPERM: "Ask for the right to it, or take another folder.",
    errno.EROFS: "Nothing can be written there: take another folder.",
    errno.ELOOP: "It is a link that leads back to itself: remove it, or name the file itself.",
    errno.ENAMETOOLONG: "Take a shorter name.",
    errno.EISDIR: "A folder is where a file should be.",
    errno.ENOTDIR: "A file is where a folder should be.",
    errno.EEXIST: "A file is where a folder should be.",
    errno.ENOENT: "Check the name and the folder.",
}


def of_system(error: OSError) -> str:
    """An error of files or folders as sentences: where, what, and what to do."""
    where = f"{error.filename}: " if error.filename is not None else ""
    what = (error.strerror or str(error) or error.__class__.__name__).rstrip(".")
    advice = ADVICE.get(error.errno or 0, "Is it a file that can be read, or a folder that can be written to?")
    return f"{where}{what}. {advice}"


def told_of(error: MisconductError | OSError) -> str:
    """An error as a terminal is told of it, whatever a name or a cell in it would make a terminal do."""
    return visible(str(error) if isinstance(error, MisconductError) else of_system(error)).replace("\r", "")


@contextmanager
def explained_gaps() -> Iterator[None]:
    """Around a command: a package that only the extras install, and that is not there, is a MisconductError."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "analysis"):
            raise
        raise MisconductError(
            f"This needs the package {package}, which the plain installation leaves out. Install all extras: "
            'pip install "police-misconduct-outcomes[all]"'
        ) from error
