"""Pages on paper, wide tables on a desk: no column is lost, no chart is cut, nothing is printed that is empty."""

import io
import re

import pytest
from browser import go
from pypdf import PdfReader

SHEET, TALL = 718, 985  # pixels of an A4 page between margins of a centimetre; what its height leaves under a heading
SMALLEST = 11  # pixels of letters
PAGES = (
    "index.html",
    "charts/published_rates_by_complaint_type.html",
    "forces/metropolitan-police-service.html",
    "forces/index.html",
    "types/sexual-misconduct.html",
    "demands/racism-sexism-violence.html",
    "answers/metropolitan-police-service--sexual-misconduct.html",
    "builder.html",
    "own.html",
    "data.html",
    "data-dictionary.html",
    "literature.html",
    "notebooks/05_published_rates.html",
    "notebooks/01_dismissal_rates_by_complaint_type.html",
)
OUTSIDE = """() => [...document.querySelectorAll("th, td, figure, svg, img, pre, p, li")]
  .filter(item => item.checkVisibility() && !item.closest(".hidden"))
  .filter(item => item.getBoundingClientRect().width > 2 && item.getBoundingClientRect().right > innerWidth + 1)
  .map(item => item.textContent.slice(0, 40))"""
LETTERS = """() => Math.min(...[...document.querySelectorAll("main :is(a, p, li, dd, span)")]
  .filter(item => item.checkVisibility() && !item.closest("table, svg, .hidden"))
  .map(item => parseFloat(getComputedStyle(item).fontSize)))"""
CUT = """tall => [...document.querySelectorAll("figure")].map(item => item.getBoundingClientRect().height)
  .filter(height => height > tall)"""
