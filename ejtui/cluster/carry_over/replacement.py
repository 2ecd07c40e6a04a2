"""Second's ejabberd.yml replaced: kept, checked, written, loaded; restored where refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

from ejtui.cluster.acts.act import Act, At, Command, plain, where
from ejtui.cluster.administration.certificates import CERTFILES
from ejtui.cluster.administration.masking import hidden
from ejtui.cluster.backups import folders, guarded_start
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.carry_over import certificates
from ejtui.cluster.carry_over.comparison import loaded
from ejtui.cluster.carry_over.former import Former
from ejtui.cluster.carry_over.request import Prepared
from ejtui.cluster.completion import complete
from ejtui.cluster.diagnosis.own_settings import settings
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError


def question(context: StepContext, prepared: Prepared) -> Question:
    """Asks before second's file is written; shows what changes in it."""
    path = config_file.path(context.pair.second.platform)
    return Question(
        title=_title(prepared, path),
        takes=prepared.also_loads,
        consequence=(
            "Other lines stay as they are. The former file is kept, and a rollback restores it"
            f"{_not_undone(prepared)}. ejabberd's own reader checks the new one first; a running "
            "ejabberd then loads it without a restart where it can."
        ),
        yes_label="Write it",
        diff=prepared.carried.diff,
    )


def _not_undone(prepared: Prepared) -> str:
    return ", but no password that was converted meanwhile" if prepared.scram else ""


def _title(prepared: Prepared, path: str) -> str:
    taken, values = prepared.carried.taken, prepared.carried.values
    if not (taken or values):
        return f"Add first's {CERTFILES} to second's in {path}?"
    give = [f"give {', '.join(taken)} first's values"] if taken else []
    put = [f"set {', '.join(values)}"] if values else []
    text = " and ".join([*give, *put])
    return f"{text[:1].upper()}{text[1:]} in {path} on second?"


def commands(at: At) -> list[Command]:
    """What taking runs on second, for showing."""
    return [*keep_commands(at), *file_commands(at), *load_commands(at)]


def keep_commands(at: At) -> list[Command]:
    """How the former file is kept."""
    return [config_copy.keep_act(at, f"{_place(at)}/{config_file.NAME}").command]


def file_commands(at: At) -> list[Command]:
    """How the file gets its new text."""
    new = f"{_place(at)}/{config_copy.NEW}"
    return [
        config_file.stage_act(at, new).command,
        config_file.check_command(at, new),
        config_file.replace_command(at, new),
        _remove_act(at, new).command,
    ]


def load_commands(at: At) -> list[Command]:
    """How ejabberd gets what is new."""
    return [
        *where([config_file.reload_act(at)], "ejabberd runs"),
        *where(lifecycle.restart_acts(at), "loading it again is not enough, after asking"),
    ]


def _place(at: At) -> str:
    return f"{folders.root(at.platform)}/STAMP"


_REMOVE = f'rm -f -- "$1" "$2"/*/{config_copy.NEW} "$2"/*/config-*/{config_copy.NEW}'


def _remove_act(at: At, path: str) -> Act:
    """Removes the new file, and those that an ejtui has left that was killed."""
    argv = ["sh", "-c", _REMOVE, "sh", path, folders.root(at.platform)]
    return plain(at, argv, at.platform.service_user, check=False)


async def write(context: StepContext, prepared: Prepared) -> list[str]:
    """Copies the certificates, and replaces the file; what became of it, as evidence.

    Where ejabberd refuses it, all is as it was. Raises StepFailed, BackupError, HostError,
    ProbeError.
    """
    second = context.pair.second
    path = config_file.path(second.platform)
    # What is no file that can be read is named here: the copying below would wait for a FIFO.
    await config_file.read(second)
    place = await config_copy.keep(context)
    kept = f"{place}/{config_file.NAME}"
    if await config_copy.checksum(second, kept) != prepared.checksum:
        raise StepFailed(f"{path} on {second.name} was changed meanwhile; look at it again")
    files = prepared.lacking.files
    new = sha256(prepared.carried.text.encode("utf-8")).hexdigest()
    former = Former(context, kept, prepared.checksum, new, [each.path for each in files])
    seen = await certificates.copy(context, files, place) if files else []
    try:
        return [*seen, *await _taken_up(context, prepared, place, former)]
    except BaseException as error:
        # A file that is written and not loaded would only count at the next start.
        back = await former.back()
        if not (back and isinstance(error, (ClusterError, HostError, ProbeError))):
            raise
        raise StepFailed(
            f"ejabberd on {second.name} did not take the new {path}, and the former one is back: "
            f"{hidden(str(error), prepared.carried.hidden)}"
        ) from error


