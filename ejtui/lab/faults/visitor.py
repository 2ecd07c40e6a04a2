"""A third Mnesia node, beside first's ejabberd: what another member of the cluster would be."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.lab.faults.node import LabNode, atom, first
from ejtui.lab.lab import Lab

# Of what a member usually holds, so that first knows it for more than its schema.
_TABLES = ("passwd", "roster", "vcard")


@dataclass(frozen=True)
class Visitor:
    """An erl with a separate Mnesia, on first's host and with first's cookie."""

    lab: Lab
    alive: str

    @property
    def name(self) -> str:
        """The Erlang node's name."""
        return f"{self.alive}@{self.host.name.partition('@')[2]}"

    @property
    def host(self) -> LabNode:
        """First, beside which it runs and which it joins."""
        return first(self.lab)

    @property
    def directory(self) -> str:
        """Where its Mnesia keeps its files."""
        return f"{self.host.home}/{self.alive}"

    def join(self) -> None:
        """Start it as a joiner's erl is started: a running member, its schema in memory only."""
        self.host.run("install", "-d", "-m", "700", self.directory)
        self.host.run("chown", "--reference", self.host.home, self.directory)
        self._start("-mnesia", "extra_db_nodes", f"[{atom(self.host.name)}]")

    def settle(self) -> None:
        """Make it a whole member: the schema on disc, and copies of tables."""
        copies = [
            f"{{atomic, ok}} = mnesia:add_table_copy({table}, node(), disc_copies)"
            for table in _TABLES
        ]
        schema = "{atomic, ok} = mnesia:change_table_copy_type(schema, node(), disc_copies)"
        self.host.ask(", ".join((schema, *copies)), node=self.name)

    def start_again(self) -> None:
        """Start it from what it has on disc."""
        self._start()

    def _start(self, *options: str) -> None:
        mnesia = ("-mnesia", "dir", f'"{self.directory}"', *options, "-s", "mnesia")
        self.host.erl(*mnesia, name=self.name, background=True)
        self.host.until(f"lists:member({atom(self.name)}, mnesia:system_info(running_db_nodes))")

    def stop(self) -> None:
        """Stop it, and wait until its VM has exited and first has noticed.

        Mnesia leaves first while the VM still has the name: another start would be refused.
        """
        pid = self.host.pid(self.name)
        self.host.ask("init:stop()", node=self.name)
        self.host.gone(pid)
        self.host.until(
            f"not lists:member({atom(self.name)}, mnesia:system_info(running_db_nodes))"
        )

    def remove_files(self) -> None:
        """Remove its directory, as when its host was taken away."""
        self.host.run("rm", "-rf", self.directory)
