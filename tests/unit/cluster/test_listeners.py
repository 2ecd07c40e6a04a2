"""Who listens on a port: a program's name leads to no other process than its own."""

from __future__ import annotations

import pytest

from ejtui.cluster.repairs.tools.listeners import Listener, parsed

LINE = "LISTEN 0      128          0.0.0.0:4369       0.0.0.0:*    users:({})"


def test_each_owner_is_named_with_its_addresses() -> None:
    two = '("epmd",pid=12,fd=3),("sh",pid=13,fd=3)'
    assert parsed(LINE.format(two) + "\n" + LINE.format('("epmd",pid=12,fd=4)') + "\n") == [
        Listener("epmd", "12", ("0.0.0.0:4369", "0.0.0.0:4369")),
        Listener("sh", "13", ("0.0.0.0:4369",)),
    ]
    assert parsed("LISTEN 0 128 0.0.0.0:4369 0.0.0.0:*\n\n") == []


@pytest.mark.parametrize(
    "name",
    ['a",pid=745,fd=', 'a",pid=745,fd=3', 'a",pid=1,fd=3)', '",pid=1,fd=3),', 'a\n",pid=1,fd=3)'],
)
def test_a_name_that_looks_like_another_process_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\(\("):
        parsed(LINE.format(f'("{name}",pid=1597,fd=3)'))
