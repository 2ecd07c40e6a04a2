"""The two nodes: their hosts, connections, lock and choices."""
