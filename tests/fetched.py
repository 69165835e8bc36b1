"""The fetched files for tests that need them."""

import os

import pytest

from analysis.provenance.download import find


def there(source, *names):
    """The fetched files, or a skip that says how to get them; in CI, where the mirror is, they must be there."""
    files = [find(source, name) for name in names]
    if None in files:
        (pytest.fail if os.environ.get("MISCONDUCT_MIRROR") else pytest.skip)(
            f"{source} has not been fetched: misconduct fetch {source}"
        )
    return files
