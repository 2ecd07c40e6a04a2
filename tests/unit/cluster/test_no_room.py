"""A new ejabberd.yml that cannot be written: what is wrong, and that nothing has changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files import config_file
from ejtui.hosts import CommandFailed
from ejtui.hosts.host import Output
from tests.samples import PLATFORM

NEW = "/kept/ejabberd.yml.new"


class Host:
    """Its shell prints this, and the new file has 12 bytes."""

    name, root = "second", None

    def __init__(self, prints: str) -> None:
        self.prints = prints

    async def run(self, argv: list[str], **_: object) -> Output:
        if argv[0] == "wc":
            return Output(0, f"12 {NEW}\n".encode(), b"")
        raise CommandFailed("second", "op@second", argv, 1, self.prints.encode())


@pytest.mark.parametrize(
    ("prints", "shown"),
    [
        ("cat: write error: No space left on device", "no space left in /etc/ejabberd on second: "
         "nothing was changed. The new file needs 12 bytes there beside the former one; make room, "
         "then run the same command again"),
        ("mktemp: failed: Read-only file system", "its file system is read-only. Set these options "
         "where that file is made"),
        ("cat: Input/output error", "cannot be written: cat: Input/output "
         "error"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_written_is_reported_in_words(prints: str, shown: str) -> None:
    node: Any = SimpleNamespace(name="second", platform=PLATFORM, host=Host(prints))
    with pytest.raises(StepFailed) as caught:
        await config_file.replace(node, NEW, "new", "former")
    assert shown in str(caught.value)
    assert "/bin/sh" not in str(caught.value)
    assert "mktemp ./" not in str(caught.value)
