"""The set-up on real hosts: from no configuration to the checklist, by keys alone."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ejtui.config import load
from ejtui.lab.lab import Lab
from tests.lab.cluster.becoming import HOSTS, OPS, asking
from tests.lab.ui import scenarios

MOST_KEYS = 12


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the set-up writes."""
    return tmp_path / "home" / ".config" / "ejtui" / "config.toml"


def _not_asking(host: str) -> Callable[[str], bool]:
    return lambda text: f"Password for op on {host}" not in text


def test_the_one_with_more_accounts_is_offered_as_first(
    lab: Lab, tmp_path: Path, config: Path
) -> None:
    with scenarios.bare(lab, tmp_path, 60, 24) as screen:
        screen.until("Which two hosts?")
        # Tab and back lose nothing; Down and Enter take what is offered.
        screen.type("sec")
        screen.keys("Down", "Enter")
        screen.until("» The other")
        scenarios.enter(screen, "first")
        screen.until(scenarios.both_well)
        screen.keys("Enter")
        screen.until("What was found")
        screen.keys("Enter")
        text = screen.until("Whose accounts survive?")
        assert "1 »first (25 accounts)" in text
        assert "second (1 account)" in text
        screen.keys("2")
        screen.until("Yes, write it")
        # After a No nothing is written, and it goes on from there.
        screen.keys("n")
        screen.until(lambda text: "Yes, write it" not in text)
        assert not config.exists()
        screen.keys("Enter")
        screen.until("Whose accounts survive?")
        screen.keys("1")
        screen.until("Yes, write it")
        screen.keys("y")
        screen.until("next: 2 Magic cookies")
        assert load(config).nodes["first"].address == "first"
        scenarios.leave(screen)


def test_a_host_that_is_not_there_is_named_by_its_layer_and_typed_again(
    lab: Lab, tmp_path: Path, config: Path
) -> None:
    with scenarios.bare(lab, tmp_path, 80, 24) as screen:
        screen.until("Which two hosts?")
        scenarios.enter(screen, "no-such-host.invalid")
        text = screen.until("✗ resolves")
        assert "no-such-host.invalid, resolves: " in text
        screen.keys("Escape")
        screen.until("» One host")
        screen.keys("C-u")
        scenarios.enter(screen, "first")
        text = screen.until("25 accounts ─")
        assert "no-such-host" not in text
        # The same one twice is no pair.
        scenarios.enter(screen, "first")
        screen.until("both are the same host")
        for left in ("» One host", "Leave the set-up?"):
            screen.keys("Escape")
            screen.until(left)
        screen.keys("y")
        screen.until("ended with 0")
        assert not config.exists()


def test_a_value_that_is_changed_is_tried_again_and_written(
    lab: Lab, tmp_path: Path, config: Path
) -> None:
    with scenarios.bare(lab, tmp_path, 80, 24) as screen:
        scenarios.enter_hosts(screen)
        screen.until(scenarios.both_well)
        screen.keys("Enter")
        screen.until("What was found")
        # First's own way of becoming root: the third of its values.
        screen.keys("Home", "Down", "Down", "Enter")
        screen.until("Left empty")
        screen.keys("C-u")
        scenarios.enter(screen, "dont")
        screen.until('"dont" is not known')
        screen.keys("Enter")
        screen.until("Left empty")
        screen.keys("C-u")
        scenarios.enter(screen, "doas")
        screen.until("changed by you")
        screen.until(lambda text: "✓ 25 accounts" in text)
        screen.keys("End", "Enter")
        screen.until("Whose accounts survive?")
        screen.keys("Enter")
        screen.until("Yes, write it")
        screen.keys("y")
        screen.until("next: 2 Magic cookies")
        nodes = load(config).nodes
        assert (nodes["first"].become, nodes["second"].become) == ("doas", "sudo")
        scenarios.leave(screen)


def test_a_question_waits_until_nothing_is_being_typed_and_is_asked_once(
    lab: Lab, tmp_path: Path
) -> None:
    with asking(lab), scenarios.bare(lab, tmp_path, 80, 24) as screen:
        screen.until("Which two hosts?")
        scenarios.enter(screen, "first")
        text = screen.until("It has a question")
        assert "Password for op on" not in text
        screen.type("second")
        screen.until("second")
        assert "Password for op on" not in screen.text
        screen.keys("Enter")
        for _ in range(2):
            text = screen.until("Password for op on")
            asked = next(name for name in HOSTS if f"Password for op on {name}" in text)
            scenarios.enter(screen, OPS)
            screen.until(_not_asking(asked))
        # Both nodes are asked again for the checklist, with what was typed before.
        scenarios.accept(screen)
        assert OPS not in screen.text
        scenarios.leave(screen)


def test_again_with_unknown_host_keys_the_file_of_before_is_kept(
    lab: Lab, tmp_path: Path, config: Path
) -> None:
    known = tmp_path / "known_hosts"
    config.parent.mkdir(parents=True)
    config.write_text("# my own words\n")
    words = ("setup", "--known-hosts", str(known))
    with scenarios.bare(lab, tmp_path, 80, 24, *words) as screen:
        scenarios.enter_hosts(screen)
        for _ in range(2):
            text = screen.until("shows a host key that is not known here")
            asked = next(name for name in HOSTS if f"{name} shows" in text)
            assert _fingerprint(lab, asked) in text
            screen.keys("y")
            screen.until(_not_showing(asked))
        scenarios.accept(screen)
        scenarios.leave(screen)
    assert len(known.read_text().splitlines()) == 2
    (backup,) = config.parent.glob("config.toml.before-*")
    assert backup.read_text() == "# my own words\n"
    assert load(config).nodes["second"].known_hosts == str(known)


def _not_showing(host: str) -> Callable[[str], bool]:
    return lambda text: f"{host} shows a host key" not in text


def _fingerprint(lab: Lab, host: str) -> str:
    command = ["ssh-keygen", "-lf", str(lab.place.host_key(host))]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def test_from_no_configuration_to_a_cluster(fresh_lab: Lab, tmp_path: Path, config: Path) -> None:
    with scenarios.bare(fresh_lab, tmp_path, 80, 24) as screen:
        keys = scenarios.enter_hosts(screen)
        assert not config.exists()
        keys += scenarios.accept(screen)
        assert keys <= MOST_KEYS
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        written = load(config)
        assert [written.nodes[name].address for name in (written.first, written.second)] == [
            "first",
            "second",
        ]
        scenarios.join(screen)
        scenarios.leave(screen)
