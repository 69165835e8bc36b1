"""The chart builder in a real browser: its figures, words and pictures are those of the rate tables."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from typing import get_args

import pytest
from browser import go, take
from PIL import Image, ImageChops

from analysis.counting.rate_words import count_words, group_label
from analysis.counting.rates import dismissal_rates
from analysis.publishing.builder import combinations
from analysis.vocabulary import Among, Count

STATES = """
keys => keys.map(([among, count, force]) => {
  choose({ among, count, force, types: DATA.types.map(kind => kind.code) });
  const lines = [...document.querySelectorAll('#numbers tbody tr')];
  const rows = lines.map(row => [...row.cells].map(cell => cell.textContent));
  const drawn = [...document.querySelectorAll('#picture svg g[data-type]')].map(group => [
    group.querySelector('.label').textContent, group.querySelector('.figure').textContent]);
  const shown = !document.querySelector('.result:has(#numbers)').hidden;
  const dots = document.querySelectorAll('#picture svg circle').length;
  return { rows, drawn, dots, shown, title: document.querySelector('#picture svg title')?.textContent,
           definition: document.getElementById('definition').textContent,
           status: document.getElementById('status').textContent };
})
"""


@pytest.fixture(scope="module")
def offered(data):
    """The rate table of every choice that the builder offers."""
    return list(combinations(data))


def test_every_combination_shows_the_figures_of_its_rate_table(tab, site, offered):
    """Counts, rates, intervals, unknown outcomes, title and definition of every choice that the builder offers."""
    page = tab()
    go(page, site, "builder.html")
    keys = [[table.among, table.count, table.filter.get("force", "")] for table in offered]
    choices = page.evaluate(
        "[DATA.denominators.length * DATA.numerators.length, DATA.forces.filter(f => f.people || !f.code).length]"
    )
    assert choices == [len(get_args(Among)) * len(get_args(Count)), len({key[2] for key in keys})] and len(keys) > 500
    for table, state in zip(offered, page.evaluate(STATES, keys), strict=True):
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


def test_the_builder_counts_what_a_filter_counts(data, offered):
    """Its shortcut (one count for all forces) gives exactly the rows of dismissal_rates with the force as filter."""
    checked = 0
    for table in [table for table in offered if table.where][::16]:
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
    page.get_by_text("Tick several types").click()
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
        text = page.locator(f"#{name}").text_content()
        if name == "b-sentence":  # a post has 280 characters: the share may go, what is behind the count may not
            assert "[u]" in text and said.partition("; ")[2] in text, text
            parts, text = said.split(", in 1 of 1 investigation,"), text.replace(" [u]", "", 1)
            assert all(part in text for part in parts), text
        else:
            assert said in text, name
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
    said = "Domestic abuse: 1 person with a case to answer, in 1 investigation: dismissed or would"
    assert page.locator("#b-sentence").inner_text().startswith(said)
    assert "100.0%" not in page.locator("main").inner_text() + page.locator("#picture svg").text_content()
    assert page.locator("#picture circle").count() == 1  # everybody's
    go(page, site, "builder.html#force=Cumbria+Constabulary")
    said = "Cumbria Constabulary: 1 person with a case to answer, in 1 investigation: not dismissed. England"
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
    counts = count_words(table.total).split(",")[0]
    assert f"Metropolitan Police Service: {counts}" in root.findtext("{http://www.w3.org/2000/svg}title")
    assert "Source: IOPC investigation summaries" in text and "Only Metropolitan Police Service." in text
    for button, size in (
        ("PNG", None),
        ("PNG, 16:9 for slides", (1920, 1080)),
        ("Square PNG, for phones", (1080, 1080)),
    ):
        name, content = take(page, button)
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert image.size == size or (size is None and image.width == 1120)
            assert (
                image.text["Source"].startswith("Source: IOPC")
                and count_words(table.total).split(",")[0] in image.text["Title"]
            )
            colours = image.convert("RGB").getcolors(10_000_000)
            assert len(colours) > 20  # something is drawn


def test_pictures_taken_away_have_the_letters_of_the_site(tab, site):
    """On every system: with its two weights swapped in the file that pictures have them from, they are drawn so."""
    page = tab()
    go(page, site, "builder.html#force=Metropolitan+Police+Service")
    _, drawn = take(page, "PNG")
    page.evaluate("TYPEFACE = TYPEFACE.replace('normal', 'x').replace('bold', 'normal').replace(':x', ':bold')")
    _, swapped = take(page, "PNG")
    pictures = [Image.open(io.BytesIO(content)).convert("RGB") for content in (drawn, swapped)]
    assert ImageChops.difference(*pictures).getbbox()
    assert b"@font-face{font-family:'DejaVu Sans'" in take(page, "SVG")[1]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_text_of_the_builders_pictures_is_cut_or_covered(tab, site, width):
    page = tab(width)
    for state in ("", "#force=Metropolitan+Police+Service", "#among=gross_misconduct_proven", "#force=Kent+Police"):
        go(page, site, f"builder.html{state}")
        for shape in ("page", "phone", "square", "wide"):
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
