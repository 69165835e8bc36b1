"""Two real examples give the published figures, and what goes out as a spreadsheet comes in again the same."""

import datetime
import io
from pathlib import Path

import hypothesis.strategies as st
import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from imports import (
    SOURCE,
    imported,
    workbook,
)

from analysis import vocabulary
from analysis.checking.validation import typed, validate_file
from analysis.csv_files import harmless, to_csv_bytes
from analysis.dataset import read_table
from analysis.paths import PROCESSED
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file, make_tables, read_file
from analysis.reading.spreadsheet.mapping import COUNTS, PEOPLE, Mapping
from analysis.reading.spreadsheet.people import read_people
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import FOLDER as EXAMPLES
from analysis.reading.spreadsheet.template import people_sheet
from analysis.reading.violence import vawg_per_person


@pytest.mark.parametrize(
    ("example", "publication", "values", "rates"),
    [("sexual_misconduct", "as_337_21", 48, 8), ("racist_behaviour", "as_202_21", 28, 10)],
)
def test_an_example_gives_the_published_figures_and_rates(example, publication, values, rates, tmp_path):
    target, _ = import_file(EXAMPLES / f"{example}.xlsx", EXAMPLES / f"{example}.yml", tmp_path)
    found = validate_file(target / "published_figures.csv", "published_figures")
    known = found[found["value"].notna()]
    published = read_table(PROCESSED, "published_figures").query("source_id == @publication")
    published = published[published["value"].notna()]
    keys = ["period_start", "period_end", "force", "person_type", "unit", "stage", "complaint_type", "outcome", "value"]
    assert len(known) == values
    assert sorted(map(tuple, known[keys].to_numpy())) == sorted(map(tuple, published[keys].to_numpy()))
    keys = ["period_start", "period_end", "person_type", "unit", "complaint_type", "numerator", "numerator_definition"]
    keys += ["denominator", "denominator_stage"]
    made = validate_file(target / "published_rates.csv", "published_rates")[keys]
    theirs = read_table(PROCESSED, "published_rates").query(
        "source_id == @publication and period_start.str[:4] == period_end.str[:4]"
    )
    assert len(made) == rates
    assert sorted(map(tuple, made.to_numpy())) == sorted(map(tuple, theirs[keys].to_numpy()))


def test_what_an_example_does_not_give_is_not_a_number(tmp_path):
    target, told = import_file(EXAMPLES / "racist_behaviour.xlsx", EXAMPLES / "racist_behaviour.yml", tmp_path)
    found = validate_file(target / "published_figures.csv", "published_figures")
    assert len(found) == 60 and (found["value"].isna() == (found["symbol"] == "x")).all()
    assert sum(line.startswith("No rate for racist behaviour") for line in told) == 2


# --- out and in again -----------------------------------------------------------------------------------------------

words = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
sentence = st.lists(words, min_size=1, max_size=3).map(" ".join)
one_word = st.text("abcdefghij0123456789-_%#", min_size=1, max_size=6).map(lambda text: f"a{text}")
day = st.dates(datetime.date(2000, 1, 1), datetime.date(2024, 1, 1)).map(str)


def code(name, *, empty=False, without=()):
    known = [code for code in vocabulary.codes(name) if code not in without]
    return st.sampled_from([*known, ""] if empty else known)


@st.composite
def people_tables(draw):
    ids = draw(st.lists(one_word, min_size=1, max_size=6, unique=True))
    subjects, allegations = [], []
    for number, subject in enumerate(ids):
        hearing = draw(st.booleans())
        forces = draw(st.lists(code("force"), max_size=2, unique=True))
        row = {
            "source": "test_source",
            "jurisdiction": "England and Wales",
            "case_id": f"{draw(one_word)}-{number}",
            "subject_id": subject,
            "force": "; ".join(forces),
            "force_source": draw(sentence) if forces else "",
            "date": draw(st.one_of(day, st.just(""))),
            "year": draw(st.one_of(st.integers(1950, 2024), st.none())),
            "proceeding": "hearing" if hearing else draw(code("proceeding")),
            "finding": "misconduct" if hearing else draw(code("finding")),
            "sanction": draw(code("sanction"))
            if hearing
            else draw(st.sampled_from(["no_action", "not_stated", "written_warning"])),
            "sanction_source": draw(sentence),
            "overturned_on_appeal": draw(st.booleans()),
        }
        for column in (
            "person_type",
            "rank",
            "case_to_answer",
            "force_view",
            "finding_basis",
            "left_service",
            "criminal",
            "confidence",
        ):
            row[column] = draw(code(column))
        row |= {column: draw(code(column, empty=True)) for column in ("discrimination_ground", "vawg", "vawg_flag")}
        subjects.append(row)
        types = draw(st.lists(code("complaint_type"), min_size=1, max_size=3, unique=True))
        plain = sentence.filter(lambda text: ";" not in text)
        allegations += [
            {
                "source": "test_source",
                "subject_id": subject,
                "complaint_type": kind,
                "complaint_type_source": draw(plain),
                "position": n,
            }
            for n, kind in enumerate(types, 1)
        ]
    subjects, allegations = pd.DataFrame(subjects), pd.DataFrame(allegations)
    return subjects.assign(vawg=vawg_per_person(subjects, allegations)), allegations