async def _taken_up(
    context: StepContext, prepared: Prepared, place: str, former: Former
) -> list[str]:
    """Puts the new file in its place, and has it loaded; `former` knows how far that came."""
    second = context.pair.second
    seen: list[str] = []
    if prepared.carried.diff:
        back = await config_copy.note_written(context, place, former.new)
        note = await _replaced(second, prepared, f"{place}/{config_copy.NEW}", former)
        path = config_file.path(second.platform)
        seen += [_written(path, second.name, prepared), f"kept: {former.kept}"]
        seen += [note] if note else []
        seen += [f"`{back}` restores that file alone"] if back else []
    if not (await context.refresh()).second.ejabberd:
        return [*seen, f"ejabberd on {second.name} loads it at its next start"]
    former.loading = True
    carried = prepared.carried
    return [*seen, *await load(context, carried.taken, carried.values)]


def _written(path: str, name: str, prepared: Prepared) -> str:
    taken, values = prepared.carried.taken, prepared.carried.values
    has = [f"first's {', '.join(taken)}"] if taken else []
    has += [f"the value given for {', '.join(values)}"] if values else []
    return f"{path} on {name} has {' and '.join(has) or f'the {CERTFILES} of first, too'}"


async def _replaced(second: Node, prepared: Prepared, new: str, former: Former) -> str:
    """The file has its new text, once ejabberd's own reader takes it. Raises StepFailed.

    Not where somebody has edited it since it was read. Returns what became of its owner.
    """
    carried = prepared.carried
    try:
        await config_file.stage(second, new, carried.text)
        why = await config_file.check(second, new)
        if why:
            raise StepFailed(
                f"ejabberd's own reader on {second.name} refuses the new "
                f"{config_file.path(second.platform)}, and nothing was "
                f"replaced: {hidden(why, carried.hidden)}"
            )
        former.touched = True
        return await complete(config_file.replace(second, new, former.new, prepared.checksum))
    except config_file.FileChanged:
        former.touched = False
        raise
    finally:
        # A host that is lost keeps it; what has ended the writing is what a person must read.
        with suppress(HostError):
            await _remove_act(second, new).run(second)


async def load(
    context: StepContext,
    taken: Sequence[str],
    values: Sequence[str] = (),
    undone: str = "the former file comes back",
) -> list[str]:
    """Has the running ejabberd load the file, by a restart where it does not otherwise.

    `taken` are the options that second then has as first has them, `values` those that it has in
    another way than before. `undone` is what follows from a No. Raises StepFailed, Refused,
    HostError, ProbeError.
    """
    second = context.pair.second
    before = await _digests(second, values)
    done = await config_file.reload_act(second).run(second)
    if done.code != 0:
        raise StepFailed(config_file.printed(done) or "it printed nothing; see its log")
    left = await _not_loaded(context.pair, taken)
    if left is None:
        return [
            f"ejabberd on {second.name} was asked to load it; whether it has is not known: not "
            "both nodes report what they have loaded"
        ]
    after = await _digests(second, values)
    left += [name for name, value in after.items() if before.get(name) == value]
    if not left:
        return [f"ejabberd on {second.name} has loaded it"]
    await context.ask(_restart_question(second.name, left, undone))
    await lifecycle.stop(second, context.say)
    await guarded_start.start(second, context.say)
    await context.until(lambda now: now.second.ejabberd, f"ejabberd on {second.name}")
    return [f"ejabberd on {second.name} was restarted, and has loaded it"]


async def _digests(node: Node, names: Sequence[str]) -> Mapping[str, object]:
    """What the running ejabberd has of these options; of those that are asked for."""
    if not names:
        return {}
    seen = await settings(node)
    values = {name: _value(seen, name.partition(" ")[0]) for name in names}
    return {name: value for name, value in values.items() if value}


def _value(seen: NodeSettings, option: str) -> object:
    """By virtual host, where it is of one; None for what is not known."""
    if option == "net_ticktime":
        return seen.ticktime
    if option == "hosts":
        return seen.hosts
    module, _, inner = option.partition(".")
    loaded_modules = {host: each[module] for host, each in seen.modules.items() if module in each}
    if inner:
        return {host: each.get(inner) for host, each in loaded_modules.items()}
    of_hosts = {host: each[option] for host, each in seen.options.items() if option in each}
    return loaded_modules or of_hosts or None


async def _not_loaded(pair: Pair, options: Sequence[str]) -> list[str] | None:
    """What was taken and still differs in the running ejabberd; None where it cannot be asked."""
    if not options:
        return []
    try:
        still = {each.option for each in await loaded(pair)}
    except StepFailed:
        return None
    return [
        each
        for each in options
        # A module that did not start again is not there at all.
        if any(option in (each, each.partition(".")[0]) for option in still)
        or any(option.startswith(f"{each}.") for option in still)
    ]


def _restart_question(name: str, left: Sequence[str], undone: str) -> Question:
    return Question(
        title=f"Restart ejabberd on {name}?",
        takes=(f"{', '.join(left)}: ejabberd takes the new value at its start alone",),
        consequence=(
            f"Its users are disconnected for the time of the restart. With a No {undone}."
        ),
        yes_label="Restart it",
    )
