"""What a wheel holds beside the package: the vocabulary, the finished tables and each source's description.

Read by the build backend (pyproject.toml). src/analysis/paths.py finds these files in an installed package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HELD = (
    "data/vocabulary/**/*.yml",
    "data/processed/*.csv",
    "data/processed/*.json",
    "data/raw/*/source.yml",
    "data/raw/*/corrections.yml",
    "docs/own_data/template.xlsx",
)
PLACE = "analysis/_project"


class ProjectData(BuildHookInterface):
    """Adds the files of HELD under PLACE."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name each file and where it goes; an editable install has the checkout itself."""
        if version == "editable":
            return
        root = Path(self.root)
        for pattern in HELD:
            for path in sorted(root.glob(pattern)):
                build_data["force_include"][str(path)] = f"{PLACE}/{path.relative_to(root).as_posix()}"
