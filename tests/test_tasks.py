"""What a campaigner comes for, from the front page on a phone: at most four taps and two screens of scrolling each."""

import re

import pytest
from browser import go
from PIL import Image

from analysis import edition, vocabulary
from analysis.charts.quoting import marked
from analysis.counting.endings import ended
from analysis.counting.funnel import INSIDE, OUTSIDE_95, OUTSIDE_998, TOO_FEW, funnel
from analysis.counting.rates import dismissal_rates
from analysis.publishing.wording import rate_sentence

WIDTH, HEIGHT = 360, 740
MOST_TAPS, MOST_SCREENS = 4, 2.0


class Phone:
    """A phone that counts its reader's taps, and the screens that are scrolled to what is tapped or read."""

    def __init__(self, page, site):
        self.page, self.taps, self.screens = page, 0, 0.0
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        go(page, site, "index.html")

    def see(self, wanted):
        """Scroll until the whole of it (or its first screen) is there; its text."""
        wanted.wait_for()
        box = wanted.bounding_box()
        down, up = box["y"] + min(box["height"], HEIGHT) - HEIGHT, -box["y"]
        self.screens += max(down, up, 0) / HEIGHT
        wanted.scroll_into_view_if_needed()
        assert wanted.is_visible()
        return wanted.inner_text()

    def tap(self, wanted):
        self.see(wanted)
        self.taps += 1
        wanted.click()

    def find(self, words):
        """Tap the search box, type, and tap what comes first; its name."""
        self.tap(self.page.get_by_role("searchbox"))
        self.page.keyboard.type(words)
        first = self.page.locator("#found a").first
        name = first.inner_text()
        self.tap(first)
        self.page.wait_for_load_state()
        return name

    def copied(self):
        return self.page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def phone(tab, site, record_property):
    options = {"permissions": ["clipboard-read", "clipboard-write"], "reduced_motion": "reduce"}  # scrolls at once
    found = Phone(tab(WIDTH, **options), site)
    yield found
    record_property("taps", found.taps)
    print(f"{found.taps} taps, {found.screens:.1f} screens")
    assert found.taps <= MOST_TAPS and found.screens <= MOST_SCREENS, (found.taps, found.screens)


def test_the_search_box_is_on_the_first_screen(phone):
    assert phone.page.get_by_role("searchbox").bounding_box()["y"] + 50 < HEIGHT


def answer(data, force, kind):
    """What is said of the people with a case to answer of a force, accused of a complaint type."""
    table = dismissal_rates(data, among="case_to_answer", where={"force": force, "complaint_type": kind})
    about = f"{force}, {vocabulary.label('complaint_type', kind).lower()}"
    return marked(rate_sentence(table.total, table, about), table.total)


def test_sexual_misconduct_in_the_met(phone, site, data):
    """A sentence and a picture."""
    assert phone.find("sexual misconduct in the Met") == "Sexual misconduct: Metropolitan Police Service"
    phone.tap(phone.page.get_by_role("button", name="Copy this sentence", exact=True))
    assert phone.copied().startswith(answer(data, "Metropolitan Police Service", "sexual_misconduct"))
    picture = phone.page.get_by_role("link", name="Picture, PNG")
    phone.see(picture)
    phone.taps += 1  # a browser shows a picture of a folder, and downloads one of a site
    address = picture.get_attribute("href")
    assert "metropolitan-police-service--sexual-misconduct" in address and (site / "answers" / address).is_file()


