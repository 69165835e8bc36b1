"""Charts as files and in notebooks: names, words inside them, ids, and the same bytes each time."""

import base64
import dataclasses
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from pypdf import PdfReader

from analysis.charts import dismissal_rates_by
from analysis.charts.style import BLACK, BLUE, GREY, PINK, TYPEFACE
from analysis.charts.typeface import LICENCE, faces
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.publishing import gallery

PAGE = [("page", "svg"), ("page", "png"), ("page", "pdf")]


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "A", "a b", "x\n"])
def test_a_name_that_is_no_file_name_is_refused(chart, name):
    with pytest.raises(MisconductError, match="name"):
        dataclasses.replace(chart, name=name)


def test_a_part_is_never_taken_for_the_whole(data, tmp_path):
    only = {"force": "Metropolitan Police Service"}
    table = dismissal_rates(data, among="case_to_answer", by="complaint_type", where=only)
    chart = dismissal_rates_by(table)
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


@pytest.mark.parametrize("rates_by_type", ["proceedings"], indirect=True)
def test_export_writes_the_same_bytes_each_time(rates_by_type, tmp_path):
    again = dismissal_rates_by(rates_by_type).contents(PAGE)
    files = {file.name: file for file in dismissal_rates_by(rates_by_type).export(tmp_path)}
    assert all(files[name].read_bytes() == content for name, content in again.items() if name[-5:] != ".json")
    pictures = [f"{size}{kind}" for size in ("", ".square", ".wide") for kind in (".pdf", ".png", ".svg")]
    others = [".caption.txt", ".csv", ".json", ".txt"]
    assert {name.removeprefix("dismissal_rates_by_complaint_type") for name in files} == {*pictures, *others}
    about = json.loads(files["dismissal_rates_by_complaint_type.json"].read_text())
    assert set(about["files"]) == set(files)
    assert {"caption", "alt_text", "interval_method", "rows_left_out"} <= set(about)


