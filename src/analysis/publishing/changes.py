"""What changed between two editions of the processed tables: headline figures, other rates and claims, then rows.

Both editions are counted with today's code and vocabulary: what moves here is moved by the data. A changed definition
moves no figure here; it is told by the CHANGELOG.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import pandas as pd

from analysis import vocabulary
from analysis.checking.stamps import STAMP, stamps
from analysis.checking.tables import COUNTED_TABLES, PROCESSED_TABLES, TABLES
from analysis.counting.rate_table import ALL, MAIN_AMONG
from analysis.counting.rate_words import percent
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import read_csv_text
from analysis.dataset import PEOPLE_TABLES, Dataset, read_table
from analysis.errors import MisconductError
from analysis.paths import PROCESSED, ROOT, require_checkout, shown

HEADLINE, FIGURES, ROWS = 1, 2, 3
TIERS = {HEADLINE: "Headline figures", FIGURES: "Other rates and claims", ROWS: "Rows"}
LATER_TABLES = ("cases", *COUNTED_TABLES)  # what editions before them lack
FIRST_TABLES = tuple(table for table in PROCESSED_TABLES if table not in LATER_TABLES)
AMONG = (*MAIN_AMONG, "hearings", "gross_misconduct_proven")
NOUNS = {"published_rates": "The published rate", "claims": "The claim"}  # how a row is called; others by their table
PAIR = ("numerator", "denominator")
EXAMPLES = 5
ABSENT = "not there"
Pair = tuple[Decimal | None, Decimal | None]  # numerator and denominator
Rows = Mapping[str, Mapping[str, str]]  # key -> column -> cell


@dataclass(frozen=True)
class Change:
    """One thing that differs between two editions; `by` says by how much in words."""

    tier: int
    what: str
    old: str
    new: str
    by: str


# --- finding an edition ---------------------------------------------------------------------------------------------


def _require_tables(folder: Path, what: str) -> None:
    """MisconductError naming every processed table that `folder` lacks."""
    missing = [f"{table}.csv" for table in FIRST_TABLES if not (folder / f"{table}.csv").is_file()]
    if missing:
        raise MisconductError(
            f"{what} cannot be compared: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. "
            f"An edition has {', '.join(f'{table}.csv' for table in FIRST_TABLES)} in data/processed."
        )


def _git(repository: Path, *arguments: str) -> bytes | None:
    """What a git command prints, or None when it fails; MisconductError without git."""
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True)
    except FileNotFoundError as error:
        raise MisconductError("git is not installed, so only folders can be compared, not revisions.") from error
    return done.stdout if done.returncode == 0 else None


def _stamp(table: str, content: bytes) -> dict[str, object]:
    """The stamp of a committed table, by today's types: it was validated when it was built, by the rules of then."""
    kinds = stamps(PROCESSED)[table]["columns"]
    columns = content.decode("utf-8").partition("\n")[0].strip().split(",")
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "columns": {column: kinds.get(column, "str") for column in columns},
    }


