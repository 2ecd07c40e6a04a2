"""What the mutation run breaks: each change alone, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.mutations.lines import broken_lines

SOURCE = """
def keep(kept, there):
    if kept != there:
        raise ValueError(kept)
    save(kept)
    return True
"""


def test_each_line_is_broken_alone() -> None:
    found = broken_lines(Path("m.py"), SOURCE)
    assert [(each.line, each.what.partition(":")[0]) for each in found] == [
        (3, "negate the condition"),
        (3, "turn the comparison round"),
        (4, "drop the raise"),
        (5, "delete the statement"),
        (6, "return the opposite"),
    ]
    assert len({each.source for each in found}) == len(found)
    assert "kept == there" in found[1].source
    assert "raise" not in found[2].source
    assert "save" not in found[3].source
    assert "return False" in found[4].source
