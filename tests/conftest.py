import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from analysis import local
from analysis.paths import RAW
from analysis.tables import load_table

os.environ["COLUMNS"] = "200"
os.environ.pop(local.VARIABLE, None)  # tests are about the project's own data
# How fast an example is depends on the machine. The same examples each time, so that no test fails by luck;
# `make fuzz` looks for new ones, and what it finds becomes an @example.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def own_choice_ends():
    """What a test chose by --data ends with it."""
    yield
    local.choose("")


@pytest.fixture(scope="session")
def subjects() -> pd.DataFrame:
    return load_table("subjects")


@pytest.fixture(scope="session")
def allegations() -> pd.DataFrame:
    return load_table("allegations")


@pytest.fixture
def raw_copy(tmp_path: Path):
    """A function that copies a raw source to a folder of the test, where it can be damaged."""
    import shutil

    def copy(source: str) -> Path:
        return Path(shutil.copytree(RAW / source, tmp_path / source))

    return copy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first, so that it does not end alone (xdist gives out whole files, in this order)."""
    items.sort(key=lambda item: "test_site.py" not in item.nodeid)
