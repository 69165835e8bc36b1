import os
from pathlib import Path

import pandas as pd
import pytest

from analysis.paths import RAW
from analysis.tables import load_table

os.environ["COLUMNS"] = "200"


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
