"""The chart builder as a page, and the answers that have pages of their own: Back, links, print, phones, weight."""

import gzip
import re

import pytest
from browser import go, problems_of, take

from analysis.charts.text import slug
from analysis.counting.rate_words import count_words
from analysis.counting.rates import dismissal_rates
from analysis.publishing.answers import Answer, answers
from analysis.publishing.builder import types_of_forces


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_picture_is_above_or_beside_the_choices(tab, site, width):
    page = tab(width)
    go(page, site, "builder.html#force=Metropolitan+Police+Service&types=sexual_misconduct")
    boxes = [page.locator(name).bounding_box() for name in ("#status", "#picture", "#builder")]
    sentence, picture, choices = boxes
    assert sentence["y"] + sentence["height"] <= picture["y"]
    assert picture["y"] < 740 and page.evaluate("document.documentElement.scrollWidth") <= width
    is_beside = picture["x"] + picture["width"] <= choices["x"] and choices["y"] < picture["y"]
    assert picture["y"] + picture["height"] <= choices["y"] or is_beside
    if width < 400:
        page.get_by_role("button", name="Change what is shown").click()
        assert page.evaluate("document.activeElement.id") == "force"
        back = page.get_by_role(
            "button", name="Back to the picture: Metropolitan Police Service, sexual misconduct: 1 of 6"
        )
        assert back.is_visible()
        back.click()
        assert page.evaluate("document.activeElement.id") == "made"


def test_the_task_of_the_met_and_sexual_misconduct_on_a_phone(tab, site):
    """From the front page: a sentence and a picture of it, within two screens of each other."""
    page = tab(360, permissions=["clipboard-read", "clipboard-write"])
    go(page, site, "index.html")
    page.get_by_role("navigation").get_by_role("link", name="Make a chart").click()
    page.get_by_role("button", name="Change what is shown").click()
    page.locator("#force").select_option("Metropolitan Police Service")
    page.locator("#kind").select_option("sexual_misconduct")
    page.get_by_role("button", name="Back to the picture").click()
    said = page.locator("#status").inner_text()
    assert said.startswith("Metropolitan Police Service, sexual misconduct: 1 of 6 people with a case to answer")
    sentence, picture = (page.locator(name).bounding_box() for name in ("#status", "#picture"))
    assert picture["y"] + picture["height"] - sentence["y"] < 2 * 740
    page.get_by_role("button", name="Copy this sentence").click()
    page.get_by_text("Copied", exact=True).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "1 of 6" in copied and "2 of 84" not in copied


def state_of(page):
    chosen = page.evaluate("[chosen().force, chosen().types.length, chosen().among]")
    return [*chosen, page.locator("#status").inner_text(), page.title()]


def test_back_undoes_one_choice_at_a_time_and_forward_does_it_again(tab, site):
    page = tab()
    go(page, site, "builder.html")
    states = [state_of(page)]
    steps = (
        lambda: page.locator("#force").select_option("Sussex Police"),
        lambda: page.locator("#kind").select_option("driving"),
        lambda: page.get_by_label("people who faced misconduct proceedings").check(),
        lambda: page.get_by_role("button", name="Start again").click(),
    )
    for step in steps:
        step()
        states.append(state_of(page))
    assert states[2][:2] == ["Sussex Police", 1] and states[2][4].startswith("Sussex Police, driving: ")
    assert states[4] == states[0] and len({str(state) for state in states[:4]}) == 4
    for state in reversed(states[:-1]):
        page.go_back()
        page.wait_for_function("status => document.getElementById('status').textContent === status", arg=state[3])
        assert state_of(page) == state
    page.go_forward()
    page.wait_for_function("status => document.getElementById('status').textContent === status", arg=states[1][3])
    assert page.locator("#kind").input_value() == ""


