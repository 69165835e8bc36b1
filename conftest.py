"""What costs every process of the tests time, before anything else is imported."""

import gc
import sys

# Notebooks are read without a check of addresses, whose grammar is compiled for a second when nbval is imported: so
# it is not its entry point that imports it (-p no:nbval in pyproject.toml) but this file.
sys.modules.setdefault("rfc3987_syntax", None)
pytest_plugins = [] if "nbval.plugin" in sys.modules else ["nbval.plugin"]
gc.set_threshold(50_000, 20, 20)  # Python looks for rubbish seldom: a sixth of the processor time


def pytest_collection_finish() -> None:
    """Nor does it look among what was imported and collected."""
    gc.collect()
    gc.freeze()
