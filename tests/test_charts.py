import base64
import dataclasses
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from analysis.build.everything.everything.tables import load_table
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from people import people
from PIL import Image

from analysis import vocabulary
from analysis.charts import dismissal_rates_by_complaint_type, funnel_plot
from analysis.charts.catalogue import EXHIBITS
from analysis.charts.chart import shorten
from analysis.charts.layout import BLACK, GREY, SIZES, Row, Rows
from analysis.charts.marks import dot, from_zero, in_percent
from analysis.charts.page import DPI
from analysis.charts.rate_dots import total_title
from analysis.charts.style import BLUE, PINK
from analysis.checking.tables import PROCESSED_TABLES
from analysis.counting.funnel import funnel
from analysis.counting.rate_words import count_words, percent, percent_range, rate_in_words
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.provenance.sources import load_source, load_sources
from analysis.publishing.wording import citation

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
    seen = drawn[drawn["denominator"] >= 5]
    assert [dot.get_xdata()[0] for dot in dots] == seen["rate"].tolist()
    assert [tuple(bar.get_xdata()) for bar in bars] == list(zip(seen["low"], seen["high"], strict=True))
    hollow = [dot.get_markerfacecolor() == "white" for dot in dots]
    assert hollow == (seen["reliability"] == "u").tolist()
    total_line = next(line for line in lines if line.get_linestyle() == "--")
    assert set(total_line.get_xdata()) == {table.total["rate"]}


def test_rows_are_sorted_and_the_total_comes_first(chart):
    assert chart.data["complaint_type"].iloc[0] == "(all)"
    groups = chart.data.iloc[1:]
    assert groups["reliability"].is_monotonic_increasing  # ok, then u
    for _, rows in groups.groupby("reliability"):
        assert rows["rate"].is_monotonic_decreasing
    lines = [line.split(":")[0] for line in chart.alt_text.splitlines()]
    assert [line for line in lines if line in set(chart.data["label"])] == chart.data["label"].tolist()


@pytest.mark.parametrize("size", SIZES)
def test_a_line_sets_rows_of_low_reliability_apart(chart, size):
    page = chart.page(size)
    [rule] = page.figure.artists or [None]
    shown = chart.data[~chart.data["label"].isin(page.left_out)]
    small = shown[shown["reliability"] == "u"]
    assert (rule is not None) == bool(len(small))
    if rule is not None:
        texts = {text.get_text(): text.get_position()[1] for text in page.figure.axes[0].texts}
        words = [rate_in_words(row) for _, row in shown.iterrows()]
        first = len(shown) - len(small)
        assert texts[words[first - 1]] < rule.get_ydata()[0] < texts[words[first]]


def test_every_count_is_written_beside_its_dot(chart):
    texts = [text.get_text() for text in chart.figure.axes[0].texts]
    for _, row in chart.data.iterrows():
        counts, few = f"{row['numerator']} of {row['denominator']}", row["denominator"] < 5
        mark = " [u]" if row["reliability"] == "u" else ""
        assert (f"{counts}{mark}" if few else f"{counts} = {percent(row['rate'])}{mark}") in texts


def test_the_alt_text_holds_every_figure(chart):
    for _, row in chart.data.iterrows():
        line = next(line for line in chart.alt_text.splitlines() if line.startswith(f"{row['label']}: "))
        assert line.startswith(f"{row['label']}: {count_words(row)}")
        if row["denominator"] >= 5:
            assert f" {percent(row['rate'])}" in line and percent_range(row["low"], row["high"]) in line
    assert chart.source_line in chart.alt_text and chart.title in chart.alt_text


def test_the_title_is_computed_and_never_uses_a_small_group(chart, table):
    counts, _, cases = count_words(table.total).partition(", ")
    assert chart.title.startswith(counts) and f", {cases}, were" in chart.title and cases
    assert chart.title == total_title(table)
    small = chart.data[chart.data["reliability"] == "u"]["label"].str.lower()
    assert not any(label in chart.title.lower() for label in small)


