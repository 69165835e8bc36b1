"""Nobody is named, in no tracked file and on no page, but in an address that its publisher wrote so.

A test cannot know every name. It knows how names are written (Mr, Sgt, an e-mail address, a handle with a birth year),
and every word that an address of an investigation has: a new one is read by whoever updates tests/expected.yml.
"""

import hashlib
import re
import subprocess
from urllib.parse import unquote

import pandas as pd
import pytest

from analysis.paths import RAW, ROOT
from analysis.provenance.sources import load_source

TITLES = "Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Dame|Lord|Lady|Baroness|W?PC|W?DC|PCSO|PS|DS|DI|DCI|Sgt|Insp|Supt|Cllr"
RANKS = "[Cc]onstable|[Ss]ergeant|[Ii]nspector|[Ss]uperintendent|[Cc]ommissioner"
WRITTEN = {
    "a title and a name": rf"\b(?:{TITLES})\b\.?[ \u00a0]+(?:[A-Z]\. ?)*[A-Z][a-z]+|\b(?:{RANKS})[ \u00a0]+[A-Z][a-z]+",
    "an e-mail address": r"(?<![\w.+-])[\w.+-]+@(?!example\.)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b",
    "a handle with a birth year": r"(?<=\.com/)[A-Za-z]{4,}(?:19[3-9]\d|200\d)\b",
}
# Who wrote a report that is cited by that name, and an address that its owner wrote so, by the first of its SHA-256.
AUTHORS = {"Baroness Casey"}
HANDLES = {"87499efdc153dfab"}
ADDRESSES = {"bc5a76e235e14848"}  # of an investigation, which its source.yml tells of


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def named(text: str) -> dict[str, str]:
    """What of a text is written as a name is, and as what."""
    found = {name: kind for kind, pattern in WRITTEN.items() for name in re.findall(pattern, text)}
    return {name: kind for name, kind in found.items() if name not in AUTHORS and digest(name) not in HANDLES}


@pytest.mark.parametrize(
    "text",
    ["Mrs Example", "PC A. Example", "Dr. Example", "sergeant Example", "a.b@mail.invalid", "github.com/anexample1987"],
)
def test_what_is_written_as_a_name_is_found(text):
    assert named(f"So said {text}, twice.")


def test_no_tracked_file_names_anybody():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    read = 0
    for name in listed.stdout.strip("\0").split("\0"):
        content = (ROOT / name).read_bytes()
        if name != "tests/test_names.py" and b"\0" not in content:
            assert named(content.decode()) == {}, name
            read += 1
    assert read > 300


def test_no_page_names_anybody(site):
    for path in site.rglob("*"):
        if path.suffix in (".html", ".csv", ".json", ".js", ".xml", ".atom", ".txt"):
            assert named(re.sub(r"base64,[\w+/=]+", "", path.read_text(encoding="utf-8"))) == {}, path


def addresses() -> pd.Series:
    rows = pd.read_csv(RAW / "iopc_investigations" / "investigations.csv", dtype=str, keep_default_na=False)
    return rows.set_index("investigation_id")["url"]


def test_the_words_of_addresses_are_those_that_somebody_read(frozen):
    others = [url for url in addresses() if digest(url) not in ADDRESSES]
    words = {word for url in others for word in re.findall(r"[^\W\d_]+", unquote(url.rpartition("/")[2]))}
    frozen("words_of_addresses", sorted(words))


def test_where_an_address_names_somebody_its_source_says_so():
    known = {digest(url) for url in addresses()} & ADDRESSES
    assert known == ADDRESSES
    said = load_source("iopc_investigations").how_made
    assert "no person is named but in" in said and f"{len(known)} page" in said.replace("one page", "1 page")
    owner = re.search(r"(?<=\.com/)\w+", load_source("met_complaints").urls[0])[0]
    assert digest(owner) in HANDLES and "its owner" in load_source("met_complaints").licence["note"]
