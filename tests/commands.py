"""The command line as tests call it: in this process, since starting a new one for each takes seconds."""

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from analysis.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command left behind, named as subprocess names it."""

    returncode: int
    stdout: str
    stderr: str


def misconduct(*arguments: str, cwd: Path | None = None) -> Answer:
    """Run `misconduct ARGUMENTS`, in the folder `cwd` if given."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    status = 0
    with (
        mock.patch.object(sys, "argv", ["misconduct", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.chdir(cwd or Path.cwd()),
    ):
        try:
            main()
        except SystemExit as leaving:
            status = int(leaving.code or 0)
    return Answer(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
