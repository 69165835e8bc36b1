"""Charts on their pages: nothing overlaps, nothing is cut, every size can be read."""

import dataclasses
import io
import json
import re

import matplotlib.colors
import numpy as np
import pytest
from tidy import assert_tidy, written

from analysis.charts.marks import dot, from_zero, in_percent
from analysis.charts.page import DPI, SIZES, Row, Rows
from analysis.charts.style import BLACK, BLUE, GREY, PINK
from analysis.errors import MisconductError


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
def test_long_labels_and_titles_neither_overlap_nor_leave_the_page(exhibits, size):
    chart = exhibits[0]
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
    of_cases = r"in [\d,]+ of [\d,]+ (?:investigations|complaints|allegations)"
    for drawn in exhibits:
        if isinstance(drawn.plot, Rows):
            for found in re.findall(of_cases, drawn.title):
                assert f"of {drawn.data['denominator'].iloc[0]:,}, {found};" in drawn.alt_text
            for size in SIZES:
                texts = " ".join(text.get_text() for text in drawn.page(size).figure.axes[0].texts)
                for figure in re.findall(r"[\d,]+ of [\d,]*\d|[\d.]+%", re.sub(of_cases, "", drawn.title)):
                    assert re.search(rf"(?<![\d.]){re.escape(figure)}", texts), (drawn.name, size, figure)


def test_the_plot_has_its_share_of_the_picture(exhibits):
    """In a square at least 45 % of the width, in 16:9 nearly a third; the rows of low reliability stretch no axis."""
    for drawn in exhibits:
        for size, least in (("square", 0.45), ("wide", 0.3)):
            page = drawn.page(size)
            assert page.figure.axes[0].get_position().width >= least, (drawn.name, size)
            if (
                "reliability" in drawn.data
                and isinstance(drawn.plot, Rows)
                and page.figure.axes[0].get_xscale() != "log"
            ):
                reliable = [row.high for row in drawn.plot.rows if row.least is None and row.label not in page.left_out]
                assert page.figure.axes[0].get_xlim()[1] <= max(1.5 * max(reliable), 0.1), (drawn.name, size)


def test_a_mark_of_low_reliability_is_explained_where_it_is_drawn(exhibits):
    for drawn in exhibits:
        for size in SIZES:
            page = drawn.page(size)
            axes = page.figure.axes[0]
            is_hollow = any(
                line.get_markerfacecolor() == "white"
                for line in axes.get_lines()
                if line.get_marker() in ("o", "s", "^")
            )
            if is_hollow or any("[u]" in text.get_text() for text in axes.texts):
                assert "[u]" in " ".join(text.get_text() for text in page.figure.texts), (drawn.name, size)


def test_every_shape_is_explained_where_it_is_drawn(exhibits):
    """The square of published_rates_vawg had dots and squares and did not say what they are."""
    names = {"o": "dots", "s": "squares", "^": "triangles", "D": "diamonds"}
    for drawn in exhibits:
        for size in SIZES:
            page = drawn.page(size)
            shapes = {names.get(line.get_marker(), "") for line in page.figure.axes[0].get_lines()} - {""}
            said = " ".join(text.get_text() for text in page.figure.texts).lower()
            assert all(f"{shape}: " in said for shape in shapes - {"dots"}), (drawn.name, size)
            assert "dots" not in shapes or re.search(r"\bdots?\b", said), (drawn.name, size)


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
    named = [row.label for row in chart.plot.rows if row.is_kept]
    assert named and all(label.lower() in chart.title for label in named)  # what the title names is drawn in every size
    assert smallest <= chart.data.set_index("label").drop([*page.left_out, *named])["denominator"].min()
    footer = " ".join(text.get_text() for text in page.figure.texts)
    assert f"{len(shown) - 1} of {len(chart.data) - 1} groups, the largest and those of the title" in footer
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
