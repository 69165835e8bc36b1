"""Large spreadsheets: what is alike is read once, nothing is said or counted otherwise; how far a command is."""

import csv
import io
import json
import sys

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from imports import PEOPLE_MAP, changed, csv_file, imported, people_text
from rich.console import Console

from analysis.checking.accused import check_allegations
from analysis.checking.stamps import stamp_of
from analysis.csv_files import read_written_csv, to_csv_bytes
from analysis.errors import DataError
from analysis.publishing.stages import stages_shown
from analysis.reading.spreadsheet import grid, people, sheet_rows
from analysis.reading.spreadsheet.cells import by_columns, text_cell, text_cells
from analysis.reading.spreadsheet.coded import combined, firsts, labelled
from analysis.reading.spreadsheet.guess import STAGES as MAP_STAGES
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import STAGES, import_file, make_tables, read_file
from analysis.reading.spreadsheet.mapping import Mapping

ROWS = 2000


def many(folder, *, outcomes=("Dismissed", "NFA"), cell="05/03/2019"):
    rows = [f"{n},Driving,{outcomes[n % len(outcomes)]},Gross,{cell}" for n in range(ROWS)]
    return csv_file(folder / "a.csv", people_text(*rows, heading="Ref,Allegation,Outcome,Case to answer,Day"))


DATED = changed(PEOPLE_MAP, columns={"date": "Day"}, read={"dates": "DD/MM/YYYY"})


def test_a_label_or_a_date_is_worked_out_once_however_many_rows_have_it(tmp_path, monkeypatch):
    calls = []
    for module, name in ((sheet_rows, "_look_up"), (people, "parse_date"), (people, "parts_of")):
        known = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, known=known, name=name: calls.append(name) or known(*given))
    tables, _ = imported(many(tmp_path), DATED, tmp_path)
    assert len(tables["subjects"]) == ROWS and tables["subjects"]["date"].eq("2019-03-05").all()
    assert len(calls) < 30


def test_ids_and_labels_are_held_once_until_they_are_written_as_text(tmp_path):
    made = make_tables(read_file(many(tmp_path), Mapping.model_validate(DATED)))
    people, allegations = made["subjects"], made["allegations"]
    assert isinstance(people["rank"].dtype, pd.CategoricalDtype)
    assert people["subject_id"].dtype is allegations["subject_id"].dtype  # so that its codes say what its texts say
    check_allegations(people, allegations)
    with pytest.raises(DataError) as error:
        check_allegations(people[1:], allegations)
    assert [(problem.row, problem.value) for problem in error.value.problems] == [(2, people["subject_id"][0])]
    stamp = json.loads(stamp_of({"subjects": (people, "")}))["subjects"]["columns"]
    assert (stamp["rank"], stamp["year"], stamp["overturned_on_appeal"]) == ("str", "Int64", "bool")


