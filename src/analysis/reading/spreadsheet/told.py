"""What people should be told of an import: what it decided by rule, and what that does to the rates."""

from __future__ import annotations

import pandas as pd

from analysis import vocabulary
from analysis.reading.spreadsheet.labels import NOT_GIVEN
from analysis.reading.spreadsheet.sheet_rows import Reader

EXAMPLES = 5  # labels named of those that a rule decided


def tell_of_labels(reader: Reader) -> None:
    """Which labels each rule by words, and the label for all others, decided, in how many rows."""
    for (column, rule), labels in reader.ruled.items():
        names = ", ".join(repr(text) for text, _ in labels.most_common(EXAMPLES))
        more = f" and {len(labels) - EXAMPLES:,} more" if len(labels) > EXAMPLES else ""
        rows = sum(labels.values())
        reader.told.append(
            f"labels, {column}: {rule!r} decided {len(labels):,} label{'s' * (len(labels) != 1)} in {rows:,} "
            f"row{'s' * (rows != 1)}: {names}{more}."
        )


def tell_of_rows(reader: Reader, first: int, last: int) -> None:
    """How many rows of a sheet are not looked at, as the mapping says; a problem where it skips rows that are none."""
    read, rows = reader.mapping.read, reader.sheet.rows
    skipped = {number for number in read.skip_rows if first <= number <= min(last, len(rows))}
    after = [*range(last + 1, len(rows) + 1)]
    for numbers, why in ((skipped, "skip_rows"), (after, f"under row {last}: last_row")):
        count = sum(reader.sheet.widths[[number - 1 for number in numbers]].astype(bool).tolist()) if numbers else 0
        if count:
            reader.told.append(f"{count:,} row{'s' * (count != 1)} not read ({why}).")
    longest = max(len(sheet.rows) for sheet in reader.sheets or (reader.sheet,))
    outside = sorted({number for number in read.skip_rows if number > longest})
    if outside and reader.sheet is (reader.sheets or (reader.sheet,))[0]:
        problem = f"there is no row {', '.join(map(str, outside[:5]))} to skip; the last one is {longest}."
        reader.wrong(None, "read", "", problem, "Take it out of skip_rows.", "skip_rows")


def tell_of_people(reader: Reader, people: pd.DataFrame) -> None:
    """What the rows do not say, and what follows for intervals, years and rates; people: one a row."""
    mapping, unit = reader.mapping, reader.mapping.unit
    if unit != "people":
        reader.told.append(f"Nobody is told apart: rates are of {unit}, not of people.")
    if "case_id" not in mapping.columns and "case_id" not in mapping.constants:
        own = "person is taken as a case of their" if unit == "people" else f"of the {unit} is taken as a case of its"
        own = "row is taken as a case of its" if mapping.per_person else own
        reader.told.append(f"No case numbers: each {own} own, so intervals may be too narrow.")
    if reader.split_years:
        reader.told.append("A year such as 2019/20 is given as the year in which it begins.")
    if reader.is_year_of_date and people["year"].notna().any():
        reader.told.append("No column of years: the year is that of the date.")
    if reader.is_year_of_date and (people["year"].notna() & (people["date"] == "")).any():
        reader.told.append("Dates without a day give their year alone.")
    reader.told += _of_cases_to_answer(reader, people["case_to_answer"].tolist())
    reader.told += _of_leavers(people, unit)


def _of_cases_to_answer(reader: Reader, codes: list[str]) -> list[str]:
    """What people should know of the denominator case to answer; codes: that of each person."""
    unknown, unit = codes.count("unknown"), reader.mapping.unit
    if codes and unknown == len(codes):
        return [
            f"Whether there was a case to answer is not said, so rates among {unit} with one are not available [x]."
        ]
    told = []
    if unknown:
        told.append(
            f"Whether there was a case to answer is not said of {unknown:,} of {len(codes):,} {unit}, who are left out "
            f"of rates among {unit} with one."
        )
    constant = reader.mapping.constants.get("case_to_answer", "")
    if constant and codes and set(codes) <= {*vocabulary.codes_with("case_to_answer", "is_case_to_answer")}:
        told.append(f"Everybody is taken to have a case to answer, as the mapping says (case_to_answer: {constant}).")
    return told


def _of_leavers(people: pd.DataFrame, unit: str) -> list[str]:
    """What those who left first, with no sanction stated, do to the rate of everybody: left out of it, and its bounds.

    The bounds are those of every RateTable: nobody, or everybody, whose outcome is not known was dismissed.
    """
    is_unknown = ~people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    is_counted = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"))
    unknown = int(is_unknown.sum())
    left = int((is_unknown & (people["left_service"] != NOT_GIVEN["left_service"])).sum())
    if not left:
        return []
    n, k = len(people), int(is_counted.sum())
    more = f", and {unknown - left:,} more have no known outcome" if unknown > left else ""
    one = "person" if unit == "people" else unit.removesuffix("s")
    return [
        f"{left:,} {unit if left > 1 else one} left first, with no sanction stated{more}: out "
        f"of the rate, bounds {k / n:.0%} to {(k + unknown) / n:.0%} of all {n:,}."
    ]