def test_racism_in_leicestershire(phone, data):
    assert phone.find("racism leicestershire") == "Discriminatory behaviour: Leicestershire Police"
    phone.tap(phone.page.get_by_role("button", name="Copy this sentence", exact=True))
    said, whole = phone.copied(), answer(data, "Leicestershire Police", "discriminatory_behaviour")
    assert said.startswith(whole.split(", in ")[0])  # the rest may be cut to what a short message takes
    assert ("all are in one investigation" in said) == ("all are in one investigation" in whole)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("forces/sussex-police", "sussex-police"),
        ("forces/sussex-police", "sussex-police--driving"),
        ("types/driving", "driving"),
        ("types/driving", "sussex-police--driving"),
    ],
)
def test_a_force_and_a_type_lead_to_their_answers(site, pages, path, answer):
    answers = set(re.findall(r'href="\.\./(answers/[^"]+)"', (site / f"{path}.html").read_text(encoding="utf-8")))
    assert f"answers/{answer}.html" in answers and answers <= set(pages)


def test_a_chart_in_a_website(phone, site, tmp_path):
    """The code that is copied shows the chart in somebody else's page, with its source and a way back."""
    phone.find("accused of how many dismissed")
    phone.tap(phone.page.get_by_role("button", name="Copy the code for your website"))
    code, here = phone.copied(), f"{site.as_uri()}/"
    code = code.replace(edition.ADDRESS or here, here)  # where this edition will be, the tests are not
    (tmp_path / "charity.html").write_text(f"<!doctype html><title>A charity</title>{code}", "utf-8")
    go(phone.page, tmp_path, "charity.html")
    frame = phone.page.frames[1]
    frame.wait_for_load_state()
    assert frame.evaluate("document.querySelector('img').naturalWidth") > 0
    assert "Source: " in frame.locator("p").inner_text()
    back = frame.get_by_role("link", name="this chart with its data").get_attribute("href")
    whole = edition.ADDRESS and back.startswith(edition.ADDRESS)
    assert (site / (back.removeprefix(edition.ADDRESS) if whole else f"embed/{back}")).is_file()


def test_found_guilty_of_gross_misconduct_and_not_dismissed(phone, data):
    said = phone.see(phone.page.locator(".says", has_text="gross misconduct").first)
    how = ended(data)
    (k, in_k), (stayed, in_stayed), (left, _) = (
        (row["numerator"], row["n_cases_counted"]) for row in (how.dismissed, how.not_left, how.left)
    )
    assert in_k < k and in_stayed < stayed  # so the investigations are said too
    counts = rf"\b{k} \(in {in_k}\) were dismissed or would have been; {stayed} \(in {in_stayed}\) were not"
    assert re.search(rf"{counts}.*\b{left} left first", said)


def test_what_changed_since_the_last_edition(phone):
    phone.tap(phone.page.get_by_role("link", name="What changed").first)
    assert phone.page.locator("h1").inner_text() == "What changed"


@pytest.mark.parametrize(
    ("said", "positions"),
    [
        ("outside the range", [OUTSIDE_95, OUTSIDE_998]),
        ("inside the range", [INSIDE]),
        ("too few to tell", [TOO_FEW]),
    ],
)
def test_is_my_force_different(phone, data, said, positions):
    """Of the largest force of each kind that this edition has."""
    plotted = funnel(dismissal_rates(data, among="case_to_answer", by="force")).data.sort_values("denominator")
    forces = plotted.loc[plotted["position"].isin(positions), "force"]
    if forces.empty:
        pytest.skip(f"No force is {said} in this edition.")
    phone.find(forces.iloc[-1])
    phone.tap(phone.page.get_by_role("link", name="Is it different?"))
    assert said in phone.see(phone.page.locator("#verdict"))


def test_what_case_to_answer_means_where_it_is_read(phone):
    phone.tap(phone.page.get_by_role("button", name="case to answer").first)
    definition = vocabulary.entry("term", "case_to_answer")["definition"]
    assert definition in phone.see(phone.page.locator(".definition:popover-open"))
    phone.page.keyboard.press("Escape")
    assert not phone.page.locator(".definition:popover-open").count()


