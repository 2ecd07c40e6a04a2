"""A directory of a user who puts links there, beside one of root's with a secret."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.skipping import skip_for

USER = "nobody"
UID = pwd.getpwnam(USER).pw_uid


@contextmanager
def user_beside_root() -> Iterator[Path]:
    """A directory of the user's, beside one of root's with a secret; all may pass there."""
    skip_for(None if os.geteuid() == 0 else "only root gives files away")
    root = Path("/var/tmp") / f"ejtui-guard-{os.getpid()}"
    shutil.rmtree(root, ignore_errors=True)
    (root / "aims").mkdir(parents=True)
    (root / "home").mkdir()
    for each in (root, root / "aims"):
        each.chmod(0o755)
    secret = root / "aims" / "shadow"
    secret.write_text("root:secret\n")
    secret.chmod(0o600)
    os.chown(root / "home", UID, -1)
    yield root / "home"
    shutil.rmtree(root)


def untouched(home: Path) -> bool:
    """Whether what is root's is as it was."""
    secret = home.parent / "aims" / "shadow"
    there = secret.stat()
    whole = (there.st_uid, there.st_mode & 0o777, secret.read_text())
    return whole == (0, 0o600, "root:secret\n") and [
        each.name for each in secret.parent.iterdir()
    ] == ["shadow"]
