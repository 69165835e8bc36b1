"""A step of the build runs when, and only when, something it depends on or made has changed."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from analysis.build import everything, fetched_counts, notebooks, tables
from analysis.build.staleness import PACKAGE, Step, digest
from analysis.csv_files import to_csv_bytes
from analysis.dataset import PEOPLE_TABLES, read_table
from analysis.errors import MisconductError
from analysis.paths import PROCESSED, RAW, files_of, notebook_paths
from analysis.provenance.sources import stamp, verify_checksums
from analysis.publishing import api_reference, dictionary
from analysis.reading.spreadsheet import template
from analysis.writing import fill_folder, replaced_folder, write_files


@pytest.fixture
def step(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("1")
    return Step("copy", (tmp_path / "in",), (tmp_path / "out.txt",), tmp_path / "steps.json")


def work(step):
    """Copy the input; what the step is for."""
    step.outputs[0].write_text((step.inputs[0] / "a.txt").read_text())


def test_done_once_is_done(step):
    assert step.run(lambda: work(step)) and not step.run(lambda: work(step))


@pytest.mark.parametrize(
    "change",
    [
        lambda step: (step.inputs[0] / "a.txt").write_text("2"),
        lambda step: (step.inputs[0] / "b.txt").write_text("new"),
        lambda step: (step.inputs[0] / "a.txt").rename(step.inputs[0] / "c.txt"),
        lambda step: step.outputs[0].write_text("changed by hand"),
        lambda step: step.outputs[0].unlink(),
        lambda step: step.memory.unlink(),
        lambda step: step.memory.write_text("{ not json"),
        lambda step: step.begin(),
    ],
)
def test_any_change_makes_it_run_again(step, change):
    step.run(lambda: work(step))
    change(step)
    assert not step.is_done()


def test_caches_and_times_do_not_count(step):
    step.run(lambda: work(step))
    (step.inputs[0] / "__pycache__").mkdir()
    (step.inputs[0] / "__pycache__" / "x.pyc").write_text("x")
    (step.inputs[0] / "a.txt").write_text("1")
    assert step.is_done()


def test_a_failed_step_runs_again(step):
    step.run(lambda: work(step))
    (step.inputs[0] / "a.txt").write_text("2")
    with pytest.raises(ZeroDivisionError):
        step.run(lambda: 1 / 0)
    (step.inputs[0] / "a.txt").write_text("1")  # as it was at the last success
    assert not step.is_done()


def test_two_files_that_swap_contents_are_a_change(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    before = digest([tmp_path])
    (tmp_path / "a").write_text("2")
    (tmp_path / "b").write_text("1")
    assert digest([tmp_path]) != before


def test_an_input_that_changes_during_the_work_is_not_remembered_as_done(step):
    def slow():
        work(step)
        (step.inputs[0] / "a.txt").write_text("2")

    step.run(slow)
    assert not step.is_done()
    step.run(lambda: work(step))
    assert step.is_done() and step.outputs[0].read_text() == "2"


def test_files_that_are_being_written_do_not_count(step):
    step.run(lambda: work(step))
    (step.inputs[0] / ".0123.partial").write_text("half")
    assert step.is_done()


@pytest.mark.parametrize("name", [".a.txt.swp", "a.txt~", "#a.txt#", ".DS_Store", ".#a.txt", "~$a.xlsx", ".git/x"])
def test_what_an_editor_or_a_system_leaves_is_no_input_and_no_raw_file(step, name, raw_copy):
    step.run(lambda: work(step))
    folder = raw_copy("published_figures")
    for place in (step.inputs[0], folder):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text("half an edit")
    assert step.is_done()
    verify_checksums(folder)
    assert stamp(folder) == []


def test_what_somebody_changes_after_it_was_written_is_not_called_done(step):
    begun = step.begin()
    work(step)
    written = {step.outputs[0]: step.outputs[0].read_bytes()}
    step.outputs[0].write_text("edited by somebody while other steps ran")
    step.remember(begun, written)
    assert not step.is_done()
    step.outputs[0].write_bytes(written[step.outputs[0]])
    assert step.is_done()


@pytest.mark.parametrize("edition", ["", "an earlier one"])
def test_what_somebody_changes_before_it_is_written_is_kept(step, edition):
    out = step.outputs[0]
    if edition:
        out.write_text(edition)

    def interrupted(when):
        if when == "before":
            out.write_text("edited")
        write_files({out: b"1"})
        out.write_text("edited")

    with pytest.raises(MisconductError, match="was changed by somebody meanwhile"):
        step.run(lambda: interrupted("before"))
    assert out.read_text() == "edited" and not step.is_done()
    step.run(lambda: interrupted("after"))
    assert out.read_text() == "edited" and not step.is_done()
    step.run(lambda: [write_files({out: content}) for content in (b"0", b"1")])
    assert out.read_text() == "1" and step.is_done()


@pytest.fixture
def site(step):
    """A step that makes a folder, and its work: do something, write the folder, do something else."""
    folder = step.memory.with_name("site")

    def write(before, after):
        before()
        with replaced_folder(folder) as fresh:
            fill_folder(fresh, [("index.html", b"new"), ("charts/a.html", b"new")])
        after()

    return Step("site", step.inputs, (folder,), step.memory), write


CHANGES = {
    "a file is edited": lambda folder: (folder / "charts" / "a.html").write_text("by hand"),
    "one of the same length": lambda folder: (folder / "index.html").write_text("old"),
    "a file is added": lambda folder: (folder / "mine.html").write_text("by hand"),
    "a file is removed": lambda folder: (folder / "index.html").unlink(),
    "a file is renamed": lambda folder: (folder / "index.html").rename(folder / "old.html"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_folder_that_somebody_changes_during_its_step_is_kept(site, change):
    step, write = site
    [folder], nothing = step.outputs, dict

    def there():
        return {path.relative_to(folder): path.read_text() for path in folder.rglob("*.html")}

    step.run(lambda: write(nothing, nothing))
    (step.inputs[0] / "a.txt").write_text("2")
    with pytest.raises(MisconductError, match=r"site was changed by somebody meanwhile\. That is kept"):
        step.run(lambda: write(lambda: change(folder), nothing))
    changed = there()
    assert changed != {Path("index.html"): "new", Path("charts/a.html"): "new"} and not step.is_done()
    assert not [*folder.parent.glob("site.*")]
    step.run(lambda: write(nothing, nothing))
    assert there() != changed and step.is_done()
    (step.inputs[0] / "a.txt").write_text("3")
    step.run(lambda: write(nothing, lambda: change(folder)))
    assert there() == changed and not step.is_done()


def test_a_folder_that_somebody_makes_meanwhile_is_kept(site):
    step, write = site
    [folder] = step.outputs
    mine = folder / "mine.html"
    with pytest.raises(MisconductError, match="changed by somebody"):
        step.run(lambda: write(lambda: [folder.mkdir(), mine.write_text("by hand")], dict))
    assert [path.name for path in folder.rglob("*")] == ["mine.html"]


@pytest.mark.parametrize("aside", ["site", ".together"])
def test_what_an_interrupted_step_left_aside_is_no_change_by_somebody(site, aside):
    """It was put back after the step had looked what is there."""
    step, write = site
    step.run(lambda: write(dict, dict))
    [folder] = step.outputs
    page = folder / "index.html"
    if aside == "site":
        folder.rename(folder.with_name("site.being-replaced"))
        step.run(lambda: write(dict, dict))
        assert step.is_done()
    else:
        kept = folder / ".together.being-replaced"
        kept.mkdir()
        page.rename(kept / "index.html")
        (kept / ".new.json").write_text(f'{{"index.html": ["{sha256(b"half").hexdigest()}", true]}}')
        page.write_bytes(b"half")
        step = Step("page", step.inputs, (page,), step.memory)
        step.run(lambda: write_files({page: b"newer"}))
        assert page.read_bytes() == b"newer" and step.is_done()


@pytest.mark.parametrize(
    ("module", "name", "write"),
    [
        (dictionary, "DICTIONARY", dictionary.write_dictionary),
        (api_reference, "FILE", api_reference.write_reference),
        (template, "FILE", template.write_template),
    ],
)
def test_a_document_that_somebody_edits_during_its_step_is_kept(module, name, write, step, monkeypatch):
    monkeypatch.setattr(module, name, step.outputs[0])

    def edited():
        step.outputs[0].write_text("edited")
        write()

    with pytest.raises(MisconductError, match="changed by somebody"):
        step.run(edited)
    assert step.outputs[0].read_text() == "edited" and not step.is_done()


def test_a_notebook_that_is_edited_after_it_ran_runs_again(tmp_path, monkeypatch):
    """All were remembered when the last had ended, whatever the first to end had become by then."""
    for name in ("00_a", "01_b"):
        (tmp_path / f"{name}.ipynb").write_text('{"cells": []}')
    here = sorted(tmp_path.glob("*.ipynb"))
    monkeypatch.setattr(everything, "notebook_paths", lambda: here)
    monkeypatch.setattr(everything, "READ", ())
    monkeypatch.setattr(everything, "Step", lambda *step: Step(*step, tmp_path / "steps.json"))
    monkeypatch.setattr(notebooks, "execute", lambda path: f'{{"cells": [], "ran": "{path.stem}"}}'.encode())
    said = []

    def say(what):
        said.append(what)
        if what == "ran 01_b.ipynb" and len(said) < 3:
            here[1].write_text('{"cells": [], "edited": true}')

    assert everything._build_notebooks(say) == []
    assert [path.name for path in here if not everything.notebook_step(path).is_done()] == ["00_a.ipynb", "01_b.ipynb"]
    assert "edited" in here[1].read_text()
    everything._build_notebooks(said.append)
    assert all(everything.notebook_step(path).is_done() for path in here)


# --- the steps of the build, by what they read -----------------------------------------------------------------------


def reads(step) -> set:
    return {*files_of(step.inputs)}


@pytest.fixture(scope="module")
def all_steps():
    parts = (everything.tables_step(), everything.chart_step(), everything.workbook_step(), everything.site_step())
    return {step.name: step for step in (*parts, *map(everything.notebook_step, notebook_paths()))}


@pytest.mark.parametrize("file", ["static/site.css", "static/builder.js", "templates/base.html"])
def test_a_style_sheet_script_or_template_is_read_by_the_gallery_alone(all_steps, file):
    wanted = PACKAGE / "publishing" / file
    assert [name for name, step in all_steps.items() if wanted in reads(step)] == ["site"]


@pytest.mark.parametrize("room", ["counting/intervals.py", "vocabulary.py"])
def test_how_rates_are_counted_is_read_by_every_step(all_steps, room):
    assert not [name for name, step in all_steps.items() if PACKAGE / room not in reads(step)]


def test_the_importer_is_read_by_nothing_that_is_built(all_steps):
    wanted = PACKAGE / "reading" / "spreadsheet" / "grid.py"
    assert wanted.is_file() and not [name for name, step in all_steps.items() if wanted in reads(step)]


def test_fetched_files_that_appear_make_the_tables_stale(tmp_path, monkeypatch):
    """Whether they are there was in no step's inputs: a changed count stayed for good."""
    monkeypatch.setenv("MISCONDUCT_CACHE", str(tmp_path))
    there = fetched_counts.fetched_files()
    monkeypatch.delenv("MISCONDUCT_MIRROR", raising=False)
    assert fetched_counts.fetched_files() == ()
    without = everything.tables_step()
    appeared = tmp_path / "appeared.csv"
    appeared.write_text("1")
    monkeypatch.setattr(everything, "fetched_files", lambda: there or (appeared,))
    assert digest(everything.tables_step().inputs) != digest(without.inputs)


