"""SQL servers as Debian packages them, on first's host, and ejabberds that keep accounts there."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.lab.lab import Lab
from tests.lab.releases import roots

PASSWORD = "of-the-sql-server"  # noqa: S105
SHARED, OTHER = "ejabberd", "another"
"""The databases on the server; each has ejabberd's tables."""

_PGSQL = """
home=/var/lib/pgsql
bin=$(ls -d /usr/lib/postgresql/*/bin)
install -d -o postgres "$home" /run/postgresql
as() { runuser -u postgres -- "$@"; }
cd /
as "$bin/initdb" -D "$home/data" --auth-local=trust --auth-host=md5 >/dev/null
echo 'host all all all md5' >>"$home/data/pg_hba.conf"
as "$bin/pg_ctl" -D "$home/data" -w -l "$home/log" \
    -o "-c listen_addresses=* -c password_encryption=md5 -c fsync=off" start >/dev/null
as psql -q -c "CREATE USER ejabberd PASSWORD '$1'"
shift
for database; do
    as psql -q -c "CREATE DATABASE $database OWNER ejabberd"
    PGOPTIONS='-c client_min_messages=error' \
        as psql -q -U ejabberd "$database" </usr/share/ejabberd/sql/pg.sql
done
"""
_MYSQL = """
home=/var/lib/sqlserver
useradd --system sqlserver
install -d -o sqlserver "$home" /run/mysqld
cd /
mariadb-install-db --no-defaults --user=sqlserver --datadir="$home/data" >/dev/null
setsid --fork mariadbd --no-defaults --user=sqlserver --datadir="$home/data" \
    --socket=/run/mysqld/mysqld.sock --bind-address=0.0.0.0 >"$home/log" 2>&1 </dev/null
until mariadb --no-defaults -S /run/mysqld/mysqld.sock -e 'SELECT 1' >/dev/null 2>&1; do
    sleep 0.1
done
ask() { mariadb --no-defaults -S /run/mysqld/mysqld.sock "$@"; }
# Nobody's account of this very host would come before ejabberd's of any.
ask -e "DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES"
ask -e "CREATE USER ejabberd@'%' IDENTIFIED BY '$1'"
shift
for database; do
    ask -e "CREATE DATABASE $database CHARACTER SET utf8mb4; \
        GRANT ALL ON $database.* TO ejabberd@'%'"
    ask "$database" </usr/share/ejabberd/sql/mysql.sql
done
"""
_STOP_PGSQL = """
cd /
runuser -u postgres -- "$(ls -d /usr/lib/postgresql/*/bin)/pg_ctl" -D /var/lib/pgsql/data -w \
    -m immediate stop >/dev/null
"""
_STOP_MYSQL = "mariadb --no-defaults -S /run/mysqld/mysqld.sock -e SHUTDOWN"
_USE = """
f=/etc/ejabberd/ejabberd.yml
sed -i '/^\\(auth_method\\|default_db\\|sql_[a-z]*\\):/d' "$f"
cat >>"$f"
ejabberdctl stop
ejabberdctl stopped
ejabberdctl start
ejabberdctl started
"""


@dataclass(frozen=True)
class Server:
    """A kind of server: Debian's packages of it and of ejabberd's driver, and its programs."""

    sql_type: str
    packages: tuple[str, ...]
    start: str
    stop: str

    def run(self, lab: Lab) -> None:
        """Runs it on first's host, with both databases."""
        words = ["sh", "-euc", self.start, "sh", PASSWORD, SHARED, OTHER]
        lab.run("first", words, timeout=180)

    def end(self, lab: Lab) -> None:
        """Ends it."""
        lab.run("first", ["sh", "-euc", self.stop], timeout=60)

    def keeps_accounts(self, lab: Lab, host: str, database: str = SHARED) -> None:
        """A host's ejabberd keeps all there from now on; it is restarted."""
        use(
            lab, host, "auth_method: sql", "default_db: sql", f"sql_type: {self.sql_type}",
            "sql_server: first", f"sql_database: {database}", "sql_username: ejabberd",
            f'sql_password: "{PASSWORD}"',
        )  # fmt: skip


PGSQL = Server("pgsql", ("postgresql", "erlang-p1-pgsql"), _PGSQL, _STOP_PGSQL)
MYSQL = Server(
    "mysql",
    ("mariadb-server-core", "mariadb-client-core", "erlang-p1-mysql"),
    _MYSQL,
    _STOP_MYSQL,
)


def use(lab: Lab, host: str, *lines: str) -> None:
    """A host's ejabberd is restarted with these lines for authentication and databases."""
    text = "".join(f"{line}\n" for line in lines)
    lab.run(host, ["sh", "-euc", _USE], stdin=text.encode(), timeout=120)


def why_not() -> str | None:
    """Why no server can be installed here; None when it can."""
    return roots.why_not()
