"""The two ejabberd.yml: what each node has loaded, where they differ, and what that means."""
