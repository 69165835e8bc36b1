"""Every page in a real browser, loaded once: it is light, fits the narrowest phone and a desk, and is easy to read.

And of each kind that a script changes one without scripts: it has no accessibility problem.
"""

import functools
import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import readability
from browser import for_campaigners, go, go_without_scripts, problems_of, some

HEAVY = 150_000  # bytes of a visit: what a page loads before it is scrolled
EASE = 60  # Flesch reading ease
HARDER = ("demands/",)  # claims and outcomes there are in other people's words
PROSE = """() => {
  const main = document.querySelector('main').cloneNode(true);
  const others = 'table, svg, nav, form, button:not(.term), figure, script, h1, h2, h3, pre';
  main.querySelectorAll(`${others}, .definitions, .files, .plain, .split, .long`).forEach(part => part.remove());
  const blocks = [...main.querySelectorAll('p, li, dd, dt')].filter(part => !part.querySelector('p, li'));
  return blocks.map(part => part.textContent.replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""
CROSSED = ("notebooks/05",)  # a table whose cells go over several columns, which scrolls sideways on a phone
FITS = """() => [
  document.documentElement.scrollWidth,
  [...document.querySelectorAll('h1')].filter(heading => heading.checkVisibility()).length,
  [...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 1).length,
]"""
# Pictures that are near are asked for when the page has been drawn, and what is near it. Told are the sources that are
# not of this width: where the width was just another, Chromium may have asked for one ahead of the page.
DRAWN = """async () => {
  for (let frame = 0; frame < 4 && document.images.length; frame++) await new Promise(requestAnimationFrame);
  return [...document.querySelectorAll('picture')].flatMap(picture => {
    const addresses = [...picture.querySelectorAll('source')].map(source => new URL(source.srcset, document.baseURI));
    const image = picture.querySelector('img');
    return [...addresses, new URL(image.src)].map(String).filter(address => address !== image.currentSrc);
  });
}"""


@functools.cache
def sent(file):
    """How many bytes of a file a server sends: texts compressed, which pictures and letters are already."""
    content = Path(file).read_bytes()
    return len(gzip.compress(content)) if file.endswith((".html", ".css", ".js", ".svg", ".json")) else len(content)


@pytest.fixture
def walk(tab, site, pages):
    """Of each page its words, what it loads and, of either width (the narrower is also 400 %), how wide it is and its
    headings."""
    page, found, asked = tab(), {}, set()
    page.on("request", lambda request: asked.add(unquote(urlsplit(request.url).path)))
    page.on("framenavigated", lambda frame: (asked.clear(), asked.add(unquote(urlsplit(frame.url).path))))
    widths = [320, 1280]
    for path in some(pages):
        go(page, site, path)
        others = {unquote(urlsplit(address).path) for address in page.evaluate(DRAWN)}
        seen = {"prose": page.evaluate(PROSE), "loaded": asked - others}
        for width in reversed(widths):  # the width that it has from the page before is the first
            page.set_viewport_size({"width": width, "height": 800})
            seen[width] = page.evaluate(FITS)
        widths.reverse()
        found[path] = seen
    return found


def reading_ease(blocks):
    """Flesch reading ease of paragraphs, by words alone: numbers are no words."""
    sentences = [sentence for block in blocks for sentence in re.split(r"(?<=[.!?])\s+", block)]
    lines = [" ".join(re.findall(r"[A-Za-z][A-Za-z'’-]*", sentence)) for sentence in sentences]
    text = "\n".join(f"{line} ." for line in lines if line)
    return readability.getmeasures(text, lang="en")["readability grades"]["FleschReadingEase"] if text else 100


def test_the_measure_knows_plain_from_hard():
    assert reading_ease(["The cat sat on the mat. It was warm."]) > 90
    assert reading_ease(["Disciplinary determinations necessitate comprehensive evidential substantiation."]) < 0


def test_every_page_is_light_fits_and_is_easy_to_read(walk):
    assert len(walk) > 95
    hard = {}
    for path, seen in walk.items():
        assert (weight := sum(map(sent, seen["loaded"]))) < HEAVY, f"{path}: {weight:,} bytes compressed"
        for width in (320, 1280):
            wide, headings, cut = seen[width]
            assert wide <= width and headings == 1, f"{path} at {width}: {wide} wide, {headings} headings"
            is_whole = not cut or width > 320 or path.startswith(CROSSED)  # at a desk, records scroll sideways
            assert is_whole, f"{path}: {cut} tables are cut off"
    for path in for_campaigners([path for path in walk if not path.startswith("embed/")]):  # a chart's own words
        ease = reading_ease(walk[path]["prose"])
        if ease < (50 if path.startswith(HARDER) else EASE):
            hard[path] = round(ease, 1)
    assert not hard


OVERLAPPING = """() => {
  const all = [...document.querySelectorAll('.chart svg text, .cards svg text')];
  const texts = all.filter(text => text.checkVisibility());
  const seen = texts.map(text => [text.closest('svg'), text.textContent, text.getBoundingClientRect()]);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom - 4 <= b.top || b.bottom - 4 <= a.top;
  return seen.flatMap(([svg, said, box], n) => seen.slice(n + 1)
    .filter(other => other[0] === svg && !apart(box, other[2])).map(other => `${said} / ${other[1]}`));
}"""


@pytest.mark.parametrize("path", ["charts/published_rates_vawg.html", "charts/index.html"])
def test_in_a_drawing_no_text_stands_on_another(tab, site, path):
    page = tab()
    go(page, site, path)
    assert page.locator("svg text").count() > 50 and not page.evaluate(OVERLAPPING)


SCRIPTED = (  # one of each kind that a script changes; without one the others are what test_site looks at
    *("index.html", "types/index.html", "forces/index.html", "forces/metropolitan-police-service.html", "data.html"),
    *("charts/dismissal_rates_by_complaint_type.html", "notebooks/04_forces.html", "builder.html", "own.html"),
    *("embed/dismissal_rates_by_complaint_type.html", "answers/index.html", "answers/sussex-police--driving.html"),
)


@pytest.mark.parametrize("path", SCRIPTED)
def test_no_kind_of_page_has_an_accessibility_problem_without_scripts(tab, site, path):
    page = tab(360)
    go_without_scripts(page, site, path)
    assert not problems_of(page)


def test_without_scripts_axe_looks_at_what_a_script_would_have_taken_away(tab, site):
    page, bare = tab(), tab()
    go(page, site, "own.html")
    go_without_scripts(bare, site, "own.html")
    said = [one.get_by_text("This page needs JavaScript").is_visible() for one in (page, bare)]
    assert said == [False, True]
    bare.evaluate("document.querySelector('main p').style.color = '#ddd'")
    assert any(found.startswith("light: color-contrast") for found in problems_of(bare))
