"""Rules about ejabberd as it is installed and configured on a host, and its files."""
