"""Each option that ejabberd has is compared, or it is decided why not."""

from __future__ import annotations

import re
from itertools import combinations

from ejtui.cluster.administration import known_options, meanings
from ejtui.cluster.administration.known_options import OPTIONS
from ejtui.erlang.probe.bootstrap import sources

DECIDED = {
    "compared": {*meanings.OPTIONS},
    "of a host": {*known_options.OF_A_HOST},
    "of no consequence": {*known_options.NO_CONSEQUENCE},
    "in another way": {*known_options.IN_ANOTHER_WAY},
}


def test_each_known_option_has_one_decision() -> None:
    decided = {name for names in DECIDED.values() for name in names}
    assert OPTIONS - decided == set(), "decide about it"
    assert decided - OPTIONS == set(), "no release has it"
    for one, other in combinations(DECIDED, 2):
        assert DECIDED[one] & DECIDED[other] == set(), (one, other)


def test_the_probe_asks_for_what_is_compared() -> None:
    [source] = [each.decode() for each in sources() if b"-module(ejtui_settings)" in each]
    asked = {
        name
        for function in ("own", "per_host")
        for name in re.findall(r"\w+", source.split(f"\n{function}() ->")[1].partition("].")[0])
    }
    assert asked == DECIDED["compared"]
