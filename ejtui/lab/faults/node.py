"""An ejabberd of the lab as the faults handle it: asked, stopped, started, its files changed."""

from __future__ import annotations

import contextlib
import re
import secrets
import shlex
from dataclasses import dataclass

from ejtui import scripts
from ejtui.lab.errors import LabError
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS

_ASK = scripts.erlang(__file__, "ask.eval")

_QUIET = ("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")

# Neither listens nor starts an epmd.
_UNSEEN = ("-dist_listen", "false", "-start_epmd", "false")

_REGISTER = scripts.erlang(__file__, "register.eval")

# A running ejabberd, as its own `ejabberdctl status` determines it.
RUNS = "lists:keymember(ejabberd, 1, application:which_applications(5000))"

# A busy host takes many times the usual second or two.
_SECONDS = 45.0

# The VM process of a node, whatever else its command line holds.
_BEAM = "^[^ ]*beam[^ ]* .*name {name}( |$)"

_OURS = scripts.shell(__file__, "ours.sh")

_ENDED = scripts.shell(__file__, "ours.sh")

# What Mnesia keeps in its directory, for `find`.
_SUFFIXES = ("*.DAT", "*.DCD", "*.DCL", "*.DAL", "*.LOG", "*.TMP", "FALLBACK.BUP", "MnesiaCore.*")
MNESIA_FILES = ("(", *" -o ".join(f"-name {each}" for each in _SUFFIXES).split(), ")")