@pytest.fixture
def unfetched(tmp_path, monkeypatch):
    """A copy of the processed tables, and no fetched file."""
    folder = shutil.copytree(PROCESSED, tmp_path / "processed", ignore=shutil.ignore_patterns("local"))
    for module in (fetched_counts, tables):
        monkeypatch.setattr(module, "PROCESSED", folder)
    monkeypatch.setattr(fetched_counts, "find", lambda *_: None)
    return folder


def test_without_the_fetched_files_the_committed_counts_stay(unfetched, data):
    for name, rows in fetched_counts.aggregates().items():
        assert to_csv_bytes(rows) == to_csv_bytes(data[name]), name


def test_a_count_changed_by_hand_is_found(unfetched):
    """It was kept, shown by a notebook, and stamped as what the build had written."""
    path = unfetched / "met_complaints.csv"
    first, rest = path.read_text().split("\n", 1)
    path.write_text(f"{first}\n{rest.replace('1,1', '1,2', 1)}")
    with pytest.raises(MisconductError, match=r"met_complaints\.csv has been changed by hand.* git checkout"):
        fetched_counts.aggregates()


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ("chicago_rates", "chicago_complaints"),
        ("met_complaints", "met_complaints"),
        ("new_orleans_years", "new_orleans_actions"),
    ],
)
def test_a_missing_count_says_how_to_get_it(unfetched, table, source):
    (unfetched / f"{table}.csv").unlink()
    with pytest.raises(MisconductError, match=rf"{table}\.csv is missing.* git checkout .* misconduct fetch {source}"):
        fetched_counts.aggregates()


