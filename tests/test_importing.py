"""Your own data: what the importer reads, what it refuses, and that what goes out comes in again the same."""

import datetime
import gzip
import io
import re
import zipfile
from pathlib import Path

import hypothesis.strategies as st
import openpyxl
import pandas as pd
import pytest
import yaml
from commands import misconduct
from hypothesis import HealthCheck, given, settings

from analysis import vocabulary
from analysis.build.tables import load_table
from analysis.checking.validation import typed, validate_file
from analysis.csv_files import harmless, read_csv_text, to_csv_bytes
from analysis.errors import DataError, MisconductError
from analysis.paths import PROCESSED, ROOT
from analysis.provenance import own_data as local
from analysis.reading.spreadsheet import grid
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file, make_tables, read_file
from analysis.reading.spreadsheet.mapping import COUNTS, PEOPLE, Mapping, parse_date, read_mapping
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import FOLDER as EXAMPLES
from analysis.reading.spreadsheet.template import people_sheet

FILES = ROOT / "tests" / "files"
SOURCE = {
    "id": "test_source",
    "title": "A title",
    "publisher": "A force",
    "url": "https://example.org/reply",
    "licence": "not stated",
    "jurisdiction": "England and Wales",
    "coverage": "2020 to 2022",
}
PERSON = {"case_id": "Ref", "complaint_type": "Allegation", "sanction": "Outcome", "case_to_answer": "Case to answer"}
PEOPLE_MAP = {
    "confirmed": "yes",
    "table": "people",
    "source": SOURCE,
    "columns": PERSON,
    "constants": {"force": "Kent Police"},
    "labels": {
        "case_to_answer": {"Gross": "gross_misconduct", "Mis": "misconduct", "No": "none"},
        "sanction": {"NFA": "no_action", "Resigned": {"sanction": "not_stated", "left_service": "resigned"}},
    },
}
COUNT_MAP = {
    "confirmed": "yes",
    "table": "counts",
    "source": SOURCE,
    "columns": {"outcome": "Outcome"},
    "across": {"columns": ["2019", "2020"], "are": "period"},
    "period": "calendar_year",
    "constants": {
        "force": "Kent Police",
        "person_type": "officer",
        "unit": "individuals",
        "stage": "outcome",
        "complaint_type": "use_of_force",
    },
    "labels": {"outcome": {"Accused": {"outcome": "", "stage": "individuals_accused"}}},
}
HEADINGS = ["Ref", "Allegation", "Outcome", "Case to answer"]
COUNT_ROWS = [["Outcome", "2019", "2020"], ["Accused", 10, 12], ["Dismissed", 3, 4]]


def changed(mapping: dict, **changes) -> dict:
    """A mapping with some keys put in or, one level deep, added to."""
    result = {**mapping}
    for key, value in changes.items():
        old = result.get(key)
        result[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def workbook(path: Path, rows: list[list], change=None, title="Data") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(path)
    return path


def csv_file(path: Path, text: str, encoding="utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def imported(file: Path, mapping: dict, folder: Path) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Import, and read back what was written."""
    map_file = file.with_suffix(".yml")
    map_file.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    target, told = import_file(file, map_file, folder)
    return {path.stem: validate_file(path, path.stem) for path in target.glob("*.csv")}, told


# --- two real examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("example", "publication", "values", "rates"),
    [("sexual_misconduct", "as_337_21", 48, 8), ("racist_behaviour", "as_202_21", 28, 10)],
)
def test_an_example_gives_the_published_figures_and_rates(example, publication, values, rates, tmp_path):
    target, _ = import_file(EXAMPLES / f"{example}.xlsx", EXAMPLES / f"{example}.yml", tmp_path)
    found = validate_file(target / "published_figures.csv", "published_figures")
    known = found[found["value"].notna()]
    published = load_table("published_figures").query("source_id == @publication")
    published = published[published["value"].notna()]
    keys = ["period_start", "period_end", "force", "person_type", "unit", "stage", "complaint_type", "outcome", "value"]
    assert len(known) == values
    assert sorted(map(tuple, known[keys].to_numpy())) == sorted(map(tuple, published[keys].to_numpy()))
    keys = ["period_start", "period_end", "person_type", "unit", "complaint_type", "numerator", "numerator_definition"]
    keys += ["denominator", "denominator_stage"]
    made = validate_file(target / "published_rates.csv", "published_rates")[keys]
    theirs = load_table("published_rates").query(
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
        row |= {column: draw(code(column, empty=True)) for column in ("discrimination_ground", "vawg")}
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
    return pd.DataFrame(subjects), pd.DataFrame(allegations)


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


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=people_tables())
def test_people_exported_and_imported_are_the_same(tables, suffix, tmp_path):
    subjects, allegations = tables
    file = as_spreadsheet(
        people_sheet(typed(subjects, "subjects"), typed(allegations, "allegations")), tmp_path / f"p{suffix}"
    )
    mapping = Mapping.model_validate(own_mapping(file))
    made = make_tables(read_file(file, mapping))
    pd.testing.assert_frame_equal(made["subjects"], typed(subjects, "subjects"))
    pd.testing.assert_frame_equal(made["allegations"], typed(allegations, "allegations"))


@st.composite
def figure_tables(draw):
    rows = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2020, 1, 1)))
        unit = draw(code("published_unit"))
        force = draw(code("force"))
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
                "stage": draw(code("published_stage")),
                "complaint_type_source": draw(sentence),
                "complaint_type": draw(code("complaint_type")),
                "outcome_source": draw(st.one_of(sentence, st.just(""))),
                "outcome": draw(code("published_outcome", empty=True)),
                "value": draw(st.integers(0, 100) if unit == "percent" else st.integers(0, 10**6)),
                "note": draw(st.one_of(sentence, st.just(""))),
                "symbol": "",
                "low": None,
                "high": None,
            }
        )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures=figure_tables())
def test_figures_exported_and_imported_are_the_same(figures, suffix, tmp_path):
    file = as_spreadsheet(typed(figures, "published_figures"), tmp_path / f"f{suffix}")
    made = make_tables(read_file(file, Mapping.model_validate(own_mapping(file))))
    pd.testing.assert_frame_equal(made["published_figures"], typed(figures, "published_figures"))


def test_the_projects_people_exported_and_imported_are_the_same(tmp_path):
    subjects, allegations = load_table("subjects"), load_table("allegations")
    file = as_spreadsheet(people_sheet(subjects, allegations), tmp_path / "people.csv")
    mapping = Mapping.model_validate(own_mapping(file))
    reader = read_file(file, mapping)
    from analysis.reading.spreadsheet.people import read_people

    made, types = read_people(reader)
    assert reader.problems == []
    pd.testing.assert_frame_equal(typed(made, "subjects").drop(columns="source"), subjects.drop(columns="source"))
    pd.testing.assert_frame_equal(
        typed(types, "allegations").drop(columns="source"), allegations.drop(columns="source")
    )


