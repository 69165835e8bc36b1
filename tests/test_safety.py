"""No page runs, loads or leads to what data put into it: policy, links, characters, and the HTML of notebooks."""

import re
from dataclasses import replace

import nbformat
import pytest
from browser import go

from analysis.publishing.group_pages import common
from analysis.publishing.rendering import render, run_html
from analysis.publishing.safety import POLICIES, safe_html, safe_page

NASTY = "T <img src=q onerror=alert(42)><script>alert(43)</script>"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def test_every_page_says_what_it_may_load_and_keeps_to_it(site, pages):
    for path in pages:
        text = re.sub(r' data-text="[^"]*"', "", (site / path).read_text(encoding="utf-8"))  # what is copied
        [policy] = POLICY.findall(text)
        assert policy in POLICIES.values() and "default-src 'none'" in policy, path
        assert text.index("Content-Security-Policy") < text.index("<title>"), path
        scripts = re.findall(r"<script\b([^>]*)>([^<]*)", text)
        for attributes, inside in scripts:
            assert not inside if "src=" in attributes else 'type="application/' in attributes, path
        assert not re.search(r"<[a-z][^>]* on[a-z]+=", text), path
        if policy == POLICIES["site"]:
            assert not re.search(r"<[a-z][^<>]* style=|<style", text), path


def test_links_lead_to_the_web_a_mailbox_or_the_site_and_tell_nobody_from_where(site, pages):
    outgoing = 0
    for path in pages:
        for tag in re.findall(r"<(?:a|area)\b[^>]*>", (site / path).read_text(encoding="utf-8")):
            for address in re.findall(r'href="([^"]*)"', tag):
                scheme = re.match(r"([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
                assert scheme is None or scheme[1] in ("http", "https", "mailto"), (path, tag)
                if scheme and scheme[1].startswith("http"):
                    outgoing += 1
                    assert 'rel="external noopener noreferrer"' in tag, (path, tag)
    assert outgoing > 1000


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="java&#10;script:alert(1)">x</a>', "<a>x</a>"),
        ('<a href=" &#1;JAVASCRIPT:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="file:///etc/passwd">x</a>', "<a>x</a>"),
        ('<img src="https://example.org/x.png" alt="">', '<img alt="">'),
        ('<img src="data:image/png;base64,aGk=" alt="">', '<img src="data:image/png;base64,aGk=" alt="">'),
        ('<a href="mailto:a@example.org">x</a>', '<a href="mailto:a@example.org">x</a>'),
        ('<a href="../builder.html#force=a:b">x</a>', '<a href="../builder.html#force=a:b">x</a>'),
        ("a\u202eb\u2066c\x07d\ufeff", "abcd"),
    ],
)
def test_what_is_left_of_an_address_or_a_text(given, kept):
    assert safe_page(given) == kept


def test_tables_of_outputs_are_kept_and_nothing_else():
    table = '<table border="1" class="dataframe"><thead><tr><th scope="col">a</th></tr></thead><tbody><tr>'
    found = safe_html(
        f'<style>th {{}}</style><div>{table}<td colspan="2" onclick="x()">{NASTY}</td></tr></tbody></table>'
    )
    assert '<table class="dataframe">' in found and '<th scope="col">a</th>' in found and '<td colspan="2">' in found
    assert "<img" not in found and "<script" not in found and "onclick" not in found and "<style" not in found


def test_a_source_cannot_act_or_lead_astray(data, tab, tmp_path):
    """A licence address that is a script, a title that is markup, and characters that turn what follows."""
    source = replace(
        data.source("published_figures"),
        title=NASTY,
        citation=f"{NASTY}\u202egro.elpmaxe",
        licence={"name": NASTY, "url": "javascript:alert(44)"},
    )
    shared = common(data) | {"sources": [source]}
    text = render("data.html", "data.html", **shared, files=[], missing=[], dataset="{}").decode()
    assert "javascript:" not in text and "\u202e" not in text and "<img src=q" not in text
    assert "T &lt;img src=q onerror=alert(42)&gt;" in text
    (tmp_path / "data.html").write_text(text, "utf-8")
    page = tab()
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    page.set_content(text)
    assert page.locator("h3").inner_text() == NASTY


def test_a_number_in_a_damaged_table_cannot_carry_a_script_into_the_builder(data):
    from analysis.publishing.builder import safe_json

    assert safe_json({"a": "</script><b>\u202e"}) == '{"a":"\\u003c/script\\u003e\\u003cb\\u003e"}'


def notebook_of(*outputs):
    cells = [
        nbformat.v4.new_markdown_cell(f"# A title\n\n[x](javascript:alert(4)) {NASTY} ![p](https://example.org/p.png)"),
        nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", data) for data in outputs]),
    ]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def test_the_page_of_a_run_runs_nothing_and_asks_for_nothing(tab, tmp_path):
    """As the audit did it: names of a mapping that are markup, in tables, Markdown, text and pictures' words."""
    page_of_it = run_html(
        notebook_of(
            {"text/html": f"<table><tr><td>{NASTY}</td></tr></table><svg onload=alert(1)></svg>"},
            {"text/markdown": f"{NASTY} <iframe src=https://example.org>"},
            {"text/plain": f"{NASTY} </pre>"},
            {"image/png": "aGk=", "text/plain": f'" onerror="alert(5) {NASTY}'},
            {"application/javascript": "alert(6)", "text/plain": "x"},
        )
    ).decode()
    assert POLICY.findall(page_of_it) == [POLICIES["alone"]] and "script-src" not in POLICIES["alone"]
    assert not re.search(r"<(?:script|iframe|svg|link|object)\b|https?://", re.sub(r"&lt;.*?&gt;", "", page_of_it))
    (tmp_path / "run.html").write_text(page_of_it, "utf-8")
    page = tab()  # whatever it asks for outside, throws or logs fails the test
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    go(page, tmp_path, "run.html")
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every(e => [...e.attributes].every(a => !/^on/.test(a.name)))"
    )
    assert NASTY in page.locator("main").inner_text()
