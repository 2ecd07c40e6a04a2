"""The help pages: the same for `ejtui help` and F1, complete, and in plain English."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from ejtui.cli.main import main
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.repairs.registry import why_none
from ejtui.erlang.terms.names import NodeName
from ejtui.help import MADE, TOPICS, evidence, page
from ejtui.help.layout import laid_out
from tests.unit.test_words import banned_in

ROOT = Path(__file__).parents[2]
# These are right where a person does it.
PEOPLE = frozenset({"say", "says", "said", "bring back"})
OF_TEXTS = ("configuration", "evidence", "join")
"""Pages made of a text and of what the program declares."""
PROSE = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md")


def test_each_topic_has_a_page_and_each_page_a_topic() -> None:
    files = {file.name for file in resources.files("ejtui.help").iterdir()}
    written = set(TOPICS) - set(MADE) | set(OF_TEXTS)
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
    assert load(file).pair.startswith("first+second~")


def test_the_readme_fits_a_newcomer() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("name", [*sorted(set(TOPICS) - set(MADE)), *OF_TEXTS, *PROSE])
def test_the_prose_is_plain_english(name: str) -> None:
    file = ROOT / "ejtui" / "help" / f"{name}.md" if name in TOPICS else ROOT / name
    text = file.read_text()
    prose = text.partition("\n## Words\n")[0]
    assert list(banned_in(enumerate(prose.splitlines(), 1), PEOPLE)) == []


def test_what_the_undo_by_hand_names_is_a_node() -> None:
    [named] = re.findall(r"'(ejabberd@\w+)'", page("by-hand"))
    assert str(NodeName.parse(named)) == named


def test_the_page_of_keys_has_every_key_that_f1_shows() -> None:
    from ejtui.ui.state.actions import ACTIONS, BACKUP_ACTIONS, FINDING_ACTIONS, TABLE_ACTIONS

    for action in (*ACTIONS, *TABLE_ACTIONS, *FINDING_ACTIONS, *BACKUP_ACTIONS):
        assert f"| {action.title}. {action.tooltip} |" in page("keys")


def test_each_table_of_the_evidence_has_its_day_and_its_command() -> None:
    for section in page("evidence").split("\n## ")[1:]:
        assert re.search(r"^Measured on 20\d\d-\d\d-\d\d with\n\n    \S", section, re.M), section


def test_the_figures_have_their_circumstances_and_stand_beside_those_before() -> None:
    saved = resources.files("ejtui.help").joinpath(evidence.FIGURES).read_text(encoding="utf-8")
    assert evidence.parse(saved)[-1].circumstances in page("evidence")
    once = {"at": "2026-01-02T03:04:05+00:00", "commit": "abc1234", "cores": 2, "load": 0.5,
            "releases": {"Python": "3.11", "OTP": "25"}, "command": "all.py",
            "rows": [["start", "38 ms", "13 ms: beside", "2.87 (2.80); target: 2"],
                     ["start", "38 ms", "9 ms: other", "4.22"],
                     ["memory", "76 MB", "", "target: below 120 MB"]]}  # fmt: skip
    again = once | {"rows": [["start", "30 ms", "15 ms: beside", "2.00 (1.90)"]]}
    [first, second] = evidence.parse("\n".join(json.dumps(each) for each in (once, again)))
    assert (
        first.circumstances
        == "2 cores, load 0.5 at the start; Python 3.11, OTP 25; commit abc1234."
    )
    text = "\n".join(evidence.sections([second, first]))
    assert "| start | 2.00 | 2.87 |" in text
    assert text.count("| memory |") == 1
    older = "\n".join(evidence.sections([first, second]))
    assert "## Figures of 2026-01-02" in older, "what the newest run has not measured"
    assert older.count("| memory | 76 MB |") == 1


@pytest.mark.parametrize("width", [40, 76, 100])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_laid_out_keeps_to_its_width_and_breaks_no_word(topic: str, width: int) -> None:
    whole = {word.strip(":;") for text in _texts(topic, 10_000) for word in text.split()}
    for text in _texts(topic, width):
        assert len(text) <= width or len(text.split()) <= 2, text
        assert whole >= {word.strip(":;") for word in text.split()}


def test_a_table_is_readable_at_80_columns() -> None:
    """Side by side where its words have room, else row by row, each value by its head."""
    number = step_of("sync").number
    small = [text for text in _texts("join", 78) if text.startswith(("step", str(number)))]
    assert small[0].split() == ["step", "id", "what", "it", "does", "where"]
    assert small[1].split()[:2] == [str(number), "sync"]
    large = _texts("evidence", 78)
    row = large[large.index("second's power lost") + 1]
    assert row.startswith("    points: 8; in join: 7; in repair: 0")


def _texts(topic: str, width: int) -> list[str]:
    return ["".join(piece.text for piece in row) for row in laid_out(page(topic), width)]


def test_a_terminal_gets_the_page_laid_out_and_a_pipe_the_markdown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["help", "join"]) == 0
    shown = capsys.readouterr().out
    assert "|---" not in shown
    assert "`" not in shown
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines())) <= 60


def test_what_is_typed_from_a_page_fits_a_screen_of_80_columns() -> None:
    for topic in ("by-hand", "configuration", "data"):
        for block in re.findall(r"```.*?\n(.*?)```", page(topic), re.DOTALL):
            assert max(map(len, block.splitlines())) <= 74, block


@pytest.mark.parametrize("command", ["lab", "status", "bring-over"])
def test_a_command_is_a_topic_too(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", command]) == 0
    assert f"usage: ejtui {command}" in capsys.readouterr().out
