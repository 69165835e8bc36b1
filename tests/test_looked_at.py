"""What was found wrong by looking at every kind of page: counts before nouns, lone signs, dead ends."""

import re

import pytest
from browser import for_campaigners, go
from people import by_force, people

from analysis import vocabulary
from analysis.charts.catalogue import EXHIBITS
from analysis.charts.rate_dots import COUNTS_ONLY, HOLLOW, dismissal_rates_by
from analysis.counting.rate_words import FEW, SMALL
from analysis.counting.rates import dismissal_rates
from analysis.publishing.findings import findings
from analysis.publishing.glossary import with_terms
from analysis.publishing.group_facts import Group, endings

NOUNS = "|".join(  # what is no verb: a final written warning, performance procedures
    re.escape(vocabulary.label("sanction", code))
    for code in vocabulary.codes("sanction")
    if not re.search("(?i)dismissed$|^not |^pending", vocabulary.label("sanction", code))
)
COUNTED = re.compile(rf"\b\d+(?:,\d{{3}})* (?:{NOUNS})\b|\b1 \w+ (?:procedures|warnings)\b", re.IGNORECASE)
ONE_OF_MANY = re.compile(
    r"(?<![\d,.])(?<!of )\b1 (?:people|cases|investigations|forces|allegations|complaints|rates|rows|officers)\b"
)


def words_of(site, path):
    text = re.sub(
        r"<(script|style|code|pre)\b.*?</\1>", " ", (site / path).read_text(encoding="utf-8"), flags=re.DOTALL
    )
    text = re.sub(r"</?(?:a|abbr|button|em|span|strong|wbr)\b[^>]*>", "", text)
    return " ".join(re.sub(r"<[^>]+>", " | ", text).split())  # a count and a word of another cell are no phrase


def test_no_outcome_is_counted_in_the_wrong_number(site, pages):
    """ "1 performance procedures", "11 final written warning": the count stands last."""
    wrong = {path: found for path in for_campaigners(pages) if (found := COUNTED.findall(words_of(site, path)))}
    assert not wrong


def test_one_is_never_followed_by_many(site, pages):
    assert not {path: found for path in pages if (found := ONE_OF_MANY.findall(words_of(site, path)))}


def test_an_apostrophe_is_one_sign_everywhere(site, pages):
    assert not [path for path in pages if "’" in words_of(site, path)]


def test_a_chart_in_a_notebook_is_drawn_for_its_screen(tab, site):
    """On a phone it was the picture of a desk, in letters of 6 pixels."""
    page = tab(360)
    go(page, site, "notebooks/04_forces.html")
    drawn = page.locator(".chart svg").filter(visible=True)
    letters = drawn.evaluate_all("""all => all.flatMap(svg => {
        const shrunk = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * shrunk);
    })""")
    assert drawn.count() == 1 and min(letters) > 8
    page.set_viewport_size({"width": 1280, "height": 800})
    assert drawn.count() == 1


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ("D", "dismissed"),
        ("nn", "both no action"),
        ("W n", "for one no action, for the other would have been dismissed"),
    ],
)
def test_how_it_ended_for_one_or_two_people(cases, said):
    group = Group(people(cases.split()), {"complaint_type": "use_of_force"})
    assert group.how_few_ended == f" How it ended: {said}."


def test_outcomes_are_named_as_in_the_list_of_investigations(data):
    group = Group(data, {"force": "Metropolitan Police Service"})
    (_, _, _, ended), *_ = endings(group.outcomes, "").rows
    listed = {part.rsplit(": ", 1)[0] for cell in group.cases["outcomes"] for part in cell.split("; ")}
    assert {part.rsplit(": ", 1)[0] for part in ended.split("; ")} == listed


def test_a_finding_that_is_only_implied_is_said_to_be(data, subjects):
    """A page said "Misconduct found: 1" beside "of people found to have committed misconduct: none"."""
    implied = subjects[subjects["finding_basis"] == "inferred_from_outcome"]
    said = data.cases().set_index("case_id")["findings"]
    counts = said[said.str.contains("implied")].str.findall(r"\(implied by the outcome\): (\d+)")
    assert counts.map(lambda numbers: sum(map(int, numbers))).sum() == len(implied) > 0
    assert set(counts.index) == set(implied["case_id"])


