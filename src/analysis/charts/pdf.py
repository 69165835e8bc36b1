"""PDFs: set by typst, tagged for screen readers (PDF/UA-1), in the typeface of the charts, and half as large as it
writes them: it makes each element of a tagged document an object of its own, uncompressed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from analysis.charts.style import TYPEFACE
from analysis.charts.typeface import faces
from analysis.errors import MisconductError

if TYPE_CHECKING:
    import typst

MOST = 200  # objects a stream: readers unpack a whole one to get at any of them


@cache
def _compiler() -> typst.Compiler:
    """One for all PDFs: the fonts are looked for once. Nothing but our own templates and data reaches it."""
    import typst

    with TemporaryDirectory() as folder:
        for name, content in faces("ttf").items():
            (Path(folder) / name).write_bytes(content)
        paths = [folder, str(TYPEFACE)]  # the second for letters that the first is cut down from
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
        compiler = typst.Compiler(font_paths=fonts)
        compiler.compile(b'#set text(font: "DejaVu Sans")\nread now, *while they are there*', format="pdf")
    return compiler


def compiled(template: bytes, inputs: Mapping[str, str], time: int = 0) -> bytes:
    """A PDF of a template of typst's. inputs: its data, in which nothing is read as markup; time: when it is dated."""
    made = _compiler().compile(template, format="pdf", sys_inputs=dict(inputs), pdf_standards=["ua-1"], timestamp=time)
    if not isinstance(made, bytes):
        raise TypeError("The PDF came in several parts.")
    return packed(made)


def packed(pdf: bytes) -> bytes:
    """The same PDF with its objects in compressed object streams and its index as one (ISO 32000-1, 7.5.7 and 7.5.8).

    pdf: as typst writes it: one revision, an index in plain text, nothing encrypted; MisconductError for another.
    """
    found = re.search(rb"xref\n0 (\d+)\n((?:.{18}\r?\n|.{20})+?)trailer\s*<<(.*)>>\s*startxref", pdf, re.DOTALL)
    if found is None:
        raise MisconductError("The PDF has no plain index, so it cannot be made smaller.")
    entries = [line.split() for line in found[2].splitlines()]
    starts = {number: int(entry[0]) for number, entry in enumerate(entries) if entry[2] == b"n"}
    ends = dict(zip(sorted(starts.values()), [*sorted(starts.values())[1:], found.start()], strict=True))
    objects = {number: _inside(pdf[start : ends[start]]) for number, start in starts.items()}
    whole = {number: inside for number, inside in objects.items() if inside.endswith(b"endstream")}
    small = [number for number in objects if number not in whole]
    written, index = bytearray(pdf[: min(starts.values())]), {0: (0, 0, 65535)}
    last = len(entries)
    for begin in range(0, len(small), MOST):
        chosen = small[begin : begin + MOST]
        whole[last] = _object_stream([(number, objects[number]) for number in chosen])
        index |= {number: (2, last, place) for place, number in enumerate(chosen)}
        last += 1
    for number, inside in whole.items():
        index[number] = (1, len(written), 0)
        written += b"%d 0 obj\n%b\nendobj\n" % (number, inside)
    begun = len(written)
    index[last] = (1, begun, 0)
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + rest.to_bytes(2, "big")
        for kind, place, rest in (index.get(number, (0, 0, 65535)) for number in range(last + 1))
    )
    about = re.sub(rb"/Size\s+\d+", b"", found[3]) + b"/Type/XRef/Size %d/W[1 4 2]" % (last + 1)
    written += b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (last, _stream(about, table), begun)
    return bytes(written)


def _inside(written: bytes) -> bytes:
    """What an object holds: without its number and its end."""
    return written[written.index(b"obj") + 3 : written.rindex(b"endobj")].strip()


def _object_stream(objects: list[tuple[int, bytes]]) -> bytes:
    places, content = [], b""
    for number, inside in objects:
        places.append(b"%d %d" % (number, len(content)))
        content += inside + b"\n"
    head = b" ".join(places) + b"\n"
    return _stream(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head)), head + content)


def _stream(about: bytes, content: bytes) -> bytes:
    small = zlib.compress(content, 9)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (about, len(small), small)
