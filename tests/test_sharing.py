"""What leaves the site: cards, embedded charts, feeds, descriptions for programs, sentences that can stand alone."""

import datetime
import html
import io
import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from browser import go
from PIL import Image

from analysis import edition
from analysis.charts.catalogue import exhibit
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.publishing import answers, editions, rendering, sharing
from analysis.publishing.answers import Answer
from analysis.publishing.cards import HEIGHT, WIDTH, card_of, chart_picture
from analysis.publishing.group_pages import common, figures_of, force_part, front_card, type_part
from analysis.publishing.wording import LONGEST_QUOTE, origin, quoted

ADDRESS = "https://example.org/outcomes/"
META = re.compile(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">')
CARD = 15 * 1024  # bytes


@pytest.fixture
def addressed(monkeypatch):
    """An edition that has an address."""
    monkeypatch.setattr(edition, "ADDRESS", ADDRESS)
    rendering._environment.cache_clear()
    yield ADDRESS
    rendering._environment.cache_clear()


def text_of(site, path):
    return (site / path).read_text(encoding="utf-8")


def placed(site, address, page="index.html"):
    """The file of an address as `page` gives it: from the page, or in full where the edition has an address."""
    whole = edition.ADDRESS and address.startswith(edition.ADDRESS)
    return site / address.removeprefix(edition.ADDRESS) if whole else (site / page).parent / address


def test_every_page_has_a_title_a_description_and_a_picture_of_its_own(site, pages):
    """Of forces, types, demands, answers, fact sheets and charts their own answer; others show the front page's."""
    pictures = {}
    for path in pages:
        if path.startswith(("embed/", "404")):  # what stands alone
            continue
        said = dict(META.findall(text_of(site, path)))
        assert said["og:title"] and said["og:description"] and said["twitter:card"] == "summary_large_image", path
        assert said["og:image"] == said["twitter:image"] and said["og:image:alt"], path
        assert len(said["twitter:image:alt"]) <= 420, path
        pictures[path] = placed(site, said["og:image"], path)
        with Image.open(pictures[path]) as image:
            assert image.size == (int(said["og:image:width"]), int(said["og:image:height"])), path
        if "/" in path and not path.startswith(("notebooks/", "forces/")) and not path.endswith("index.html"):
            assert pictures[path].resolve() != (site / "cards" / "index.png").resolve(), path
    assert len({picture.resolve() for picture in pictures.values()}) > 270


def test_cards_are_small_and_of_few_colours(site):
    cards = [*(site / "cards").rglob("*.png")]
    assert len(cards) > 250 and max(card.stat().st_size for card in cards) <= CARD
    assert sum(card.stat().st_size for card in cards) < 3.2e6
    with Image.open(cards[0]) as image:
        assert image.size == (WIDTH, HEIGHT) and image.mode == "P"


def test_a_card_says_the_share_of_those_who_have_one(data):
    """Ten or more: count, bar and a full dot; [u]: no large count, a hollow dot; one case: no bar; a few: words."""
    table = dismissal_rates(data, among="case_to_answer", by="force")
    rows = table.groups.set_index("force")

    def card(force):
        return card_of("forces/x.html", f"{force}: a sentence.", table.sources, rows.loc[force])

    met, few, one = card("Metropolitan Police Service"), card("Kent Police"), card("Cumbria Constabulary")
    row = rows.loc["Metropolitan Police Service"]
    assert met.figure == f"{row['numerator']} of {row['denominator']}" and met.share[0] == row["rate"]
    for small in (few, one):
        assert not small.figure and small.share is None
    assert met.picture.path == "cards/forces/x.png" and "Source: IOPC" in met.picture.alt
    unsure = rows[(rows["reliability"] == "u") & (rows["denominator"] >= 5) & (rows["n_cases"] > 1)].iloc[0]
    made = card_of("x.html", "x", table.sources, unsure)
    assert made.is_small and not made.figure and made.share
    where = {"force": "Leicestershire Police", "complaint_type": "discriminatory_behaviour"}
    together = dismissal_rates(data, among="case_to_answer", where=where).total
    assert together["n_cases"] == 1 and together["denominator"] >= 5
    assert card_of("x.html", "x", table.sources, together).share is None


def test_a_card_of_thousands_says_its_whole_count(data):
    total = dismissal_rates(data, among="case_to_answer").total
    many = {**total, "numerator": 1021, "denominator": 1478}
    assert card_of("x.html", "x", [*data.sources.values()], many).figure == "1,021 of 1,478"


def test_pages_that_show_one_card_describe_it_alike(data, monkeypatch):
    """Of a force some of whose outcomes are unknown, a small one, and a type: page, fact sheet and answer."""
    figures, pictures = figures_of(data), {}
    rows = figures.by_force["case_to_answer"].groups
    unknown = rows.query("unknown_outcomes > 0 and denominator > 0")["force"].iloc[0]
    small = rows.query("denominator == 1")["force"].iloc[0]
    parts = [*force_part(unknown, "a", figures), *force_part(small, "b", figures), *type_part("driving", "c", figures)]
    chosen = [Answer(unknown), Answer(small), Answer(kind="driving")]
    monkeypatch.setattr(answers, "answers", lambda _: chosen)
    for path, content in [*parts, *answers.answer_pages(data, common(data))]:
        said = dict(META.findall(content.decode())) if path.endswith(".html") else {}
        if path != "answers/index.html" and "og:image" in said:
            pictures.setdefault(said["og:image"].rpartition("cards/")[2], []).append(said["og:image:alt"])
    assert [len(alts) for alts in pictures.values()] == [3, 3, 3]
    assert all(len({*alts}) == 1 for alts in pictures.values()), pictures


def test_a_card_is_drawn_the_same_each_time_and_its_bar_is_where_the_figures_are(data):
    card = front_card(data)
    assert card.png() == card.png()
    with Image.open(io.BytesIO(card.png())) as image:
        drawn = image.convert("RGB")
    rate, low, high = card.share
    end = -(-high * 100 // 5) * 5 / 100
    blue = [x for x in range(WIDTH) for y in range(300, HEIGHT) if drawn.getpixel((x, y)) == (0x12, 0x43, 0x6D)]
    for value, x in ((low, min(blue)), (high, max(blue))):
        assert abs(64 + (WIDTH - 128) * value / end - x) < 18
    assert low < rate < high


def test_an_address_is_named_in_the_site_where_the_edition_has_one_and_only_there(site, pages):
    named = re.compile(r'rel="canonical"|og:url|json\+oembed')
    assert any(named.search(text_of(site, path)) for path in pages) == bool(edition.ADDRESS)
    for there in ((site / "sitemap.xml").exists(), any(site.rglob("embed/*.json"))):
        assert there == bool(edition.ADDRESS)
    robots = "User-agent: *\nAllow: /\n"
    assert text_of(site, "robots.txt") == robots + (f"Sitemap: {edition.ADDRESS}sitemap.xml\n" * bool(edition.ADDRESS))


def test_an_address_stands_where_one_is_needed(data, addressed):
    chart, entry = exhibit("funnel_by_force").draw(data), exhibit("funnel_by_force")
    shared = common(data)
    files = dict(sharing.embed_files(entry, chart, shared))
    told = json.loads(files["embed/funnel_by_force.json"])
    assert told["version"] == "1.0" and told["type"] == "rich" and {"html", "width", "height"} <= set(told)
    assert f'src="{ADDRESS}embed/funnel_by_force.html"' in told["html"]
    assert told["thumbnail_url"] == ADDRESS + chart_picture(chart).path
    page = rendering.render("contact.html", "contact.html", **shared).decode()
    said = dict(META.findall(page))
    assert said["og:url"] == f"{ADDRESS}contact.html" and said["og:image"] == f"{ADDRESS}cards/index.png"
    assert f'<link rel="canonical" href="{ADDRESS}contact.html">' in page
    about = dict(sharing.site_files(["index.html", "404.html", "embed/x.html", "forces/a.html"], shared))
    locations = [place.text for place in ElementTree.fromstring(about["sitemap.xml"]).iter() if "loc" in place.tag]
    assert locations == [f"{ADDRESS}forces/a.html", f"{ADDRESS}index.html"]
    assert f"Sitemap: {ADDRESS}sitemap.xml" in about["robots.txt"].decode()
    links = re.findall(r'(?:href|src)="([^"]*)"', about["404.html"].decode())
    assert links and all(link.startswith(ADDRESS) for link in links)  # so it works from any depth
    linked = quoted("1 of 20 people were dismissed", data.sources_of(data.subjects), "forces/a.html")
    assert f"; {ADDRESS}forces/a.html, " in linked
    row = dismissal_rates(data, among="case_to_answer", where={"force": "Kent Police"}).total
    sources = data.sources_of(data.subjects)
    end = f". {origin(sources, is_brief=True)}; {ADDRESS}, {edition.short_day(edition.UPDATED)}."
    tight = quoted("x" * (LONGEST_QUOTE + 1 - len(end)), sources, "", row)  # one too long with the address
    assert len(tight) <= LONGEST_QUOTE and ADDRESS not in tight and f"; {edition.PROJECT}, " in tight
    long = quoted("1 of 20 people were dismissed " * 5, data.sources_of(data.subjects), f"forces/{'a' * 80}.html")
    assert f"; {ADDRESS}, " in long and len(long) <= LONGEST_QUOTE


def test_a_page_that_is_not_there_needs_nothing_beside_it(site, tab, tmp_path):
    """It is shown at any depth, so that no relative address of it would lead anywhere."""
    assert not re.findall(r'(?:href|src)="(?!https?:)[^"]*"', text_of(site, "404.html"))
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "c.html").write_bytes((site / "404.html").read_bytes())
    page = tab()
    go(page, deep, "c.html")
    assert page.locator("h1").inner_text() == "There is no such page"
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "640px"


TYPES = {  # schema.org: what each property of ours may be; https://schema.org/Dataset, /DataDownload
    "Dataset": {
        "name": str,
        "description": str,
        "url": str,
        "creator": list,
        "license": list,
        "isBasedOn": list,
        "datePublished": datetime.date,
        "dateModified": datetime.date,
        "temporalCoverage": str,
        "spatialCoverage": list,
        "variableMeasured": list,
        "keywords": list,
        "inLanguage": str,
        "isAccessibleForFree": bool,
        "distribution": list,
    },
    "DataDownload": dict.fromkeys(("name", "description", "encodingFormat", "contentUrl"), str),
    "Organization": {"name": str},
    "Place": {"name": str},
}


def check_shape(thing):
    """A thing of schema.org: its type is known, and each of its properties is one of that type's and of its kind."""
    known = TYPES[thing["@type"]]
    assert set(thing) - {"@context", "@type"} == set(known)
    for name, kind in known.items():
        if kind is datetime.date:
            datetime.date.fromisoformat(thing[name])
        else:
            assert isinstance(thing[name], kind) and thing[name] not in ("", []), name
        for part in thing[name] if isinstance(thing[name], list) else []:
            if isinstance(part, dict):
                check_shape(part)


@pytest.mark.parametrize("path", ["index.html", "data.html"])
def test_the_data_are_described_for_programs(site, path):
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text_of(site, path), re.DOTALL)
    told = json.loads(block)
    assert told["@context"] == "https://schema.org" and told["@type"] == "Dataset"
    check_shape(told)
    assert 50 <= len(told["description"]) <= 5000  # what search engines for data ask for
    start, end = told["temporalCoverage"].split("/")
    assert datetime.date.fromisoformat(start) < datetime.date.fromisoformat(end)
    assert all(urlsplit(address).scheme == "https" for address in told["license"] + told["isBasedOn"])
    for file in told["distribution"]:
        assert "/" in file["encodingFormat"] and placed(site, file["contentUrl"]).is_file(), file
    assert {"subjects (CSV)", "published_rates (CSV)"} <= {file["name"] for file in told["distribution"]}


