"""A firewall whose rules cannot be read: that is reported, with what to do, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ejtui.lab import breakage
from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

NFT = "/usr/sbin/nft"

# What the host has in nft's place: nothing that runs, one without JSON, without rights, or silent.
PROGRAMS = {
    "none": None,
    "no-json": 'echo "Error: JSON support not compiled-in" >&2; exit 1',
    "no-right": 'echo "Operation not permitted (you must be root)" >&2; exit 1',
    "nothing": "exit 0",
}


@pytest.fixture
def walled(lab: Lab) -> Iterator[Lab]:
    """Rules on first stop epmd's port, and nft is mounted over afterwards."""
    breakage.block_port(lab, "first", 4369)
    yield lab
    lab.run("first", ["sh", "-c", f"umount {NFT} || true"])
    breakage.unblock(lab, "first")


@pytest.mark.parametrize("program", PROGRAMS)
def test_rules_that_cannot_be_read_are_no_rules_that_let_through(walled: Lab, program: str) -> None:
    ejtui, node = Ejtui(walled), LabNode(walled, "first")
    before = node.run("nft", "list", "ruleset")
    replace(node, PROGRAMS[program])
    status, answer = ejtui.json("repair", "epmd-unreachable", "--yes")
    said = answer["error"]["message"]
    assert status == 1, answer
    assert "first's own firewall cannot be read with nft" in said
    assert "let second through to TCP port 4369 in its rules by hand" in said
    assert answer["changed"] is False
    node.run("umount", NFT)
    assert node.run("nft", "list", "ruleset") == before


def replace(node: LabNode, text: str | None) -> None:
    """Another program in nft's place, or none that can be run."""
    if text is None:
        node.run("mount", "--bind", "/dev/null", NFT)
        return
    node.run("tee", "/run/nft", stdin=f"#!/bin/sh\n{text}\n".encode())
    node.run("chmod", "755", "/run/nft")
    node.run("mount", "--bind", "/run/nft", NFT)
