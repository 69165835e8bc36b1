"""The workbook: its numbers are those of the rate tables, nothing in it is empty, and nothing in it can act."""

import io
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from people import with_tables

from analysis import vocabulary
from analysis.checking.rate_columns import RateColumns
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset
from analysis.publishing.group_facts import Group
from analysis.publishing.workbook import RATES, workbook_bytes, workbook_sheets

COLUMNS = {  # of a RateTable, in this order
    name: vocabulary.label("column", name) for name in RateColumns.to_schema().columns if name != "design_effect"
}
MET = {"force": "Metropolitan Police Service"}


@pytest.fixture(scope="module")
def content(data):
    return workbook_bytes(Group(data, {}))


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def all_sheets(data):
    return workbook_sheets(Group(data, {}))


@pytest.fixture(scope="module")
def part(data):
    return {sheet.name: sheet for sheet in workbook_sheets(Group(data, MET))}


def body(sheet, heading):
    """The rows of the table of a sheet, without what stands above it."""
    rows = list(sheet.iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[1] == heading)
    return rows[start], rows[start + 1 :]


@pytest.mark.parametrize("name", RATES)
def test_every_number_is_that_of_the_rate_table(book, data, name):
    column, among = RATES[name]
    table = dismissal_rates(data, among=among, by=column)
    headings, rows = body(book[name], COLUMNS["numerator"])
    assert headings[1:] == tuple(COLUMNS.values()) and len(rows) == len(table.with_total)
    for row, expected in zip(rows, table.with_total[list(COLUMNS)].to_dict("records"), strict=True):
        n, unknown = expected["denominator"], expected["unknown_outcomes"]
        few = dict.fromkeys(("rate", "low", "high"), 0 < n < 5)  # counts alone
        few |= dict.fromkeys(("rate_if_none_dismissed", "rate_if_all_dismissed"), 0 < n + unknown < 5)
        for cell, (name, value) in zip(row[1:-1], [*expected.items()][:-1], strict=True):
            said = "[u]" if few.get(name) else "[z]" if pd.isna(value) else pytest.approx(float(value))
            assert cell == said, (row[0], name)


def test_one_person_is_no_percentage_and_investigations_stand_beside_people(book):
    headings, rows = body(book["rates_type_case"], COLUMNS["numerator"])
    alone = dict(zip(headings, next(row for row in rows if row[0].startswith("Domestic abuse")), strict=True))
    assert (alone["dismissed"], alone["out of"], alone["investigations"], alone["rate"]) == (1, 1, 1, "[u]")
    for name in ("outcomes_type", "after_finding"):
        headings, rows = body(book[name], "people" if name == "outcomes_type" else "found")
        assert headings[2] == "investigations" and rows[0][2] < rows[0][1]


def test_sheets_their_order_and_their_first_cells(book, all_sheets):
    assert book.sheetnames == ["Cover", "Contents", "Notes", *(sheet.name for sheet in all_sheets)]
    for sheet in all_sheets:
        assert book[sheet.name]["A1"].value == sheet.title
        written = {row[0] for row in book[sheet.name].iter_rows(values_only=True)}
        assert sheet.source in written and sheet.scope in written
        assert len(book[sheet.name].tables) == 1


def test_no_cell_of_a_table_is_empty(book, all_sheets):
    for sheet in all_sheets:
        _, rows = body(book[sheet.name], sheet.table.columns[1])
        assert len(rows) == len(sheet.table)
        assert all(cell not in (None, "") for row in rows for cell in row[: sheet.table.shape[1]]), sheet.name


def test_nothing_in_it_is_a_formula_and_links_stay_inside(book):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None or cell.hyperlink.target is None, cell.hyperlink.target


def test_every_link_of_the_contents_leads_to_a_sheet(book):
    links = [cell.hyperlink.location for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink]
    assert {link.split("!")[0].strip("'") for link in links} == {*book.sheetnames} - {"Cover", "Contents", "Notes"}


def test_shares_are_shown_as_percentages(book):
    sheet = book["rates_type_case"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Sexual misconduct")
    assert [cell.number_format for cell in row[3:6]] == ["0.0%"] * 3 and row[1].number_format == "General"


def test_a_label_that_looks_like_a_formula_stays_text(data):
    publications = data["sources"].assign(publisher="=cmd|' /C calc'!A1")
    nasty = openpyxl.load_workbook(io.BytesIO(workbook_bytes(Group(with_tables(data, sources=publications), {}))))
    cells = [cell for row in nasty["published_rates"].iter_rows() for cell in row if "cmd" in str(cell.value)]
    assert cells and all(cell.data_type == "s" and cell.value.startswith("'=") for cell in cells)


def test_a_part_says_on_every_sheet_that_it_is_one(data, part):
    figures = [sheet for sheet in part.values() if sheet.name not in ("definitions", "known_problems")]
    assert len(figures) > 8
    for sheet in figures:
        assert "only Metropolitan Police Service" in sheet.title and "Only Metropolitan Police Service." in sheet.scope
    whole = openpyxl.load_workbook(io.BytesIO(workbook_bytes(Group(data, MET))))
    assert "only Metropolitan Police Service" in whole["Cover"]["A1"].value


def test_the_same_bytes_each_time(data, content):
    assert workbook_bytes(Group(data, {})) == content


def test_an_interval_stands_under_its_ends(part):
    """Whatever the vocabulary calls them: from is under the rate, and to above it."""
    table = part["rates_type_case"].table
    rows = [row for row in table.to_dict("records") if isinstance(row["rate"], float)]
    told = [(row["95% interval from"], row["rate"], row["95% interval to"]) for row in rows]
    assert told and all(low <= rate <= high for low, rate, high in told) and any(low < high for low, _, high in told)


def test_a_part_shows_the_published_rates_of_its_force_alone(part, data):
    published = data["published_rates"]
    mine = published[published["force"] == MET["force"]]
    table = part["published_rates"].table
    assert len(table) == len(mine) < len(published) and table.iloc[:, 0].str.startswith(MET["force"]).all()


def test_a_percentage_has_no_counts_and_findings_are_of_the_projects_data_alone(data, part, monkeypatch):
    one = SimpleNamespace(sentence="Few.", figure="1", definition="One.", notebook="00")
    monkeypatch.setattr("analysis.publishing.workbook.findings", lambda data: [one])
    monkeypatch.setattr("analysis.publishing.workbook.RATES", {})  # whose sheets are not what is looked at
    sheets = {sheet.name: sheet.table for sheet in workbook_sheets(Group(data, {}))}
    unknown = sheets["published_rates"].iloc[:, 4:6] == "[x]"
    assert unknown.all(axis=1).sum() == unknown.any(axis=1).sum()
    assert unknown.all(axis=1).sum() == (data["published_rates"]["unit"] == "percent").sum() > 0
    assert "findings" in sheets and "findings" not in part
    own = Dataset({**data}, own=Path("of_somebody"))
    assert "findings" not in {sheet.name for sheet in workbook_sheets(Group(own, {}))}
