"""Rendering pages: templates that escape all data, and documents and notebooks as parts of pages.

Markdown and stored outputs become HTML with headings that can be linked to.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from html import escape, unescape
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from analysis import __version__, edition, vocabulary
from analysis.charts.text import slug
from analysis.paths import ROOT
from analysis.publishing import wording as words
from analysis.publishing.editions import changes_page
from analysis.publishing.glossary import with_terms
from analysis.publishing.page_tables import TAG, scrolling
from analysis.publishing.safety import POLICIES, safe_html, safe_page

if TYPE_CHECKING:
    from nbformat import NotebookNode  # it is long to load, and only notebooks need it

DOCUMENTS: Mapping[str, str] = {  # page -> file
    "findings": "docs/findings.md",
    "methodology": "docs/methodology.md",
    "literature": "docs/literature.md",
    "bring-your-own-data": "docs/bring_your_own_data.md",
    "use-the-data": "docs/use_the_data.md",
    "library": "docs/api.md",
    "corrections": "docs/corrections.md",
    "data-dictionary": "docs/data_dictionary.md",
    "changes": "CHANGELOG.md",
}


ARROW = '<span class="together">-&gt;</span>'  # of a signature, in one line
MANY = 8  # sections of a document from which it has a list of them to jump from

EDITION = ("PUBLISHED", "UPDATED", "NEXT", "ADDRESS", "EMAIL")
ALONE = ("factsheet.html", "missing.html", "run.html")  # what stands alone, with its style in it
PLAIN = ("glossary.html", "own.html", "embed.html", *ALONE)  # of definitions themselves, a form, what leaves


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("analysis.publishing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(version=__version__, project=edition.PROJECT, symbols=words.SYMBOLS, slug=slug)
    found.globals.update(how_to_read=words.how_to_read())
    found.globals.update(edition={name.lower(): getattr(edition, name) for name in EDITION}, day=edition.day)
    found.filters["label"] = lambda code, name: vocabulary.label(name, code)
    found.filters["people"] = words.people
    return found


def render(template: str, path: str, **context: object) -> bytes:
    """A page at `path` of the site (for its relative links) as bytes."""
    root = "../" * path.count("/")
    policy = Markup(POLICIES["alone" if template in ALONE else "site"])
    text = _environment().get_template(template).render(root=root, path=path, policy=policy, **context)
    return safe_page(text if template in PLAIN else with_terms(text, root)).encode()


_PAGES = {Path(file).name: f"{page}.html" for page, file in DOCUMENTS.items()} | {
    "template.xlsx": "downloads/template.xlsx"
}


def markdown(text: str, root: str | None = "") -> str:
    """Markdown as HTML: no raw HTML, headings with ids, tables that scroll, links into the site or none.

    root: the way from the page to the front page; None where there is no site around it.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    used: set[str] = set()
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            name = slug(re.sub(r"[`*]", "", tokens[number + 1].content))
            while name in used:
                name += "-2"
            used.add(name)
            token.attrSet("id", name)
        for child in token.children or []:
            if child.type == "link_open":
                target = _page_of(str(child.attrGet("href")), root)
                child.attrs = {"href": target} if target else {}
    parts = TAG.split(str(parser.renderer.render(tokens, parser.options, {})))
    page = "".join(part if part.startswith("<") else part.replace("-&gt;", ARROW) for part in parts)
    return scrolling(re.sub(r"<a>(.*?)</a>", r"\1", page, flags=re.DOTALL))


def _page_of(address: str, root: str | None) -> str:
    """Where a link of a document or notebook leads in the site; "" when the site does not have it."""
    if re.match(r"https?://", address):
        return address
    file, _, part = address.partition("#")
    part = f"#{slug(part)}" if part else ""
    name = Path(file).name
    if not file:
        return part
    if root is None:
        return ""
    if name.endswith(".ipynb"):
        return f"{root}notebooks/{Path(name).stem}.html{part}"
    if file.startswith("charts/"):
        return f"{root}{file}"
    return f"{root}{_PAGES[name]}{part}" if name in _PAGES else ""


def _numbered(page: str) -> str:
    """Each table's region with a name of its own."""
    number = count(1)
    return re.sub(r'aria-label="Table"', lambda _: f'aria-label="Table {next(number)}"', page)


