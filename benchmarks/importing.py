"""A stranger's file of a quarter of a million rows: map, import and a rate, beside a plain pandas read and write of it.

    python benchmarks/importing.py FOLDER               both files; FOLDER takes about 150 MB
    python benchmarks/importing.py FOLDER --runs 5 --rows 100000

The files are generated in the shape of public ones, the same every time: `allegations` as a US city's portal gives them
(a row an allegation, with numbers of cases and officers, dates, labels and a free text), `people` as a force's reply
does (a row a person in a case). Each is mapped, imported with its mapping as somebody would complete it, counted, and
removed. Seconds are those of whole processes, and so is the peer: a process that reads the file with pandas, every cell
as text, and writes it again. Taken in turn.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from run import run_once

from analysis.provenance.own_data import LOCAL

ROWS = 250_000
SEED = 20200201
PLAIN = "import sys, pandas as pd; pd.read_csv({0!r}, dtype=str, keep_default_na=False).to_csv({1!r}, index=False)"
WAYS = ("plain pandas read and write", "misconduct map", "misconduct import", "misconduct rates --data")
TYPES = {
    "Courtesy": "conduct_and_courtesy",
    "Neglect of Duty": "orders_and_procedure",
    "Unauthorized Force": "use_of_force",
    "Untruthfulness": "honesty_integrity",
    "Stop and Search": "arrest_search_powers",
    "Bias": "discriminatory_behaviour",
}
FINDINGS = {"Sustained": "misconduct", "Not Sustained": "not_proven", "Exonerated": "not_proven", "": "not_stated"}
SANCTIONS = {
    "": "not_stated",
    "None": "no_action",
    "Letter of Reprimand": "written_warning",
    "Suspension, 5 days": "suspension",
    "Termination": "dismissed",
}
RANKS = {"Police Officer": "constable", "Sgt": "sergeant", "Lieutenant": "inspector", "": "unknown"}
WORDS = (
    *("officer", "explain", "stop", "leave", "write", "record", "answer", "return", "wait", "although", "twice"),
    *("address,", '"later"'),
)
SOURCE = {
    **{"title": "Generated", "publisher": "Nobody", "url": "https://example.org/", "licence": "none"},
    **{"jurisdiction": "Elsewhere", "coverage": "2010 to 2023"},
}
LABELS = {"complaint_type": TYPES, "finding": FINDINGS, "sanction": SANCTIONS, "rank": RANKS}
MAPPINGS = {
    "allegations": {
        "read": {"dates": "MM/DD/YYYY"},
        "columns": {
            **{"case_id": "PIB Control Number", "subject_id": "Officer Number", "date": "Occurred"},
            **{"complaint_type": "Allegation", "finding": "Finding", "sanction": "Disposition", "rank": "Officer Rank"},
        },
        "row": "allegation",
    },
    "people": {
        "columns": {
            **{"case_id": "Case", "year": "Year", "complaint_type": "Allegation", "finding": "Finding"},
            **{"sanction": "Outcome", "rank": "Rank"},
        },
    },
}


def generate(folder: Path, rows: int) -> None:
    """Write allegations.csv and people.csv, each with its mapping beside it as NAME.map.yml."""
    random = np.random.default_rng(SEED)

    def some(labels: dict[str, str]) -> np.ndarray:
        return random.choice([*labels], rows)

    case = np.arange(rows) // 3
    officer = 1000 + (case * 7 + (np.arange(rows) % 3 == 2)) % 8000  # the first two rows of a case are of one officer
    days = pd.Timestamp("2010-01-01") + pd.to_timedelta((case * 7919) % 5000, unit="D")
    text = [" ".join(words) for words in random.choice(WORDS, (rows, 12))]
    labels = {"Allegation": some(TYPES), "Finding": some(FINDINGS)}
    sanctions = np.where(labels["Finding"] == "Sustained", some(SANCTIONS), "None")
    portal = {
        "PIB Control Number": [f"{year}-{number:05d}-P" for year, number in zip(days.year, case, strict=True)],
        "Occurred": days.strftime("%m/%d/%Y"),
        **labels,
        "Disposition": sanctions,
        "Officer Number": officer,
        "Officer Rank": np.array([*RANKS])[officer % len(RANKS)],
        "Officer Age": random.integers(21, 64, rows),
        "District": random.integers(1, 9, rows),
        "Incident Type": random.choice(["Rank initiated", "Public initiated", "Other agency"], rows),
        "Summary": text,
    }
    reply = {
        "Case": [f"CM/{case:06d}" for case in np.sort(random.integers(0, rows // 2, rows))],
        "Year": [f"{year}/{year % 100 + 1:02d}" for year in days.year],
        "Rank": some(RANKS),
        **labels,
        "Outcome": sanctions,
        "Comment": [comment[:25] for comment in text],
    }
    for name, found in (("allegations", portal), ("people", reply)):
        pd.DataFrame(found).to_csv(folder / f"{name}.csv", index=False)
        mapping = {"confirmed": "yes", "table": "people", "source": {"id": f"benchmark_{name}", **SOURCE}}
        mapping |= MAPPINGS[name]
        mapping["constants"] = {"force": "", "person_type": "officer"}
        mapping["labels"] = LABELS
        (folder / f"{name}.map.yml").write_text(json.dumps(mapping, indent=1))


def commands(folder: Path, name: str) -> dict[str, list[str]]:
    """The arguments of Python for each way."""
    file, mapping = folder / f"{name}.csv", folder / f"{name}.map.yml"
    guess = folder / f"{name}.guess.yml"
    guess.unlink(missing_ok=True)
    rates = ["rates", "--among", "all_subjects", "--by", "complaint_type"]
    return {
        WAYS[0]: ["-c", PLAIN.format(str(file), str(folder / "written.csv"))],
        WAYS[1]: ["-m", "analysis", "map", str(file), "--out", str(guess)],
        WAYS[2]: ["-m", "analysis", "import", str(file), "--map", str(mapping), "--no-input"],
        WAYS[3]: ["-m", "analysis", *rates, "--data", f"benchmark_{name}"],
    }


def main() -> None:
    """Run every way on both files in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    generate(folder, given.rows)
    print(f"{'file':<13}{'way':<29}{'wall s':>8}{'cpu s':>8}{'x plain (cpu)':>15}{'peak MiB':>10}")
    for name in MAPPINGS:
        runs = [{way: run_once(command) for way, command in commands(folder, name).items()} for _ in range(given.runs)]
        wall, cpu, peak = (
            {way: statistics.median(run[way][part] for run in runs) for way in WAYS} for part in range(3)
        )
        for way in WAYS:
            figures = f"{wall[way]:>8.2f}{cpu[way]:>8.2f}{cpu[way] / cpu[WAYS[0]]:>15.2f}{peak[way]:>10,.0f}"
            print(f"{name:<13}{way:<29}{figures}", flush=True)
        shutil.rmtree(LOCAL / f"benchmark_{name}")


if __name__ == "__main__":
    sys.exit(main())
