"""Acts: what changes a host or a node, shown and run from one description."""
