"""What each person is accused of that is violence against women and girls: from their complaint types and a flag."""

from __future__ import annotations

import pandas as pd

from analysis import vocabulary


def vawg_per_person(subjects: pd.DataFrame, allegations: pd.DataFrame) -> pd.Series:
    """The code of the vocabulary `vawg` of each person, one a row of `subjects`.

    subjects: subject_id, vawg_flag (of the investigation; "" where there is none) and, where a source says it of the
    person, vawg. Somebody accused of a complaint type that is_vawg, or in an investigation flagged `perpetrated`, is of
    that code; of the others the source's own word counts, else the flag (rule of this project: docs/methodology.md).
    """
    flag = subjects["vawg_flag"].astype("str")
    own = subjects["vawg"].astype("str") if "vawg" in subjects else pd.Series("", index=subjects.index)
    of_type = allegations["complaint_type"].isin(vocabulary.codes_with("complaint_type", "is_vawg"))
    accused = subjects["subject_id"].isin(allegations.loc[of_type, "subject_id"])
    said = own.where(own != "", flag)
    return said.mask(accused | (flag == "perpetrated"), "perpetrated").astype("str")
