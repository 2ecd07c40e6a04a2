"""What of an ejabberd.yml is hidden, what never is, and what second's file would read otherwise."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ejtui.cluster.administration.carry import carry
from ejtui.cluster.administration.document import BadFile, Document
from ejtui.cluster.administration.masking import difference, hidden, masked
from ejtui.cluster.administration.new_value import holds_secret, masked_text, read_value
from ejtui.cluster.administration.secrecy import SECRET_NAMES, concealed
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe.bootstrap import sources
from tests.unit.cluster.test_ejabberd_yml import MAIN, read

SECRET_LINES = [
    'sql_server: "DSN=ej;UID=ej;PWD=hunterTWOhorse"',
    'sql_server: "DSN=ej;Password = {hunterTWOhorse;x};UID=ej"',
    'sql_server: "A=b c PWD=hunterTWOhorse"',
    'ext_api_headers: "X-AUTH-TOKEN:hunterTWOhorse"',
    "ext_api_headers: 'X-Some:hunterTWOhorse'",
    "headers: {X-Some: hunterTWOhorse}",
    "mod_x: {custom_headers: {Cookie: hunterTWOhorse}}",
    "extauth_program: /usr/bin/auth --key hunterTWOhorse",
    "extauth_program: /usr/bin/auth hunterTWOhorse",
    *(
        f"{name}: hunterTWOhorse"
        for name in (
            *("pwd", "apikey", "api_key", "api-key", "apiKey", "psk", "pin", "cookie", "keys"),
            *("authorization", "bind_pw", "bindPw", "db_pwd", "jwt_key", "dbpass", "passwords"),
            *("secrets", "access_token", "private_key", "psks_pin", "auth_opts", "credentials"),
        )
    ),
    "mod_x: {deep: {api_key: [hunterTWOhorse]}}",
    "listen: [{hosts: {icq.example: {password: hunterTWOhorse}}}]",
    "host_config: {a.example: {modules: {mod_x: {pin: hunterTWOhorse}}}}",
    "append_host_config: {a.example: {sql_password: hunterTWOhorse}}",
    "define_macro: {SQL_PASSWORD: hunterTWOhorse}",
    'mod_x: {pem_file_text: "-----BEGIN PRIVATE KEY-----\\nhunterTWOhorse"}',
    "mod_x:\n  text: |\n    -----BEGIN PRIVATE KEY-----\n    hunterTWOhorse",
    "url: https://hunterTWOhorse@host.example/x",
    "url: 'https://op:hunterTWOhorse@host.example/x'",
    "url: 'https://op:a@hunterTWOhorse@host.example/x'",
    "url: 'https://host.example/x?a=b&apikey=hunterTWOhorse'",
    "words: 'Authorization: Bearer hunterTWOhorse'",
    "words: 'Bearer hunterTWOhorse'",
    "sql_password: x # was hunterTWOhorse until May",
    "# was hunterTWOhorse until May\nsql_password: x",
    "sql_password: x\n# before May: hunterTWOhorse\n# and after",
    "sql_password: >  # was hunterTWOhorse\n  x",
    "hosts: [a] # hunterTWOhorse is the password",
    "# -----BEGIN PRIVATE KEY-----\n# hunterTWOhorse\nhosts: [a]",
    "# https://op:hunterTWOhorse@x.example\nhosts: [a]",
    "other: &p hunterTWOhorse\nsql_password: *p",
]


@pytest.mark.parametrize("text", SECRET_LINES)
def test_a_secret_is_shown_in_no_line(text: str) -> None:
    shown = "\n".join(masked(Document(MAIN, f"{text}\n"), ()))
    assert "hunterTWOhorse" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "acl: {admin: {user: [evilevilevilevilevil1]}}",
        "acl: {token_people: {user: [evil@x.example]}}",
        'acl: {admin: {user_regexp: "^evil # token"}}',
        "access_rules: {secret_room: {allow: evilpeople}}",
        "api_permissions: {keys: {who: evilpeople, what: '*'}}",
        "hosts: [evilevilevilevilevil1.example]",
        "host_config: {secret.example: {acl: {key: {user: evil@x.example}}}}",
        "host_config: {token.example: {auth_method: [anonymous]}}",
        "modules: {mod_token_x: {hosts: [evil.example], access: evilpeople}}",
        "modules: {mod_x: {access_admin: evilevilevilevilevil1}}",
        "listen: [{module: ejabberd_http, access: evilpeople}]",
        "listen: [{request_handlers: {/key: mod_http_api}}]",
        "listen: [{hosts: {token.example: {access: evilpeople}}}]",
        "auth_password_format: scram\nauth_scram_hash: sha256\nldap_base: dc=x",
        "modules: {mod_auth_fast: {token_lifetime: 30 days}}",
        "modules: {mod_muc: {default_room_options: {password_protected: true}}}",
        "auth_stored_password_types: [scram_sha1]\nauth_password_types_hidden_in_sasl1: [plain]",
        "token_expire_seconds: 60\nmax_password: 64",
        "# - /etc/ssl/fullchain.pem\ncertfiles: [/etc/ssl/x.pem]",
        "jwt_auth_only_rule: evilpeople\noauth_expire: 3600",
        "captcha_url: 'https://upload.@HOST@:5443/@HOST@/x'",
        "modules: {mod_x: {custom_headers: {Access-Control-Allow-Origin: https://evil.example}}}",
        "modules: {mod_bypass: {bypass: [1], keyword: yes}}",
        "extauth_program: /opt/evil/program",
        "hosts: [a] # the old one",
    ],
)
def test_what_decides_who_may_do_what_is_always_shown(text: str) -> None:
    known = ("evil@x.example", "evilpeople", "mod_http_api", "evilevilevilevilevil1")
    assert "\n".join(masked(Document(MAIN, text), known)) == text


def test_a_program_and_an_address_are_shown_without_their_secrets() -> None:
    assert concealed(["extauth_program"], "/bin/a -k b") == "/bin/a ***"
    assert concealed(["sql_server"], "DSN=e;PWD=a b;UID=u") == "DSN=e;PWD=***;UID=u"
    assert concealed(["captcha_url"], "https://op:a@h/x?c=d") == "https://op:***@h/x?***"
    assert concealed(["u"], "https://op:a@h/x?c=d") == "https://op:***@h/***?***"


def test_numbers_are_secrets_where_a_secret_stands() -> None:
    assert masked(Document(MAIN, "sql_password: 123\nport: 123\n"), ("123",)) == [
        'sql_password: "***"',
        "port: 123",
    ]
    assert hidden("got 123, 12345", ("123",)) == "got ***, 12345"


async def test_a_known_secret_is_hidden_elsewhere_where_it_is_long_enough() -> None:
    text = "sql_password: {}\nlanguage: the word is {}\nfqdn: {}\n"
    short = await read({MAIN: text.format("allow", "allow", "allow")})
    assert carry(short, short, []).hidden == {"allow"}
    assert masked(short.main, {"allow"})[1:] == ["language: the word is allow", "fqdn: allow"]
    long = await read({MAIN: text.format(*["battery staple"] * 3)})
    assert "battery" not in "".join(masked(long.main, {"battery staple"}))


@pytest.mark.parametrize(
    ("kind", "use"),
    [("define_macro", "WORD"), ("define_keyword", '"@WORD@"'), ("define_keyword", '"a@WORD@b"'),
     ("define_macro", '"PWD=@WORD@"'), ("define_keyword", "WORD")],
)  # fmt: skip
async def test_what_a_secret_is_made_of_is_secret_elsewhere(kind: str, use: str) -> None:
    text = f"{kind}:\n  WORD: 'hunterTWOhorse'\nsql_password: {use}\n"
    first = await read({MAIN: f'{text}motd: "it is @WORD@"\n'})
    second = await read({MAIN: "motd: none\n"})
    done = carry(first, second, ["motd"])
    assert "motd:" in "".join(done.diff)
    assert "hunterTWOhorse" in done.text
    assert "hunterTWOhorse" not in "".join(done.diff)
    assert "hunterTWOhorse" not in "".join(masked(first.main, done.hidden))


def test_another_secret_at_the_same_place_is_a_difference() -> None:
    before = Document(MAIN, "sql_password: one-one\nldap_password: two-two\n")
    after = Document(MAIN, "sql_password: two-two\nldap_password: two-two\n")
    lines = difference(before, after, {"one-one", "two-two"})
    assert lines[-2:] == ['-sql_password: "***"', '+sql_password: "*** (new)"']


def test_asterisks_of_a_value_are_not_taken_for_a_hidden_one() -> None:
    """As a glob, `***` is everybody."""
    lines = masked(Document(MAIN, 'acl: {admin: {user_glob: "***"}}\nsql_password: x\n'), ())
    assert lines == [
        'acl: {admin: {user_glob: "*** (its own asterisks)"}}',
        'sql_password: "***"',
    ]


UNKNOWN_LINES = [
    "url: https://hooks.example/services/T00/B00/hunterTWOhorse",
    "url: https://h.example/x?auth=hunterTWOhorse&u=1",
    "url: https://h.example/x?hash=hunterTWOhorse",
    "auth: hunterTWOhorse",
    "auth: {user: bob, value: hunterTWOhorse}",
    "basic_auth: bob:hunterTWOhorse",
    "login: bob/hunterTWOhorse",
    'dsn: \'{"password": "hunterTWOhorse"}\'',
    "dsn: user bob password hunterTWOhorse",
    "args: ['--token', hunterTWOhorse]",
    "options: [{name: password, value: hunterTWOhorse}]",
    "secret_key_size: hunterTWOhorse",
    "access: {secret: hunterTWOhorse}",
    "allow: {token: hunterTWOhorse}",
    "token: {hunterTWOhorse: bob}",
    "admins: {bob: hunterTWOhorse}",
    "users: {bob: hunterTWOhorse}",
    "users: {hunterTWOhorse: bob}",
    "host: 'https://u:hunterTWOhorse@h/'",
    "hosts: ['https://u:hunterTWOhorse@h/']",
    "request_handlers: {'https://u:hunterTWOhorse@h/': mod_y}",
    "'https://u:hunterTWOhorse@h/': yes",
    "servers: {'mqtt://bob:hunterTWOhorse@h': {publish: {}}}",
    "seed: hunterTWOhorse",
    "nonce: hunterTWOhorse",
    "Passwort: hunterTWOhorse",
]


@pytest.mark.parametrize("module", ["mod_x", "mod_mqtt_bridge"])
@pytest.mark.parametrize("line", UNKNOWN_LINES)
def test_of_what_ejabberd_does_not_document_the_shape_alone_is_shown(
    module: str, line: str
) -> None:
    before = Document(MAIN, "hosts: [a]\n")
    after = Document(MAIN, f"hosts: [a]\nmodules:\n  {module}:\n    {line}\n")
    shown = "\n".join(difference(before, after, ()))
    assert f"{module}:" in shown
    assert "hunterTWOhorse" not in shown
    assert "hunterTWOhorse" not in masked_text(module, read_value(module, line).value)


def test_a_new_value_that_is_not_shown_is_still_a_difference() -> None:
    text = "modules: {{mod_x: {{seed: {}, users: {{{}: 1}}}}}}\n"
    one, other = (Document(MAIN, text.format(each, each)) for each in ("abc", "def"))
    assert difference(one, other, ())[-1].count("*** (new)") == 2
    assert difference(one, one, ()) == []


def test_addresses_have_no_user_and_no_query_anywhere() -> None:
    assert concealed(["ldap_servers"], "ldap://u:hunterTWO@h") == "ldap://u:***@h"
    assert concealed(["captcha_url"], "https://h/?hunterTWO") == "https://h/?***"
    assert concealed(["modules", "mod_x", "host"], "https://u:a@h/x?b") == "https://u:***@h/x?***"


def test_numbers_and_booleans_of_any_option_are_shown() -> None:
    text = "modules: {mod_x: {size: 10, wait: 30 seconds, on: true, rate: 1.5}}"
    assert masked(Document(MAIN, text), ()) == [text]


def test_names_below_keys_are_keys() -> None:
    text = "mod_x:\n  api_keys:\n    hunterTWOhorse: true\n"
    assert "hunterTWOhorse" not in "".join(masked(Document(MAIN, text), ()))
    assert "hunterTWOhorse" not in masked_text("mod_x", read_value("mod_x", text[6:]).value)
    assert masked(Document(MAIN, "api_permissions: {keys: {who: all}}"), ()) == [
        "api_permissions: {keys: {who: all}}"
    ]


@pytest.mark.parametrize(
    ("option", "text"),
    [("sql_server", "DSN=ej;PWD=hunter"), ("ext_api_headers", "X-A:b"), ("sql_password", "12"),
     ("extauth_program", "/a b"), ("mod_x", "{pin: 12}"), ("mod_x.api_key", "k"),
     ("captcha_url", "https://token@x.example")],
)  # fmt: skip
def test_a_secret_is_one_wherever_it_is_asked(option: str, text: str) -> None:
    value = read_value(option, text)
    assert value.secrets
    assert holds_secret(option, value.value)


@pytest.mark.parametrize(
    ("first", "second", "option", "why"),
    [
        ("sql_username: ADMIN\n", "define_macro:\n  ADMIN: someoneelse\n", "sql_username",
         f"{MAIN}, line 2, defines the macro ADMIN"),
        ("sql_username: 'ADMIN'\n", "define_keyword:\n  ADMIN: other\n", "sql_username",
         f"{MAIN}, line 2, defines the keyword ADMIN"),
        ("modules: {mod_muc: {hosts: ['rooms.@HOST@']}}\n",
         "hosts: [a]\ndefine_keyword:\n  HOST: evil.example\n", "mod_muc.hosts",
         f"{MAIN}, line 3, defines the keyword HOST"),
        ("acl: {admin: {user: [x@a, BOSS]}}\n",
         "host_config:\n  a:\n    define_keyword:\n      BOSS: evil\n", "acl",
         f"{MAIN}, line 4, defines the keyword BOSS"),
        ("hosts: [a, ADMIN]\n", "hosts: [a]\ndefine_macro: {ADMIN: b}\n", "hosts",
         f"{MAIN}, line 2, defines the macro ADMIN"),
    ],
)  # fmt: skip
async def test_a_value_that_seconds_file_would_replace_is_refused(
    first: str, second: str, option: str, why: str
) -> None:
    one, other = await read({MAIN: first}), await read({MAIN: second})
    with pytest.raises(StepFailed) as caught:
        carry(one, other, [option])
    assert str(caught.value).startswith(f"{option}: first's value of ")
    assert why in str(caught.value)
    done = carry(one, other, [option], everything=True)
    assert why in done.left[0]
    assert done.text == second


async def test_such_a_secret_is_refused_without_its_words() -> None:
    one = await read({MAIN: "sql_password: SESAME\n"})
    other = await read({MAIN: "define_macro: {SESAME: x}\n"})
    with pytest.raises(StepFailed, match="has the name of a macro or keyword in it") as caught:
        carry(one, other, ["sql_password"])
    assert "SESAME" not in str(caught.value)
    one = await read({MAIN: "modules: {mod_x: {api_keys: {hunterTWO: SESAME}, seed: SESAME}}\n"})
    other = await read({MAIN: "define_macro: {SESAME: x}\nmodules: {mod_x: {}}\n"})
    for option in ("mod_x.api_keys", "mod_x.seed"):
        with pytest.raises(StepFailed, match="mod_x") as caught:
            carry(one, other, [option])
        assert "SESAME" not in str(caught.value)
        assert "hunterTWO" not in str(caught.value)
    one = await read({MAIN: "sql_password: SESAME\n"})
    # What first's own file replaces is another matter.
    one = await read({MAIN: "define_macro: {SESAME: open}\nsql_password: SESAME\n"})
    assert "sql_password: open" in carry(one, other, ["sql_password"]).text


async def test_what_is_left_and_what_is_no_yaml_is_named_without_secrets() -> None:
    text = "extauth_program: /bin/a hunterTWOhorse\nsql_password: /hunterTWOhorse\njwt_key: /k\n"
    first, second = await read({MAIN: text}), await read({MAIN: "hosts: [a]\n"})
    options = ["extauth_program", "sql_password", "jwt_key"]
    done = carry(first, second, options, everything=True)
    assert [each.partition("; ")[0] for each in done.left] == [
        "extauth_program: it names /bin/a *** on first",
        "sql_password: it names a file on first",
        "jwt_key: it names a file on first",
    ]


@pytest.mark.parametrize("word", ['*hunterTWO"horse', "!hunterTWO!horse x", "%hunterTWOhorse"])
def test_a_password_that_is_no_yaml_is_not_repeated(word: str) -> None:
    with pytest.raises(BadFile) as caught:
        Document(MAIN, f"sql_password: {word}\n")
    assert "hunterTWO" not in str(caught.value)


def test_what_the_reader_would_warn_of_is_not_printed(recwarn: pytest.WarningsRecorder) -> None:
    Document(MAIN, "sql_password: &hunterTWO a\nb: &hunterTWO c\n")
    assert not recwarn.list


def test_the_probe_hides_what_the_same_names_name(tmp_path: Path) -> None:
    """In Erlang's own regular expressions."""
    texts = {
        name: text for text in sources() for name in [text.split(b"-module(")[1].split(b")")[0]]
    }
    for name in (b"ejtui_settings", b"ejtui_meant", b"ejtui_os", b"ejtui_probe"):
        (tmp_path / f"{name.decode()}.erl").write_bytes(texts[name])
    files = ["ejtui_settings.erl", "ejtui_meant.erl", "ejtui_os.erl", "ejtui_probe.erl"]
    subprocess.run(["erlc", *files], cwd=tmp_path, check=True, timeout=120)
    names = ("pin", "api_key", "secret", "bind_pw", "dbPwd", "access_token", "ping", "access",
             "max_size", "token_lifetime", "deep", "hosts")  # fmt: skip
    values = ", ".join(
        f"'{name}' => {7 if name != 'deep' else '[{pin, 7}, {x, 7}]'}" for name in names
    )
    (tmp_path / "names").write_text(SECRET_NAMES, encoding="utf-8")
    program = (
        '{ok, Names} = file:read_file("names"), '
        f'[io:format("~ts=~0tp~n", [hd(Each), tl(tl(Each))]) || '
        f"Each <- ejtui_settings:module_options(#{{{values}}}, Names)], halt()."
    )
    ran = subprocess.run(["erl", "-noinput", "-eval", program], cwd=tmp_path, check=True,
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    said = dict(line.partition("=")[::2] for line in ran.stdout.splitlines())
    shown = {name for name, text in said.items() if '<<"7">>' in text or '<<"7 ms">>' in text}
    assert shown == {"ping", "access", "max_size", "token_lifetime", "hosts"} | {"deep"}
    assert said["deep"].count('<<"7">>') == 1
