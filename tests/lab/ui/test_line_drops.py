"""A line that drops, and comes again, while the app runs."""

from __future__ import annotations

from pathlib import Path

from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios


def test_a_host_out_of_reach_is_shown_with_since_when_and_reached_again_by_itself(
    lab: Lab, tmp_path: Path
) -> None:
    with scenarios.app(lab, tmp_path, 80, 24, XDG_STATE_HOME=str(tmp_path)) as screen:
        screen.until("next: 2 Magic cookies")
        try:
            # A connection that stands and carries nothing.
            breakage.cut_off(lab, "second")
            text = screen.until("waiting")
            assert "second not reached" in text
            assert "since " in text
        finally:
            breakage.reach_again(lab, "second")
        screen.until(lambda text: "not reached" not in text and "next: 2 Magic cookies" in text)
        # A connection that is gone, and nobody who takes another.
        scenarios.unreachable(lab, screen)
        scenarios.leave(screen)


def test_a_line_that_drops_during_a_check_is_no_mistake(lab: Lab, tmp_path: Path) -> None:
    """The host's panel shows it, no dialog stands there that nobody asked for."""
    with scenarios.app(lab, tmp_path, 80, 24, XDG_STATE_HOME=str(tmp_path)) as screen:
        screen.until("next: 2 Magic cookies")
        for _ in range(3):
            screen.keys("r")
            lab.run("second", ["sh", "-c", scenarios.END_SSHD])
            try:
                screen.until("second not reached")
            finally:
                lab.run("second", ["/usr/sbin/sshd"])
            screen.until(lambda text: "not reached" not in text and "next: 2" in text)
        assert "Something went wrong" not in screen.text
        [journal] = (tmp_path / "ejtui" / "journals").glob("*.jsonl")
        assert '"broke"' not in journal.read_text()
        scenarios.leave(screen)