# --- numbers that could go wrong without a word ---------------------------------------------------------------------

RATE = {"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}
LONG_MAP = {key: value for key, value in COUNT_MAP.items() if key != "across"}
LONG_MAP |= {"columns": {"outcome": "Outcome", "value": "N", "period": "Year"}, "rates": [RATE]}


def counted(rows: list[list], mapping: dict, folder: Path) -> list[tuple]:
    """The rates of a sheet of counts as (year, numerator, denominator)."""
    rates = imported(workbook(folder / "a.xlsx", rows), mapping, folder)[0]["published_rates"]
    return [(row.period_start[:4], row.numerator, row.denominator) for row in rates.itertuples()]


def test_marks_are_never_taken_off_numbers(tmp_path):
    rows = [COUNT_ROWS[0], ["Accused", 100, "120*"], ["Dismissed2", 12, "22"]]
    mapping = changed(COUNT_MAP, read={"marks": ["2", "*"]}, rates=[RATE])
    assert counted(rows, mapping, tmp_path) == [("2019", 12, 100), ("2020", 22, 120)]


def test_thousands_are_only_looked_for_in_text(tmp_path):
    file = workbook(tmp_path / "a.xlsx", [COUNT_ROWS[0], ["Accused", 2.125, "2.125"]])
    with pytest.raises(DataError, match=r"B2: '2\.125': a count is a whole number") as raised:
        imported(file, changed(COUNT_MAP, read={"thousands": "."}), tmp_path)
    assert len(raised.value.problems) == 1


def test_a_person_of_several_allegations_is_one_person_also_without_cases(tmp_path):
    heading = "Allegation,Outcome,Case to answer,Officer"
    text = people_text("Driving,Dismissed,Gross,P1", "Use of force,NFA,Mis,P1", "Driving,NFA,No,P2", heading=heading)
    mapping = changed(PEOPLE_MAP, row="allegation")
    mapping["columns"] = {key: value for key, value in PERSON.items() if key != "case_id"} | {"subject_id": "Officer"}
    subjects = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]
    assert subjects["sanction"].tolist() == ["dismissed", "no_action"] and subjects["case_id"].nunique() == 2


def test_percentages_are_never_in_a_rate(tmp_path):
    rows = [["Outcome", "2019"], ["Accused", 100], ["Dismissed", 3], ["% dismissed", "12.5%"]]
    mapping = changed(COUNT_MAP, across={"columns": ["2019"], "are": "period"}, rates=[RATE])
    mapping = changed(
        mapping,
        labels={
            "outcome": {**COUNT_MAP["labels"]["outcome"], "% dismissed": {"outcome": "dismissed", "unit": "percent"}}
        },
    )
    assert counted(rows, mapping, tmp_path) == [("2019", 3, 100)]


def test_rates_of_mixed_units_have_quality_c_and_one_unit_can_be_chosen(tmp_path):
    labels = {
        "Cases": {"outcome": "", "stage": "investigated", "unit": "cases"},
        "People": {"outcome": "", "stage": "investigated", "unit": "individuals"},
    }
    rows = [["Outcome", "2019"], ["Cases", 10], ["People", 15], ["Dismissed", 3]]
    mapping = changed(COUNT_MAP, across={"columns": ["2019"], "are": "period"}, labels={"outcome": labels})
    rate = {**RATE, "of_stage": "investigated"}
    with pytest.raises(DataError, match=r"denominator is there in several units: cases, individuals.*unit"):
        counted(rows, changed(mapping, rates=[rate]), tmp_path)
    assert counted(rows, changed(mapping, rates=[{**rate, "unit": "individuals"}]), tmp_path) == [("2019", 3, 15)]
    file = workbook(tmp_path / "b.xlsx", [rows[0], rows[1], rows[3]])
    [made] = imported(file, changed(mapping, rates=[rate]), tmp_path)[0]["published_rates"].itertuples()
    assert (made.numerator, made.denominator, made.quality) == (3, 10, "C") and made.is_unit_mixed
    assert made.note == "individuals over cases"


def test_rows_that_say_the_same_are_not_added_up_unless_somebody_says_so(tmp_path):
    rows = [["Outcome", "2019"], ["Accused", 50], ["Dismissed", 12], ["Dismissed", 12]]
    mapping = changed(COUNT_MAP, across={"columns": ["2019"], "are": "period"})
    with pytest.raises(DataError, match="the cells B3, B4 say the same"):
        counted(rows, changed(mapping, rates=[RATE]), tmp_path)
    assert counted(rows, changed(mapping, rates=[{**RATE, "add_up": "yes"}]), tmp_path) == [("2019", 24, 50)]


def test_an_outcome_at_several_stages_needs_one_to_be_named(tmp_path):
    labels = {
        "At all": {"outcome": "dismissed", "stage": "proceedings"},
        "At hearings": {"outcome": "dismissed", "stage": "hearing"},
    }
    rows = [["Outcome", "2019"], ["Accused", 50], ["At all", 4], ["At hearings", 3]]
    mapping = changed(COUNT_MAP, across={"columns": ["2019"], "are": "period"})
    mapping = changed(mapping, labels={"outcome": {**COUNT_MAP["labels"]["outcome"], **labels}})
    with pytest.raises(DataError, match=r"several stages: hearing, proceedings.*numerator_stage"):
        counted(rows, changed(mapping, rates=[RATE]), tmp_path)
    assert counted(rows, changed(mapping, rates=[{**RATE, "numerator_stage": "proceedings"}]), tmp_path) == [
        ("2019", 4, 50)
    ]


def test_totals_are_found_in_every_column_and_a_total_that_is_nowhere_is_an_error(tmp_path):
    rows = [["Year", "Gender", "Outcome", "N"], [2019, "Total", "Accused", 15], [2019, "Total", "Dismissed", 3]]
    mapping = changed(LONG_MAP, read={"total_rows": "Total"})
    rows += [[2019, "All", "Accused", 15], [2019, "All", "Dismissed", 3]]
    assert counted(rows, mapping, tmp_path) == [("2019", 3, 15)]
    with pytest.raises(DataError, match="no row has 'Totals'"):
        counted(rows, changed(mapping, read={"total_rows": ["Total", "Totals"]}), tmp_path)


@pytest.mark.parametrize("how", ["total", "skipped", "hidden"])
def test_a_value_meant_for_several_rows_is_also_taken_from_rows_that_are_left_out(how, tmp_path):
    rows = [["Force", "Outcome", "2019"], ["Kent", "Accused", 10], [None, "Dismissed", 2]]
    rows += [["Essex", "Total", 99], [None, "Accused", 20], [None, "Dismissed", 7]]
    mapping = changed(COUNT_MAP, across={"columns": ["2019"], "are": "period"}, rates=[RATE])
    mapping["constants"] = {key: value for key, value in COUNT_MAP["constants"].items() if key != "force"}
    read = {"total": {"total_rows": "Total"}, "skipped": {"skip_rows": ["4"]}, "hidden": {"hidden": "leave_out"}}[how]
    mapping = changed(mapping, columns={"force": "Force"}, read={"fill_down": "Force", **read})
    mapping["labels"] = {**COUNT_MAP["labels"], "force": {"Kent": "Kent Police", "Essex": "Essex Police"}}
    file = workbook(tmp_path / "a.xlsx", rows, hide(row=4) if how == "hidden" else None)
    rates = imported(file, mapping, tmp_path)[0]["published_rates"]
    assert [(row.force, row.numerator, row.denominator) for row in rates.itertuples()] == [
        ("Kent Police", 2, 10),
        ("Essex Police", 7, 20),
    ]


