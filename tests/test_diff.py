import dataclasses
import re
import shutil
import subprocess
from decimal import Decimal

import pandas as pd
import pytest
from commands import misconduct

from analysis.checking.tables import PROCESSED_TABLES, TABLES
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import read_csv_text, to_csv_bytes
from analysis.errors import MisconductError
from analysis.paths import PROCESSED
from analysis.publishing.changes import (
    LATER_TABLES,
    Change,
    _moved_by,
    _pair_change,
    compare,
    diff,
    folder_of,
    headline_moved,
    report,
)
from analysis.vocabulary import codes_with


@pytest.fixture
def edition(tmp_path):
    """A folder with a copy of the processed tables, to be changed by a test."""
    return shutil.copytree(
        PROCESSED, tmp_path / "edition" / "data" / "processed", ignore=shutil.ignore_patterns("local")
    )


def edit(folder, table, change):
    """Rewrite one table of an edition with a function of its rows as text."""
    path = folder / f"{table}.csv"
    path.write_bytes(to_csv_bytes(change(read_csv_text(path))))


def dismiss_one(subjects):
    """The first person with a final warning after a hearing for gross misconduct is dismissed instead."""
    kept = subjects.query(
        "sanction == 'final_written_warning' and proceeding == 'hearing' and finding == 'gross_misconduct'"
        " and case_to_answer == 'gross_misconduct'"
    )
    subjects.loc[kept.index[0], "sanction"] = "dismissed"
    return subjects


def set_cell(column, value, row=0):
    """A change of one cell."""

    def change(rows):
        rows.loc[row, column] = value
        return rows

    return change


def tiers(changes):
    return {change.tier for change in changes}


def test_an_edition_does_not_differ_from_itself(edition):
    assert compare(PROCESSED, edition) == []
    assert diff(str(PROCESSED), str(edition)) == ("Nothing changed.", False)


def test_one_more_dismissal_moves_the_headline(edition):
    people = read_csv_text(PROCESSED / "subjects.csv")
    people = people[people["case_to_answer"].isin(codes_with("case_to_answer", "is_case_to_answer"))]
    people = people[~people["sanction"].isin(["not_stated", "pending"])]
    k, n = people["sanction"].isin(["dismissed", "would_have_been_dismissed"]).sum(), len(people)
    edit(edition, "subjects", dismiss_one)

    changes = compare(PROCESSED, edition)
    first = changes[0]
    assert first.what == "Dismissal rate among people with a case to answer, everybody"
    assert (first.tier, first.old, first.new) == (1, f"{k} of {n}", f"{k + 1} of {n}")
    assert first.by.startswith(f"+1 of {n}; {100 * k / n:.1f}% to {100 * (k + 1) / n:.1f}% (+")
    everybody = [change for change in changes if change.what.endswith("everybody")]
    assert len(everybody) == 5 and tiers(everybody) == {1}
    rows = [change for change in changes if change.tier == 3]
    assert [change.what for change in rows] == ["subjects, rows changed"]
    assert rows[0].by.startswith("1 changed (sanction): ")
    text, moved = diff(str(PROCESSED), str(edition.parents[1]))
    assert moved and headline_moved(changes) and text == report(changes)
    assert text.startswith(f"Headline figures: {sum(c.tier == 1 for c in changes)} changes\n- {first.what}: {k} of {n}")


def test_back_again_is_the_opposite(edition):
    edit(edition, "subjects", dismiss_one)
    there, back = compare(PROCESSED, edition), compare(edition, PROCESSED)
    assert [(c.what, c.old, c.new) for c in there] == [(c.what, c.new, c.old) for c in back]
    assert back[0].by.startswith("-1 of ")


