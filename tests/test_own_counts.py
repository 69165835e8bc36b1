"""A reader's own counts, in a real browser: read, counted, said and drawn as the project's own, and never sent."""

import csv
import functools
import io
import json
import math
import re

import pytest
from browser import go, problems_of, take
from PIL import Image

from analysis.counting.intervals import wilson_interval
from analysis.counting.rate_words import FEW, SMALL, percent, percent_range
from analysis.csv_files import GUARDED

WORDS = {
    "counted": "dismissed",
    "whom": "people with a case to answer",
    "force": "Sussex Police",
    "period": "April 2019 to March 2020",
    "source": "Sussex Police, reply to request 7, 1 May 2020",
    "link": "https://www.example.org/reply/7",
}
ROWS = "Racism\t3\t20\nSexism\t1\t12\nViolence\t2\t8\nTheft\t1\t3\n"


def fill(page, rows=ROWS, **changed):
    page.locator("#rows").fill(rows)
    for name, text in {**WORDS, **changed}.items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="Make the chart").click()


@pytest.fixture
def own(tab, site):
    page = tab()
    go(page, site, "own.html")
    return page


same = functools.partial(math.isclose, rel_tol=1e-12, abs_tol=1e-15)


def test_intervals_are_pythons_for_every_count_up_to_300(own):
    """And so are the percentages that are said: of all 45,450 shares the words, and both bounds to the last digits."""
    told = own.evaluate(  # as one text: the browser's driver takes ten seconds for so many values
        "() => { const all = []; for (let n = 0; n <= 300; n++) for (let k = 0; k <= n; k++) {"
        "const [low, high] = wilson(k, n);"
        "all.push([k, n, low, high, percent(k / n), `${percent(low)} to ${percent(high)}`]); }"
        "return JSON.stringify(all); }"
    )
    found = json.loads(told)
    assert len(found) == sum(n + 1 for n in range(301))
    for k, n, low, high, share, interval in found[1:]:
        expected = wilson_interval(k, n)
        assert all(map(same, (low, high), expected)), (k, n)
        assert (share, interval) == (percent(k / n), percent_range(*expected)), (k, n)
    assert found[0][4:] == ["[z]", "[z] to [z]"]


def test_rare_shares_are_said_as_everywhere(own):
    shares = [
        0.0,
        1e-6,
        0.00001,
        0.000099,
        0.000995,
        0.00996,
        0.0099,
        0.00999,
        0.01,
        0.0445,
        0.9995,
        0.99949,
        1.0,
        1 / 3,
    ]
    assert own.evaluate("shares => shares.map(percent)", shares) == [percent(share) for share in shares]


def test_a_reply_becomes_a_chart_with_its_words(own):
    fill(own)
    rows = own.locator("#numbers tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(c => c.textContent))"
    )
    low, high = wilson_interval(3, 20)
    assert rows[0] == ["Racism", "3 of 20", "15.0%", percent_range(low, high)]
    assert [row[0] for row in rows] == [
        "Racism",
        "Sexism",
        "Violence",
        "Theft",
    ]  # by share, [u] last, counts alone at the end
    assert rows[2][2] == "25.0% [u]" and rows[3][1:] == ["1 of 3", "[u]", "[u]"]
    assert own.locator("#picture circle").count() == 3
    filled = own.locator("#picture circle").evaluate_all("dots => dots.map(dot => dot.getAttribute('fill'))")
    assert filled[2] == "#ffffff" and "#ffffff" not in filled[:2]
    title = "Sussex Police, April 2019 to March 2020: dismissed, of people with a case to answer, 4 rows"
    assert own.locator("#status").inner_text() == f"{title}."
    for name in ("o-sentence", "o-caption", "o-alt"):
        text = own.locator(f"#{name}").text_content()
        assert WORDS["source"] in text and WORDS["link"] in text and "Sussex Police" in text, name
    assert (
        "Racism 3 of 20; Sexism 1 of 12; Violence 2 of 8 [u]; Theft 1 of 3 [u]"
        in own.locator("#o-sentence").inner_text()
    )
    picture = own.locator("#picture svg").text_content()
    assert "people in one case cannot be told apart" in own.locator("#o-notes").inner_text()
    drawn = " ".join(own.locator("#picture svg text").all_text_contents()).replace("\u00a0", " ")
    for said in ("cannot be told apart here", "which has not checked them", WORDS["link"], "Hollow dots [u]"):
        assert said in picture and said in drawn, said


