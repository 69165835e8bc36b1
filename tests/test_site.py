"""The gallery in a real browser: every page, as people with phones, keyboards or no JavaScript see it."""

import csv
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browser import go, problems_of
from people import with_tables
from PIL import Image

from analysis.charts.chart import slug
from analysis.counting.rate_words import group_label
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import to_csv_bytes
from analysis.edition import ADDRESS, PROJECT
from analysis.publishing.gallery import build_gallery
from analysis.publishing.wording import LONGEST_QUOTE

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
    "fact sheet": "sheets/sexual-misconduct-fact-sheet.html",
    "type of one person": "types/domestic-abuse.html",
    "topic": "types/racism.html",
    "topic with nobody": "types/sexism.html",
    "demand": "demands/met.html",
    "glossary": "glossary.html",
    "contact": "contact.html",
    "notebook": "notebooks/04_forces.html",
    "document": "methodology.html",
    "data": "data.html",
    "builder": "builder.html",
    "embedded": "embed/dismissal_rates_by_complaint_type.html",
    "no such page": "404.html",
    "answer": "answers/sussex-police--driving.html",
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_page_has_an_accessibility_problem(tab, site, kind):
    page = tab()
    go(page, site, KINDS[kind])
    assert not problems_of(page)


@pytest.mark.parametrize(("scheme", "colour"), [("light", "#ddd"), ("dark", "#333")])
def test_the_axe_test_would_find_something(tab, site, scheme, colour):
    page = tab()
    go(page, site, "contact.html")
    page.evaluate(f"document.querySelector('main p').style.color = '{colour}'")
    assert any(found.startswith(f"{scheme}: color-contrast") for found in problems_of(page))


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
    sizes = {file.relative_to(site).as_posix(): file.stat().st_size for file in site.rglob("*") if file.is_file()}
    assert sum(size for name, size in sizes.items() if not name.startswith("downloads/packs/")) < 30e6
    assert sum(size for name, size in sizes.items() if name.startswith("sheets/")) < 4e6
    assert all(size <= 300e3 for name, size in sizes.items() if name.startswith("downloads/packs/"))
    front = ["index.html", *(f"static/{name}" for name in ("site.css", "site.js", "search.js", "search-entries.js"))]
    assert sum((site / name).stat().st_size for name in front) < 300e3


def test_without_javascript_the_lists_are_links_and_no_dead_control_shows(tab, site):
    page = tab(java_script_enabled=False)
    go(page, site, "index.html")
    assert page.locator("#pickable a").count() >= 13 + 46
    assert page.locator("input:visible, button:not([popovertarget]):visible").count() == 0
    page.locator("[popovertarget]").first.click()  # a word's definition needs no script
    assert page.locator(".definition:visible").count() == 1
    go(page, site, "builder.html")
    assert page.get_by_text("This page needs JavaScript").is_visible() and not page.locator("#builder").is_visible()


def test_the_filter_narrows_the_rows_and_says_so(tab, site):
    page = tab(360)
    go(page, site, "forces/index.html")
    page.get_by_label("Find a force").fill("yorkshire")
    shown = page.locator("#list tr:visible a").all_inner_texts()
    assert shown == ["North Yorkshire Police", "South Yorkshire Police", "West Yorkshire Police"]
    assert page.locator(".filter [role=status]").inner_text().startswith("3 of ")


