"""What a host's systemd reports of a unit."""

from __future__ import annotations

from ejtui.lab.faults.joined import ensure_joined
from ejtui.lab.lab import Lab

EJABBERD = "ejabberd.service"


def show(lab: Lab, host: str, *properties: str, unit: str = EJABBERD) -> dict[str, str]:
    """Properties of a unit, by name: ActiveState, SubState, LoadState, NRestarts and the like."""
    wanted = [f"--property={','.join(properties)}"] if properties else []
    printed = lab.run(host, ["systemctl", "show", unit, *wanted]).stdout.decode()
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def active(lab: Lab, host: str, unit: str = EJABBERD) -> str:
    """What `systemctl is-active` answers: active, inactive, activating, failed and the like."""
    return lab.run(host, ["systemctl", "is-active", unit], check=False).stdout.decode().strip()


def settled(lab: Lab, host: str, unit: str = EJABBERD) -> str:
    """What `systemctl is-active` answers once nothing is activating or deactivating any more.

    A unit of type forking is activating for some time after its node serves. Raises LabError when
    it takes longer than a minute.
    """
    script = (
        'while state=$(systemctl is-active "$1"); case $state in *ing) ;; *) false ;; esac;'
        ' do sleep 0.1; done; echo "$state"'
    )
    argv = ["sh", "-c", script, "sh", unit]
    return lab.run(host, argv, check=False, timeout=120).stdout.decode().strip()


def enabled(lab: Lab, host: str, unit: str = EJABBERD) -> str:
    """What `systemctl is-enabled` answers: enabled, disabled, masked-runtime and the like."""
    return lab.run(host, ["systemctl", "is-enabled", unit], check=False).stdout.decode().strip()


def processes(lab: Lab, host: str, name: str = "beam.smp", unit: str = EJABBERD) -> list[str]:
    """The ids, on the host, of a unit's processes of that name."""
    group = show(lab, host, "ControlGroup", unit=unit)["ControlGroup"]
    script = 'for p in $(cat "$1/cgroup.procs"); do echo "$p $(cat /proc/$p/comm)"; done'
    path = f"/sys/fs/cgroup{group}"
    if not group:
        return []
    lines = lab.run(host, ["sh", "-c", script, "sh", path]).stdout.decode().splitlines()
    return [pid for pid, _, comm in (line.partition(" ") for line in lines) if comm == name]


def vm_pids(lab: Lab, host: str) -> list[str]:
    """The ids of every beam.smp on a host."""
    return lab.run(host, ["pidof", "beam.smp"], check=False).stdout.decode().split()


def restart(lab: Lab, host: str) -> None:
    """`systemctl restart ejabberd`, which returns when it runs. Raises LabError."""
    lab.run(host, ["systemctl", "restart", EJABBERD], timeout=120)


def well_kept(lab: Lab, host: str) -> None:
    """ejabberd is its unit's, alone, and systemd can restart it."""
    assert settled(lab, host) == "active"
    assert enabled(lab, host) == "enabled"
    [pid] = processes(lab, host)
    assert vm_pids(lab, host) == [pid]


def joined_by_ejabberdctl(lab: Lab) -> None:
    """Joined in second's VM, which its unit then believes to be stopping."""
    ensure_joined(lab, lambda _: None)
