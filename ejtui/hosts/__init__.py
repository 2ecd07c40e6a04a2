"""Machines: this one and those behind SSH; becoming root; files; platforms."""
