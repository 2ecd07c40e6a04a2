"""The command line on a lab: run as a separate program, as scripts and people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pexpect

from ejtui.lab.lab import Lab
from tests.patience import SECONDS

Ran = subprocess.CompletedProcess[str]


class Ejtui:
    """`ejtui` with the lab's configuration."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.argv = [sys.executable, "-m", "ejtui", "--config", str(lab.config_path)]
        self.named = f"ejtui --config {lab.config_path}"
        """How a command begins in what it prints: as it reaches this lab's pair."""

    def __call__(self, *arguments: str) -> Ran:
        """Run to its end in a pipe, with nobody to ask."""
        return subprocess.run(
            [*self.argv, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the one object; nothing else is on standard output."""
        ran = self(*arguments, "--json")
        return ran.returncode, json.loads(ran.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it in a pipe."""
        return subprocess.Popen(
            [*self.argv, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def on_terminal(self, *arguments: str) -> pexpect.spawn[str]:
        """Start it on a terminal of 80 columns."""
        argv = [*self.argv, *arguments]
        return pexpect.spawn(
            argv[0], argv[1:], encoding="utf-8", timeout=SECONDS, dimensions=(24, 80)
        )

    def states(self) -> dict[str, str]:
        """Every step's state."""
        _, answer = self.json("plan")
        return {step["id"]: step["state"] for step in answer["steps"]}

    def inside(self, host: str, *argv: str) -> str:
        """What a command inside a host prints."""
        return self.lab.run(host, argv).stdout.decode()

    def ctl(self, host: str, *words: str) -> list[str]:
        """The words that the host's own ejabberdctl answers, sorted."""
        return sorted(self.inside(host, self.lab.form.ejabberdctl(host), *words).split())
