"""Erlang: quoting, decoding, the probe, the live shell, its terminal and recording."""
