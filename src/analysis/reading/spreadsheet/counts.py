"""A sheet of counts -> PublishedFigures and PublishedRates of one source."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary

import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import parse_count, parse_percent
from analysis.reading.spreadsheet.cells import Cell, address
from analysis.reading.spreadsheet.coded import Row
from analysis.reading.spreadsheet.labels import own_meaning
from analysis.reading.spreadsheet.mapping import COUNTS, RateOf, bounds
from analysis.reading.spreadsheet.periods import Period, parse_period
from analysis.reading.spreadsheet.sheet_rows import BETWEEN, Reader, codes_of
from analysis.reading.spreadsheet.table_rows import read_rows
from analysis.reading.spreadsheet.told import tell_of_labels

LABELLED = [column for column, name in COUNTS.items() if name]
NUMERATORS = {
    frozenset({"dismissed"}): "dismissed",
    frozenset({"dismissed", "would_have_been_dismissed"}): "dismissed_or_would_have_been",
    frozenset({"dismissed_or_would_have_been"}): "dismissed_or_would_have_been",
}
GROUP = ["force", "period_start", "period_end", "person_type", "complaint_type", "complaint_type_source"]


def read_counts(reader: Reader) -> pd.DataFrame:
    """PublishedFigures (checking), one row a cell; every problem is noted in `reader`. figure_id names the cell."""
    figures: list[tuple[Row, dict[str, object]]] = []
    for row in read_rows(reader):
        reader.turn_to(row.sheet)
        figures += [(row, figure) for figure in _figures(reader, row)]
    tell_of_labels(reader)
    found = pd.DataFrame([figure for _, figure in figures])
    _tell_of_the_same(reader, found)
    abroad = [*dict.fromkeys(found.loc[found["force"].map(_is_abroad), "force_source"])] if len(found) else []
    if len(abroad) > 1:  # they would be added up as one
        problem = f"counts of several bodies outside the UK: {', '.join(abroad[:5])}{', ...' * (len(abroad) > 5)}."
        reader.wrong(None, "force", "", problem, "Import them one by one: `leave_out` (`read`) leaves the others out.")
    reader.rows["published_figures"] = [row for row, _ in figures]
    return found


def _is_abroad(force: str) -> bool:
    return bool(force) and vocabulary.entry("force", force)["kind"] == "elsewhere"


def _tell_of_the_same(reader: Reader, figures: pd.DataFrame) -> None:
    """How many figures have all labels of another: what tells them apart is in no column that is used."""
    same = int(figures.duplicated([*GROUP, "unit", "stage", "outcome"], keep=False).sum()) if len(figures) else 0
    if same and not reader.mapping.keep_ids and not any(spec.add_up for spec in reader.mapping.rates):
        reader.told.append(
            f"{same:,} figures say something else of the same group as another: is what tells them apart in a column "
            "that is not used, or in headings of groups (`group_rows`)?"
        )


def _figures(reader: Reader, row: Row) -> list[dict[str, object]]:
    """The figures of one row: one, or one a column across."""
    mapping = reader.mapping
    if mapping.across is None:
        [(column, cell)] = row.cells["value"]
        return [_figure(reader, row, column, cell, {})]
    found = []
    for column, cell in row.across:
        one = len(mapping.across.are) == 1
        parts = [reader.texts[column]] if one else reader.texts[column].split(BETWEEN)
        if len(parts) != len(mapping.across.are):
            problem = f"the heading has {len(parts)} parts, `across` names {len(mapping.across.are)}."
            reader.wrong(max(mapping.read.heading), column, reader.headings[column], problem, rule="across")
            continue
        found.append(_figure(reader, row, column, cell, dict(zip(mapping.across.are, parts, strict=True))))
    return found


def _figure(reader: Reader, row: Row, column: int, cell: Cell, heading: Dictionary[str, str]) -> dict[str, object]:
    """One figure: the cell's value or what is known of it, with its labels from the row, the heading and constants."""
    mapping, source = reader.mapping, reader.mapping.source.id

    def said(name: str) -> str:
        return heading.get(name) or row.text(name) or mapping.constants.get(name, "")

    codes: dict[str, str] = {}
    for name in LABELLED:
        if name in mapping.columns or name in heading:
            at = column if name in heading else None
            codes = {**codes_of(reader, row, name, said(name), at), **codes}
    for name in mapping.constants.keys() & {*LABELLED} - codes.keys():  # what a label says is nearer than a constant
        codes |= {name: codes_of(reader, row, name, mapping.constants[name]).get(name, "")}
    for name in ("unit", "stage"):
        if name not in codes:
            advice = f"Give `{name}` as a constant, a column, or in the labels of the outcome."
            reader.wrong(row.number, name, "", f"nothing says the {name} of this row.", advice, f"no {name}")
    kind = said("complaint_type_source") or said("complaint_type")
    period = _period(reader, row, said, column)
    is_nameless = _is_abroad(codes.get("force", "")) and said("force") == codes["force"]
    value, symbol, low, high = _value(reader, row, column, cell, codes.get("unit", ""))
    return {
        "figure_id": row.text("figure_id") if mapping.keep_ids else f"{source}.{_cell(reader, row, column)}",
        "source_id": source,
        "period_start": period.start,
        "period_end": period.end,
        "period_note": said("period_note") or period.note,
        "force": codes.get("force", ""),
        "force_source": said("force_source") or (mapping.source.jurisdiction if is_nameless else said("force")),
        "person_type": codes.get("person_type", ""),
        "unit": codes.get("unit", ""),
        "stage": codes.get("stage", ""),
        "complaint_type_source": kind
        if kind not in vocabulary.codes("complaint_type") or mapping.keep_ids
        else vocabulary.label("complaint_type", kind),
        "complaint_type": codes.get("complaint_type", ""),
        "outcome_source": row.text("outcome_source") or ("" if mapping.keep_ids else said("outcome")),
        "outcome": codes.get("outcome", ""),
        "value": value,
        "note": said("note"),
        "symbol": symbol,
        "low": low,
        "high": high,
        "workforce_basis": "not_stated" if codes.get("stage") == "workforce" and codes["unit"] != "percent" else "",
    }