def test_the_title_follows_the_data(subjects, allegations):
    sacked = subjects.assign(sanction=subjects["sanction"].where(subjects["sanction"] == "not_stated", "no_action"))
    table = dismissal_rates(sacked, allegations, among="proven", by="complaint_type")
    title = dismissal_rates_by_complaint_type(table, SOURCES).title
    total = table.total
    assert title == (
        f"0 of {total['denominator']} people found to have committed misconduct, in 0 of {total['n_cases']} "
        "investigations, were dismissed or would have been"
    )


def test_cases_are_left_out_of_a_title_where_they_are_as_many_as_people():
    table = dismissal_rates(*people(["D"] * 3 + ["n"] * 9), among="proven", by="complaint_type")
    title = dismissal_rates_by_complaint_type(table, SOURCES).title
    assert title == "3 of 12 people found to have committed misconduct were dismissed or would have been"


def test_no_title_ranks_groups_by_their_rates(exhibits):
    """Nor names a group that it is not filtered by: only the chart of risk ratios does, whose title rests on a test."""
    for drawn in exhibits:
        assert not re.search("(most|least|more|less) often|highest|lowest|times as|because", drawn.title), drawn.title
        if drawn.name.startswith(("dismissal_rates", "chicago")):
            filtered = {vocabulary.label(column, code) for column, code in drawn.filter.items()}
            named = {label for label in drawn.data["label"] if label.lower() in drawn.title.lower()}
            assert named <= filtered, drawn.title
            assert not re.search("not (stated|specified)|unknown", drawn.title + drawn.caption), drawn.title
    published = next(drawn for drawn in exhibits if drawn.name == "published_rates_vawg")
    assert published.title == "Published shares dismissed run from 0.0% to 53.2%"
    assert "risk_ratios_by_rank" not in {drawn.name for drawn in exhibits}


def test_one_or_two_people_are_told_in_counts():
    """A group of fewer than five has no percentage, no interval and no dot; everybody likewise."""
    tables = people(["D"] + ["n"] * 11, [["domestic_abuse"]] + [["use_of_force"]] * 11)
    chart = dismissal_rates_by_complaint_type(dismissal_rates(*tables, among="proven", by="complaint_type"), SOURCES)
    assert "\nDomestic abuse by the subject: 1 of 1 [u].\n" in chart.alt_text
    axes = chart.figure.axes[0]
    assert "1 of 1 [u]" in [text.get_text() for text in axes.texts] and "100.0%" not in chart.alt_text
    assert len([line for line in axes.get_lines() if line.get_marker() == "o"]) == 2
    assert axes.get_xlim()[1] < 0.5
    alone = dismissal_rates_by_complaint_type(
        dismissal_rates(*people(["D"]), among="proven", by="complaint_type"), SOURCES
    )
    for size in SIZES:
        assert not alone.page(size).figure.axes[0].get_lines()
    assert "%" not in re.sub("95% interval", "", alone.alt_text) and "Dashed line" not in alone.alt_text


def test_a_chart_of_first_types_says_so(subjects, allegations):
    table = dismissal_rates(subjects, allegations, among="proven", by="complaint_type", primary_only=True)
    chart = dismissal_rates_by_complaint_type(table, SOURCES)
    assert "by first complaint type only" in chart.subtitle
    assert "first type alleged only" in " ".join(chart.notes) and "do not add up" not in " ".join(chart.notes)
    one = {"complaint_type": "use_of_force"}
    part = dismissal_rates(subjects, allegations, among="proven", by="complaint_type", primary_only=True, where=one)
    assert total_title(part).startswith("Use of force as first type: ")


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


def written(figure):
    """Every text that is seen: words, labels of rows and of the axes."""
    FigureCanvasAgg(figure).draw()  # sets the labels of the axes and places annotations
    axes = figure.axes[0]
    seen = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim()))):
        hidden = [tick for tick in axis.get_major_ticks() if not low - 1e-9 <= tick.get_loc() <= high + 1e-9]
        unseen = {id(text) for tick in hidden for text in (tick.label1, tick.label2)}
        seen = [text for text in seen if id(text) not in unseen]
    return seen


