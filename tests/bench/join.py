"""A whole join on empty tables, against a bare expect script that types the document's commands.

The script does what a careful operator's own one would: the same commands by the same users, over
ssh, and waits for the same conditions by asking ejabberdctl and erl. It makes no backup, keeps no
checksums and asks nobody.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pexpect
from measure import PYTHON, Side, bench_lab, report

from ejtui.lab.lab import Lab

RUNS = 3
PATIENCE = 60
PROMPT = r"\(ejabberd@second\)(\d+)> $"
MNESIA = "schema.DAT *.DCD *.DCL *.DAT *.DAL *.LOG *.TMP FALLBACK.BUP MnesiaCore.*"
BOTH = {"ejabberd@first", "ejabberd@second"}


class Bare:
    """The expect script: one login on each host, and everything typed."""

    def __init__(self, lab: Lab) -> None:
        self.ssh = ["ssh", "-F", str(lab.place.ssh_config)]
        self.home = lab.form.home("second")
        self.first = self.login("first")
        self.second = self.login("second")

    def login(self, host: str) -> pexpect.spawn[str]:
        """A root shell on the host, with a special prompt to wait for."""
        child = pexpect.spawn(
            self.ssh[0],
            [*self.ssh[1:], "-tt", host, "sudo PS1=READY: sh"],
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(50, 200),
        )
        child.delaybeforesend = None
        child.expect_exact("READY:")
        return child

    def type(self, shell: pexpect.spawn[str], command: str) -> str:
        """Type a shell's command and wait for the next prompt."""
        shell.sendline(command)
        shell.expect_exact("\r\n")
        shell.expect_exact("READY:")
        return str(shell.before)

    def erl(self, command: str) -> str:
        """Type an Erlang command and wait for the prompt after it."""
        self.second.send(command + "\r")
        self.second.expect_exact("\r\n")
        self.second.expect(PROMPT)
        return str(self.second.before)

    def join(self) -> None:
        """Every step of the document, in its order."""
        self.type(self.second, f"ejabberdctl stop; {poll(3)}")
        self.cookie()
        self.type(self.second, f"cd {self.home} && rm -f {MNESIA}")
        self.connect()
        self.erl("mnesia:change_table_copy_type(schema, node(), disc_copies).")
        self.erl("mnesia:info().")
        self.tables()
        self.second.send("q().\r")
        self.second.expect_exact("READY:")
        self.type(self.second, f"chown -R ejabberd:ejabberd {self.home}")
        self.type(self.second, f"ejabberdctl start; {poll(0)}")
        self.verify()

    def cookie(self) -> None:
        copied = subprocess.run(
            [*self.ssh, "first", f"sudo cat {self.home}/.erlang.cookie"],
            capture_output=True,
            check=True,
        ).stdout
        place = f"{self.home}/.erlang.cookie"
        put = f"sudo sh -c 'cat > {place}.new && chmod 400 {place}.new'"
        subprocess.run([*self.ssh, "second", put], input=copied, check=True)
        self.type(self.second, f"mv {place}.new {place}; chown ejabberd:ejabberd {place}")

    def connect(self) -> None:
        """Start erl, then ask until Mnesia reports that both run."""
        self.second.sendline(
            f"runuser -u ejabberd -- env HOME={self.home} TERM=xterm-256color "
            f"erl -sname ejabberd@second -mnesia dir '\"{self.home}\"' "
            "-mnesia extra_db_nodes \"['ejabberd@first']\" -s mnesia"
        )
        self.second.expect(PROMPT)
        self.until(
            lambda: names(self.erl("mnesia:system_info(running_db_nodes).")) >= BOTH,
            "both to run",
        )

    def tables(self) -> None:
        """Copy each table in first's type, as the shell itself lists them."""
        kinds = ("ram_copies", "disc_copies", "disc_only_copies")
        for kind in kinds:
            listed = self.erl(
                f'io:format("~w~n", [[T || T <- mnesia:system_info(tables), T =/= schema, '
                f"lists:member('ejabberd@first', mnesia:table_info(T, {kind})), "
                "not mnesia:table_info(T, local_content)]])."
            )
            for table in re.findall(r"\[([a-z_0-9,]*)\]\r", listed)[-1].split(","):
                if table:
                    self.erl(f"mnesia:add_table_copy({table}, node(), {kind}).")

    def join_cluster(self) -> None:
        """ejabberd's own way: the cookie, a restart, and one command."""
        self.type(self.second, f"ejabberdctl stop; {poll(3)}")
        self.cookie()
        self.type(self.second, f"ejabberdctl start; {poll(0)}")
        self.type(self.second, "ejabberdctl join_cluster ejabberd@first")
        self.verify()

    def verify(self) -> None:
        self.until(
            lambda: all(
                names(self.type(shell, "ejabberdctl list_cluster")) >= BOTH
                for shell in (self.first, self.second)
            ),
            "both to list both",
        )
        accounts = self.type(self.second, "ejabberdctl registered_users chat.example").split()
        if len(accounts) < 25:
            raise SystemExit(f"the script's join failed: {accounts}")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {PATIENCE} s for {what}")

    def close(self) -> None:
        for shell in (self.first, self.second):
            shell.kill(signal.SIGTERM)
            shell.expect(pexpect.EOF)
            shell.close()


def poll(code: int) -> str:
    """Ask for the node's status until it is this: 0 runs, 3 is down.

    `ejabberdctl started` and `stopped` do it too, but sleep two seconds between questions.
    """
    return f"until ejabberdctl status >/dev/null 2>&1; test $? = {code}; do :; done"


def names(text: str) -> set[str]:
    """The nodes that a text names."""
    return set(re.findall(r"ejabberd@(?:first|second)", text))


def bare(lab: Lab, way: Callable[[Bare], None], *, fresh: bool = True) -> float:
    """Seconds for the script that way, its logins included."""
    if fresh:
        lab.reset()
    started = time.perf_counter()
    script = Bare(lab)
    try:
        way(script)
        return time.perf_counter() - started
    finally:
        script.close()


def ejtui(lab: Lab, *, fresh: bool = True) -> float:
    """Seconds for `ejtui join --yes`, its start included."""
    if fresh:
        lab.reset()
    started = time.perf_counter()
    done = subprocess.run(
        [PYTHON, "-m", "ejtui", "--config", str(lab.config_path), "join", "--yes"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"the join failed: {done.stdout}{done.stderr}")
    return time.perf_counter() - started


def main() -> None:
    """Print the figure."""
    with bench_lab() as lab:
        if not lab.place.ssh_config.exists():
            sys.exit("the script goes over ssh, which this form of the lab does not have")
        ours, script, ctl = [], [], []
        for _ in range(RUNS):
            ours.append(ejtui(lab))
            script.append(bare(lab, Bare.join))
            ctl.append(bare(lab, Bare.join_cluster))
    side = Side("ejtui join --yes", ours)
    others = (
        Side("a bare expect script", script),
        Side("cookie, restart, `ejabberdctl join_cluster`", ctl),
    )
    for other in others:
        report(
            "a whole join on empty tables, on the lab",
            side,
            other,
            target="no slower",
            figure="a whole join, backups and checks included",
        )


if __name__ == "__main__":
    main()
