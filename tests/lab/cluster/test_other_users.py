"""A user of a host, neither root nor ejabberd: what their processes look like is no answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

THEIRS = "/var/tmp/theirs.conf"

# A process of `nobody` with the command line of ejabberd's VM, until it is killed. Prints its id.
_LOOKS_LIKE_A_VM = r"""
rm -f /run/nobody; mkfifo -m 644 /run/nobody
runuser -u nobody -- bash -c '
  exec -a /usr/lib/erlang/bin/beam.smp bash -c "read -r _ </run/nobody; :" "$@"' \
  bash beam -sname "$1" -mnesia dir "\"$2\"" "$2" -s ejabberd \
  -proto_dist inet_tls -ssl_dist_optfile "$3" >/dev/null 2>&1 &
echo $!
"""


@contextmanager
def a_false_vm(lab: Lab) -> Iterator[None]:
    node = second(lab)
    pid = node.script(_LOOKS_LIKE_A_VM, node.name, node.home, THEIRS).strip()
    node.wait('pgrep -u nobody -f "beam.smp.*$1" >/dev/null', THEIRS)
    try:
        yield
    finally:
        node.script('pkill -u nobody -f "$1"; rm -f /run/nobody', THEIRS)
        node.wait('[ ! -e "/proc/$1" ]', pid)


def test_a_process_of_another_user_is_not_taken_for_ejabberds_vm(fresh_lab: Lab) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    node = second(lab)
    node.stop()
    try:
        status, before = ejtui.json("plan")
        with a_false_vm(lab):
            code, answer = ejtui.json("check")
            found = [(each["code"], each["node"]) for each in answer["findings"]]
            evidence = str(answer)
            assert (code, ejtui.json("plan")) == (1, (status, before))
        assert THEIRS not in evidence
        assert ("not-connected", "second") in found, found
        assert "does not answer" not in evidence
    finally:
        node.start()
