"""The words of the pages: plain, explained once, dated; and what is left of them on paper."""

import re

import pytest
from browser import for_campaigners, go
from people import people, with_tables

from analysis import edition, vocabulary
from analysis.charts.rate_dots import dismissal_rates_by
from analysis.charts.text import slug
from analysis.counting.rate_words import group_label, interval_cell, rate_cell
from analysis.counting.rates import dismissal_rates
from analysis.paths import ROOT
from analysis.provenance.sources import source_ids
from analysis.publishing.editions import changes_page
from analysis.publishing.findings import findings
from analysis.publishing.gallery import demand_cards
from analysis.publishing.glossary import with_terms
from analysis.publishing.group_facts import Group, few_notice
from analysis.publishing.group_pages import figures_of, force_part, topic_part
from analysis.publishing.search import search_entries
from analysis.publishing.wording import LONGEST_QUOTE, cited, quoted, rate_sentence, with_share

MET = "Metropolitan Police Service"
JARGON = re.compile(
    r"effective number|over-dispersion|overdispersion|by the subject|force view|(?<![\d,.])1 people", re.IGNORECASE
)


def test_no_jargon_in_front_of_readers(site, pages):
    for path in for_campaigners(pages):
        text = (site / path).read_text(encoding="utf-8")
        text = re.sub(
            r"</(?:td|th|p|li|dd|dt|h\d|div|table)>", " | ", text
        )  # the end of one and the next are no phrase
        text = re.sub(r"<[^>]+>", " ", text)
        assert not JARGON.findall(" ".join(text.split())), path


def test_each_definition_is_said_once_a_page(site, pages):
    for path in for_campaigners(pages):
        text = (site / path).read_text(encoding="utf-8")
        for code in vocabulary.codes("term"):
            definition = vocabulary.entry("term", code)["definition"].replace("'", "&#x27;")
            assert text.count(definition) <= 1, (path, code)
            assert text.count(f'popovertarget="term-{slug(code)}"') <= 1, (path, code)


def test_a_term_is_explained_where_it_first_stands_and_nowhere_inside_a_link():
    page = "<main><h1>IOPC</h1><p><a>IOPC</a> The iopc (95% interval) and the IOPC</p><p data-plain>[u]</p></main>"
    found = with_terms(page, "../")
    assert found.startswith("<main><h1>IOPC</h1><p><a>IOPC</a> The <button")
    assert found.count("popovertarget") == 2 and ">iopc</button>" in found and 'href="../glossary.html#iopc"' in found
    assert '<span class="together">(<button' in found and "<p data-plain>[u]</p>" in found


def test_the_glossary_has_every_term(tab, site):
    page = tab()
    go(page, site, "glossary.html#case-to-answer")
    assert page.locator("dt").count() == len(vocabulary.codes("term"))
    assert page.locator("#case-to-answer").is_visible()


def test_no_word_says_that_somebody_stayed():
    """What is known is that somebody was not dismissed, and is not said to have left."""
    for code in vocabulary.codes("term"):
        assert not re.search(r"\b(stays?|stayed|kept|keeps?)\b", vocabulary.entry("term", code)["definition"]), code


def test_a_word_opens_by_keyboard_and_closes_with_escape(tab, site):
    page = tab()
    go(page, site, "index.html")
    page.locator(".term").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".definition:popover-open").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".definition:popover-open").count() == 0
    page.locator(".term").nth(1).hover()
    page.locator(".definition:popover-open").wait_for()


def test_every_page_says_its_dates_and_how_to_write(site, pages):
    for path in pages:
        text = (site / path).read_text(encoding="utf-8")
        for part in (edition.day(edition.PUBLISHED), edition.day(edition.UPDATED), "published to June 2021"):
            assert part in text, path
        assert "contact.html" in text or path == "404.html", path  # it has no links where there is no address
        assert ("mailto:" in text) <= bool(edition.EMAIL) and ("Next edition" in text) <= bool(edition.NEXT), path


def test_the_edition_is_that_of_the_citation_file():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert edition.PUBLISHED in cited and edition.PUBLISHED <= edition.UPDATED


CHANGES = "# Changelog\n\nFor coders.\n\n## Unreleased\n\n{}## 0.2.0 (2 March 2027)\n\nOld.\n\n## 0.1.0\n\nFirst.\n"