def test_the_files_of_a_release_are_told_where_it_is_published(data, monkeypatch):
    monkeypatch.setattr(edition, "RELEASE", "https://example.org/release/")
    told = sharing.described(data, [])
    check_shape(told)
    addresses = [file["contentUrl"] for file in told["distribution"]]
    assert "https://example.org/release/datapackage.json" in addresses
    assert "https://example.org/release/parquet/subjects.parquet" in addresses


def test_the_feed_is_valid_atom(site):
    """RFC 4287: what a feed and an entry must have, dates with a time, and ids that are not there twice."""
    atom = {"a": sharing.ATOM}
    top = ElementTree.fromstring(text_of(site, "feed.atom"))
    entries = top.findall("a:entry", atom)
    assert top.tag == f"{{{sharing.ATOM}}}feed" and len(entries) > 1
    assert top.find("a:author/a:name", atom).text
    ids = [one.find("a:id", atom).text for one in (top, *entries)]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", name) for name in ids)
    for one in (top, *entries):
        assert one.find("a:title", atom).text and one.find("a:link", atom).get("href")
        datetime.datetime.fromisoformat(one.find("a:updated", atom).text)
    assert entries[0].find("a:updated", atom).text.startswith(edition.UPDATED)
    assert entries[-1].find("a:updated", atom).text.startswith(edition.PUBLISHED)
    for entry in entries:
        page, _, part = entry.find("a:link", atom).get("href").partition("#")
        assert f'id="{part}"' in placed(site, page).read_text(encoding="utf-8")