def _cell(reader: Reader, row: Row, column: int) -> str:
    """The name of a cell in the file: C7, or 2!C7 in the second of several sheets."""
    which = next((number for number, sheet in enumerate(reader.sheets, 1) if sheet is row.sheet), 1)
    return (f"{which}!" if len(reader.sheets) > 1 else "") + address(row.number, column)


def _value(
    reader: Reader, row: Row, column: int, cell: Cell, unit: str
) -> tuple[float | None, str, int | None, int | None]:
    """value, symbol, low and high of a cell: what is suppressed is never a number."""
    if cell.text in reader.mapping.suppressed:
        symbol, low, high = bounds(reader.mapping.suppressed[cell.text])
        return (0, "", None, None) if not symbol else (None, symbol, low, high)
    parse = parse_percent if unit == "percent" else parse_count
    value = parse(cell.text, cell.kind, reader.mapping)
    if isinstance(value, str):
        if not cell.text:
            value = 'the cell is empty. Say what that means: suppressed: "": not_available, or zero.'
        reader.wrong(row.number, column, cell.text, f"{cell.text!r}: {value}" if cell.text else value, rule="count")
        return None, "x", None, None
    return value, "", None, None


def _period(reader: Reader, row: Row, said: Callable[[str], str], column: int) -> Period:
    """The period: its first and last day as given, or what a label names."""
    text, mapping = said("period"), reader.mapping
    if not text:
        if "period" in mapping.columns:
            advice = "If the year above is meant, add its heading to fill_down."
            reader.wrong(row.number, row.place("period"), "", "the cell is empty.", advice, "no period")
        start, end = said("period_start"), said("period_end")
        return Period(start, end, "" if start and end else "the period is not stated")
    meant = own_meaning(mapping.labels.get("period", {}), text, mapping.read.marks) or text
    found = parse_period(str(meant), mapping.period, mapping.read.marks)
    if isinstance(found, str):
        kind = "2019" if mapping.period == "calendar_year" else "2019/20, 19/20 or Year ending March 2020"
        advice = f'Such as {kind}. Other words can be written as one: labels: {{period: {{"{text}": "..."}}}}.'
        reader.wrong(row.number, column, text, found, advice, "period")
        return Period("", "")
    return found


def rates_of_counts(reader: Reader, figures: pd.DataFrame) -> pd.DataFrame:
    """PublishedRates that the mapping asks for, of figures with the same force, period, person and complaint type.

    A rate whose counts are not both known is not made; what is known of it is told.
    """
    rows: list[dict[str, object]] = []
    for number, spec in enumerate(reader.mapping.rates, 1):
        wanted = frozenset(spec.numerator)
        if wanted not in NUMERATORS:
            allowed = "; ".join(", ".join(sorted(key)) for key in NUMERATORS)
            reader.wrong(
                None, "rates", ", ".join(spec.numerator), "this is not a numerator.", f"Allowed: {allowed}.", "rates"
            )
            continue
        if spec.of_outcome != [""] and not wanted <= {*spec.of_outcome}:
            problem = f"the outcomes added up do not have {', '.join(sorted(wanted - {*spec.of_outcome}))} among them."
            reader.wrong(None, "rates", "", problem, "Everybody in the numerator must be in the denominator.", "rates")
            continue
        found = False
        for key, group in figures.groupby(GROUP, sort=False):
            parts = _parts(spec, group)
            if parts is not None:
                found = True
                rows += _rate(reader, spec, number, key, *parts, NUMERATORS[wanted])
        if not found:
            problem = f"no group of figures has both {', '.join(spec.numerator)} and a total at {spec.of_stage}."
            reader.wrong(None, "rates", "", problem, "Compare the codes with those of the labels.", "rates")
    return pd.DataFrame(rows)


