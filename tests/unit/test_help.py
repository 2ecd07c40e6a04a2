"""The help pages: the same for `ejtui help` and F1, complete, and in plain English."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from ejtui.cli.main import main
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.repairs.registry import why_none
from ejtui.erlang.terms.names import NodeName
from ejtui.help import TOPICS, page

ROOT = Path(__file__).parents[2]
DIALECT = re.compile(
    r"\b(shall|anew|lest|whoever|mends?|mended|told|begun|by itself|of its own|virtual machine)\b",
    re.IGNORECASE,
)
PROSE = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md")


def test_each_topic_has_a_page_and_each_page_a_topic() -> None:
    files = {file.name for file in resources.files("ejtui.help").iterdir()}
    written = set(TOPICS) - {"findings"}
    assert {name for name in files if name.endswith(".md")} == {f"{each}.md" for each in written}


def test_the_page_of_findings_has_every_code_with_its_repair_or_what_to_do() -> None:
    for code, declared in CATALOGUE.items():
        _, _, rest = page("findings").partition(f"## {code}\n")
        section = " ".join(rest.partition("\n## ")[0].split())
        assert declared.meaning in section
        assert (f"No repair: {why_none(code)}." if why_none(code) else "Repair: ") in section


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_printed_whole(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", topic]) == 0
    assert capsys.readouterr().out == page(topic)


def test_without_a_topic_the_topics_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"ejtui help {topic}" in shown for topic in TOPICS)
    assert main(["help", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["topics"] == dict(TOPICS)


def test_an_unknown_topic_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "configuraton"]) == 2
    assert "did you mean configuration?" in capsys.readouterr().err


def test_the_steps_of_the_page_are_the_steps_of_a_join() -> None:
    from ejtui.cluster.join.steps import STEPS

    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", page("join"), re.MULTILINE)
    assert rows == [(str(step.number), step.id) for step in STEPS]


def test_the_example_of_the_configuration_is_a_configuration(tmp_path: Path) -> None:
    from ejtui.config import load

    [example] = re.findall(r"```toml\n(.*?)```", page("configuration"), re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text(example)
    assert load(file).pair == "first+second"


def test_the_readme_fits_a_newcomer() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("name", [*TOPICS, *PROSE])
def test_the_prose_is_plain_english(name: str) -> None:
    text = page(name) if name in TOPICS else (ROOT / name).read_text()
    assert DIALECT.findall(text) == []


def test_what_the_undo_by_hand_names_is_a_node() -> None:
    [named] = re.findall(r"'(ejabberd@\w+)'", page("data"))
    assert str(NodeName.parse(named)) == named
