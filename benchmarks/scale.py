"""Records at scale: this project's way, DuckDB, Polars and a plain pandas read, on the same files in the same run.

    python benchmarks/scale.py FOLDER         every size, in turn; FOLDER takes about 2 GB of generated files
    python benchmarks/scale.py FOLDER --runs 5 --sizes 1 10

The files are the Chicago records (misconduct fetch chicago_complaints) repeated with new ids, addresses left out. Each
way reads them, puts them into the project's codes, leaves out what is unknown or open, and counts dismissals by group
of allegations among all accused and among those found against, with the sums that clustered intervals need.
DuckDB and Polars check nothing; the project checks every label, id and combination. All must give the same counts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

SIZES = (1, 10, 41)  # 244,436 rows, 2.4 million, 10 million
WAYS = ("project", "duckdb", "polars", "plain pandas read")
AMONG = ("all_subjects", "proven")
COLUMNS = ("rows", "way", "seconds", "x DuckDB", "x Polars", "processor s", "x DuckDB", "x Polars", "peak MiB")


def generate(folder: Path, times: int) -> None:
    """Write accused-<times>.csv and complaints-<times>.csv: the records `times` over, with new ids each time."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    from analysis.provenance.download import require
    from analysis.reading import chicago_complaints as chicago

    for name, file, ids in (
        ("accused", chicago.ACCUSED, ("cr_id", "UID", "link_UID")),
        ("complaints", chicago.COMPLAINTS, ("cr_id",)),
    ):
        target = folder / f"{name}-{times}.csv"
        if target.exists():
            continue
        source = require(chicago.SOURCE, file)
        needed = ["cr_id", "complaint_date", "closed_date"] if name == "complaints" else None  # no addresses
        heading = csv.open_csv(source).schema.names
        options = csv.ConvertOptions(
            include_columns=needed, column_types=dict.fromkeys(heading, pa.string()), strings_can_be_null=False
        )
        table = csv.read_csv(source, convert_options=options)
        with target.with_suffix(".partial").open("wb") as out:
            for n in range(times):
                new = table
                for column in ids if n else ():
                    renamed = pc.binary_join_element_wise(table[column], f"x{n}", "")
                    new = new.set_column(new.schema.get_field_index(column), column, renamed)
                csv.write_csv(new, out, csv.WriteOptions(include_header=n == 0, quoting_style="needed"))
        target.with_suffix(".partial").rename(target)


def crosswalks() -> dict[str, dict[str, str]]:
    """What each way is told of the labels: label -> code, and code -> what it is."""
    from analysis import vocabulary
    from analysis.provenance.download import require
    from analysis.reading import chicago_complaints as chicago

    walk = vocabulary.crosswalk(chicago.SOURCE)
    groups = chicago.read_categories(require(chicago.SOURCE, chicago.CATEGORIES))
    outcome = walk["sanction"]
    return {
        "groups": groups,
        "category": {code: walk["complaint_category"][group] for code, group in groups.items()},
        "dismissed": {label: code for label, code in outcome.items() if code == "dismissed"},
        "unknown": {label: code for label, code in outcome.items() if code == "not_stated"},
        "unless_open": {label: code for label, code in outcome.items() if code in chicago.OPEN_UNLESS},
        "proven": {label: code for label, code in walk["finding"].items() if code == "misconduct"},
    }


# Every way returns {"<among>|<group>": [dismissed, known, unknown, cases, sum k², sum kn, sum n²]} over the cases.


def project(accused: Path, complaints: Path, told: dict) -> dict[str, list]:
    """The project's own way, by its public functions."""
    from analysis.build.fetched_counts import rates_among
    from analysis.reading.chicago_complaints import read_accused

    rows = read_accused(accused, complaints, told["groups"])
    found = {}
    for among in AMONG:
        for row in rates_among(rows, among).with_total.itertuples():
            found[f"{among}|{row.complaint_category}"] = [
                *map(int, (row.numerator, row.denominator, row.unknown_outcomes, row.n_cases)),
                round(float(row.design_effect), 9),
            ]
    return found


