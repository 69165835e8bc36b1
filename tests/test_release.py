"""A release loads without this program, says what it is, and is the same bytes wherever it is made."""

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
import yaml
from pyarrow import parquet

from analysis import __version__, vocabulary
from analysis.build import everything
from analysis.checking.fields import Table
from analysis.checking.tables import PROCESSED_TABLES, TableSpec
from analysis.errors import MisconductError
from analysis.paths import PROCESSED, ROOT
from analysis.provenance.sources import load_source, source_ids
from analysis.publishing.database import unused
from analysis.publishing.release import (
    CHARTS,
    GALLERY,
    NAME,
    WORKBOOK,
    data_version,
    distributions,
    release_files,
    write_release,
)
from analysis.publishing.released import Released, descriptions, released_tables
from analysis.publishing.table_schema import table_schema

PARTS = {WORKBOOK, CHARTS, GALLERY}


@pytest.fixture(scope="module")
def tables(data) -> dict[str, Released]:
    return {table.name: table for table in released_tables(data)}


@pytest.fixture(scope="module")
def folder(tables, tmp_path_factory) -> Path:
    """A release without what the build makes."""
    place = tmp_path_factory.mktemp("release") / "release"
    write_release([*tables.values()], place)
    return place


@pytest.fixture(scope="module")
def package(folder) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def table_resources(package: dict) -> dict[str, dict]:
    return {entry["name"]: entry for entry in package["resources"] if entry["type"] == "table"}


VALIDATE = """
import json, sys
from frictionless import Package
report = Package(sys.argv[1]).validate()
errors = [(task.name, error.type, getattr(error, "row_number", 0)) for task in report.tasks for error in task.errors]
print(json.dumps([*errors, *(("package", error.type, 0) for error in report.errors)]))
print(report.stats["tasks"])
"""


def frictionless(path: Path) -> tuple[list, int]:
    """What frictionless finds wrong, each as table, kind and row; and how many files it looked at."""
    done = subprocess.run([sys.executable, "-c", VALIDATE, str(path)], capture_output=True, text=True, check=True)
    errors, looked_at = done.stdout.splitlines()
    return [tuple(error) for error in json.loads(errors)], int(looked_at)


def test_frictionless_finds_nothing_wrong(folder, package):
    assert frictionless(folder / "datapackage.json") == ([], len(package["resources"]))
    assert len(package["resources"]) == 2 * len(descriptions()) + 2


DAMAGE = (  # which cell of a table becomes what, and what frictionless must call it
    ("subjects", "sanction", "sacked", "constraint-error"),
    ("subjects", "force", "Kent Police; Kent", "constraint-error"),
    ("subjects", "finding", "", "constraint-error"),
    ("subjects", "date", "2019-02-30", "type-error"),
    ("subjects", "year", "1066", "constraint-error"),
    ("subjects", "subject_id", "two words", "constraint-error"),
    ("subjects", "overturned_on_appeal", "yes", "type-error"),
    ("subjects", "case_id", "no-such-case", "foreign-key"),
    ("allegations", "subject_id", "nobody", "foreign-key"),
    ("allegations", "position", "0", "constraint-error"),
    ("cases", "url", "http://example.org", "constraint-error"),
)


def test_frictionless_finds_what_is_damaged(folder, package, tmp_path):
    """Every kind of rule that a model has is a rule of the data package: each damage by itself is found."""
    shutil.copytree(folder / "csv", tmp_path / "csv")
    needed = [
        {key: value for key, value in entry.items() if key not in ("hash", "bytes")}
        for name, entry in table_resources(package).items()
        if name in ("subjects", "allegations", "cases", "data_sources") or name.startswith("vocabulary_")
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({**package, "resources": needed}))
    files = {table: tmp_path / "csv" / f"{table}.csv" for table, *_ in DAMAGE}
    rows = {table: pd.read_csv(file, dtype=str, keep_default_na=False) for table, file in files.items()}
    for row, (table, column, value, _) in enumerate(DAMAGE):
        rows[table].loc[row, column] = value
    rows["allegations"].loc[31] = rows["allegations"].loc[30]
    for table, frame in rows.items():
        frame.to_csv(files[table], index=False)
    found, _ = frictionless(tmp_path / "datapackage.json")
    wanted = {(table, kind, row + 2) for row, (table, *_, kind) in enumerate(DAMAGE)}
    assert wanted | {("allegations", "primary-key", 33)} <= {*found}


