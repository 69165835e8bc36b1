"""Files of the kinds that strangers' files were of: invented rows in the same shape, with as many different labels."""

import csv
import io
from itertools import product

TYPES = ["Rudeness", "Excessive force", "Unlawful search", "Neglect of duty", "Late report", "Lost property"]
TYPES += ["Body camera off", "Untruthful statement", "Driving", "Use of force", "Missed training", "Paper not served"]
ENDS = ["Exonerated", "Unfounded", "Written reprimand", "Training", "Counselling", "1 day lost", "5 days lost"]
ENDS += ["No action", "Letter in file", "Terminated", "Charges dismissed", "Resigned in lieu", "Dismissal probation"]


def found(yes: str, no: str) -> list[str]:
    """What was found of each of ENDS."""
    return [no if end in ("Exonerated", "Unfounded") else yes for end in ENDS]


FORCES = ["Kent Police", "Essex", "Avon & Somerset", "Surrey Police"]


def text_of(heading: str, rows, delimiter=",") -> str:
    stream = io.StringIO()
    lines = [heading.split("|"), *rows]
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(lines)
    return stream.getvalue()


def records(n: int, *columns) -> list[list[str]]:
    """n rows; each column a list of cells that come again and again, or a form with the number of the row."""
    return [[c.format(n=i) if isinstance(c, str) else c[i % len(c)] for c in columns] for i in range(n)]


def many(words, of: int) -> list[str]:
    """Labels as free text has them: each with something more of its own."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [f"{word} under rule {letters[n % 26]}{letters[n // 26]}" for n, word in product(range(of), words)]


SHORT_YEARS = [f"{year:02d}/{year + 1:02d}" for year in range(15, 20)]
KINDS = {
    "actions_on_allegations": text_of(
        "allegation_primary_key|Allegation.finding|Allegation.class|Action.taken.final|Year",
        records(90, "{n}", [*found("SUSTAINED", "EXONERATED")[:-1], "DI-2"], many(TYPES, 3), ENDS, ["2016", "NA"]),
    ),
    "names_and_charges": text_of(
        "Surname|First Name|Complaint No|Charge|Disposition|Discipline",
        records(
            400, ["Alpha", "Beta", "Gamma"], "P{n}", "C{n}", many(TYPES, 30), found("SUSTAINED", "EXONERATED"), ENDS
        ),
    ),
    "complaints_with_findings": text_of(
        "complaint_id|officer_id|po_race|allegations_investigated|investigative_findings|disciplinary_findings",
        records(
            80,
            "15-{n}",
            "{n}",
            ["white", "black"],
            TYPES,
            ["Sustained Finding", "No Sustained Findings"],
            ["Not Applicable", "Guilty Finding", "Training/Counseling", "Pending", ""],
        ),
    ),
    "discipline_by_two_names": text_of(
        "CASE_NUM|OFCR_LAST|OFCR_FIRST|OCCURRED_DT|ALLEGATION|DISCIPLINE_TYPE",
        records(60, "IA{n}", "Name{n}", ["A", "B"], ["2016-02-01 00:00:00", "2017-03-04 00:00:00"], TYPES, ENDS),
    ),
    "complaints_without_outcome": text_of(
        "INCNUM|OCCURRED_DT|COMPLAINT_CLASS|ALLEGATION|FINDING",
        records(60, "{n}", ["1/31/2016", "2/3/2016"], ["Citizen", "Internal"], TYPES, ["Sustained", "Not Sustained"]),
    ),
    "free_text_outcomes": text_of(
        "Employee ID|Facility|Misconduct|Date|Penalty",
        records(600, "{n}", ["North", "South"], many(TYPES, 30), ["10/25/2020"], many(ENDS[:-4], 40)),
    ),
    "penalties_of_boards": text_of(
        "Tax ID|Complaint Id|CCRB Allegation|Board Disposition|NYPD Officer Penalty|Closed Date",
        records(
            200, "9{n}", "2016{n}", many(TYPES, 8), found("Substantiated (Charges)", "Unfounded"), ENDS, ["12/31/2016"]
        ),
    ),
    "portal_complaints": text_of(
        "X|Y|ReportNumber|ReportDate|Allegation|Finding|ObjectId",
        records(60, "-83.{n}", "42.{n}", "R{n}", ["2016/01/01 00:00:00+00"], TYPES, ["Sustained", "Exonerated"], "{n}"),
    ),
    "charges_of_profiles": text_of(
        "tax_id|entry|date|case|disposition|penalty",
        records(
            120,
            "{n}",
            "{n}",
            ["01/31/2012", "02/28/2013"],
            many(TYPES, 5),
            [*found("GUILTY", "NOT GUILTY")[:-1], ""],
            ENDS,
        ),
    ),
    "cases_of_a_university": text_of(
        "Campus|Position|Complaint received|Allegation|Outcome",
        records(60, ["Northside", "Southside"], ["Faculty", "Staff"], ["March 2015", "April 2016*"], TYPES, ENDS),
    ),
    "internal_affairs": text_of(
        "IA No|Incident Type|Received Date|Rank|Allegation|Finding|Action Taken",
        records(
            40, "IA{n}", ["Citizen"], ["2015-01-02"], ["Ptl", "Sgt"], TYPES[:4], ["Sustained", "Unfounded"], ENDS[:6]
        ),
    ),
    "reports_of_incidents": text_of(
        "Date|Shelter|Use of force|APU Case Status|Allegation|Result",
        records(40, ["1/31/2018"], ["A", "B"], ["Yes", "No"], ["Open", "Closed"], TYPES[:4], ENDS[:6]),
    ),
    "counts_by_force": text_of(
        "Force|Complaints||",
        [
            ["", "Investigated", "Upheld", ""],
            *([f, str(9 + n), str(n), ""] for n, f in enumerate(FORCES)),
            *[[""] * 4] * 20,
        ],
    ),
    "years_across_forces": text_of(
        "Authority|" + "|".join([*SHORT_YEARS, "Total"]),
        [[force, *(str(n + y) for y in range(5)), str(5 * n + 10)] for n, force in enumerate(FORCES)],
    ),
    "outcomes_by_years": text_of(
        "|2000-01|2001-02|2002-03",
        [[end, "5", "6", "7"] for end in ("Dismissed", "Required to resign", "Fine", "Reprimand", "Caution")],
    ),
    "statistics_in_two_rows": text_of(
        "Table 1: Outcomes of investigations||||",
        [
            ["", "Financial year", "", "", ""],
            ["Outcome", "17/18", "18/19", "19/20*", "Total"],
            ["Dismissed", "[c]", "[c]", "[c]", "5"],
            ["No action", "[c]", "[c]", "[c]", "9"],
            ["* provisional", "", "", "", ""],
        ],
    ),
    "ticks_of_outcomes": text_of(
        "person|date|allegation|resigned|dismissed|warned",
        records(20, "{n}", ["2001-02-03"], ["Driving", "Use of force"], ["1", ""], ["", "1"], ["", ""]),
    ),
}
