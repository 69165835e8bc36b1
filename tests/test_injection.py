"""A data set that attacks with every text it has: what each kind of output makes of it. One import, one set of outputs.

What no import lets through (a force that is no code, an address that is a script) is put into its tables afterwards.
"""

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import openpyxl
import pandas as pd
import pytest
import yaml
from browser import go
from commands import misconduct
from imports import SOURCE, changed
from markupsafe import Markup
from pyarrow import parquet
from pypdf import PdfReader

from analysis import edition, vocabulary
from analysis.characters import INVISIBLE
from analysis.charts.catalogue import EXHIBITS, draw_rates
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import GUARDED
from analysis.dataset import Dataset, load
from analysis.errors import MisconductError, told_of
from analysis.publishing import answers, builder
from analysis.publishing.answers import Answer
from analysis.publishing.builder import safe_json
from analysis.publishing.cards import chart_picture
from analysis.publishing.gallery import _data_page
from analysis.publishing.group_facts import Group
from analysis.publishing.group_pages import chart_context, common, figures_of, force_part
from analysis.publishing.release import release_files
from analysis.publishing.released import released_tables
from analysis.publishing.rendering import render, run_html
from analysis.publishing.safety import POLICIES
from analysis.publishing.search import search_script
from analysis.publishing.sharing import chart_code, described, embed_files, feed
from analysis.publishing.terminal import print_cases, print_rates
from analysis.publishing.workbook import workbook_bytes
from analysis.reading.spreadsheet.importer import import_file

SEEN = (  # what can be seen of it; the first part makes a formula of a cell
    "=cmd|' /C calc'!A0 </title></script><script>alert(1)</script><img src=q onerror=alert(2)> \" ' "
    "{{ 7*7 }} {% raw %} #sys.inputs $x^2$ $a_{2$ `m` [l](javascript:alert(3)) ]]> --> ../../../etc/passwd"
)
HIDDEN = "\x1b\x07\u202e\u2066\x85"  # in cells and mappings: tests/test_attacked_cells.py
ADDRESS = "javascript:alert(4)//"
NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")  # of a file


def hostile(what: str) -> str:
    return f"{SEEN} {what}"


def hostile_import(folder: Path) -> Path:
    """Import 24 people whose every cell, label and word on their source attacks."""
    about = {key: hostile(key) for key in ("title", "publisher", "licence", "jurisdiction", "coverage", "data_origin")}
    about |= {"limits": [hostile("limit " + "x" * 3000)], "licence_url": ADDRESS, "published": "2021"}
    about["url"] = 'https://example.org/"><script>alert(5)</script>'
    mapping = {
        "confirmed": "yes",
        "table": "people",
        "source": changed(SOURCE, id="hostile", **about),
        "columns": {
            name: hostile(name) for name in ("case_id", "force", "complaint_type", "sanction", "case_to_answer")
        },
        "labels": {
            "force": {hostile("Kent"): "Kent Police", hostile("Sussex"): "Sussex Police"},
            "complaint_type": {hostile("type"): "driving"},
            "sanction": {hostile("outcome"): "dismissed", hostile("other"): "final_written_warning"},
            "case_to_answer": {hostile("gross"): "gross_misconduct"},
        },
    }
    force, ended = (hostile("Kent"), hostile("Sussex")), (hostile("outcome"), hostile("other"))
    rows = [(hostile(str(n)), force[n % 3 == 0], hostile("type"), ended[n % 2], hostile("gross")) for n in range(24)]
    file, map_file = folder / "replies.csv", folder / "map.yml"
    file.write_bytes(pd.DataFrame(rows, columns=[*mapping["columns"].values()]).to_csv(index=False).encode())
    map_file.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    return import_file(file, map_file, folder / "out")[0]


