"""Imported counts: numbers that could go wrong without a word, what is suppressed, and the rates made of them."""

import zipfile

import pandas as pd
import pytest
import yaml
from imports import COUNT_MAP, COUNT_ROWS, LONG_MAP, RATE, changed, counted, hide, imported, workbook

from analysis.errors import DataError
from analysis.reading.spreadsheet import grid
from analysis.reading.spreadsheet.cells import EMPTY
from analysis.reading.spreadsheet.guess import suggest


def test_marks_are_never_taken_off_numbers(tmp_path):
    rows = [COUNT_ROWS[0], ["Accused", 100, "120*"], ["Dismissed2", 12, "22"]]
    mapping = changed(COUNT_MAP, read={"marks": ["2", "*"]}, rates=[RATE])
    assert counted(rows, mapping, tmp_path) == [("2019", 12, 100), ("2020", 22, 120)]


def test_thousands_are_only_looked_for_in_text(tmp_path):
    file = workbook(tmp_path / "a.xlsx", [COUNT_ROWS[0], ["Accused", 2.125, "2.125"]])
    with pytest.raises(DataError, match=r"B2: '2\.125': a count is a whole number") as raised:
        imported(file, changed(COUNT_MAP, read={"thousands": "."}), tmp_path)
    assert len(raised.value.problems) == 1


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
    rows = [*COUNT_ROWS, ['=IF(1,"",2)', None, None]]
    file = workbook(tmp_path / "a.xlsx", rows, lambda book, _: setattr(book.calculation, "fullCalcOnLoad", None))
    whole = {name: zipfile.ZipFile(file).read(name) for name in zipfile.ZipFile(file).namelist()}
    sheet = whole["xl/worksheets/sheet1.xml"]
    stored = sheet.replace(b'<c r="A4"><f>', b'<c r="A4" t="str"><f>')
    assert stored != sheet
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in whole.items():
            archive.writestr(name, stored if name.endswith("sheet1.xml") else content)
    assert grid.read_sheets(file)[0].cell(4, 1) == EMPTY


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
