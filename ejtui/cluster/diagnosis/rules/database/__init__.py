"""Rules about Mnesia: its schema, tables and members."""