def test_the_files_are_those_of_their_checksums(folder):
    listed = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {*listed} == there - {"SHA256SUMS"}
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == value for name, value in listed.items())
    assert {*distributions_by_path()} == {name for name in there if name not in NOT_LOADED} | PARTS


NOT_LOADED = {"SHA256SUMS", "README.md", "CITATION.cff", ".zenodo.json"}


def distributions_by_path() -> dict:
    return {entry.path: entry for entry in distributions()}


def test_every_distribution_says_what_it_is():
    found = distributions()
    assert len({entry.path for entry in found}) == len({entry.name for entry in found}) == len(found)
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", entry.format) and entry.description for entry in found)


def test_pandas_alone_loads_every_table(folder, package, data):
    """As docs/use_the_data.md says, with nothing of ours; the processed tables come out as they are here."""
    kinds = {"string": "str", "date": "str", "integer": "Int64", "number": "float64", "boolean": "bool"}
    for name, entry in table_resources(package).items():
        schema = entry["schema"]
        rows = pd.read_csv(
            folder / entry["path"],
            dtype={field["name"]: kinds[field["type"]] for field in schema["fields"]},
            keep_default_na=False,
            na_values=schema["missingValues"],
        )
        assert [*rows] == [field["name"] for field in schema["fields"]] and len(rows)
        assert not rows.duplicated(schema["primaryKey"]).any()
        if name in PROCESSED_TABLES:
            assert (folder / entry["path"]).read_bytes() == (PROCESSED / f"{name}.csv").read_bytes()
            for column in rows:
                ours = data[name][column].astype(object)
                nothing = ours.isna() | ours.isin(schema["missingValues"])
                assert [*rows[column].isna()] == [*nothing], (name, column)
                assert [*rows.loc[~nothing, column]] == [*ours[~nothing]], (name, column)


@pytest.fixture
def database(folder):
    with closing(sqlite3.connect(folder / f"{NAME}.sqlite")) as opened:
        yield opened


@pytest.fixture
def from_text(folder):
    """The database as its text makes it."""
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.executescript((folder / f"{NAME}.sql").read_text(encoding="utf-8"))
        yield opened


def test_every_format_has_the_same_cells(folder, tables, database, from_text):
    for name, table in tables.items():
        rows = [*zip(*table.columns.values(), strict=True)]
        assert rows == [*map(tuple, database.execute(f'SELECT * FROM "{name}"'))], name
        assert rows == [*map(tuple, from_text.execute(f'SELECT * FROM "{name}"'))], name
        stored = parquet.read_table(folder / f"parquet/{name}.parquet")
        cells = [[str(v) if hasattr(v, "isoformat") else v for v in column.to_pylist()] for column in stored.columns]
        assert rows == [*zip(*cells, strict=True)], name
        assert b"pandas" not in stored.schema.metadata
    for one in (database, from_text):
        assert one.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert one.execute("PRAGMA foreign_key_check").fetchall() == []


def test_nothing_is_left_in_the_database_of_how_it_was_written(folder):
    content = (folder / f"{NAME}.sqlite").read_bytes()
    gaps = [*unused(content)]
    assert len(gaps) > 100 and not any(any(content[start:end]) for start, end in gaps)
    assert int.from_bytes(content[96:100], "big") == 3_040_000


def test_the_rates_of_the_database_are_those_of_the_people(database, overall, data):
    views = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")}
    differ = {column for column in data.subjects if data.subjects[column].nunique() > 1} | {"complaint_type"}
    assert views == {f"dismissal_rates_by_{group}" for group in vocabulary.GROUPS if group in differ}
    among = "among = 'case_to_answer' AND counted = 'dismissed_or_would_have_been'"
    for view in views:
        total = f"SELECT numerator, denominator FROM {view} WHERE {among} AND group_label = '(all)'"
        assert database.execute(total).fetchall() == [overall]
    counted = database.execute(
        """SELECT s.force, sum(o.is_dismissal_or_would_have_been), count(*) FROM subjects s
        JOIN vocabulary_sanction o ON o.code = s.sanction AND o.is_known
        JOIN vocabulary_case_to_answer c ON c.code = s.case_to_answer AND c.is_case_to_answer
        WHERE s.force NOT LIKE '%;%' AND s.force NOT IN (
            SELECT f.code FROM vocabulary_force f JOIN subjects j ON j.force LIKE '%;%' AND instr(j.force, f.code))
        GROUP BY s.force"""
    ).fetchall()
    by_force = f"SELECT force, numerator, denominator FROM dismissal_rates_by_force WHERE {among}"
    assert len(counted) > 10 and {*counted} <= {*database.execute(by_force)}


