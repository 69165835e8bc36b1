"""The site as others see it: what it says of itself to programs, what can be embedded, and news of its editions.

Addresses begin with edition.ADDRESS. Where that is empty they lead from page to page, and what has no meaning without
one (a sitemap, oEmbed) is left out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree

from analysis import edition, vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import Exhibit
from analysis.charts.text import slug
from analysis.dataset import Dataset
from analysis.paths import ROOT
from analysis.publishing.cards import Picture, chart_picture
from analysis.publishing.editions import editions
from analysis.publishing.release import NAME, distributions, read_citation
from analysis.publishing.rendering import render

HERE = "[site]"  # in a code to embed: static/site.js puts the address of the site there that it is copied from
ATOM = "http://www.w3.org/2005/Atom"
FRAME = (800, 560)  # how large an embedded chart is where nothing else is said; it fits any frame
PRIVATE = ("404.html", "embed/")  # pages that nobody is to find for themselves


def chart_code(name: str, title: str) -> str:
    """The code that shows a chart in another site."""
    source = f"{edition.ADDRESS or HERE}embed/{name}.html"
    width = f'width="100%" height="{FRAME[1]}" style="border:0"'
    return f'<iframe src="{source}" title="{escape(title)}" {width} loading="lazy"></iframe>'


def picture_code(page: str, picture: Picture, source: str) -> str:
    """The code that shows a page's card in another site, with its source under it, and leads to the page."""
    site = edition.ADDRESS or HERE
    size = f'width="{picture.width}" height="{picture.height}" style="max-width:100%;height:auto"'
    image = f'<img src="{site}{picture.path}" alt="{escape(picture.alt)}" {size}>'
    return f'<figure><a href="{site}{page}">{image}</a><figcaption>{escape(source)}</figcaption></figure>'


def embed_files(entry: Exhibit, chart: Chart, shared: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """A chart's page for a frame in another site, and where there is an address its oEmbed file (https://oembed.com)."""
    path = f"embed/{entry.name}.html"
    yield path, render("embed.html", path, **shared, entry=entry, chart=chart)
    if edition.ADDRESS:
        picture = chart_picture(chart)
        told = {
            "version": "1.0",
            "type": "rich",
            "title": entry.question,
            "provider_name": edition.PROJECT,
            "provider_url": edition.ADDRESS,
            "html": chart_code(entry.name, entry.question),
            "width": FRAME[0],
            "height": FRAME[1],
            "thumbnail_url": edition.ADDRESS + picture.path,
            "thumbnail_width": picture.width,
            "thumbnail_height": picture.height,
        }
        yield f"embed/{entry.name}.json", (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def described(data: Dataset, offered: Collection[str]) -> dict[str, Any]:
    """The data as a Dataset of schema.org, with the files of a release that can be had.

    offered: the names of the site's own downloads. A release's other files are told where edition.RELEASE says where
    they are.
    """
    [about] = (entry for entry in read_citation()["references"] if entry["type"] == "dataset")
    people = data.sources_of(data.subjects)
    figures = data["published_figures"]
    starts, ends = (figures.loc[figures[name] != "", name] for name in ("period_start", "period_end"))
    licences = [source.licence.get("url", "") for source in data.sources.values()]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["abstract"].strip(),
        "url": f"{edition.ADDRESS}data.html",
        "creator": [{"@type": "Organization", "name": author["name"]} for author in about["authors"]],
        "license": [*dict.fromkeys(address for address in licences if address.startswith("http"))],
        "isBasedOn": [source.urls[0] for source in data.sources.values()],
        "datePublished": edition.PUBLISHED,
        "dateModified": edition.UPDATED,
        "temporalCoverage": f"{starts.min()}/{ends.max()}",
        "spatialCoverage": [{"@type": "Place", "name": place} for place in {one.jurisdiction: 0 for one in people}],
        "variableMeasured": [vocabulary.label("numerator", code) for code in vocabulary.codes("numerator")],
        "keywords": json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))["keywords"],
        "inLanguage": "en-GB",
        "isAccessibleForFree": True,
        "distribution": [*_downloads(offered)],
    }


def _downloads(offered: Collection[str]) -> Iterator[dict[str, str]]:
    for entry in distributions():
        name = entry.path.rpartition("/")[2]
        if not edition.RELEASE and name not in offered:
            continue
        address = edition.RELEASE + entry.path if edition.RELEASE else f"{edition.ADDRESS}downloads/{name}"
        yield {
            "@type": "DataDownload",
            "name": entry.name,
            "description": entry.description,
            "encodingFormat": entry.format,
            "contentUrl": address,
        }


def site_files(pages: Iterable[str], shared: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What a site has beside its pages: for robots, for readers of feeds, and for who took a wrong turn."""
    yield "404.html", render("missing.html", "404.html", **shared)
    yield "feed.atom", feed((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    robots = "User-agent: *\nAllow: /\n"
    if edition.ADDRESS:
        robots += f"Sitemap: {edition.ADDRESS}sitemap.xml\n"
        yield "sitemap.xml", sitemap(sorted(path for path in pages if not path.startswith(PRIVATE)))
    yield "robots.txt", robots.encode()


def sitemap(pages: Sequence[str]) -> bytes:
    """Every page with its address, after https://www.sitemaps.org/protocol.html."""
    top = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for path in pages:
        place = ElementTree.SubElement(top, "url")
        ElementTree.SubElement(place, "loc").text = f"{edition.ADDRESS}{path}"
        ElementTree.SubElement(place, "lastmod").text = edition.UPDATED
    return _xml(top)


def feed(changelog: str) -> bytes:
    """The editions as an Atom feed (RFC 4287); an edition's id is of its date and stays wherever the site is."""
    top = ElementTree.Element("feed", xmlns=ATOM)
    _told(top, edition.PROJECT, "", edition.UPDATED)
    author = ElementTree.SubElement(top, "author")
    ElementTree.SubElement(author, "name").text = read_citation()["authors"][0]["name"]
    if edition.ADDRESS:
        ElementTree.SubElement(top, "link", rel="self", href=f"{edition.ADDRESS}feed.atom")
    ElementTree.SubElement(top, "link", rel="alternate", href=edition.ADDRESS or "index.html")
    for one in editions(changelog):
        entry = ElementTree.SubElement(top, "entry")
        _told(entry, one.name, one.date, one.date)
        href = f"{edition.ADDRESS}changes.html#{slug(one.shown)}"
        ElementTree.SubElement(entry, "link", rel="alternate", href=href)
        ElementTree.SubElement(entry, "summary").text = one.says
    return _xml(top)


def _told(parent: ElementTree.Element, title: str, name: str, date: str) -> None:
    ElementTree.SubElement(parent, "id").text = uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME}/{name}").urn
    ElementTree.SubElement(parent, "title").text = title
    ElementTree.SubElement(parent, "updated").text = f"{date}T00:00:00Z"


def _xml(top: ElementTree.Element) -> bytes:
    ElementTree.indent(top, " ")
    return bytes(ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)) + b"\n"
