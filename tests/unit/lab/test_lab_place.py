"""The lab's directory: its lock, its files, and two labs beside each other."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from ejtui.lab.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "lab")


def test_another_state_directory_is_another_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = set()
    for name in ("a", "b"):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / name))
        place = Place()
        assert place.root == tmp_path / name / "ejtui" / "lab"
        keys.add(place.key)
    assert len(keys) == 2


def test_the_lock_lets_one_in_at_a_time_also_when_the_first_removes_it(place: Place) -> None:
    order: list[str] = []
    inside = threading.Event()

    def other() -> None:
        inside.wait(10)
        with place.locked():
            order.append("second")
            assert (place.root / "lock").exists()

    thread = threading.Thread(target=other)
    thread.start()
    with place.locked():
        inside.set()
        # The other one must still be waiting when it has had the time to get in.
        thread.join(0.2)
        order.append("first")
        place.remove()
    thread.join(10)
    assert order == ["first", "second"]


def test_files_are_for_their_owner_alone_and_replace_each_other(place: Place) -> None:
    place.root.mkdir()
    for content in ("one", "two"):
        place.write(place.password_file, content)
    assert place.password_file.read_text() == "two"
    assert stat.S_IMODE(place.password_file.stat().st_mode) == 0o600
    assert [path.name for path in place.root.iterdir()] == ["password"]


@pytest.mark.parametrize("content", ["", "{", "[1]", "\0"])
def test_a_torn_state_is_no_state(place: Place, content: str) -> None:
    place.root.mkdir()
    (place.root / "state.json").write_text(content)
    assert place.read_state() == {}
