"""Repairs of how nodes reach each other: epmd, and the port of the distribution."""
