"""The sentences this suite stands behind, each computed, with its definition, notebook section and chart.

`docs/findings.md` and the start notebook are made from here, so a sentence cannot part from its figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.comparisons import Funnel, funnel
from analysis.errors import MisconductError
from analysis.paths import ROOT, write_files
from analysis.rates import SMALL, RateTable, dismissal_rates, group_label, percent, percent_range

FILE = ROOT / "docs" / "findings.md"


@dataclass(frozen=True)
class Finding:
    """One sentence. figure: the numbers it rests on; notebook and section: where it is computed; chart: drawn there."""

    id: str
    sentence: str
    figure: str
    definition: str
    notebook: str
    section: str
    chart: str


def _figure(row: pd.Series) -> str:
    """Count, rate and interval of a row of a RateTable."""
    return f"{_count(row)} = {percent(row['rate'])} ({percent_range(row['low'], row['high'])})"


def _count(row: pd.Series) -> str:
    return f"{row['numerator']} of {row['denominator']}"


def _group(table: RateTable, code: str) -> pd.Series:
    rows = table.data[table.data[table.by[0]] == code]
    if rows.empty:
        raise MisconductError(
            f"Nobody in these data is in the group {group_label(table.by[0], code)!r} that a finding is about."
        )
    return rows.iloc[0]


def findings(subjects: pd.DataFrame, allegations: pd.DataFrame) -> list[Finding]:
    """Every finding, the five most important first.

    subjects, allegations: the processed tables. A sentence says "x of y"; its figure adds rate and 95 % interval.
    """

    def rates(among: str, by: str = "") -> RateTable:
        return dismissal_rates(subjects, allegations, among=among, by=by or ())

    by_type, proven = rates("case_to_answer", "complaint_type"), rates("proven", "complaint_type")
    gross, by_view = rates("gross_misconduct_proven"), rates("case_to_answer", "force_view")
    by_vawg, by_force = rates("case_to_answer", "vawg"), rates("case_to_answer", "force")
    proceedings = rates("case_to_answer", "proceeding")
    total, all_proven, gross_total = by_type.total, proven.total, gross.total
    kept = int(((subjects["finding"] == "gross_misconduct") & (subjects["sanction"] == "final_written_warning")).sum())
    sexual, racism = (_group(by_type, code) for code in ("sexual_misconduct", "discriminatory_behaviour"))
    force, disagreed = _group(by_type, "use_of_force"), _group(by_view, "disagreed")
    perpetrated, response = _group(by_vawg, "perpetrated"), _group(by_vawg, "response")
    meeting = _group(proceedings, "meeting")
    shape = funnel(by_force)
    chart = "dismissal_rates_by_complaint_type"
    one, two, three = (
        "01_dismissal_rates_by_complaint_type",
        "02_from_case_to_answer_to_dismissal",
        "03_violence_against_women_and_girls",
    )
    return [
        Finding(
            "overall",
            f"Of {total['denominator']} people with a case to answer and a known outcome, {total['numerator']} were "
            "dismissed or would have been dismissed.",
            *(_figure(total), by_type.definition, one, "By complaint type", chart),
        ),
        Finding(
            "proven",
            f"Even of {all_proven['denominator']} people found to have committed misconduct, {all_proven['numerator']} "
            "were dismissed or would have been dismissed.",
            *(_figure(all_proven), proven.definition, one, "Out of whom? Three groups", f"{chart}_among_proven"),
        ),
        Finding(
            "gross_misconduct",
            f"{gross_total['denominator'] + gross_total['unknown_outcomes']} people were found to have committed gross "
            f"misconduct; {kept} of them kept their job with a final written warning.",
            *(_figure(gross_total), gross.definition, one),
            *("Found to have committed gross misconduct, and kept the job", ""),
        ),
        Finding(
            "sexual_misconduct",
            f"{_count(sexual)} people with a case to answer who were accused of sexual "
            f"misconduct were dismissed or would have been, {_count(racism)} accused of "
            f"discriminatory behaviour, and {_count(force)} accused over the use of force.",
            f"{_figure(sexual)}; {_figure(racism)}; {_figure(force)}",
            *(by_type.definition, one, "By complaint type", chart),
        ),
        Finding(
            "force_disagreed",
            "Where the force disagreed with the investigator, at least at first, "
            f"{_count(disagreed)} people with a case to answer were dismissed or would have been.",
            *(_figure(disagreed), by_view.definition, two, "When the force disagreed with the investigator", ""),
        ),
        Finding(
            "vawg_perpetrated",
            f"{_count(perpetrated)} people with a case to answer over alleged violence "
            "against women and girls were dismissed or would have been: too few for a precise rate.",
            *(_figure(perpetrated), by_vawg.definition, three, "The counts first", "dismissal_rates_by_vawg"),
        ),
        Finding(
            "vawg_response",
            f"{_count(response)} people with a case to answer over how police dealt with a "
            "report of such violence were dismissed or would have been.",
            *(_figure(response), by_vawg.definition, three, "The counts first", "dismissal_rates_by_vawg"),
        ),
        Finding(
            "meetings",
            f"A misconduct meeting cannot dismiss: of {meeting['denominator']} people dealt with there, "
            f"{meeting['numerator']} were.",
            *(_figure(meeting), proceedings.definition, "07_who_is_dismissed", "Meetings and hearings", ""),
        ),
        Finding(
            "forces",
            _about_forces(shape),
            f"over-dispersion {shape.dispersion:.2f}, {len(shape.data)} forces",
            *(by_force.definition, "04_forces", "All forces", "funnel_by_force"),
        ),
    ]


def _about_forces(shape: Funnel) -> str:
    """What the funnel allows to be said, in one sentence."""
    small = int((shape.data["denominator"] < SMALL).sum())
    outside = shape.data[(shape.data["position"] == "outside 99.8%") & (shape.data["denominator"] >= SMALL)]
    lie = f"{len(outside)} of the others lie" if len(outside) else "none of the others lies"
    return (
        f"{small} of {len(shape.data)} forces have fewer than {SMALL} people with a known outcome, and {lie} outside "
        "the range that chance alone would give."
    )


def findings_page(found: list[Finding]) -> str:
    """docs/findings.md: one row a sentence."""
    rows = [
        f"| {finding.sentence} | {finding.figure} | "
        f"[{finding.notebook}](../notebooks/{finding.notebook}.ipynb): {finding.section} | {finding.chart or '[z]'} |"
        for finding in found
    ]
    definitions = dict.fromkeys(finding.definition for finding in found)
    return "\n".join(
        [
            "<!-- Generated by `misconduct build` from src/analysis/findings.py: do not edit. -->",
            "# Sentences and where they come from",
            "",
            "Each sentence this suite stands behind, with the figure it rests on (count, rate, 95% interval), the "
            "notebook section that computes it and its chart. All are about published IOPC investigations; see "
            "[methodology](methodology.md) before quoting one.",
            "",
            "| sentence | figure | notebook and section | chart |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Definitions",
            "",
            *(f"- {definition}" for definition in definitions),
            "",
        ]
    )


def write_findings(subjects: pd.DataFrame, allegations: pd.DataFrame) -> None:
    """Write docs/findings.md."""
    write_files({FILE: findings_page(findings(subjects, allegations)).encode()})
