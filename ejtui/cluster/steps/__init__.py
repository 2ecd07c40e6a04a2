"""The steps of a join, one a module, in the order of the document."""
