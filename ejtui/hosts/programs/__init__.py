"""Starting programs on a host, as any user, and what passes in and out of them."""