def test_forces_can_be_sorted_by_counts_and_not_by_a_rate(tab, site, data, subjects):
    page = tab()
    go(page, site, "forces/index.html")
    assert "%" not in page.locator("main").inner_text()
    names = page.locator("#list th").all_inner_texts()
    assert names == sorted(names) and "HM Revenue and Customs" not in names
    assert "HM Revenue and Customs" in page.locator("#bodies").inner_text()
    for direction in ("descending", "ascending"):
        page.locator("table:has(#list) .sort").nth(1).click()
        counts = [
            -1 if n == "[z]" else int(n) for n in page.locator("#list td:nth-of-type(1)").all_inner_texts()
        ]  # [z], of whom these data cannot tell, is fewer than nobody
        assert counts == sorted(counts, reverse=direction == "descending")
        assert page.locator(f"[aria-sort={direction}]").inner_text().startswith("people")
    met = subjects["force"].str.split("; ").map(lambda forces: "Metropolitan Police Service" in forces)
    assert str(met.sum()) in page.locator("#list tr", has_text="Metropolitan").inner_text()
    by_force = dismissal_rates(data, among="case_to_answer", by="force").groups.query("n_cases_counted < numerator")
    assert len(by_force)
    for row in by_force.itertuples():  # several dismissed in one investigation are one decision
        told = page.locator("#list tr", has_text=row.force).locator("td").last.inner_text()
        assert told == f"{row.numerator} in {row.n_cases_counted}"
    body = (site / "forces/hm-revenue-and-customs.html").read_text()
    assert "ask HM Revenue and Customs for figures" in body and "this force" not in body


def test_tables_of_counts_fit_a_phone(tab, site):
    """No number is cut off, and a word under the mouse can still be read."""
    page = tab(360)
    go(page, site, "forces/index.html")
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(box => box.scrollWidth <= box.clientWidth)")
    page.locator(".term").first.hover()
    colours = page.locator(".term").first.evaluate(
        "t => [getComputedStyle(t).color, getComputedStyle(t.parentNode).color]"
    )
    assert colours[0] == colours[1]


def test_published_rates_are_a_table_to_sort_and_filter(tab, site, data):
    page = tab()
    go(page, site, KINDS["force"])
    rates = data["published_rates"]
    wanted = (rates["force"] == "Metropolitan Police Service").sum()
    rows = page.locator("#published-rows tr")
    assert rows.count() == wanted
    heads = [head.lower() for head in page.locator(".published thead th").all_inner_texts()]
    assert {"unit", "quality", "share"} <= set(heads)
    page.get_by_role("button", name="share", exact=True).click()
    shares = [
        float(cell.get_attribute("data-sort")) for cell in page.locator("#published-rows td:nth-of-type(2)").all()
    ]
    assert shares == sorted(shares, reverse=True)
    page.get_by_label("Show only rows with").fill("domestic allegations")
    assert 0 < page.locator("#published-rows tr:visible").count() < wanted


def test_the_investigations_of_a_page_are_those_of_the_data(site, data):
    """Every case of a force with the address of its publisher's page, and no other."""
    text = (site / KINDS["force"]).read_text(encoding="utf-8")
    cases = data.cases({"force": "Metropolitan Police Service"})
    found = set(re.findall(r'href="(https://policeconduct[^"]+)"', text))
    assert len(cases) > 50 and found == set(cases["url"])


