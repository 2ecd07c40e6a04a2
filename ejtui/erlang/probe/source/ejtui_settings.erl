%% What a running ejabberd has loaded of its ejabberd.yml, for a comparison with another node's.
%% A value leaves this host as a digest; as text only where its option can hold no secret. All of it
%% is sealed: a digest that something recorded would let a weak password be guessed.
-module(ejtui_settings).
-export([sealed/3, of_file/6, changed/2, rules/1, value/2, module_options/2, digest/1, with_sources/1,
         effects/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% What take/2 gives, for who made that key alone; undefined where ejabberd does not answer. Secret is
%% a regular expression: an option of a module whose name it matches is secret.
sealed(Node, Public, Secret) ->
    case take(Node, Secret) of
        undefined -> undefined;
        Settings -> ejtui_secret:seal(term_to_binary(Settings), Public)
    end.

%% The same of a file, as ejabberd's own reader takes it in a VM beside that starts nothing: what the
%% node has after its next start. Line is how erl is called, Program what is read. refused where the
%% reader takes it not, undefined where it cannot be asked, or the file cannot be opened.
of_file(Node, Line, Program, File, Public, Secret) ->
    case opens(File) of
        ok -> of_readable(Node, Line, Program, File, Public, Secret);
        _ -> undefined
    end.

of_readable(Node, Line, Program, File, Public, Secret) ->
    Wanted = base64:encode_to_string(term_to_binary({own() ++ named_rules(), per_host()})),
    Words = ["-noinput", "-eval", Program, "-extra", File, Wanted],
    case ejtui_reader:run(Node, Line, Words) of
        {loaded, Answers} ->
            Settings = settings(Answers, Secret),
            Changed = unloaded(Node, Answers),
            Known = Settings#{unloaded => [[Host, Name] || [Host, Name, _] <- Changed],
                              edition => hash(Changed)},
            ejtui_secret:seal(term_to_binary(Known), Public);
        Other -> Other
    end.

%% [Host, Option, Digest] of all that the file sets in another way than the running node has loaded it; none
%% where ejabberd does not run. Module.Option for an option of a module's.
unloaded(Node, #{table := {ok, Table}} = Answers) ->
    Calls = #{loaded => {ets, tab2list, [ejabberd_options]},
              options => {ejabberd_option, module_info, [exports]}},
    case lists:member(Node, nodes(connected)) andalso ejtui_rpc:all(Node, Calls, bound()) of
        #{loaded := {ok, Loaded}, options := {ok, Options}} when is_list(Loaded) ->
            % The table has more than options: when the node started, what all nodes share.
            Names = [Name || {Name, _} <- Options] -- follows_host(Answers),
            apart(each_option(Loaded, Names), each_option(Table, Names));
        _ -> []
    end;
unloaded(_, _) -> [].

%% Where the file has no fqdn, ejabberd takes the host's name: a host with a new one has no new file.
follows_host(#{table := {ok, Table}, host_fqdn := {ok, Own}}) ->
    [fqdn || {{fqdn, global}, Set} <- Table, Set =:= Own];
follows_host(_) -> [].

apart(One, Other) ->
    Names = lists:usort(maps:keys(One) ++ maps:keys(Other)),
    [[Host, Name, maps:get(Key, Other, none)]
     || {Host, Name} = Key <- Names, maps:get(Key, One, none) =/= maps:get(Key, Other, none)].

each_option(Table, Names) ->
    maps:from_list([{{host(Host), Name}, digest(meant(Inner, Value))}
                    || {{Option, Host}, Set} <- Table, lists:member(Option, Names),
                       {Name, Inner, Value} <- named(Option, Set)]).

named(modules, Modules) ->
    [{<<(ejtui_probe:text(Module))/binary, $., (ejtui_probe:text(Name))/binary>>, Name, Value}
     || {Module, Opts, _} <- Modules, {Name, Value} <- [{runs, true} | maps:to_list(Opts)]];
named(Option, Set) ->
    [{ejtui_probe:text(Option), Option, Set}].

host(global) -> <<>>;
host(Host) -> ejtui_probe:text(Host).

%% Whether the file may be another one than what the node has loaded at its start: not where nobody
%% has touched it since. A file that includes others, or is reached by a link, may always be.
changed(Node, File) ->
    Read = is_regular(File) andalso file:read_file(File),
    case {started(Node), file:read_file_info(File, [raw, {time, posix}]), Read} of
        {{ok, Start}, {ok, #file_info{ctime = Touched}}, {ok, Text}} ->
            Touched >= Start orelse binary:match(Text, <<"include_config_file">>) =/= nomatch
                orelse by_link(File);
        _ -> true
    end.

%% The second in which the VM started. A file that was touched in an earlier one was there before.
started(Node) ->
    Calls = #{start => {erlang, system_info, [start_time]}, offset => {erlang, time_offset, []},
              one => {erlang, convert_time_unit, [1, second, native]}},
    case ejtui_rpc:all(Node, Calls, bound()) of
        #{start := {ok, Start}, offset := {ok, Offset}, one := {ok, One}} ->
            {ok, (Start + Offset) div One};
        _ -> undefined
    end.

by_link(File) ->
    Parts = filename:split(File),
    Places = [filename:join(lists:sublist(Parts, Count)) || Count <- lists:seq(1, length(Parts))],
    lists:any(fun(Place) -> element(1, file:read_link(Place)) =:= ok end, Places).

%% #{hosts, ticktime, kernel, options, modules, effects, certified, accounts, unreadable}, or undefined where ejabberd does not
%% answer or still starts. Options are [Host, Name, Digest, Text], Host <<>> for the node's own; modules are
%% [Host, Module, [[Option, Digest, Text]]], where a list may follow of what the option has by name.
%% Text is <<>> where it is not to be shown.
take(Node, Secret) ->
    case lists:member(Node, nodes(connected)) andalso has_started(Node) of
        true -> running(Node, Secret, ejtui_rpc:call(Node, ejabberd_option, hosts, [], bound()));
        false -> undefined
    end.

%% While ejabberd starts, it has not loaded yet what it will have: that is no difference.
has_started(Node) ->
    case ejtui_rpc:call(Node, application, which_applications, [], bound()) of
        {ok, Running} when is_list(Running) -> lists:keymember(ejabberd, 1, Running);
        _ -> false
    end.

running(Node, Secret, {ok, Hosts}) when is_list(Hosts) ->
    Asked = lists:sublist(Hosts, most_hosts()),
    Answers = ejtui_rpc:all(Node, calls(Asked), bound()),
    Known = Answers#{hosts => {ok, Hosts}, patterns => {ok, patterns(Node)}},
    Settings = settings(Known, Secret),
    Settings#{accounts => marks(Node, Answers)};
running(_, _, _) ->
    undefined.

settings(Answers, Secret) ->
    with_sources(ejtui_rpc:value(maps:get(patterns, Answers), [])),
    put(ejtui_engine, engine(Answers)),
    Options = [[Host, ejtui_probe:text(Name) | value(Name, Value)]
               || {{option, Host, Name}, {ok, Value}} <- maps:to_list(Answers),
                  Host =/= <<>> orelse not lists:member(Name, named_rules())],
    Modules = [[Host, ejtui_probe:text(Module), module_options(Opts, Secret)]
               || {{modules, Host}, {ok, Loaded}} <- maps:to_list(Answers),
                  {Module, Opts} <- Loaded],
    #{hosts => ejtui_rpc:value(maps:get(hosts, Answers), []),
      ticktime => ticktime(maps:get(ticktime, Answers)),
      kernel => kernel(Answers),
      options => lists:sort(Options),
      modules => lists:sort(Modules),
      accounts => [],
      effects => effects(Answers),
      certified => lists:sort([Host || {{certificate, Host}, {ok, {ok, _}}}
                                           <- maps:to_list(Answers)]),
      unreadable => unreadable(ejtui_rpc:value(maps:get(certfiles, Answers), []))}.

%% [Host, Option, Digest] of what access rules and limits decide, whether an option names them or has
%% them itself; Module.Option for an option of a module's.
effects(Answers) ->
    All = maps:to_list(Answers),
    Options = [{Host, ejtui_probe:text(Name), Name, Value}
               || {{option, Host, Name}, {ok, Value}} <- All, Host =/= <<>>],
    Modules = [{Host, <<(ejtui_probe:text(Module))/binary, $., (ejtui_probe:text(Name))/binary>>, Name, Value}
               || {{modules, Host}, {ok, Loaded}} <- All, {Module, Opts} <- Loaded, is_map(Opts),
                  {Name, Value} <- maps:to_list(Opts)],
    Hosts = lists:usort([Host || {Host, _, _, _} <- Options]),
    Named = maps:from_list([{Host, referred_to(Host, Answers)} || Host <- Hosts]),
    lists:sort([[Host, Shown, hash(Effect)]
                || {Host, Shown, Name, Value} <- Options ++ Modules,
                   {ok, Effect} <- [ejtui_meant:effect(Name, meant(Name, Value),
                                                       maps:get(Host, Named, #{}))]]).

%% Without what the whole node has in another way: some of what a host's module does is asked for no host.
referred_to(Host, Answers) ->
    Of = fun(Where, Option) ->
        case maps:get({option, Where, Option}, Answers, none) of
            {ok, Value} -> meant(Option, Value);
            _ -> []
        end
    end,
    maps:from_list([{Option, [Each || Each <- Of(Host, Option), lists:member(Each, Of(<<>>, Option))]}
                    || Option <- named_rules()]).

%% Patterns of one Erlang are compiled alike, those of two are not.
engine(Answers) ->
    Otp = ejtui_probe:text(ejtui_rpc:value(maps:get(otp, Answers), "")),
    Word = integer_to_binary(erlang:system_info(wordsize)),
    <<Otp/binary, $-, Word/binary>>.

%% The texts of the loaded file that may be patterns: {Kind, Source, What is compiled of it}, where
%% the kind of a text whose option is called a pattern is pattern, of any other text.
patterns(Node) ->
    Path = ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_config, path, [], bound()), undefined),
    %% A FIFO or a device would keep ejabberd's own file server waiting for ever.
    Known = (is_binary(Path) orelse is_list(Path)) andalso is_regular(Path),
    case Known andalso ejtui_rpc:call(Node, fast_yaml, decode_from_file, [Path, []], bound()) of
        {ok, {ok, Yaml}} ->
            Texts = lists:sublist(lists:usort(texts(text, Yaml)), most_texts()),
            Globs = [Text || {glob, Text} <- Texts],
            Query = [fun ejabberd_regexp:sh_to_awk/1, Globs],
            Said = ejtui_rpc:call(Node, lists, map, Query, bound()),
            Compiled = lists:zip(Globs, ejtui_rpc:value(Said, Globs)),
            [case Kind of
                 glob -> {pattern, Text, proplists:get_value(Text, Compiled)};
                 _ -> {Kind, Text, Text}
             end || {Kind, Text} <- Texts];
        _ -> []
    end.

texts(Kind, [{Key, Value} | Rest]) -> texts(kind(Kind, Key), Value) ++ texts(Kind, Rest);
texts(Kind, [Value | Rest]) -> texts(Kind, Value) ++ texts(Kind, Rest);
texts(Kind, Text) when is_binary(Text) -> [{Kind, Text}];
texts(_, _) -> [].

kind(Kind, Key) ->
    case lists:reverse(string:lexemes(ejtui_probe:text(Key), "_")) of
        [<<"regexp">> | _] -> pattern;
        [<<"glob">> | _] -> glob;
        _ -> Kind
    end.

%% What digest/1 takes patterns by, in this process.
with_sources(Patterns) ->
    % The empty one is that of the file that ejabberd comes with.
    Sources = [{Compiled, Source} || {_, Source, Text} <- [{text, <<>>, <<>>} | Patterns],
                                     Options <- [[], [unicode]],
                                     {ok, Compiled} <- [compiled(Text, Options)]],
    put(ejtui_sources, maps:from_list(Sources)),
    put(ejtui_patterns, lists:usort([Source || {pattern, Source, _} <- Patterns])).

compiled(Text, Options) ->
    try re:compile(Text, Options) catch error:_ -> none end.

%% [Host, Digest] of the names of a host's accounts in SQL, where they are few enough to be listed:
%% it is the same on two nodes that use one database.
marks(Node, Answers) ->
    InSql = [Host || {{option, Host, auth_method}, {ok, Methods}} <- maps:to_list(Answers),
                     Host =/= <<>>, is_list(Methods), lists:member(sql, Methods)],
    Asked = lists:sublist(lists:sort(InSql), most_marked()),
    Counts = of_hosts(Node, count_users, Asked),
    Few = [Host || Host <- Asked, Count <- [maps:get(Host, Counts)],
                   is_integer(Count), Count =< most_listed()],
    Users = of_hosts(Node, get_users, Few),
    [[Host, digest(lists:usort(Listed))] || Host <- Few, Listed <- [maps:get(Host, Users)],
                                            is_list(Listed)].

of_hosts(Node, Function, Hosts) ->
    Calls = maps:from_list([{Host, {ejabberd_auth, Function, [Host]}} || Host <- Hosts]),
    maps:map(fun(_, Answer) -> ejtui_rpc:value(Answer, undefined) end,
             ejtui_rpc:all(Node, Calls, marks_bound())).

calls(Hosts) ->
    Own = [{{option, <<>>, Name}, {ejabberd_option, Name, []}} || Name <- own() ++ named_rules()],
    Theirs = [{{option, Host, Name}, {ejabberd_option, Name, [Host]}}
              || Host <- Hosts, Name <- per_host()],
    Modules = [{{modules, Host}, {gen_mod, loaded_modules_with_opts, [Host]}} || Host <- Hosts],
    Certificates = [{{certificate, Host}, {ejabberd_pkix, get_certfile_no_default, [Host]}}
                    || Host <- Hosts],
    Kernel = [{{kernel, Name}, {application, get_env, [kernel, Name]}} || Name <- together()],
    maps:from_list([{ticktime, {net_kernel, get_net_ticktime, []}},
                    {otp, {erlang, system_info, [otp_release]}},
                    {certfiles, {ejabberd_option, certfiles, []}}
                    | Kernel ++ Own ++ Theirs ++ Modules ++ Certificates]).

ticktime({ok, Seconds}) when is_integer(Seconds) -> Seconds;
ticktime({ok, {ongoing_change_to, Seconds}}) -> Seconds;
ticktime(_) -> undefined.

%% Settings of Erlang's kernel that have to be the same on all nodes which meet.
together() ->
    [prevent_overlapping_partitions, net_tickintensity, connect_all, dist_auto_connect,
     global_groups].

%% [[Name, Text]] as they are in effect, without those that the release does not have.
kernel(Answers) ->
    Otp = list_to_integer(ejtui_rpc:value(maps:get(otp, Answers), "0")),
    [[ejtui_probe:text(Name), ejtui_probe:text(Value)]
     || Name <- together(), {ok, Set} <- [maps:get({kernel, Name}, Answers, {error, unknown})],
        Value <- in_effect(Name, Set, Otp)].

in_effect(_, {ok, Value}, _) -> [Value];
in_effect(prevent_overlapping_partitions, undefined, Otp) -> [Otp >= 25];
in_effect(net_tickintensity, undefined, Otp) -> [4 || Otp >= 24];
in_effect(connect_all, undefined, Otp) -> [true || Otp >= 25];
in_effect(dist_auto_connect, undefined, _) -> [always];
in_effect(global_groups, undefined, _) -> [none].

%% Options of the whole node.
own() ->
    [api_permissions, router_db_type, oauth_db_type, shaper, new_sql_schema, sql_schema_multihost,
     redis_server, redis_port, redis_db, redis_password, oauth_expire, oauth_client_id_check,
     registration_timeout, cluster_backend, ext_api_path_oauth, trusted_proxies, validate_stream,
     websocket_origin, websocket_ping_interval, websocket_timeout, negotiation_timeout,
     captcha_limit, domain_balancing, hosts_alias, update_sql_schema].

%% Options that a virtual host may have a value of its own for.
per_host() ->
    [auth_method, auth_password_format, auth_opts, default_db, default_ram_db, sm_db_type, acl, access_rules,
     shaper_rules, jwt_key, jwt_jid_field, ldap_servers, ldap_base, ldap_uids, ldap_filter,
     ldap_rootdn, ldap_password, sql_type, sql_server, sql_port, sql_database, sql_username,
     sql_password, sql_prefix, auth_scram_hash, auth_external_user_exists_check,
     disable_sasl_mechanisms, disable_sasl_scram_downgrade_protection, allow_multiple_connections,
     anonymous_protocol, jwt_auth_only_rule, extauth_program, ext_api_url,
     oauth_access, s2s_access, s2s_use_starttls, resource_conflict, ldap_backups, ldap_port,
     ldap_encrypt, ldap_dn_filter, ldap_deref_aliases, ldap_tls_verify, pam_service,
     pam_userinfotype, auth_password_types_hidden_in_sasl1, auth_stored_password_types,
     ext_api_headers, ldap_tls_depth, pgsql_users_number_estimate, language, c2s_ciphers,
     c2s_protocol_options, s2s_ciphers, s2s_protocol_options, max_fsm_queue,
     replaced_connection_timeout, hide_sensitive_log_data].

%% These hold words and numbers of ejabberd's own, names of hosts and databases, or rules.
shown() ->
    [auth_method, auth_password_format, default_db, default_ram_db, sm_db_type, router_db_type, oauth_db_type,
     sql_type, sql_port, sql_database, db_type, ram_db_type].

%% What rules refer to by name. Those of the whole node count where something is asked for no host.
named_rules() -> [acl, access_rules, shaper_rules].

%% Rules, by their names; no option of theirs holds a secret.
of_rules() -> [acl, access_rules, shaper, shaper_rules, api_permissions].

%% Plain words of a database's or a directory's, and of ejabberd's own; the passwords are options of
%% their own.
of_words() ->
    [new_sql_schema, sql_schema_multihost, redis_port, redis_db, oauth_expire,
     oauth_client_id_check, registration_timeout, cluster_backend, sql_prefix, auth_scram_hash,
     auth_external_user_exists_check, disable_sasl_mechanisms,
     disable_sasl_scram_downgrade_protection, allow_multiple_connections, anonymous_protocol,
     jwt_auth_only_rule, oauth_access, s2s_access, s2s_use_starttls, resource_conflict, ldap_port,
     ldap_encrypt, ldap_dn_filter, ldap_deref_aliases, ldap_tls_verify, pam_service,
     pam_userinfotype, jwt_jid_field, ldap_base, ldap_uids, ldap_filter, ldap_rootdn, sql_username,
     trusted_proxies, validate_stream, websocket_origin, websocket_ping_interval, websocket_timeout,
     negotiation_timeout, captcha_limit, domain_balancing, hosts_alias, update_sql_schema,
     auth_password_types_hidden_in_sasl1, auth_stored_password_types, ldap_tls_depth,
     pgsql_users_number_estimate, language, c2s_ciphers, c2s_protocol_options, s2s_ciphers,
     s2s_protocol_options, max_fsm_queue, replaced_connection_timeout, hide_sensitive_log_data].

%% A server's name may hold a password; that it is the host itself holds none.
value(sql_server, Value) ->
    [digest(Value), case is_own_host(Value) of true -> <<"localhost">>; false -> <<>> end];
value(Name, Value) ->
    Meant = meant(Name, Value),
    case is_time(Name, Meant) of
        true -> [digest(Meant), seconds(Meant)];
        false -> [digest(Meant), shown_text(Name, Meant)]
    end.

is_time(Name, Value) -> is_integer(Value) andalso lists:member(Name, of_times()).

%% ejabberd has them in milliseconds, its file in seconds.
of_times() ->
    [registration_timeout, websocket_ping_interval, websocket_timeout, negotiation_timeout,
     replaced_connection_timeout,
     %% Of modules.
     ping_interval, ping_ack_timeout, ack_timeout, resume_timeout, max_resume_timeout,
     max_inactivity, max_pause, hibernation_timeout, session_expiry, c2s_auth_ban_lifetime,
     credentials_lifetime, flow_timeout_tcp, flow_timeout_udp, token_lifetime, token_refresh_age].

seconds(Time) when Time rem 1000 =:= 0 -> ejtui_probe:text(integer_to_list(Time div 1000) ++ " s");
seconds(Time) -> ejtui_probe:text(integer_to_list(Time) ++ " ms").

%% One term for all values that are the same to users and administrators.
meant(Name, Value) -> ejtui_meant:option(Name, canonical(Value)).

shown_text(Name, Value) ->
    case {lists:member(Name, shown()), lists:member(Name, of_rules()),
          lists:member(Name, of_words())} of
        {true, _, _} -> one_line(Value);
        {_, true, _} -> short(rules(Value));
        {_, _, true} -> short(one_line(Value));
        _ -> <<>>
    end.

%% What is longer is shown nowhere.
short(Text) when byte_size(Text) > 4000 -> <<>>;
short(Text) -> Text.

%% One line for each rule, in the words of the file: <<"max_user_sessions: 10\nc2s: normal: all">>.
rules(Map) when is_map(Map) -> rules(maps:to_list(Map));
rules({map, Pairs}) -> rules(Pairs);
rules([_ | _] = List) ->
    iolist_to_binary(lists:join($\n, [one_line(Each) || Each <- elements(List)]));
rules(Other) -> one_line(Other).

one_line(Value) -> unicode:characters_to_binary(readable(canonical(Value))).

readable({'$pattern', _}) -> "a pattern";
readable({'$source', <<>>}) -> "\"\"";
readable({'$source', Source}) -> printable(Source);
readable({acl, Name}) -> readable(Name);
readable({Number, [{acl, all}]}) when is_integer(Number) -> readable(Number);
readable({User, Server}) when is_binary(User), is_binary(Server) ->
    [printable(User), $@, printable(Server)];
readable({Rate, Burst}) when is_integer(Rate), is_integer(Burst) ->
    [integer_to_list(Rate), $/, integer_to_list(Burst)];
readable({Address, Bits}) when is_tuple(Address), is_integer(Bits) ->
    case inet:ntoa(Address) of
        {error, _} -> plain({Address, Bits});
        Text -> [Text, $/, integer_to_list(Bits)]
    end;
readable({map, Pairs}) -> readable(Pairs);
readable({From, Who, {What, []}}) ->
    ["from ", readable(From), "; who ", readable(Who), "; what ", readable(What)];
readable({From, Who, {What, Not}}) -> [readable({From, Who, {What, []}}), "; not ", readable(Not)];
readable({Key, Value}) -> [readable(Key), ": ", readable(Value)];
readable([]) -> "[]";
readable(List) when is_list(List) -> lists:join(", ", [readable(Each) || Each <- elements(List)]);
readable(Text) when is_binary(Text) -> printable(Text);
readable(Other) -> plain(Other).

%% Of an improper list nothing is left out.
elements([Head | Tail]) -> [Head | elements(Tail)];
elements([]) -> [];
elements(Tail) -> [Tail].

plain(Term) -> printable(unicode:characters_to_binary(io_lib:format("~0tp", [Term]))).

%% Without what controls a terminal, or ends the line.
printable(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> [Char || Char <- Chars, Char >= 32, Char =/= 127];
        _ -> "bytes that are no text"
    end.

is_own_host(<<"localhost">>) -> true;
is_own_host(<<"127.", _/binary>>) -> true;
is_own_host(<<"::1">>) -> true;
is_own_host(<<"unix:", _/binary>>) -> true;
is_own_host(_) -> false.

module_options(Opts, Secret) when is_map(Opts) ->
    lists:sort([[ejtui_probe:text(Name) | module_value(Name, Value, Secret)]
                || {Name, Value} <- maps:to_list(Opts)]);
module_options(_, _) ->
    [].

%% That there is none, or not, is no secret.
module_value(Name, Value, Secret) ->
    Plain = lists:member(Value, [true, false, none, undefined, [], <<>>]),
    case not Plain andalso is_secret(Name, Secret) of
        true -> [digest(meant(Name, Value)), <<>>];
        false -> other_value(Name, Value, Secret)
    end.

is_secret(Name, Secret) ->
    re:run(atom_to_binary(Name, utf8), Secret, [caseless, unicode]) =/= nomatch.

%% A word or a number of a module's is shown, and its access rules; what else is text or a list may
%% hold anything. Of settings that have a name each, the names come too: [Name, Digest, Text] each.
other_value(Name, Value, _) when is_atom(Value); is_integer(Value) ->
    case is_time(Name, Value) of
        true -> value(Name, Value);
        false -> [digest(meant(Name, Value)), ejtui_probe:text(Value)]
    end;
other_value(_, Value, _) when Value =:= []; Value =:= #{} ->
    [digest(Value), <<"[]">>];
other_value(Name, Value, Secret) ->
    Meant = meant(Name, Value),
    case {atom_to_list(Name), lists:member(Name, of_names())} of
        {"access" ++ _, _} -> [digest(Meant), short(one_line(Meant))];
        {_, true} -> [digest(Meant), short(rules(Meant))];
        _ -> value(Name, Value) ++ [parts(Value, Secret)]
    end.

%% Options of modules that are lists of names: of virtual hosts, services and plugins.
of_names() -> [host, hosts, extra_domains, plugins].

%% None where a name is there twice: nothing would distinguish the two.
parts(Map, Secret) when is_map(Map) -> parts(maps:to_list(Map), Secret);
parts([_ | _] = List, Secret) ->
    Named = [Name || {Name, _} <- elements(List), is_atom(Name)],
    case length(lists:usort(Named)) =:= length(elements(List)) andalso length(Named) =< most_parts() of
        true -> lists:sort([[ejtui_probe:text(Name) | lists:sublist(module_value(Name, Value, Secret), 2)]
                            || {Name, Value} <- List]);
        false -> []
    end;
parts(_, _) -> [].

%% The digest; of a value with a pattern whose source is not known, also that of the value without
%% its patterns, and by what they are comparable: <<"none">> where by nothing.
digest(Value) ->
    Whole = canonical(Value),
    case ejtui_meant:shape(Whole) of
        Whole -> hash(Whole);
        Shape -> iolist_to_binary(lists:join($\s, [hash(Whole), hash(Shape), comparable(Whole)]))
    end.

hash(Term) ->
    Text = unicode:characters_to_binary(io_lib:format("~0tp", [Term])),
    ejtui_os:hex(crypto:hash(sha256, Text)).

comparable(Whole) ->
    By = lists:usort(ways(Whole)),
    case By of
        [compiled] -> case get(ejtui_engine) of undefined -> <<"none">>; Engine -> Engine end;
        [files] -> <<"files">>;
        _ -> <<"none">>
    end.

ways({'$pattern', {files, []}}) -> [none];
ways({'$pattern', {Way, _}}) -> [Way];
ways([Head | Tail]) -> ways(Head) ++ ways(Tail);
ways(Tuple) when is_tuple(Tuple) -> ways(tuple_to_list(Tuple));
ways(_) -> [].

%% By its source where the file has it. Else by what it was compiled to; Erlang 28 and later hold
%% that elsewhere, and then by all the patterns of the file.
pattern(Compiled) ->
    Sources = case get(ejtui_sources) of undefined -> #{}; Known -> Known end,
    case {Sources, element(tuple_size(Compiled), Compiled), get(ejtui_patterns)} of
        {#{Compiled := Source}, _, _} -> {'$source', Source};
        {_, Code, _} when is_binary(Code) -> {'$pattern', {compiled, tuple_to_list(Compiled)}};
        {_, _, [Source]} -> {'$source', Source};
        {_, _, Patterns} when is_list(Patterns) -> {'$pattern', {files, Patterns}};
        _ -> {'$pattern', {files, []}}
    end.

%% The same on every release of Erlang: maps in order, and no address of anything in a VM.
canonical(Map) when is_map(Map) -> {map, lists:sort(canonical(maps:to_list(Map)))};
canonical([Head | Tail]) -> [canonical(Head) | canonical(Tail)];
canonical(Tuple) when is_tuple(Tuple), element(1, Tuple) =:= re_pattern -> pattern(Tuple);
canonical(Tuple) when is_tuple(Tuple) -> list_to_tuple(canonical(tuple_to_list(Tuple)));
canonical(Fun) when is_function(Fun); is_pid(Fun); is_reference(Fun); is_port(Fun) -> other;
canonical(Plain) -> Plain.

%% The certificate files that the configuration names and the service user cannot read, with why.
%% A pattern that nothing matches names itself.
unreadable(undefined) -> [];
unreadable(Files) when is_list(Files) ->
    [[ejtui_probe:text(File), ejtui_probe:text(Why)]
     || Pattern <- Files, {File, Why} <- problems(Pattern)];
unreadable(_) -> [].

problems(Pattern) ->
    case filelib:wildcard(binary_to_list(iolist_to_binary(Pattern))) of
        [] -> [{Pattern, "no such file"}];
        Files -> [{File, file:format_error(Why)} || File <- Files, {error, Why} <- [opens(File)]]
    end.

opens(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, #file_info{type = Type}} when Type =:= other; Type =:= device -> {error, eftype};
        _ -> opened(file:open(File, [read, raw]))
    end.

opened({ok, Device}) -> file:close(Device);
opened(Error) -> Error.

is_regular(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, #file_info{type = Type}} -> Type =:= regular;
        _ -> false
    end.

most_hosts() -> 200.

most_parts() -> 200.

most_texts() -> 2000.

most_marked() -> 20.

most_listed() -> 2000.

%% A server of SQL's that does not answer holds up a check for no longer than twice this.
marks_bound() -> 2000.

bound() -> 5000.
