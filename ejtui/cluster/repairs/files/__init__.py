"""Repairs of files on a host: the database directory, ejabberd.yml and .schema, the cookie."""