@pytest.fixture(scope="module")
def imported_people(tmp_path_factory) -> Path:
    return hostile_import(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def attacking(imported_people) -> Dataset:
    """The imported people, and in the other tables and in what an import refuses the same words."""
    data = load(imported_people)
    force = f"{SEEN} a force"
    tables = {name: data[name].copy() for name in data}
    people = tables["subjects"]
    people["force"] = people["force"].where(people.index % 4 > 0, force)
    tables["cases"] = people.drop_duplicates("case_id")[["source", "case_id", "force", "date"]].assign(url=ADDRESS)
    tables["cases"] = tables["cases"].reindex(columns=[*load()["cases"]]).fillna("")
    for name, column in (("published_rates", "note"), ("published_figures", "note"), ("claims", "claim")):
        tables[name][column] = f"{SEEN} {column}"
    tables["sources"][["publisher", "title", "licence"]] = f"{SEEN} publication"
    tables["sources"]["url"] = ADDRESS
    return Dataset(tables, data.own)


@pytest.fixture(scope="module")
def outputs(attacking) -> dict[str, bytes]:
    """Every kind of file that is made of data, by its name."""
    data, address = attacking, "kent-police"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(edition, "ADDRESS", "https://example.org/")
        patched.setattr(vocabulary, "GROUPS", ("force", "source", "jurisdiction"))  # of a release
        shared = common(data)
        shared["dataset"] = Markup(safe_json(described(data, ["sources.csv"])))
        figures = figures_of(data, {"Kent Police": address, "driving": "driving"}, packs=True)
        files = dict(force_part("Kent Police", address, figures))
        by_force = dismissal_rates(data, among="case_to_answer", by=["force", "jurisdiction"])
        entry, drawn = EXHIBITS[0], draw_rates(dismissal_rates(data, among="case_to_answer", by="force"))
        told = {"picture": chart_picture(drawn), "code": chart_code(entry.name, entry.question), "quote": hostile("q")}
        context = {**shared, **told, "entry": entry, **chart_context(drawn)}
        files["charts/one.html"] = render("chart.html", "charts/one.html", **context)
        files |= dict(embed_files(entry, drawn, shared)) | drawn.contents([("page", "svg")])
        patched.setattr(answers, "answers", lambda _: [Answer("Kent Police", "driving")])
        files |= dict(answers.answer_pages(data, shared))
        files["static/search-entries.js"] = search_script([{"title": f"{SEEN}\u202e page", "url": "x.html"}])
        files["run.html"] = run_html(notebook_of(data, by_force, drawn))
        files["all.xlsx"], files["rates.csv"] = workbook_bytes(Group(data, {})), by_force.to_csv()
        files["feed.atom"] = feed(f"## Next {SEEN} (2 March 2027)\n\n- {SEEN}\n\n## 0.1.0\n\nFirst.\n")
        codes, few = vocabulary.codes, ("all_subjects", "case_to_answer")  # of what is counted for the rest
        patched.setattr(vocabulary, "codes", lambda name: few if name == "denominator" else codes(name))
        files |= dict(_data_page(data, None, shared, builder.rates_json(builder.builder_data(data))))
        _, released = release_files(released_tables(data), {})
        return files | {f"release/{name}": content for name, content in released.items()}


def notebook_of(data, table, chart) -> bytes:
    """A notebook that shows what it computed and its parameters, as a run of it is written."""
    bundle, size = chart._repr_mimebundle_()
    shown = [({"text/html": thing._repr_html_(), "text/plain": repr(thing)}, {}) for thing in (data, table)]
    frame = data.subjects.head(3)
    shown += [
        (bundle, size),
        ({"text/html": frame.to_html(), "text/plain": str(frame)}, {}),
        ({"text/markdown": SEEN}, {}),
    ]
    outputs = [nbformat.v4.new_output("display_data", bundle, metadata=about) for bundle, about in shown]
    cells = [nbformat.v4.new_markdown_cell(f"# {SEEN}"), nbformat.v4.new_code_cell(f"a = {SEEN!r}", outputs=outputs)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def of_kind(outputs, *endings):
    """The outputs of a kind, those inside of zip files too; there are some."""
    found = {name: content for name, content in outputs.items() if name.endswith(endings)}
    for name, content in outputs.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                inside = {f"{name}/{member}": archive.read(member) for member in archive.namelist()}
            found |= {member: content for member, content in inside.items() if member.endswith(endings)}
    assert found
    return found.items()


def test_the_attack_reaches_the_data(attacking):
    source = attacking.source("hostile")
    assert f"{SEEN} title" in source.citation and source.licence["url"] == ADDRESS
    assert set(attacking.allegations["complaint_type_source"]) == {f"{SEEN} type"}
    assert not any(INVISIBLE.search(str(cell)) for column in attacking.subjects for cell in attacking.subjects[column])


def test_nothing_of_it_is_in_the_name_of_a_file(outputs):
    names = [*outputs]
    for name, content in outputs.items():
        if name.endswith((".zip", ".xlsx")):
            names += zipfile.ZipFile(io.BytesIO(content)).namelist()
    for name in names:
        assert NAME.fullmatch(re.sub(r"^\[Content_Types\]\.xml$", "x", name)) and ".." not in name, name


def test_no_text_has_what_nobody_sees(outputs):
    for name, content in of_kind(outputs, ".html", ".svg", ".csv", ".json", ".js", ".txt", ".atom", ".sql", ".md"):
        hidden = INVISIBLE.findall(content.decode())
        assert hidden == [], name


def test_pages_show_it_as_words(outputs):
    seen, acts = 0, re.compile(r"<script>|<img src=q|<[^<>\"]*\son\w+=|href=.javascript:| 49 ")
    for name, content in of_kind(outputs, ".html"):
        text = content.decode()
        acting = acts.findall(re.sub(r"\"[^\"]*\"", "", text))
        assert acting == [] and text.count('href="javascript:') == 0, name
        assert sum(text.count(policy) for policy in POLICIES.values()) == 1, name
        seen += "&lt;script&gt;alert(1)" in text
    assert seen > 5


def test_pages_do_nothing_in_a_browser(outputs, tab, tmp_path):
    page = tab()
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    for name in ("run.html", "forces/kent-police.html", "data.html"):
        (tmp_path / Path(name).name).write_bytes(
            re.sub(rb"<(?:script src|link|meta property)[^>]*>", b"", outputs[name])
        )
        go(page, tmp_path, Path(name).name)
        assert page.locator("main").inner_text().count("<script>alert(1)</script>"), name
        assert page.locator("main script, main img[src=q], [onerror]").count() == 0, name


def test_pictures_and_news_are_well_formed(outputs):
    for name, content in of_kind(outputs, ".svg", ".atom"):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(content).iter()}
        assert not tags & {"script", "img", "foreignObject", "a"}, name
    for _, content in of_kind(outputs, ".html"):
        for picture in re.findall(r"<svg.*?</svg>", content.decode(), re.DOTALL):
            ElementTree.fromstring(picture)


def test_no_cell_of_a_workbook_is_a_formula(outputs):
    texts = 0
    for name, content in of_kind(outputs, ".xlsx"):
        for sheet in openpyxl.load_workbook(io.BytesIO(content)):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (name, sheet.title, cell.coordinate)
                    link = cell.hyperlink.target if cell.hyperlink else None
                    assert link is None or link.startswith(("http://", "https://", "mailto:")), (name, link)
                    texts += "alert(1)" in str(cell.value)
    assert texts


def test_no_cell_of_a_csv_file_to_be_opened_is_a_formula(outputs):
    """Those of a release are what the tables hold, cell for cell, for programs; docs/use_the_data.md says so."""
    guarded = 0
    for name, content in of_kind(outputs, ".csv"):
        if not name.startswith("release/"):
            for row in pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False).to_numpy():
                assert not any(cell.startswith(GUARDED[:-1]) and not is_number(cell) for cell in row), name
                guarded += sum(cell.startswith("'=cmd") for cell in row)
    assert guarded


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))


