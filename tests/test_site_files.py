"""Every file that the site gives away opens: pictures, documents, tables, workbooks and data."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader


def opened_image(content):
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return picture.width > 100 and picture.height > 100


OPENED = {  # by the ending of a file's name, whether its library finds something in its bytes
    "png": opened_image,
    "svg": lambda content: ElementTree.fromstring(content).tag.endswith("}svg"),
    "pdf": lambda content: len(PdfReader(io.BytesIO(content)).pages),
    "csv": lambda content: len({len(row) for row in csv.reader(io.StringIO(content.decode()))}) == 1,
    "json": lambda content: json.loads(content),
    "txt": lambda content: content.decode().strip(),
    "xlsx": lambda content: load_workbook(io.BytesIO(content), read_only=True).sheetnames,
    "atom": lambda content: ElementTree.fromstring(content).tag.endswith("}feed"),
}
READ_ELSEWHERE = {
    "html",
    "css",
    "js",
    "woff",
    "zip",
}  # pages, and what they are made of, in the browser; packs in test_packs


@pytest.fixture(scope="module")
def files(site):
    return [path for path in site.rglob("*") if path.is_file() and path.suffix[1:] not in READ_ELSEWHERE]


@pytest.mark.parametrize("ending", OPENED)
def test_every_file_of_a_kind_opens(files, ending):
    these = [path for path in files if path.suffix == f".{ending}"]
    assert these and not [path.name for path in these if not OPENED[ending](path.read_bytes())]


def test_no_kind_of_file_is_left_out(files):
    assert {path.suffix[1:] for path in files} == OPENED.keys()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "json", "xlsx"])
def test_a_file_cut_short_does_not_open(files, ending):
    content = next(path for path in files if path.suffix == f".{ending}").read_bytes()
    with pytest.raises(Exception):  # noqa: B017 (each library has errors of its own)
        assert OPENED[ending](content[: len(content) // 2])
