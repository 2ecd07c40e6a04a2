"""What is done to a node by a step, a repair or a rollback alike."""
