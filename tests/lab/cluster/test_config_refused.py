"""A new ejabberd.yml that ejabberd's own reader takes and the running ejabberd does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.carry_over.run import Taken, take
from ejtui.cluster.errors import ClusterError, Refused, StepFailed
from ejtui.cluster.question import Question
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.cluster.test_administration import FILE

pytestmark = pytest.mark.catalogue

RUNS = 'gen_mod:is_loaded(<<"chat.example">>, mod_proxy65)'
_HOLDS = "import socket, time; s = socket.create_server(('', 7777)); print(1, flush=True)"
RESTART = "Restart ejabberd on second?"


def with_module(node: LabNode) -> None:
    """First has a module that listens; on another host it may not be able to."""
    node.script(
        'sed -i "s/^modules:/&\\n  mod_proxy65:\\n    port: 7777\\n    ip: \\"0.0.0.0\\"/" "$1"',
        FILE,
    )
    node.ctl("reload_config")
    node.until(RUNS)


def hold(node: LabNode) -> str:
    """Somebody on the host listens on that port; their process."""
    script = f'python3 -c "{_HOLDS}; time.sleep(900)" >/dev/null 2>&1 & echo $!'
    node.script(script)
    node.script("until ss -Hltn sport = :7777 | grep -q .; do sleep 0.1; done")
    return node.run("sh", "-c", "ss -Hltnp sport = :7777").partition("pid=")[2].partition(",")[0]


async def test_what_reload_does_not_bring_needs_a_restart_and_a_failed_one_is_undone(
    fresh_lab: Lab,
) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    with_module(one_)
    before, own = other.run("cat", FILE), other.run("stat", "-c", "%U:%G %a", FILE)
    holder = hold(other)
    asked: list[str] = []

    async def taken(one: object, restart: str) -> Taken:
        async def answer(question: Question) -> bool:
            asked.append(question.title)
            if question.title == RESTART and restart == "left":
                asyncio.current_task().cancel()  # type: ignore[union-attr]
                await asyncio.sleep(0)
            if question.title == RESTART and restart == "free":
                other.run("kill", holder)
                other.script("while ss -Hltn sport = :7777 | grep -q .; do sleep 0.1; done")
            return question.title != RESTART or restart != "no"

        wanted = Wanted(options=("mod_proxy65",))
        return await take(one.pair, wanted, answer, lambda _: None)  # type: ignore[attr-defined]

    async with engine(fresh_lab) as one:
        for restart, kind, why in (
            ("no", StepFailed, f"answered No: {RESTART}"),
            ("yes", StepFailed, "a module start failed"),
        ):
            with pytest.raises(ClusterError) as error:
                await taken(one, restart)
            assert isinstance(error.value, kind)
            assert not isinstance(error.value, Refused)
            assert why in str(error.value)
            assert "the former one is back" in str(error.value)
            assert asked.count(RESTART) == 1
            asked.clear()
            assert other.run("cat", FILE) == before
            assert other.run("stat", "-c", "%U:%G %a", FILE) == own
            assert other.ask(RUNS) == "false"
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(taken(one, "left"))
        assert other.run("cat", FILE) == before
        assert other.run("stat", "-c", "%U:%G %a", FILE) == own
        assert other.ask(RUNS) == "false"
        done = await taken(one, "free")
        assert done.evidence[-1] == "ejabberd on second was restarted, and has loaded it"
    assert other.ask(RUNS) == "true"
    assert "  mod_proxy65:\n" in other.run("cat", FILE)


async def test_what_comes_between_reading_and_loading_harms_no_file(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = second(fresh_lab)
    first(fresh_lab).script("sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"", FILE)
    first(fresh_lab).ctl("reload_config")
    before, own = other.run("cat", FILE), other.run("stat", "-c", "%U:%G %a", FILE)

    async def yes(_: Question) -> bool:
        return True

    async with engine(fresh_lab) as one:
        wanted = Wanted(options=("shaper_rules",))
        await one.pair.refresh()
        host = one.pair.second.host
        run = host.run

        async def taken(around: Callable[[], object], *, after: bool) -> Taken:
            """Takes it; `around` is called once, beside the command that replaces the file."""
            todo = [around]

            async def beside(argv: Sequence[str], **how: Any) -> Any:
                mine = argv[3:4] == ["replace"] and todo and todo.pop()
                if mine and not after:
                    mine()
                done = await run(argv, **how)
                if mine and after:
                    mine()
                return done

            monkeypatch.setattr(host, "run", beside)
            return await take(one.pair, wanted, yes, lambda _: None)

        def edit() -> None:
            other.script('echo "# edited" >>"$1"', FILE)

        with pytest.raises(StepFailed, match="has changed since it was read; nothing was written"):
            await taken(edit, after=False)
        assert other.run("cat", FILE) == f"{before}# edited\n"
        other.script("sed -i '$d' \"$1\"", FILE)
        task: list[asyncio.Task[Taken]] = []
        task.append(asyncio.create_task(taken(lambda: task[0].cancel(), after=True)))
        with pytest.raises(asyncio.CancelledError):
            await task[0]
        assert other.run("cat", FILE) == before
        other.run("ln", FILE, f"{FILE}.too")
        with pytest.raises(StepFailed, match="has 2 names"):
            await taken(lambda: None, after=True)
        other.run("rm", f"{FILE}.too")
        assert other.run("cat", FILE) == before
        assert other.run("stat", "-c", "%U:%G %a", FILE) == own
        assert (await taken(lambda: None, after=True)).changed


# Its own script with one line more: ejtui reads settings of the host in it.
_HELD = """
held='[ "$1" != reload_config ] || { echo $$ >"HOME/asked"; exec sleep 900; }'
sed "1a $held" /usr/sbin/ejabberdctl | sed "2s|HOME|$1|" >/run/held-ejabberdctl
chmod 755 /run/held-ejabberdctl
mount --bind /run/held-ejabberdctl /usr/sbin/ejabberdctl
"""
_FREE = """
umount /usr/sbin/ejabberdctl
kill "$(cat "$1/asked")" || true
rm "$1/asked"
"""


def test_an_ejtui_killed_before_the_loading_leaves_two_ways_on(fresh_lab: Lab) -> None:
    one, other, ejtui = first(fresh_lab), second(fresh_lab), Ejtui(fresh_lab)
    one.script("sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"", FILE)
    one.ctl("reload_config")
    before = other.run("cat", FILE)
    other.script(_HELD, other.home)
    running = ejtui.start("config", "--take", "shaper_rules", "--yes", "--json")
    other.wait('[ -s "$1" ]', f"{other.home}/asked")
    running.kill()
    running.communicate()
    other.script(_FREE, other.home)
    assert "max_user_sessions: 11" in other.run("cat", FILE)

    _, answer = ejtui.json("config")
    [found] = answer["differences"]
    assert found["second"] == (
        "max_user_sessions: 10 (its file has what first has, not loaded yet)"
    )
    assert "has not loaded it yet (shaper_rules)" in answer["not_loaded"]
    assert "`ejtui config --take shaper_rules` loads it" in answer["not_loaded"]
    [*_, back, _] = answer["not_loaded"].split("`")
    assert back.startswith("ejtui rollback ")

    code, answer = ejtui.json("config", "--take", "shaper_rules", "--yes")
    assert (code, answer["changed"], answer["differences"]) == (0, True, []), answer
    assert answer["evidence"] == ["ejabberd on second has loaded it"]
    assert ejtui.json("config") == (0, {"differences": [], "changed": False})
    ran = ejtui(*back.split()[1:], "--yes")
    assert ran.returncode == 0, ran
    assert other.run("cat", FILE) == before
