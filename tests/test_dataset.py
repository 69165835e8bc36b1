"""The door and the data behind it: what load() reads, what it refuses, and what it shows."""

import pydoc
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from people import people

import analysis
from analysis import vocabulary
from analysis.charts.catalogue import draw_chart
from analysis.checking.stamps import STAMP, stamps
from analysis.checking.tables import PROCESSED_TABLES
from analysis.checking.validation import validate_processed
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import between, excluding
from analysis.csv_files import read_csv_text
from analysis.dataset import Dataset, load, read_table, tidy
from analysis.errors import DataError, MisconductError
from analysis.paths import PROCESSED, RAW
from analysis.provenance.sources import load_source
from analysis.publishing.packs import sentences
from analysis.reading.spreadsheet.importer import import_file


@pytest.fixture
def processed(tmp_path):
    """A copy of the processed tables."""
    return shutil.copytree(PROCESSED, tmp_path / "processed", ignore=shutil.ignore_patterns("local"))


def damage(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", PROCESSED_TABLES)
def test_a_table_is_what_validation_gives(data, table):
    """The quick way, which trusts the checksum, gives the same frame as the slow one, which checks every cell."""
    checked = validate_processed(PROCESSED / f"{table}.csv", table)
    pd.testing.assert_frame_equal(data[table], tidy(checked))
    assert stamps(PROCESSED)[table]["rows"] == len(checked)


def test_the_tables_are_those_of_the_project(data):
    assert set(data) == set(PROCESSED_TABLES) and len(data) == len(PROCESSED_TABLES)
    assert data["subjects"] is data.subjects and data["allegations"] is data.allegations


def test_a_table_as_it_was_stamped_is_not_validated_again(processed, monkeypatch):
    monkeypatch.setattr("analysis.checking.validation.validate_processed", lambda *_: pytest.fail("validated"))
    assert len(read_table(processed, "subjects")) == stamps(processed)["subjects"]["rows"]


def test_a_changed_table_is_validated_and_refused(processed):
    damage(processed / "subjects.csv", ",final_written_warning,", ",final_writen_warning,")
    with pytest.raises(DataError, match="Did you mean 'final_written_warning'") as caught:
        load(folder=processed).subjects  # noqa: B018
    assert "column sanction" in str(caught.value) and "subjects.csv" in str(caught.value)


def test_a_changed_table_that_is_right_is_read_as_it_is(processed):
    damage(processed / "sources.csv", "\ncop_barred_2324,", "\ncop_renamed,")
    found = load(folder=processed)["sources"]
    assert "cop_renamed" in set(found["source_id"])
    pd.testing.assert_frame_equal(found, tidy(validate_processed(processed / "sources.csv", "sources")))


def test_tables_without_stamps_are_validated(processed):
    (processed / STAMP).unlink()
    damage(processed / "subjects.csv", ",dismissed,", ",sacked,")
    found = load(folder=processed)
    assert set(found) == set(PROCESSED_TABLES)
    with pytest.raises(DataError, match="'sacked' is not a known label"):
        found.subjects  # noqa: B018


def test_missing_tables_and_names_are_sentences(tmp_path, data, processed):
    with pytest.raises(MisconductError, match=r"There are no tables in .* make build"):
        load(folder=tmp_path / "nowhere")
    with pytest.raises(MisconductError, match="Did you mean 'subjects'"):
        data["subject"]
    (processed / "claims.csv").unlink()
    with pytest.raises(DataError, match=r"claims\.csv: there is no such file"):
        load(folder=processed)["claims"]


def test_types_and_orders(subjects):
    assert subjects["year"].dtype == "Int64"
    for column in vocabulary.ordered_vocabularies():
        assert [*subjects[column].cat.categories] == vocabulary.by_severity(column) and subjects[column].cat.ordered
    assert subjects["sanction"].max() == "dismissed" and (subjects["sanction"] >= "final_written_warning").any()


def test_a_data_set_shows_itself(data):
    text, page = repr(data), data._repr_html_()
    assert text.startswith("The project's data\n") and page.startswith("<p>The project's data</p><table>")
    for table in PROCESSED_TABLES:
        rows = f"{stamps(PROCESSED)[table]['rows']:,}"
        assert [table, rows, "rows"] in [line.split() for line in text.splitlines()]
        assert f"<tr><th>{table}</th><td>{rows}</td></tr>" in page
    assert [line.split() for line in repr(people(["Dn"])).splitlines()[1:]] == [
        *(["subjects", "2", "rows"], ["allegations", "2", "rows"])
    ]


def test_rates_carry_the_sources_of_the_people_that_they_count(data):
    table = dismissal_rates(data, among="proven")
    assert table.sources == data.sources_of(data.subjects) == (load_source("iopc_investigations"),)
    assert [*data.sources] == ["iopc_investigations", "published_figures"]
    assert data.source("iopc_investigations") == data.sources["iopc_investigations"]
    assert [source.id for source in data.sources_of(data["published_rates"])] == ["published_figures"]


# --- cases -----------------------------------------------------------------------------------------------------------

CHOICES = [
    None,
    {"complaint_type": "sexual_misconduct"},
    {"year": between(2015, 2016), "force": ["Kent Police", "Sussex Police"]},
    {"complaint_type": excluding("driving")},
]


@pytest.mark.parametrize("where", CHOICES)
def test_cases_are_the_investigations_of_the_people_chosen(data, where):
    """Recounted from the raw file: one row a case, people and addresses."""
    found = data.cases(where, labels=False)
    people = dismissal_rates(data, among="all_subjects", where=where).total
    assert found["people"].sum() == people["denominator"] + people["unknown_outcomes"] > 0
    assert found["case_id"].is_unique and found["url"].str.startswith("https://").all()
    raw = read_csv_text(RAW / "iopc_investigations" / "investigations.csv").set_index("investigation_id")
    assert found["url"].tolist() == raw.loc[found["case_id"], "url"].tolist()
    assert found["date"].tolist() == raw.loc[found["case_id"], "published"].tolist()
    assert found["date"].is_monotonic_decreasing


def test_a_case_says_who_was_found_what(data, subjects):
    found = data.cases().set_index("case_id")
    largest = found.loc[found["people"].idxmax()]
    mine = subjects[subjects["case_id"] == largest.name]
    for column, said in (("sanction", largest["outcomes"]), ("finding", largest["findings"])):
        counts = {vocabulary.label(column, code): n for code, n in mine[column].value_counts().items() if n}
        assert dict(part.rsplit(": ", 1) for part in said.split("; ")) == {k: str(n) for k, n in counts.items()}
    low = set(subjects.loc[subjects["confidence"] == "low", "case_id"])
    assert set(found.index[found["confidence"] == vocabulary.label("confidence", "low")]) == low


def test_cases_of_nobody_are_an_empty_table(data):
    assert data.cases({"force": "Police Scotland"}).empty


# --- the door --------------------------------------------------------------------------------------------------------


def test_the_door_lists_its_names_and_no_others():
    functions = {"load", "dismissal_rates", "chart", "draw_chart", "between", "excluding", "limits", "robustness"}
    assert set(dir(analysis)) == functions | {"Dataset", "RateTable", "Chart", "MisconductError", "__version__"}
    for name in dir(analysis):
        assert getattr(analysis, name) is not None
    with pytest.raises(AttributeError, match=r"has no attribute 'rates'\. It has: .*dismissal_rates"):
        analysis.rates  # noqa: B018


def test_importing_it_loads_nothing_and_changes_nothing():
    code = (
        "import os, sys\nbefore = dict(os.environ)\nimport analysis\n"
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'pandera', 'scipy', 'yaml'} & set(sys.modules)))\n"
        "import matplotlib\nmatplotlib.use('svg')\n"
        "table = analysis.dismissal_rates(analysis.load(), among='proven', by='complaint_type')\n"
        "analysis.chart(table)\nprint(matplotlib.get_backend(), dict(os.environ) == before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "svg True"]


