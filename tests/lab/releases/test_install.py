"""The wheel, built on a fresh Debian, installs there as in the README and runs the lab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import ejtui
from ejtui.help import TOPICS, page
from tests.lab.releases import roots
from tests.lab.releases.fresh import Fresh, entered, sources
from tests.lab.ui.tmux import Tmux
from tests.skipping import skip_for

pytestmark = pytest.mark.catalogue

CLONE = Path(__file__).parents[3]
_BUILD = """
mkdir -p /src /wheels
tar -x -C /src
python3 -m venv /build
/build/bin/pip -q wheel --no-deps -w /wheels /src
"""


def _pipx(debian: Fresh, wheel: str) -> None:
    debian.run("pipx", "install", wheel)
    of_login = ("env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    debian.run(*of_login, "pipx", "ensurepath")
    assert "ejtui" in debian.run(*of_login, "bash", "-ic", "ejtui --version")


def _uv(debian: Fresh, wheel: str) -> None:
    debian.run("pipx", "install", "uv")
    debian.run("uv", "tool", "install", wheel)


@pytest.mark.parametrize("install", [_pipx, _uv])
@pytest.mark.parametrize(("suite", "python"), [("bookworm", "3.11"), ("trixie", "3.13")])
def test_the_wheel_installs_and_runs_the_lab(
    tmp_path: Path, suite: str, python: str, install: Callable[[Fresh, str], None]
) -> None:
    skip_for(roots.why_not())
    with entered(suite) as debian:
        assert debian.run("python3", "--version").startswith(f"Python {python}.")
        debian.run("sh", "-euc", _BUILD, stdin=sources(CLONE))
        [wheel] = debian.run("sh", "-c", "ls /wheels/*.whl").split()
        install(debian, wheel)
        assert debian.run("ejtui", "--version").split() == ["ejtui", ejtui.__version__]
        for topic in TOPICS:
            assert debian.run("ejtui", "help", topic) == page(topic)
        _leave_the_lab(tmp_path, debian)


_MAN = """
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install man-db >/dev/null
python3 -m venv /opt/ejtui
/opt/ejtui/bin/pip -q install --no-deps /wheels/*.whl
"""


def test_the_wheel_brings_the_man_page_and_the_completions() -> None:
    skip_for(roots.why_not())
    with entered("bookworm") as debian:
        debian.run("sh", "-euc", _BUILD, stdin=sources(CLONE))
        debian.run("sh", "-euc", _MAN)
        path = "PATH=/opt/ejtui/bin:/usr/bin:/bin"
        page = debian.run("env", path, "MANWIDTH=80", "man", "ejtui")
        assert "ejtui bring-over" in page
        for name in ("bash-completion/completions/ejtui", "zsh/site-functions/_ejtui",
                     "fish/vendor_completions.d/ejtui.fish"):  # fmt: skip
            text = debian.run("cat", f"/opt/ejtui/share/{name}")
            assert "bring-over" in text


def _leave_the_lab(tmp_path: Path, debian: Fresh) -> None:
    """`ejtui lab`, from nothing installed to the app with both nodes, and down again."""
    with Tmux(tmp_path, debian.enter("ejtui", "lab"), 80, 24) as screen:
        asked = screen.until(lambda shown: "[y/N]" in shown or "ended with" in shown)
        assert "needs packages that are not installed: ejabberd" in asked, asked
        screen.keys("y", "Enter")
        text = screen.until(lambda shown: _both_run(shown) or "ended with" in shown, 600)
        print(text)
        assert _both_run(text), text
        screen.keys("q")
        text = screen.until("ended with")
        assert re.search(r"ended with 0$", text, re.M), text
    assert "the lab is down" in debian.run("ejtui", "lab", "status")


def _both_run(text: str) -> bool:
    return "ejabberd@first" in text and "ejabberd@second" in text and text.count("running") >= 2
