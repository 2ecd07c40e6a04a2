"""Settings of the two ejabberd.yml that must agree, and do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.compare import compare
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.installation.databases import apart_by_name, two_databases
from ejtui.cluster.finding import Finding

SHOWN = 12
"""So many differences are shown in one finding."""

_TITLES = {
    meanings.HOSTS: "second does not serve all virtual hosts of first",
    meanings.AUTH: "the nodes check passwords in different ways",
    meanings.DATABASE: "the nodes keep data in different databases",
    meanings.ACCESS: "the nodes have different access rules, limits or settings of users",
    meanings.MODULES: "the nodes run different modules, or with different options",
    meanings.TICKTIME: "the nodes have different settings of Erlang's distribution",
    meanings.CERTIFICATES: "second lacks certificates",
    meanings.REFUSED: "ejabberd refuses {node}'s ejabberd.yml",
    meanings.UNLOADED: "{node}'s ejabberd.yml is not what {node} has loaded, or nobody knows",
}

_WHY = (
    "ejabberd.yml is each node's own file. A cluster shares the database, and nothing of that file."
)

_WHY_REFUSED = (
    "ejabberd goes on with what it has loaded, and does not start with a file that it refuses."
)

_WHY_UNLOADED = (
    "ejabberd reads its file when it starts, or is asked to. Until then it goes on with what it "
    "has loaded."
)

_CORRECT = (
    "edit {node}'s ejabberd.yml by hand, at what ejabberd names; then `ejabberdctl reload_config` "
    "on {node} loads it, or a start of a stopped one"
)

_LOAD = (
    "on {node}: `ejabberdctl reload_config` loads the file; or undo what was changed. Where it "
    "cannot be read, let ejabberd's user read it"
)

_REPAIRS = {
    meanings.HOSTS: "add first's virtual hosts to second's ejabberd.yml, and load it",
    meanings.TICKTIME: "give net_ticktime the same value in both ejabberd.yml, and the others by "
    "-kernel in both vm.args or ERL_OPTIONS; then restart second",
    meanings.CERTIFICATES: (
        "copy the certificates and keys that second lacks from first, after asking, and load them; "
        "what is there and cannot be read, make readable for ejabberd's user"
    ),
    meanings.REFUSED: _CORRECT,
    meanings.UNLOADED: _LOAD,
}

_WHYS = {meanings.REFUSED: _WHY_REFUSED, meanings.UNLOADED: _WHY_UNLOADED}

_REPAIR = (
    "give second's ejabberd.yml first's values of these options, and load it; `ejtui config "
    "--take OPTION` does it one by one"
)


def _rule(code: str) -> Callable[[Case], Iterator[Finding]]:
    def find(case: Case) -> Iterator[Finding]:
        first, second = case.first.exam.settings, case.second.exam.settings
        facts = case.facts
        if facts.first.starting or facts.second.starting:
            return  # It has not loaded all of its settings yet.
        same = facts.first.ejabberd_version == facts.second.ejabberd_version
        found = compare(first, second, one_release=same)
        for node in ("first", "second"):
            mine = [each for each in found if each.meaning.code == code and each.node == node]
            if mine:
                yield finding(case, node, mine)

    def finding(case: Case, node: str, mine: list[Difference]) -> Finding:
        lines = [each.line for each in mine[:SHOWN]]
        if len(mine) > SHOWN:
            lines.append(f"and {len(mine) - SHOWN} more: `ejtui config` shows all")
        apart = apart_by_name(case) if code == meanings.DATABASE else ()
        return Finding(
            code,
            _TITLES[code].replace("{node}", node),
            node,
            (*lines, *apart),
            _WHYS.get(code, _WHY),
            _REPAIRS.get(code, _REPAIR).replace("{node}", node),
            severity="error" if apart or any(each.meaning.serious for each in mine) else "warning",
            consequences=tuple(dict.fromkeys(each.meaning.text for each in mine)),
            subjects=tuple(dict.fromkeys(each.option for each in mine)),
        )

    return find


def _declaration(code: str, meaning: str, warns: str, also: tuple[Rule, ...] = ()) -> Declaration:
    return Declaration(
        code=code,
        meaning=meaning,
        severity="warning" if warns == "always" else "error",
        warns="" if warns == "always" else warns,
        rules=(Rule("ejabberd", _rule(code), after=("config-passwords",)), *also),
        not_in_lab="edit second's ejabberd.yml by hand to see it",
    )


FINDINGS = (
    _declaration(
        meanings.HOSTS,
        "Second does not serve all virtual hosts of first.",
        "localhost alone is missing",
    ),
    _declaration(
        meanings.AUTH,
        "The nodes check passwords in different ways.",
        "auth_method is the same",
    ),
    _declaration(
        meanings.DATABASE,
        "The nodes keep data in different databases.",
        "only details of an SQL database or of tokens differ",
        (Rule("ejabberd", two_databases, after=("config-passwords",)),),
    ),
    _declaration(
        meanings.ACCESS,
        "The nodes have different access rules, limits or settings of users.",
        "always",
    ),
    _declaration(
        meanings.MODULES, "The nodes run different modules, or with different options.", "always"
    ),
    Declaration(
        code=meanings.TICKTIME,
        meaning="The nodes have different net_ticktime, or other settings that must agree.",
        warns="net_ticktime itself is the same",
        rules=(Rule("ejabberd", _rule(meanings.TICKTIME), after=("config-passwords",)),),
        not_in_lab="set net_ticktime in second's ejabberd.yml by hand to see it",
    ),
    _declaration(
        meanings.CERTIFICATES,
        "Second lacks certificates that first has, or cannot read its own.",
        "always",
    ),
    Declaration(
        code=meanings.REFUSED,
        meaning="Ejabberd refuses a node's ejabberd.yml: it would not start with it.",
        severity="warning",
        rules=(Rule("ejabberd", _rule(meanings.REFUSED), after=("config-passwords",)),),
        instead=f"a person decides what is right there: {_CORRECT.replace('{node}', 'that node')}",
        not_in_lab="edit second's ejabberd.yml by hand to see it",
    ),
    Declaration(
        code=meanings.UNLOADED,
        meaning="A node's ejabberd.yml was changed after it was loaded, or cannot be read.",
        severity="warning",
        rules=(Rule("ejabberd", _rule(meanings.UNLOADED), after=("config-passwords",)),),
        instead=f"a person decides what is right there: {_LOAD.replace('{node}', 'that node')}",
        not_in_lab="edit first's ejabberd.yml by hand to see it",
    ),
)
