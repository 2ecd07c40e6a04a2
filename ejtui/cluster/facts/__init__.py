"""What is known of the two nodes: immutable snapshots."""
