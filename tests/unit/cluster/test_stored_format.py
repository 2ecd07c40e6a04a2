"""The format of passwords: compared, named with its command, and never changed without its word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.compare import compare
from ejtui.cluster.administration.new_value import read_value
from ejtui.cluster.administration.password_format import WHOLE_NODE, is_about_passwords, new_scram
from ejtui.cluster.administration.written import Written
from ejtui.cluster.carry_over import replacement, stored_format
from ejtui.cluster.carry_over.firsts_file import NotLoaded
from ejtui.cluster.carry_over.request import Prepared, Wanted
from ejtui.cluster.carry_over.run import taken
from ejtui.cluster.condition.next_command import repair_command
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.errors import Refused
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.operations import agreement
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.question import Question
from ejtui.erlang.probe.client import ProbeError
from tests.samples import PLATFORM
from tests.unit.cluster.test_administration import loaded, setting
from tests.unit.cluster.test_ejabberd_yml import MAIN, read
from tests.unit.cluster.test_own_settings import formats

TAKE = "ejtui config --take auth_password_format"


def test_two_formats_are_the_first_difference() -> None:
    first = loaded(auth_method=setting("mnesia"), auth_password_format=setting("scram"))
    second = loaded(auth_method=setting("sql"), auth_password_format=setting("plain"))
    found = compare(first, second)
    assert found[0].option == "auth_password_format"
    assert (found[0].first, found[0].second) == ("scram", "plain")
    assert found[0].meaning.code == meanings.PASSWORDS
    assert not found[0].meaning.serious, "the join asks about it by its own word"


def test_its_finding_names_the_command(story: Any) -> None:
    facts, examined = story.joined(), formats("scram", "plain")
    [found] = [each for each in findings(facts, examined) if each.code == "config-passwords"]
    assert TAKE in found.repair
    assert repair_command(found) == TAKE
    asked = agreement.password_format(Case(story.strangers(), formats("plain", "scram")), 1)
    assert TAKE in asked.consequence


@pytest.mark.parametrize(
    ("before", "after", "hosts"),
    [
        ("", "auth_password_format: scram\n", (WHOLE_NODE,)),
        ("auth_password_format: plain\n", "auth_password_format: scram\n", (WHOLE_NODE,)),
        ("auth_password_format: scram\n", "auth_password_format: scram\n", ()),
        ("auth_password_format: scram\n", "auth_password_format: plain\n", ()),
        ("hosts: [a]\n", "hosts: [a]\nauth_password_format: scram\n", ("a",)),
        ("host_config: {a: {auth_password_format: scram}}\n", "", ()),
        ("host_config: {a: {auth_password_format: plain}}\nauth_password_format: scram\n",
         "auth_password_format: scram\n", ("a",)),
        ("", "append_host_config: {a: {auth_password_format: scram}}\n", ("a",)),
        ("", "define_macro: {F: scram}\nauth_password_format: F\n", (WHOLE_NODE,)),
    ],
)  # fmt: skip
async def test_which_hosts_get_scram(before: str, after: str, hosts: tuple[str, ...]) -> None:
    assert new_scram(await read({MAIN: before}), await read({MAIN: after})) == hosts


def test_which_options_are_about_passwords() -> None:
    assert is_about_passwords(["auth_password_format (a.example)"])
    assert is_about_passwords(["acl", "hosts"])
    assert not is_about_passwords(["acl", "auth_method"])


class Context:
    """What the question needs of a step's context; the answer is No."""

    def __init__(self, facts: PairFacts, plain: dict[str, int | None]) -> None:
        self.facts = facts
        self.asked: list[Question] = []
        self.pair = SimpleNamespace(
            first=self.node(plain.get("first")),
            second=self.node(plain.get("second")),
            agreed=set(),
        )

    @staticmethod
    def node(plain: int | None) -> SimpleNamespace:
        async def ask(*_: object, **__: object) -> int:
            if plain is None:
                raise ProbeError("timeout", "no answer")
            return plain

        return SimpleNamespace(probe=SimpleNamespace(ask=ask), platform=PLATFORM, name="second")

    async def ask(self, question: Question) -> None:
        self.asked.append(question)


async def asked(facts: PairFacts, *hosts: str, **plain: int | None) -> list[Question]:
    context: Any = Context(facts, plain)
    await stored_format.ask(context, hosts)
    found: list[Question] = context.asked
    return found


async def test_the_cluster_s_passwords_are_asked_about_by_the_word_of_the_join(story: Any) -> None:
    [one] = await asked(story.joined(), "a.example", first=25, second=0)
    assert one.consent == agreement.STORED_FORMAT
    assert "25 passwords are plain text on first" in one.takes
    assert "a.example: plain now, scram with the new file" in one.takes
    assert "No rollback makes them plain text again" in one.consequence


async def test_second_s_own_passwords_are_asked_about_too(story: Any) -> None:
    [one] = await asked(story.strangers(), "a.example", first=25, second=1)
    assert "1 password is plain text on second" in one.takes
    assert "A rollback restores the file, and not the passwords" in one.consequence


async def test_what_could_not_be_counted_is_asked_about(story: Any) -> None:
    [one] = await asked(story.joined(), "a.example")
    assert any("could not be counted" in each for each in one.takes)


async def test_where_nothing_is_converted_nothing_is_asked(story: Any) -> None:
    assert await asked(story.joined(), first=25) == [], "no host gets another format"
    assert await asked(story.joined(), "a.example", first=0) == []
    later = story.second_is(story.joined(), ejabberd_version="26.07")
    assert await asked(later, "a.example", first=25) == []


@pytest.mark.parametrize("scram", [(), ("a.example",)])
def test_what_a_rollback_does_not_undo_is_not_promised(scram: tuple[str, ...], story: Any) -> None:
    context: Any = Context(story.joined(), {})
    carried: Any = SimpleNamespace(taken=("auth_password_format",), values=(), diff=())
    one = replacement.question(context, Prepared(carried, "", scram=scram))
    assert ("but no password that was converted" in one.consequence) == bool(scram)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(options=("auth_password_format",)),
        Wanted(values=(read_value("auth_password_format", "scram"),)),
    ],
    ids=["take", "set"],
)
async def test_no_line_is_written_without_the_word(
    wanted: Wanted, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context: Any = Context(story.joined(), {"first": 25})

    async def refuse(question: Question) -> None:
        assert question.consent == agreement.STORED_FORMAT, "it comes before the lines"
        raise Refused(question.title)

    async def text(node: Any, instead: str | None = None) -> Written:
        own = "plain" if node is context.pair.second else "scram"
        return await read({MAIN: instead or f"auth_password_format: {own}\n"})

    async def fits(*_: object) -> None:
        return None

    context.ask = refuse
    context.pair.second.host = None

    async def alone(*_: object) -> tuple[str, ...]:
        return ()

    async def loaded(_: object) -> NotLoaded:
        return NotLoaded()

    monkeypatch.setattr("ejtui.cluster.carry_over.request.loads_too", alone)
    monkeypatch.setattr("ejtui.cluster.carry_over.request.not_loaded", loaded)
    monkeypatch.setattr(config_file, "read", text)
    monkeypatch.setattr(fixed_files, "refuse", fits)
    monkeypatch.setattr("ejtui.cluster.acts.declared.refuse_edit", lambda *_: None)
    with pytest.raises(Refused, match="convert the passwords"):
        await taken(context, wanted)
