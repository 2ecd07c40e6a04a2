"""First's values carried over to second's ejabberd.yml."""
