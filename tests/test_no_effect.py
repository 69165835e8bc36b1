"""Importing and drawing change nothing of the user's, and nothing of the user's changes a chart."""

import hashlib
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

NAME = "dismissal_rates_by_vawg"
SETTINGS = {
    "savefig.bbox": "tight",
    "savefig.transparent": "True",
    "savefig.dpi": "70",
    "figure.dpi": "300",
    "figure.autolayout": "True",
    "font.size": "20",
    "font.family": "serif",
    "text.color": "red",
    "text.hinting": "none",
    "text.parse_math": "True",
    "lines.linewidth": "9",
    "lines.marker": "x",
    "path.simplify": "False",
    "axes.facecolor": "black",
    "axes.titlesize": "30",
    "axes.xmargin": "0.4",
    "xtick.direction": "in",
    "xtick.labeltop": "True",
    "grid.color": "blue",
    "svg.fonttype": "path",
    "svg.hashsalt": "theirs",
    "pdf.fonttype": "3",
    "pdf.compression": "0",
}
PAGE = [("page", "svg"), ("page", "png"), ("page", "pdf")]
DRAWN = f"""
import hashlib
from analysis import load
from analysis.charts.catalogue import exhibit
files = exhibit({NAME!r}).draw(load()).contents({PAGE!r})
"""
HASHES = "print({name: hashlib.sha256(content).hexdigest() for name, content in files.items()})"


@pytest.fixture(scope="module")
def hashes(exhibits):
    chart = next(drawn for drawn in exhibits if drawn.name == NAME)
    return {name: hashlib.sha256(content).hexdigest() for name, content in chart.contents(PAGE).items()}


def test_a_matplotlibrc_in_the_folder_changes_no_chart(hashes, tmp_path):
    (tmp_path / "matplotlibrc").write_text("".join(f"{name}: {value}\n" for name, value in SETTINGS.items()))
    code = f"import matplotlib; assert matplotlib.rcParams['font.size'] == 20\n{DRAWN}\n{HASHES}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == str(hashes), done.stderr


def test_in_a_notebook_plots_of_the_user_still_show_and_their_settings_stay_theirs(hashes):
    cells = [
        "import analysis.charts.catalogue\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nNone",
        "plt.style.use('dark_background')\nplt.rcParams['savefig.bbox'] = 'tight'\nbefore = dict(plt.rcParams)\n"
        f"{DRAWN}\nassert dict(plt.rcParams) == before\n{HASHES}",
        "plt.plot([1, 2])\nNone",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    first, second, third = (cell.outputs for cell in notebook.cells)
    assert [output.output_type for output in second] == ["stream"] and second[0].text.strip() == str(hashes)
    for outputs in (first, third):
        assert ["image/png" in output.data for output in outputs] == [True]


def test_only_what_is_asked_for_is_drawn_and_nothing_heavy_is_imported():
    code = (
        "import sys; from analysis import load; from analysis.charts.catalogue import draw_chart\n"
        "chart = draw_chart(load(), 'dismissal_rates_by_complaint_type', among='case_to_answer')\n"
        "print(*chart.contents([('page', 'svg')]), *chart.pages, *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kinds = (".svg", ".csv", ".txt", ".caption.txt", ".json")
    files = [f"dismissal_rates_by_complaint_type{kind}" for kind in kinds]
    assert done.stdout.split()[: len(files) + 2] == [*files, "page", "sys"]
    heavy = {"scipy", "statsmodels", "pandera", "IPython", "nbconvert", "nbformat", "matplotlib.pyplot", "jinja2"}
    assert not heavy & {*done.stdout.split()}