def test_an_edition_between_others_says_its_date():
    text = "# Changelog\n\n## Unreleased\n\nNew.\n\n## 0.2.0{}\n\n- **Moved** [it](x.md).\n\n## 0.1.0\n\nFirst.\n"
    with pytest.raises(MisconductError, match=r"0\.2\.0 does not say when it was"):
        editions.editions(text.format(""))
    found = editions.editions(text.format(" (2 March 2027)"))
    assert [one.date for one in found] == [edition.UPDATED, "2027-03-02", edition.PUBLISHED]
    assert found[1].says == "Moved it."


@pytest.mark.parametrize(
    ("newest", "middle", "says"),
    [
        ("\n\nNew.\n", "\n\nMiddle.\n", "Middle."),
        ("\n", "\n\nMiddle.\n", "Middle."),  # an empty section is no edition
        ("\n\n### Added\n\n### Code\n", "\n\nMiddle.\n", "Middle."),
        ("\n### Added\n- New.\n", "\n### Added\n- One.\n- Two.\n", "One."),
        (
            "\n\nNew.\n",
            "\n\nOf 12 people 1319 cases.\n",
            "Of 12 people 1319 cases.",
        ),
        ("\n\nNew.\n", "\n\nOn 3 April 2020 it was so.\n", "On 3 April 2020 it was so."),
    ],
)
def test_only_its_heading_says_when_an_edition_was(newest, middle, says):
    text = (
        f"# Changelog\n\n## Unreleased{newest}\n## 0.3.0{{}}{middle}\n## 0.2.0 (2 March 2027)\n\nA.\n\n## 0.1.0\n\nB.\n"
    )
    found = editions.editions(text.format(" (5 May 2027)"))
    dates = {one.heading.split(" ")[0]: one.date for one in found}
    assert dates["0.2.0"] == "2027-03-02" and dates["0.1.0"] == edition.PUBLISHED
    assert found[0].date == edition.UPDATED and (found[0].heading == "Unreleased") == ("New" in newest)
    assert next(one.says for one in found if one.heading.startswith("0.3.0")) == says
    for heading in ("", " (31 June 2027)", " (12 people 1319)"):
        if found[0].heading == "Unreleased":
            with pytest.raises(MisconductError, match=r"0\.3\.0.* does not say when it was: add its date to the head"):
                editions.editions(text.format(heading))


