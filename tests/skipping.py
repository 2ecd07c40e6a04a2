"""What this computer cannot run is skipped, and fails where nothing may be skipped."""

from __future__ import annotations

import os

import pytest


def skip_for(reason: str | None) -> None:
    """Skip the test for a reason, if there is one; with CI=true or EJTUI_NO_SKIP set, fail it."""
    if reason is None:
        return
    if os.environ.get("CI") == "true" or "EJTUI_NO_SKIP" in os.environ:
        pytest.fail(f"this test must not be skipped here: {reason}")
    pytest.skip(reason)
