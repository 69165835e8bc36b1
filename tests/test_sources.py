import re

import pytest

from analysis.build.tables import read_raw
from analysis.errors import DataError, MisconductError
from analysis.paths import RAW
from analysis.provenance.corrections import Correction, correct
from analysis.provenance.sources import (
    load_source,
    read_source,
    source_ids,
    stamp,
    verify_checksums,
)
from analysis.vocabulary import codes, crosswalk, vocabularies


@pytest.mark.parametrize("source", source_ids())
def test_files_are_those_that_source_yml_describes(source):
    verify_checksums(RAW / source)
    for name, described in load_source(source).files.items():
        if "rows" in described:
            import csv

            with (RAW / source / name).open(newline="", encoding="utf-8") as file:
                assert sum(1 for _ in csv.DictReader(file)) == described["rows"], name


@pytest.mark.parametrize("source", sorted(path.parent.name for path in RAW.glob("*/source.yml")))
def test_what_is_called_a_licence_is_one_or_says_that_none_is_stated(source):
    """By the short names of SPDX and of Creative Commons, which most of the world uses."""
    licence = read_source(RAW / source).licence["name"]
    assert re.match(r"(CC BY|CC0|OGL|GPL|MIT|PDDL|ODbL)\b|not stated \(", licence)


def test_no_label_needs_the_one_above_it_to_be_understood():
    """Each stands alone in a title, a cell or an answer."""
    labels = [entry["label"] for entries in vocabularies().values() for entry in entries.values() if "label" in entry]
    assert labels and not [
        label for label in labels if re.match(r"(Neither|Both|Same|Ditto|As above)\b|.* of it$", label)
    ]


def test_a_changed_file_stops_the_build_and_is_named(raw_copy):
    folder = raw_copy("iopc_investigations")
    path = folder / "subjects.csv"
    path.write_text(path.read_text().replace("final_written_warning", "no_action", 1))
    with pytest.raises(DataError, match=r"subjects\.csv: the file has changed") as caught:
        read_raw(folder)
    assert len(caught.value.problems) == 1


def test_missing_and_undescribed_files_are_named(raw_copy):
    folder = raw_copy("iopc_investigations")
    (folder / "agreement.json").unlink()
    (folder / "stray.csv").write_text("a\n1\n")
    with pytest.raises(DataError) as caught:
        verify_checksums(folder)
    assert [p.problem for p in caught.value.problems] == [
        "the file is missing.",
        "the file is not described in source.yml.",
    ]


def test_unknown_and_missing_keys_of_source_yml_are_named(raw_copy):
    folder = raw_copy("iopc_investigations")
    path = folder / "source.yml"
    path.write_text(path.read_text().replace("publisher:", "publischer:"))
    with pytest.raises(MisconductError, match="publisher is missing; publischer is not a key"):
        read_source(folder)


@pytest.mark.parametrize("source", source_ids())
def test_stamping_a_source_as_it_is_changes_nothing(raw_copy, source):
    folder = raw_copy(source)
    before = (folder / "source.yml").read_bytes()
    assert stamp(folder) == [] and (folder / "source.yml").read_bytes() == before


def test_stamping_writes_checksum_and_rows_and_nothing_else(raw_copy):
    folder = raw_copy("published_figures")
    claims, before = folder / "claims.csv", (folder / "source.yml").read_text()
    rows = claims.read_text().splitlines(keepends=True)
    claims.write_text("".join([*rows, 'a,"in two\nlines"\n']))
    (folder / "more.csv").write_text("a\n1\n2\n")
    told = stamp(folder)
    verify_checksums(folder)
    assert [line.split()[:2] for line in told] == [
        *(["claims.csv:", "sha256"], ["claims.csv:", "rows"], ["more.csv:", "sha256"], ["more.csv:", "rows"])
    ]
    described = read_source(folder).files
    assert described["claims.csv"]["rows"] == load_source("published_figures").files["claims.csv"]["rows"] + 1
    assert described["more.csv"]["rows"] == 2 and [*described][-1] == "more.csv"
    now = (folder / "source.yml").read_text().splitlines()
    kept = [line for line in now if line in before.splitlines()]
    assert len(before.splitlines()) - len(kept) == 2 and len(now) - len(kept) == 2 + 3


