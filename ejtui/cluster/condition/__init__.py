"""The state of the pair: what the header, `status` and `check` lead with."""