def test_every_sentence_to_copy_stands_alone_within_a_post(site, pages):
    """On every page: scope, source, edition, and whose it is, in LONGEST_QUOTE characters."""
    seen = set()
    for path in pages:
        text = text_of(site, path)
        said = re.findall(r'data-text="([^"]+)"', text) + re.findall(r'<p id="sentence">([^<]+)</p>', text)
        seen |= {html.unescape(one) for one in said if not one.startswith("&lt;")}
    assert len(seen) > 600
    for one in seen:
        assert len(one) <= LONGEST_QUOTE, one
        assert re.search(r"[.…] [A-Z][^.]+\. Source: .+; .+, \w{3} \d{4}\.$", one), one
        assert (edition.ADDRESS or edition.PROJECT) in one, one


STATES = (
    "",
    "#types=driving,sexual_misconduct,use_of_force",
    "#types=",
    "#force=Metropolitan+Police+Service&types=driving",
)


def test_the_sentence_of_a_chart_tells_the_groups_that_its_title_names(exhibits):
    """ "21 of 478 people ... for alleged violence against women and girls" said nothing of them when it was copied."""
    found = {chart.name: (chart.quote(), chart.data.set_index("label")) for chart in exhibits if "label" in chart.data}
    for name, labels in {
        "dismissal_rates_by_vawg": ["Alleged violence against women and girls"],
        "dismissal_rates_by_force_view": ["Force agreed", "Force disagreed"],
    }.items():
        said, rows = found[name]
        for label in labels:
            count = f"{rows.loc[label, 'numerator']} of {rows.loc[label, 'denominator']}"
            assert f"{label}: {count}".lower() in said.lower() and "…" not in said, said
    for chart in exhibits:
        if chart.name.startswith("published_rates_vawg"):
            assert chart.quote().startswith("Sexual misconduct, domestic abuse, violence against women and girls: ")