@pytest.mark.parametrize(
    ("button", "parts"),
    [
        ("#error-text", ("Page", "The figure", "What is right")),
        ("#foi-text", ("Reference number", "Period", "What is counted")),
    ],
)
def test_report_an_error_or_send_an_foi_reply(phone, button, parts):
    phone.tap(phone.page.get_by_role("link", name="Report an error or send an FOI reply").first)
    phone.tap(phone.page.locator(f"[data-copy='{button[1:]}']"))
    assert all(part in phone.copied() for part in parts) and "\n" in phone.copied()


def test_domestic_abuse(phone, data):
    assert phone.find("domestic abuse") == "Domestic abuse"
    table = dismissal_rates(data, among="case_to_answer", where={"complaint_type": "domestic_abuse"})
    said = marked(rate_sentence(table.total, table, "Domestic abuse"), table.total)
    assert phone.see(phone.page.locator("#sentence")).startswith(said)
    phone.see(phone.page.locator("#published"))
    shown, rates = phone.page.locator("#published-rows").inner_text(), data["published_rates"]
    counted = rates[(rates["complaint_type"] == "domestic_abuse") & (rates["unit"] != "percent")]
    assert len(counted) and all(f"{row.numerator:,} of {row.denominator:,}" in shown for row in counted.itertuples())


def test_the_investigations_behind_a_number(phone):
    phone.find("gmp")
    phone.tap(phone.page.get_by_role("link", name="Investigations", exact=True))
    if phone.page.locator("[aria-labelledby=cases] summary").count():
        phone.tap(phone.page.locator("[aria-labelledby=cases] summary").first)
    link = phone.page.locator(".cases a").first
    phone.see(link)
    assert link.get_attribute("href").startswith("https://policeconduct.gov.uk/")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("the Met", "metropolitan-police-service"), ("rape", "sexual-misconduct"), ("kent", "kent-police")],
)
def test_a_fact_sheet_and_where_there_is_one_a_pack(phone, site, typed, name):
    """Of a force and of a complaint type: the PDF is there, its web page has the same, and a link to a pack has one."""
    phone.find(typed)
    link = phone.page.get_by_role("link", name="Fact sheet (PDF)")
    phone.see(link)
    phone.taps += 1  # a browser shows a PDF of a folder, and downloads one of a site
    address = link.get_attribute("href")
    assert address.endswith(f"/{name}-fact-sheet.pdf")
    assert (site / "forces" / address).read_bytes().startswith(b"%PDF")
    packs = [link.get_attribute("href") for link in phone.page.get_by_role("link", name="Pack (ZIP)").all()]
    assert len(packs) == (site / "downloads" / "packs").is_dir()
    assert all((site / "forces" / pack).is_file() for pack in packs)


def test_a_slide(phone):
    """A picture of 1920 by 1080 of sexual misconduct in the Met; answers too few for a chart have their card."""
    phone.find("slide")
    phone.page.locator("#force").select_option("Metropolitan Police Service")
    phone.taps += 1
    with phone.page.expect_download() as file:
        phone.tap(phone.page.get_by_role("button", name="PNG, 16:9 for slides"))
    with Image.open(file.value.path()) as picture:
        assert picture.size == (1920, 1080)


def test_a_chart_of_counts_from_an_foi_reply(phone):
    """Three taps; the rest is typed, from field to field by the key for the next."""
    phone.find("FOI reply chart")
    phone.tap(phone.page.locator("#rows"))
    phone.page.keyboard.type("Racism 3 of 20\nSexism 1 of 12")
    for key in ("Tab", "Space", "Tab"):
        phone.page.keyboard.press(key)
    words = (
        "dismissed",
        "people with a case to answer",
        "",
        "Sussex Police",
        "2023",
        "FOI reply 1/24",
        "https://a.org/1",
    )
    for text in words:
        phone.page.keyboard.press("Tab")
        phone.page.keyboard.type(text)
    phone.page.keyboard.press("Enter")
    assert "4 of 32" in phone.page.locator("#picture svg").text_content()
    assert phone.page.evaluate("document.activeElement.id") == "made"