def test_a_notebook_that_is_taken_away_makes_the_first_stale(tmp_path, monkeypatch):
    """The first describes the others; it stayed as it was, with links to what was no more."""
    for path in notebook_paths():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    here = sorted(tmp_path.glob("*.ipynb"))
    monkeypatch.setattr(everything, "notebook_paths", lambda: sorted(tmp_path.glob("*.ipynb")))

    def step_of(path):
        step = everything.notebook_step(path)
        return Step(step.name, step.inputs, step.outputs, tmp_path / "steps.json")

    for path in here:
        step_of(path).remember(step_of(path).begin())
    assert all(step_of(path).is_done() for path in here)
    here[-1].unlink()
    assert [path.name for path in here[:-1] if not step_of(path).is_done()] == [here[0].name]


# --- validate --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the data, which `validate` checks; building gives the people that it gives in this project."""
    shutil.copytree(RAW, tmp_path / "raw")
    shutil.copytree(PROCESSED, tmp_path / "processed", ignore=shutil.ignore_patterns("local"))
    monkeypatch.setattr(tables, "RAW", tmp_path / "raw")
    monkeypatch.setattr(tables, "PROCESSED", tmp_path / "processed")
    built = {table: read_table(PROCESSED, table) for table in PEOPLE_TABLES}
    monkeypatch.setattr(tables, "build_tables", lambda: built)
    assert len([*tables.check_all()]) == len(tables.SOURCES) + len(built)
    return tmp_path


def test_validate_finds_a_processed_table_that_the_raw_data_do_not_give(project):
    path = project / "processed" / "subjects.csv"
    path.write_text(path.read_text().replace(",no_action,", ",written_warning,", 1))
    with pytest.raises(MisconductError, match=r"subjects\.csv: not what data/raw gives today.* misconduct build"):
        [*tables.check_all()]


@pytest.mark.parametrize("described", [False, True])
def test_validate_finds_a_folder_of_raw_data_that_nothing_reads(project, described, monkeypatch):
    folder = project / "raw" / "a_new_source"
    folder.mkdir()
    (folder / "people.csv").write_text("a\n1\n")
    if described:
        shutil.copy(RAW / "published_figures" / "source.yml", folder)
    with pytest.raises(MisconductError, match="Nothing reads data/raw/a_new_source"):
        [*tables.check_all()]