def test_a_small_group_is_not_a_headline(edition, data, subjects, allegations):
    groups = dismissal_rates(data, among="proven", by="complaint_type").groups
    smallest = groups.sort_values("denominator").iloc[0]
    assert smallest["denominator"] < 9
    code = smallest["complaint_type"]
    already = set(allegations.query("complaint_type == @code")["subject_id"])
    warned = subjects.query("finding == 'misconduct' and sanction == 'written_warning'")
    person = warned[~warned["subject_id"].isin(already)]

    def also_accused(rows):
        added = {"subject_id": person["subject_id"].iloc[0], "complaint_type": code, "position": "9"}
        return pd.concat([rows, rows.iloc[[0]].assign(**added)], ignore_index=True)

    edit(edition, "allegations", also_accused)
    changes = compare(PROCESSED, edition)
    found = [change for change in changes if "found to have committed misconduct" in change.what]
    k, n = smallest["numerator"], smallest["denominator"]
    assert [(c.tier, c.old, c.new) for c in found] == [(2, f"{k} of {n}", f"{k} of {n + 1}")]
    (row,) = (change for change in changes if change.tier == 3)
    assert row.by == f"1 added: {person['subject_id'].iloc[0]} {code}"


def test_an_added_claim_is_told_once_and_is_no_headline(edition):
    def add(claims):
        return pd.concat([claims, claims.iloc[[0]].assign(claim_id="new_claim")], ignore_index=True)

    value = read_csv_text(PROCESSED / "claims.csv")["published_value"].iloc[0]
    edit(edition, "claims", add)
    assert compare(PROCESSED, edition) == [Change(2, "The claim new_claim", "not there", value, "added")]
    assert compare(edition, PROCESSED) == [Change(2, "The claim new_claim", value, "not there", "removed")]
    assert diff(str(PROCESSED), str(edition))[1] is False


def test_changed_values_of_claims_and_published_rates(edition):
    claim = read_csv_text(PROCESSED / "claims.csv").iloc[0]
    rate = read_csv_text(PROCESSED / "published_rates.csv").iloc[0]
    edit(edition, "claims", set_cell("published_value", str(int(claim["published_value"]) + 2)))
    edit(edition, "published_rates", set_cell("numerator", str(int(rate["numerator"]) + 1)))
    published, claimed = compare(PROCESSED, edition)
    assert (claimed.tier, claimed.by) == (2, "+2")
    assert claimed.what == f"The claim {claim['claim_id']}, published value"
    assert published.tier == 2 and published.by.startswith(f"+1 of {rate['denominator']}; ")
    assert published.old == f"{rate['numerator']} of {rate['denominator']}"


def test_a_changed_tolerance_is_a_figure_since_a_verdict_rests_on_it(edition):
    edit(edition, "claims", set_cell("tolerance", "7"))
    (change,) = compare(PROCESSED, edition)
    assert (change.tier, change.new) == (2, "7") and change.what.endswith(", tolerance")


@pytest.mark.parametrize("table", ["claims", "published_figures"])
def test_a_changed_note_is_only_a_changed_row(edition, table):
    edit(edition, table, set_cell("note", "reworded"))
    (change,) = compare(PROCESSED, edition)
    assert (change.tier, change.what) == (3, f"{table}, rows changed")
    assert change.by.startswith("1 changed (note): ")


def test_rows_added_and_removed_are_counted_with_at_most_five_examples(edition):
    edit(edition, "sources", lambda rows: rows.iloc[7:])
    ids = read_csv_text(PROCESSED / "sources.csv")["source_id"]
    (removed,) = compare(PROCESSED, edition)
    assert (removed.tier, removed.what, removed.old) == (3, "sources, rows removed", f"{len(ids)} rows")
    assert removed.by == f"7 removed: {', '.join(ids[:5])} and 2 more"
    (added,) = compare(edition, PROCESSED)
    assert added.by == removed.by.replace("removed", "added")


def test_rows_in_another_order_are_the_same(edition):
    edit(edition, "sources", lambda rows: rows.iloc[::-1])
    assert compare(PROCESSED, edition) == []


def test_a_new_column_is_told_once(edition):
    edit(edition, "sources", lambda rows: rows.assign(archived=""))
    (change,) = compare(PROCESSED, edition)
    assert (change.tier, change.by) == (3, "added archived")


def more(column, by, row=0):
    """A change of one count."""

    def change(rows):
        rows.loc[row, column] = str(int(rows.loc[row, column]) + by)
        return rows

    return change


