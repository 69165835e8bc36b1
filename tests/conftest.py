import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import profiles  # noqa: F401 (the examples that hypothesis looks for)
import pytest
from browser import chromium, pages, site, tab  # noqa: F401 (fixtures of the gallery's and the builder's tests)
from frozen import Frozen

if TYPE_CHECKING:  # what fixtures need they import: the process that only gives out the tests needs none of it
    import pandas as pd

    from analysis.dataset import Dataset

os.environ["COLUMNS"] = "200"


@pytest.fixture(scope="session")
def data() -> "Dataset":
    from analysis.dataset import load

    return load()


@pytest.fixture(scope="session")
def subjects(data: "Dataset") -> "pd.DataFrame":
    return data.subjects


@pytest.fixture(scope="session")
def allegations(data: "Dataset") -> "pd.DataFrame":
    return data.allegations


@pytest.fixture(scope="session")
def built() -> "dict[str, pd.DataFrame]":
    """The tables as the raw data give them today; never changed by a test."""
    from analysis.build.tables import build_tables

    return build_tables()


@pytest.fixture(scope="session")
def overall(subjects: "pd.DataFrame") -> tuple[int, int]:
    """How many were dismissed or would have been, of how many with a case to answer and a known outcome."""
    known = subjects[(subjects["case_to_answer"] != "none") & (subjects["sanction"] != "not_stated")]
    return int(known["sanction"].isin(["dismissed", "would_have_been_dismissed"]).sum()), len(known)


@pytest.fixture(scope="session")
def drawn(data: "Dataset"):
    """A function: the RateTable by complaint type of a denominator, and its chart; made once, changed by no test."""
    from analysis.charts import dismissal_rates_by
    from analysis.counting.rates import dismissal_rates

    @functools.cache
    def draw(among: str):
        table = dismissal_rates(data, among=among, by="complaint_type")
        return table, dismissal_rates_by(table)

    return draw


@pytest.fixture(params=["case_to_answer", "proceedings", "proven", "gross_misconduct_proven", "all_subjects"])
def rates_by_type(request: pytest.FixtureRequest, drawn):
    """The RateTable by complaint type of one denominator."""
    return drawn(request.param)[0]


@pytest.fixture
def chart(rates_by_type, drawn):
    """Its chart."""
    return drawn(rates_by_type.among)[1]


@pytest.fixture(scope="session")
def exhibits(data: "Dataset"):
    """Every chart of the catalogue."""
    from analysis.charts.catalogue import EXHIBITS

    return [entry.draw(data) for entry in EXHIBITS]


@pytest.fixture
def raw_copy(tmp_path: Path):
    """A function that copies a raw source to a folder of the test, where it can be damaged."""
    import shutil

    from analysis.paths import RAW

    def copy(source: str) -> Path:
        return Path(shutil.copytree(RAW / source, tmp_path / source))

    return copy


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest file first, so that it does not end alone (xdist gives out whole files, in this order)."""
    items.sort(key=lambda item: "test_site.py" not in item.nodeid and "test_builder.py" not in item.nodeid)
    if config.option.update_expected:
        items[:] = [item for item in items if "frozen" in getattr(item, "fixturenames", ())]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="Count the totals of tests/expected.yml again.")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if config.option.update_expected:
        config.option.numprocesses, config.option.dist, config.option.tx = 0, "no", []  # one process, one file


@pytest.fixture(scope="session")
def frozen(request: pytest.FixtureRequest):
    """`frozen(name, value)`: the value is the one of the last edition (tests/frozen.py)."""
    totals = Frozen(update=request.config.option.update_expected)
    yield totals
    if totals.update:
        told = request.config.pluginmanager.getplugin("terminalreporter").stats
        is_whole = request.config.args_source is pytest.Config.ArgsSource.TESTPATHS
        totals.write(all_counted=is_whole and not told.get("skipped") and not told.get("failed"))
