"""The gallery in a real browser: every page, as people with phones, keyboards or no JavaScript see it."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from people import with_tables
from PIL import Image
from playwright.sync_api import sync_playwright

from analysis.build.everything import site_step
from analysis.charts.chart import slug
from analysis.counting.rate_words import group_label
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import to_csv_bytes
from analysis.publishing.builder import combinations
from analysis.publishing.gallery import SITE, build_gallery

KINDS = {
    "front": "index.html",
    "chart": "charts/dismissal_rates_by_complaint_type.html",
    "charts": "charts/index.html",
    "forces": "forces/index.html",
    "force": "forces/metropolitan-police-service.html",
    "small force": "forces/kent-police.html",
    "force without cases": "forces/police-scotland.html",
    "types": "types/index.html",
    "type": "types/sexual-misconduct.html",
    "notebook": "notebooks/04_forces.html",
    "document": "methodology.html",
    "data": "data.html",
    "builder": "builder.html",
}


@pytest.fixture(scope="module")
def site(data, tmp_path_factory):
    """The gallery as `make build` left it, or built now if it is not there or not up to date."""
    if site_step().is_done():
        return SITE
    folder = tmp_path_factory.mktemp("gallery") / "site"
    build_gallery(data, folder)
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="module")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("The pages are tested in Chromium, which is not installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, site):
    """A function that opens a tab; at its end nothing may have been logged, thrown or asked of the outside."""
    problems, contexts = [], []

    def open_tab(width=1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 800}, accept_downloads=True, **options)
        contexts.append(context)

        def only_files(route):
            if not route.request.url.startswith(("file:", "data:", "blob:")):
                problems.append(f"asked for {route.request.url}")
                return route.abort()
            return route.continue_()

        context.route("**/*", only_files)
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert not problems


def go(page, site, path):
    page.goto((site / path.split("#")[0]).as_uri() + (f"#{path.split('#')[1]}" if "#" in path else ""))


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_loads_and_fits(tab, site, pages, width):
    page = tab(width)
    assert len(pages) > 95
    for path in pages:
        go(page, site, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_kind_of_page_has_an_accessibility_problem(tab, site, scheme):
    page = tab(color_scheme=scheme)
    for kind, path in KINDS.items():
        go(page, site, path)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        found = Axe().run(page, options={"preload": False})
        said = [f"{entry['id']}: {entry['nodes'][0]['html'][:200]}" for entry in found.response["violations"]]
        assert not said, (kind, said)


def test_the_axe_test_would_find_something(tab, site):
    page = tab()
    go(page, site, "index.html")
    page.evaluate("document.querySelector('.lead').style.color = '#ddd'")
    assert any(
        entry["id"] == "color-contrast" for entry in Axe().run(page, options={"preload": False}).response["violations"]
    )


class Links(HTMLParser):
    """The addresses and ids of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.links += [found[name] for name in ("href", "src") if found.get(name) and tag != "use"]
        self.ids += [found["id"]] if "id" in found else []


def test_every_link_leads_somewhere_and_every_id_is_there_once(site, pages):
    parsed = {path: Links((site / path).read_text(encoding="utf-8")) for path in pages}
    checked = 0
    for path, page in parsed.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("https", "http", "data"), (path, link)
                continue
            target = (site / path).parent / unquote(parts.path) if parts.path else site / path
            assert target.resolve().is_file(), (path, link)
            name = target.resolve().relative_to(site.resolve()).as_posix()
            if parts.fragment and name in parsed and not name.startswith("builder"):
                assert parts.fragment in parsed[name].ids, (path, link)
            checked += 1
    assert checked > 2000


def test_nothing_is_loaded_from_outside(site, pages):
    for path in pages:
        text = (site / path).read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|link|iframe)[^>]+(?:src|href)="(?:https?:)?//', text), path


def test_size_limits(site):
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) < 25e6
    front = ["index.html", "static/site.css", "static/site.js"]
    assert sum((site / name).stat().st_size for name in front) < 300e3


def test_without_javascript_the_lists_are_links_and_no_dead_control_shows(tab, site):
    page = tab(java_script_enabled=False)
    go(page, site, "index.html")
    assert page.locator("#pickable a").count() >= 13 + 45
    assert page.locator("input:visible, button:visible").count() == 0
    go(page, site, "builder.html")
    assert page.get_by_text("This page needs JavaScript").is_visible() and not page.locator("#builder").is_visible()


