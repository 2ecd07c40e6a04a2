"""What an operator does in the app, by the documented keys: the tests do it, and the pictures are
taken while it is done."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.ui.tmux import Tmux

SIZES = ((120, 40), (80, 24))
SIZES_TESTED = (pytest.param(120, 40, marks=pytest.mark.catalogue), (80, 24))
"""On every run the small one; the large one on request."""

FAULTS = (
    ("cookie-mismatch", 80, 24),
    ("partitioned", 120, 40),
    ("dir-root-owned", 80, 24),
)
"""What is repaired by keys alone, and how large the terminal is then."""
FAULTS_TESTED = (
    FAULTS[0],
    *(pytest.param(*each, marks=pytest.mark.catalogue) for each in FAULTS[1:]),
)
"""On every run the first one; the others on request."""
LOSES = {"partitioned": "Give up what changed on second since the nodes parted?"}
"""What is asked before a repair that loses data."""

# Every process of sshd; a host numbers its own processes, so nothing else has that name there.
END_SSHD = "kill -9 $(pgrep -x sshd)"

Picture = Callable[[str], None]
"""Takes a picture of the screen as it is, under a name."""


def no_picture(_name: str) -> None:
    """Takes none."""


def app(lab: Lab, directory: Path, columns: int, rows: int, *words: str, **env: str) -> Tmux:
    """The app on the lab's two nodes; `words` are more of its command line."""
    argv = [sys.executable, "-m", "ejtui", "--config", str(lab.config_path), *words]
    return Tmux(directory, argv, columns, rows, env)