def test_copying_copies_the_sentence(tab, site, overall):
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    go(page, site, "charts/dismissal_rates_by_complaint_type.html")
    page.get_by_role("button", name="Copy this sentence").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#sentence").inner_text()
    assert "{} of {}".format(*overall) in copied


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        ("index.html", ["6 of 24", "in 3 of 15 investigations"]),
        ("forces/leicestershire-police.html", ["Leicestershire Police", "4 of 17", "in 1 of 5 investigations"]),
        ("types/sexual-misconduct.html", ["Sexual misconduct", "5 of 16", "in 5 of 14 investigations"]),
    ],
)
def test_a_copied_sentence_carries_figure_place_period_source_and_edition(tab, site, path, figures):
    """Every sentence that a page offers to copy can stand alone, and fits a post."""
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    go(page, site, path)
    page.get_by_role("button", name="Copy this sentence").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert all(figure in page.evaluate("navigator.clipboard.readText()") for figure in figures)
    texts = page.evaluate("[...document.querySelectorAll('[data-text]')].map(button => button.dataset.text)")
    texts += page.locator("#sentence").all_inner_texts()
    assert len(texts) > 5
    for text in texts:
        assert (ADDRESS or PROJECT) in text and "2026." in text and "Source: " in text, text
        if "collection of published figures" not in text:
            for part in ("England and Wales", "mostly 2013–19", "IOPC cases to June 2021"):
                assert part in text, text
        assert len(text) <= LONGEST_QUOTE, text


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
    for path in ["types/domestic-abuse.html", *(f"forces/{slug(force)}.html" for force in few["force"])]:
        go(page, site, path)
        text = page.locator("main").inner_text().split("Published by others")[0]
        assert page.locator(".rates dd", has_text="%").count() == 0 and "100.0%" not in text, path
        assert page.locator("main svg, .card").count() == 0, path
        assert "%" not in page.locator("#sentence").inner_text() + page.locator("#citation").inner_text(), path
    go(page, site, "types/domestic-abuse.html")
    said = page.locator("#sentence").inner_text()
    go(page, site, "answers/domestic-abuse.html")
    told = page.locator(".lead").inner_text().split(". ")[0]
    assert re.match(r"[12] (person|people)\b.*\bin [12] investigations?: ", told.removeprefix("Domestic abuse: "))
    assert said.startswith(f"{told}. How it ended: "), said
    go(page, site, "types/domestic-abuse.html")
    assert page.locator(".rates, .split").count() == 0
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
    """A pattern of a row of a rate table as pages say it: one or two as people, more as a count in investigations."""
    if row.denominator <= 2:
        return rf"\b{row.denominator} (person|people)\b.*, in {row.n_cases} investigations?: "
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
        text = page.locator("main").inner_text()
        assert re.search(in_words(row), text) or not row.denominator
    by_force = dismissal_rates(data, among="case_to_answer", by="force")
    for row in by_force.groups.tail(12).itertuples():
        if row.force == "(not stated)":
            continue
        go(page, site, f"forces/{slug(row.force)}.html")
        text = page.locator("main").inner_text()
        assert re.search(in_words(row), text)
        assert ("too few for a reliable share" in text) == (0 < row.denominator < 10)


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

    def broken(*_, **__):
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
    context, pictures = notebook_html(tmp_path / "01_a.ipynb", {"Another": "<svg></svg>"})
    room = '<svg viewBox="0 0 560 300" aria-hidden="true"></svg>'
    picture = f'<img loading="lazy" src="01_a-1.png" height="300" width="560" alt="{alt}">'
    assert f'{room}<div class="near">{picture}</div></figure>' in str(context["body"])
    assert pictures == {"01_a-1.png": b"hi"}
    context, pictures = notebook_html(tmp_path / "01_a.ipynb", {'Every "figure" <here>': "<svg></svg>"})
    assert '<figure class="chart"><svg></svg></figure>' in str(context["body"]) and not pictures


@pytest.mark.parametrize("path", ["../outside.html", "/tmp/outside.html", "a/../../outside.html"])
def test_no_file_can_leave_the_site(data, tmp_path, monkeypatch, path):
    from analysis.errors import MisconductError
    from analysis.publishing import gallery

    monkeypatch.setattr(gallery, "site_files", lambda *_, **__: iter([(path, b"x")]))
    with pytest.raises(MisconductError, match="outside"):
        build_gallery(data, tmp_path / "deep" / "site")
    assert not (tmp_path / "outside.html").exists() and not Path("/tmp/outside.html").exists()


def test_a_card_is_never_of_fewer_than_ten_people(site, pages):
    found = 0
    for path in pages:
        for figure in re.findall(r'class="figure">\d+ of (\d+)<', (site / path).read_text(encoding="utf-8")):
            assert int(figure) >= 10, path
            found += 1
    assert found > 20


def test_what_a_background_sets_apart_has_a_line_where_colours_are_forced(tab, site):
    page = tab(forced_colors="active")
    go(page, site, "forces/metropolitan-police-service.html")
    row = page.locator(".split dt").first
    go(page, site, f"forces/metropolitan-police-service.html#{row.get_attribute('id')}")
    for shown, line in ((page.locator(".card"), "border-top"), (row, "outline")):
        drawn = shown.evaluate(f"shown => getComputedStyle(shown).getPropertyValue('{line}')")
        assert "solid" in drawn, drawn
        assert not re.search(r"rgba\([^)]*, 0\)|none|^0px", drawn), drawn