def test_more_dismissals_in_the_chicago_rates_are_a_headline(edition):
    row = read_csv_text(PROCESSED / "chicago_rates.csv").iloc[0]
    edit(edition, "chicago_rates", more("numerator", 500))
    text, moved = diff(str(PROCESSED), str(edition))
    k, n = int(row["numerator"]), row["denominator"]
    assert moved and f"{k} of {n}, now {k + 500} of {n}: +500 of {n}; " in text.splitlines()[1]
    assert misconduct("diff", str(PROCESSED), str(edition)).returncode == 1


def test_more_dismissals_in_a_small_group_are_no_headline(edition, tmp_path):
    edit(edition, "chicago_rates", set_cell("reliability", "u"))
    later = shutil.copytree(edition, tmp_path / "later")
    edit(later, "chicago_rates", more("numerator", 1))
    (change,) = compare(edition, later)
    assert change.tier == 2 and change.by.startswith("+1 of ")


@pytest.mark.parametrize(
    ("table", "column"), [("chicago_outcomes", "n"), ("chicago_officers", "n_officers"), ("met_complaints", "n_people")]
)
def test_every_count_of_the_fetched_sources_is_seen(edition, table, column):
    old = int(read_csv_text(PROCESSED / f"{table}.csv")[column][0])
    edit(edition, table, more(column, 500))
    changes = compare(PROCESSED, edition)
    found = next(change for change in changes if change.what.startswith(f"In {table}, "))
    assert (found.old, found.new, found.by) == (str(old), str(old + 500), "+500")
    assert headline_moved(changes) == (table == "met_complaints")


@pytest.mark.parametrize("table", PROCESSED_TABLES)
def test_a_row_less_is_seen_in_every_table(edition, table):
    if table == "subjects":  # the others would be of nobody
        edit(edition, "allegations", lambda rows: rows[rows["subject_id"] != rows["subject_id"].iloc[-1]])
    edit(edition, table, lambda rows: rows.iloc[:-1])
    assert any("removed" in change.by or "-" in change.by for change in compare(PROCESSED, edition))


@pytest.mark.parametrize("table", LATER_TABLES)
def test_a_table_that_an_earlier_edition_does_not_have_is_told_once(edition, table):
    (edition / f"{table}.csv").unlink()
    (added,), (removed,) = compare(edition, PROCESSED), compare(PROCESSED, edition)
    assert (added.what, added.by, added.tier) == (f"The table {table}", "added", 2)
    assert (removed.by, removed.tier) == ("removed", 1)


def test_a_column_of_the_key_that_an_earlier_edition_does_not_have_counts_as_empty(edition, monkeypatch):
    spec = TABLES["chicago_officers"]
    monkeypatch.setitem(TABLES, "chicago_officers", dataclasses.replace(spec, key=("period", *spec.key)))
    edit(edition, "chicago_officers", lambda rows: rows.assign(period="1990 on"))
    told = [change.what for change in compare(PROCESSED, edition)]
    assert "In chicago_officers, (empty) dismissed" in told and "In chicago_officers, 1990 on dismissed" in told


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ((21, 478), (22, 478), "+1 of 478; 4.4% to 4.6% (+0.2 percentage points)"),
        ((21, 478), (20, 470), "numerator -1, denominator -8; 4.4% to 4.3% (-0.1 percentage points)"),
        ((5, 10), (6, 12), "numerator +1, denominator +2; 50.0% to 50.0% (no difference)"),
        ((5000, 10000), (5001, 10000), "+1 of 10000; 50.0% to 50.0% (under 0.05 percentage points)"),
        ((0, 0), (1, 2), "numerator +1, denominator +2; [z] to 50.0%"),
        ((13, None), (14, None), "+1"),
        ((13, None), (13, 1800), "denominator now given; [z] to 0.72%"),
    ],
)
def test_by_how_much_in_words(old, new, words):
    old, new = (tuple(None if count is None else Decimal(count) for count in pair) for pair in (old, new))
    assert _moved_by(old, new) == words


def test_a_group_that_comes_or_goes():
    pair = (Decimal(2), Decimal(20))
    assert _pair_change(2, "a", None, pair) == [Change(2, "a", "not there", "2 of 20", "added: 10.0%")]
    assert _pair_change(2, "a", pair, None) == [Change(2, "a", "2 of 20", "not there", "removed: 10.0%")]
    assert _pair_change(2, "a", pair, pair) == []


