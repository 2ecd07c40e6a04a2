"""What looking at a pair leaves on its hosts: many checks, and the app open for a while.

The hosts have systemd, so that their journals hold what sshd, sudo and logind log. What the hosts
log and keep without it is measured first and left out. A day and a thousand checks are
calculated from what was measured, and so is one login by ssh that runs one command with sudo: it is
the measure of what a guest may leave.

    python -m tests.bench.guest --checks 100 --minutes 20
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd.booted import booted
from tests.lab.ui.tmux import Tmux

DAY_MINUTES = 24 * 60
CHECKS = 1000
LOGINS = 20
OPENING_MINUTES = 1.0

_LEFT = r"""
cat /var/log/ejabberd/*.log | wc -l
find / -xdev \( -path /proc -o -path /sys -o -path '/var/log/journal*' -o -path '/run/log*' \) \
    -prune -o -type f -print 2>/dev/null | wc -l
find /run /tmp /dev/shm \( -path '/run/log*' -o -path '/run/udev*' \) -prune -o -print | wc -l
stat -c %s /var/log/wtmp /var/log/btmp /var/log/lastlog 2>/dev/null |
    awk '{ n += $1 } END { print n + 0 }'
ls -d /proc/[0-9]* | wc -l
epmd -names | grep -c ^name
systemctl list-units --all --no-legend --plain --type=scope,slice,service | wc -l
"""
_NAMES = (
    "lines in ejabberd's logs", "files", "files in memory", "bytes of logins (wtmp, btmp, lastlog)",
    "processes", "names at epmd", "units of systemd",
)  # fmt: skip
_BY = (
    "journalctl -q -o json --output-fields=SYSLOG_IDENTIFIER |"
    r" sed -n 's/.*\"SYSLOG_IDENTIFIER\":\"\([^\"]*\)\".*/\1/p' | sort | uniq -c"
)
_NODE = {
    "atoms of the node": "erlang:system_info(atom_count)",
    "processes of the node": "erlang:system_info(process_count)",
    "ports of the node": "erlang:system_info(port_count)",
    "tables in the node's memory": "length(ets:all())",
    "modules of the node": "length(code:all_loaded())",
    "hidden nodes connected to it": "length(nodes(hidden))",
}

Left = Mapping[str, int]


def left(lab: Lab, host: str) -> dict[str, int]:
    """Everything that is counted on a host, by name."""
    node = LabNode(lab, host)
    answers = {name: int(node.ask(question)) for name, question in _NODE.items()}
    counts = map(int, node.script(_LEFT).split())
    journal = [line.split(None, 1) for line in node.script(_BY).splitlines()]
    return {
        **dict(zip(_NAMES, counts, strict=True)),
        **answers,
        **{f"journal: {who.strip()}": int(count) for count, who in journal},
    }


def gained(lab: Lab, act: Callable[[], object]) -> dict[str, Left]:
    """What an act leaves on each host, without what the counting itself leaves."""
    for host in HOSTS:
        left(lab, host)  # What is counted once for all, such as the first name of an asker.
    one = {host: left(lab, host) for host in HOSTS}
    two = {host: left(lab, host) for host in HOSTS}
    act()
    three = {host: left(lab, host) for host in HOSTS}
    return {host: _without(one[host], two[host], three[host]) for host in HOSTS}


def _without(one: Left, two: Left, three: Left) -> dict[str, int]:
    """By which it grew from two to three, without the growth from one to two."""
    names = dict.fromkeys([*one, *two, *three])
    return {
        name: three.get(name, 0) - two.get(name, 0) - (two.get(name, 0) - one.get(name, 0))
        for name in names
    }


def log_in(lab: Lab, times: int) -> None:
    """So many logins at each host as people make them: by ssh, one command with sudo."""
    ssh = ["ssh", "-F", str(lab.place.ssh_config)]
    for host in HOSTS * times:
        subprocess.run([*ssh, host, "sudo", "-n", "true"], stdin=subprocess.DEVNULL, check=True)


def check(lab: Lab, times: int) -> None:
    """So many checks, one after another."""
    for number in range(times):
        ran = Ejtui(lab)("check", "--json")
        assert ran.returncode in (0, 1), ran.stderr
        if number % 10 == 9:
            print(f"  {number + 1} checks", file=sys.stderr)


def watch(lab: Lab, directory: Path, minutes: float) -> None:
    """The app, open for so long on a real terminal."""
    argv = Ejtui(lab).argv
    with Tmux(directory, argv, 120, 40) as app:
        time.sleep(minutes * 60)
        app.keys("q")
        app.until("ended with 0")


def rows(title: str, seen: Mapping[str, Left], alone: Mapping[str, Left], factor: float) -> None:
    """Prints what was gained, beside what they gain without it, and what it makes in all."""
    print(f"\n{title}\n\n| host | what | gained | without it | calculated |\n|---|---|---|---|---|")
    for host in HOSTS:
        for name, count in seen[host].items():
            own = alone[host].get(name, 0)
            if count or own:
                print(f"| {host} | {name} | {count} | {own} | {(count - own) * factor:.1f} |")
    sys.stdout.flush()


def _none() -> dict[str, Left]:
    return {host: {} for host in HOSTS}


def scaled(idle: Mapping[str, Left], factor: float) -> dict[str, Left]:
    """What the hosts gain alone in another time."""
    return {
        host: {name: round(count * factor) for name, count in counts.items()}
        for host, counts in idle.items()
    }


def together(one: Mapping[str, Left], other: Mapping[str, Left]) -> dict[str, Left]:
    """The sums, by host and name."""
    return {
        host: {
            name: one[host].get(name, 0) + other[host].get(name, 0)
            for name in {**one[host], **other[host]}
        }
        for host in HOSTS
    }


def measured(lab: Lab, directory: Path, checks: int, minutes: float, rest: float) -> None:
    """Checks and a watch, on the pair as it is; `rest` are the minutes without either."""
    idle = gained(lab, lambda: time.sleep(rest * 60))
    seen = gained(lab, lambda: log_in(lab, LOGINS))
    rows(f"{LOGINS} logins with sudo, calculated for one", seen, _none(), 1 / LOGINS)
    rows("the first check of all", gained(lab, lambda: check(lab, 1)), _none(), 1)
    began = time.monotonic()
    seen = gained(lab, lambda: check(lab, checks))
    took = (time.monotonic() - began) / 60
    title = f"{checks} checks in {took:.1f} minutes, calculated for {CHECKS}"
    rows(title, seen, scaled(idle, took / rest), CHECKS / checks)
    opened = gained(lab, lambda: watch(lab, directory, OPENING_MINUTES))
    rows("the app, opened and left again", opened, scaled(idle, OPENING_MINUTES / rest), 1)
    seen = gained(lab, lambda: watch(lab, directory, OPENING_MINUTES + minutes))
    title = f"the app, open for {minutes:g} minutes more: what a day adds to opening it"
    rows(title, seen, together(opened, scaled(idle, minutes / rest)), DAY_MINUTES / minutes)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=20.0, help="of watching")
    parser.add_argument("--rest", type=float, default=5.0, help="minutes without either")
    parser.add_argument("--joined", action="store_true", help="a pair that is joined")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, booted(Path(name)) as lab:
        for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(Path(name) / variable.lower())
        if given.joined:
            assert Ejtui(lab)("join", "--yes").returncode == 0
        print("a joined pair" if given.joined else "two nodes that are not joined")
        measured(lab, Path(name), given.checks, given.minutes, given.rest)


if __name__ == "__main__":
    main()