def test_sentences_of_the_builder_fit_a_post_and_carry_all(tab, site):
    page = tab()
    everything = "#types=" + ",".join(
        ["driving", "sexual_misconduct", "use_of_force", "custody_care", "discrimination"]
    )
    for state in (*STATES, everything):
        go(page, site, f"builder.html{state}")
        said = page.locator("#b-sentence").text_content()
        assert len(said) <= LONGEST_QUOTE and " England and Wales. Source: IOPC" in said, said
        assert (edition.ADDRESS or edition.PROJECT) in said and edition.short_day(edition.UPDATED) in said, said
        found = page.evaluate(
            "current.types.length < 2 ? [] : current.types.map(code => {"
            "const row = current.rows.find(row => row.type === code);"
            "return `${KINDS[code].inside} ${row ? row.count + (row.small ? ' [u]' : '') : 'nobody'}`; })"
        )
        left = [words for words in found if words not in said]
        words = f"; {len(left)} more type{'s' if len(left) > 1 else ''} not given here. England"
        assert (words in said) if left else ("not given" not in said), said
    linked = page.evaluate("quoted({sentence: 'A: 1 of 20. 5.0%', briefer: []}, 'https://example.org/answers/a.html')")
    assert linked.endswith(f"; https://example.org/answers/a.html, {edition.short_day(edition.UPDATED)}.")
    assert linked.startswith("A: 1 of 20. 5.0%. England")


def test_every_small_row_of_the_builder_is_quoted_as_small(tab, site):
    """Of every question, force and type: within a post, [u] where it is small, and that all are in one case."""
    page = tab()
    go(page, site, "builder.html")
    found = page.evaluate("""() => Object.keys(DATA.tables).flatMap(key => {
        const [among, count, force] = key.split("|");
        return DATA.tables[key].rows.map(([type]) => {
            const found = answer({ among, count, force, types: type === ALL ? [] : [type] });
            return [found.row.small && found.row.people > 2, found.title, quoted(found, "")];
        });
    })""")
    assert len({small for small, *_ in found}) == 2
    for small, title, said in found:
        assert len(said) <= LONGEST_QUOTE and ("[u]" in said) == small, said
        assert ("; all are in one investigation" in said) == ("; all are in one investigation" in title), said


@pytest.mark.parametrize(("width", "height"), [(320, 480), (700, 560), (700, 1200), (1100, 700)])
def test_an_embedded_chart_fits_its_frame(tab, site, tmp_path, width, height):
    code = sharing.chart_code("funnel_by_force", "Forces").replace(edition.ADDRESS or sharing.HERE, f"{site.as_uri()}/")
    code = code.replace('width="100%"', f'width="{width}"').replace('height="560"', f'height="{height}"')
    (tmp_path / "host.html").write_text(f'<!doctype html><html lang="en"><title>A charity</title>{code}', "utf-8")
    page = tab()
    go(page, tmp_path, "host.html")
    frame = page.frames[1]
    frame.wait_for_load_state()
    assert frame.evaluate("document.querySelector('img').naturalWidth") > 0
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = frame.locator("img").bounding_box()
    is_square = "square" in frame.evaluate("document.querySelector('img').currentSrc")
    assert is_square == (width < 576)
    assert (
        box["width"] <= width and 200 <= box["height"] <= box["width"] * (1 if is_square else 9 / 16) + 1
    )  # all of it
    assert "Source: " in frame.locator("p").inner_text() and frame.locator("h1").is_visible()
    link = frame.get_by_role("link", name="this chart with its data").get_attribute("href")
    assert placed(site, link, "embed/funnel_by_force.html").is_file()