def test_totals_order_units_and_withheld_numbers(own):
    own.get_by_label("Add a row of all together").check()
    own.get_by_label("Keep my order").check()
    own.locator("#unit").select_option("allegations")
    fill(own, "2017; 1; 20\n2018; 2; 1,013\n2019; <5; 14\n2020; 0; 0", whom="allegations of sexual misconduct")
    rows = own.locator("#numbers tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(c => c.textContent))"
    )
    assert [row[0] for row in rows] == ["All rows together", "2017", "2018", "2019", "2020"]
    assert [row[1] for row in rows] == ["3 of 1,033", "1 of 20", "2 of 1,013", "<5 of 14", "0 of 0"]
    assert [row[2] for row in rows[3:]] == ["[c]", "[z]"] and rows[2][2] == percent(2 / 1013)
    said = own.locator("#status").inner_text()
    assert (
        "ended in dismissal, of allegations of sexual misconduct: 3 of 1,033 in all, without 1 row withheld [c]."
        in said
        and "dismissed" not in said
    )
    notes = own.locator("#o-notes").inner_text()
    assert "Counted are allegations, not people." in notes and "[c]: withheld" in notes and "[z]: nobody" in notes


def shown(own):
    return own.locator("#numbers tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(c => c.textContent))"
    )


@pytest.mark.parametrize("label", ["Total", "All", "Overall", "Grand total", "TOTAL:", "Total (all types)"])
@pytest.mark.parametrize("is_ticked", [True, False])
def test_a_pasted_total_is_counted_once_and_never_drawn_as_a_group(own, label, is_ticked):
    """Ticked, it made 8 of 84 out of 4 of 42."""
    own.locator("[name=total]").set_checked(is_ticked)
    fill(own, f"Rape 3/12\nRacism 1/30\n{label}, 4, 42")
    rows = shown(own)
    assert [row[:2] for row in rows] == [["All rows together", "4 of 42"], ["Rape", "3 of 12"], ["Racism", "1 of 30"]]
    told = own.locator("#totals").inner_text()
    assert f"“{label}” is the sum of the other rows" in told and "counted once" in told
    assert "Dashed line: all rows together." in own.locator("#o-notes").inner_text()
    own.get_by_role("button", name="Empty the form").click()
    assert not own.locator("#totals").is_visible()


def test_a_pasted_total_that_is_not_the_sum_is_told_and_not_added(own):
    """It may be of people who are in two rows, or of one more that was left out or withheld."""
    own.locator("[name=total]").check()
    fill(own, "Rape 3/12\nRacism 1/30\nTotal 5/50")
    assert shown(own)[0][:2] == ["All rows together", "4 of 42"] and ["Total", "5 of 50"] in [r[:2] for r in shown(own)]
    assert "the other rows, which add up to 4 of 42" in own.locator("#totals").inner_text()
    assert "Not in the row of all together, as given: “Total”." in own.locator("#o-notes").inner_text()
    fill(own, "Rape, 3, 12\nRacism, 1, 30\nTotal, *, 42")
    assert "withheld." not in own.locator("#o-sentence").inner_text()  # no group was
    own.locator("[name=total]").uncheck()
    fill(own, "Rape 3/12\nRacism 1/30\nTotal 5/50")
    assert "all together" not in own.locator("#o-notes").inner_text()
    for rows in ("Total 5/50", "All-female team 3/12\nTotal loss of evidence 4/42"):  # alone, or no total at all
        fill(own, rows)
        assert not own.locator("#totals").is_visible() and shown(own)[0][0] != "All rows together"


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Racism, 3, 20", ["Racism", "3 of 20"]),
        ("Racism 3 of 20", ["Racism", "3 of 20"]),
        ("Racism: 3 out of 20", ["Racism", "3 of 20"]),
        ("Racism 3/20", ["Racism", "3 of 20"]),
        ("Arrest, search and stop, 3, 20", ["Arrest, search and stop", "3 of 20"]),
        ("2019\t3\t1,234\t", ["2019", "3 of 1,234"]),
        ("type,dismissed,people\nRacism,3,20", ["Racism", "3 of 20"]),
    ],
)
def test_rows_are_read_as_people_type_them(own, line, cells):
    fill(own, line)
    found = own.locator("#numbers tbody tr").first.locator("th, td").all_inner_texts()
    assert found[:2] == cells and not own.locator("#problems").is_visible()