def assert_tidy(figure):
    """No text leaves the canvas and no two overlap."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = written(figure)
    assert len(texts) > 6
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

    for size, pixels, least in (("wide", (1920, 1080), 24), ("square", (1080, 1080), 27)):
        with Image.open(io.BytesIO(exhibits[0].png(size))) as image:
            assert image.size == pixels
            assert image.info["Title"] == exhibits[0].title and image.info["Source"] == exhibits[0].source_line
        for drawn in exhibits:
            page = drawn.page(size)
            points = [text.get_fontsize() for text in written(page.figure)]
            assert min(points) * DPI / 72 >= least, (drawn.name, size)
            assert page.figure.texts[0].get_fontsize() == max(points) > 1.1 * min(points)  # the title


LONG = "A group with a name that goes on and on, as names of forces and units sometimes do, to its very end"


def with_rows(chart, count, label=LONG, **words):
    """The chart with made-up rows: everybody and `count` groups, each smaller than the one before."""
    rows = [
        Row(f"{label} {n}", f"{n} of 1,{n:03}", dot(0.5, 0.4, 0.6, BLUE, False), 0.6, 2000 - n, is_total=n == 0)
        for n in range(count + 1)
    ]
    return dataclasses.replace(chart, plot=Rows(tuple(rows), from_zero, in_percent, "groups"), **words)


@pytest.mark.parametrize("size", SIZES)
def test_long_labels_and_titles_neither_overlap_nor_leave_the_page(chart, size):
    for count in (1, 5, 40):
        assert_tidy(with_rows(chart, count).page(size).figure)
    assert_tidy(with_rows(chart, 30, "Group", title=chart.title + ", " + LONG).page(size).figure)


def test_the_rows_of_the_title_stay_and_rows_without_counts_go_first(chart):
    crowded = with_rows(chart, 40, "Group")
    total, *groups = crowded.plot.rows
    smallest, uncounted = groups[-1], dataclasses.replace(groups[0], size=float("nan"), label="Uncounted")
    rows = (total, uncounted, *groups[1:-1], dataclasses.replace(smallest, is_kept=True))
    crowded = dataclasses.replace(crowded, plot=dataclasses.replace(crowded.plot, rows=rows))
    page = crowded.page("square")
    assert {total.label, smallest.label}.isdisjoint(page.left_out) and "Uncounted" in page.left_out
    shown = len(rows) - len(page.left_out)
    assert shown > 5 and page.left_out[1:] == tuple(row.label for row in rows[shown:-1])
    footer = " ".join(text.get_text() for text in page.figure.texts)
    assert f"Shown: {shown - 1} of 40 groups, the largest and those of the title" in footer


def test_every_title_can_be_checked_in_every_size(exhibits):
    """Each count and each share in a title is also beside a row that the size shows; of cases, in the alt text."""
    of_cases = r"in [\d,]+ of [\d,]+ (?:investigations|complaints)"
    for drawn in exhibits:
        if isinstance(drawn.plot, Rows):
            for found in re.findall(of_cases, drawn.title):
                assert f"of {drawn.data['denominator'].iloc[0]:,}, {found};" in drawn.alt_text
            for size in SIZES:
                texts = " ".join(text.get_text() for text in drawn.page(size).figure.axes[0].texts)
                for figure in re.findall(r"[\d,]+ of [\d,]*\d|[\d.]+%", re.sub(of_cases, "", drawn.title)):
                    assert re.search(rf"(?<![\d.]){re.escape(figure)}", texts), (drawn.name, size, figure)


def test_labels_of_an_axis_keep_apart_and_keep_its_anchor(exhibits):
    chart = next(drawn for drawn in exhibits if drawn.name == "risk_ratios_by_complaint_type")
    labels = [label.get_text() for label in chart.page("square").figure.axes[0].get_xticklabels() if label.get_text()]
    assert "1" in labels and len(labels) >= 3


def test_a_page_without_room_for_all_rows_says_so_and_keeps_the_total(exhibits):
    chart = next(drawn for drawn in exhibits if drawn.name == "dismissal_rates_by_complaint_type")
    page = chart.page("square")
    texts = [text.get_text() for text in page.figure.axes[0].texts]
    assert "All complaint types" in texts
    shown = [row.label for row in chart.plot.rows if row.label.split(" or ")[0] in " ".join(texts)]
    assert set(page.left_out) == {row.label for row in chart.plot.rows} - set(shown)
    smallest = chart.data.set_index("label").loc[list(page.left_out), "denominator"].max()
    assert smallest <= chart.data.set_index("label").drop(list(page.left_out))["denominator"].min()
    footer = " ".join(text.get_text() for text in page.figure.texts)
    assert f"the {len(shown) - 1} largest of {len(chart.data) - 1} groups" in footer
    assert chart.page("page").left_out == () and json.loads(chart.contents([("square", "svg")])[f"{chart.name}.json"])[
        "rows_left_out"
    ] == {"square": list(page.left_out)}
    assert all(
        label in chart.svg("square").decode().partition("Not drawn in this picture: ")[2] for label in page.left_out
    )
    assert "Not drawn" not in chart.description("page")


def test_an_unknown_size_is_named(chart):
    with pytest.raises(MisconductError, match="square"):
        chart.svg("sqare")


def test_every_exhibit_has_a_caption_with_count_definition_and_source(exhibits, overall):
    for drawn in exhibits:
        caption = drawn.caption
        assert len(caption) < 280 and "Source: " in caption and "\n" not in caption and "…" not in caption
        assert re.search(r"\d of \d|Of \d+ people", caption), caption
    chart = exhibits[0]
    assert "{} of {}".format(*overall) in chart.caption and "among people with a case to answer" in chart.caption


WORDS = st.builds(  # short and long ones, with and without spaces
    lambda text, times: (text * times)[:400].strip() or "x",
    st.text("abc 5of,;0123", min_size=1, max_size=40),
    st.sampled_from([1, 3, 10, 40]),
)


@given(title=WORDS, measure=WORDS, counted=WORDS, names=st.lists(WORDS, min_size=1, max_size=4))
def test_a_caption_is_never_too_long(title, measure, counted, names):
    table = dismissal_rates(*people(["D"] * 5 + ["n"] * 5), among="proven", by="complaint_type")
    chart = dismissal_rates_by_complaint_type(table, SOURCES)
    ours = dataclasses.replace(chart, title=title, measure=measure, counted=counted)
    assert len(ours.caption) < 280
    assert ours.caption.endswith("Source: IOPC investigation summaries published to June 2021.")
    sources = tuple(dataclasses.replace(SOURCES[0], citation=name) for name in names)
    caption = dataclasses.replace(ours, sources=sources).caption
    assert len(caption) < 280 and "Source: " in caption


@example(text="; 0", most=3)  # found by luck: a lone "…"
@example(text="; ; 0", most=5)
@example(text="of 5 ; x", most=8)
@given(text=WORDS, most=st.integers(0, 400))
def test_a_shortened_text_is_short_and_ends_between_words(text, most):
    short = shorten(text, most)
    assert len(short) <= most
    if short.endswith("…"):
        assert short[:-1].strip()
        assert text.startswith(short[:-1]) and not short[-2].isdigit()
        assert text[len(short) - 1 :].lstrip(",;:").startswith(" ")


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
    assert {kind for kind in ("title", "desc") if len(re.findall(f'-{kind}">', page)) == 4} == {"title", "desc"}
    assert set(re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page)) <= set(ids)
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
    about = json.loads((tmp_path / "a" / "dismissal_rates_by_complaint_type.json").read_text())
    assert set(about["files"]) == set(first)
    assert {"caption", "alt_text", "interval_method", "rows_left_out"} <= set(about)


def test_another_process_writes_the_same_bytes(exhibits, tmp_path):
    chart = next(drawn for drawn in exhibits if drawn.name == "dismissal_rates_by_vawg")
    script = (
        "import sys; from pathlib import Path; from analysis.charts.catalogue import exhibit; "
        f"from analysis import load; exhibit({chart.name!r}).draw(load()).export(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == chart.contents()


def test_nothing_is_written_when_one_picture_fails(chart, tmp_path):
    with pytest.raises(MisconductError, match="size"):
        chart.export(tmp_path, [("page", "svg"), ("poster", "svg")])
    assert not list(tmp_path.iterdir())


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

    for size in ("", ".wide", ".square"):
        with Image.open(files[f"{size}.png"]) as image:
            assert image.info["Title"] == chart.title and image.info["Source"] == chart.source_line
            assert image.info["Description"].startswith(chart.alt_text) and "Software" not in image.info
            assert image.info["Copyright"] == "CC BY 4.0"
        root = ElementTree.fromstring(files[f"{size}.svg"].read_text())
        assert root.findtext("svg:title", namespaces=names) == chart.title
        assert root.findtext("svg:desc", namespaces=names).startswith(chart.alt_text)
        pdf = files[f"{size}.pdf"].read_bytes()
        assert f"/Title ({chart.title})".encode() in pdf.replace(b"\\", b"") and chart.source_line.encode() in pdf
        assert b"/CreationDate" not in pdf
    with Image.open(files[".png"]) as image:
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


@pytest.mark.parametrize(
    ("force", "own"),
    [
        ("Leicestershire Police", "Leicestershire Police: 4 of 17, in 1 of 5 investigations, outside the 95% limits; "),
        ("Metropolitan Police Service", "Metropolitan Police Service: 2 of 84, in 2 of 57 investigations, inside the "),
        ("Gloucestershire Constabulary", "Gloucestershire Constabulary: 1 of 1, too few to classify; "),
        ("Police Scotland", "2 of 16 forces"),
    ],
)
def test_a_funnel_tells_the_force_s_own_count_and_where_it_lies(subjects, allegations, force, own):
    """Title, caption and citation begin with it; then how many of how many lie outside which limits."""
    table = dismissal_rates(subjects, allegations, among="case_to_answer", by="force")
    chart = funnel_plot(table, funnel(table), force, SOURCES)
    others = "2 of 16 forces with 10 people or more lie outside the 95% limits; none outside the 99.8% limits"
    assert chart.title.startswith(own) and chart.title.endswith(others)
    assert chart.caption.startswith(own.removesuffix("; ")) and len(chart.caption) <= 280
    assert f" {own}" in citation(chart)
    assert "chance" not in " ".join([chart.title, chart.alt_text, chart.subtitle, *chart.notes])
    for line in chart.alt_text.splitlines():
        if line.startswith(("Cheshire", "Gloucestershire", "Humberside")):
            assert line.endswith("too few to classify.") and "outside" not in line


def test_every_force_s_funnel_begins_with_its_own_count(subjects, allegations):
    table = dismissal_rates(subjects, allegations, among="case_to_answer", by="force")
    found = funnel(table)
    for row in found.data.to_dict("records"):
        chart = funnel_plot(table, found, row["force"], SOURCES)
        own = f"{row['force']}: {row['numerator']} of {row['denominator']}"
        assert chart.title.startswith(own) and chart.caption.startswith(own) and len(chart.caption) <= 280


@pytest.mark.parametrize(
    "force", ["Avon and Somerset Constabulary", "Greater Manchester Police", "West Midlands Police"]
)
@pytest.mark.parametrize("size", ["phone", "square"])
def test_a_long_name_fits_its_funnel(subjects, allegations, size, force):
    table = dismissal_rates(subjects, allegations, among="case_to_answer", by="force")
    chart = funnel_plot(table, funnel(table), force, SOURCES)
    assert_tidy(chart.page(size).figure)


def test_a_notebook_gets_the_same_png_each_time_with_the_words(subjects, allegations, monkeypatch):
    """A picture that shows in a notebook that was opened and not run, where SVG would not be trusted."""
    import IPython.display

    told = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **options: told.append((data, options)))
    for _ in range(2):
        table = dismissal_rates(subjects, allegations, among="proven", by="complaint_type")
        dismissal_rates_by_complaint_type(table, SOURCES).show()
    (data, options), again = told
    assert (data, options) == again and set(data) == {"text/plain", "image/png"}
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    size = options["metadata"]["image/png"]
    assert picture.format == "PNG" and size["width"] < picture.width <= 2 * size["width"]
    assert len(data["image/png"]) < 100_000 and "Source: " in data["text/plain"]
