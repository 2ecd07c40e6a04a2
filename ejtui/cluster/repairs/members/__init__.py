"""Repairs of the nodes of a cluster: those that do not run, and those that do not fit together."""
