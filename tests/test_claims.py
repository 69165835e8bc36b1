"""Every public claim in the register, computed again from the counts its source gives."""

import pandas as pd
import pytest

from analysis.build.tables import read_raw
from analysis.counting.claims import DIFFERS, IMPOSSIBLE, REPRODUCED, claims_table, recompute_claims
from analysis.dataset import load
from analysis.errors import DataError, MisconductError
from analysis.provenance.sources import stamp
from analysis.reading import claim_counts, published_figures

DATA = load()
CLAIMS, SOURCES = DATA["claims"], DATA["sources"]
RESULTS = recompute_claims(CLAIMS, SOURCES).set_index("claim_id")


@pytest.mark.parametrize("claim", [*CLAIMS.itertuples()], ids=lambda claim: claim.claim_id)
def test_claim(claim):
    """What the register says of a claim (recomputable or not, known to differ or not) is what recomputing it gives."""
    expected = IMPOSSIBLE if claim.recomputable != "yes" else DIFFERS if claim.is_known_to_differ else REPRODUCED
    found = RESULTS.loc[claim.claim_id]
    counts = f"{claim.numerator} of {claim.denominator}"
    message = f"{claim.claim_id}: {counts} gives {found['our_value']:.3f}, published is {claim.published_value:g}"
    assert found["verdict"] == expected, message
    assert found["reason"]


def test_reference_values(frozen):
    """Worked out by hand from the counts in the register."""
    ours = RESULTS["our_value"]
    assert ours["vice_sexassault_unsub"] == pytest.approx(55.7734, abs=1e-4)  # 256 / 459
    assert ours["college_rise_50"] == pytest.approx(50.5076, abs=1e-4)  # 593 / 394 - 1
    assert ours["od_social_33"] == 33
    assert RESULTS["difference"]["daso_78"] == pytest.approx(-1.0496, abs=1e-4)  # 217 / 282 = 76.9504
    frozen("claims by verdict", RESULTS["verdict"].value_counts().to_dict())


def changed(claim_id: str, **values: object) -> pd.DataFrame:
    claims = CLAIMS[CLAIMS["claim_id"] == claim_id].copy()
    for column, value in values.items():
        claims[column] = value
    return recompute_claims(claims, SOURCES)


def test_a_changed_count_or_value_changes_the_verdict():
    assert changed("tbij_82")["verdict"].item() == REPRODUCED
    assert changed("tbij_82", numerator=1088)["verdict"].item() == REPRODUCED  # 82.49 still rounds to 82
    assert changed("tbij_82", numerator=1089)["verdict"].item() == DIFFERS
    assert changed("tbij_82", published_value=83.0)["verdict"].item() == DIFFERS


def test_bounds():
    assert changed("npcc_under_1", numerator=15)["verdict"].item() == REPRODUCED
    assert changed("npcc_under_1", numerator=16)["verdict"].item() == DIFFERS
    lower = {"claim_kind": "lower_bound", "unit": "percent", "published_value": 25.0, "denominator": 100}
    assert changed("npcc_under_1", **lower, numerator=26)["verdict"].item() == REPRODUCED
    assert changed("npcc_under_1", **lower, numerator=25)["verdict"].item() == DIFFERS


def test_the_wording_decides_no_verdict():
    """A reworded row of the register turned a bound into a value."""
    reworded = {"quantity": "share dismissed (at most)", "note": "FAILS: no mark any more"}
    assert changed("npcc_under_1", **reworded)["verdict"].item() == REPRODUCED
    reason = changed("npcc_under_1", **reworded)["reason"].item()
    assert reason.startswith("13 of 1539; ") and reason.endswith("; FAILS: no mark any more")
    assert changed("college_rise_50", quantity="rise")["our_value"].item() == pytest.approx(50.5076, abs=1e-4)


def test_a_ratio_is_not_a_percentage():
    ratio = {"unit": "ratio", "recomputable": "yes", "numerator": 181, "denominator": 100}
    assert changed("casey_black_ratio", **ratio)["our_value"].item() == pytest.approx(1.81)


def test_every_claim_without_a_source_is_named():
    claims = CLAIMS.head(2).assign(source_id=["times_cassey", "nobody_at_all"])
    with pytest.raises(MisconductError) as error:
        recompute_claims(claims, SOURCES)
    assert "casey_multi_dismissed" in str(error.value) and "'times_casey'" in str(error.value)
    assert "casey_ncta" in str(error.value) and "nobody_at_all" in str(error.value)


