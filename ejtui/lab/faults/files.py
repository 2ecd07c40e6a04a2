"""Faults of the files in second's database directory."""

from __future__ import annotations

from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import MNESIA_FILES, second
from ejtui.lab.lab import Lab


def _not_writable(lab: Lab) -> None:
    node = second(lab)
    node.stop()
    node.run("chown", "root:root", node.home)
    node.run("chmod", "755", node.home)
    node.fail_to_start()


def _root_owned(lab: Lab) -> None:
    """As after somebody started the node as root."""
    node = second(lab)
    node.stop()
    owner = ["chown", "root:root", "{}", "+"]
    node.run("find", node.home, "-maxdepth", "1", *MNESIA_FILES, "-exec", *owner)
    node.fail_to_start()


def _wrong_dir(lab: Lab) -> None:
    node = second(lab)
    node.stop()
    other = f"{node.home}/mnesia"
    node.run("install", "-d", "-m", "700", other)
    node.run("chown", "--reference", node.home, other)
    node.start("--spool", other)


def _custom_schema(lab: Lab) -> None:
    """A definition under which ejabberd deletes the cluster's rosters when second joins."""
    node = second(lab)
    place = f"{node.home}/ejabberd.schema"
    text = b"roster:\n  local_content: true\n"
    node.script('cat >"$1"; chown --reference "$2" "$1"', place, node.home, stdin=text)


def _settings_syntax(lab: Lab) -> None:
    """An `if` without its `fi` at the end of second's ejabberdctl.cfg; its ejabberd goes on."""
    node = second(lab)
    node.script('cat >>"$(readlink -f "$1")"', node.control_file, stdin=b"if true; then\n")


FAULTS = (
    Fault(
        "dir-not-writable",
        "second's directory given to root; ejabberd cannot start",
        _not_writable,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "dir-root-owned",
        "Mnesia's files on second given to root; ejabberd cannot start",
        _root_owned,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "wrong-dir",
        "second's ejabberd started with another, empty directory",
        _wrong_dir,
    ),
    Fault(
        "custom-schema",
        "an ejabberd.schema on second, under which its start deletes first's rosters",
        _custom_schema,
        needs_joined=False,
    ),
    Fault(
        "settings-syntax",
        "an `if` without `fi` in second's ejabberdctl.cfg, while its ejabberd runs",
        _settings_syntax,
    ),
)
