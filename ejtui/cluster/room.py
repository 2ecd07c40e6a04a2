"""Whether there is room on both discs for what a join writes."""

from __future__ import annotations

from .facts import PairFacts
from .finding import Finding
from .pair import Pair

SLACK = 64 * 1024 * 1024
"""Bytes that must stay free beside what is written."""


async def room_findings(pair: Pair, facts: PairFacts) -> tuple[tuple[Finding, ...], list[str]]:
    """Findings for a disc that is too full, and evidence lines for both.

    First needs room for its online backup, second for its copies of first's tables; the
    tables' size in memory stands for both.
    """
    needed = sum(table.memory for table in facts.first.tables) + SLACK
    findings, lines = [], []
    for node in (pair.first, pair.second):
        directory = node.platform.spool_dir
        free = (await node.probe.ask("room", directory))["free"]
        line = f"{node.name}: {free // 1024**2} MB free for {needed // 1024**2} MB at most"
        lines.append(line)
        if free < needed:
            findings.append(
                Finding(
                    "disc-full",
                    f"{node.name} has too little room on its disc",
                    node.name,
                    (line, f"directory {directory}"),
                    "The backup of first, or second's copies of its tables, would not fit.",
                    f"make room below {directory} on {node.name}",
                )
            )
    return tuple(findings), lines
