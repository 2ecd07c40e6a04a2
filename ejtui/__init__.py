"""Join two ejabberd servers into one cluster, from a terminal, without losing anything."""

__version__ = "0.1.0"
