"""The same bytes on every Python that the project supports, where another one can be had."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import version

import pytest

from analysis.paths import ROOT

VARIABLE = "MISCONDUCT_PYTHONS"  # other Pythons with the packages of requirements.lock, separated as in PATH
DRAWERS = ("pandas", "matplotlib", "afcharts", "Pillow", "scipy")  # numpy's version depends on Python's
CHARTS = ("risk_ratios_by_complaint_type", "funnel_by_force", "published_rates_vawg")
WHO = f"""
import json, sys
from importlib.metadata import version
print(json.dumps(["%d.%d" % sys.version_info[:2], [version(name) for name in {DRAWERS!r}]]))
"""
DRAW = """
import hashlib, json, sys
from analysis import load
from analysis.charts.catalogue import exhibit
files, data = {}, load()
for name in sys.argv[1:]:
    chart = exhibit(name).draw(data)
    shown = json.dumps(chart._repr_mimebundle_()).encode()
    files |= {**chart.contents(), f"{name}.phone.svg": chart.svg("phone"), f"{name} shown": shown}
print(json.dumps({file: hashlib.sha256(content).hexdigest() for file, content in files.items()}))
"""


@cache
def pythons() -> dict[str, str]:
    """Other Pythons that draw with the same packages: version -> its address."""
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    ours = [version(name) for name in DRAWERS]
    found = {}
    for path in filter(None, [*named, *map(shutil.which, ("python3.11", "python3.12", "python3.13"))]):
        done = subprocess.run([path, "-c", WHO], capture_output=True, text=True)
        if done.returncode == 0:
            name, packages = json.loads(done.stdout)
            if packages == ours:
                found.setdefault(name, path)
    return found


@cache
def drawn(python: str) -> dict[str, str]:
    """What a Python draws of CHARTS: file -> sha256."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([python, "-c", DRAW, *CHARTS], capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_another_python_draws_the_same_bytes(python):
    if python == "{}.{}".format(*sys.version_info):
        pytest.skip("It is the one that runs this test.")
    if python not in pythons():
        pytest.skip(f"No Python {python} with the packages of requirements.lock; {VARIABLE} can name one.")
    ours = drawn(sys.executable)
    assert len(ours) == 15 * len(CHARTS) and drawn(pythons()[python]) == ours