def test_a_link_inside_the_page_leaves_what_is_chosen(tab, site):
    page = tab()
    go(page, site, "builder.html#force=Sussex+Police&types=driving")
    before = state_of(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the content
    page.wait_for_function("location.hash === '#main'")
    assert state_of(page) == before


def test_the_list_and_the_boxes_of_types_say_the_same(tab, site):
    page = tab()
    go(page, site, "builder.html#types=driving,use_of_force")
    assert page.locator("#kind").input_value() == "(several)"
    page.locator("#kind").select_option("driving")
    assert page.locator("[name=type]:checked").evaluate_all("boxes => boxes.map(box => box.value)") == ["driving"]
    page.locator("#kind").select_option("(together)")
    assert page.locator("[name=type]:checked").count() == 0 and page.locator("#numbers tbody tr").count() == 1
    page.reload()
    assert page.locator("#kind").input_value() == "(together)"
    page.locator("#kind").select_option("(several)")
    page.get_by_label("Use of force").check()
    assert page.locator("#kind").input_value() == "use_of_force"


def test_a_force_with_nobody_says_so_and_not_stated_is_no_force(tab, site):
    page = tab()
    go(page, site, "builder.html#force=Police+Scotland")
    said = page.locator("#status").inner_text()
    assert said.startswith("Police Scotland: nobody in these data is among people with a case to answer")
    assert "; the IOPC, whose investigations these are, does not cover it" in said
    assert "left out" not in said and not page.locator("#picture").is_visible()
    assert page.get_by_role("link", name="Police Scotland").get_attribute("href") == "forces/police-scotland.html"
    offered = page.locator("#force option").evaluate_all("options => options.map(option => option.value)")
    assert "(not stated)" not in offered and "Police Service of Northern Ireland" in offered
    assert page.locator("#force optgroup[label='Other bodies'] option").count() == 2
    go(page, site, "builder.html#force=(not+stated)")
    assert "Not known, and left out: (not stated)." in page.locator("#status").inner_text()


def test_few_people_few_cases_and_one_case_are_said(tab, site, data):
    page = tab()
    go(page, site, "builder.html#force=Leicestershire+Police&types=discriminatory_behaviour")
    said = page.locator("#status").inner_text()
    assert "all are in one investigation." in said and "no 95% interval [z]" in said
    assert "Fewer than 10 people: too few for a reliable share." in said
    rows = dismissal_rates(data, among="case_to_answer", by=("force", "complaint_type")).groups
    few_cases = rows[(rows["denominator"] >= 10) & (rows["reliability"] == "u")]
    for row in few_cases.itertuples():
        go(page, site, f"builder.html#force={row.force.replace(' ', '+')}&types={row.complaint_type}")
        assert "People in fewer than 5 investigations: too few" in page.locator("#status").inner_text()


def test_link_and_page_of_a_choice(tab, site):
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    go(page, site, "builder.html#force=Metropolitan+Police+Service&types=sexual_misconduct")
    page.get_by_role("button", name="Copy a link to this answer").click()
    page.get_by_text("Copied", exact=True).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (site / "answers/metropolitan-police-service--sexual-misconduct.html").as_uri()  # it has a card
    said = page.locator("#status").inner_text()
    page.get_by_role("link", name="This answer on a page of its own").click()
    assert page.url.endswith("answers/metropolitan-police-service--sexual-misconduct.html")
    assert page.locator(".lead").inner_text() == said
    page.get_by_role("link", name="Chart and data").click()
    page.locator("#picture svg").wait_for()
    assert page.locator("#status").inner_text() == said
    go(page, site, "builder.html#among=proven&force=Metropolitan+Police+Service")  # which has no page of its own
    page.get_by_role("button", name="Copy a link to this answer").click()
    page.get_by_text("Copied", exact=True).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url and "among=proven" in copied
    for state in (
        "#types=driving,use_of_force",
        "#among=proven&types=driving",
        "#count=dismissed&force=Kent+Police",
        "",
    ):
        go(page, site, f"builder.html{state}")
        assert page.get_by_role("link", name="This answer on a page of its own").count() == 0, state
    places = [{"protocol": p, "host": "example.org", "pathname": "/b.html"} for p in ("https:", "file:")]
    assert page.evaluate("places => places.map(onTheWeb)", places) == ["example.org/b.html", ""]


def test_only_the_picture_is_printed_to_a_pdf_and_no_control_on_paper(tab, site, tmp_path):
    page = tab()
    go(page, site, "builder.html#force=Metropolitan+Police+Service")
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Print, or save as PDF").click()
    assert page.title() == "dismissal-rates.metropolitan-police-service.case-to-answer.dismissed-or-would-have-been"
    page.emulate_media(media="print")
    shown = page.evaluate(
        "[...document.querySelectorAll('main *, header *, footer *')].filter(item => "
        "item.checkVisibility() && !item.closest('#picture') && !item.querySelector('#picture')).length"
    )
    assert shown == 0 and page.locator("#picture svg").is_visible()
    pdf = page.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1 and b"/Subtype /Image" not in pdf  # drawn, not a photograph
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.title().startswith("Metropolitan Police Service: 2 of 84") and page.locator("#status").is_visible()
    assert not page.locator("#builder").is_visible()


@pytest.mark.parametrize("path", ["builder.html", "answers/index.html", "answers/sussex-police--driving.html"])
def test_no_accessibility_problem_on_a_phone(tab, site, path):
    page = tab(320)
    go(page, site, path)
    assert not problems_of(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_visit_to_the_builder_is_light(site):
    files = ("builder.html", "static/site.css", "static/site.js", "static/drawing.js", "static/builder.js")
    assert sum(len(gzip.compress((site / name).read_bytes())) for name in files) < 150e3


def test_every_choice_that_has_people_has_a_page_and_no_other(site, subjects, allegations):
    """Counted from the columns: each force, each type, each pair."""
    people = subjects[["subject_id", "force"]].merge(allegations[["subject_id", "complaint_type"]], on="subject_id")
    pairs = {
        (force, kind)
        for forces, kind in zip(people["force"], people["complaint_type"], strict=True)
        for force in forces.split("; ")
        if force
    }
    names = {f"{slug(force)}--{slug(kind)}" for force, kind in pairs}
    names |= {slug(force) for force, _ in pairs} | {slug(kind) for kind in people["complaint_type"]}
    assert {path.stem for path in (site / "answers").glob("*.html")} == names | {"index"} and len(names) > 200


def test_a_page_gives_the_answer_of_its_rate_table_and_its_investigations(tab, site, data):
    page = tab()
    by_both = dismissal_rates(data, among="case_to_answer", by=("force", "complaint_type")).groups
    rows = {(row["force"], row["complaint_type"]): row for _, row in by_both.iterrows()}
    kinds = types_of_forces(data)
    assert len(answers(data)) == len(kinds) - 1 + sum(map(len, kinds.values()))
    pairs = [answer for answer in answers(data) if answer.force and answer.kind]
    for answer in pairs[::9]:
        go(page, site, answer.path)
        said, row = page.locator(".lead").inner_text(), rows.get((answer.force, answer.kind))
        assert said.startswith(f"{answer.about}: ")
        found = data.cases(answer.where, among="case_to_answer")
        links = page.locator("tbody a").evaluate_all("links => links.map(link => link.href)")
        assert links == [*found["url"]]
        if row is None or not row["denominator"]:
            assert "nobody in these data is among people with a case to answer" in said
            continue
        assert f"{row['denominator']} p" in said and ("%" in said) == (row["denominator"] >= 5)
        assert row["denominator"] <= 2 or count_words(row).split(",")[0] in said
        assert ("too few for a reliable share" in said) == (row["reliability"] == "u")
        assert page.locator("main svg").count() == 0


def test_answers_and_builder_say_the_same(tab, site, data):
    page = tab()
    chosen = [*answers(data)[::40], Answer(kind="driving"), Answer("Leicestershire Police", "discriminatory_behaviour")]
    for answer in chosen:
        go(page, site, answer.path)
        said = page.locator(".lead").inner_text()
        page.get_by_role("link", name="Chart and data").click()
        page.locator("#status:not(:empty)").wait_for()
        shown = page.locator("#status").inner_text()
        assert shown.removesuffix(", so there is nothing to draw. [z]") == (
            said if "nothing to draw" not in shown else said.rstrip(".")
        )


def test_a_page_to_share_is_light_and_leaves_a_place_for_its_card(site):
    for path in (site / "answers").glob("*.html"):
        assert len(gzip.compress(path.read_bytes())) < 40e3, path
    text = (site / "answers/kent-police.html").read_text(encoding="utf-8")
    assert re.search(r'<meta name="description" content="Kent Police: ', text)


def test_a_png_does_not_wait_until_the_browser_is_idle(tab, site):
    """canvas.toBlob took a second before it began."""
    page = tab()
    page.set_default_timeout(5000)
    go(page, site, "builder.html")
    page.evaluate("HTMLCanvasElement.prototype.toBlob = () => {}")
    name, content = take(page, "PNG")
    assert name.endswith(".png") and content.startswith(b"\x89PNG")
