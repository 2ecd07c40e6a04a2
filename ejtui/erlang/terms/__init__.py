"""Erlang terms: encoded, decoded, quoted; node names."""
