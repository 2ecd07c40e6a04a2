"""The configuration that the lab's ejabberds run with."""

from __future__ import annotations

from ejtui.lab.people import DOMAIN, people
from ejtui.lab.place import HOSTS

# As the packages ship it, without what needs the internet or a certificate.
_MODULES = """\
modules:
  mod_adhoc: {}
  mod_admin_extra: {}
  mod_announce:
    access: announce
  mod_avatar: {}
  mod_blocking: {}
  mod_bosh: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_configure: {}
  mod_disco: {}
  mod_http_api: {}
  mod_last: {}
  mod_muc:
    access_create: muc_create
    access_persistent: muc_create
  mod_muc_admin: {}
  mod_offline:
    access_max_user_messages: max_user_offline_messages
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub:
    access_createnode: pubsub_createnode
    plugins:
      - flat
      - pep
  mod_push: {}
  mod_push_keepalive: {}
  mod_roster:
    versioning: true
  mod_shared_roster: {}
  mod_stream_mgmt:
    resend_on_timeout: if_offline
  mod_vcard:
    search: false
  mod_vcard_xupdate: {}
  mod_version: {}
"""

_RULES = """\
auth_password_format: scram
acme:
  auto: false
acl:
  admin:
    user:
{admins}
  local:
    user_regexp: ""
  loopback:
    ip:
      - 127.0.0.0/8
      - ::1/128
access_rules:
  local:
    allow: local
  c2s:
    allow: all
  announce:
    allow: admin
  configure:
    allow: admin
  muc_create:
    allow: local
  pubsub_createnode:
    allow: local
api_permissions:
  "console commands":
    from:
      - ejabberd_ctl
    who: all
    what: "*"
shaper_rules:
  max_user_sessions: 10
  max_user_offline_messages: 100
"""

INETRC = """\
{lookup,["file","native"]}.
{host,{127,0,0,1}, ["localhost","hostalias"]}.
{file, resolv, "/etc/resolv.conf"}.
"""


def configuration(ip: str, ports: dict[str, int]) -> str:
    """ejabberd.yml: listens on `ip` at ports by module's short name (c2s, s2s, http).

    The administrators are the same on every node.
    """
    admins = "\n".join(f'      - "{people(host)[0].user}@{DOMAIN}"' for host in HOSTS)
    return (
        "loglevel: info\nlog_rotate_count: 0\n"
        f"hosts:\n  - {DOMAIN}\n"
        f"{_listeners(ip, ports)}{_RULES.format(admins=admins)}{_MODULES}"
    )


def _listeners(ip: str, ports: dict[str, int]) -> str:
    modules = {"c2s": "ejabberd_c2s", "s2s": "ejabberd_s2s_in", "http": "ejabberd_http"}
    lines = ["listen:"]
    for name, port in ports.items():
        lines += [f"  - port: {port}", f'    ip: "{ip}"', f"    module: {modules[name]}"]
        if name == "http":
            lines += [
                "    request_handlers:",
                "      /admin: ejabberd_web_admin",
                "      /api: mod_http_api",
            ]
    return "\n".join(lines) + "\n"
