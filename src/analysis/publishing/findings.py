"""The sentences this suite stands behind, each computed, with its definition, notebook section and chart.

`docs/findings.md` and the start notebook are made from here, so a sentence cannot part from its figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analysis.charts.quoting import quoted
from analysis.charts.text import lower_first
from analysis.counting.endings import CIRCULAR, Ended, ended
from analysis.counting.funnel import Funnel, funnel
from analysis.counting.rate_table import ALL, RateTable
from analysis.counting.rate_words import (
    case_words,
    count_words,
    explanations,
    group_label,
    percent,
    percent_range,
    rate_in_words,
    share_words,
)
from analysis.counting.rates import dismissal_rates
from analysis.counting.robustness import robust_words, robustness
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.paths import ROOT
from analysis.provenance.sources import Source, source_line
from analysis.writing import write_files

FILE = ROOT / "docs" / "findings.md"
ONE, TWO, THREE, FOUR, SEVEN = (
    "01_dismissal_rates_by_complaint_type",
    "02_from_case_to_answer_to_dismissal",
    "03_violence_against_women_and_girls",
    "04_forces",
    "07_who_is_dismissed",
)
BY_TYPE = "dismissal_rates_by_complaint_type"
WERE = "were dismissed or would have been dismissed"
Rates = Callable[..., RateTable]  # dismissal_rates of the tables that the findings are about


@dataclass(frozen=True)
class Finding:
    """One sentence. figure: the numbers it rests on; row: of a RateTable, which its first clause tells, if it tells
    one; notebook and section: where it is computed; chart: drawn there; sources: of the data it is about; firmness: how
    far its rates move without one investigation, with errors of reading and without borderline readings."""

    id: str
    sentence: str
    figure: str
    row: pd.Series | None
    definition: str
    notebook: str
    section: str
    chart: str
    sources: tuple[Source, ...] = ()
    firmness: str = ""

    @property
    def scope(self) -> str:
        """Where and when the sentence holds, and who says so."""
        places = "; ".join(f"{source.jurisdiction}, {lower_first(source.coverage)}" for source in self.sources)
        return f"{places}. {source_line(self.sources)}"

    @property
    def quote(self) -> str:
        """The sentence as it is copied, with the share and interval of its first clause, if there is room."""
        first, *others = re.split(r"[;.] ", self.sentence, maxsplit=1)
        if not others:
            return quoted(self.sentence, self.sources, row=self.row)
        share = "" if self.row is None else share_words(self.row)
        return quoted("; ".join(filter(None, [first, share, *others])), self.sources)


def _figure(row: pd.Series) -> str:
    """Count, rate, interval and investigations of a row of a RateTable."""
    if row["reliability"] == "z":
        return f"{rate_in_words(row)}{case_words(row)}"
    interval = percent_range(row["low"], row["high"])
    return f"{row['numerator']} of {row['denominator']} = {percent(row['rate'])} ({interval}){case_words(row)}"


def _were(row: pd.Series, who: str) -> str:
    """How many of whom, in how many investigations, were dismissed."""
    return f"{count_words(row, who=who)}{',' if case_words(row) else ''} {WERE}"


def _group(table: RateTable, code: str) -> pd.Series:
    rows = table.groups[table.groups[table.by[0]] == code]
    if rows.empty:
        raise MisconductError(
            f"Nobody in these data is in the group {group_label(table.by[0], code)!r} that a finding is about."
        )
    return rows.iloc[0]


def findings(data: Dataset) -> list[Finding]:
    """Every finding, the five most important first.

    A sentence says "x of y", and in how many investigations where that
    differs; its figure adds rate and 95 % interval.
    """

    def rates(among: str, by: str = "") -> RateTable:
        return dismissal_rates(data, among=among, by=by or ())

    by_type = rates("case_to_answer", "complaint_type")
    found = [
        *(_overall(by_type), _proven(rates), _gross_misconduct(ended(data), rates), _by_type(by_type)),
        *(_force_disagreed(rates), *_vawg(rates), _meetings(rates), _forces(rates)),
    ]
    return [Finding(*parts, by_type.sources, _firmness(data, parts[0])) for parts in found]


ROBUST = {  # finding -> the denominator, group and codes whose rates it tells
    "overall": ("case_to_answer", "", (ALL,)),
    "proven": ("proven", "", (ALL,)),
    "gross_misconduct": ("gross_misconduct_proven", "", (ALL,)),
    "sexual_misconduct": (
        *("case_to_answer", "complaint_type"),
        ("sexual_misconduct", "discriminatory_behaviour", "use_of_force"),
    ),
    "force_disagreed": ("case_to_answer", "force_view", ("disagreed", "agreed")),
    "vawg_perpetrated": ("case_to_answer", "vawg", ("perpetrated",)),
    "vawg_response": ("case_to_answer", "vawg", ("response",)),
}


def _firmness(data: Dataset, finding: str) -> str:
    """How far the rates of a finding move (robust_words), each led by its group where there are several."""
    if finding not in ROBUST:
        return ""
    among, by, codes = ROBUST[finding]
    rows = robustness(data, among=among, by=by)
    told = {
        code: row for code, (_, row) in zip([ALL, *(rows[by].iloc[1:] if by else ())], rows.iterrows(), strict=True)
    }
    return " ".join(
        f"{f'{group_label(by, code)}: ' if len(codes) > 1 else ''}{robust_words(told[code])}" for code in codes
    )


Parts = tuple[str, str, str, pd.Series | None, str, str, str, str]  # of a Finding, up to its chart


def _overall(by_type: RateTable) -> Parts:
    total = by_type.total
    return (
        "overall",
        f"Of {total['denominator']} people with a case to answer and a known outcome, {total['numerator']} {WERE}"
        f"{case_words(total)}.",
        *(_figure(total), total, by_type.definition, ONE, "By complaint type", BY_TYPE),
    )


def _proven(rates: Rates) -> Parts:
    proven = rates("proven", "complaint_type")
    total = proven.total
    return (
        "proven",
        f"Of {total['denominator']} people found, as the source states it, to have committed misconduct, and with a "
        f"known outcome, {total['numerator']} {WERE}{case_words(total)}.",
        *(_figure(total), total, proven.definition, ONE, "Out of whom? Three groups", f"{BY_TYPE}_among_proven"),
    )


def _gross_misconduct(how: Ended, rates: Rates) -> Parts:
    definition = rates("gross_misconduct_proven").definition
    return (
        "gross_misconduct",
        f"Of {how.dismissed['denominator']} people found, as the source states it, to have committed gross misconduct, "
        f"and with a known outcome, {how.words}. With findings that only a dismissal implies, "
        f"{_were(how.implied, 'people')}.",
        f"{_figure(how.dismissed)}; {_figure(how.not_left)}{how.not_left_as}; {_figure(how.left)}{how.left_as}; "
        f"{_figure(how.implied)}",
        how.dismissed,
        *(f"{definition} {CIRCULAR}", ONE),
        *("Found to have committed gross misconduct: how it ended", ""),
    )


def _by_type(by_type: RateTable) -> Parts:
    types = ("sexual_misconduct", "discriminatory_behaviour", "use_of_force")
    sexual, racism, force = rows = [_group(by_type, code) for code in types]
    return (
        "sexual_misconduct",
        f"Of people with a case to answer, {_were(sexual, 'accused of sexual misconduct')}; "
        f"{count_words(racism, who='accused of discriminatory behaviour')}; and "
        f"{count_words(force, who='accused over the use of force')}.",
        *("; ".join(map(_figure, rows)), sexual, by_type.definition, ONE, "By complaint type", BY_TYPE),
    )


def _force_disagreed(rates: Rates) -> Parts:
    by_view = rates("case_to_answer", "force_view")
    disagreed, agreed = _group(by_view, "disagreed"), _group(by_view, "agreed")
    return (
        "force_disagreed",
        "Where the force disagreed with the investigator, at least at first, "
        f"{_were(disagreed, 'people with a case to answer')}; where it agreed, {count_words(agreed)}. "
        f"{' '.join(explanations(['force_view']))}",
        *(
            f"{_figure(disagreed)}; {_figure(agreed)}",
            disagreed,
            by_view.definition,
            TWO,
            "When the force disagreed with the investigator",
            "dismissal_rates_by_force_view",
        ),
    )


def _vawg(rates: Rates) -> list[Parts]:
    by_vawg = rates("case_to_answer", "vawg")
    perpetrated, response = _group(by_vawg, "perpetrated"), _group(by_vawg, "response")
    flagged = _group(rates("case_to_answer", "vawg_flag"), "perpetrated")
    about = (by_vawg.definition, THREE, "The counts first", "dismissal_rates_by_vawg")
    of_violence = "people with a case to answer over alleged violence against women and girls"
    of_response = "people with a case to answer over how police dealt with a report of violence against women and girls"
    return [
        (
            "vawg_perpetrated",
            f"{_were(perpetrated, of_violence)}; of all people in the investigations that are flagged as about it, "
            f"{count_words(flagged)}.",
            *(f"{_figure(perpetrated)}; {_figure(flagged)}", perpetrated, *about),
        ),
        (
            "vawg_response",
            f"{_were(response, of_response)}.",
            *(_figure(response), response, *about),
        ),
    ]


def _meetings(rates: Rates) -> Parts:
    proceedings = rates("case_to_answer", "proceeding")
    meeting = _group(proceedings, "meeting")
    return (
        "meetings",
        f"A misconduct meeting cannot dismiss: of {meeting['denominator']} people dealt with there, "
        f"{meeting['numerator']} were{case_words(meeting)}.",
        *(_figure(meeting), None, proceedings.definition, SEVEN, "Meetings and hearings", ""),
    )


def _forces(rates: Rates) -> Parts:
    by_force = rates("case_to_answer", "force")
    shape = funnel(by_force)
    return (
        "forces",
        about_forces(shape),
        f"{shape.outside_words(named=True)}; {shape.small_words}; limits around {_figure(by_force.total)}. "
        f"{shape.dispersion_words}",
        *(None, by_force.definition, FOUR, "All forces", "funnel_by_force"),
    )


def about_forces(shape: Funnel) -> str:
    """What the funnel allows to be said, in one sentence: how many lie outside which limits, and which they are."""
    return f"{shape.small_words}; {shape.outside_words(named=True)}."


def findings_page(found: list[Finding]) -> str:
    """docs/findings.md: one row a sentence."""
    rows = [
        f"| {finding.sentence} | {finding.figure} | {finding.firmness or '[z]'} | "
        f"[{finding.notebook[:2]}: {finding.section}](../notebooks/{finding.notebook}.ipynb) | "
        f"{finding.chart or '[z]'} |"
        for finding in found
    ]
    definitions, scopes = (
        dict.fromkeys(getattr(finding, part) for finding in found) for part in ("definition", "scope")
    )
    return "\n".join(
        [
            "<!-- Generated by `misconduct build` from src/analysis/publishing/findings.py: do not edit. -->",
            "# Sentences and where they come from",
            "",
            "Each sentence this suite stands behind, with the figure it rests on (count, rate, 95% interval, "
            "investigations), how far its rate moves with what the interval leaves out, the notebook section that "
            "computes it and its chart. See [methodology](methodology.md) before quoting one.",
            "",
            *(f"A quoted sentence needs its scope: {scope}" for scope in scopes),
            "",
            "| sentence | figure | how far it moves | notebook and section | chart |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "## Definitions",
            "",
            *(f"- {definition}" for definition in definitions),
            "",
        ]
    )


def write_findings(data: Dataset) -> None:
    """Write docs/findings.md."""
    write_files({FILE: findings_page(findings(data)).encode()})
