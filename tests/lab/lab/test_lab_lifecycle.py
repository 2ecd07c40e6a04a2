"""Up, down, reset and status, in every form, whatever happened before."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ejtui.lab import Lab, LabError, current, down, reset, sh, status, up
from ejtui.lab.breakage import read_cookie, write_cookie
from ejtui.lab.forms.choice import choose, why_not_namespaces
from ejtui.lab.forms.form import Form
from ejtui.lab.forms.sidebyside import SideBySide
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import command_line, environment, pids
from ejtui.lab.slow import Slowness, slow_links
from tests.patience import SECONDS
from tests.skipping import skip_for

_USERS = ["ejabberdctl", "registered_users", "chat.example"]

_UP = """
import sys
from pathlib import Path
from ejtui.lab import lab, place
from ejtui.lab.forms import choice
from ejtui.lab.forms import sidebyside
form = sidebyside.SideBySide if sys.argv[2] == "local" else choice.choose
lab.up(place=place.Place(Path(sys.argv[1])), form=form)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "state" / "lab")
    yield place
    down(place)


@pytest.fixture(params=["own", "local"])
def form(request: pytest.FixtureRequest) -> str:
    if request.param == "own":
        skip_for(why_not_namespaces())
    return str(request.param)


def _chooser(form: str) -> Callable[[Place], Form]:
    return SideBySide if form == "local" else choose


def _leftovers(place: Place) -> list[str]:
    """Everything on this computer that bears the lab's mark."""
    root = str(place.root)
    found = [
        f"process {pid}: {words}"
        for pid in pids()
        if (root in " ".join(words := command_line(pid)) and "-c" not in words)
        or f"EJTUI_LAB={root}".encode() in environment(pid)
    ]
    found += [f"link {path}" for path in Path("/sys/class/net").glob(f"ejt{place.key}*")]
    found += [line for line in Path("/proc/mounts").read_text().splitlines() if root in line]
    return found + [str(path) for path in (place.root, place.root.parent) if path.exists()]


def test_up_twice_leaves_the_nodes_alone_and_down_leaves_nothing(place: Place, form: str) -> None:
    lab = up(place=place, form=_chooser(form))
    pid_of = ["sh", "-c", "cat /run/ejabberd/ejabberd.pid ../run/ejabberd.pid 2>/dev/null"]
    before = [lab.run(host, pid_of, check=False).stdout for host in HOSTS]
    assert all(before)
    again = up(place=place, form=_chooser(form))
    assert [again.run(host, pid_of, check=False).stdout for host in HOSTS] == before
    assert current(place) is not None
    if again.form.needs_namespaces:
        slow_links(again, Slowness(10, 0))
    down(place)
    assert _leftovers(place) == []
    assert current(place) is None
    assert "down" in status(place)[0]


def test_reset_brings_two_nodes_back_whatever_happened(place: Place, form: str) -> None:
    lab = up(place=place, form=_chooser(form))
    home = lab.form.home("second")
    lab.run("first", ["ejabberdctl", "unregister", "ben", "chat.example"])
    lab.run("second", ["ejabberdctl", "register", "eve", "chat.example", "x"])
    lab.run("second", ["ejabberdctl", "stop"])
    lab.run("second", ["sh", "-c", f"mkdir {home}/ejtui-backups && echo x > {home}/schema.DAT"])
    reset(place=place)
    assert len(lab.run("first", _USERS).stdout.split()) == 25
    assert lab.run("second", _USERS).stdout.split() == [b"guest"]
    left = lab.run("second", ["ls", "-A", home]).stdout.decode().split()
    assert "ejtui-backups" not in left


_STOP = """
name=${1%@*}
ejabberdctl stop >/dev/null
until ! epmd -names | grep -q "^name $name at"; do sleep 0.05; done
"""


# Whatever joins on a lab shows as much; this is the lab alone.
@pytest.mark.catalogue
@pytest.mark.parametrize("form", ["local"])
def test_the_nodes_can_be_joined_and_reset_parts_them(place: Place, form: str) -> None:
    lab = up(place=place, form=_chooser(form))
    first, second = (lab.form.node(host) for host in HOSTS)
    lab.run("second", ["timeout", "50", "sh", "-c", _STOP, "sh", second])
    write_cookie(lab, "second", read_cookie(lab, "first"))
    lab.run("second", ["sh", "-c", "ejabberdctl start && ejabberdctl started"], timeout=120)
    lab.run("second", ["ejabberdctl", "join_cluster", first])
    members = lab.run("first", ["ejabberdctl", "list_cluster"]).stdout.decode().split()
    assert sorted(members) == [first, second]
    lab.reset()
    for host in HOSTS:
        alone = lab.run(host, ["ejabberdctl", "list_cluster"]).stdout.decode().split()
        assert alone == [lab.form.node(host)]
    assert read_cookie(lab, "first") != read_cookie(lab, "second")
    assert lab.run("second", _USERS).stdout.split() == [b"guest"]


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(0.2, marks=pytest.mark.catalogue),
        0.6,
        pytest.param(2.0, marks=pytest.mark.catalogue),
    ],
)
def test_down_finds_a_lab_whose_maker_was_killed(place: Place, form: str, seconds: float) -> None:
    maker = subprocess.Popen([sys.executable, "-c", _UP, str(place.root), form])
    with pytest.raises(subprocess.TimeoutExpired):
        maker.wait(seconds)
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    down(place)
    assert _leftovers(place) == []


def test_two_ups_at_once_make_one_lab(place: Place) -> None:
    argv = [sys.executable, "-c", _UP, str(place.root), "local"]
    makers = [subprocess.Popen(argv) for _ in range(2)]
    assert [maker.wait(SECONDS) for maker in makers] == [0, 0]
    lab = current(place)
    assert lab is not None
    assert lab.run("second", _USERS).stdout.split() == [b"guest"]


def test_what_runs_beside_a_local_node_is_taken_down_too(place: Place) -> None:
    lab = up(place=place, form=SideBySide)
    stray = subprocess.Popen(lab.enter("second", ["sleep", "1000"]), start_new_session=True)
    down(place)
    assert stray.wait(SECONDS) == -signal.SIGKILL
    assert _leftovers(place) == []


def test_status_says_how_to_get_there_and_what_is_not_shown(local_lab: Lab, lab: Lab) -> None:
    own, local = "\n".join(lab.describe()), "\n".join(local_lab.describe())
    assert "ssh -F" in own
    assert "ejabberd@second" in own
    assert "cannot show" not in own
    assert "second@localhost" in local
    assert "cannot show" in local
    password = lab.place.password_file.read_text().strip()
    assert password not in own


def test_sh_answers_the_commands_own_code(fresh_local_lab: Lab) -> None:
    place = fresh_local_lab.place
    assert sh("second", ["sh", "-c", "exit 7"], place) == 7
    with pytest.raises(LabError, match="no host third"):
        sh("third", ["true"], place)


def test_reset_without_a_lab_says_what_to_do(place: Place) -> None:
    with pytest.raises(LabError, match="ejtui lab up"):
        reset(place=place)
