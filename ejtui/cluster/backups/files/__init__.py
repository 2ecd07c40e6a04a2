"""Files that are kept beside a database: ejabberd.yml, ejabberd.schema, certificates."""
