"""`ejtui status` and `ejtui plan` on real nodes: everything is shown, nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

NODE_KEYS = {
    "name", "reachable", "running", "ejabberd_version", "otp_release", "cookie_sha256",
    "db_nodes", "running_db_nodes", "schema_storage", "tables", "accounts",
}  # fmt: skip


def standing(lab: Lab) -> list[bytes]:
    """Processes, and every file of ejabberd's with its time and size."""
    look = "pidof beam.smp; cd \"$0\" && find . -type f ! -name '*.LOG' -printf '%p %s %T@\\n'"
    return [
        b"\n".join(sorted(lab.run(h, ["sh", "-c", look, lab.form.home(h)]).stdout.splitlines()))
        for h in ("first", "second")
    ]


def test_status_of_two_that_are_not_joined(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    code, answer = ejtui.json("status")
    assert code == 0
    assert answer.keys() == {"first", "second", "joined", "pair"}
    assert (answer["joined"], answer["pair"]["state"]) == (False, "not-joined")
    assert answer["pair"]["next"] == "ejtui join"
    assert answer["first"].keys() >= NODE_KEYS
    assert answer["first"]["name"] == "ejabberd@first"
    assert answer["first"]["tables"]["roster"] == "disc_only_copies"
    assert (answer["first"]["accounts"], answer["second"]["accounts"]) == (25, 1)
    assert answer["first"]["cookie_sha256"] != answer["second"]["cookie_sha256"]

    ran = ejtui("status")
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    # A command stays whole, so that it can be copied.
    assert max(len(line) for line in lines if not line.startswith("Next: ")) <= 80
    marked = {line.split()[0] for line in lines if "≠" in line}
    assert {"cookie", "accounts", "runs"} <= marked


def test_looking_changes_nothing(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    before = standing(lab)
    assert ejtui("status").returncode == 0
    ran = ejtui("plan")
    assert ran.returncode == 0
    assert standing(lab) == before
    for command in ("-s mnesia", "change_table_copy_type(schema, node(), disc_copies)", "q()."):
        assert command in ran.stdout
    assert "on second as ejabberd, in erl:" in ran.stdout


def test_plan_as_json(lab: Lab) -> None:
    code, answer = Ejtui(lab).json("plan")
    assert code == 0
    assert [step["id"] for step in answer["steps"]][:3] == ["preflight", "cookies", "nodes"]
    for step in answer["steps"]:
        assert step["state"] in ("done", "todo", "failed", "blocked")
        assert {"id", "title", "state", "commands", "detail"} <= step.keys()
    [config] = [step for step in answer["steps"] if step["id"] == "config"]
    commands = config["commands"]
    assert commands[0]["host"] == "second"
    assert commands[0]["user"] == "ejabberd"
    assert "erl -sname ejabberd@second" in commands[0]["text"]


def test_first_and_second_change_places_on_the_command_line(lab: Lab) -> None:
    code, answer = Ejtui(lab).json("status", "--first", "second", "--second", "first")
    assert code == 0
    assert answer["first"]["name"] == "ejabberd@second"


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "join",
        *(pytest.param(n, marks=pytest.mark.catalogue) for n in ("plan", "rollback")),
    ],
)
def test_a_host_that_is_not_there(lab: Lab, command: str, tmp_path: Path) -> None:
    """Second's sshd is not where the configuration has it: refused, and named."""
    config = tmp_path / "config.toml"
    first, _, second = lab.config_path.read_text().partition("[nodes.second]")
    config.write_text(f"{first}[nodes.second]\nport = 1{second}")
    ran = Ejtui(lab)(command, "--config", str(config))
    assert ran.returncode == 3, ran.stderr
    said = " ".join((ran.stdout + ran.stderr).split())
    assert "refuses the connection" in said
    assert "Traceback" not in said


def test_an_unknown_host_key_is_shown_where_nobody_can_be_asked(lab: Lab, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    config = tmp_path / "config.toml"
    config.write_text(lab.config_path.read_text().replace(str(lab.place.known_hosts), str(known)))
    ejtui = Ejtui(lab)
    ran = ejtui("status", "--config", str(config))
    assert ran.returncode == 3
    assert "SHA256:" in ran.stdout
    assert not known.exists()


def test_a_stopped_ejabberd_is_no_healthy_pair(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    lab.run("second", [lab.form.ejabberdctl("second"), "stop"])
    lab.run("second", [lab.form.ejabberdctl("second"), "stopped"], check=False)
    code, answer = ejtui.json("status")
    assert code == 1
    assert answer["second"]["reachable"] is True
    assert answer["second"]["running"] is False
