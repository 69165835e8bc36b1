"""How often the 95 % interval of a rate holds the true one, when people in one case are mostly dismissed together.

    python benchmarks/coverage.py               every cell, half a minute; prints the table of docs/methodology.md
    python benchmarks/coverage.py --draws 500   quicker and rougher

Cases get their sizes from the coded data. Each person is dismissed with the true rate; with the square root of the
true correlation they take the outcome of their whole case, so that two people in one case correlate as asked. A group
borrows the correlation that the coded data have over all (RateTable's), whatever is true in the cell.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.counting.intervals import Z, design_effects, pairwise_correlation

SEED = 20200201
CORRELATIONS = (0.0, 0.3, 0.6, 1.0)
CASES = (8, 15, 30, 60, 100)
RATES = (0.02, 0.05, 0.1, 0.2, 0.3)
METHODS = ("the project's", "own effect, that of all where undefined", "plain Wilson", "Korn and Graubard")


@dataclass(frozen=True)
class Cell:
    """One set of simulated groups: what is true of it, and of each method the share of intervals that hold the true
    rate, and how wide they are on average."""

    correlation: float
    cases: int
    rate: float
    coverage: np.ndarray
    width: np.ndarray


@dataclass(frozen=True)
class Coded:
    """The coded data, of people with a case to answer and a known outcome: how many are in each case (sizes), and over
    all of them the correlation within cases and the design effect."""

    sizes: np.ndarray
    correlation: float
    effect: float


def coded() -> Coded:
    """Read and count them."""
    import analysis as an

    outcomes = an.dismissal_rates(an.load(), among="case_to_answer", by="source").outcomes
    if outcomes is None:
        raise RuntimeError("These rates do not carry their people.")
    people = outcomes()
    sizes = np.bincount(people.case)
    counted = np.bincount(people.case[people.is_counted], minlength=len(sizes))[sizes > 0]
    sizes = sizes[sizes > 0]
    [effect] = design_effects(counted, sizes, np.zeros(len(sizes), dtype=np.int64), 1, 0.0)
    return Coded(sizes, pairwise_correlation(counted, sizes), float(effect))


def drawn(sizes: np.ndarray, correlation: float, rate: float, random: np.random.Generator) -> np.ndarray:
    """How many are dismissed in each case of each draw; sizes: of the cases, one row a draw."""
    most = int(sizes.max())
    shape = (*sizes.shape, most)
    together = random.random(shape) < np.sqrt(correlation)
    of_case = random.random((*sizes.shape, 1)) < rate
    own = random.random(shape) < rate
    there = np.arange(most) < sizes[..., np.newaxis]
    return (np.where(together, of_case, own) & there).sum(axis=2)


def wilson(k: np.ndarray, n: np.ndarray, effect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """wilson_interval of many groups at once."""
    size, p = n / effect, k / n
    centre = (p + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z / (1 + Z**2 / size) * np.sqrt(p * (1 - p) / size + Z**2 / (4 * size**2))
    return centre - half, centre + half


def korn_graubard(k: np.ndarray, n: np.ndarray, effect: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Clopper and Pearson's interval on n / effect, by degrees of freedom (Korn and Graubard 1998)."""
    from scipy import stats

    size = n / effect * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, m - 1)) ** 2
    x = k / n * size
    low = np.where(k > 0, stats.beta.ppf(0.025, np.maximum(x, 1e-9), size - x + 1), 0.0)
    high = np.where(k < n, stats.beta.ppf(0.975, x + 1, np.maximum(size - x, 1e-9)), 1.0)
    return low, high


def simulate(
    data: Coded,
    draws: int,
    correlations: tuple[float, ...] = CORRELATIONS,
    cases: tuple[int, ...] = CASES,
    rates: tuple[float, ...] = RATES,
) -> Iterator[Cell]:
    """Every cell in turn, of so many simulated groups each."""
    random = np.random.default_rng(SEED)
    for correlation in correlations:
        for m in cases:
            for rate in rates:
                people = data.sizes[random.integers(0, len(data.sizes), (draws, m))]
                counted = drawn(people, correlation, rate, random)
                group = np.repeat(np.arange(draws), m)
                flat = counted.ravel(), people.ravel(), group, draws
                k, n = counted.sum(axis=1), people.sum(axis=1)
                ours, own = design_effects(*flat, data.correlation), design_effects(*flat, 0.0)
                fallen_back = np.where((k > 0) & (k < n), own, data.effect)
                intervals = [wilson(k, n, effect) for effect in (ours, fallen_back, np.ones(draws))]
                intervals.append(korn_graubard(k, n, own, m))
                yield Cell(
                    correlation,
                    m,
                    rate,
                    np.array([np.mean((low <= rate + 1e-12) & (rate <= high + 1e-12)) for low, high in intervals]),
                    np.array([np.mean(high - low) for low, high in intervals]),
                )


def table(cells: list[Cell]) -> str:
    """The table of docs/methodology.md: one row a method."""
    coverage, width = (np.array([getattr(cell, name) for cell in cells]) for name in ("coverage", "width"))
    rows = ["| method | mean coverage | lowest cell | cells under 93% | mean width |", "|---|---|---|---|---|"]
    for place, method in enumerate(METHODS):
        held, worst = coverage[:, place], coverage[:, place].argmin()
        cell = cells[worst]
        at = f"correlation {cell.correlation:g}, {cell.cases} cases, rate {100 * cell.rate:g}%"
        rows.append(
            f"| {method} | {held.mean():.3f} | {held[worst]:.3f} ({at}) | {100 * np.mean(held < 0.93):.0f}% "
            f"| {width[:, place].mean():.3f} |"
        )
    return "\n".join(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20_000, help="simulated groups a cell")
    draws = parser.parse_args().draws
    data = coded()
    cells = list(simulate(data, draws))
    print(
        f"{len(cells)} cells of {draws:,} groups; {len(data.sizes)} case sizes from 1 to {data.sizes.max()}, "
        f"{data.sizes.mean():.2f} on average; correlation borrowed {data.correlation:.3f}.\n"
    )
    print(table(cells))


if __name__ == "__main__":
    main()