def test_what_a_label_says_of_the_finding_is_kept(tmp_path):
    labels = {
        "GM final": {"sanction": "final_written_warning", "finding": "gross_misconduct"},
        "Not proven": {"sanction": "no_action", "finding": "not_proven"},
    }
    mapping = changed(PEOPLE_MAP, labels={"sanction": labels})
    file = csv_file(tmp_path / "a.csv", people_text("A,Driving,GM final,Gross", "B,Driving,Not proven,Gross"))
    subjects = imported(file, mapping, tmp_path)[0]["subjects"]
    assert subjects[["finding", "finding_basis"]].to_numpy().tolist() == [
        ["gross_misconduct", "stated"],
        ["not_proven", "stated"],
    ]


def test_all_suppressed_makes_no_rate_and_no_error(tmp_path):
    rows = [COUNT_ROWS[0], ["Accused", 10, 12], ["Dismissed", "*", "*"]]
    mapping = changed(COUNT_MAP, suppressed={"*": "confidential"}, rates=[RATE])
    tables, told = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)
    assert tables["published_rates"].empty and sum(line.startswith("No rate for") for line in told) == 2


def test_a_column_without_a_heading_is_named_by_its_letter(tmp_path):
    rows = [[None, "2019", "2020"], ["Accused", 10, 12], ["Dismissed", 3, 4]]
    mapping = changed(COUNT_MAP, columns={"outcome": "(column A)"}, rates=[RATE])
    assert counted(rows, mapping, tmp_path) == [("2019", 3, 10), ("2020", 4, 12)]
    assert yaml.safe_load(suggest(tmp_path / "a.xlsx"))["columns"] == {"outcome": "(column A)"}


def test_a_percent_sign_that_a_format_adds_is_not_a_hundredth(tmp_path):
    def formats(book, sheet):
        sheet["B2"].number_format, sheet["C2"].number_format = '0.0"%"', "0.0%"

    rows = [COUNT_ROWS[0], ["Dismissed", 1.5, 0.015]]
    mapping = changed(COUNT_MAP, constants={"unit": "percent"})
    figures = imported(workbook(tmp_path / "a.xlsx", rows, formats), mapping, tmp_path)[0]["published_figures"]
    assert figures["value"].tolist() == [1.5, 1.5]


def test_a_formula_whose_result_is_empty_text_is_an_empty_cell(tmp_path):
    file = workbook(tmp_path / "a.xlsx", [*COUNT_ROWS, ['=IF(1,"",2)', None, None]])
    whole = {name: zipfile.ZipFile(file).read(name) for name in zipfile.ZipFile(file).namelist()}
    sheet = whole["xl/worksheets/sheet1.xml"]
    stored = sheet.replace(b'<c r="A4"><f>', b'<c r="A4" t="str"><f>')
    assert stored != sheet
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in whole.items():
            archive.writestr(name, stored if name.endswith("sheet1.xml") else content)
    assert grid.read_sheets(file)[0].rows[3][0] == grid.EMPTY


# --- what a mapping can say ----------------------------------------------------------------------------------------


def test_the_most_severe_of_several_outcomes_counts(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Allegation,Outcome,Case to answer\n"
        "A,Driving,No action and dismissed,Gross\n"
        "A,Use of force;Driving,written warning and final written warning,Mis\n",
    )
    tables, _ = imported(file, changed(PEOPLE_MAP, split={"sanction": " and ", "complaint_type": ";"}), tmp_path)
    assert tables["subjects"]["sanction"].tolist() == ["dismissed", "final_written_warning"]
    assert tables["subjects"]["case_id"].nunique() == 1
    assert tables["allegations"]["complaint_type"].tolist() == ["driving", "use_of_force", "driving"]
    assert tables["allegations"]["position"].tolist() == [1, 1, 2]


def test_rows_of_allegations_become_one_person(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Officer,Allegation,Outcome,Case to answer\nA,P1,Driving,No action,Mis\n"
        "A,P1,Use of force,Dismissed,Gross\nA,P2,Driving,NFA,No\nB,P1,Driving,NFA,No\n",
    )
    mapping = changed(PEOPLE_MAP, row="allegation", columns={"subject_id": "Officer"})
    subjects = imported(file, mapping, tmp_path)[0]["subjects"]
    assert subjects["sanction"].tolist() == ["dismissed", "no_action", "no_action"]
    assert subjects["case_to_answer"].tolist() == ["gross_misconduct", "none", "none"]
    assert subjects["subject_id"].tolist() == ["test_source-00001#1", "test_source-00001#2", "test_source-00002#1"]


def test_a_row_of_a_case_stands_for_its_people(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Allegation,Outcome,Case to answer,Officers\nA,Driving,NFA,Mis,3\nB,Driving,Dismissed,Gross,1\n",
    )
    subjects = imported(file, changed(PEOPLE_MAP, row="case", columns={"people": "Officers"}), tmp_path)[0]["subjects"]
    assert subjects["case_id"].value_counts().tolist() == [3, 1]


def test_names_are_not_kept(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Officer,Allegation,Outcome,Case to answer\nCase Smith,Jane Smith,Driving,Resigned,Mis\n",
    )
    imported(file, changed(PEOPLE_MAP, columns={"subject_id": "Officer"}), tmp_path)
    written = b"".join(path.read_bytes() for path in (tmp_path / "test_source").iterdir())
    assert b"Smith" not in written and b"resigned" in written


def test_findings_are_inferred_only_from_formal_sanctions_and_said_so(tmp_path):
    outcomes = ["Dismissed", "Would have been dismissed", "Written warning", "NFA"]
    rows = [f"C{number},Driving,{outcome},Gross" for number, outcome in enumerate(outcomes)]
    subjects = imported(csv_file(tmp_path / "a.csv", people_text(*rows)), PEOPLE_MAP, tmp_path)[0]["subjects"]
    assert subjects[["finding", "finding_basis"]].to_numpy().tolist() == [
        ["gross_misconduct", "inferred_from_outcome"],
        ["gross_misconduct", "inferred_from_outcome"],
        ["misconduct", "inferred_from_outcome"],
        ["not_stated", "not_applicable"],
    ]