def test_the_page_of_changes_opens_with_what_stands_where():
    """An edition is called by its date: "Unreleased" is a word of coders, and untrue of a page that is there."""
    day = edition.day(edition.UPDATED)
    page = changes_page(CHANGES.format("### Figures\n\n- One.\n\n### Code\n\n- Two.\n\n"))
    lead = page.split("\n\n")[1]
    assert lead.startswith(f"The edition of {day} comes first. Under [Figures](#figures): ") and "](#code)" in lead
    headings = re.findall("^## (.*)$", page, re.MULTILINE)
    first = f"Edition of {edition.day(edition.PUBLISHED)} (0.1.0)"
    assert headings == [f"Edition of {day}", "Edition of 2 March 2027 (0.2.0)", first]
    assert "(#code)" not in changes_page(CHANGES.format("### Figures\n\n- One.\n\n"))  # a link that led nowhere
    nothing = changes_page(CHANGES.format(""))  # right after a release: no heading stands over nothing
    assert re.findall("^## (.*)$", nothing, re.MULTILINE) == [f"Edition of {day} (0.2.0)", first]


def test_the_page_of_changes_is_the_changelog(site):
    text = (site / "changes.html").read_text(encoding="utf-8")
    assert "Unreleased" not in text and f">Edition of {edition.day(edition.UPDATED)}</h2>" in text
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").count("\n- ")
    assert text.split("<article")[1].split("</article>")[0].count("<li>") == told


@pytest.mark.parametrize(
    ("iso", "said"), [("2026-11-04", "4 November 2026"), ("2021-06", "June 2021"), ("2019", "2019")]
)
def test_dates_in_words(iso, said):
    assert edition.day(iso) == said


def test_an_address_and_an_email_show_where_they_are_set(data, monkeypatch):
    from analysis.publishing import rendering

    monkeypatch.setattr(edition, "ADDRESS", "https://example.org/")
    assert "; https://example.org/, " in quoted("1 of 20 people were dismissed", data.sources_of(data.subjects))
    monkeypatch.setattr(edition, "EMAIL", "someone@example.org")
    rendering._environment.cache_clear()
    from analysis.publishing.group_pages import common

    page = rendering.render("contact.html", "contact.html", **common(data)).decode()
    rendering._environment.cache_clear()
    assert "mailto:someone@example.org" in page and "names no address" not in page
    assert 'href="own.html"' in page and "bring-your-own-data" not in page  # whoever has a reply need not program


def test_a_copied_sentence_and_a_citation_carry_the_interval_of_their_row(data):
    table = dismissal_rates(data, among="case_to_answer", by="complaint_type")
    row = table.groups.set_index("complaint_type").loc["sexual_misconduct"]
    share = f"{rate_cell(row)}, 95% interval {interval_cell(row)}"
    said = rate_sentence(row, table, "Sexual misconduct")
    assert f"been. {share}. England and Wales." in quoted(said, table.sources, row=row)
    assert f"been. {share}. Source: " in cited(with_share(said, row), table.sources)
    few = table.groups.set_index("complaint_type").loc["domestic_abuse"]
    assert "%" not in with_share(rate_sentence(few, table, "Domestic abuse"), few)


def test_citations_and_pictures_name_edition_and_address(data, drawn, monkeypatch):
    assert cited("A title", []).startswith(f"{edition.PROJECT} (edition of {edition.day(edition.UPDATED)}). A title.")
    monkeypatch.setattr(edition, "ADDRESS", "https://example.org/")
    assert cited("A title", [], "forces/a.html").endswith(" https://example.org/forces/a.html")
    fresh = dismissal_rates_by(drawn("case_to_answer")[0])
    assert "https://example.org/" in fresh.svg("wide").decode() and fresh.metadata["address"] == "https://example.org/"


def test_a_sentence_that_is_too_long_gives_up_its_last_parts(data):
    sources = data.sources_of(data.subjects)
    text = quoted(f"{'a' * 100}; {'b' * 140}", sources)
    assert text.startswith(f"{'a' * 100} … England and Wales.") and len(text) <= LONGEST_QUOTE
    text = quoted(f"{'a' * 100}; all are in one case; {'b' * 140}", sources)
    assert text.startswith(f"{'a' * 100}; all are in one case … England and Wales.")


