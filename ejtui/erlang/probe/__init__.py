"""The probe: a hidden Erlang node on a host that answers typed questions."""