def test_a_problem_is_of_every_row_that_has_it(tmp_path):
    with pytest.raises(DataError) as error:
        imported(many(tmp_path, outcomes=("Zapped", "NFA"), cell="31/02/2019"), DATED, tmp_path)
    label, date = sorted(error.value.problems, key=lambda problem: problem.column, reverse=True)
    assert (label.row, label.times, date.row, date.times) == (2, ROWS // 2, 2, ROWS)
    assert "cell C2: 'Zapped' is not a known label. (1,000 rows: 2, 4, 6, ...)" in label.problem
    assert "cell E2: '31/02/2019' is not such a date. (2,000 rows: 2, 3, 4, ...)" in date.problem


def test_what_a_rule_decided_is_counted_in_rows(tmp_path):
    mapping = {**PEOPLE_MAP, "labels": {**PEOPLE_MAP["labels"], "sanction": {"contains: zap": "no_action"}}}
    told = imported(many(tmp_path, outcomes=("Zapped", "Zap again")), mapping, tmp_path)[1]
    assert any("'contains: zap' decided 2 labels in 2,000 rows: 'Zapped', 'Zap again'." in line for line in told)


def line_by_line(text: str, delimiter: str):
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return by_columns(lines, "", lambda texts: [*map(text_cell, texts)])


@settings(derandomize=True, max_examples=300, deadline=None)
@given(text=st.text("ab;\t\"\n\r '#\u200bé", min_size=1, max_size=24), delimiter=st.sampled_from(";\t"))
@example(text='a;"b;\r\n""c"\n;""\n', delimiter=";")
@example(text='a;b\n"x"y;c\n', delimiter=";")
@example(text='a;b\n"x" ;c\n', delimiter=";")
@example(text="a;b\n\nc;d\n", delimiter=";")
def test_regular_files_are_read_as_line_by_line(text, delimiter):
    found = grid._regular(text, delimiter)
    if found is not None:
        columns, lengths = line_by_line(text, delimiter)
        assert lengths.tolist() == found[1].tolist()
        assert [(codes.tolist(), cells) for codes, cells in columns] == [(c.tolist(), of) for c, of in found[0]]


@pytest.mark.parametrize("text", ["a,b\r\nc,d", 'a,"b ""c"", d"\n"",x\n', '"a","b"\n"c","d\n,"\n'])
def test_files_as_programs_write_them_are_regular(text):
    assert grid._regular(text, ",") is not None


def test_rows_that_grow_and_shrink_are_turned_into_columns():
    columns, lengths = by_columns([["a"], ["b", "c"], [], ["a", "", "d"]], "", text_cells)
    assert lengths.tolist() == [1, 2, 0, 3]
    assert [[cells[code].text for code in codes] for codes, cells in columns] == [
        ["a", "b", "", "a"],
        ["", "c", "", ""],
        ["", "", "", "d"],
    ]


def test_a_file_with_one_very_long_row_among_many_is_refused_before_it_is_spread_out(tmp_path):
    with pytest.raises(DataError, match=r"claims [\d,]+ rows and 16,000 columns"):
        grid.read_sheets(csv_file(tmp_path / "a.csv", "x\n" * 5000 + "," * 15_999))


def test_values_of_a_column_are_held_once():
    column = labelled(np.array([2, 0, 1, 2]), ["a", None, "a"])
    assert column.tolist()[:2] == ["a", "a"] and column.isna().tolist() == [False, False, True, False]
    assert [*column.categories] == ["a"]


def test_tables_are_read_as_they_were_written():
    table = pd.DataFrame({"text": ["NA", 'a "b", c', "", "two\nlines"], "flag": [True, False, False, True]})
    table = table.astype({"text": "str"}).assign(
        n=pd.array([1, None, 3, 4], dtype="Int64"), x=[0.1, float("nan"), 2.5, 1e6]
    )
    kinds = {name: str(kind) for name, kind in table.dtypes.items()}
    pd.testing.assert_frame_equal(read_written_csv(to_csv_bytes(table), kinds), table)


def test_combinations_are_numbered_as_they_come():
    number = combined([np.array([3, 0, 3, 0]), np.array([1, 1, 0, 1])], 4)
    assert number.tolist() == [0, 1, 2, 1] and firsts(number).tolist() == [0, 1, 2]


@pytest.mark.parametrize("text", ["a", "", 'say "no"', "a,b", "two\nlines", " x ", "'=1"])
def test_tables_are_written_as_pandas_writes_them(text):
    for table in (
        pd.DataFrame({"one, two": [text, "b"]}, dtype="str"),
        pd.DataFrame({"a": ["", text], "b": [text, text]}),
    ):
        assert to_csv_bytes(table) == table.to_csv(index=False, lineterminator="\n").encode()
        assert to_csv_bytes(table.astype("category")) == to_csv_bytes(table)


def test_a_lone_carriage_return_is_read_back_as_it_was():
    assert to_csv_bytes(pd.DataFrame({"a": ["x\ry"]})) == b'a\n"x\ry"\n'  # Python 3.11 writes it bare


def test_every_stage_is_begun_in_turn(tmp_path):
    begun: list[str] = []
    suggest(many(tmp_path), begin=begun.append)
    imported(many(tmp_path), DATED, tmp_path)
    import_file(tmp_path / "a.csv", tmp_path / "a.yml", tmp_path, begin=begun.append)
    assert begun == [*MAP_STAGES, *STAGES]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_bar_is_shown_on_a_terminal_alone(monkeypatch, is_terminal):
    shown = io.StringIO()
    shown.isatty = lambda: is_terminal  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", shown)
    for name in ("TERM", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert Console(stderr=True).is_terminal is is_terminal
    with stages_shown(STAGES) as begin:
        begin(STAGES[1])
    assert (STAGES[1] in shown.getvalue()) is is_terminal


def test_what_draws_the_bar_is_not_loaded_where_nobody_sees_it(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "rich.progress", None)  # cannot be imported
    with stages_shown(STAGES) as begin:
        begin(STAGES[0])
