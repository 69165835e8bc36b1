"""Imported data in use: instead of the project's people, beside its figures, never mixed or forgotten."""

import pytest
from commands import misconduct
from imports import COUNT_MAP, COUNT_ROWS, PEOPLE_MAP, changed, csv_file, imported, workbook

import analysis as an
from analysis.charts.catalogue import draw_chart
from analysis.errors import MisconductError
from analysis.provenance import own_data
from analysis.provenance.own_data import find_own


@pytest.fixture
def own(tmp_path):
    """The folder of an imported data set of people."""
    rows = "".join(
        f"C{n},{t},{o},{c}\n" for n, t, o, c in [(1, "Driving", "Dismissed", "Gross"), (2, "Driving", "NFA", "Mis")] * 6
    )
    file = csv_file(tmp_path / "a.csv", "Ref,Allegation,Outcome,Case to answer\n" + rows)
    imported(file, PEOPLE_MAP, tmp_path)
    return tmp_path / "test_source"


def test_chosen_people_stand_instead_of_the_projects(own):
    from analysis.publishing.packs import pack_files

    data = an.load(own)
    total = an.dismissal_rates(data, among="case_to_answer", by="complaint_type").total
    assert (total["numerator"], total["denominator"]) == (6, 12)
    chart = draw_chart(data, "dismissal_rates_by_complaint_type", among="case_to_answer")
    assert "A force (undated), A title" in chart.source_line
    files = pack_files(data)
    assert b"IOPC" not in files["sentences.txt"] and b"A force (undated), A title" in files["sentences.txt"]


def test_a_notebook_runs_on_chosen_data(own, tmp_path):
    assert misconduct("run", "01", "--data", str(own), "--out", str(tmp_path / "out")).returncode == 0
    page = (tmp_path / "out" / "01_dismissal_rates_by_complaint_type.ipynb").read_text(encoding="utf-8")
    assert "6 of 12" in page and "A force (undated), A title" in page


def test_chosen_figures_come_beside_the_projects(tmp_path):
    rates = [{"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}]
    imported(workbook(tmp_path / "a.xlsx", COUNT_ROWS), changed(COUNT_MAP, rates=rates), tmp_path)
    before, data = len(an.load()["published_rates"]), an.load(tmp_path / "test_source")
    assert len(data["published_rates"]) == before + 2
    chart = draw_chart(data, "published_rates_by_complaint_type")
    assert "A force (undated), A title" in chart.source_line
    assert {"3 of 10", "4 of 12"} <= {
        f"{k} of {n}" for k, n in zip(chart.data["numerator"], chart.data["denominator"], strict=True)
    }
    assert len(an.load()["published_rates"]) == before


@pytest.mark.parametrize(
    ("accused", "title"),
    [
        (10, "30.0% to 33.3% of people accused ended in dismissal"),
        (5, "Too few to say what share of people accused ended in dismissal"),
    ],
)
def test_own_rates_are_drawn_alone_with_small_groups_marked(accused, title, tmp_path):
    from analysis.publishing.group_facts import Group
    from analysis.publishing.packs import pack_charts, with_people

    rows = [COUNT_ROWS[0], ["Accused", accused, 12 if accused == 10 else 9], ["Dismissed", 3, 4]]
    rates = [{"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}]
    imported(workbook(tmp_path / "a.xlsx", rows), changed(COUNT_MAP, rates=rates), tmp_path)
    out = tmp_path / "charts"
    asked = ("--data", str(tmp_path / "test_source"), "--out", str(out), "--format", "svg", "--size", "page")
    answer = misconduct("chart", "own_published_rates", *asked)
    packed = pack_charts(Group(with_people(an.load(tmp_path / "test_source")), {"force": "Kent Police"}))
    assert packed[-1].name == "own_published_rates"
    text = (out / "own_published_rates.txt").read_text(encoding="utf-8")
    assert answer.returncode == 0 and title in text.splitlines()[0]
    assert ("[u]" in text) == (accused == 5) and f"3 of {accused}" in text and "A force (undated), A title" in text


def test_own_rates_need_data_that_have_them():
    answer = misconduct("chart", "own_published_rates")
    assert answer.returncode == 1 and "no rates of your own" in answer.stderr


def test_an_unknown_data_set_is_refused(own, monkeypatch):
    monkeypatch.setattr(own_data, "LOCAL", own.parent)
    with pytest.raises(MisconductError, match=r"not a known imported data set.*Known: test_source"):
        find_own("no_such_data")
    monkeypatch.setattr(own_data, "LOCAL", own)
    with pytest.raises(MisconductError, match="nothing has been imported yet"):
        find_own("no_such_data")