def test_a_sentence_to_copy_never_gives_up_that_a_row_is_small(data):
    sources, seen = data.sources_of(data.subjects), set()
    for among in ("case_to_answer", "gross_misconduct_proven"):
        table = dismissal_rates(data, among=among, by=("force", "complaint_type"))
        for _, row in table.groups.iterrows():
            sentence = rate_sentence(row, table, f"{row['force']}, {row['complaint_type']}")
            text = quoted(sentence, sources, "answers/a.html", row)
            with_share = quoted(f"{sentence}. {rate_cell(row)}, 95% interval 1.0% to 2.0%.", sources, row=row)
            for one in (text, with_share) if row["denominator"] > 2 else (text,):  # of one or two, no share is told
                assert len(one) <= LONGEST_QUOTE, one
                assert ("[u]" in one) == (row["reliability"] == "u" and row["denominator"] > 2), one
                assert ("; all are in one investigation" in one) == ("; all are in one investigation" in sentence), one
            seen.add((row["reliability"], row["denominator"] > 2, "; all are" in sentence))
    assert len(seen) >= 4


def test_every_demand_has_its_sentence_and_page(data, pages):
    cards = demand_cards(data)
    assert len(cards) == 7 and {card["page"] for card in cards} <= set(pages)
    assert all(re.search(r"\d", card["sentence"]) and len(card["quote"]) <= LONGEST_QUOTE for card in cards)


def test_the_front_page_shows_the_interval_of_each_count_that_has_one(data, site):
    shown = re.sub(r"<[^>]+>", "", (site / "index.html").read_text(encoding="utf-8"))
    shares = [card["share"] for card in demand_cards(data) if card["share"]]
    assert len(shares) >= 3 and all(f"Share: {share}." in shown for share in shares)
    rated = [one for one in findings(data) if one.row is not None]
    assert len(rated) >= 7 and all(f"Share (95% interval): {one.figure}." in shown for one in rated)


def test_every_source_of_people_has_a_short_name(data):
    assert all(data.source(source).short for source in source_ids() if source in set(data.subjects["source"]))


def test_who_asks_for_racism_in_a_force_reads_of_which_ground_the_source_speaks(site, data):
    """ "racism in leicestershire" was answered by discrimination on grounds that the source does not name."""
    for force, kind in (("Leicestershire Police", "leicestershire-police"), (MET, "metropolitan-police-service")):
        page = (site / f"answers/{kind}--discriminatory-behaviour.html").read_text()
        section = page.split("as the source states it</h2>")[1].split("</section>")[0]
        where = {"force": force, "complaint_type": "discriminatory_behaviour"}
        grounds = dismissal_rates(data, among="case_to_answer", by="discrimination_ground", where=where).groups
        grounds = grounds[grounds["denominator"] > 0]
        labels = [group_label("discrimination_ground", code) for code in grounds["discrimination_ground"]]
        assert {*re.findall(r"<dt[^>]*>([^<]+)</dt>", section)} == {*labels}
        for row in grounds.itertuples():
            assert f"{row.numerator} of {row.denominator}" in section or row.denominator <= 2
    assert "as the source states it</h2>" not in (site / "answers/sussex-police--driving.html").read_text()


def test_what_the_search_knows_is_there(data, site, pages):
    from analysis.publishing.gallery import _forces, _types

    entries = search_entries(data, _forces(data), _types(data))
    assert {entry["url"].split("#")[0] for entry in entries} <= set(pages)
    met = next(entry for entry in entries if entry["title"] == "Metropolitan Police Service")
    slugs = {entry["code"]: entry["slug"] for entry in entries if "code" in entry}
    answers = {met["url"].replace("forces/", "answers/").replace(".html", f"--{slugs[c]}.html") for c in met["types"]}
    assert len(answers) > 5 and answers <= set(pages)


@pytest.mark.parametrize(
    "path", ["forces/metropolitan-police-service.html", "charts/funnel_by_force.html", "builder.html"]
)
def test_no_column_is_lost_on_paper(tab, site, path):
    """A4 with its margins is 718 px wide; no table is wider, and no frame is empty."""
    page = tab()
    go(page, site, path)
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    wide = page.evaluate(
        "[...document.querySelectorAll('main table')].filter(t => t.checkVisibility() && "
        "t.getBoundingClientRect().right > 719).map(t => t.textContent.slice(0, 60))"
    )
    assert not wide
    heads = page.locator("main thead tr:visible").all_inner_texts()
    assert heads and all(head.strip() for head in heads)
    empty = page.evaluate(
        "[...document.querySelectorAll('main figure')]"
        ".filter(f => f.checkVisibility() && !f.querySelector('svg, img')).length"
    )
    assert not empty


