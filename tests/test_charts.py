import dataclasses
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
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from people import people

from analysis import vocabulary
from analysis.catalogue import EXHIBITS
from analysis.charts import dismissal_rates_by_complaint_type
from analysis.charts.chart import shorten
from analysis.charts.layout import BLACK, DPI, GREY, SIZES
from analysis.charts.rows import BLUE, PINK
from analysis.errors import MisconductError
from analysis.rates import dismissal_rates, percent
from analysis.sources import load_source, load_sources
from analysis.tables import PROCESSED_TABLES, load_table

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


def assert_tidy(figure):
    """No text leaves the canvas and no two overlap."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)  # places annotations
    texts = [text for text in [*figure.texts, *figure.axes[0].texts] if text.get_text()]
    boxes = [matplotlib.text.Text.get_window_extent(text, renderer) for text in texts]
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text.get_text()
    for number, (text, box) in enumerate(zip(texts, boxes, strict=True)):
        for other, against in zip(texts[number + 1 :], boxes[number + 1 :], strict=True):
            overlap = (
                min(box.x1, against.x1) - max(box.x0, against.x0),
                min(box.y1, against.y1) - max(box.y0, against.y0),
            )
            assert overlap[0] <= 0 or overlap[1] <= 2, (text.get_text(), other.get_text())


@pytest.fixture(scope="module")
def exhibits():
    """Every chart of the catalogue."""
    tables = {table: load_table(table) for table in PROCESSED_TABLES}
    return [entry.draw(tables) for entry in EXHIBITS]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_and_nothing_is_cut(chart, size):
    assert_tidy(chart.page(size).figure)


@pytest.mark.parametrize("size", SIZES)
def test_every_exhibit_is_tidy_in_every_size(exhibits, size):
    for drawn in exhibits:
        assert_tidy(drawn.page(size).figure)


def test_fixed_sizes_have_their_pixels_and_can_be_read_on_a_phone(exhibits):
    from PIL import Image

    for size, pixels, least in (("wide", (1920, 1080), 22), ("square", (1080, 1080), 27)):
        with Image.open(io.BytesIO(exhibits[0].png(size))) as image:
            assert image.size == pixels
            assert image.info["Title"] == exhibits[0].title and image.info["Source"] == exhibits[0].source_line
        for drawn in exhibits:
            figure = drawn.page(size).figure
            axes = figure.axes[0]
            written = [*figure.texts, *axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
            points = [text.get_fontsize() for text in written if text.get_text()]
            assert min(points) * DPI / 72 >= (least if axes.get_xlabel() == "" else 24), (drawn.name, size)


def test_a_page_without_room_for_all_rows_says_so_and_keeps_the_total(exhibits):
    chart = next(drawn for drawn in exhibits if drawn.name == "dismissal_rates_by_complaint_type")
    page = chart.page("square")
    written = [text.get_text() for text in page.figure.axes[0].texts]
    assert "All complaint types" in written
    shown = [row.label for row in chart.plot.rows if row.label.split(" or ")[0] in " ".join(written)]
    assert set(page.left_out) == {row.label for row in chart.plot.rows} - set(shown)
    smallest = chart.data.set_index("label").loc[list(page.left_out), "denominator"].max()
    assert smallest <= chart.data.set_index("label").drop(list(page.left_out))["denominator"].min()
    footer = " ".join(text.get_text() for text in page.figure.texts)
    assert f"the {len(shown) - 1} largest of {len(chart.data) - 1} groups" in footer
    assert chart.page("page").left_out == () and json.loads(chart.contents([("square", "svg")])[f"{chart.name}.json"])[
        "rows_left_out"
    ] == {"square": list(page.left_out)}


def test_an_unknown_size_is_named(chart):
    with pytest.raises(MisconductError, match="square"):
        chart.svg("sqare")


def test_every_exhibit_has_a_caption_with_count_definition_and_source(exhibits):
    for drawn in exhibits:
        assert len(drawn.caption) < 280 and "Source: " in drawn.caption and "\n" not in drawn.caption
    chart = exhibits[0]
    assert "21 of 478" in chart.caption and "among people with a case to answer" in chart.caption


@given(
    title=st.text("abc 5of,;0123", min_size=1, max_size=400),
    definition=st.text("abcdef. ", min_size=1, max_size=400),
)
def test_a_caption_is_never_too_long(title, definition):
    table = dismissal_rates(*people(["D"] * 5 + ["n"] * 5), among="proven", by="complaint_type")
    chart = dismissal_rates_by_complaint_type(table, SOURCES)
    caption = dataclasses.replace(chart, title=title.strip() or "x", definition=definition.strip() or "x").caption
    assert len(caption) < 280 and caption.endswith("Source: IOPC investigation summaries published to June 2021.")


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (100, "21 of 478 people were dismissed; most often for driving (5 of 16)."),
        (50, "21 of 478 people were dismissed."),
        (25, "21 of 478 people were…"),
    ],
)
def test_a_sentence_is_shortened_between_words_and_never_inside_a_count(most, expected):
    assert shorten("21 of 478 people were dismissed; most often for driving (5 of 16)", most) == expected
    assert shorten("They were 21 of 478 people", 18) == "They were…"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "A", "a b", "x\n"])
def test_a_name_that_is_no_file_name_is_refused(chart, name):
    with pytest.raises(MisconductError, match="name"):
        dataclasses.replace(chart, name=name)


def test_a_part_is_never_taken_for_the_whole(subjects, allegations, tmp_path):
    only = {"force": "Metropolitan Police Service"}
    table = dismissal_rates(subjects, allegations, among="case_to_answer", by="complaint_type", where=only)
    chart = dismissal_rates_by_complaint_type(table, SOURCES)
    files = {file.name for file in chart.export(tmp_path, [("page", "svg")])}
    assert f"{chart.name}.force-metropolitan-police-service.csv" in files
    data = pd.read_csv(tmp_path / f"{chart.file_name}.csv")
    assert set(data["only_force"]) == {"Metropolitan Police Service"}
    assert json.loads((tmp_path / f"{chart.file_name}.json").read_text())["filter"] == only
    assert "Only Metropolitan Police Service." in chart.subtitle


def test_formulas_in_labels_are_harmless_in_the_csv(chart):
    nasty = dataclasses.replace(chart, data=pd.DataFrame({"label": ["=cmd()", "+1", "fine"], "rate": [-0.5, 0.5, 1]}))
    assert nasty.csv().decode().splitlines() == ["label,rate", "'=cmd(),-0.5", "'+1,0.5", "fine,1"]


def test_pictures_inside_one_page_do_not_share_ids(exhibits):
    page = "".join(drawn.inline_svg() for drawn in exhibits[:4])
    ids = re.findall(r'\bid="([^"]+)"', page)
    used = re.findall(r'(?:url\(#|href="#|aria-labelledby=")([^)"]+)', page)
    assert len(ids) == len(set(ids)) and set(used) <= set(ids) and len(used) > 50
    root = ElementTree.fromstring(exhibits[0].inline_svg())
    assert root.get("role") == "img" and root.get("width") is None and root.get("viewBox")


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


def test_export_writes_the_same_bytes_each_time(table, tmp_path):
    def export(folder: Path) -> dict[str, str]:
        files = dismissal_rates_by_complaint_type(table, SOURCES).export(folder)
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    first, second = export(tmp_path / "a"), export(tmp_path / "b")
    assert first == second
    pictures = [f"{size}{kind}" for size in ("", ".square", ".wide") for kind in (".pdf", ".png", ".svg")]
    others = [".caption.txt", ".csv", ".json", ".txt"]
    assert {name.removeprefix("dismissal_rates_by_complaint_type") for name in first} == {*pictures, *others}


def test_exported_files_say_what_they_are(chart, tmp_path):
    files = {file.name.removeprefix(chart.name): file for file in chart.export(tmp_path)}
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
