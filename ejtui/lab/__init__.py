"""Two real ejabberd hosts on this machine, to rehearse on."""