@contextmanager
def folder_of(revision_or_folder: str, repository: Path = ROOT) -> Iterator[Path]:
    """The folder with the processed tables of a folder, or of a git revision of `repository` (for as long as open).

    An edition from before LATER_TABLES lacks those, and a revision's tables may lack columns of today.
    A folder may hold the tables itself, in data/processed, in processed or in data; a folder goes before a revision
    of the same name. Raises MisconductError when it is neither, or when a table is missing.
    """
    given = Path(revision_or_folder)
    if revision_or_folder and given.is_dir():
        places = (given / "data" / "processed", given / "processed", given / "data", given)
        found = [place for place in places if any((place / f"{table}.csv").is_file() for table in PROCESSED_TABLES)]
        folder = found[0] if found else given
        _require_tables(folder, f"The folder {shown(folder)}")
        yield folder
        return
    if repository == ROOT:
        require_checkout("misconduct diff with a git revision")
    commit = _git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision_or_folder}^{{commit}}"
    )
    if commit is None:
        raise MisconductError(
            f"{revision_or_folder!r} is neither a folder nor a git revision (a tag, branch or commit) of this project."
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / re.sub(r"[^\w.-]", "_", revision_or_folder)
        folder.mkdir()
        stamped = {}
        for table in PROCESSED_TABLES:
            content = _git(repository, "show", f"{commit.decode().strip()}:./data/processed/{table}.csv")
            if content is not None:
                (folder / f"{table}.csv").write_bytes(content)
                stamped[table] = _stamp(table, content)
        (folder / STAMP).write_text(json.dumps(stamped), encoding="utf-8")
        _require_tables(folder, f"The revision {revision_or_folder}")
        yield folder


# --- saying by how much ---------------------------------------------------------------------------------------------


def _points(old: Decimal, new: Decimal) -> str:
    """The difference of two shares in percentage points, halves rounded up."""
    points = (100 * (new - old)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not points:
        return "under 0.05 percentage points" if new != old else "no difference"
    return f"{points:+} percentage points"


def _share(pair: Pair) -> Decimal | None:
    """Numerator / denominator, where there are both."""
    return pair[0] / pair[1] if pair[0] is not None and pair[1] else None


def _shown_share(pair: Pair) -> str:
    """The share as people read it; [z] where there is none."""
    share = _share(pair)
    return percent(float("nan") if share is None else float(share))


def _shown_pair(pair: Pair) -> str:
    """The counts as people read them: 21 of 478."""
    numerator, denominator = ("not given" if count is None else str(count) for count in pair)
    return numerator if pair[1] is None else f"{numerator} of {denominator}"


def _difference(old: Decimal | None, new: Decimal | None) -> str:
    """+1, or which of the two is not given."""
    if old is None or new is None:
        return "now given" if old is None else "no longer given"
    return f"{new - old:+}"


def _moved_by(old: Pair, new: Pair) -> str:
    """By how much two counts and their share moved: "+1 of 478; 4.4% to 4.6% (+0.2 percentage points)"."""
    if old[1] == new[1]:
        counts = _difference(old[0], new[0]) + (f" of {new[1]}" if new[1] is not None else "")
    else:
        named = zip(("numerator", "denominator"), old, new, strict=True)
        counts = ", ".join(f"{name} {_difference(a, b)}" for name, a, b in named if a != b)
    before, after = _share(old), _share(new)
    if before is None and after is None:
        return counts
    points = f" ({_points(before, after)})" if before is not None and after is not None else ""
    return f"{counts}; {_shown_share(old)} to {_shown_share(new)}{points}"


def _pair_change(tier: int, what: str, old: Pair | None, new: Pair | None) -> list[Change]:
    """The change of a numerator and denominator, if any; None where an edition does not have them."""
    if old is not None and new is not None:
        moved = Change(tier, what, _shown_pair(old), _shown_pair(new), _moved_by(old, new))
        return [] if old == new else [moved]
    there = new if old is None else old
    if there is None:
        return []
    share = f": {_shown_share(there)}" if _share(there) is not None else ""
    shown_old, shown_new = (ABSENT if pair is None else _shown_pair(pair) for pair in (old, new))
    return [Change(tier, what, shown_old, shown_new, ("added" if old is None else "removed") + share)]


# --- the three tiers ------------------------------------------------------------------------------------------------


def _is_same(old: Path, new: Path) -> bool:
    """Whether two files are there and the same, byte for byte: nothing in them can have changed."""
    return old.is_file() and new.is_file() and old.read_bytes() == new.read_bytes()


def _dismissal_rates(folder: Path) -> dict[tuple[str, str], tuple[Pair, bool]]:
    """(denominator, complaint type) -> counts, and whether they are a headline figure: the total, or reliable."""
    data = Dataset({table: read_table(folder, table) for table in PEOPLE_TABLES})
    return {
        (among, row.complaint_type): (
            (Decimal(int(row.numerator)), Decimal(int(row.denominator))),
            row.complaint_type == ALL or row.reliability == "ok",
        )
        for among in AMONG
        for row in dismissal_rates(data, among=among, by="complaint_type").with_total.itertuples()
    }


def _rate_changes(old: Path, new: Path) -> list[Change]:
    """Changed dismissal rates by complaint type: tier 1 where either edition has a headline figure, else tier 2."""
    if all(_is_same(old / f"{table}.csv", new / f"{table}.csv") for table in PEOPLE_TABLES):
        return []
    before, after = _dismissal_rates(old), _dismissal_rates(new)
    changes = []
    for among, group in sorted({*before, *after}, key=lambda key: (AMONG.index(key[0]), key[1])):
        (old_pair, old_headline), (new_pair, new_headline) = (
            rates.get((among, group), (None, False)) for rates in (before, after)
        )
        name = "everybody" if group == ALL else vocabulary.label("complaint_type", group)
        what = f"Dismissal rate among {vocabulary.label('denominator', among)}, {name}"
        tier = HEADLINE if old_headline or new_headline else FIGURES
        changes += _pair_change(tier, what, old_pair, new_pair)
    return changes


def _values(table: str) -> tuple[str, ...]:
    """The columns of a table whose figures are compared one by one: what is counted in it, but of coded people."""
    columns = TABLES[table].model.to_schema().columns
    if {*PAIR} <= {*columns}:
        return (*PAIR, *(column for column in columns if column in ("published_value", "tolerance")))
    numbers = [name for name, column in columns.items() if str(column.dtype) in ("Int64", "float64")]
    return tuple(name for name in numbers if table in COUNTED_TABLES and name not in TABLES[table].key)


def _keyed(table: str, rows: pd.DataFrame, file: str) -> Rows:
    """Rows of text by their key, where a column of the key that an edition does not have yet counts as empty.

    MisconductError when rows cannot be told apart.
    """
    key = [*TABLES[table].key]
    missing = [column for column in key if column not in rows]
    columns = [rows[name].tolist() if name in rows else [""] * len(rows) for name in key]
    keys = [" ".join(cell or "(empty)" for cell in cells) for cells in zip(*columns, strict=True)]
    is_alike = len({*keys}) < len(keys)
    if missing and is_alike:
        raise MisconductError(f"{file}: the column {missing[0]} is missing, so rows cannot be told apart.")
    if is_alike:
        alike = pd.Index(keys)
        raise MisconductError(f"{file}: {alike[alike.duplicated()][0]!r} occurs more than once.")
    cells = zip(*(rows[name].tolist() for name in rows), strict=True)
    return {text: dict(zip(rows, row, strict=True)) for text, row in zip(keys, cells, strict=True)}


def _is_of_other_groups(table: str, rows: pd.DataFrame) -> bool:
    """Whether a table of counts lacks columns of its key without which rows cannot be told apart: other counts."""
    key = TABLES[table].key
    return not {*key} <= {*rows} and bool(rows.reindex(columns=[*key], fill_value="").duplicated().any())


def _number(cells: Mapping[str, str], column: str, what: str) -> Decimal | None:
    """A cell as a number, None when it is empty or its column is missing; MisconductError when it is no number."""
    cell = cells.get(column, "")
    try:
        return Decimal(cell) if cell else None
    except InvalidOperation as error:
        raise MisconductError(f"{what}: the {column} {cell!r} is not a number.") from error


def _tier(*rows: Mapping[str, str] | None) -> int:
    """The tier of a row's figures: a headline where either edition says that they are reliable."""
    return HEADLINE if any(row is not None and row.get("reliability") == "ok" for row in rows) else FIGURES


def _figure_changes(table: str, old: Rows, new: Rows) -> list[Change]:
    """The figures of a table of `_values` that changed, and its rows that were added or removed."""
    columns = _values(table)
    single = [column for column in columns if column not in PAIR]
    changes = []
    for key in sorted({*old, *new}):
        what = f"{NOUNS.get(table, f'In {table},')} {key}"
        tier = _tier(old.get(key), new.get(key))
        pairs = [
            (_number(rows[key], "numerator", what), _number(rows[key], "denominator", what)) if key in rows else None
            for rows in (old, new)
        ]
        if not single:
            changes += _pair_change(tier, what, *pairs)
            continue
        if key not in old or key not in new:
            shown_old, shown_new = (ABSENT if key not in rows else rows[key].get(single[0], "") for rows in (old, new))
            changes.append(Change(tier, what, shown_old, shown_new, "added" if key in new else "removed"))
            continue
        for column in single:
            values = [_number(rows[key], column, what) for rows in (old, new)]
            if values[0] != values[1]:
                before, after = (rows[key].get(column, "") or "not given" for rows in (old, new))
                changes.append(Change(tier, f"{what}, {column.replace('_', ' ')}", before, after, _difference(*values)))
        if PAIR[0] in columns:
            changes += _pair_change(tier, f"{what}, counts behind it", *pairs)
    return changes


def _people_changes(old: Rows, new: Rows) -> list[Change]:
    """How many of the people in the Metropolitan disclosure have more than one complaint: a headline figure."""
    what, counts = "People with more than one complaint, Metropolitan Police", []
    for rows in (old, new):
        people = {key: _number(cells, "n_people", what) or Decimal(0) for key, cells in rows.items()}
        counts.append(
            (sum((n for key, n in people.items() if key != "1"), Decimal(0)), sum(people.values(), Decimal(0)))
        )
    return _pair_change(HEADLINE, what, *counts)


def _examples(keys: Sequence[str]) -> str:
    """The first few keys and how many more there are."""
    more = f" and {len(keys) - EXAMPLES} more" if len(keys) > EXAMPLES else ""
    return ", ".join(keys[:EXAMPLES]) + more


def _row_changes(table: str, old: Rows, new: Rows, columns: Sequence[str]) -> list[Change]:
    """How many rows of a table were added, removed and changed in `columns`, with examples.

    Of a table of `_values` neither rows added or removed nor its values are counted: tier 2 tells each of them.
    """
    counts = (f"{len(old)} rows", f"{len(new)} rows")
    told = _values(table)
    changes = []
    for what, keys in (
        ("added", [key for key in new if key not in old]),
        ("removed", [k for k in old if k not in new]),
    ):
        if keys and not told:
            changes.append(Change(ROWS, f"{table}, rows {what}", *counts, f"{len(keys)} {what}: {_examples(keys)}"))
    compared = [column for column in columns if column not in told]
    differing = {
        key: [column for column in compared if old[key][column] != new[key][column]] for key in new if key in old
    }
    changed = [key for key, found in differing.items() if found]
    if changed:
        which = ", ".join(column for column in compared if any(column in differing[key] for key in changed))
        by = f"{len(changed)} changed ({which}): {_examples(changed)}"
        changes.append(Change(ROWS, f"{table}, rows changed", *counts, by))
    return changes


def _column_changes(table: str, old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """The columns that only one edition of a table has."""
    added, removed = ([c for c in a if c not in b] for a, b in ((new, old), (old, new)))
    parts = [f"{word} {', '.join(found)}" for word, found in (("added", added), ("removed", removed)) if found]
    if not parts:
        return []
    return [Change(ROWS, f"{table}, columns", f"{len(old)} columns", f"{len(new)} columns", "; ".join(parts))]


def _table_changes(table: str, old: Path, new: Path) -> list[Change]:
    """What changed in one table; of one that only one edition has, that alone."""
    if _is_same(old, new):
        return []
    there = [file.is_file() for file in (old, new)]
    if table in LATER_TABLES and not all(there):
        was, now = (f"{len(read_csv_text(file))} rows" if file.is_file() else ABSENT for file in (old, new))
        tier = HEADLINE if there[0] else FIGURES
        return [Change(tier, f"The table {table}", was, now, "added" if there[1] else "removed")] if any(there) else []
    before, after = read_csv_text(old), read_csv_text(new)
    if table in COUNTED_TABLES and any(_is_of_other_groups(table, rows) for rows in (before, after)):
        what, by = f"The table {table}", "counted by other groups, which cannot be compared"
        return [
            Change(HEADLINE, what, f"{len(before)} rows", f"{len(after)} rows", by),
            *_column_changes(table, list(before), list(after)),
        ]
    old_rows, new_rows = _keyed(table, before, shown(old)), _keyed(table, after, shown(new))
    changes = _people_changes(old_rows, new_rows) if table == "met_complaints" else []
    if _values(table):
        changes += _figure_changes(table, old_rows, new_rows)
    changes += _row_changes(table, old_rows, new_rows, [column for column in before if column in after])
    return changes + _column_changes(table, list(before), list(after))


def compare(old: Path, new: Path) -> list[Change]:
    """Every change from the processed tables in folder `old` to those in `new`, the weightiest tier first.

    Rates are compared in numerator, denominator and so in rate; their intervals and unknown outcomes are not.
    Raises DataError when a table is missing or subjects or allegations are not valid, MisconductError when rows have
    no key of their own.
    """
    changes = _rate_changes(old, new)
    for table in PROCESSED_TABLES:
        changes += _table_changes(table, old / f"{table}.csv", new / f"{table}.csv")
    return sorted(changes, key=lambda change: change.tier)


def headline_moved(changes: Sequence[Change]) -> bool:
    """Whether a headline figure is among the changes."""
    return any(change.tier == HEADLINE for change in changes)


def report(changes: Sequence[Change]) -> str:
    """The changes for an editor, under a heading for each tier; "Nothing changed." when there are none."""
    if not changes:
        return "Nothing changed."
    parts = []
    for tier, title in TIERS.items():
        lines = [f"- {c.what}: {c.old}, now {c.new}: {c.by}." for c in changes if c.tier == tier]
        parts.append("\n".join([f"{title}: {len(lines) or 'no'} change{'' if len(lines) == 1 else 's'}", *lines]))
    return "\n\n".join(parts)


def diff(old: str, new: str, repository: Path = ROOT) -> tuple[str, bool]:
    """The report of what changed between two folders or git revisions, and whether a headline figure moved.

    Raises MisconductError when one of them is not an edition (see `folder_of`).
    """
    with folder_of(old, repository) as before, folder_of(new, repository) as after:
        changes = compare(before, after)
    return report(changes), headline_moved(changes)