def test_rates_need_no_checking_and_no_drawing_and_packs_no_notebooks():
    code = (
        "import sys, analysis\nanalysis.dismissal_rates(analysis.load(), among='proven', by='force').readable()\n"
        "print(sorted({'matplotlib', 'pandera', 'statsmodels', 'scipy', 'nbformat'} & set(sys.modules)))\n"
        "import analysis.publishing.packs\nprint('nbformat' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "False"]


def test_help_lists_the_allowed_values():
    shown = " ".join(pydoc.plain(pydoc.render_doc(analysis.dismissal_rates)).split())
    for code in (*vocabulary.codes("denominator"), *vocabulary.codes("numerator"), *vocabulary.GROUPS):
        assert f'"{code}"' in shown, code
    assert all(f"{part} -----" in shown for part in ("Parameters", "Returns", "Raises", "Source"))


# --- imported data ---------------------------------------------------------------------------------------------------

SOURCE = {
    **{"id": "reply", "title": "A title", "publisher": "A force", "url": "https://example.org/reply"},
    **{"licence": "not stated", "jurisdiction": "England and Wales", "coverage": "2020 to 2022"},
}
MAPPING = {
    **{"confirmed": "yes", "table": "people", "source": SOURCE, "constants": {"force": "Kent Police"}},
    "columns": {"case_id": "Ref", "complaint_type": "Type", "sanction": "Outcome", "case_to_answer": "Answer"},
    "labels": {"sanction": {"NFA": "no_action"}, "case_to_answer": {"Gross": "gross_misconduct"}},
}


def import_people(folder, outcomes, file="a"):
    """Import one person a case with these outcomes as the data set `reply`; its folder."""
    rows = "".join(f"C{n},Driving,{outcome},Gross\n" for n, outcome in enumerate(outcomes))
    (folder / f"{file}.csv").write_text(f"Ref,Type,Outcome,Answer\n{rows}")
    (folder / "a.yml").write_text(yaml.safe_dump(MAPPING))
    return import_file(folder / f"{file}.csv", folder / "a.yml", folder / "own")[0]


def test_imported_people_stand_in_the_place_of_the_projects(tmp_path, data):
    own = load(import_people(tmp_path, ["Dismissed"] * 6 + ["NFA"] * 6))
    table = dismissal_rates(own, among="case_to_answer", by="complaint_type")
    assert (table.total["numerator"], table.total["denominator"]) == (6, 12)
    assert table.source_line == "Source: A force (undated), A title."
    assert (
        "A force (undated), A title"
        in draw_chart(own, "dismissal_rates_by_complaint_type", among="proven_or_implied").source_line
    )
    assert all("IOPC" not in sentence.source for sentence in sentences(own, {}))
    assert "cases" not in own and own.cases()["url"].eq("").all() and "iopc_investigations" not in own.sources
    pd.testing.assert_frame_equal(own["published_rates"], data["published_rates"])  # which it has none of
    assert repr(own).startswith("Imported data reply")
    assert dismissal_rates(data, among="all_subjects").total["denominator"] > 12  # nothing hidden was changed


def test_two_imports_are_two_data_sets(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (load(import_people(folder, ["Dismissed"] * k + ["NFA"] * 5)) for k, folder in enumerate(folders, 1))
    assert [dismissal_rates(own, among="case_to_answer").total["numerator"] for own in (one, two)] == [1, 2]


def test_an_import_that_is_replaced_meanwhile_is_never_mixed(tmp_path):
    own = load(import_people(tmp_path, ["Dismissed"] * 5))
    assert own.subjects["sanction"].eq("dismissed").all()
    assert len(own.allegations) == 5
    again = load(tmp_path / "own" / "reply")
    again.source("reply")
    import_people(tmp_path, ["NFA"] * 4, "b")
    for read in (lambda: own.source("reply"), lambda: dismissal_rates(own, among="proven"), lambda: again.subjects):
        with pytest.raises(MisconductError, match="was imported again meanwhile"):
            read()
    assert load(tmp_path / "own" / "reply").subjects["sanction"].eq("no_action").all()


def test_a_mixture_of_two_imports_is_refused(tmp_path):
    folder = import_people(tmp_path, ["Dismissed"] * 5)
    kept = (folder / "subjects.csv").read_bytes()
    import_people(tmp_path, ["NFA"] * 4, "b")
    (folder / "subjects.csv").write_bytes(kept)
    with pytest.raises(MisconductError, match="its files do not belong together"):
        load(folder)


def test_an_unknown_data_set_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.provenance.own_data.LOCAL", tmp_path / "own")
    with pytest.raises(MisconductError, match="nothing has been imported yet"):
        load("reply")
    import_people(tmp_path, ["NFA"] * 4)
    assert len(load("reply").subjects) == 4
    with pytest.raises(MisconductError, match="Did you mean 'reply'"):
        load("repli")


def test_no_choice_of_data_is_taken_from_the_environment(tmp_path, monkeypatch, data):
    monkeypatch.setenv("MISCONDUCT_DATA", str(import_people(tmp_path, ["NFA"] * 4)))
    assert load().own is None and len(load().subjects) == len(data.subjects)


def test_a_data_set_of_frames_is_read_from_nowhere():
    made = people(["Dn"])
    assert isinstance(made, Dataset) and made.own is None and [*made] == ["subjects", "allegations"]
