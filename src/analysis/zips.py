"""Zip files that are the same bytes for the same files, on every system and at any time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the date of every file in a zip
UNIX, READABLE = 3, 0o644 << 16


def zip_bytes(files: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """A zip of files by name, in the order of their names.

    packed: smaller, but what it looks like depends on Python's zlib, which some systems replace by another.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, inside in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, inside, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    return content.getvalue()