def test_a_fact_sheet_is_words(outputs):
    for name, content in of_kind(outputs, ".pdf"):
        pages = PdfReader(io.BytesIO(content)).pages
        for link in (found.get_object() for page in pages for found in page.get("/Annots", [])):
            assert link["/A"].get("/URI", "https:").startswith(("https:", "http:", "mailto:")), name
        assert content.count(b"/JavaScript") == content.count(b"/Launch") == 0, name
        if "sheet" in name:
            text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
            assert text.count("#sys.inputs$x^2$") and text.count("alert(1)") and not text.count("root:"), name


def test_json_holds_it_as_text(outputs):
    for _, content in of_kind(outputs, ".json"):
        json.loads(content)
    script = outputs["static/search-entries.js"].decode()
    [entry] = json.loads(script.removeprefix("window.searchEntries = ").rstrip(";\n"))
    assert entry["title"] == f"{SEEN} page" and script.count("</script") == 0
    [block] = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', outputs["data.html"].decode(), re.DOTALL
    )
    assert not any(link.startswith("javascript:") for link in json.loads(block)["license"])
    [embed] = (json.loads(content) for name, content in outputs.items() if re.fullmatch(r"embed/.*\.json", name))
    assert "onerror" not in embed["html"]


def test_a_release_holds_it_as_it_is(outputs, tmp_path):
    (tmp_path / "x.sqlite").write_bytes(outputs["release/police-misconduct-outcomes.sqlite"])
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as database, closing(sqlite3.connect(":memory:")) as other:
        other.executescript(outputs["release/police-misconduct-outcomes.sql"].decode())
        for each in (database, other):
            assert each.execute("SELECT DISTINCT complaint_type_source FROM allegations").fetchall() == [
                (f"{SEEN} type",)
            ]
    rows = parquet.read_table(io.BytesIO(outputs["release/parquet/sources.parquet"])).to_pydict()
    assert set(rows["title"]) == {f"{SEEN} publication"}
    package = json.loads(outputs["release/datapackage.json"])
    for resource in package["resources"]:
        assert NAME.fullmatch(resource["path"]) and ".." not in resource["path"]


