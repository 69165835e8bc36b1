"""Pages on paper: every column is on the sheet, and nothing is printed that is empty."""

import re

import pytest
from browser import go

SHEET = 718  # pixels of an A4 page between margins of a centimetre
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
    "notebooks/01_dismissal_rates_by_complaint_type.html",
)
OUTSIDE = """() => [...document.querySelectorAll("th, td, figure, svg, img, pre, p, li")]
  .filter(item => item.checkVisibility() && !item.closest(".hidden"))
  .filter(item => item.getBoundingClientRect().width > 2 && item.getBoundingClientRect().right > innerWidth + 1)
  .map(item => item.textContent.slice(0, 40))"""
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
    assert page.evaluate("document.documentElement.scrollWidth") <= SHEET


def test_a_notebook_prints_the_pictures_that_were_not_yet_loaded(tab, site):
    page = tab()
    go(page, site, "notebooks/05_published_rates.html")
    many = page.locator("figure img").count()
    pdf = page.pdf(format="A4")
    assert many > 5 and len(re.findall(rb"/Subtype\s*/Image\b", pdf)) == many  # each once, whole