def test_another_process_writes_the_same_bytes(exhibits, tmp_path):
    chart = next(drawn for drawn in exhibits if drawn.name == "dismissal_rates_by_vawg")
    script = (
        "import sys; from pathlib import Path; from analysis.charts.catalogue import exhibit; "
        f"from analysis import load; exhibit({chart.name!r}).draw(load()).export(Path(sys.argv[1]), {PAGE!r})"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == chart.contents(PAGE)


def test_nothing_is_written_when_one_picture_fails(chart, tmp_path):
    with pytest.raises(MisconductError, match="size"):
        chart.export(tmp_path, [("page", "svg"), ("poster", "svg")])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rates_by_type", ["case_to_answer"], indirect=True)
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
    for size in ("", ".wide", ".square"):
        with Image.open(files[f"{size}.png"]) as image:
            assert image.info["Title"] == chart.title and image.info["Source"] == chart.source_line
            assert image.info["Description"].startswith(chart.alt_text) and "Software" not in image.info
            assert image.info["Copyright"] == "CC BY 4.0"
        root = ElementTree.fromstring(files[f"{size}.svg"].read_text())
        assert root.findtext("svg:title", namespaces=names) == chart.title
        assert root.findtext("svg:desc", namespaces=names).startswith(chart.alt_text)
        pdf = PdfReader(files[f"{size}.pdf"], strict=True)
        assert pdf.metadata.title == chart.title and pdf.metadata.subject == chart.source_line
        assert "Sexual misconduct" in pdf.pages[0].extract_text() and len(pdf.pages) == 1
        width, height = chart.page(size.removeprefix(".") or "page").figure.get_size_inches() * 72
        assert [*pdf.pages[0].mediabox[2:]] == pytest.approx([width, height], abs=0.01)
    with Image.open(files[".png"]) as image:
        assert image.width == round(chart.figure.get_size_inches()[0] * 200)


@pytest.mark.parametrize("rates_by_type", ["proceedings"], indirect=True)
def test_a_pdf_is_tagged_with_language_and_alt_text(chart):
    """One figure, told in full to a screen reader; not dated, so that the same picture is the same bytes."""
    pdf = PdfReader(io.BytesIO(chart.pdf("square")), strict=True)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB" and pdf.metadata.creation_date is None
    figures = [entry for entry in structure(root["/StructTreeRoot"]) if entry.get("/S") == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == [chart.description("square")]


@pytest.mark.parametrize("rates_by_type", ["proceedings"], indirect=True)
def test_each_size_is_drawn_once_as_lines_and_once_as_dots(rates_by_type, monkeypatch):
    """Its PDF is made from its SVG: a pack of many pictures is no long wait."""
    drawn, savefig = [], Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda *a, format, **k: (drawn.append(format), savefig(*a, format=format, **k))
    )
    dismissal_rates_by(rates_by_type).contents()
    assert sorted(drawn) == ["rgba"] * 3 + ["svg"] * 3


def structure(element):
    """An element of a PDF's structure and all under it."""
    found = element.get_object()
    if isinstance(found, dict):
        yield found
        under = found.get("/K", [])
        for part in under if isinstance(under, list) else [under]:
            yield from structure(part)


def test_a_picture_has_few_colours_and_those_of_the_chart(exhibits):
    """A palette of 16, without dither: white is white, and marks are as they are in the SVG."""
    with Image.open(io.BytesIO(exhibits[0].png("square"))) as image:
        assert image.mode == "P" and len(image.getcolors()) <= 16
        colours = [colour for _, colour in sorted(image.convert("RGB").getcolors(), reverse=True)]
    assert colours[0] == (255, 255, 255)
    assert {tuple(round(255 * part) for part in to_rgb(ink)) for ink in (BLUE, PINK, BLACK, GREY)} <= {*colours}


def test_every_system_draws_the_same_letters(exhibits):
    """The typeface is in each exported SVG, once in the site: matplotlib's own outlines, and all letters we use."""
    used = {letter for drawn in exhibits for text in drawn.page().figure.findobj(Text) for letter in text.get_text()}
    for file, face in faces().items():
        theirs, ours = TTFont(TYPEFACE / f"{Path(file).stem}.ttf"), TTFont(io.BytesIO(face))
        for letter in sorted(used - {"\n"}):
            drawn = []
            for font in (theirs, ours):
                assert ord(letter) in font.getBestCmap(), f"{letter!r} is not in {file}"
                glyph, pen = (
                    font.getGlyphSet()[font.getBestCmap()[ord(letter)]],
                    DecomposingRecordingPen(font.getGlyphSet()),
                )
                glyph.draw(pen)
                drawn.append((glyph.width, pen.value))
            assert drawn[0] == drawn[1], (file, letter)
    svg = exhibits[0].svg("square").decode()
    assert re.findall(r"font-family:'DejaVu Sans';font-weight:(\w+);src:url\(data:font/woff", svg) == ["normal", "bold"]
    assert "font-face" not in exhibits[0].inline_svg()  # a page has it from site.css
    css = (Path(gallery.__file__).parent / "static" / "site.css").read_text()
    assert {*re.findall(r'src: url\("([^"]+)"\)', css)} == {*faces()}
    assert "Bitstream Vera" in LICENCE.read_text() and all(
        "Bitstream" in str(face["name"].getDebugName(13))
        for face in (TTFont(io.BytesIO(face)) for face in faces().values())
    )


def test_markup_in_a_label_is_shown_as_text(chart):
    nasty = dataclasses.replace(chart, title='<script>"&', alt_text="</desc><script>")
    root = ElementTree.fromstring(nasty.svg().decode())
    assert root.findtext("{http://www.w3.org/2000/svg}title") == '<script>"&'


def test_a_notebook_gets_the_same_png_each_time_with_the_words(data, monkeypatch):
    """A picture that shows in a notebook that was opened and not run, where SVG would not be trusted."""
    import IPython.display

    told = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **options: told.append((data, options)))
    for _ in range(2):
        table = dismissal_rates(data, among="proven", by="complaint_type")
        dismissal_rates_by(table).show()
    (data, options), again = told
    assert (data, options) == again and set(data) == {"text/plain", "image/png"}
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    size = options["metadata"]["image/png"]
    assert picture.format == "PNG" and size["width"] < picture.width <= 2 * size["width"]
    assert len(data["image/png"]) < 100_000 and "Source: " in data["text/plain"]
