import hashlib
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from people import people

from analysis import vocabulary
from analysis.charts import dismissal_rates_by_complaint_type
from analysis.charts.rows import BLACK, BLUE, GREY, PINK
from analysis.errors import MisconductError
from analysis.rates import dismissal_rates, percent
from analysis.sources import load_source, load_sources

SOURCES = load_sources(["iopc_investigations"])
AMONG = ["case_to_answer", "proceedings", "proven", "gross_misconduct_proven", "all_subjects"]


@pytest.fixture(params=AMONG)
def table(request, subjects, allegations):
    return dismissal_rates(subjects, allegations, among=request.param, by="complaint_type")


@pytest.fixture
def chart(table):
    return dismissal_rates_by_complaint_type(table, SOURCES)


def test_what_is_drawn_is_the_rate_table(chart, table):
    lines = chart.figure.axes[0].get_lines()
    dots = [line for line in lines if line.get_marker() == "o"]
    bars = [line for line in lines if line.get_marker() != "o" and len(set(line.get_ydata())) == 1]
    expected = table.data[table.data["denominator"] > 0]
    drawn = chart.data
    assert sorted(drawn["complaint_type"]) == sorted(expected["complaint_type"])
    merged = drawn.merge(expected, on="complaint_type", suffixes=("", "_expected"))
    assert (merged["rate"] == merged["rate_expected"]).all()
    assert [dot.get_xdata()[0] for dot in dots] == drawn["rate"].tolist()
    assert [tuple(bar.get_xdata()) for bar in bars] == list(zip(drawn["low"], drawn["high"], strict=True))
    hollow = [dot.get_markerfacecolor() == "white" for dot in dots]
    assert hollow == (drawn["reliability"] == "u").tolist()
    total_line = next(line for line in lines if line.get_linestyle() == "--")
    assert set(total_line.get_xdata()) == {table.total["rate"]}


def test_rows_are_sorted_and_the_total_comes_first(chart):
    assert chart.data["complaint_type"].iloc[0] == "(all)"
    assert chart.data["rate"].iloc[1:].is_monotonic_decreasing


def test_every_count_is_written_beside_its_dot(chart):
    written = [text.get_text() for text in chart.figure.axes[0].texts]
    for row in chart.data.itertuples():
        assert any(text.startswith(f"{row.numerator} of {row.denominator} = {percent(row.rate)}") for text in written)


def test_the_alt_text_holds_every_figure(chart):
    for row in chart.data.itertuples():
        assert f"{row.label}: {row.numerator} of {row.denominator}, {percent(row.rate)}" in chart.alt_text
    assert chart.source_line in chart.alt_text and chart.title in chart.alt_text


def test_the_title_is_computed_and_never_uses_a_small_group(chart, table):
    assert f"{table.total['numerator']} of {table.total['denominator']}" in chart.title
    small = chart.data[chart.data["reliability"] == "u"]["label"].str.lower()
    assert not any(label in chart.title.lower() for label in small)


def test_the_title_follows_the_data(subjects, allegations):
    sacked = subjects.assign(sanction=subjects["sanction"].where(subjects["sanction"] == "not_stated", "no_action"))
    table = dismissal_rates(sacked, allegations, among="proven", by="complaint_type")
    title = dismissal_rates_by_complaint_type(table, SOURCES).title
    assert title == "0 of 150 people found to have committed misconduct were dismissed or would have been"


def test_a_small_total_is_not_put_into_a_title():
    table = dismissal_rates(*people(["D", "n"]), among="proven", by="complaint_type")
    assert "too few" in dismissal_rates_by_complaint_type(table, SOURCES).title


def test_the_subtitle_names_measure_group_and_place(chart, table):
    for words in (
        vocabulary.label("denominator", table.among),
        vocabulary.label("numerator", table.count),
        "England and Wales",
    ):
        assert words in chart.subtitle


def test_the_source_line_comes_from_source_yml(chart):
    source = load_source("iopc_investigations")
    assert source.citation in chart.source_line and chart.metadata["licence"] == source.licence["name"]
    shown = " ".join(text.get_text() for text in chart.figure.texts)
    assert chart.source_line in shown and source.licence["name"] in shown


