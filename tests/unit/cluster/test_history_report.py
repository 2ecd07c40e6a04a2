"""The report for a ticket: whole, without a secret, and with nothing in it that acts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.history import entries
from ejtui.cluster.history.covering import COVER, cover
from ejtui.cluster.history.markdown import block, code, escape, table
from ejtui.cluster.history.report import report
from ejtui.cluster.history.runs import runs_of

COOKIE = "QWERTZUIOPASDFGHJKLY"
NASTY = "`x` ```\n| <script>alert(1)</script> [a](http://evil) ![i](//x) *b* @team \x1b[31m # h"


def parsed(*made: dict[str, Any]) -> list[entries.JournalLine]:
    lines = [
        json.dumps({"at": f"2026-11-29T10:00:{number:02d}Z", "by": "op@desk"} | each).encode()
        for number, each in enumerate(made)
    ]
    return [line for line in map(entries.parsed, lines) if line]


def lines(*made: dict[str, Any]) -> str:
    return report(runs_of(parsed(*made)), ["a note"], Path("/nowhere"))


def test_a_report_has_hosts_commands_evidence_findings_and_recordings(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({
        "created": "2026-11-29T10:00:02+00:00", "second": "ejabberd@b", "place": "/backups/x",
        "reason": "join", "accounts": ["guest@chat"], "files": [{"name": "a", "size": 5}],
    }))  # fmt: skip
    (tmp_path / "c.json").write_text("[" * 100_000)
    (tmp_path / "d.json").mkdir()
    finding = {"code": "disc-full", "node": "second", "title": "no room"}
    made: list[dict[str, Any]] = [
        {"event": "run", "what": "join"},
        {"event": "nodes", "first": {"node": "ejabberd@a", "ejabberd": "23.01", "where": "op@a"},
         "second": {"node": "ejabberd@b", "otp": "25", "become": "sudo"}},
        {"event": "started", "step": "cleandb", "state": "todo"},
        {"event": "asked", "step": "cleandb", "question": "Aside?", "takes": ["1 account"],
         "yes": True},
        {"event": "ran", "step": "cleandb", "host": "b", "user": "root", "place": "shell",
         "text": "systemctl stop ejabberd"},
        {"event": "recording", "step": "cleandb", "node": "b", "path": "/r/x.cast"},
        {"event": "ended", "step": "cleandb", "state": "failed", "detail": "no room",
         "evidence": ["df: 0 free"], "findings": [finding]},
        {"event": "run ended", "what": "join", "outcome": "failed"},
    ]  # fmt: skip
    text = report(runs_of(parsed(*made)), (), tmp_path)
    for part in (
        "| first | `ejabberd@a` | - | - | `23.01` | - | `op@a` |",
        "Clean database: failed",
        "on b as root, in a shell: systemctl stop ejabberd", "Aside? The answer was Yes.",
        "- 1 account", "df: 0 free", "| `disc-full` | second | no room |", "`/r/x.cast`",
        "`/backups/x` of `ejabberd@b` (join): 1 file, 5 bytes, 1 account", "`guest@chat`",
    ):  # fmt: skip
        assert part in text, part


def test_nothing_in_a_report_acts() -> None:
    text = lines(
        {"event": "run", "what": NASTY},
        {"event": "started", "step": NASTY, "detail": NASTY},
        {"event": "said", "step": NASTY, "line": NASTY},
        {"event": "ran", "step": NASTY, "host": NASTY, "user": NASTY, "text": NASTY},
        {"event": "ended", "step": NASTY, "state": NASTY, "detail": NASTY,
         "findings": [{"code": NASTY, "node": NASTY, "title": NASTY}]},
    )  # fmt: skip
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    outside = _outside_code(text)
    for sign in (r"<script", r"\]\(", r"!\[", r"@team", r"\*b"):
        assert not re.search(rf"(?<!\\){sign}", outside), outside
    heads = [line for line in outside.splitlines() if line.startswith("#")]
    assert not [line for line in heads if line.startswith("# h")]


def _outside_code(text: str) -> str:
    """What a viewer reads as Markdown: without fenced blocks and code spans."""
    kept: list[str] = []
    fence = ""
    for line in text.splitlines():
        found = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif found and line.endswith("text"):
            fence = found[0]
        else:
            kept.append(line)
    assert not fence, "every block is closed"
    return re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(kept))


def test_what_looks_like_a_secret_is_covered() -> None:
    for text in (
        f"erl -setcookie {COOKIE}", f"erlang:set_cookie(node(), '{COOKIE}').",
        f"erlang:set_cookie('{COOKIE}')", f"password: {COOKIE}", f'"passphrase" = "{COOKIE} x"',
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{COOKIE}\n-----END OPENSSH PRIVATE KEY-----",
    ):  # fmt: skip
        assert COOKIE not in cover(text), text
        assert COVER in cover(text)
    plain = "passwd is copied; both cookies 06a2f4; the password is asked for"
    assert cover(plain) == plain
    text = lines(
        {"event": "run", "what": "join"},
        {"event": "started", "step": "config", "detail": f"-setcookie {COOKIE}"},
        {"event": "typed", "step": "config", "text": f"erlang:set_cookie(node(), '{COOKIE}')."},
        {"event": "said", "step": "config", "line": f"password={COOKIE}"},
        {"event": "ended", "step": "config", "state": "failed", "detail": f"password: {COOKIE}"},
        {"event": "broke", "doing": "x", "why": f"password={COOKIE}"},
    )
    assert COOKIE not in text
    assert COVER in text


@pytest.mark.parametrize("text", ["`", "``a`", "a`b``c", "|", "\n", "", "\x1b", "- x", "1. x", "+"])
def test_each_value_stays_in_its_place(text: str) -> None:
    assert "\n" not in code(text)
    assert "\n" not in escape(text)
    assert len(table(("a", "b"), [(code(text, in_table=True), escape(text))])) == 3
    shown = block([text])
    assert shown[-1] == shown[0].removesuffix("text")
    assert not [line for line in shown[1:-1] if line.startswith(shown[-1])]
    assert not re.match(r"\s*([-+#>]|\d+[.)])\s", escape(text))


def test_no_run_is_no_trouble() -> None:
    assert "Nothing was run" in report((), (), Path("/nowhere"))