def test_the_filter_narrows_the_lists_and_says_so(tab, site):
    page = tab(360)
    go(page, site, "index.html")
    page.get_by_label("Find a complaint type or a force").fill("yorkshire")
    shown = page.locator("#pickable li:visible a").all_inner_texts()
    assert shown == ["North Yorkshire Police", "South Yorkshire Police", "West Yorkshire Police"]
    assert page.locator("#filter-status").inner_text().startswith("3 of ")


def test_copying_copies_the_sentence(tab, site, overall):
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    go(page, site, "charts/dismissal_rates_by_complaint_type.html")
    page.get_by_role("button", name="Copy this sentence").click()
    page.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#sentence").inner_text() and len(copied) < 280
    assert "{} of {}".format(*overall) in copied


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        ("index.html", ["21", "478"]),
        ("forces/leicestershire-police.html", ["Leicestershire Police", "4 of 17", "in 1 of 5 investigations"]),
        ("types/sexual-misconduct.html", ["Sexual misconduct", "5 of 16", "in 5 of 14 investigations"]),
        ("builder.html#types=driving", ["Driving", "0 of 31", "in 0 of 29 investigations"]),
    ],
)
def test_a_copied_sentence_carries_figure_place_period_and_source(tab, site, path, figures):
    """Every sentence that a page offers to copy can stand alone."""
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    go(page, site, path)
    buttons = page.get_by_role("button", name="Copy this sentence")
    copied = []
    for number in range(buttons.count()):
        buttons.nth(number).click()
        page.get_by_text("Copied", exact=True).first.wait_for()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
        buttons = page.get_by_role("button", name=re.compile("Copy this sentence|Copied"))
    assert len(copied) == {"index.html": 6}.get(path, 1 if "builder" in path else 5)
    for text in copied:
        for part in ("England and Wales", "2013 to 2019", "Source: IOPC investigation summaries"):
            assert part in text, text
    assert all(figure in copied[0] for figure in figures), copied[0]


def test_the_quote_of_a_force_is_about_its_own_record(tab, site):
    page = tab()
    go(page, site, "forces/metropolitan-police-service.html")
    quoted = [page.locator(f"#{name}").inner_text() for name in ("sentence", "citation")]
    for text in quoted:
        assert "Metropolitan Police Service: 2 of 84 people with a case to answer, in 2 of 57 investigations" in text
        assert "chance" not in text and "No force" not in text


def test_nobody_alone_is_a_percentage(tab, site, pages, data):
    """Pages about one or two people say what became of them; none has a card, a chart or a share of 100 %."""
    page = tab()
    by_force = dismissal_rates(data, among="case_to_answer", by="force")
    few = by_force.groups[by_force.groups["denominator"].between(1, 4)]
    assert len(few) > 10
    for path in ["types/domestic-abuse-by-the-subject.html", *(f"forces/{slug(force)}.html" for force in few["force"])]:
        go(page, site, path)
        text = page.locator("main").inner_text().split("Published by others")[0]
        assert "%" not in page.locator(".rates dd strong").first.inner_text() and "100.0%" not in text, path
        assert page.locator("main svg, .card").count() == 0, path
        assert "%" not in page.locator("#sentence").inner_text() + page.locator("#citation").inner_text(), path
    go(page, site, "types/domestic-abuse-by-the-subject.html")
    assert (
        page.locator("#sentence")
        .inner_text()
        .startswith("Domestic abuse by the subject: 1 person, in 1 investigation: dismissed. England and Wales.")
    )
    for path in pages:
        assert not re.search(r"(?<![\d,.])1 people\b", (site / path).read_text(encoding="utf-8")), path


