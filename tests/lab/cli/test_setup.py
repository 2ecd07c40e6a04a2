"""`ejtui setup` on real hosts: each layer is shown, and what is written works."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

from ejtui.config import load
from ejtui.lab.lab import Lab
from tests.lab.cluster.becoming import OPS, asking

LAYERS = [
    *("resolves", "port", "ssh", "host key", "authentication"),
    *("root", "ejabberd", "erl", "node", "spool", "versions", "running"),
]


def setup(lab: Lab, path: Path, *more: str) -> tuple[int, str, str]:
    """Run it for the lab's hosts, with nobody to ask."""
    place = lab.place
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "ejtui", "setup", "--config", str(path)),
            *("--first", "first", "--second", "second"),
            *("--ssh-config", str(place.ssh_config), "--known-hosts", str(place.known_hosts)),
            *more,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        start_new_session=True,
    )
    return ran.returncode, ran.stdout, ran.stderr


def as_json(lab: Lab, path: Path, *more: str) -> tuple[int, dict[str, Any]]:
    code, said, _ = setup(lab, path, "--json", *more)
    return code, json.loads(said)


def test_every_layer_is_shown_and_the_file_works(fresh_lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    code, said, complaint = setup(fresh_lab, path)
    assert (code, complaint) == (0, "")
    for layer in LAYERS:
        assert said.count(f"✓ {layer}") == 2
    for found in ("25 accounts", "1 account\n", "ejabberd@first", "OTP 25", str(path)):
        assert found in said
    assert path.read_text() in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = load(path)
    assert (config.nodes["first"].address, config.nodes["first"].platform) == ("first", "debian")
    assert '# node = "ejabberd@first" ' in path.read_text()
    plan = [sys.executable, "-m", "ejtui", "plan", "--json", "--config", str(path)]
    answer = json.loads(subprocess.run(plan, capture_output=True, check=True).stdout)
    assert answer["first"]["accounts"] == 25


def test_again_it_writes_nothing_and_a_change_keeps_what_was(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    code, first = as_json(lab, path)
    assert code == 0
    assert [layer["id"] for layer in first["second"]["layers"]] == LAYERS
    assert all(layer["ok"] for layer in first["second"]["layers"])
    assert first["first"]["values"]["node"]["value"] == "ejabberd@first"
    assert first["first"]["values"]["spool_dir"]["source"]
    assert (first["config"]["changed"], first["config"]["backup"]) == (True, None)
    mine = path.read_text() + "# my own words\n"
    path.write_text(mine)
    code, again = as_json(lab, path)
    assert (code, again["config"]["changed"]) == (0, False)
    assert path.read_text() == mine
    code, changed = as_json(lab, path, "--become", "doas")
    assert code == 0
    assert Path(changed["config"]["backup"]).read_text() == mine
    assert load(path).nodes["second"].become == "doas"


def test_the_first_broken_layer_is_named_and_nothing_written(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    empty = tmp_path / "known_hosts"
    broken = {
        "resolves": ("--second", "no-such-host.invalid"),
        "port": ("--second", "second:1"),
        "host key": ("--known-hosts", str(empty)),
        "authentication": ("--second", "nobody@second"),
    }
    for layer, more in broken.items():
        code, answer = as_json(lab, path, *more)
        assert code == 3
        layers = answer["second"]["layers"]
        assert (layers[-1]["id"], layers[-1]["ok"]) == (layer, False)
        assert [each["id"] for each in layers] == LAYERS[: len(layers)]
        assert answer["error"]["message"] == layers[-1]["error"]
        assert not path.exists()
    assert not empty.exists()


def test_a_password_that_nobody_can_be_asked_for(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with asking(lab):
        code, said, complaint = setup(lab, path)
    assert code == 3
    assert said.count("✗ root") == 2
    assert "nothing is written" in said
    assert "NOPASSWD" in complaint
    assert OPS not in said + complaint
    assert not path.exists()
    assert list(tmp_path.iterdir()) == []
