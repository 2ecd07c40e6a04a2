"""What is done to a node as a whole: what must be agreed to before it starts as a member."""