def test_the_keyboard_reaches_every_control(tab, site):
    page = tab()
    for path in (KINDS["front"], KINDS["force"], KINDS["builder"]):
        go(page, site, path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href], button, input, select, summary')].filter(item => "
            "item.checkVisibility() && !(item.type === 'radio' && !item.checked)).length"
        )
        reached = 1
        for _ in range(wanted + 40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            reached += page.evaluate("document.activeElement.matches('a, button, input, select, summary')")
        assert reached >= wanted, path


def in_words(row):
    """A row of a rate table as pages say it: one or two people as people, more as a count and its investigations."""
    if row.denominator <= 2:
        cases = f"{row.n_cases} investigation{'s' if row.n_cases > 1 else ''}"
        return f"{row.denominator} {'person' if row.denominator == 1 else 'people'}, in {cases}: "
    counts = f"{row.numerator} of {row.denominator}"
    if (row.numerator, row.denominator) == (row.n_cases_counted, row.n_cases):
        return counts
    return f"{counts}, in {row.n_cases_counted} of {row.n_cases} investigation"


def test_a_page_shows_the_figures_of_the_rate_table(tab, site, data):
    """Three denominators of a few forces and of every complaint type, against the columns."""
    page = tab()
    by_type = dismissal_rates(data, among="proven", by="complaint_type")
    for row in by_type.groups.itertuples():
        go(page, site, f"types/{slug(group_label('complaint_type', row.complaint_type))}.html")
        text = page.locator(".rates").inner_text()
        assert in_words(row) in text or not row.denominator
    by_force = dismissal_rates(data, among="case_to_answer", by="force")
    for row in by_force.groups.tail(12).itertuples():
        if row.force == "(not stated)":
            continue
        go(page, site, f"forces/{slug(row.force)}.html")
        text = page.locator("main").inner_text()
        assert in_words(row) in text
        assert ("too few to say anything" in text) == (row.denominator < 10)


def test_a_force_without_cases_gets_an_honest_page(tab, site):
    page = tab(360)
    go(page, site, KINDS["force without cases"])
    text = page.locator("main").inner_text()
    assert (
        "No published investigation in these data concerns Police Scotland." in text
        and "freedom of information" in text
    )
    assert page.locator("main svg").count() == 0


def test_downloads_are_the_tables_and_the_charts(site, data):
    listed = (site / "data.html").read_text(encoding="utf-8")
    for name in ("subjects", "allegations", "claims", "published_rates", "published_figures", "sources"):
        content = (site / "downloads" / f"{name}.csv").read_bytes()
        assert hashlib.sha256(content).hexdigest()[:16] in listed
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        assert len(rows) == len(data[name]) + 1
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    assert (site / "downloads" / "allegations.csv").read_bytes() == to_csv_bytes(data.allegations)
    exported = site / "downloads" / "charts" / "dismissal_rates_by_complaint_type.square.png"
    with Image.open(exported) as image:
        assert image.size == (1080, 1080) and "IOPC" in image.info["Source"]


def test_data_cannot_act_in_a_page(data, tmp_path, tab):
    """Labels that are markup, in a source's own words, are shown as text."""
    nasty = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    damaged = with_tables(data, sources=data["sources"].assign(publisher=nasty, url="javascript:alert(3)"))
    from analysis.publishing.gallery import _figures, force_part

    [(path, content), *_] = force_part("Metropolitan Police Service", "met", _figures(damaged))
    (tmp_path / "forces").mkdir()
    (tmp_path / path).write_bytes(content)
    assert b"<script>alert" not in content and b"<img src=x" not in content and b"javascript:alert" not in content
    page = tab()
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    page.set_content(content.decode())
    assert nasty in page.locator(".published").inner_text()


def test_an_interrupted_build_leaves_the_old_site_whole(data, tmp_path, monkeypatch):
    from analysis.publishing import gallery

    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("the old one")

    def broken(*_):
        yield "index.html", b"new"
        raise KeyboardInterrupt

    monkeypatch.setattr(gallery, "site_files", broken)
    with pytest.raises(KeyboardInterrupt):
        build_gallery(data, folder)
    assert (folder / "index.html").read_text() == "the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_picture_of_a_notebook_has_its_words(tmp_path):
    from analysis.publishing.rendering import notebook_html

    picture = {"text/plain": 'Every "figure" <here>', "image/png": "aGk=\n"}
    output = nbformat.v4.new_output("display_data", picture, metadata={"image/png": {"width": 560, "height": 300}})
    cells = [nbformat.v4.new_markdown_cell("# A title"), nbformat.v4.new_code_cell("1", outputs=[output])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_a.ipynb")
    alt = "Every &quot;figure&quot; &lt;here&gt;"
    expected = f'<img src="data:image/png;base64,aGk=" height="300" width="560" alt="{alt}"></figure>'
    assert expected in str(notebook_html(tmp_path / "01_a.ipynb")["body"])


@pytest.mark.parametrize("path", ["../outside.html", "/tmp/outside.html", "a/../../outside.html"])
def test_no_file_can_leave_the_site(data, tmp_path, monkeypatch, path):
    from analysis.errors import MisconductError
    from analysis.publishing import gallery

    monkeypatch.setattr(gallery, "site_files", lambda *_: iter([(path, b"x")]))
    with pytest.raises(MisconductError, match="outside"):
        build_gallery(data, tmp_path / "deep" / "site")
    assert not (tmp_path / "outside.html").exists() and not Path("/tmp/outside.html").exists()


# --- the chart builder ----------------------------------------------------------------------------------------------

STATES = """
keys => keys.map(([among, count, force]) => {
  choose({ among, count, force, types: DATA.types.map(kind => kind.code) });
  const lines = [...document.querySelectorAll('#numbers tbody tr')];
  const rows = lines.map(row => [...row.cells].map(cell => cell.textContent));
  const drawn = [...document.querySelectorAll('#picture svg g[data-type]')].map(group => [
    group.querySelector('.label').textContent, group.querySelector('.figure').textContent]);
  const shown = !document.getElementById('result').hidden;
  const dots = document.querySelectorAll('#picture svg circle').length;
  return { rows, drawn, dots, shown, title: document.querySelector('#picture svg title')?.textContent,
           definition: document.getElementById('definition').textContent,
           status: document.getElementById('status').textContent };
})
"""


def test_every_combination_shows_the_figures_of_its_rate_table(tab, site, data):
    """Counts, rates, intervals, unknown outcomes, title and definition of every choice that the builder offers."""
    page = tab()
    go(page, site, "builder.html")
    found = list(combinations(data))
    keys = [[table.among, table.count, table.filter.get("force", "")] for table in found]
    offered = page.evaluate("[DATA.denominators.length * DATA.numerators.length, DATA.forces.length]")
    assert offered == [14, len({key[2] for key in keys})] and len(keys) > 500
    for table, state in zip(found, page.evaluate(STATES, keys), strict=True):
        total = table.total
        assert state["shown"] == bool(total["denominator"])
        if not state["shown"]:
            assert "nothing to draw" in state["status"]
            continue
        assert state["definition"] == table.definition
        readable = table.readable().set_axis(table.with_total["complaint_type"])
        few = dict(zip(table.with_total["complaint_type"], table.with_total["denominator"] < 5, strict=True))
        expected = {
            "All complaint types" if code == "(all)" else row["complaint type"]: [
                row["dismissed"],
                row["investigations"],
                "[u]" if few[code] else row["rate"],
                "[u]" if few[code] else row["95% interval"],
                str(row["outcome unknown"]),
            ]
            for code, row in readable.iterrows()
            if row["dismissed"] != "0 of 0"
        }
        assert {row[0]: row[1:] for row in state["rows"]} == expected
        figures = {
            label: f"{cells[0]} [u]" if cells[2] == "[u]" else f"{cells[0]} = {cells[2]}"
            for label, cells in expected.items()
        }
        assert dict(state["drawn"]) == ({} if few["(all)"] else figures)
        assert state["dots"] == (0 if few["(all)"] else sum(cells[2] != "[u]" for cells in expected.values()))
        assert state["rows"][0][0] == "All complaint types" and str(total["denominator"]) in state["rows"][0][1]


def test_the_builder_counts_what_a_filter_counts(data):
    """Its shortcut (one count for all forces) gives exactly the rows of dismissal_rates with the force as filter."""
    checked = 0
    for table in combinations(data):
        if not table.where or hash((table.among, table.count, table.filter["force"])) % 8:
            continue
        question = {"among": table.among, "count": table.count, "where": table.where}
        direct = dismissal_rates(data, by="complaint_type", **question)
        assert table.to_csv() == direct.to_csv() and table.definition == direct.definition
        checked += 1
    assert checked > 20


def test_dots_lie_where_their_rates_are(tab, site):
    page = tab()
    go(page, site, "builder.html")
    marks = page.evaluate(
        "answer(chosen()).rows.filter(row => row.people >= 5).map(row => [row.at, row.low, row.high, "
        "...(group => [group.querySelector('circle').cx.baseVal.value, "
        "group.querySelector('.interval').x1.baseVal.value, group.querySelector('.interval').x2.baseVal.value])"
        '(document.querySelector(`#picture g[data-type="${row.type}"]`))])'
    )
    (share0, *_, x0, _, _), (share1, *_, x1, _, _) = marks[0], marks[1]
    scale = (x1 - x0) / (share1 - share0)
    for at, low, high, x, x_low, x_high in marks:
        for share, place in ((at, x), (low, x_low), (high, x_high)):
            assert place == pytest.approx(x0 + (share - share0) * scale, abs=0.02)


def test_a_selection_says_that_it_is_one(tab, site):
    page = tab()
    go(page, site, "builder.html#among=proven&count=dismissed&force=Kent+Police&types=use_of_force,driving")
    assert page.locator("#force").input_value() == "Kent Police"
    assert page.locator("[name=type]:checked").count() == 2
    assert page.locator("#picture svg").count() == 0  # two people
    go(page, site, "builder.html#among=proven&count=dismissed&types=use_of_force,driving")
    assert "Selected complaint types only." in page.locator("#picture svg").text_content()
    page.get_by_role("button", name="None").click()
    assert page.locator("#numbers tbody tr").count() == 1


SELECTED = {
    "Metropolitan Police Service|sexual_misconduct": (
        "Metropolitan Police Service, sexual misconduct: 1 of 6 people with a case to answer, in 1 of 4 investigations",
        "2 of 84",
        "metropolitan-police-service",
    ),
    "Leicestershire Police|discriminatory_behaviour": (
        "Leicestershire Police, discriminatory behaviour: 4 of 8 people with a case to answer, in 1 of 1 "
        "investigation, were dismissed or would have been; all are in one investigation",
        "4 of 17",
        "leicestershire-police",
    ),
}


@pytest.mark.parametrize("selected", SELECTED)
def test_the_builder_speaks_of_the_type_that_is_selected(tab, site, selected):
    """Title, status, sentence, citation, caption, alt text, picture, data and file names."""
    said, total, place = SELECTED[selected]
    force, kind = selected.split("|")
    page = tab()
    go(page, site, f"builder.html#force={force.replace(' ', '%20')}&types={kind}")
    for name in ("status", "b-sentence", "b-citation", "b-caption", "b-alt-text"):
        assert said in page.locator(f"#{name}").text_content(), name
    for name in ("status", "b-sentence", "b-citation", "b-caption"):
        assert total not in page.locator(f"#{name}").text_content(), name
    assert said in page.locator("#picture svg title").text_content()
    assert page.locator("#numbers tbody tr").first.inner_text().startswith(group_label("complaint_type", kind))
    stem = f"dismissal-rates.{place}.case-to-answer.dismissed-or-would-have-been.{kind.replace('_', '-')}"
    name, content = take(page, "Data, CSV")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert name == f"{stem}.csv" and {row["selected_types"] for row in rows} == {kind}
    assert [row["complaint_type"] for row in rows] == [kind, "(all)"]
    name, content = take(page, "PNG")
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert name == f"{stem}.png" and said in image.text["Title"] and said in image.text["Description"]


def test_the_builder_names_several_types_and_says_when_there_is_nobody(tab, site):
    page = tab()
    go(page, site, "builder.html#types=driving,sexual_misconduct")
    assert page.locator("#status").inner_text() == (
        "Dismissed or would have been, of people with a case to answer: sexual misconduct 5 of 16; driving 0 of 31."
    )
    assert (
        "sexual misconduct 5 of 16, in 5 of 14 investigations; driving 0 of 31, in 0 of 29 investigations. England"
        in (page.locator("#b-sentence").inner_text())
    )
    go(page, site, "builder.html#types=driving,sexual_misconduct,use_of_force,custody_care")
    assert page.locator("#b-caption").inner_text().startswith("4 complaint types: dismissed or would have been")
    go(page, site, "builder.html#force=Kent+Police&types=sexual_misconduct")
    assert page.locator("#status").inner_text().startswith("Kent Police, sexual misconduct: nobody in these data")
    names = page.evaluate(
        "[DATA.types.map(kind => kind.code), DATA.types.map(kind => kind.code).slice(1), [], "
        "DATA.types.map(kind => kind.code).slice(0, 6)].map(namePart)"
    )
    assert names == ["", "all-but_arrest-search-powers", "all-types-together", "6-complaint-types"]


def test_one_person_is_a_person_in_the_builder(tab, site):
    page = tab()
    go(page, site, "builder.html#types=domestic_abuse")
    said = "Domestic abuse by the subject: 1 person with a case to answer, in 1 investigation: dismissed or would"
    assert page.locator("#b-sentence").inner_text().startswith(said)
    assert "100.0%" not in page.locator("#result").inner_text() + page.locator("#picture svg").text_content()
    assert page.locator("#picture circle").count() == 1  # everybody's
    go(page, site, "builder.html#force=Cumbria+Constabulary")
    said = "Cumbria Constabulary: 1 person with a case to answer, in 1 investigation: not dismissed. England and Wales."
    assert page.locator("#b-sentence").inner_text().startswith(said)
    assert (
        not page.locator("#picture").is_visible()
        and not page.get_by_role("button", name="PNG", exact=True).is_visible()
    )
    assert page.get_by_role("button", name="Data, CSV").is_visible()


def test_the_address_reproduces_the_chart_and_what_it_does_not_know_is_said(tab, site):
    page = tab()
    go(page, site, "builder.html#among=proven&force=Atlantis+Police")
    assert "Not known, and left out: Atlantis Police." in page.locator("#status").inner_text()
    page.locator("#force").select_option("Metropolitan Police Service")
    address = page.url
    again = tab()
    again.goto(address)
    assert again.locator("#definition").inner_text() == page.locator("#definition").inner_text()
    assert again.locator("#b-sentence").inner_text() == page.locator("#b-sentence").inner_text()


def take(page, name):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_the_builder_gives_pictures_and_data(tab, site, data):
    page = tab()
    go(page, site, "builder.html#among=proven&count=dismissed&force=Metropolitan+Police+Service")
    table = dismissal_rates(
        data,
        **{"among": "proven", "count": "dismissed", "by": "complaint_type"},
        where={"force": "Metropolitan Police Service"},
    )
    name, content = take(page, "Data, CSV")
    assert name == "dismissal-rates.metropolitan-police-service.proven.dismissed.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    expected = {row["complaint_type"]: row for row in csv.DictReader(io.StringIO(table.to_csv().decode()))}
    for row in rows:
        assert [row.pop(name) for name in ("only_force", "among", "count", "selected_types")] == [
            "Metropolitan Police Service",
            "proven",
            "dismissed",
            "",
        ]
        assert row == expected[row["complaint_type"]]
    name, content = take(page, "SVG")
    root = ElementTree.fromstring(content)
    text = "".join(root.itertext())
    assert "Metropolitan Police Service: 1 of 36" in root.findtext("{http://www.w3.org/2000/svg}title")
    assert "Source: IOPC investigation summaries" in text and "Only Metropolitan Police Service." in text
    for button, size in (("PNG", None), ("Square PNG, for phones", (1080, 1080))):
        name, content = take(page, button)
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert image.size == size or (size is None and image.width == 1120)
            assert image.text["Source"].startswith("Source: IOPC") and "1 of 36" in image.text["Title"]
            colours = image.convert("RGB").getcolors(10_000_000)
            assert len(colours) > 20  # something is drawn


@pytest.mark.parametrize("width", [360, 1280])
def test_no_text_of_the_builders_pictures_is_cut_or_covered(tab, site, width):
    page = tab(width)
    for state in ("", "#force=Metropolitan+Police+Service", "#among=gross_misconduct_proven", "#force=Kent+Police"):
        go(page, site, f"builder.html{state}")
        for shape in ("page", "phone", "square"):
            boxes = page.evaluate(
                """shape => {
                  const made = draw(current, shape);
                  document.getElementById('picture').replaceChildren(made.svg);
                  return [...made.svg.querySelectorAll('text')].map(text => {
                    const box = text.getBBox();
                    const corners = [box.x, box.y, box.x + box.width, box.y + box.height];
                    return [text.textContent, ...corners, made.width, made.height];
                  });
                }""",
                shape,
            )
            for number, (text, left, top, right, bottom, whole, tall) in enumerate(boxes):
                assert left >= 0 and right <= whole and top >= -1 and bottom <= tall + 1, (state, shape, text)
                for other, x0, y0, x1, y1, *_ in boxes[number + 1 :]:
                    across, down = min(right, x1) - max(left, x0), min(bottom, y1) - max(top, y0)
                    assert across <= 0 or down <= 6, (state, shape, text, other)


def test_a_label_cannot_end_the_data_of_the_page(tab):
    from analysis.publishing.builder import safe_json

    nasty = {"label": "</script><img src=x onerror=alert(1)>"}
    page = tab()
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    page.set_content(f'<script type="application/json" id="d">{safe_json(nasty)}</script>')
    assert json.loads(page.locator("#d").text_content()) == nasty and page.locator("img").count() == 0


def test_a_card_is_never_of_fewer_than_ten_people(site, pages):
    found = 0
    for path in pages:
        for figure in re.findall(r'class="figure">\d+ of (\d+)<', (site / path).read_text(encoding="utf-8")):
            assert int(figure) >= 10, path
            found += 1
    assert found > 20