def test_every_column_is_explained_in_every_format(folder, tables, package, database):
    told = dict(database.execute("SELECT table_name || '.' || column_name, description FROM columns"))
    for name, table in tables.items():
        fields = table.schema["fields"]
        [(text,)] = database.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
        kept = parquet.read_schema(folder / f"parquet/{name}.parquet")
        for field in fields:
            assert field["description"] and f'"{field["name"]}" ' in text and f"-- {field['description']}" in text
            assert kept.field(field["name"]).metadata[b"description"].decode() == field["description"]
            assert name == "columns" or told[f"{name}.{field['name']}"] == field["description"]
        assert table.description == descriptions()[name]
        assert table_resources(package)[name]["schema"] == json.loads(json.dumps(table.schema))
    assert [*tables] == [*descriptions()]


def test_a_rule_without_a_counterpart_is_not_left_out():
    class Other(Table):
        a: str = pa.Field(str_contains="x", description="A", metadata={})

    with pytest.raises(KeyError, match="str_contains"):
        table_schema(TableSpec(Other, ("a",)), ["a"])


@pytest.mark.parametrize("source", source_ids(fetched=True))
def test_each_table_has_the_licences_of_its_sources(source, package, tables):
    licence, seen = load_source(source).licence, 0
    for name, entry in table_resources(package).items():
        of_source = source in {kept.id for kept in tables[name].sources}
        titles = [found.get("title", found.get("name")) for found in entry["licenses"]]
        assert titles == (["MIT"] if not tables[name].sources else titles)
        if of_source:
            seen += 1
            assert licence["name"] in titles and licence["url"] in [found["path"] for found in entry["licenses"]]
    assert seen and {entry["name"] for entry in package["licenses"] if "name" in entry} == {"CC-BY-4.0"}
    assert source in set(tables["data_sources"].rows["source"])


def test_the_data_have_a_version_of_their_own(data, tables, package, monkeypatch):
    version = data_version([*tables.values()])
    assert package["version"] == version and re.fullmatch(r"20\d\d\.\d\d\+[0-9a-f]{8}", version)
    assert max(load_source(source).accessed for source in source_ids(fetched=True)).startswith(
        version[:7].replace(".", "-")
    )
    one_moved = tables["claims"].rows.assign(note="another")
    moved = [*({**tables, "claims": Released("claims", "", one_moved, tables["claims"].schema)}.values())]
    assert data_version(moved) != version
    monkeypatch.setattr("analysis.publishing.release.__version__", "9.9.9")
    assert data_version([*tables.values()]) == version
    derived = [table for table in tables.values() if table.name != "dismissal_rates"]
    assert data_version(derived) == version


