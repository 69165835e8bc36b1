"""Fact sheets: two full pages on one group, true to its tables, with links and dates, for eyes and screen readers."""

import io
import math
import re

import pytest
from people import with_tables
from pypdf import PdfReader

from analysis import edition, vocabulary
from analysis.charts.pdf import compiled
from analysis.counting.rate_words import group_label
from analysis.counting.rates import dismissal_rates
from analysis.edition import day
from analysis.publishing.fact_sheets import sheet, sheet_page, sheet_pdf
from analysis.publishing.group_facts import Group, topic_group
from analysis.publishing.packs import sentences_of

MET = "Metropolitan Police Service"
GROUPS = [  # many people, a few, one; nobody; a type of many, of one; both
    {"force": MET},
    {"force": "Kent Police"},
    {"force": "Cumbria Constabulary"},
    {"force": "Police Scotland"},
    {"complaint_type": "failure_to_respond"},
    {"complaint_type": "domestic_abuse"},
    {"force": "Leicestershire Police", "complaint_type": "discriminatory_behaviour"},
]


class Made:
    """A fact sheet as people get it."""

    def __init__(self, group):
        self.group = group
        said = sheet(group, group.wider)
        self.pdf = sheet_pdf(said, group.chart)
        self.page = sheet_page(said, "sheets/x.html", "../charts", group.chart).decode()
        self.reader = PdfReader(io.BytesIO(self.pdf), strict=True)
        self.texts = [re.sub(r"\s+", " ", page.extract_text()) for page in self.reader.pages]

    @property
    def links(self):
        found = (note.get_object() for page in self.reader.pages for note in page.get("/Annots", ()))
        return {note["/A"]["/URI"] for note in found}


def sizes_and_heights(page):
    """Of each text of a page how large its letters are and how high above the foot it stands, in points."""
    found = []

    def note(text, at, place, _, size):
        if text.strip():
            across = math.hypot(place[0] * at[0] + place[1] * at[2], place[0] * at[1] + place[1] * at[3])
            found.append((size * across, place[4] * at[1] + place[5] * at[3] + at[5]))

    page.extract_text(visitor_text=note)
    return found


@pytest.fixture(scope="module")
def made(data):
    """A function that makes the sheet of some people once."""
    kept = {}

    def make(where):
        key = (*where.items(),)
        return kept.get(key) or kept.setdefault(key, Made(Group(data, where)))

    return make


@pytest.mark.parametrize("where", GROUPS, ids=lambda where: "-".join(where.values()))
def test_it_is_two_full_pages_that_lead_with_the_sentence(made, where):
    found = made(where)
    assert len(found.texts) == 2 and all(len(text) > 1000 for text in found.texts), [*map(len, found.texts)]
    for page in found.reader.pages:
        texts = sizes_and_heights(page)
        body = sorted(height for _, height in texts if height > 48)  # above the footer
        assert body[0] < 90 and body[-1] > 750, (body[0], body[-1])  # of 842 points
        assert min(size for size, _ in texts) >= 6.99, min(texts)  # the notes of a chart had 4.5 points
    lead = re.sub(r"\s+", " ", found.group.lead)
    assert lead in found.texts[0] and lead in found.page
    assert found.texts[0].index(lead) < found.texts[0].index("How many were dismissed")
    assert len(found.pdf) <= 60_000
    assert "og:" not in found.page  # one in a pack is on no site, so that no picture lies beside it


@pytest.mark.parametrize("where", GROUPS, ids=lambda where: "-".join(where.values()))
def test_its_counts_are_those_of_the_rate_tables(made, data, where):
    found = made(where)
    for among in ("case_to_answer", "proceedings", "proven"):
        for kept in (where, {}):
            total = dismissal_rates(data, among=among, where=kept).total
            if total["denominator"] > 2:
                count = f"{total['numerator']} of {total['denominator']}"
                assert count in found.texts[0] and count in found.page
    people = data.subjects["force"].str.contains(where.get("force", ""), regex=False)
    assert (found.group.people == people.sum()) or "complaint_type" in where
    for row in found.group.outcomes.itertuples():
        assert re.search(rf"\b{row.people} {row.investigations}\b", " ".join(found.texts))


def test_it_has_links_dates_contact_and_each_definition_once(made, data):
    found = made({"force": MET})
    urls = set(data.cases({"force": MET})["url"])
    assert len(found.links & urls) >= 5 and all(url in found.page for url in urls)
    assert all(any(rate.url == link for rate in found.group.published) for link in found.links - urls)
    assert f"first {len(found.links & urls)} of {len(urls)}" in found.texts[1]
    whole = " ".join(found.texts)
    for text in (whole, found.page):
        assert day(edition.PUBLISHED) in text and day(edition.UPDATED) in text and "Report an error" in text
        assert text.count(vocabulary.entry("denominator", "proven")["definition"]) == 1
        assert text.count("Counted: ") == 1
    assert found.reader.metadata.creation_date.date().isoformat() == edition.UPDATED