def added(folder, row: str) -> pd.DataFrame:
    """The claims of a copied register with one row more, as they are processed."""
    with (folder / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    stamp(folder)
    return published_figures.ingest(read_raw(folder))["claims"]


NEW = 'one_more,tbij_x,"9% left.",share left,9,percent,{},1319,yes,{},'.replace("tbij_x", "itv_tbij_da_2022")


def test_a_claim_is_added_by_one_row(raw_copy):
    """And its stamp: no test, no note and no other file has to change."""
    claims = added(raw_copy("published_figures"), NEW.format(36, 0.5))
    found = recompute_claims(claims, SOURCES).set_index("claim_id").loc["one_more"]
    assert found["verdict"] == DIFFERS and found["our_value"] == pytest.approx(100 * 36 / 1319)
    assert found["reason"] == "36 of 1319; numerator and denominator: in figures.csv"
    assert "9% left." in set(claims_table(recompute_claims(claims, SOURCES), DIFFERS)["claim"])


@pytest.mark.parametrize(
    ("count", "tolerance", "said"),
    [
        (37, 0.5, "one_more: 37 is no figure of itv_tbij_da_2022 in figures.csv (the nearest is 36)"),
        (36, 7, "the tolerance 7 of one_more is wider than the rounding of the number claimed"),
    ],
)
def test_a_mistyped_count_or_a_wide_tolerance_stops_the_build(raw_copy, count, tolerance, said):
    with pytest.raises(DataError) as error:
        added(raw_copy("published_figures"), NEW.format(count, tolerance))
    assert said in str(error.value) and "data/checks/claims.yml" in str(error.value)


def test_a_count_that_is_no_figure_says_so(raw_copy, monkeypatch):
    notes = {**claim_counts.claim_notes(), "one_more": {"numerator": {"not_in_figures": "printed in a picture"}}}
    monkeypatch.setattr(published_figures, "claim_notes", lambda: notes)
    claims = added(raw_copy("published_figures"), NEW.format(119, 0.5))
    found = recompute_claims(claims, SOURCES).set_index("claim_id").loc["one_more"]
    assert found["verdict"] == REPRODUCED
    assert "numerator: not in figures.csv (printed in a picture); denominator: in figures.csv" in found["reason"]


def test_a_note_that_nothing_needs_is_named(raw_copy, monkeypatch):
    """One of a claim that is gone, of a count that is a figure, or of a tolerance that is not wide."""
    notes = {"gone": {}, "tbij_82": {"numerator": {"not_in_figures": "why"}, "tolerance": "why"}}
    monkeypatch.setattr(published_figures, "claim_notes", lambda: claim_counts.claim_notes() | notes)
    with pytest.raises(DataError) as error:
        read_raw(raw_copy("published_figures"))
    assert all(
        said in str(error.value)
        for said in ("no claim 'gone'", "its numerator needs no note", "tolerance 0.5 of tbij_82 is not wider")
    )


def test_the_same_discrepancy_has_the_same_verdict():
    """Within rounding or not; a wider tolerance has its reason, which stands beside the verdict."""
    values = CLAIMS[(CLAIMS["recomputable"] == "yes") & CLAIMS["claim_kind"].isin(["value", "change"])]
    for claim in values.itertuples():
        found = RESULTS.loc[claim.claim_id]
        if claim.tolerance_reason:
            assert claim.tolerance_reason in found["reason"]
        else:
            is_near = abs(found["difference"]) <= claim_counts.rounding(claim.published_value, claim.unit) + 1e-9
            assert found["verdict"] == (REPRODUCED if is_near else DIFFERS), claim.claim_id
    assert RESULTS["verdict"][["college_rise_50", "sdu_staff_proven_75"]].tolist() == [DIFFERS, DIFFERS]


@pytest.mark.parametrize(
    ("value", "unit", "half"),
    [(0.35, "percent", 0.005), (50, "percent", 0.5), (13, "count", 0), (1.81, "ratio", 0.005)],
)
def test_rounding(value, unit, half):
    assert claim_counts.rounding(value, unit) == pytest.approx(half)


def test_a_verdict_says_what_the_counts_were_checked_against():
    counted = CLAIMS["numerator"].notna() | CLAIMS["denominator"].notna()
    assert ((CLAIMS["counts_checked"] != "") == counted).all()
    computed = RESULTS[RESULTS["verdict"] != IMPOSSIBLE]["reason"]
    assert len(computed) and computed.str.contains("figures.csv", regex=False).all()
    assert "numerator: 118 \u2212 55 in figures.csv" in RESULTS.loc["sdu_half_kept_job", "reason"]
