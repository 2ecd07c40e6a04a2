"""The page of the join: what is written, and a table of the steps as they are declared."""

from __future__ import annotations

from importlib import resources

from ejtui.cluster.join.steps import STEPS


def page() -> str:
    """The page, as Markdown."""
    written = resources.files(__package__).joinpath("join.md").read_text(encoding="utf-8")
    return written.replace("{steps}", _table())


def _table() -> str:
    rows = [f"| {step.number} | `{step.id}` | {step.does} | {step.where} |" for step in STEPS]
    return "\n".join(("| step | id | what it does | where |", "|---|---|---|---|", *rows))