def own_mapping(file: Path) -> dict:
    """The mapping that `misconduct map` writes for a file of ours, with only the source filled in."""
    guessed = yaml.load(suggest(file), yaml.BaseLoader)
    return {**guessed, "source": SOURCE, "confirmed": "yes"}


def as_spreadsheet(rows: pd.DataFrame, path: Path) -> Path:
    content = to_csv_bytes(harmless(rows))
    if path.suffix == ".csv":
        path.write_bytes(content)
        return path
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return workbook(path, [[*table], *table.to_numpy().tolist()])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=people_tables(), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_people_exported_and_imported_are_the_same(tables, suffix, tmp_path):
    subjects, allegations = (
        typed(table, name) for table, name in zip(tables, ("subjects", "allegations"), strict=True)
    )
    file = as_spreadsheet(people_sheet(subjects, allegations), tmp_path / f"p{suffix}")
    mapping = Mapping.model_validate(own_mapping(file))
    made = make_tables(read_file(file, mapping))
    pd.testing.assert_frame_equal(made["subjects"].astype(subjects.dtypes), subjects)
    pd.testing.assert_frame_equal(made["allegations"].astype(allegations.dtypes), allegations)


@st.composite
def figure_tables(draw):
    rows = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2020, 1, 1)))
        unit = draw(code("published_unit"))
        force, stage = draw(code("force")), draw(code("published_stage"))
        rows.append(
            {
                "figure_id": f"{draw(one_word)}{number}",
                "source_id": "test_source",
                "period_start": str(start),
                "period_end": str(start + datetime.timedelta(days=draw(st.integers(0, 800)))),
                "period_note": draw(st.one_of(sentence, st.just(""))),
                "force": force,
                "force_source": draw(sentence),
                "person_type": draw(code("published_person")),
                "unit": unit,
                "stage": stage,
                "complaint_type_source": draw(sentence),
                "complaint_type": draw(code("complaint_type")),
                "outcome_source": draw(st.one_of(sentence, st.just(""))),
                "outcome": draw(code("published_outcome", empty=True)),
                "value": draw(st.integers(0, 100) if unit == "percent" else st.integers(0, 10**6)),
                "note": draw(st.one_of(sentence, st.just(""))),
                "symbol": "",
                "low": None,
                "high": None,
                "workforce_basis": "not_stated" if stage == "workforce" and unit != "percent" else "",  # nobody can say
            }
        )
    return pd.DataFrame(rows)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures=figure_tables(), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_figures_exported_and_imported_are_the_same(figures, suffix, tmp_path):
    file = as_spreadsheet(typed(figures, "published_figures"), tmp_path / f"f{suffix}")
    made = make_tables(read_file(file, Mapping.model_validate(own_mapping(file))))
    pd.testing.assert_frame_equal(made["published_figures"], typed(figures, "published_figures"))


def test_the_projects_people_exported_and_imported_are_the_same(tmp_path):
    subjects, allegations = (read_table(PROCESSED, table) for table in ("subjects", "allegations"))
    file = as_spreadsheet(people_sheet(subjects, allegations), tmp_path / "people.csv")
    mapping = Mapping.model_validate(own_mapping(file))
    reader = read_file(file, mapping)

    made, types = read_people(reader)
    assert reader.problems == []
    for found, table, name in ((made, subjects, "subjects"), (types, allegations, "allegations")):
        same = typed(found, name).astype(table.dtypes).assign(source=table["source"])
        pd.testing.assert_frame_equal(same, table)


def test_the_template_can_be_filled_in(tmp_path):
    book = openpyxl.load_workbook(TEMPLATE)
    for title, table, known in (("People", "people", PEOPLE), ("Counts", "counts", COUNTS)):
        sheet = book[title]
        headings = [cell.value for cell in sheet[1]]
        assert set(headings) <= set(known)
        values = {
            "people": {
                "case_id": "1",
                "complaint_type": "driving",
                "sanction": "dismissed",
                "case_to_answer": "misconduct",
                "force": "Kent Police",
            },
            "counts": {
                "force": "Kent Police",
                "person_type": "all",
                "unit": "cases",
                "stage": "outcome",
                "complaint_type": "driving",
            }
            | {"outcome": "dismissed", "value": 3, "period_start": "2020-01-01", "period_end": "2020-12-31"},
        }[table]
        for number, heading in enumerate(headings, 1):
            sheet.cell(2, number, values.get(heading))
        book.save(tmp_path / "t.xlsx")
        mapping = yaml.load((EXAMPLES / f"template_{table}.yml").read_text(), yaml.BaseLoader)
        mapping = {**mapping, "confirmed": "yes", "source": SOURCE}
        tables, _ = imported(tmp_path / "t.xlsx", mapping, tmp_path)
        assert len(tables["subjects" if table == "people" else "published_figures"]) == 1