@dataclass(frozen=True)
class LabNode:
    """One host's ejabberd. Whatever fails raises LabError."""

    lab: Lab
    host: str

    @property
    def name(self) -> str:
        """The Erlang node's name."""
        return self.lab.form.node(self.host)

    @property
    def home(self) -> str:
        """The home directory, which is Mnesia's too."""
        return self.lab.form.home(self.host)

    @property
    def logs(self) -> str:
        """The directory of ejabberd's logs."""
        if self.lab.form.needs_namespaces:
            return "/var/log/ejabberd"
        return str(self.lab.place.directory(self.host) / "logs")

    @property
    def peer(self) -> LabNode:
        """The other one."""
        (other,) = (host for host in HOSTS if host != self.host)
        return LabNode(self.lab, other)

    # -- the host it runs on ------------------------------------------------------------------

    def run(self, *argv: str, stdin: bytes = b"", check: bool = True, service: bool = False) -> str:
        """Run on the host; answers what it printed."""
        done = self.lab.run(self.host, argv, stdin=stdin, check=check, service=service)
        return done.stdout.decode(errors="replace")

    def script(self, text: str, *words: str, stdin: bytes = b"") -> str:
        """Run a shell script on the host as root, `words` its arguments."""
        return self.run("sh", "-euc", text, "sh", *words, stdin=stdin)

    def wait(self, condition: str, *words: str) -> None:
        """Wait on the host until a shell's condition holds, `words` its arguments."""
        loop = f"{_OURS}until {condition}\ndo sleep 0.05; done"
        self.run("timeout", str(_SECONDS), "sh", "-c", loop, "sh", *words)

    def ctl(self, *words: str, check: bool = True) -> str:
        """Run ejabberdctl."""
        return self.run(self.lab.form.ejabberdctl(self.host), *words, check=check)

    def erl(self, *options: str, name: str, background: bool = False) -> None:
        """Start an erl of that name as the service's user: to its end, or to stay behind."""
        how = "-detached" if background else "-noinput"
        argv = ["erl", how, "-sname", name, *_QUIET, *options]
        self.run("env", "-C", self.home, *argv, service=True)

    def plain_erl(self, program: str, *words: str) -> None:
        """Start an erl that is no node and stays behind, to run a program."""
        argv = ["setsid", "--fork", "erl", "-noinput", *_QUIET, "-eval", program, "-extra", *words]
        away = 'exec "$@" </dev/null >/dev/null 2>&1'
        self.run("sh", "-c", away, "sh", *argv, service=True)

    # -- the node that runs -------------------------------------------------------------------

    def ask(self, expression: str, *, seconds: float = _SECONDS, node: str = "") -> str:
        """Evaluate in the node, by a hidden one beside it; answers what Erlang prints."""
        return self._asked("once", expression, seconds, node)

    def until(self, expression: str, *, seconds: float = _SECONDS, node: str = "") -> None:
        """Wait until the expression is true in the node."""
        self._asked("until", expression, seconds, node)

    def _asked(self, how: str, expression: str, seconds: float, node: str) -> str:
        node = node or self.name
        place = node.partition("@")[2]
        style = "-name" if "." in place else "-sname"
        own = f"fault_{secrets.token_hex(4)}@{place}"
        argv = ["erl", "-noinput", "-hidden", *_UNSEEN, style, own, *_QUIET, "-eval", _ASK]
        words = [node, how, str(int(seconds * 1000)), expression]
        try:
            return self.run(*argv, "-extra", *words, service=True)
        except LabError as error:
            reason = str(error).rpartition("failed with code ")[2]
            raise LabError(f"{node} does not answer to {expression!r}: {reason}") from None

    def stop(self) -> None:
        """Stop it in order, and wait until its VM has exited; does nothing when it does not run."""
        pid = self.pid()
        if pid:
            self.ask("init:stop()")
            self.gone(pid)

    def kill(self) -> None:
        """Kill its VM, without a shutdown, and wait until it is gone."""
        pid = self.pid()
        if pid:
            self.script('kill -KILL "$1"', pid)
            self.gone(pid)

    def gone(self, pid: str) -> None:
        """Wait until that process is gone; well when there is none."""
        if pid:
            self.wait('! kill -0 "$1" 2>/dev/null', pid)

    def pid(self, name: str = "") -> str:
        """The process id of the VM that has the node's (or that) name; empty when there is none.

        One that runs without being known to epmd is found too.
        """
        pattern = _BEAM.format(name=name or self.name)
        return self.script(f'{_OURS}ours "$1"', pattern).partition("\n")[0]

    def start(self, *options: str) -> None:
        """Start ejabberd and wait until it runs."""
        self.begin(*options)
        self.until(RUNS)

    def begin(self, *options: str) -> None:
        """Start ejabberd without waiting for it; with options of ejabberdctl, by that alone."""
        if options:
            self.ctl(*options, "start")
        else:
            self.run(*self.lab.form.starting(self.host))

    def start_unseen(self) -> None:
        """Start ejabberd, and wait until its log reports it: for a node that nobody can reach."""
        log = f"{self.logs}/ejabberd.log"
        size = self.run("stat", "-c", "%s", log).strip()
        self.begin()
        self.wait('tail -c "+$(($2 + 1))" "$1" | grep -q "is started in the node"', log, size)

    def restart(self) -> None:
        """Stop, start, and wait until it runs."""
        self.stop()
        self.start()

    def fail_to_start(self, name: str = "") -> None:
        """Start ejabberd, which must fail, and wait until its VM has exited."""
        name = name or self.name
        log = f"{self.logs}/ejabberd.log"
        size = self.run("stat", "-c", "%s", log).strip()
        self.begin()
        self.wait('ended "$@"', log, size, _BEAM.format(name=name))
        if self.pid(name):
            # A fatal Mnesia stays ten seconds for its dump to be written, and then does this.
            with contextlib.suppress(LabError):
                self.ask("mnesia:lkill()", node=name)
            self.gone(self.pid(name))

    def register(self, user: str, *, node: str = "") -> None:
        """Give the running node an account; its password is that of all the lab's accounts."""
        accounts = f'"{self.lab.form.seeding(self.host)}/accounts"'
        program = scripts.erlang(__file__, "register.eval", File=accounts, User=f'<<"{user}">>')
        self.ask(program, node=node)

    # -- its files ----------------------------------------------------------------------------

    def configure(self, **options: str) -> None:
        """Set options in ejabberdctl.cfg, as its last word on them; for the next start."""
        lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in options.items())
        self.script('cat >> "$(readlink -f "$1")"', self.control_file, stdin=lines.encode())

    @property
    def control_file(self) -> str:
        """ejabberdctl.cfg."""
        if self.lab.form.needs_namespaces:
            return "/etc/ejabberd/ejabberdctl.cfg"
        return str(self.lab.place.directory(self.host) / "config" / "ejabberdctl.cfg")

    def wipe(self) -> None:
        """Remove Mnesia's files, as when the disk was replaced; the node must not run."""
        self.run("find", self.home, "-maxdepth", "1", *MNESIA_FILES, "-delete")

    def registered_port(self, name: str = "") -> int:
        """The distribution port that the host's epmd names for the node."""
        alive = name or self.name.partition("@")[0]
        found = re.search(
            rf"^name {re.escape(alive)} at port (\d+)$", self.run("epmd", "-names"), re.M
        )
        if found is None:
            raise LabError(f"epmd on {self.host} does not know {alive}")
        return int(found[1])


def first(lab: Lab) -> LabNode:
    """The node with the accounts."""
    return LabNode(lab, "first")


def second(lab: Lab) -> LabNode:
    """The node that joins."""
    return LabNode(lab, "second")


def atom(name: str) -> str:
    """A node's name as an Erlang atom; the lab's names hold no quote."""
    return f"'{name}'"