def test_a_terminal_is_told_in_words(attacking, imported_people, tmp_path, capsys):
    print_rates(dismissal_rates(attacking, among="case_to_answer", by=["force", "jurisdiction"]))
    print_cases(attacking.cases())
    told = [capsys.readouterr().out]
    found = [
        misconduct("rates", "--among", "case_to_answer", "--by", "jurisdiction", "--data", str(imported_people)),
        misconduct("validate", str(tmp_path / "\x1b[31m\rx.csv"), "--as", "subjects", cwd=tmp_path),
        misconduct("rates", "--among", "\x1b[31mx"),
        misconduct("cases", "--where", "force=\x1b]0;x\x07", "--data", str(imported_people)),
    ]
    told += [answer.stdout + answer.stderr for answer in found]
    assert [answer.returncode for answer in found] == [0, 1, 1, 1]
    assert "[l](javascript:alert(3))" in re.sub(r"\s+", "", told[1]) and not any(map(INVISIBLE.search, told))
    assert told_of(MisconductError("a cell 'x\rOK'")) == "a cell 'xOK'"


@pytest.mark.parametrize("character", [*HIDDEN])
def test_a_table_with_what_nobody_sees_is_refused(character, tmp_path, monkeypatch):
    from analysis.checking.validation import validate_file
    from analysis.errors import DataError

    file = tmp_path / "sources.csv"
    file.write_text(f"source_id,title\na,x\nb,{character}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"line 3 has a character that nobody sees \(U\+{ord(character):04X}\)"):
        validate_file(file, "sources")