def test_addresses_are_named_once_they_are_set(data, monkeypatch):
    monkeypatch.setattr(edition, "EMAIL", "us@example.org")
    monkeypatch.setattr(edition, "ADDRESS", "https://example.org/")
    group = Group(data, {"force": "Kent Police"})
    text = " ".join(Made(group).texts)
    assert "us@example.org or https://example.org/contact.html" in text and "names no address" not in text


@pytest.mark.parametrize(
    ("where", "act"),
    [
        ({"force": "Police Scotland"}, "Freedom of Information (Scotland) Act 2002"),
        ({"force": "Police Service of Northern Ireland"}, "Freedom of Information Act 2000"),
        ({"force": "Outside the UK"}, "law on access to information"),
        ({"complaint_type": "driving"}, "Freedom of Information Act 2000"),
    ],
)
def test_it_asks_under_the_act_that_binds_the_force(data, where, act):
    assert sheet(Group(data, where), [])["ask"][0].startswith(f"Under the {act}, please give me for each")


def test_its_chart_is_of_this_group(made):
    for where in ({"force": MET}, {"complaint_type": "failure_to_respond"}):
        chart = made(where).group.chart
        assert chart.filter == where and f'src="../charts/{chart.picture_name("square", "png")}"' in made(where).page
    assert made({"complaint_type": "domestic_abuse"}).group.chart is None


def test_investigations_that_ended_in_a_dismissal_stand_first(made, data):
    """None of the first 6 of 58 held one of the dismissals that the Met's headline counts."""
    found = made({"force": MET})
    ended = set(data.cases({"force": MET}, count="dismissed_or_would_have_been")["case_id"])
    assert ended and set(found.group.cases["case_id"][: len(ended)]) == ended
    assert (
        ended < set(found.group.cases["case_id"])
        and "Those with a dismissal, or what would have been one, come first" in found.texts[1]
    )
    assert "come first" not in " ".join(made({"force": "Kent Police"}).texts)


@pytest.mark.parametrize("topic", ["violence_against_women_and_girls", "racism"])
def test_a_topic_has_a_fact_sheet_of_its_own_people(data, topic):
    group = topic_group(data, topic)
    found = Made(group)
    for among in ("case_to_answer", "proven"):
        total = dismissal_rates(data, among=among, where=group.where).total
        assert f"{total['numerator']} of {total['denominator']}" in found.texts[0]
    column, [code] = next((name, kept.kept) for name, kept in group.where.items())
    assert group.chart.name == f"dismissal_rates_by_{column}" and group_label(column, code) in found.page
    kinds = vocabulary.entry("topic", topic)["published"].split("; ")
    assert len(group.published) == data["published_rates"]["complaint_type"].isin(kinds).sum() > 0


def test_one_or_two_people_have_words_and_no_rate(made):
    found = made({"complaint_type": "domestic_abuse"})
    [whole, *_] = sentences_of(found.group)
    assert found.group.lead == f"{whole.text} How it ended: dismissed."  # begins as packs, answers and the builder do
    table = found.texts[0].split("How many were dismissed")[1].split("England and Wales people")[0]
    assert "100" not in table and "<img" not in found.page


def test_it_is_tagged_for_screen_readers(made):
    found = made({"force": MET})
    root = found.reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB" and "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.reader.metadata.title.startswith(f"{MET}: how often are people accused of misconduct dismissed?")


def test_a_letter_beyond_english_is_drawn_too():
    """The typeface of a PDF is cut down; what it lacks comes from the whole one."""
    template = '#set document(title: "x")\n#set text(font: "DejaVu Sans", lang: "en")\nPolice of Łódź'.encode()
    assert PdfReader(io.BytesIO(compiled(template, {}))).pages[0].extract_text() == "Police of Łódź"


def test_it_is_the_same_bytes_each_time(made, data):
    again = Made(Group(data, {"force": "Kent Police"}))
    assert again.pdf == made({"force": "Kent Police"}).pdf


def test_markup_in_data_stays_text(data, monkeypatch):
    """A force whose name is markup, for the page and for the language of the PDF."""
    nasty = '<script>alert(1)</script> #panic("x") $x$'
    entry = {**vocabulary.entry("force", "Kent Police"), "label": nasty}
    known = {**vocabulary.vocabularies(), "force": {**vocabulary.vocabularies()["force"], nasty: entry}}
    monkeypatch.setattr(vocabulary, "vocabularies", lambda: known)
    subjects = data.subjects.assign(force=data.subjects["force"].replace(MET, nasty))
    found = Made(Group(with_tables(data, subjects=subjects), {"force": nasty}))
    assert "<script>alert" not in found.page and "&lt;script&gt;alert" in found.page and '#panic("x")' in found.texts[0]