def duckdb(accused: Path, complaints: Path, told: dict) -> dict[str, list]:
    """The same counts by hand in SQL."""
    import duckdb

    base = duckdb.connect()
    for name in ("category", "dismissed", "unknown", "unless_open", "proven"):
        base.execute(f"create temp table {name} (label varchar, code varchar)")
        base.executemany(f"insert into {name} values (?, ?)", list(told[name].items()))
    base.execute(
        f"""
        create temp table case_counts as
        select category, is_proven, cr_id,
               count(*) filter (is_known) as n, count(*) filter (is_known and is_dismissed) as k,
               count(*) filter (not is_known) as u
        from (
            select coalesce(category.code, 'not_stated') as category, a.cr_id,
                   proven.label is not null as is_proven, dismissed.label is not null as is_dismissed,
                   unknown.label is null and not (c.closed_date = '' and unless_open.label is not null) as is_known
            from read_csv('{accused}', all_varchar = true, nullstr = '\\N') a
            left join (select cr_id, closed_date from read_csv('{complaints}', all_varchar = true, nullstr = '\\N')) c
                using (cr_id)
            left join category on category.label = a.complaint_code
            left join dismissed on dismissed.label = a.final_outcome
            left join unknown on unknown.label = a.final_outcome
            left join unless_open on unless_open.label = a.final_outcome
            left join proven on proven.label = a.final_finding
        )
        group by all
        """
    )
    sums = "sum(k)::int, sum(n)::int, sum(u)::int, count(*) filter (n > 0), sum(k*k), sum(k*n), sum(n*n)"
    found = {}
    for among, condition in (("all_subjects", "true"), ("proven", "is_proven")):
        whole = f"(select cr_id, sum(n) n, sum(k) k, sum(u) u from case_counts where {condition} group by cr_id)"
        each = f"(select category, cr_id, sum(n) n, sum(k) k, sum(u) u from case_counts where {condition} group by all)"
        rows = base.execute(f"select '(all)', {sums} from {whole}").fetchall()
        rows += base.execute(f"select category, {sums} from {each} group by category").fetchall()
        found |= {f"{among}|{row[0]}": row[1:] for row in rows}
    return _with_effects(found)


def polars(accused: Path, complaints: Path, told: dict) -> dict[str, list]:
    """The same counts by hand in Polars."""
    import polars as pl

    def scan(path: Path, columns: list[str]) -> pl.LazyFrame:
        return pl.scan_csv(path, infer_schema=False, empty_string_is_null=False).select(columns)

    outcome, is_in = pl.col("final_outcome"), lambda name: list(told[name])
    cases = scan(complaints, ["cr_id", "closed_date"])
    case_counts = (
        scan(accused, ["cr_id", "complaint_code", "final_finding", "final_outcome"])
        .join(cases, on="cr_id", how="left")
        .select(
            "cr_id",
            category=pl.col("complaint_code").replace_strict(told["category"], default="not_stated"),
            is_proven=pl.col("final_finding").is_in(is_in("proven")),
            is_dismissed=outcome.is_in(is_in("dismissed")),
            is_known=~outcome.is_in(is_in("unknown"))
            & ~((pl.col("closed_date") == "") & outcome.is_in(is_in("unless_open"))),
        )
        .group_by("category", "is_proven", "cr_id")
        .agg(
            n=pl.col("is_known").sum().cast(pl.Int64),
            k=(pl.col("is_known") & pl.col("is_dismissed")).sum().cast(pl.Int64),
            u=(~pl.col("is_known")).sum().cast(pl.Int64),
        )
        .collect(engine="streaming")
    )
    k, n, u = pl.col("k"), pl.col("n"), pl.col("u")
    sums = [k.sum(), n.sum(), u.sum(), (n > 0).sum().alias("m"), (k * k).sum().alias("kk")]
    sums += [(k * n).sum().alias("kn"), (n * n).sum().alias("nn")]
    found = {}
    for among in AMONG:
        rows = case_counts if among == "all_subjects" else case_counts.filter("is_proven")
        each = rows.group_by("category", "cr_id").agg(k.sum(), n.sum(), u.sum()).group_by("category").agg(sums)
        whole = rows.group_by("cr_id").agg(k.sum(), n.sum(), u.sum()).select(sums)
        found |= {f"{among}|{row[0]}": row[1:] for row in each.rows()}
        found[f"{among}|(all)"] = whole.rows()[0]
    return _with_effects(found)


def _with_effects(sums: dict[str, tuple]) -> dict[str, list]:
    """Dismissed, known, unknown, cases and the design effect of each group, from its sums."""
    found = {}
    for key, values in sums.items():
        k, n, u, m, kk, kn, nn = map(int, values)
        _, simple, clustered = _variances(k, n, kk, kn, nn)
        own = m / (m - 1) * clustered / n**2 / (simple / (n - 1)) if m > 1 and simple else 1.0
        kish = 1 + (nn / n - 1) * _correlation(*map(int, sums[f"{key.split('|')[0]}|(all)"])) if n else 1.0
        found[key] = [k, n, u, m, round(max(1.0, own, kish), 9)]
    return found