def _parts(spec: RateOf, group: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The figures over and under the line of a rate, percentages never among them; None where one has none."""
    group = group[(group["unit"] == spec.unit) if spec.unit else (group["unit"] != "percent")]
    over = group[group["outcome"].isin(spec.numerator)]
    over = over[over["stage"] == spec.numerator_stage] if spec.numerator_stage else over
    under = group[(group["stage"] == spec.of_stage) & group["outcome"].isin(spec.of_outcome)]
    return None if over.empty or under.empty else (over, under)


def _ambiguity(spec: RateOf, over: pd.DataFrame, under: pd.DataFrame) -> tuple[str, str] | None:
    """Why these figures cannot be divided, and what to do: units, stages or rows that would be added up."""
    for side, rows in (("denominator", under), ("numerator", over)):
        units = sorted(rows["unit"].unique())
        if len(units) > 1:
            return f"the {side} is there in several units: {', '.join(units)}.", "Say which under `rates`: unit."
        stages = rows.groupby("outcome")["stage"].unique()
        several = sorted({stage for found in stages if len(found) > 1 for stage in found})
        if several:
            return (
                f"the same outcome is there at several stages: {', '.join(several)}.",
                "Say which under `rates`: numerator_stage.",
            )
        if rows.duplicated(["outcome", "stage"]).any() and not spec.add_up:
            cells = ", ".join(figure.rpartition(".")[2] for figure in rows["figure_id"])
            return (
                f"the cells {cells} say the same of the same group, and would be added up.",
                "Map the column that tells them apart or skip the rows that repeat. Only if nobody is in both rows, "
                "write add_up: yes under `rates`.",
            )
    return None


def _why_unknown(spec: RateOf, over: pd.DataFrame, under: pd.DataFrame) -> str:
    """Why there is no rate of these figures; "" where there is one."""
    if set(over["outcome"]) < set(spec.numerator):
        return "not every outcome of the numerator has a figure"
    if set(under["outcome"]) < set(spec.of_outcome):
        return "not every outcome that the denominator adds up has a figure"
    if over["value"].isna().any() or under["value"].isna().any():
        low, high = _least_and_most(over)
        of = "an unknown number" if under["value"].isna().any() else f"{under['value'].sum():g}"
        return f"a count is suppressed or not given ({low} to {high} of {of})"
    return "it would be out of nobody" if under["value"].sum() == 0 else ""


def _rate(
    reader: Reader,
    spec: RateOf,
    number: int,
    key: tuple,
    over: pd.DataFrame,
    under: pd.DataFrame,
    definition: str,
) -> list[dict[str, object]]:
    """The rate of one group of figures, or nothing."""
    about = f"{key[5]}, {key[0]}, {str(key[1])[:4]}"
    ambiguity = _ambiguity(spec, over, under)
    if ambiguity:
        reader.wrong(None, "rates", "", f"{about}: {ambiguity[0]}", ambiguity[1], "rates")
        return []
    unknown = _why_unknown(spec, over, under)
    if unknown:
        reader.told.append(f"No rate for {about}: {unknown}.")
        return []
    k, n = int(over["value"].sum()), int(under["value"].sum())
    if k > n:
        problem = f"{k} of {n} for {about}: the numerator is larger than the denominator."
        reader.wrong(None, "rates", "", problem, "The figures count different things.", "rates")
        return []
    is_mixed = set(over["unit"]) != set(under["unit"])
    first = under.iloc[0]
    return [
        {
            "rate_id": f"{reader.mapping.source.id}.{number}.{over['figure_id'].iloc[0].rpartition('.')[2]}",
            "source_id": reader.mapping.source.id,
            **{column: first[column] for column in (*GROUP, "unit", "force_source")},
            "numerator": k,
            "numerator_definition": definition,
            "denominator": n,
            "denominator_stage": spec.denominator_stage,
            "numerator_figure_ids": ";".join(over["figure_id"]),
            "denominator_figure_ids": ";".join(under["figure_id"]),
            "quality": "C" if is_mixed else spec.quality,
            "note": f"{over['unit'].iloc[0]} over {first['unit']}" if is_mixed else "",
            "is_unit_mixed": is_mixed,
        }
    ]


def _least_and_most(rows: pd.DataFrame) -> tuple[str, str]:
    """The least and the most that suppressed and known counts can add up to; or in words where no bound is known."""
    low, high = (rows["value"].astype(float).fillna(rows[side].astype(float)) for side in ("low", "high"))
    return f"{low.fillna(0).sum():g}", "an unknown number" if high.isna().any() else f"{high.sum():g}"
