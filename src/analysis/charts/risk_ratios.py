"""The chart of risk ratios: how many times as often each group is dismissed as one of them."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, nothing
from analysis.charts.page import Row, Rows
from analysis.charts.rate_dots import group_words, rate_line
from analysis.charts.style import BLUE, PINK
from analysis.charts.text import lower_first
from analysis.counting.rate_table import UNSTATED, RateTable
from analysis.counting.rate_words import FEW, SMALL, group_label
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


def risk_ratio_chart(table: RateTable, ratios: pd.DataFrame, reference: str, reference_words: str, name: str) -> Chart:
    """How many times as often each group is dismissed as the reference group, on a logarithmic axis.

    table: a RateTable by one column; ratios: what comparisons.risk_ratios makes of it and of the code `reference`;
    reference_words: who these are, for the subtitle. The reference comes first, groups marked [u] last, those of fewer
    than 5 people without a dot. Rows without a finite, positive ratio, and what is not stated, are named in notes. A
    group is in the title only if it differs from the reference after adjustment for all comparisons.
    """
    marks = ratio_marks(table, ratios, reference)
    if not _has_dot(marks.iloc[1:]).any() or not _has_dot(marks.iloc[:1]).all():
        raise MisconductError(
            f"No ratio can be drawn: in every comparison one side has no dismissals or fewer than {FEW} people."
        )
    top = _top(marks, ratios, table.by[0])
    first = "; each person under the first complaint type only" if table.primary_only else ""
    measure = table.definition.split(".")[0]
    words = Words(
        title=_title(table, ratios, reference, top),
        subtitle=f"Dismissal rate of each group divided by that of {reference_words}{first}. {measure}. "
        + place_and_period(table.sources),
        definition=table.definition,
        lines=[f"{row['label']}: {_line(row, table.cases)}." for _, row in marks.iterrows()],
        notes=_notes(table, ratios, marks),
        interval_method="95 % Koopman score interval of the ratio, on effective sample sizes",
    )
    data = marks[["label", *(column for column in ratios if column != table.by[0])]]
    return compose("Dot and interval chart", name, words, data, _plot(marks, top), table.sources, table.filter)


def ratio_marks(table: RateTable, ratios: pd.DataFrame, reference: str) -> pd.DataFrame:
    """What is drawn, top to bottom: the reference, then every group with a finite, positive ratio, those marked [u]
    under the others.

    Returns the columns of `ratios`, n_cases and n_cases_counted, and `label`.
    """
    column = table.by[0]
    drawn = ratios[ratios["ratio"].gt(0) & ratios["low"].gt(0) & ratios["high"].lt(math.inf)]
    drawn = drawn.sort_values("reliability", kind="stable")  # "ok" stands before "u"
    rows = table.groups.set_index(column)
    base = rows.loc[[reference], ["numerator", "denominator", "reliability"]].assign(ratio=1.0).reset_index()
    marks = pd.concat([base, drawn], ignore_index=True)[[*ratios]]
    marks = marks.join(rows[["n_cases", "n_cases_counted"]], on=column)
    labels = [group_label(column, code) for code in marks[column]]
    return marks.assign(label=[f"{labels[0]} (reference)", *labels[1:]])


def _has_dot(rows: pd.DataFrame) -> pd.Series:
    return rows["denominator"] >= FEW


def _top(marks: pd.DataFrame, ratios: pd.DataFrame, column: str) -> str | None:
    """The code of the group of the title: of those that clearly differ, by the logarithm of the ratio; drawn ones
    before those without a dismissal."""
    clear = ratios[(ratios["p_holm"] < 0.05) & (ratios["reliability"] == "ok")]
    seen = clear[clear[column].isin(marks[column])]
    clear = clear if seen.empty else seen
    if clear.empty:
        return None
    distance = clear["ratio"].map(lambda ratio: abs(math.log(ratio)) if ratio else math.inf)
    return str(clear.loc[distance.idxmax(), column])


def _title(table: RateTable, ratios: pd.DataFrame, reference: str, top: str | None) -> str:
    """The group of the title with both counts, ratio and interval; or that there is none."""
    column = table.by[0]
    base = table.groups.set_index(column).loc[reference]
    against = f"{base['numerator']:,} of {base['denominator']:,}"
    if top is None:
        named = lower_first(group_words(table, column, reference))
        return f"These data cannot rank the groups against {named} ({against})"
    row = ratios.set_index(column).loc[top]
    return (
        f"{group_words(table, column, top)}: {row['numerator']:,} of {row['denominator']:,}, against {against} for "
        f"{lower_first(group_label(column, reference))}; ratio {_times(row['ratio'])} ({_times(row['low'])} to "
        f"{_times(row['high'])})"
    )


def _times(ratio: float) -> str:
    """A ratio in a title: 6.5, and 0.11 under one."""
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _line(row: pd.Series, cases: str) -> str:
    """A row in the alt text: counts, ratio, interval and p value; of the reference the counts."""
    if pd.isna(row["low"]):
        return rate_line(row, cases, "ratio 1")
    mark = "" if row["reliability"] == "ok" else " [u]"
    interval = f"95% interval {row['low']:.2f} to {row['high']:.2f}"
    return rate_line(row, cases, f"ratio {row['ratio']:.2f}{mark}, {interval}, p (Holm) {row['p_holm']:.3f}")


def _notes(table: RateTable, ratios: pd.DataFrame, marks: pd.DataFrame) -> list[str]:
    """How to read the chart, what is not drawn and what is not compared."""
    column = table.by[0]
    notes = [
        "Dots: ratio of the two rates. Lines: 95% Koopman score interval, people in one case counted together. "
        f"Hollow dots [u], placed last: a group under {SMALL}; under {FEW}: counts only. Each interval is for one "
        f"comparison; the title allows for all {int(ratios['p_holm'].notna().sum())} (Holm)."
    ]
    unstated = table.groups[table.groups[column].isin(UNSTATED) & (table.groups["denominator"] > 0)]
    for said, rows in (
        ("Not drawn, because one side has no dismissals", ratios[~ratios[column].isin(marks[column])]),
        ("Not compared, because the source does not state the group", unstated),
    ):
        if len(rows):
            counts = (f"{group_label(column, row[column])} ({_counts(row)})" for _, row in rows.iterrows())
            notes.append(f"{said}: {'; '.join(counts)}.")
    return notes


def _counts(row: pd.Series) -> str:
    return f"{row['numerator']:,} of {row['denominator']:,}"


def _plot(marks: pd.DataFrame, top: str | None) -> Rows:
    """One row a mark, the reference at a ratio of one and as a line through all rows."""
    dots = marks[_has_dot(marks)]
    limits = (min(0.2, float(dots["low"].min()) / 1.2), max(5.0, float(dots["high"].max()) * 1.2))
    rows = []
    for place, row in marks.iterrows():
        small, shown, is_reference = row["reliability"] == "u", row["denominator"] >= FEW, place == 0
        ratio = "ratio 1" if is_reference else f"ratio {row['ratio']:.2f}"
        draw = dot(row["ratio"], row["low"], row["high"], PINK if is_reference else BLUE, small)
        rows.append(
            Row(
                row["label"],
                f"{_counts(row)}{f', {ratio}' if shown else ''}{' [u]' if small else ''}",
                draw if shown else nothing,
                float(row["high"]),
                float(row["denominator"]),
                bold=is_reference,
                is_kept=row.iloc[0] == top,
                is_total=is_reference,
                is_apart=small and not is_reference,
            )
        )

    def finish(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.set_xlim(limits)
        axes.axvline(1, color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticks([tick for tick in TICKS if limits[0] <= tick <= limits[1]])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))

    return Rows(tuple(rows), lambda _: limits, finish, "groups")