def test_the_release_is_described_once(folder, package):
    """CITATION.cff, .zenodo.json and pyproject.toml agree, and the release's own add the version of the data."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    deposit = json.loads((ROOT / ".zenodo.json").read_text())
    assert deposit["title"] == citation["title"]
    assert deposit["description"] == citation["abstract"] == project["description"]
    assert deposit["license"] == citation["license"].lower() == project["license"].lower()
    assert deposit["keywords"] == project["keywords"] == package["keywords"]
    assert deposit["creators"] == citation["authors"] == project["authors"]
    assert "version" not in deposit, "it is the tag's"
    [dataset] = (entry for entry in citation["references"] if entry["type"] == "dataset")
    cited = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited == {**citation, "references": [{**dataset, "version": package["version"]}]}
    told = json.loads((folder / ".zenodo.json").read_text(encoding="utf-8"))
    assert told["upload_type"] == "dataset" and told["version"] == package["version"]
    assert told["license"] == dataset["license"].lower() and told["title"] == dataset["title"] == package["title"]


def test_what_the_build_made_goes_in_whole(tables, tmp_path):
    for number, name in enumerate(("a", "b")):
        site = tmp_path / name / "site"
        (site / "deep").mkdir(parents=True)
        for file in ("index.html", "deep/x.svg") if number else ("deep/x.svg", "index.html"):
            (site / file).write_text(file)
            os.utime(site / file, (number * 1e9, number * 1e9))
            (site / file).chmod(0o600 if number else 0o664)
    first, second = (
        release_files([*tables.values()], {GALLERY: tmp_path / name / "site"})[1][GALLERY] for name in "ab"
    )
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    assert packed == {"deep/x.svg": "deep/x.svg", "index.html": "index.html"}


def test_a_release_that_fails_leaves_the_last_one(folder, tables, tmp_path):
    place = tmp_path / "release"
    shutil.copytree(folder, place)
    with pytest.raises(MisconductError, match=r"is not there\. Make it first: make build"):
        write_release([*tables.values()], place, {WORKBOOK: tmp_path / "none.xlsx"})
    assert (place / "SHA256SUMS").read_bytes() == (folder / "SHA256SUMS").read_bytes()


def test_a_release_of_a_stale_build_is_refused(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(everything.Step, "is_done", lambda step: step.name != "site with packs")
    with pytest.raises(MisconductError, match=r"Not up to date: gallery with packs\. .* misconduct build --packs"):
        everything.make_release()
    entered = []  # who builds while the release waits for its turn is asked about

    @contextmanager
    def locked(*_, **__):
        entered.append(True)
        yield

    monkeypatch.setattr(everything, "locked", locked)
    monkeypatch.setattr(everything.Step, "is_done", lambda step: not entered)
    with pytest.raises(MisconductError, match="Not up to date"):
        everything.make_release()
    monkeypatch.setattr(everything.Step, "is_done", lambda step: True)
    asked = []
    monkeypatch.setattr("analysis.publishing.release.write_release", lambda *given: asked.append(given) or "2026.11+x")
    monkeypatch.setattr("analysis.publishing.released.released_tables", lambda data: [*tables.values()])
    assert everything.make_release() == f"build/release: data 2026.11+x, program {__version__}"
    [(_, folder, built)] = asked
    assert folder == ROOT / "build" / "release" and {*built} == PARTS


AGAIN = """
import sys
from pathlib import Path
from analysis.dataset import load
from analysis.publishing.release import write_release
from analysis.publishing.released import released_tables
write_release(released_tables(load()), Path(sys.argv[1]))
"""


def test_another_clone_gives_the_same_bytes(folder, tmp_path):
    """In another folder, locale, time zone and order of hashes."""
    clone = tmp_path / "a clone, elsewhere é"
    for part in ("src", "data/processed", "data/vocabulary", "docs"):
        shutil.copytree(ROOT / part, clone / part, ignore=shutil.ignore_patterns("local"))
    for file in (*ROOT.glob("data/raw/*/source.yml"), *(ROOT / n for n in ("CITATION.cff", ".zenodo.json"))):
        (clone / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, clone / file.relative_to(ROOT))
    shutil.copy(ROOT / "pyproject.toml", clone)
    odd = {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    environment = {**os.environ, **odd, "PYTHONPATH": str(clone / "src")}
    subprocess.run([sys.executable, "-c", AGAIN, str(tmp_path / "again")], env=environment, cwd=tmp_path, check=True)
    assert (tmp_path / "again" / "SHA256SUMS").read_text() == (folder / "SHA256SUMS").read_text()


GUIDE = (ROOT / "docs" / "use_the_data.md").read_text(encoding="utf-8")
DUCK = """
import re, sys
sys.path.append(sys.argv[1])
try:
    import duckdb
except ImportError:
    sys.exit(5)
for query in sys.argv[2].split(";")[:-1]:
    print(duckdb.sql(query).fetchall())
"""


@pytest.mark.parametrize("number", [0, 1], ids=["pandas", "sqlite3"])
def test_the_examples_run_as_they_stand(number, folder):
    code = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)[number]
    code = "import sys; sys.modules['analysis'] = None\n" + code
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert ("Sexual misconduct" if number == 0 else "Gross misconduct") in done.stdout


def test_the_examples_of_duckdb_run_where_it_is(folder):
    [code] = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
    peers = ROOT / "build" / "benchmark" / "packages"
    done = subprocess.run([sys.executable, "-c", DUCK, str(peers), code], cwd=folder, capture_output=True, text=True)
    if done.returncode == 5:
        pytest.skip("DuckDB is not installed (make benchmark)")
    assert done.returncode == 0 and "Sexual misconduct" in done.stdout and "Dismissed" in done.stdout, done.stderr


def test_the_guide_names_what_there_is(folder, tables):
    named = set(re.findall(r"'?(?:csv|parquet)/(\w+)\.(?:csv|parquet)", GUIDE))
    assert named and named <= {*tables}
    for file in re.findall(r"^\| (.+?) \|", GUIDE, re.MULTILINE)[2:]:
        for path in re.findall(r"`([^`]+)`", file):
            assert path in PARTS or (folder / path).exists(), path