def test_nothing_overlaps_and_nothing_is_cut(chart):
    renderer = FigureCanvasAgg(chart.figure).get_renderer()
    texts = [text for text in [*chart.figure.texts, *chart.figure.axes[0].texts] if text.get_text()]
    boxes = [matplotlib.text.Text.get_window_extent(text, renderer) for text in texts]
    width, height = chart.figure.get_size_inches() * chart.figure.dpi
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text.get_text()
    for number, (text, box) in enumerate(zip(texts, boxes, strict=True)):
        for other, against in zip(texts[number + 1 :], boxes[number + 1 :], strict=True):
            overlap = (
                min(box.x1, against.x1) - max(box.x0, against.x0),
                min(box.y1, against.y1) - max(box.y0, against.y0),
            )
            assert overlap[0] <= 0 or overlap[1] <= 1, (text.get_text(), other.get_text())


def test_readable_on_a_phone(chart):
    """At 360 pixels across, the smallest text is at least 7.5 pixels high and row labels at least 9."""
    scale = 360 / (chart.figure.get_size_inches()[0] * 72)
    assert min(text.get_fontsize() for text in chart.figure.texts) * scale >= 7.5
    assert min(text.get_fontsize() for text in chart.figure.axes[0].texts) * scale >= 8.9


@pytest.mark.parametrize("colour", [BLUE, PINK, BLACK, GREY])
def test_colours_stand_out_from_white(colour):
    """WCAG 2.2 contrast of at least 3 to 1 for marks, 4.5 to 1 for text."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    contrast = 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    assert contrast >= (4.5 if colour in (BLACK, GREY) else 3)


def test_export_writes_six_files_with_the_same_bytes_each_time(table, tmp_path):
    def export(folder: Path) -> dict[str, str]:
        files = dismissal_rates_by_complaint_type(table, SOURCES).export(folder)
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    first, second = export(tmp_path / "a"), export(tmp_path / "b")
    assert first == second
    assert sorted(Path(name).suffix for name in first) == [".csv", ".json", ".pdf", ".png", ".svg", ".txt"]


def test_exported_files_say_what_they_are(chart, tmp_path):
    files = {file.suffix: file for file in chart.export(tmp_path)}
    svg = files[".svg"].read_text()
    root = ElementTree.fromstring(svg)
    names = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", namespaces=names) == chart.title
    assert root.findtext("svg:desc", namespaces=names) == chart.alt_text
    assert "Sexual misconduct" in "".join(root.itertext()) and not re.search(r"\d{4}-\d\d-\d\dT", svg)
    assert files[".txt"].read_text() == chart.alt_text + "\n"
    metadata = json.loads(files[".json"].read_text())
    assert {"title", "subtitle", "definition", "sources", "licence", "date_of_data", "version"} <= set(metadata)
    data = pd.read_csv(io.BytesIO(files[".csv"].read_bytes()), keep_default_na=False)
    assert data["numerator"].tolist() == chart.data["numerator"].tolist()
    assert data["rate"].tolist() == pytest.approx(chart.data["rate"].tolist(), abs=5e-7)
    from PIL import Image

    with Image.open(files[".png"]) as image:
        assert image.info["Title"] == chart.title and image.info["Source"] == chart.source_line
        assert image.width == round(chart.figure.get_size_inches()[0] * 200)


def test_markup_in_a_label_is_shown_as_text(chart):
    import dataclasses

    nasty = dataclasses.replace(chart, title='<script>"&', alt_text="</desc><script>")
    root = ElementTree.fromstring(nasty.svg().decode())
    assert root.findtext("{http://www.w3.org/2000/svg}title") == '<script>"&'


def test_a_table_by_something_else_or_of_nobody_is_refused(subjects, allegations):
    by_rank = dismissal_rates(subjects, allegations, among="proven", by="rank")
    with pytest.raises(MisconductError, match="by complaint_type alone"):
        dismissal_rates_by_complaint_type(by_rank, SOURCES)
    nobody = dismissal_rates(
        subjects, allegations, among="proven", by="complaint_type", where={"force": "Police Scotland"}
    )
    with pytest.raises(MisconductError, match="nothing to draw"):
        dismissal_rates_by_complaint_type(nobody, SOURCES)


def test_groups_without_a_known_outcome_are_named(subjects, allegations):
    tables = people(["D", "n", "?"] * 5, [["driving"], ["driving"], ["use_of_force"]] * 5)
    chart = dismissal_rates_by_complaint_type(dismissal_rates(*tables, among="proven", by="complaint_type"), SOURCES)
    assert any("no outcome is known: Use of force" in note for note in chart.notes)