def test_the_data_behind_a_chart(phone):
    phone.find("rape")
    phone.tap(phone.page.get_by_role("link", name="Chart", exact=True))
    with phone.page.expect_download() as file:
        phone.tap(phone.page.get_by_role("link", name="data, CSV"))
    assert file.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("racism", "Racism"),
        ("rasicm", "Racism"),
        ("sexism", "Sexism"),
        ("rape", "Sexual misconduct"),
        ("sexual assault", "Sexual misconduct"),
        ("violence", "Violence against women and girls"),
        ("harrassment", "Sexual misconduct"),
        ("taser", "Use of force"),
        ("GMP", "Greater Manchester Police"),
        ("PSNI", "Police Service of Northern Ireland"),
        ("the Met", "Metropolitan Police Service"),
        ("London", "City of London Police"),
        ("west  mids", "West Midlands Police"),
        ("Liecestershire", "Leicestershire Police"),
        ("case to answer", "What it means: case to answer"),
        ("corruption", "Honesty and integrity"),
        ("sacked", "What it means: dismissed"),
        ("resigned", "What it means: left first"),
        ("tribunal", "What it means: misconduct hearing"),
        ("IOPC", "What it means: IOPC"),
        ("Casey", "Reviews and studies, such as Casey's"),
        ("excessive force", "Use of force"),
        ("predator", "Sexual misconduct"),
        ("gay", "Discriminatory behaviour"),
        ("lesbian", "Discriminatory behaviour"),
        ("trans", "Discriminatory behaviour"),
        ("pack", "All forces in one table"),
        ("West Mids", "West Midlands Police"),
    ],
)
def test_the_search_finds_what_people_type(tab, site, typed, first):
    page = tab(WIDTH)
    go(page, site, "index.html")
    page.get_by_role("searchbox").fill(typed)
    found = page.locator("#found a").all_inner_texts()
    assert found[0] == first or first in found[:2], found
    if typed == "London":
        assert {"City of London Police", "Metropolitan Police Service"} <= set(found[:3])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("rape met", "Sexual misconduct: Metropolitan Police Service"),  # "rape report" is of another type
        ("metropolitan police rape", "Sexual misconduct: Metropolitan Police Service"),
        ("domestic abuse met", "Metropolitan Police Service (nobody there, in these data, for domestic abuse)"),
        ("police scotland sexual", "Police Scotland (nobody there, in these data, for sexual misconduct)"),
        ("scotland yard rape", "Sexual misconduct: Metropolitan Police Service"),
        ("excessive force met", "Use of force: Metropolitan Police Service"),
        ("fact sheet met", "Metropolitan Police Service"),
        ("met pack pdf", "Metropolitan Police Service"),
    ],
)
def test_the_search_leads_to_what_is_meant_and_not_to_what_shares_a_word_with_it(tab, site, typed, first):
    page = tab(WIDTH)
    go(page, site, "index.html")
    page.get_by_role("searchbox").fill(typed)
    assert page.locator("#found a").first.inner_text() == first


def test_no_result_says_where_to_go_and_offers_only_what_is_near(tab, site):
    page = tab(WIDTH)
    go(page, site, "index.html")
    places = ["All complaint types", "All forces", "Ask a force for its figures"]
    for typed, near in (
        ("zzyzxq", []),
        ("xyzzy", []),
        ("David Carrick", []),
        ("mte", ["Metropolitan Police Service"]),
        ("Lecestshyre", ["Leicestershire Police"]),
    ):
        page.get_by_role("searchbox").fill(typed)
        told = page.locator("#found-status").inner_text()
        assert told.startswith(f"Nothing found for “{typed}”. ") and ("nearest" in told) == bool(near)
        assert page.locator("#found a").all_inner_texts() == [*near, *places]
    page.get_by_role("searchbox").fill("racism zzyzxq")
    assert page.locator("#found-status").inner_text() == "No page has all of these words. The nearest:"
    assert page.locator("#found a").first.inner_text() == "Racism"