FRAMES = "figure, fieldset, section, details, .scroll, .copied, .notice, .card, ul, dl"
EMPTY = """frames => [...document.querySelectorAll(frames)]
  .filter(item => item.checkVisibility() && item.getBoundingClientRect().height > 6)
  .filter(item => !item.querySelector("svg, img") && ![...item.children].some(
    part => part.localName !== "summary" && part.getBoundingClientRect().height > 0) && !(
    item.localName !== "details" && item.innerText.trim()))
  .map(item => item.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_on_paper_loses_no_column_and_prints_no_empty_frame(tab, site, path):
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, path)
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(EMPTY, FRAMES) == []
    assert page.evaluate(CUT, TALL) == []
    assert page.evaluate(LETTERS) >= SMALLEST
    assert page.evaluate("document.documentElement.scrollWidth") <= SHEET


def test_a_notebook_prints_the_pictures_that_were_not_yet_loaded(tab, site):
    page = tab()
    go(page, site, "notebooks/14_over_time.html")
    many = page.locator("figure img").count()
    pdf = page.pdf(format="A4")
    assert many and len(re.findall(rb"/Subtype\s*/Image\b", pdf)) == many  # each once, whole


def sheets_of(page, site, path):
    """The words of each sheet that a page is printed on, between margins of a centimetre."""
    go(page, site, path)
    pdf = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "1cm"))
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(pdf)).pages]


BEFORE = {  # what goes on before a chart for which its sheet has no room
    "forces/metropolitan-police-service.html": ("Each complaint type, to copy", "By what they are accused of"),
    "types/sexual-misconduct.html": ("Force by force", "Step by step"),
    "charts/dismissal_rates_by_complaint_type.html": ("The numbers", "Dashed line: all complaint types"),
    "builder.html": ("What it means", "Dashed line: all complaint types"),
    "notebooks/04_forces.html": ("One force against all others", "Dashed: 95% limits"),
}


@pytest.mark.parametrize("path", BEFORE)
def test_text_goes_on_before_a_chart_that_waits_for_the_next_sheet(tab, site, path):
    """More than half of the first sheet was empty."""
    first, second, *_ = sheets_of(tab(), site, path)
    text, of_chart = BEFORE[path]
    assert text in first and of_chart not in first and of_chart in second


@pytest.mark.parametrize("path", ("forces/index.html", "charts/index.html", "glossary.html"))
def test_no_sheet_is_for_a_line_or_two(tab, site, path):
    """The last one held the end of the sources and licences, or nothing."""
    assert min(map(len, sheets_of(tab(), site, path))) > 200


def test_a_very_long_chart_is_printed_in_letters_that_can_be_read(tab, site):
    """Its 24 rows were as high as a sheet, in letters of four points."""
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, "charts/published_rates_by_complaint_type.html")
    page.locator(".chart img").evaluate("item => { item.loading = 'eager'; return item.decode() }")
    shown = page.locator(".chart svg, .chart img").filter(visible=True)
    assert shown.count() == 1 and shown.bounding_box()["width"] > 0.9 * SHEET
    assert shown.get_attribute("alt") and shown.evaluate("item => item.naturalWidth") == 1920
    page.emulate_media(media="screen")
    assert page.locator(".chart img").count() == 1 and not page.locator(".chart img").is_visible()


def test_a_table_on_several_sheets_has_its_headings_on_each(tab, site):
    sheets = sheets_of(tab(), site, "forces/metropolitan-police-service.html")
    rows = [text for text in sheets if len(re.findall("(?:people|cases|allegations|complaints) [ABC] ", text)) > 5]
    assert len(rows) > 1 and all("published by" in text for text in rows)


WIDE = ("charts/published_rates_vawg.html", "charts/chicago_dismissal_rates.html", "findings.html")


@pytest.mark.parametrize("path", (*WIDE, "data-dictionary.html", "notebooks/05_published_rates.html"))
def test_no_column_of_a_wide_table_is_out_of_sight_on_a_desk_or_a_tablet(tab, site, path):
    """Tables of 12 columns and more, and of long names, went on beyond what was shown."""
    page = tab(1280)
    go(page, site, path)
    boxes = "[document.documentElement, ...document.querySelectorAll('.scroll')]"
    for width in (1280, 1024, 768):
        page.set_viewport_size({"width": width, "height": 800})
        cut = page.evaluate(f"{boxes}.filter(box => box.scrollWidth > box.clientWidth + 1).length")
        assert not cut, f"at {width}"


@pytest.mark.parametrize(("path", "laid_out"), [("literature.html", "block"), ("data-dictionary.html", "table-row")])
def test_a_table_with_addresses_is_printed_row_by_row_and_another_in_columns(tab, site, path, laid_out):
    """Each address took six lines of a narrow column."""
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, path)
    found = page.locator(".stack tbody tr").evaluate_all("rows => rows.map(row => getComputedStyle(row).display)")
    assert len(found) > 20 and {*found} == {laid_out}


def test_no_heading_of_a_fact_sheet_is_printed_apart_from_its_table(tab, site):
    """How their cases ended, with its note, stood at the foot of a sheet, the table on the next."""
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, "sheets/metropolitan-police-service-fact-sheet.html")
    kept = "[...document.querySelectorAll('h2, h2 + p, thead')].map(item => getComputedStyle(item).breakAfter)"
    assert {*page.evaluate(kept)} == {"avoid"}


def test_no_word_is_printed_apart_from_its_meaning_or_broken_inside_a_table(tab, site):
    """The last word of a sheet had its meaning on the next; "publisher" went on with "er" in the next line."""
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, "glossary.html")
    assert page.evaluate("getComputedStyle(document.querySelector('dt')).breakAfter") == "avoid"
    go(page, site, "literature.html")
    assert page.evaluate("getComputedStyle(document.querySelector('td:last-child')).overflowWrap") == "break-word"


def test_what_leads_on_from_a_copied_code_is_not_printed(tab, site):
    """How it looks there, without what: its button is not printed."""
    page = tab(SHEET)
    page.emulate_media(media="print")
    go(page, site, WIDE[0])
    assert page.get_by_text("How it looks there").count() == 1
    assert not page.get_by_text("How it looks there").is_visible()


def test_a_word_to_explain_is_in_one_line_of_a_narrow_column(tab, site):
    """What follows it, such as ": 1", stood alone in a third."""
    page = tab(768)
    go(page, site, "answers/metropolitan-police-service--sexual-misconduct.html")
    heights = page.evaluate("[...document.querySelectorAll('td .term')].map(word => word.offsetHeight)")
    assert heights and max(heights) < 30


def test_headings_of_numbers_stand_apart_on_a_phone(tab, site):
    """It read "case to dismissed"."""
    page = tab(360)
    go(page, site, "forces/index.html")
    words = "[...document.querySelectorAll('#list-caption ~ thead .sort')].map(word => word.getBoundingClientRect())"
    gaps = page.evaluate(f"{words}.map((word, n, all) => n ? word.left - all[n - 1].right : 9)")
    assert len(gaps) == 5 and min(gaps) > 6