@pytest.mark.parametrize(
    ("rows", "changed", "said", "field"),
    [
        ("Racism, 21, 20", {}, "Line 1, “Racism, 21, 20”: 21 is larger than 20, which it is out of.", "rows"),
        ("Racism; 1; 20\nSexism; 2.5; 20", {}, "Line 2, “Sexism; 2.5; 20”: 2.5 is not a whole number.", "rows"),
        ("Racism; 12%; 20", {}, "12% is a percentage, and counts are needed.", "rows"),
        ("Racism; -1; 20", {}, "“-1” is not a number.", "rows"),
        ("Racism; few; 20", {}, "“few” is not a number.", "rows"),
        ("Met, 3, 1,234", {}, "part them with semicolons.", "rows"),
        ("Racism; 3", {}, "it has 2 parts and needs three", "rows"),
        ("Racism; 3;20\nRacism; 4; 20", {}, "Line 2: the label “Racism” is there twice.", "rows"),
        ("Racism; 1; 4", {}, "none has 5 or more behind it", "rows"),
        ("", {}, "paste or type at least one row", "rows"),
        (ROWS, {"source": " "}, "A figure without a source cannot be checked.", "source"),
        (ROWS, {"link": ""}, "Link to the source: give the address of the reply.", "link"),
        (ROWS, {"link": "javascript:alert(1)"}, "it must be a web address that begins with https://", "link"),
        (ROWS, {"period": ""}, "Period: say which time the counts are of.", "period"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_leads_to_its_field(own, rows, changed, said, field):
    fill(own, rows, **changed)
    problems = own.locator("#problems")
    assert said in problems.inner_text() and problems.evaluate("box => box === document.activeElement")
    assert not own.locator("#picture").is_visible() and not own.locator("#status").is_visible()
    assert own.locator(f"#{field}").get_attribute("aria-invalid") == "true"
    problems.get_by_role("button").first.click()
    assert own.evaluate("document.activeElement.id") == field
    fill(own)
    assert not problems.is_visible() and own.locator("#picture svg").is_visible()
    assert own.locator("[aria-invalid]").count() == 0


def test_nothing_is_sent_and_nothing_is_kept(tab, site):
    page = tab()
    go(page, site, "own.html")
    asked, address = [], page.url
    page.on("request", lambda request: asked.append(request.url))
    fill(page)
    take(page, "Data, CSV")
    take(page, "PNG")
    assert [url for url in asked if not url.startswith(("data:", "blob:")) and not url.endswith("favicon.svg")] == []
    assert page.url == address and "connect-src 'none'" in page.content()
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, history.state]")
    assert kept == [0, 0, "", None]
    page.reload()
    assert page.locator("#rows").input_value() == "" and page.locator("#source").input_value() == ""
    fill(page)
    page.get_by_role("button", name="Empty the form").click()
    assert page.locator("#rows").input_value() == "" and not page.locator("#picture").is_visible()


def test_what_is_typed_cannot_act(tab, site):
    """Markup is text on the page and in the pictures, and a formula is text in the data file."""
    nasty = "<img src=x onerror=alert(1)>\"'&amp;<script>alert(2)</script>"
    page = tab()
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    go(page, site, "own.html")
    fill(page, f"{nasty}\t3\t20\n=1+1\t2\t20", **dict.fromkeys(("counted", "whom", "force", "period", "source"), nasty))
    assert page.locator("#made img, #made script").count() == 0
    assert page.locator("#picture svg .label").first.text_content() == nasty
    assert nasty in page.locator("#status").inner_text()
    for name in ("SVG", "PNG"):
        assert len(take(page, name)[1]) > 1000
    rows = list(csv.reader(io.StringIO(take(page, "Data, CSV")[1].decode())))
    assert rows[1][0] == nasty and rows[2][0] == "'=1+1"
    assert page.evaluate("texts => texts.map(csvCell)", [f"{mark}x" for mark in GUARDED]) == [
        f'"\'{mark}x"' if mark == "\r" else f"'{mark}x" for mark in GUARDED
    ]


def test_the_sentence_of_own_counts_gives_every_row_or_their_total(own):
    """Never the highest shares alone; a label may hold a semicolon; where nothing fits a post it is whole."""
    rows = [f"Reason {place}; and part {place}\t{place}\t{9 * place}" for place in range(1, 10)]
    counts = [f"{place} of {9 * place}{' [u]' if place == 1 else ''}" for place in range(1, 10)]
    own.locator("[name=total]").check()
    fill(own, "\n".join(rows))
    said = own.locator("#o-sentence").inner_text()
    assert "case to answer: 45 of 405 in all. Source: " in said and len(said) <= 280, said
    own.locator("[name=total]").uncheck()
    fill(own, "\n".join(rows))
    said = own.locator("#o-sentence").inner_text()
    assert all(count in said for count in counts) and said.endswith(f"Source: {WORDS['link']}"), said
    fill(own, "\n".join(rows[:3]), source="A reply " * 12)
    said = own.locator("#o-sentence").inner_text()
    assert all(count in said for count in counts[:3]) and len(said) <= 280, said
    own.locator("[name=total]").check()
    fill(own, "\n".join([*rows, "Hidden\t<5\t20"]))
    assert "45 of 405 in all, without 1 row withheld [c]." in own.locator("#o-sentence").inner_text()
    fill(own, "\n".join(f"{'Long ' * 10}{place}\t0\t{place}" for place in (2, 1, 5)))
    assert ": 0 of 8 [u] in all." in own.locator("#o-sentence").inner_text()


def test_the_files_of_own_counts(own):
    fill(own)
    name, content = take(own, "Data, CSV")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert name == "own-counts.sussex-police.csv" and [row["number"] for row in rows] == ["3", "1", "2", "1"]
    assert float(rows[0]["low"]) == pytest.approx(wilson_interval(3, 20)[0], abs=1e-6)
    assert [row["reliability"] for row in rows] == ["ok", "ok", "u", "u"] and rows[3]["rate"] == ""
    assert {row["link"] for row in rows} == {WORDS["link"]} and {row["unit"] for row in rows} == {"individuals"}
    for button, size in (("PNG, 16:9 for slides", (1920, 1080)), ("Square PNG, for phones", (1080, 1080))):
        with Image.open(io.BytesIO(take(own, button)[1])) as image:
            image.load()
            assert image.size == size and WORDS["link"] in image.text["Source"]


def test_the_marks_of_own_counts_are_the_projects(own):
    numbers = own.evaluate("[DATA.few, DATA.small]")
    assert numbers == [FEW, SMALL]
    text = json.dumps(own.locator("#o-method ~ p, section").all_inner_texts())
    assert f"fewer than {SMALL} are marked [u]" in text and f"of fewer than {FEW} only the counts" in text


def test_own_counts_by_keyboard_on_a_phone_without_an_accessibility_problem(tab, site):
    page = tab(320)
    go(page, site, "own.html")
    page.locator("#rows").focus()
    page.keyboard.type("Racism 3 of 20\nSexism 1 of 12")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    for text in (WORDS["counted"], WORDS["whom"], "", WORDS["force"], WORDS["period"], WORDS["source"]):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")  # the link is still missing
    assert not problems_of(page)
    assert "Link to the source" in page.locator("#problems").inner_text()
    page.locator("#link").focus()
    page.keyboard.type(WORDS["link"])
    page.keyboard.press("Enter")
    assert page.locator("#picture svg").is_visible() and page.evaluate("document.activeElement.id") == "made"
    cells = page.locator("#numbers tbody tr").first.locator("th, td")
    assert cells.all_inner_texts()[:2] == ["All rows together", "4 of 32"]
    assert cells.nth(1).get_attribute("data-label") == "count"  # said before it where the row is no row of a table
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not problems_of(page)


def test_own_counts_without_a_script_are_not_a_dead_form(tab, site):
    page = tab()
    go(page, site, "own.html")
    assert not page.get_by_role("button", name="PNG", exact=True).is_visible()  # nothing to take yet
    page = tab(java_script_enabled=False)
    go(page, site, "own.html")
    assert page.get_by_text("This page needs JavaScript").is_visible() and not page.locator("#own").is_visible()
    assert not re.search(r"<script>|\son\w+=", (site / "own.html").read_text(encoding="utf-8"))  # no inline script