def test_stamping_needs_the_files(raw_copy):
    folder = raw_copy("published_figures")
    (folder / "claims.csv").unlink()
    with pytest.raises(MisconductError, match=r"missing: claims\.csv"):
        stamp(folder)
    with pytest.raises(MisconductError, match="are fetched"):
        stamp(RAW / "chicago_complaints")


@pytest.fixture
def text():
    from analysis.csv_files import read_csv_text

    return read_csv_text(RAW / "iopc_investigations" / "subjects.csv")


def correction(text, **changes):
    row = text.iloc[0]
    entry = {"table": "subjects", "entity": row["subject_id"], "field": "rank", "old": row["rank"], "new": "sergeant"}
    return Correction(**{**entry, "reason": "test", "evidence": "test", **changes})


def test_a_correction_changes_one_value(text):
    corrected = correct(text, ("subject_id",), [correction(text)], "subjects.csv")
    assert corrected["rank"].iloc[0] == "sergeant"
    assert (corrected != text).to_numpy().sum() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"old": "inspector"}, "expects 'inspector' here but the file says"),
        ({"entity": "nobody#1"}, "found 0 such rows"),
    ],
)
def test_a_correction_that_no_longer_fits_fails_loudly(text, changes, message):
    with pytest.raises(DataError, match=message):
        correct(text, ("subject_id",), [correction(text, **changes)], "subjects.csv")


def contradiction(folder, accept: bool):
    """Correct a subject of a meeting to dismissed, with or without accepting the contradiction."""
    import yaml

    from analysis.csv_files import read_csv_text

    subject = (
        read_csv_text(folder / "subjects.csv")
        .query("proceeding == 'meeting' and sanction == 'written_warning'")
        .iloc[0]
    )
    common = {"table": "subjects", "entity": subject["subject_id"], "reason": "test", "evidence": "test"}
    entries = {
        "corrections": [{**common, "field": "sanction", "old": "written_warning", "new": "dismissal"}],
        "accepted": [{**common, "rule": "sanction_impossible"}] if accept else [],
    }
    (folder / "corrections.yml").write_text(yaml.safe_dump(entries))


def test_a_meeting_cannot_dismiss(raw_copy):
    folder = raw_copy("iopc_investigations")
    contradiction(folder, accept=False)
    with pytest.raises(DataError, match="a misconduct meeting, or no proceedings, cannot give it"):
        read_raw(folder)


def test_a_contradiction_listed_with_a_reason_is_accepted(raw_copy):
    folder = raw_copy("iopc_investigations")
    before = (read_raw(folder)["subjects"]["sanction"] == "dismissal").sum()
    contradiction(folder, accept=True)
    assert (read_raw(folder)["subjects"]["sanction"] == "dismissal").sum() == before + 1


def test_an_accepted_contradiction_that_is_gone_fails_loudly(raw_copy):
    folder = raw_copy("iopc_investigations")
    contradiction(folder, accept=True)
    path = folder / "corrections.yml"
    path.write_text(path.read_text().replace("new: dismissal", "new: final_written_warning"))
    with pytest.raises(DataError, match="no longer occurs"):
        read_raw(folder)


def test_every_code_has_label_definition_and_authority():
    assert all(codes(name) for name in vocabularies())


@pytest.mark.parametrize("source", source_ids())
def test_every_crosswalk_leads_to_codes(source):
    assert all(set(labels.values()) <= set(codes(name)) for name, labels in crosswalk(source).items())


def test_the_43_territorial_forces():
    assert sum(entry["kind"] == "territorial" for entry in vocabularies()["force"].values()) == 43


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ('published: "2021-06"', "published: 2021", "published is 2021 and must be text"),
        ("urls:\n", "urls: none\nold_urls:\n", "urls must be a list of texts"),
        ("licence:\n", "licence: free\nold_licence:\n", "licence must have a name"),
        ("    sha256:", "    sha:", "files must have a sha256 for each file"),
    ],
)
def test_values_of_source_yml_of_the_wrong_kind_are_named(raw_copy, old, new, wrong):
    path = raw_copy("iopc_investigations") / "source.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(MisconductError, match=wrong):
        read_source(path.parent)