def test_a_force_that_somebody_else_oversees_has_no_zeros(tab, site):
    """Nobody in these data says nothing of it: the table and its page say why, and the text to send names its Act."""
    page = tab(360)
    go(page, site, "forces/index.html")
    outside = page.locator("#list tr", has_text="not covered by the IOPC")
    names = outside.locator("th a").all_inner_texts()
    assert names == ["Police Scotland", "Police Service of Northern Ireland"]
    assert outside.locator("td").all_inner_texts() == ["[z]"] * 8
    assert "0" in page.locator("#list tr", has_text="Dyfed-Powys").locator("td").first.inner_text()
    overseers = ("Police Investigations and Review Commissioner", "Police Ombudsman for Northern Ireland")
    acts = ("Freedom of Information (Scotland) Act 2002", "Freedom of Information Act 2000")
    for name, overseer, act in zip(names, overseers, acts, strict=True):
        go(page, site, f"forces/{slug(name)}.html")
        said = page.locator(".notice").inner_text()
        assert f"the IOPC, which does not cover {name}: the {overseer} oversees it." in said
        text = page.get_by_role("link", name="A text to send").get_attribute("href").partition("#")[2]
        go(page, site, "contact.html")
        assert page.locator(f"#{text}-text").inner_text().startswith(f"Under the {act}, ")
    go(page, site, "index.html")
    assert page.locator("#pickable li", has_text="not covered by the IOPC").count() == 2


def test_a_topic_with_nobody_says_how_often_the_source_names_no_ground(data):
    """It may have been sexism all the same: counted from the columns."""
    files = dict(topic_part("sexism", "sexism", figures_of(data)))
    text = files["types/sexism.html"].decode()
    kinds = data["allegations"]
    accused = {*kinds.loc[kinds["complaint_type"] == "discriminatory_behaviour", "subject_id"]}
    them = data.subjects[data.subjects["subject_id"].isin(accused)]
    silent = them["discrimination_ground"].isin(["", "unspecified"]).sum()
    assert "<strong>Of nobody in these data does the source say that it was sexism." in text
    unsaid = them[them["discrimination_ground"].isin(["", "unspecified"])]
    in_cases = f"in {unsaid['case_id'].nunique()} of {them['case_id'].nunique()} investigations"
    assert f"For {silent} of {len(them)} people accused of discriminatory behaviour, {in_cases}, it names no" in text
    assert "it names no ground.</strong>" in text
    assert "No published investigation" not in text


@pytest.mark.parametrize(
    ("cases", "notice"),
    [
        (["?"], "Nobody in these data is among people with a case to answer with a known outcome."),
        (["n?"], "1 person with a case to answer and a known outcome, in 1 investigation: {}"),
        (["nD", "n"], "3 people with a case to answer and a known outcome, in 2 investigations: {}"),
        (["nnnnn", "nnnnn"], ""),
    ],
)
def test_one_notice_says_why_there_is_no_rate(data, cases, notice):
    """The same on a page and on a fact sheet; of nobody it says nothing of counts."""
    made = people(cases)
    group = Group(with_tables(data, subjects=made["subjects"], allegations=made["allegations"]), {})
    assert few_notice(group) == notice.format("too few for a reliable share. Give the counts.")


def test_a_page_and_its_fact_sheet_give_the_same_notice(data):
    forces = dismissal_rates(data, among="case_to_answer", by="force").groups
    force = forces[forces["denominator"] == 1].iloc[0]["force"]
    files = dict(force_part(force, "x", figures_of(data)))
    said = few_notice(Group(data, {"force": force}))
    assert said.endswith("Give the counts.")
    for path in ("forces/x.html", "sheets/x-fact-sheet.html"):
        [notice] = re.findall(r'<p class="notice">(.*?)</p>', files[path].decode())
        assert said == re.sub(r"<[^>]+>", "", notice)  # a page explains its terms
