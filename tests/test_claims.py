"""Every public claim in the register, computed again from the counts its source gives."""

import pandas as pd
import pytest

from analysis.counting.claims import DIFFERS, IMPOSSIBLE, REPRODUCED, recompute_claims
from analysis.dataset import load
from analysis.errors import MisconductError

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
    assert changed("npcc_under_1", **reworded)["reason"].item() == "13 of 1539; FAILS: no mark any more"
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