@pytest.mark.parametrize(
    ("symbol", "meaning", "expected"),
    [
        ("<5", ["1", "4"], ("c", 1, 4)),
        ("*", "confidential", ("c", None, None)),
        ("[c]", "confidential", ("c", None, None)),
        ("~", ["0", "9"], ("c", 0, 9)),
        ("..", "not_available", ("x", None, None)),
        ("", "not_available", ("x", None, None)),
    ],
)
def test_what_is_suppressed_is_never_a_number(symbol, meaning, expected, tmp_path):
    file = workbook(tmp_path / "a.xlsx", [COUNT_ROWS[0], ["Accused", 10, 12], ["Dismissed", symbol, 4]])
    rates = [{"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}]
    tables, told = imported(file, changed(COUNT_MAP, suppressed={symbol: meaning}, rates=rates), tmp_path)
    row = tables["published_figures"].set_index("figure_id").loc["test_source.B3"]
    assert pd.isna(row["value"])
    assert (row["symbol"], *(None if pd.isna(row[side]) else int(row[side]) for side in ("low", "high"))) == expected
    assert tables["published_rates"]["numerator"].tolist() == [4]
    assert any(line.startswith("No rate for Use of force, Kent Police, 2019") for line in told)


def test_a_dash_can_be_a_true_zero(tmp_path):
    file = workbook(tmp_path / "a.xlsx", [COUNT_ROWS[0], ["Dismissed", "-", 4]])
    tables, _ = imported(file, changed(COUNT_MAP, suppressed={"-": "zero"}), tmp_path)
    assert (
        tables["published_figures"]["value"].tolist() == [0, 4] and (tables["published_figures"]["symbol"] == "").all()
    )


def test_financial_years_thousands_marks_and_totals(tmp_path):
    rows = [
        ["A title"],
        [],
        ["Outcome", "2019/20", "2020-21"],
        ["Dismissed2", "1,234", "7 [r]"],
        ["Total", "1,234", "7"],
        ["A note"],
    ]
    mapping = changed(
        COUNT_MAP,
        read={"heading": 3, "last_row": 5, "thousands": ",", "marks": ["[r]", "2"], "total_rows": "Total"},
        across={"columns": ["2019/20", "2020-21"], "are": "period"},
        period="financial_year",
    )
    tables, told = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)
    figures = tables["published_figures"]
    assert figures["value"].tolist() == [1234, 7] and figures["period_start"].tolist() == ["2019-04-01", "2020-04-01"]
    assert "1 total row left out (Total)." in told


def test_merged_cells_are_filled_down_and_two_rows_of_headings_joined(tmp_path):
    def merge(book, sheet):
        sheet.merge_cells("A3:A4")
        sheet.merge_cells("C1:D1")

    rows = [
        ["Force", "Outcome", "2019", None],
        [None, None, "Officers", "Staff"],
        ["Kent Police", "Dismissed", 1, 2],
        [None, "No action", 3, 4],
    ]
    mapping = changed(
        COUNT_MAP,
        read={"heading": ["1", "2"], "fill_down": "Force"},
        columns={"force": "Force"},
        across={"columns": ["2019 / Officers", "2019 / Staff"], "are": ["period", "person_type"]},
        labels={"person_type": {"Officers": "officer"}},
    )
    mapping["constants"] = {
        key: value for key, value in COUNT_MAP["constants"].items() if key not in ("force", "person_type")
    }
    figures = imported(workbook(tmp_path / "a.xlsx", rows, merge), mapping, tmp_path)[0]["published_figures"]
    assert figures["value"].tolist() == [1, 2, 3, 4] and figures["person_type"].tolist() == ["officer", "staff"] * 2
    assert set(figures["force"]) == {"Kent Police"}


@pytest.mark.parametrize(
    ("encoding", "delimiter", "named"),
    [
        ("utf-8", ",", {}),
        ("utf-8-sig", ",", {}),
        ("windows-1252", ";", {"encoding": "windows-1252"}),
        ("utf-16", "\t", {}),
    ],
)
def test_csv_of_any_encoding_and_delimiter(encoding, delimiter, named, tmp_path):
    text = "Ref,Allegation,Outcome,Case to answer\nCafé–1,Driving,Dismissed,Gross\n".replace(",", delimiter)
    mapping = changed(PEOPLE_MAP, read={**named, "delimiter": delimiter})
    assert len(imported(csv_file(tmp_path / "a.csv", text, encoding), mapping, tmp_path)[0]["subjects"]) == 1


def test_gzip_is_unpacked(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"Ref,Allegation,Outcome,Case to answer\nA,Driving,NFA,Mis\n"))
    assert len(imported(tmp_path / "a.csv.gz", PEOPLE_MAP, tmp_path)[0]["subjects"]) == 1


@pytest.mark.parametrize(
    ("text", "kind", "pattern", "expected"),
    [
        ("2020-02-29", "date", "", "2020-02-29"),
        ("03/04/2022", "text", "DD/MM/YYYY", "2022-04-03"),
        ("3/4/22", "text", "D/M/YY", "2022-04-03"),
        ("3 April 2022", "text", "D Month YYYY", "2022-04-03"),
        ("3-Apr-2022", "text", "D-Mon-YYYY", "2022-04-03"),
        ("03/04/2022 14:05", "text", "DD/MM/YYYY HH:MM", "2022-04-03"),
        ("44654", "number", "serial", "2022-04-03"),
        ("31/02/2022", "text", "DD/MM/YYYY", None),
        ("04/13/2022", "text", "DD/MM/YYYY", None),
        ("44654", "number", "DD/MM/YYYY", None),
        ("01/01/2199", "text", "DD/MM/YYYY", None),
    ],
)
def test_dates(text, kind, pattern, expected):
    assert parse_date(text, kind, pattern) == expected


@pytest.mark.parametrize("name", ["old.xls", "open.ods"])
def test_xls_and_ods_are_read_with_what_is_hidden_merged_or_wrong(name):
    shown, hidden = grid.read_sheets(FILES / name)
    assert [cell.text for cell in shown.rows[2]][:3] == ["Kent", "3", "<5"]
    assert shown.rows[2][3].text == "2020-01-02" and shown.rows[2][3].kind == "date"
    assert shown.rows[2][4] == grid.Cell("25%", "percent")
    assert shown.rows[3][2].kind == "error" and shown.rows[4][2].kind == "error"
    assert hidden.is_hidden and shown.hidden_rows == {4} and shown.hidden_columns >= {4}
    assert set(shown.merged) == {(1, 2, 1, 3), (4, 1, 5, 1)}


# --- a first mapping ------------------------------------------------------------------------------------------------


