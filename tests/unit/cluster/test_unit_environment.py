"""Files of a unit's environment that are missing, or that ejtui cannot read."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.facts.examination import Examined, NodeExam
from tests.unit.cluster.rules import DOWN


@pytest.mark.parametrize(
    ("files", "title", "evidence"),
    [
        ((("/etc/own", "eacces"),), "is not known whole", "/etc/own: eacces, an EnvironmentFile"),
        ((("/etc/own", "enoent"),), "is not there", "/etc/own, an EnvironmentFile"),
        ((("/etc/a", "eacces"), ("/etc/b", "enoent")), "is not there", "/etc/b, an Environment"),
    ],
)
def test_they_are_named(
    story: Any, files: tuple[tuple[str, str], ...], title: str, evidence: str
) -> None:
    facts = story.second_is(story.strangers(), **DOWN)
    exam = NodeExam(asked=True, unread_environment=files)
    found = findings(facts, Examined(NodeExam(asked=True), exam))
    [finding] = [each for each in found if each.code == "unit-environment"]
    assert (finding.node, finding.severity) == ("second", "warning")
    assert title in finding.title
    assert evidence in str(finding.evidence)
