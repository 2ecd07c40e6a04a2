"""What each option decides, as far as a cluster is concerned: its finding, and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HOSTS, AUTH, DATABASE = "config-hosts", "config-auth", "config-database"
ACCESS, MODULES, PASSWORDS = "config-access", "config-modules", "config-passwords"
TICKTIME, CERTIFICATES = "config-ticktime", "config-certificates"
REFUSED, UNLOADED = "config-refused", "config-unloaded"


@dataclass(frozen=True)
class Meaning:
    """The finding that a difference belongs to, and in one sentence what follows from it.

    One that is `serious` stops a join. One `of_one_release` counts between nodes of one release
    alone: others have other defaults.
    """

    code: str
    text: str
    serious: bool = False
    of_one_release: bool = False


def _alike(code: str, texts: Mapping[str, str]) -> dict[str, Meaning]:
    """By option, from what follows to the names of the options; they have defaults of a release."""
    return {
        name: Meaning(code, text, of_one_release=True)
        for text, names in texts.items()
        for name in names.split()
    }


PASSWORD_FORMAT = "auth_password_format"  # noqa: S105 - the name of an option
"""The option that decides how a node stores passwords."""

AUTH_METHOD = "auth_method"
METHODS_IN_TURN = Meaning(AUTH, "a new account may be stored elsewhere than first stores it")
"""Of the same methods in another order."""
METHODS_MORE = Meaning(AUTH, "second lets in users whom first refuses", serious=True)
"""Of all methods of first's, and others."""

_NO_LOGIN = "an account of first's cannot log in on second"
_OTHER_DATA = "users on second see other data than users on first"