def test_a_first_mapping_guesses_and_must_be_confirmed(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref;Allegation;Date;Case to answer;Outcome\nA;Sexual misconduct;03/04/2022;No case to answer;Dismisssed\n",
    )
    guessed = suggest(file)
    for line in (
        'delimiter: ";"',
        'sanction: "Outcome"',
        'dates: "DD/MM/YYYY"',
        '"Dismisssed": dismissed',
        "confirmed: no",
    ):
        assert line in guessed
    file.with_suffix(".yml").write_text(guessed.replace("CHECK", "Kent Police"), encoding="utf-8")
    with pytest.raises(DataError, match="url"):
        read_mapping(file.with_suffix(".yml"))
    filled_in = guessed.replace('url: "CHECK"', "url: https://example.org")
    file.with_suffix(".yml").write_text(filled_in, encoding="utf-8")
    with pytest.raises(DataError, match="publisher still says CHECK"):
        read_mapping(file.with_suffix(".yml"))
    file.with_suffix(".yml").write_text(filled_in.replace('"CHECK"', '"said"'), encoding="utf-8")
    with pytest.raises(DataError, match="confirmed: no"):
        read_mapping(file.with_suffix(".yml"))


def test_a_first_mapping_of_counts_knows_years_and_symbols(tmp_path):
    file = workbook(
        tmp_path / "a.xlsx",
        [["Title"], ["Outcome", "2019/20", "2020/21"], ["Dismissed", "<5", 1], ["Total", 4, 3], ["note"]],
    )
    guessed = yaml.load(suggest(file), yaml.BaseLoader)
    assert guessed["table"] == "counts" and guessed["across"]["columns"] == ["2019/20", "2020/21"]
    assert guessed["period"] == "financial_year" and guessed["suppressed"] == {"<5": ["1", "4"]}
    assert guessed["read"]["heading"] == ["2"] and guessed["read"]["last_row"] == "4"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [["Year", "Dismissed", "Written warning", "No action", "Total"], [2019, 1, 2, 3, 6], [2020, 4, 5, 6, 15]],
            {"across": {"columns": ["Dismissed", "Written warning", "No action"], "are": "outcome"}},
        ),
        (
            [["Year", "Outcome", "Number"], ["2019/20", "Dismissed", 3], ["2020/21", "NFA", 4]],
            {"period": "financial_year"},
        ),
        ([["Force", "Year", "Allegation type", "Number"], ["Kent Police", 2019, "Driving", 7]], {"table": "counts"}),
        ([["Ref\x7f", "Allegation", "Outcome"], ["A", "Driv\x96ing", "Dismissed"]], {"table": "people"}),
    ],
)
def test_first_mappings_of_usual_sheets(rows, expected, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("\n".join(";".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    guessed = yaml.load(suggest(file), yaml.BaseLoader)
    assert {key: guessed[key] for key in expected} == expected


def test_a_comma_in_a_heading_does_not_hide_the_semicolons(tmp_path):
    guessed = yaml.load(
        suggest(csv_file(tmp_path / "a.csv", "Ref;Allegation, type;Outcome\nA;Driving;Dismissed\n")), yaml.BaseLoader
    )
    assert guessed["read"]["delimiter"] == ";" and guessed["columns"]["complaint_type"] == "Allegation, type"


def test_there_is_no_first_mapping_of_nothing(tmp_path):
    with pytest.raises(DataError, match="there is nothing in it"):
        suggest(workbook(tmp_path / "a.xlsx", []))


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


# --- --data -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    """An imported data set of people that is chosen until the end of the test."""
    rows = "".join(
        f"C{n},{t},{o},{c}\n" for n, t, o, c in [(1, "Driving", "Dismissed", "Gross"), (2, "Driving", "NFA", "Mis")] * 6
    )
    file = csv_file(tmp_path / "a.csv", "Ref,Allegation,Outcome,Case to answer\n" + rows)
    imported(file, PEOPLE_MAP, tmp_path)
    local.choose(str(tmp_path / "test_source"))
    yield tmp_path / "test_source"
    local.choose("")


def test_chosen_people_stand_instead_of_the_projects(own):
    from analysis.build.everything import load_tables, rates_of
    from analysis.charts.catalogue import draw_chart
    from analysis.publishing.packs import pack_files

    total = rates_of(among="case_to_answer", by="complaint_type").total
    assert (total["numerator"], total["denominator"]) == (6, 12)
    chart = draw_chart("dismissal_rates_by_complaint_type", among="case_to_answer")
    assert "A force (undated), A title" in chart.source_line
    files = pack_files(load_tables())
    assert b"IOPC" not in files["sentences.txt"] and b"A force (undated), A title" in files["sentences.txt"]


def test_a_notebook_runs_on_chosen_data(own, tmp_path):
    assert misconduct("run", "01", "--data", str(own), "--out", str(tmp_path / "out")).returncode == 0
    page = (tmp_path / "out" / "01_dismissal_rates_by_complaint_type.ipynb").read_text(encoding="utf-8")
    assert "6 of 12" in page and "A force (undated), A title" in page


def test_chosen_figures_come_beside_the_projects(tmp_path):
    rates = [{"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}]
    imported(workbook(tmp_path / "a.xlsx", COUNT_ROWS), changed(COUNT_MAP, rates=rates), tmp_path)
    before = len(load_table("published_rates"))
    local.choose(str(tmp_path / "test_source"))
    try:
        from analysis.build.everything import load_tables
        from analysis.charts.catalogue import draw_published_accusations

        assert len(load_table("published_rates")) == before + 2
        chart = draw_published_accusations(load_tables())
        assert "A force (undated), A title" in chart.source_line
        assert {"3 of 10", "4 of 12"} <= {
            f"{k} of {n}" for k, n in zip(chart.data["numerator"], chart.data["denominator"], strict=True)
        }
    finally:
        local.choose("")
    assert len(load_table("published_rates")) == before


@pytest.mark.parametrize(
    ("accused", "title"),
    [
        (10, "30.0% to 33.3% of people accused ended in dismissal"),
        (5, "Too few to say what share of people accused ended in dismissal"),
    ],
)
def test_own_rates_are_drawn_alone_with_small_groups_marked(accused, title, tmp_path):
    from analysis.build.everything import load_tables
    from analysis.publishing.packs import pack_charts

    rows = [COUNT_ROWS[0], ["Accused", accused, 12 if accused == 10 else 9], ["Dismissed", 3, 4]]
    rates = [{"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}]
    imported(workbook(tmp_path / "a.xlsx", rows), changed(COUNT_MAP, rates=rates), tmp_path)
    out = tmp_path / "charts"
    answer = misconduct("chart", "own_published_rates", "--data", str(tmp_path / "test_source"), "--out", str(out))
    packed = pack_charts(load_tables(), {"force": "Kent Police"})
    assert packed[-1].name == "own_published_rates"
    text = (out / "own_published_rates.txt").read_text(encoding="utf-8")
    assert answer.returncode == 0 and title in text.splitlines()[0]
    assert ("[u]" in text) == (accused == 5) and f"3 of {accused}" in text and "A force (undated), A title" in text


def test_own_rates_need_data_that_have_them():
    answer = misconduct("chart", "own_published_rates")
    assert answer.returncode == 1 and "no rates of your own" in answer.stderr


def test_an_unknown_data_set_is_refused():
    with pytest.raises(MisconductError, match="imported data set"):
        local.choose("no_such_data")


def test_the_projects_sources_cannot_be_overwritten(tmp_path):
    for taken in ("iopc_investigations", "chicago_complaints", "as_337_21"):
        with pytest.raises(DataError, match="taken"):
            imported(workbook(tmp_path / "a.xlsx", COUNT_ROWS), changed(COUNT_MAP, source={"id": taken}), tmp_path)


# --- what is refused ------------------------------------------------------------------------------------------------


def people_text(*rows: str, heading: str = "Ref,Allegation,Outcome,Case to answer") -> str:
    return "\n".join([heading, *rows]) + "\n"


def cell(place: str, value, number_format: str = ""):
    def change(book, sheet):
        sheet[place] = value
        if number_format:
            sheet[place].number_format = number_format

    return change


def error_cell(place: str, value: str):
    def change(book, sheet):
        sheet[place] = value
        sheet[place].data_type = "e"

    return change


def hide(row=0, column="", sheet_too=False):
    def change(book, sheet):
        if row:
            sheet.row_dimensions[row].hidden = True
        if column:
            sheet.column_dimensions[column].hidden = True
        if sheet_too:
            book.create_sheet("Shown").append(["x"])
            sheet.sheet_state = "hidden"

    return change


def merge(area: str):
    return lambda book, sheet: sheet.merge_cells(area)


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(310):
                member.write(bytes(1_000_000))
    return path


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


def cut(path: Path, keep: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    return path


def sheet_claiming_everything(book, sheet):
    sheet["XFD1048576"] = "x"


def deflate64(path: Path) -> Path:
    """The archive with a kind of compression that is named in it and that nobody reads."""
    content = bytearray(path.read_bytes())
    for found in re.finditer(b"PK\x01\x02", bytes(content)):
        content[found.start() + 10] = 9
    path.write_bytes(content)
    return path


def ods(path: Path, row: str, value: str | None) -> Path:
    """An OpenDocument file with one number in one row, or without a sheet."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for key, name in names.items())
    number = f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>5</text:p></table:table-cell>'
    table = f'<table:table table:name="A"><table:table-row {row}>{number}</table:table-row></table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml", f"<office:document-content {spaces}>{table if value else ''}</office:document-content>"
        )
    return path


def bytes_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


COUNT_SHEET = lambda change=None, rows=COUNT_ROWS: lambda folder: workbook(folder / "a.xlsx", rows, change)  # noqa: E731
PEOPLE_CSV = lambda *rows, **kw: lambda folder: csv_file(folder / "a.csv", people_text(*rows, **kw))  # noqa: E731
GOOD = "A,Driving,Dismissed,Gross"
MALFORMED = {  # name: (file, mapping, what the message says)
    "missing file": (lambda f: f / "a.csv", PEOPLE_MAP, "no such file"),
    "empty file": (lambda f: bytes_file(f / "a.csv", b""), PEOPLE_MAP, "empty"),
    "only spaces": (lambda f: bytes_file(f / "a.csv", b"\n \r\n"), PEOPLE_MAP, "empty"),
    "protected workbook": (lambda f: FILES / "protected.xlsx", COUNT_MAP, "protected with a password"),
    "macro workbook": (lambda f: zipped(f / "a.xlsm", "xl/workbook.xml", "xl/vbaProject.bin"), COUNT_MAP, "macros"),
    "macro workbook named xlsx": (
        lambda f: zipped(f / "a.xlsx", "xl/workbook.xml", "xl/vbaProject.bin"),
        COUNT_MAP,
        "macros",
    ),
    "binary workbook": (lambda f: zipped(f / "a.xlsb", "xl/workbook.bin"), COUNT_MAP, "xlsb"),
    "a zip": (lambda f: zipped(f / "a.xlsx", "letter.txt"), COUNT_MAP, "not a spreadsheet"),
    "zip bomb": (lambda f: bomb(f / "a.xlsx"), COUNT_MAP, "unpacks to more than"),
    "gzip bomb": (
        lambda f: bytes_file(f / "a.csv.gz", gzip.compress(bytes(310_000_000), 1)),
        PEOPLE_MAP,
        "unpacks to more than",
    ),
    "truncated gz": (
        lambda f: bytes_file(f / "a.csv.gz", gzip.compress(b"Ref,Allegation\n" * 99)[:40]),
        PEOPLE_MAP,
        "cut off or damaged",
    ),
    "truncated xlsx": (lambda f: cut(workbook(f / "a.xlsx", COUNT_ROWS), 0.6), COUNT_MAP, "cut off or damaged"),
    "truncated xls": (
        lambda f: cut(bytes_file(f / "a.xls", (FILES / "old.xls").read_bytes()), 0.4),
        COUNT_MAP,
        "cannot be read|cut off",
    ),
    "text named xlsx": (lambda f: csv_file(f / "a.xlsx", people_text(GOOD)), PEOPLE_MAP, "not a .xlsx file"),
    "web page named xls": (
        lambda f: csv_file(f / "a.xls", "<html><table><tr><td>1</td></tr></table></html>"),
        COUNT_MAP,
        "web page",
    ),
    "pdf": (lambda f: bytes_file(f / "a.pdf", b"%PDF-1.7\n"), COUNT_MAP, "PDF"),
    "too large": (lambda f: bytes_file(f / "a.csv", b"x" * 60_000_000), PEOPLE_MAP, "60 MB"),
    "sheet with a cell at the far end": (COUNT_SHEET(sheet_claiming_everything), COUNT_MAP, "claims"),
    "formula error value": (COUNT_SHEET(error_cell("B3", "#VALUE!")), COUNT_MAP, r"cell B3: .*#VALUE!"),
    "formula error ref": (COUNT_SHEET(error_cell("C2", "#REF!")), COUNT_MAP, r"cell C2: .*#REF!"),
    "formula without its result": (COUNT_SHEET(cell("B3", "=1+2")), COUNT_MAP, "never stored"),
    "percent cell": (COUNT_SHEET(cell("B3", 0.25, "0%")), COUNT_MAP, r"cell B3: '25%': this is a percentage"),
    "percent text": (COUNT_SHEET(cell("B3", "25%")), COUNT_MAP, "this is a percentage"),
    "date among counts": (COUNT_SHEET(cell("B3", datetime.date(2024, 4, 3))), COUNT_MAP, "turned a number like 3-4"),
    "number with a comma": (COUNT_SHEET(cell("B3", "1,234")), COUNT_MAP, "between thousands"),
    "number with a space": (COUNT_SHEET(cell("B3", "1 234")), COUNT_MAP, "between thousands"),
    "number with a footnote mark": (COUNT_SHEET(cell("B3", "12*")), COUNT_MAP, "footnote mark"),
    "number with a raised mark": (COUNT_SHEET(cell("B3", "12²")), COUNT_MAP, "footnote mark"),
    "half a count": (COUNT_SHEET(cell("B3", 2.5)), COUNT_MAP, "whole number"),
    "negative count": (COUNT_SHEET(cell("B3", -2)), COUNT_MAP, "negative"),
    "words among counts": (COUNT_SHEET(cell("B3", "three")), COUNT_MAP, "not a count"),
    "unexplained symbol": (COUNT_SHEET(cell("B3", "<5")), COUNT_MAP, "`suppressed`"),
    "empty count": (COUNT_SHEET(cell("B3", None)), COUNT_MAP, "the cell is empty"),
    "hidden row": (COUNT_SHEET(hide(row=3)), COUNT_MAP, r"1 hidden row \(3\)"),
    "hidden column": (COUNT_SHEET(hide(column="C")), COUNT_MAP, "1 hidden column"),
    "hidden sheet": (
        COUNT_SHEET(hide(sheet_too=True)),
        changed(COUNT_MAP, read={"sheet": "Data"}),
        "sheet that is hidden",
    ),
    "merged cells": (COUNT_SHEET(merge("B2:B3")), COUNT_MAP, "B2:B3 are merged"),
    "two sheets": (
        COUNT_SHEET(lambda book, sheet: book.create_sheet("More").append(["x"])),
        COUNT_MAP,
        "2 visible sheets",
    ),
    "unknown sheet": (COUNT_SHEET(), changed(COUNT_MAP, read={"sheet": "Dada"}), "Did you mean 'Data'"),
    "trailing note": (
        COUNT_SHEET(rows=[*COUNT_ROWS, ["These figures are from a live system."]]),
        COUNT_MAP,
        "note under the table.*last_row: 3",
    ),
    "total row": (COUNT_SHEET(rows=[*COUNT_ROWS, ["Total", 13, 16]]), COUNT_MAP, "looks like a total.*total_rows"),
    "label with a footnote mark": (COUNT_SHEET(cell("A3", "Dismissed2")), COUNT_MAP, "footnote mark.*`marks`"),
    "unknown label": (COUNT_SHEET(cell("A3", "Dismised")), COUNT_MAP, "nearest known is 'dismissed'"),
    "two columns of one name": (COUNT_SHEET(cell("D1", "2019")), COUNT_MAP, "2 columns have the heading '2019'"),
    "missing column": (COUNT_SHEET(cell("C1", "2020/21")), COUNT_MAP, "no column with the heading '2020'"),
    "not that kind of year": (COUNT_SHEET(), changed(COUNT_MAP, period="financial_year"), "is not a financial year"),
    "no rows": (COUNT_SHEET(rows=COUNT_ROWS[:1]), COUNT_MAP, "outside the table|no row is left"),
    "last row outside": (COUNT_SHEET(), changed(COUNT_MAP, read={"last_row": 99}), "last_row: 99 is outside"),
    "not UTF-8": (
        lambda f: bytes_file(f / "a.csv", people_text("Caf\xe9,Driving,NFA,Mis").encode("cp1252")),
        PEOPLE_MAP,
        "line 2 is not UTF-8",
    ),
    "semicolons": (
        lambda f: csv_file(f / "a.csv", people_text(GOOD).replace(",", ";")),
        PEOPLE_MAP,
        "separated by ';'",
    ),
    "tabs": (lambda f: csv_file(f / "a.csv", people_text(GOOD).replace(",", "\t")), PEOPLE_MAP, "separated by tabs"),
    "open quotation mark": (PEOPLE_CSV('A,"Driving,NFA,Mis'), PEOPLE_MAP, "quotation mark"),
    "zero bytes": (lambda f: bytes_file(f / "a.csv", b"Ref,Alle\0gation\n1,2\n"), PEOPLE_MAP, "no text has"),
    "unknown encoding": (PEOPLE_CSV(GOOD), changed(PEOPLE_MAP, read={"encoding": "klingon"}), "not a known encoding"),
    "serial date": (
        PEOPLE_CSV(f"{GOOD},45000", heading="Ref,Allegation,Outcome,Case to answer,Date"),
        changed(PEOPLE_MAP, columns={"date": "Date"}, read={"dates": "DD/MM/YYYY"}),
        "'45000' is not such a date",
    ),
    "month before day": (
        PEOPLE_CSV(f"{GOOD},04/13/2022", heading="Ref,Allegation,Outcome,Case to answer,Date"),
        changed(PEOPLE_MAP, columns={"date": "Date"}, read={"dates": "DD/MM/YYYY"}),
        "is not such a date",
    ),
    "unknown allegation": (PEOPLE_CSV("A,Drivving,Dismissed,Gross"), PEOPLE_MAP, "nearest known is 'driving'"),
    "empty outcome": (PEOPLE_CSV("A,Driving,,Gross"), PEOPLE_MAP, "cell C2: the cell is empty"),
    "dismissed by a meeting": (
        PEOPLE_CSV(f"{GOOD},Misconduct meeting", heading="Ref,Allegation,Outcome,Case to answer,Held"),
        changed(PEOPLE_MAP, columns={"proceeding": "Held"}),
        "needs a hearing",
    ),
    "one person twice": (
        PEOPLE_CSV(f"{GOOD},P1", f"{GOOD},P1", heading="Ref,Allegation,Outcome,Case to answer,Officer"),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer"}),
        "same person stands in row 2",
    ),
    "one person, two ranks": (
        PEOPLE_CSV(
            f"{GOOD},P1,constable", f"{GOOD},P1,sergeant", heading="Ref,Allegation,Outcome,Case to answer,Officer,Rank"
        ),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer", "rank": "Rank"}, row="allegation"),
        "same person but differ",
    ),
    "no number of people": (
        PEOPLE_CSV(f"{GOOD},several", heading="Ref,Allegation,Outcome,Case to answer,People"),
        changed(PEOPLE_MAP, columns={"people": "People"}, row="case"),
        "not a number of people",
    ),
    "ragged csv": (
        lambda f: csv_file(f / "a.csv", "Outcome,2019,2020\nAccused,1,234,2,345\nDismissed,1,2\n"),
        COUNT_MAP,
        "row 2: the row has 5 cells, the heading has 3",
    ),
    "short csv row": (
        lambda f: csv_file(f / "a.csv", "Outcome,2019,2020\nAccused,10,12\nDismissed,3\n"),
        changed(COUNT_MAP, suppressed={"": "zero"}),
        "row 3: the row has 2 cells, the heading has 3",
    ),
    "only a byte-order mark": (lambda f: bytes_file(f / "a.csv", b"\xef\xbb\xbf"), COUNT_MAP, "empty"),
    "gz of nothing": (lambda f: bytes_file(f / "a.csv.gz", gzip.compress(b"")), COUNT_MAP, "empty"),
    "encoding of no file": (
        PEOPLE_CSV(GOOD),
        changed(PEOPLE_MAP, read={"encoding": "punycode"}),
        "not an encoding|holds",
    ),
    "number shown as a symbol": (COUNT_SHEET(cell("B3", 3, '[<5]"<5";0')), COUNT_MAP, "format shows something else"),
    "unknown compression": (lambda f: deflate64(workbook(f / "a.xlsx", COUNT_ROWS)), COUNT_MAP, "damaged"),
    "ods that repeats a row a thousand million times": (
        lambda f: ods(f / "a.ods", 'table:number-rows-repeated="1000000000" table:visibility="collapse"', "5"),
        COUNT_MAP,
        "claims 1,000,000,000 rows",
    ),
    "ods with an endless number": (lambda f: ods(f / "a.ods", "", "1e999"), COUNT_MAP, "damaged"),
    "ods without a sheet": (lambda f: ods(f / "a.ods", "", None), COUNT_MAP, "no sheet"),
    "no period": (
        COUNT_SHEET(rows=[["Outcome", "Year", "N"], ["Dismissed", "2019", 3], ["Dismissed", None, 3]]),
        {**LONG_MAP, "rates": []},
        "cell B3: the cell is empty.*fill_down",
    ),
    "no number of the case": (
        PEOPLE_CSV(f"{GOOD},P1", ",Driving,NFA,Mis,P1", heading="Ref,Allegation,Outcome,Case to answer,Officer"),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer"}, row="allegation"),
        "nobody knows which rows are one case",
    ),
    "numerator larger than denominator": (
        COUNT_SHEET(rows=[COUNT_ROWS[0], ["Accused", 2, 12], ["Dismissed", 3, 4]]),
        changed(
            COUNT_MAP,
            rates=[
                {
                    "numerator": "dismissed",
                    "of_stage": "individuals_accused",
                    "denominator_stage": "individuals_accused",
                }
            ],
        ),
        "numerator is larger",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_in_plain_words_and_nothing_is_written(name, tmp_path):
    make, mapping, message = MALFORMED[name]
    file, map_file = make(tmp_path), tmp_path / "map.yml"
    map_file.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(MisconductError, match=message) as raised:
        import_file(file, map_file, out)
    assert not out.exists()
    assert "Nothing was written" in str(raised.value) or "Did you mean" in str(raised.value)
    for word in ("Traceback", "Error(", "pandas", "None"):
        assert word not in str(raised.value)


def test_a_rule_that_is_broken_names_the_row_of_the_file(tmp_path):
    text = people_text(
        "A,Driving,NFA,Mis,None", "Total,1,,,", "", f"{GOOD},Misconduct meeting", heading=",".join([*HEADINGS, "Held"])
    )
    mapping = changed(PEOPLE_MAP, columns={"proceeding": "Held"}, read={"total_rows": "Total"}, labels={})
    mapping["labels"] = {**PEOPLE_MAP["labels"], "proceeding": {"None": "none"}}
    with pytest.raises(DataError, match=r"a\.csv, row 5, column sanction: this sanction needs a hearing"):
        imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)


def test_there_are_at_least_forty_malformed_files():
    assert len(MALFORMED) >= 40


WRONG_MAPPINGS = {
    "no such key": ({"sauce": {}}, "no such key. Did you mean 'source'"),
    "no such column": ({"columns": {**PERSON, "sanktion": "Outcome"}}, "Did you mean 'sanction'"),
    "required column": ({"columns": {"case_id": "Ref"}}, "`complaint_type` must be under"),
    "in two places": ({"constants": {"sanction": "dismissed"}}, "it can be one of them"),
    "allegations without people": ({"row": "allegation"}, "needs `subject_id`"),
    "cases without people": ({"row": "case"}, "needs `people`"),
    "counts in people": ({"suppressed": {"*": "zero"}}, "are for table: counts"),
    "wrong id": ({"source": {**SOURCE, "id": "../x"}}, "small letters"),
    "wrong address": ({"source": {**SOURCE, "url": "file:///etc/passwd"}}, "an address"),
    "wrong number": ({"read": {"heading": "first"}}, "'first' is not allowed"),
    "several headings": ({"columns": {**PERSON, "case_to_answer": ["A", "B"]}}, "cannot have several headings"),
    "no headings": ({"columns": {**PERSON, "sanction": []}}, "sanction"),
    "row nought": ({"read": {"heading": "0"}}, "'0' is not allowed"),
    "no rows of headings": ({"read": {"heading": []}}, "read, heading"),
    "dates twice": ({"read": {"dates": "DD/DD/YYYY"}}, "is not how dates are written"),
    "dates of nothing": ({"read": {"dates": "day first"}}, "is not how dates are written"),
    "a key of a label misspelt": (
        {"labels": {"sanction": {"Left": {"sanction": "not_stated", "left_servce": "resigned"}}}},
        "cannot say 'left_servce'. Did you mean 'left_service'",
    ),
    "more than a type in a label of types": (
        {"labels": {"complaint_type": {"GM": {"complaint_type": "driving", "case_to_answer": "misconduct"}}}},
        "cannot say 'case_to_answer'",
    ),
    "still to be checked": ({"source": {**SOURCE, "licence": "CHECK"}}, "licence still says CHECK"),
    "a constant that cannot be": ({"constants": {"subject_id": "A"}}, "cannot be the same in every row"),
    "missing": (
        {"source": {key: value for key, value in SOURCE.items() if key != "title"}},
        "source, title: this is missing",
    ),
}


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_refused_in_plain_words(name, tmp_path):
    changes, message = WRONG_MAPPINGS[name]
    (tmp_path / "m.yml").write_text(yaml.safe_dump({**PEOPLE_MAP, **changes}), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_mapping(tmp_path / "m.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {a: *b}", "not valid YAML"),
        ("columns: !!map foo", "not a mapping that can be read|not valid YAML"),
        ("[" * 3000, "not a mapping that can be read|not valid YAML"),
        ("- a\n- b", "holds no keys"),
        ("", "holds no keys"),
        ("table: people\ntable: counts", "table stands twice"),
        ("labels:\n  sanction:\n    NFA: no_action\n    NFA: dismissed", "NFA stands twice"),
    ],
)
def test_a_mapping_that_is_not_one_is_refused(text, message, tmp_path):
    (tmp_path / "m.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_mapping(tmp_path / "m.yml")


def test_the_command_line_writes_every_problem(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text("A,Driving,Sacked,Gross", "B,Speeding,NFA,Mis"))
    (tmp_path / "m.yml").write_text(yaml.safe_dump(PEOPLE_MAP), encoding="utf-8")
    result = misconduct("import", str(file), "--map", str(tmp_path / "m.yml"), cwd=tmp_path)
    assert result.returncode == 1 and "2 problems found. Nothing was written." in result.stderr
    assert len(read_csv_text(tmp_path / "bad_rows.csv")) == 2
    assert not (PROCESSED / "local" / "test_source").exists()


def test_the_first_mapping_is_never_written_over_a_file(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text(GOOD))
    assert misconduct("map", str(file)).returncode == 0
    again = misconduct("map", str(file))
    assert again.returncode == 1 and "exists already" in again.stderr
