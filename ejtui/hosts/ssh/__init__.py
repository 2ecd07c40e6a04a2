"""A host behind SSH."""
