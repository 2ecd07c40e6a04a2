"""The cluster: facts of the nodes, the steps of a join, backups, the journal."""
