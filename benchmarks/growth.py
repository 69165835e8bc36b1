"""The picture docs/growth.svg, drawn from the table of docs/performance.md: python benchmarks/growth.py

Processor seconds and the largest memory of each way by the number of rows, both on scales of powers of ten.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

DOCS = Path(__file__).resolve().parents[1] / "docs"
STYLES = {  # the colours are told apart by everybody; the dashes and marks without colour
    "this project": ("#0b0b0b", "-", "o"),
    "DuckDB": ("#d55e00", "-.", "s"),
    "Polars": ("#0072b2", ":", "^"),
}
PANELS = (("processor s", "Processor seconds"), ("peak MiB", "Largest memory, MiB"))


def measured() -> list[dict[str, str]]:
    """The rows of the table of ways in docs/performance.md; of columns that are there twice, the last."""
    text = (DOCS / "performance.md").read_text(encoding="utf-8")
    [table] = re.findall(r"^\| rows \| way \|.*\n(?:\|.*\n)+", text, re.MULTILINE)
    heading, _, *lines = ([cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines())
    return [dict(zip(heading, line, strict=True)) for line in lines]


def draw() -> bytes:
    """The picture as SVG, the same bytes each time."""
    rows, drawn = measured(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(8, 3.6), layout="constrained")
        for axes, (column, title) in zip(figure.subplots(1, 2), PANELS, strict=True):
            for way, (colour, dash, mark) in STYLES.items():
                points = [(row["rows"], row[column]) for row in rows if row["way"] == way]
                x, y = zip(*((float(n.replace(",", "")), float(v.replace(",", ""))) for n, v in points), strict=True)
                axes.loglog(x, y, color=colour, linestyle=dash, marker=mark, markersize=4, label=way)
            axes.set_xticks(x, [f"{n / 1e6:.2g} million" for n in x], minor=False)
            ends = axes.get_ylim()
            axes.set_yticks([n * 10**e for e in range(-1, 4) for n in (1, 2, 5) if ends[0] <= n * 10**e <= ends[1]])
            axes.minorticks_off()
            axes.yaxis.set_major_formatter("{x:,g}")
            axes.set_title(title, loc="left", fontsize=11)
            axes.set_xlabel("rows")
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color="#dddddd")
        axes.legend(frameon=False, fontsize=9)
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


if __name__ == "__main__":
    (DOCS / "growth.svg").write_bytes(draw())
