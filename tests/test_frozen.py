"""Totals that an edition moves: they stop a change that nobody asked for, and one command moves them."""

import re
import subprocess
import sys

import numpy as np
import pytest
from frozen import FILE, Frozen, plain

from analysis.paths import ROOT


def test_a_total_that_moved_or_is_not_there_is_named(tmp_path):
    frozen = Frozen(tmp_path / "expected.yml", update=True)
    frozen("people", np.int64(509))
    frozen("share", {"a": 0.12345678, "b": (1, float("nan"))})
    frozen.write(all_counted=True)
    again = Frozen(tmp_path / "expected.yml")
    again("people", 509)
    again("share", {"a": 0.1234567, "b": [1, None]})
    with pytest.raises(AssertionError, match="people is 510, at the last edition it was 509"):
        Frozen(tmp_path / "expected.yml")("people", 510)
    with pytest.raises(AssertionError, match="cases is not in expected"):
        again("cases", 298)


def test_two_counts_of_one_total_must_agree(tmp_path):
    frozen = Frozen(tmp_path / "expected.yml", update=True)
    frozen("people", 509)
    with pytest.raises(AssertionError, match="Two tests count people"):
        frozen("people", 510)


def test_an_update_of_some_keeps_the_others(tmp_path):
    for name, all_counted in (("people", True), ("cases", False)):
        frozen = Frozen(tmp_path / "expected.yml", update=True)
        frozen(name, 1)
        frozen.write(all_counted=all_counted)
    assert Frozen(tmp_path / "expected.yml").stored == {"people": 1, "cases": 1}


def test_the_option_changes_the_file_and_nothing_else_does():
    """Without changed data there is nothing to update, and only the tests with totals run."""
    before = FILE.read_bytes()
    command = [sys.executable, "-m", "pytest", "--update-expected", "-q", "-p", "no:cacheprovider"]
    file = ROOT / "tests" / "test_outcomes.py"
    result = subprocess.run([*command, str(file)], cwd=ROOT, capture_output=True, text=True)
    run = re.search(r"(\d+) passed", result.stdout)
    everything = file.read_text().count("\ndef test_")
    assert result.returncode == 0 and run and int(run[1]) < everything, result.stdout
    assert FILE.read_bytes() == before


def test_values_are_kept_as_yaml_can():
    assert plain([np.float64(1 / 3), np.True_, "a"]) == [0.333333, True, "a"]