def document_html(page: str, charts: Mapping[str, str] = MappingProxyType({})) -> dict[str, object]:
    """The context of a document's page: title and body; charts: name -> question, to which a cell with it leads."""

    def linked(cell: re.Match[str]) -> str:
        return f"[{charts[cell[0]]}](charts/{cell[0]}.html)" if cell[0] in charts else cell[0]

    text = (ROOT / DOCUMENTS[page]).read_text(encoding="utf-8")
    text = text[text.index("# ") :]  # a note that the file is generated may stand above
    text = changes_page(text) if page == "changes" else text
    title = text.splitlines()[0].removeprefix("# ")
    text = re.sub(r"(?<=\| )\w+(?= \|$)", linked, text, flags=re.MULTILINE)
    return {"title": title, "kind": "document", **_whole(markdown(text))}


def _whole(page: str) -> dict[str, object]:
    """The body of a page of text, and the list of its sections."""
    body = _numbered(page)
    return {"body": Markup(body), "sections": _sections(body)}


def _sections(body: str) -> list[tuple[str, Markup]]:
    """Where each section of a long document is, and its heading: of those inside sections too where these are few."""
    found = [re.findall(rf'<{level} id="([^"]*)">(.*?)</{level}>', body) for level in ("h2", "h3")]
    listed = found[0] if len(found[0]) >= MANY else found[1]
    return [(name, Markup(heading)) for name, heading in listed] if len(listed) >= MANY else []


def notebook_html(path: Path, drawings: Mapping[str, str]) -> tuple[dict[str, object], dict[str, bytes]]:
    """The context of a notebook's page: title and body, its code folded away; and the charts that lie beside it.

    drawings: by its alt text, what a page shows of a chart for any width; a chart without one is shown as it is stored.
    """
    import nbformat

    found = _notebook(nbformat.read(path, as_version=4), "../")
    pictures: dict[str, bytes] = {}

    def beside(picture: re.Match[str]) -> str:
        content, height, width, alt = picture.groups()
        if drawing := drawings.get(unescape(alt)):
            return drawing
        name = f"{path.stem}-{len(pictures) + 1}.png"
        pictures[name] = b64decode(content)
        room = f'<svg viewBox="0 0 {width} {height}" aria-hidden="true"></svg>'  # keeps the place of what is not there
        shown = f'<img loading="lazy" src="{name}" height="{height}" width="{width}" alt="{alt}">'
        return f'{room}<div class="near">{shown}</div>'

    form = r'<img src="data:image/png;base64,([^"]+)" height="(\d+)" width="(\d+)" alt="([^"]*)">'
    body = Markup(re.sub(form, beside, str(found["body"])))
    return {**found, "body": body, "kind": "notebook", "stem": path.stem}, pictures


def run_html(content: bytes) -> bytes:
    """The file of a notebook as a page of its own, which needs nothing else and in which nothing can run."""
    import nbformat

    notebook = nbformat.reads(content.decode(), as_version=4)
    return render("run.html", "run.html", **_notebook(notebook, None))


def _notebook(notebook: NotebookNode, root: str | None) -> dict[str, object]:
    cells = notebook.cells
    parts = []
    for number, cell in enumerate(cells, 1):
        if cell.cell_type == "markdown":
            parts.append(markdown(cell.source, root))
            continue
        code = f"<pre><code>{escape(cell.source)}</code></pre>"
        parts.append(f'<details class="code"><summary>Code of step {number}</summary>{code}</details>')
        parts += [_output(output, root) for output in cell.outputs]
    title = cells[0].source.splitlines()[0].removeprefix("# ")
    return {"title": title, **_whole("\n".join(parts))}


def picture_html(output: NotebookNode) -> str:
    """The PNG of a stored output as an element; its text, with every figure, is its alternative."""
    size = "".join(f' {side}="{int(value)}"' for side, value in sorted(output.metadata.get("image/png", {}).items()))
    address = f"data:image/png;base64,{escape(''.join(output.data['image/png'].split()))}"
    return f'<img src="{address}"{size} alt="{escape(output.data.get("text/plain", ""))}">'


def _output(output: NotebookNode, root: str | None) -> str:
    """One stored output: a picture, a table, a text or plain text."""
    data = output.get("data", {})
    if "image/png" in data:
        return f'<figure class="chart">{picture_html(output)}</figure>'
    if "text/html" in data:
        return scrolling(safe_html(data["text/html"]))
    if "text/markdown" in data:
        return markdown(data["text/markdown"], root)
    return f"<pre>{escape(data.get('text/plain', output.get('text', '')))}</pre>"