def _variances(k: int, n: int, kk: int, kn: int, nn: int) -> tuple[float, float, float]:
    """The share, p(1 - p), and the sum of (k - pn)² over the cases."""
    p = k / n if n else 0.0
    return p, p * (1 - p), kk - 2 * p * kn + p * p * nn


def _correlation(k: int, n: int, u: int, m: int, kk: int, kn: int, nn: int) -> float:
    """How alike the outcomes of two people in one case are, as counting/intervals.py says."""
    p, simple, clustered = _variances(k, n, kk, kn, nn)
    if nn == n or not simple:
        return 1.0
    return min(1.0, max(0.0, (clustered - k * (1 - p) ** 2 - (n - k) * p**2) / ((nn - n) * simple)))


def plain_pandas_read(accused: Path, complaints: Path, told: dict) -> dict[str, list]:
    """What people would write first: both files whole; it counts nothing."""
    import pandas as pd

    frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (accused, complaints)]
    return {} if all(len(frame) for frame in frames) else {"empty": []}


def peak_mebibytes() -> float:
    """The largest this process has been; without what the process that started it was, where the system tells."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def run_one(way: str, folder: Path, times: int) -> None:
    """One way once, in this process: prints wall and processor seconds without imports, peak MiB, and its counts."""
    told = json.loads((folder / "crosswalks.json").read_text())
    module = {"project": "analysis.build.fetched_counts", "plain pandas read": "pandas"}.get(way, way)
    importlib.import_module(module)
    if module in ("analysis.build.fetched_counts", "pandas"):
        import pandas as pd

        pd.DataFrame({"a": ["b"]}).groupby("a").size()  # what pandas imports at its first use
    begin, spent = time.perf_counter(), time.process_time()
    function = {"project": project, "duckdb": duckdb, "polars": polars, "plain pandas read": plain_pandas_read}[way]
    found = function(folder / f"accused-{times}.csv", folder / f"complaints-{times}.csv", told)
    seconds, processor = time.perf_counter() - begin, time.process_time() - spent
    print(json.dumps({"seconds": seconds, "processor": processor, "peak": peak_mebibytes(), "found": found}))


def main() -> None:
    """Run every way on every size in turn and print a table."""
    from analysis.errors import MisconductError

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many times the 244,436 rows")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path(), help="the folder that DuckDB and Polars are installed in")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "SIZE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return run_one(given.one[0], given.folder, int(given.one[1]))
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        (given.folder / "crosswalks.json").write_text(json.dumps(crosswalks()))
    except MisconductError as missing:
        raise SystemExit(str(missing)) from missing
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for times in given.sizes:
        generate(given.folder, times)
        results: dict[str, list[dict]] = {way: [] for way in WAYS}
        for _ in range(given.runs):  # in turn, so that a drift of the machine's speed falls on all alike
            for way in WAYS:
                command = [sys.executable, __file__, str(given.folder), "--one", way, str(times)]
                theirs = {"PYTHONPATH": str(given.peers)} if way in ("duckdb", "polars") else {}
                answer = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **theirs})
                if answer.returncode:
                    raise SystemExit(f"{way} failed:\n{answer.stderr}")
                results[way].append(json.loads(answer.stdout))
        counts = {way: results[way][0]["found"] for way in WAYS[:3]}
        for way in WAYS[1:3]:
            if counts[way] != counts["project"]:
                different = [key for key in counts["project"] if counts["project"][key] != counts[way].get(key)]
                raise SystemExit(
                    f"{way} counts differently: "
                    + "; ".join(f"{key}: {counts['project'][key]}, {counts[way].get(key)}" for key in different)
                )
        for way in WAYS:
            print(table_row(244_436 * times, way, results), flush=True)


def table_row(rows: int, way: str, results: dict[str, list[dict]]) -> str:
    """A line of the table of docs/performance.md, from the answers of every way's runs."""
    seconds, processor = (
        {name: statistics.median(run[what] for run in runs) for name, runs in results.items()}
        for what in ("seconds", "processor")
    )
    ratios = [f"{spent[way] / spent[peer]:.2f}" for spent in (seconds, processor) for peer in ("duckdb", "polars")]
    peak = max(run["peak"] for run in results[way])
    cells = [f"{rows:,}", way, f"{seconds[way]:.2f}", *ratios[:2], f"{processor[way]:.2f}", *ratios[2:], f"{peak:,.0f}"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