def test_a_sign_after_a_word_that_is_explained_stays_with_it():
    """A line began with the comma after "dismissed"."""
    made = with_terms("<main><p>The officer is dismissed, or (the IOPC). It is a case to answer</p></main>", "")
    assert ">dismissed</button>,</span>" in made and ">IOPC</button>).</span>" not in made
    assert ">IOPC</button>)</span>." in made and ">case to answer</button></p>" in made
    assert made.count('<span class="together"><button') == 2


def test_hollow_dots_are_named_only_where_one_is_drawn():
    def notes(few):
        data = by_force({"Kent Police": ["n"] * SMALL, "Surrey Police": ["n"] * few})
        return dismissal_rates_by(dismissal_rates(data, among="case_to_answer", by="force")).notes

    assert HOLLOW in notes(FEW) and COUNTS_ONLY not in notes(FEW)
    assert COUNTS_ONLY in notes(FEW - 1) and HOLLOW not in notes(FEW - 1)
    assert not {HOLLOW, COUNTS_ONLY} & {*notes(SMALL)}


STATES = {  # of the builder -> whether a hollow dot is drawn
    "types=": False,
    "force=Metropolitan+Police+Service": True,
    "types=sexual_misconduct,use_of_force": False,
    "types=domestic_abuse,use_of_force": False,
}


def test_the_builder_names_hollow_dots_only_where_one_is_drawn(tab, site):
    page = tab()
    for state, is_drawn in STATES.items():
        go(page, site, "404.html")
        go(page, site, f"builder.html#{state}")
        drawn = page.locator("#picture circle[fill='#ffffff']").count()
        text = " ".join(page.locator("#picture text").all_text_contents())
        assert bool(drawn) == is_drawn == ("Hollow dots" in text), state
        assert ("counts only" in text) == ("[u]" in page.locator("#numbers").inner_text()), state
        assert "arrow" not in text, state  # it draws none


def test_the_charts_of_sentences_are_led_to(tab, site, data):
    """Their codes stood there, without a link."""
    page = tab()
    go(page, site, "findings.html")
    for finding in findings(data):
        row = page.locator("tbody tr").filter(has_text=finding.sentence)
        entry = next((entry for entry in EXHIBITS if entry.name == finding.chart), None)
        if entry:
            link = row.get_by_role("link", name=entry.question, exact=True)
            assert link.get_attribute("href") == f"charts/{entry.name}.html"
    assert not set(re.findall(r"\w+", page.locator("table").inner_text())) & {entry.name for entry in EXHIBITS}


def test_a_force_without_a_chart_is_offered_one_and_not_another(site):
    assert "Make a chart of Cumbria" in words_of(site, "forces/cumbria-constabulary.html")
    assert "Make another chart of Metropolitan" in words_of(site, "forces/metropolitan-police-service.html")


def test_a_builder_state_without_a_picture_offers_no_way_back_to_one(tab, site):
    page = tab(360)
    for force, back in (("Dyfed-Powys+Police", "Back to the answer: "), ("Kent+Police", "Back to the answer: ")):
        go(page, site, "404.html")
        go(page, site, f"builder.html#force={force}")
        assert page.locator("#now").inner_text().startswith(back) and page.locator("#picture svg").count() == 0
    go(page, site, "404.html")
    go(page, site, "builder.html")
    assert page.locator("#now").inner_text().startswith("Back to the picture: ")


def test_a_filter_that_finds_nothing_says_where_to_look(tab, site):
    page = tab(360)
    go(page, site, "forces/index.html")
    page.get_by_label("Find a force").fill("gmp")
    assert re.match(
        r"0 of \d+ shown\. Try .* the search of the front page", page.get_by_role("status").first.inner_text()
    )


@pytest.mark.parametrize("path", ["demands/met.html", "types/racism.html"])
def test_no_row_of_a_table_on_a_phone_goes_on_with_a_dot_at_its_beginning(tab, site, path):
    page = tab(360)
    go(page, site, path)
    dots = """[...document.querySelectorAll(".stack td")].map(cell => getComputedStyle(cell, "::before").content)
      .filter(text => text.includes("·"))"""
    assert page.evaluate(f"{dots}.length") and page.evaluate(f"{dots}.every(text => text.startsWith('\"\u00a0·'))")


@pytest.mark.parametrize(("path", "table"), [("types/racism.html", ".published"), ("findings.html", "table")])
def test_long_tables_are_rows_of_words_on_a_tablet_too(tab, site, path, table):
    """Their columns had room for one or two words a line."""
    page = tab(768)
    go(page, site, path)
    heading = page.locator(f"{table} thead th").first
    assert not heading.evaluate("th => getComputedStyle(th).display === 'table-cell'")