def bare(lab: Lab, directory: Path, columns: int, rows: int, *words: str) -> Tmux:
    """`ejtui WORDS` in a home without a configuration, where ssh's settings know the hosts."""
    home = directory / "home"
    (home / ".ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / ".ssh" / "config").write_text(f"Include {lab.place.ssh_config}\n")
    env = {"HOME": str(home), "XDG_STATE_HOME": str(directory / "state"), "XDG_CONFIG_HOME": ""}
    return Tmux(directory, [sys.executable, "-m", "ejtui", *words], columns, rows, env)


def enter(screen: Tmux, text: str) -> None:
    """Type that and press Enter."""
    screen.type(text)
    screen.keys("Enter")


def enter_hosts(screen: Tmux, picture: Picture = no_picture) -> int:
    """Both hosts by name; answers how many keys it took beyond the names."""
    screen.until("Which two hosts?")
    picture("setup-hosts")
    enter(screen, "first")
    screen.until("» The other")
    enter(screen, "second")
    screen.until("» Go on to the values")
    return 2


def both_well(text: str) -> bool:
    """Whether both trials have ended well: their accounts are in the frames."""
    return "25 accounts ─" in text and "1 account ─" in text


def accept(screen: Tmux, picture: Picture = no_picture) -> int:
    """What was found, first's accounts, and the file; answers how many keys it took."""
    screen.until(both_well)
    picture("setup")
    screen.keys("Enter")
    screen.until("What was found")
    picture("setup-values")
    screen.keys("Enter")
    screen.until("Whose accounts survive?")
    picture("setup-whose")
    screen.keys("Enter")
    screen.until("Yes, write it")
    picture("setup-file")
    screen.keys("y")
    screen.until("next: 2 Magic cookies")
    return 4


def unknown_key(screen: Tmux, picture: Picture = no_picture) -> None:
    """A host key that nobody has seen."""
    enter_hosts(screen)
    screen.until("shows a host key that is not known here")
    picture("setup-host-key")


def changed_key(screen: Tmux, picture: Picture = no_picture) -> None:
    """A host that shows another key than the one that is known."""
    _enter_first(screen, "first", "host key")
    picture("setup-host-key-changed")


def no_such_host(screen: Tmux, picture: Picture = no_picture) -> None:
    """A name that does not resolve, and the way out."""
    _enter_first(screen, "no-such-host.invalid", "resolves")
    picture("setup-trouble")
    for left in ("» One host", "Leave the set-up?"):
        screen.keys("Escape")
        screen.until(left)
    picture("setup-leave")


def _enter_first(screen: Tmux, host: str, broken: str) -> None:
    screen.until("Which two hosts?")
    screen.type(host)
    screen.keys("Enter")
    screen.until(f"✗ {broken}")


def changed_value(screen: Tmux, picture: Picture = no_picture) -> None:
    """A value of a host in its dialog."""
    enter_hosts(screen)
    screen.until(both_well)
    screen.keys("Enter")
    screen.until("What was found")
    screen.keys("Home", "Down", "Down", "Enter")
    screen.until("Left empty")
    picture("setup-value")


def asked_for_a_secret(screen: Tmux, picture: Picture = no_picture) -> None:
    """sudo wants a password."""
    enter_hosts(screen)
    screen.until("Password for op on")
    picture("setup-secret")


def unreachable(lab: Lab, screen: Tmux, picture: Picture = no_picture) -> None:
    """Second's host stops answering, and answers again."""
    screen.until("next: 2 Magic cookies")
    lab.run("second", ["sh", "-c", END_SSHD])
    try:
        screen.until(lambda text: "next try" in text and "refuses" in text)
        picture("unreachable")
    finally:
        lab.run("second", ["/usr/sbin/sshd"])
    screen.until(lambda text: "not reached" not in text and "next: 2 Magic cookies" in text)


def join(screen: Tmux, picture: Picture = no_picture) -> None:
    """From two nodes apart to one cluster: a runs on, y agrees to what second sets aside."""
    screen.until("next: 2 Magic cookies")
    picture("before")
    screen.keys("a")
    screen.until("guest@chat.example")
    picture("question")
    screen.keys("y")
    screen.until(lambda text: re.search(r"▶ 8 Tables · [1-9]", text) is not None)
    picture("during")
    screen.until("joined, both nodes agree")
    screen.until("second was down for")
    screen.keys("Home")
    screen.until("? help")
    picture("after")


def look_at_tables(screen: Tmux, picture: Picture = no_picture) -> None:
    """t shows the tables, / filters them, Escape goes back."""
    screen.keys("t")
    screen.until("only differences")
    picture("tables")
    screen.keys("/")
    enter(screen, "roster")
    screen.until("tables 2 of ")
    screen.keys("Escape")
    screen.until("? help")


def find(screen: Tmux, code: str) -> None:
    """It is named unasked in the first line; f shows it whole."""
    screen.until(lambda text: named(text, code))
    screen.keys("f")
    screen.until(lambda text: f" {code} on " in text and "checked " in text)


def named(text: str, code: str) -> bool:
    """Whether the first line shows this one as the worst."""
    return re.search(rf"● (\d[^:]*: )?{code}\b", text.partition("\n")[0]) is not None


ENDS_VM = "End the Erlang VM of"


def repair(screen: Tmux, code: str, picture: Picture = no_picture) -> None:
    """f and Enter show its repair; y agrees, also to lose data."""
    find(screen, code)
    picture(f"finding-{code}-before")
    screen.keys("Enter")
    screen.until(f"Repair {code} on ")
    screen.keys("y")
    if code in LOSES:
        screen.until(LOSES[code])
        screen.keys("y")
    text = screen.until(lambda text: "is repaired" in text or ENDS_VM in text)
    if ENDS_VM in text:
        # A node that is starting, and waits for tables, is ended after a question alone.
        screen.keys("y")
        screen.until("is repaired")
    screen.until(healthy)
    picture(f"finding-{code}-after")


def healthy(text: str) -> bool:
    """Whether the first line shows it, and no check is running."""
    return (
        re.search(r"✓ (healthy|nothing wrong)(  checked \d\d:\d\d)? *$", text.partition("\n")[0])
        is not None
    )


def leave(screen: Tmux) -> None:
    """q leaves; what is asked is agreed to."""
    screen.keys("q")
    text = screen.until(lambda text: "Leave ejtui?" in text or "ended with" in text)
    if "Leave ejtui?" in text:
        screen.keys("y")
    screen.until("ended with 0")


def join_and_look(screen: Tmux, picture: Picture = no_picture) -> None:
    """The whole way, from the first look to the last."""
    join(screen, picture)
    look_at_tables(screen, picture)
    leave(screen)