OPTIONS: Mapping[str, Meaning] = {
    AUTH_METHOD: Meaning(AUTH, _NO_LOGIN, serious=True),
    PASSWORD_FORMAT: Meaning(
        PASSWORDS, "what one node converts to SCRAM cannot become plain text again on either"
    ),
    **dict.fromkeys(
        (
            *("auth_opts", "jwt_key", "jwt_jid_field"),
            *("ldap_servers", "ldap_base", "ldap_uids", "ldap_filter", "ldap_rootdn"),
            *("ldap_password", "ldap_backups", "ldap_port", "ldap_encrypt", "ldap_dn_filter"),
            *("ldap_deref_aliases", "ldap_tls_verify", "auth_scram_hash"),
            *("auth_external_user_exists_check", "disable_sasl_mechanisms"),
            *("disable_sasl_scram_downgrade_protection", "allow_multiple_connections"),
            *("anonymous_protocol", "jwt_auth_only_rule", "extauth_program", "ext_api_url"),
            *("ext_api_path_oauth", "pam_service", "pam_userinfotype"),
        ),
        Meaning(AUTH, "a login that first accepts may be refused on second"),
    ),
    "default_db": Meaning(DATABASE, _OTHER_DATA, serious=True),
    "default_ram_db": Meaning(DATABASE, "each node keeps its own sessions and rooms", True),
    "sm_db_type": Meaning(DATABASE, "sessions on first are not seen from second", serious=True),
    "router_db_type": Meaning(DATABASE, "services on first are not reached from second", True),
    "oauth_db_type": Meaning(DATABASE, "a token from one node is refused by the other"),
    **dict.fromkeys(
        ("sql_type", "sql_server", "sql_port", "sql_database", "sql_username", "sql_password"),
        Meaning(DATABASE, "the nodes may use two SQL databases with different data"),
    ),
    **dict.fromkeys(
        ("new_sql_schema", "sql_schema_multihost", "sql_prefix"),
        Meaning(DATABASE, "the nodes expect different tables in the SQL database"),
    ),
    **dict.fromkeys(
        ("redis_server", "redis_port", "redis_db", "redis_password"),
        Meaning(DATABASE, "the nodes may use two Redis databases with different sessions"),
    ),
    "acl": Meaning(ACCESS, "an administrator of first's may not be one on second"),
    "access_rules": Meaning(ACCESS, "what users may do depends on the node they are connected to"),
    "api_permissions": Meaning(ACCESS, "an API call that first allows may be refused on second"),
    **dict.fromkeys(
        ("oauth_access", "oauth_expire", "oauth_client_id_check"),
        Meaning(ACCESS, "who gets a token, and for how long, depends on the node"),
    ),
    **dict.fromkeys(
        ("s2s_access", "s2s_use_starttls"),
        Meaning(ACCESS, "a server that first talks with may be refused on second"),
    ),
    "resource_conflict": Meaning(
        ACCESS, "which of two sessions with one resource ends depends on the node"
    ),
    "registration_timeout": Meaning(
        ACCESS, "how often an address may register depends on the node"
    ),
    "cluster_backend": Meaning(ACCESS, "the nodes keep their cluster in different ways"),
    **dict.fromkeys(
        ("shaper", "shaper_rules"),
        Meaning(ACCESS, "limits depend on the node that a user is connected to"),
    ),
    **_alike(
        AUTH,
        {
            "a login that first accepts may be refused on second": (
                "auth_password_types_hidden_in_sasl1 auth_stored_password_types ext_api_headers "
                "ldap_tls_depth"
            ),
        },
    ),
    **_alike(
        DATABASE,
        {
            "only one node's start brings the tables in SQL up to date": "update_sql_schema",
            "the nodes count accounts in different ways": "pgsql_users_number_estimate",
        },
    ),
    **_alike(
        ACCESS,
        {
            "whose word is taken for a client's address depends on the node": "trusted_proxies",
            "users and visitors read another language on second": "language",
            "an old client that one node accepts is refused by the other": (
                "c2s_ciphers c2s_protocol_options"
            ),
            "an old server that one node accepts is refused by the other": (
                "s2s_ciphers s2s_protocol_options"
            ),
            "a session that one node keeps may be ended by the other": (
                "max_fsm_queue negotiation_timeout validate_stream"
            ),
            "a client in a browser that first keeps or takes may be refused by second": (
                "websocket_origin websocket_ping_interval websocket_timeout"
            ),
            "how long a session is waited for that another replaces depends on the node": (
                "replaced_connection_timeout"
            ),
            "how many CAPTCHAs an address may ask for depends on the node": "captcha_limit",
            "which of several components gets a stanza depends on the node": "domain_balancing",
            "a name that stands for a virtual host in API calls is known to one node alone": (
                "hosts_alias"
            ),
            "the log of one node has addresses in it that the other hides": (
                "hide_sensitive_log_data"
            ),
        },
    ),
}
"""By the option's name. `known_options` has the others, each with why it is not compared."""

KERNEL = Meaning(
    TICKTIME, "the nodes judge a lost connection in different ways, and may end healthy ones"
)
"""Of the settings of Erlang's kernel that all nodes of a cluster have to share."""

KERNEL_NAMES = (
    "net_ticktime",
    "net_tickintensity",
    "prevent_overlapping_partitions",
    "connect_all",
    "dist_auto_connect",
    "global_groups",
)
"""Settings of Erlang's kernel that are compared; of these, ejabberd.yml has the first alone."""

MODULE_STORAGE = ("db_type", "ram_db_type")
"""Options of modules that decide where their data is."""

STORAGE = Meaning(DATABASE, _OTHER_DATA, serious=True)
MODULE = Meaning(MODULES, "users on second do not have this service")
MODULE_ALONE = Meaning(MODULES, "users on first do not have this service")
MODULE_OPTION = Meaning(MODULES, "the service behaves differently on second", of_one_release=True)

OF_A_HOST = frozenset(
    {
        *("docroot", "put_url", "get_url", "service_url", "external_secret", "secret", "token"),
        *(
            "accesslog",
            "path",
            "dir",
            "spool_dir",
            "ip",
            "port",
            "server",
            "services",
            "credentials",
        ),
        *("auth_password", "hostname", "turn_ip", "turn_ipv4_address", "turn_ipv6_address"),
        *("store_type", "cache_size", "cache_life_time", "cache_missed", "use_cache"),
    }
)
"""Options of modules that belong to a host (places, addresses, caches): they may differ."""
