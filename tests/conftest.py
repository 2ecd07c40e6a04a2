"""Fixtures for every test: state of the tests' own, and the lab's two nodes.

`lab` is up once a session and reset for each module; `fresh_lab` is reset for each test.
Both are the full form, and where namespaces are forbidden a test that asks for them is skipped
with the reason; with CI=true or EJTUI_NO_SKIP set it fails instead. `local_lab` and
`fresh_local_lab` are the form without privileges, which runs everywhere. `systemd_lab` and
`fresh_systemd_lab` are two hosts that boot a real systemd, with Debian's stock units.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from ejtui import own_files
from ejtui.lab.forms.choice import why_not_namespaces
from ejtui.lab.forms.sidebyside import SideBySide
from ejtui.lab.lab import Lab, down, up
from ejtui.lab.needs import missing
from ejtui.lab.place import HOSTS, Place
from tests.lab import seeds
from tests.lab.seeds import up_with_seeds
from tests.lab.systemd.booted import booted
from tests.lab.systemd.booted import why_not as why_no_systemd
from tests.skipping import skip_for
from tests.tables import tables

_REAL_NODES = Path(__file__).parent / "lab"
_MINUTES = ("interruptions", "releases")
_LONG = ("systemd", "layouts", "cluster", "cli", "ui", "lab", "erlang", "hosts")
"""Folders of tests on real nodes, the one whose tests take longest first."""
_LONG_UNIT = ("ui", "cli")
"""The same of the fast ones, which come after them."""
_NUMBER = pytest.StashKey[int]()
"""Where a test stands among all of them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many interruptions of each kind, and which."""
    group = parser.getgroup("ejtui")
    group.addoption(
        "--points", type=int, default=0, help="interruptions of each kind; 0: one of the commonest"
    )
    group.addoption(
        "--hosts", choices=("systemd", "lab"), default="systemd", help="what they happen to"
    )
    group.addoption("--kinds", default="", help="only these kinds, separated by commas")
    group.addoption("--seed", type=int, default=1, help="by which they are chosen")
    group.addoption(
        "--write-snapshots", action="store_true", help="write what screens show, to be compared"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what boots real nodes (or sshd, erl, a terminal), so that no test can forget to.

    What takes minutes begins first, and what takes long before what does not: at the end one worker
    would be busy with it alone.
    """
    for item in items:
        if _REAL_NODES in item.path.parents:
            item.add_marker(pytest.mark.lab)
    items.sort(key=_how_late)
    for number, item in enumerate(items):
        item.stash[_NUMBER] = number


def _how_late(item: pytest.Item) -> tuple[bool, bool, int]:
    real = _REAL_NODES in item.path.parents
    folder, long = item.path.parent.name, _LONG if real else _LONG_UNIT
    late = long.index(folder) if folder in long else len(long)
    return not any(map(item.get_closest_marker, _MINUTES)), not real, late


def pytest_collection_finish() -> None:
    """What is loaded by now stays: Python need not look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, of whichever rows were run."""
    from tests.lab.interruptions import table

    reports = [report for each in terminalreporter.stats.values() for report in each]
    calls = [report for report in reports if getattr(report, "when", "") == "call"]
    told = [each for call in calls for each in call.user_properties]
    points = table.markdown(told, terminalreporter.config.getoption("seed"))
    for each in filter(None, [*tables(told), points]):
        terminalreporter.write_line(f"\n{each}\n")


# In the background of a script the tests run with SIGINT ignored, under nohup SIGHUP, and
# so would all that the tests start: what is handled here, be it by nothing, is not ignored there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)

# A computer that is busy with something else is no reason for a test to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes what the person who runs it keeps in the XDG directories.

    Programs that tests start keep their bytecode, whatever this computer has set: each would
    compile all that it imports otherwise.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(seeds.DIRECTORY, str(_of_the_run(tmp_path_factory) / "seeds"))
        Path(os.environ[seeds.DIRECTORY]).mkdir(mode=0o700, exist_ok=True)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


def _of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The directory that all workers of this run share; each has its own one in it."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """No test hears of files that another one's journal could not be written to."""
    own_files.forget()


@pytest.fixture(scope="session")
def _lab_up(_own_state: None) -> Iterator[Lab]:
    _require_namespaces()
    yield from _up_and_down(Place(), lambda place: up(place=place), "here")


_used_by: dict[Path, tuple[str, int]] = {}
"""The module whose test had each lab last, and that test's number, by the lab's directory."""


def _taken(lab: Lab, request: pytest.FixtureRequest, *, fresh: bool) -> Lab:
    used, number = request.node.nodeid.partition("::")[0], request.node.stash[_NUMBER]
    module, before = _used_by.get(lab.place.root, ("", -1))
    _used_by[lab.place.root] = used, number
    # A worker may be given the end of a module before its middle: then the lab is not as the test
    # before in the module left it. One that nobody had yet has just been brought up.
    if (module and (fresh or module != used or number < before)) or not lab.form.is_up():
        lab.reset()
    return lab


@pytest.fixture
def lab(_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """The lab, two separate hosts, as the test before in the same module left it."""
    return _taken(_lab_up, request, fresh=False)


@pytest.fixture
def fresh_lab(_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """The lab, just reset to two nodes that are not joined."""
    return _taken(_lab_up, request, fresh=True)


@pytest.fixture(scope="session")
def _local_lab_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    place = Place(tmp_path_factory.mktemp("local-lab") / "lab")
    side_by_side = partial(up, form=SideBySide)
    yield from _up_and_down(place, lambda place: side_by_side(place=place), "side-by-side")


@pytest.fixture
def local_lab(_local_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """Two ejabberds side by side, as the test before in the same module left them."""
    return _taken(_local_lab_up, request, fresh=False)


@pytest.fixture
def fresh_local_lab(_local_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """Two ejabberds side by side, just reset to two nodes that are not joined."""
    return _taken(_local_lab_up, request, fresh=True)


@pytest.fixture(scope="session")
def _systemd_lab_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    skip_for(why_no_systemd())
    with booted(tmp_path_factory.mktemp("systemd-lab")) as lab:
        yield lab


@pytest.fixture
def systemd_lab(_systemd_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """Two hosts with systemd, as the test before in the same module left them.

    `lab.run("second", ["systemctl", …])` runs inside one as root; tests/lab/systemd/units.py asks
    for the state of a unit, and `lab.form` can cut and restore a host's power.
    """
    return _taken(_systemd_lab_up, request, fresh=False)


@pytest.fixture
def fresh_systemd_lab(_systemd_lab_up: Lab, request: pytest.FixtureRequest) -> Lab:
    """Two hosts with systemd, just booted, with two nodes that are not joined."""
    return _taken(_systemd_lab_up, request, fresh=True)


def _up_and_down(place: Place, bring_up: Callable[[Place], Lab], kind: str) -> Iterator[Lab]:
    try:
        yield up_with_seeds(place, dict.fromkeys(HOSTS, kind), lambda: bring_up(place))
    finally:
        down(place)


def _require_namespaces() -> None:
    reason = why_not_namespaces()
    if reason is None and (packages := missing(namespaces=True)):
        reason = f"packages are missing: {' '.join(packages)}"
    skip_for(reason)