@pytest.fixture
def repository(edition):
    """A git repository of two revisions, `first` and `second`, that differ by one dismissal."""
    root = edition.parents[1]

    def git(*arguments):
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)

    git("init")
    for tag in ("first", "second"):
        git("add", ".")
        git("commit", "-m", tag)
        git("tag", tag)
        edit(edition, "subjects", dismiss_one)
    (edition / "claims.csv").unlink()
    git("commit", "-a", "-m", "third")
    return root


def test_two_revisions(repository):
    assert diff("first", "first", repository) == ("Nothing changed.", False)
    text, moved = diff("first", "second", repository)
    assert moved and "subjects, rows changed" in text
    assert diff(str(PROCESSED), "first", repository)[1] is False
    with folder_of("second", repository) as folder:
        assert sorted(path.stem for path in folder.glob("*.csv")) == sorted(PROCESSED_TABLES)
    assert not folder.exists()


def test_a_revision_whose_tables_had_other_columns_can_be_compared(edition):
    """Before vawg_flag, and when the officers of Chicago were counted by sanction: neither is an error."""
    edit(edition, "subjects", lambda rows: rows.drop(columns="vawg_flag"))
    edit(edition, "chicago_officers", lambda rows: rows.rename(columns={"outcome": "sanction"}))
    root = edition.parents[1]
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    for arguments in (["init"], ["add", "."], [*who, "commit", "-m", "before"], ["tag", "before"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)
    with folder_of("before", root) as folder:
        told = report(compare(folder, PROCESSED))
    assert re.search(r"subjects, columns: \d+ columns, now \d+ columns: added vawg_flag", told)
    assert "The table chicago_officers: 10 rows, now 10 rows: counted by other groups, which cannot be compared" in told
    assert "Dismissal rate" not in told


HOSTILE = (
    "--output=owned",
    "-O/x",
    "--upload-pack=touch owned",
    "--exec=x",
    "--git-dir=.",
    "--help",
    "first --output=owned",
)


@pytest.mark.parametrize(
    "name", ["no_such_tag", "--all", "", *HOSTILE, "$(touch owned)", "first; touch owned", "first:x"]
)
def test_an_unknown_revision_is_named(repository, name):
    with pytest.raises(MisconductError, match=f"{re.escape(repr(name))} is neither a folder nor a git revision"):
        diff("first", name, repository)
    with pytest.raises(MisconductError, match="neither a folder nor a git revision"):
        diff(name, "first", repository)
    assert not [*repository.rglob("owned*")]


def test_a_folder_that_is_no_repository_knows_no_revision(tmp_path):
    with pytest.raises(MisconductError, match="neither a folder nor a git revision"):
        diff("HEAD", "HEAD", tmp_path)


def test_missing_tables_are_named(repository, edition):
    with pytest.raises(MisconductError, match=r"The revision HEAD cannot be compared: claims\.csv is missing"):
        diff("first", "HEAD", repository)
    with pytest.raises(MisconductError, match=r"edition/data/processed cannot be compared: claims\.csv is missing"):
        diff("first", str(repository), repository)
    for path in edition.iterdir():
        path.unlink()
    with pytest.raises(MisconductError, match=r"subjects\.csv, allegations\.csv, .* are missing"):
        diff("first", str(edition), repository)


def test_rows_that_cannot_be_told_apart_and_values_that_are_no_numbers_are_named(edition):
    edit(edition, "claims", set_cell("numerator", "many"))
    with pytest.raises(MisconductError, match="the numerator 'many' is not a number"):
        compare(PROCESSED, edition)
    edit(edition, "claims", lambda rows: rows.iloc[[1, 1]])
    with pytest.raises(MisconductError, match="occurs more than once"):
        compare(PROCESSED, edition)
    edit(edition, "claims", lambda rows: rows.drop(columns="claim_id"))
    with pytest.raises(MisconductError, match="the column claim_id is missing"):
        compare(PROCESSED, edition)
