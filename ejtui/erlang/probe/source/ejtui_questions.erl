%% What may be asked, by name.
-module(ejtui_questions).
-export([answer/2]).

answer(snapshot, [Peers]) ->
    ejtui_snapshot:take([known(Peer) || Peer <- Peers]);
answer(exam, [LogFile, Pair]) -> ejtui_exam:take(LogFile, atoms(Pair));
answer(vm, []) -> ejtui_snapshot:vm(own());
answer(layers, [Peer]) -> ejtui_layers:to(atoms(Peer), asked);
answer(layers, [Peer, Cookie]) -> ejtui_layers:to(atoms(Peer), #{cookie => Cookie});
answer(cookie, []) -> ejtui_dist:refresh();
answer(accounts, [Name]) -> Node = reached(atoms(Name)), names(ejtui_accounts:all(Node));
answer(accounts_elsewhere, [Name]) -> ejtui_accounts:elsewhere(reached(atoms(Name)));
answer(stored_accounts, [Name]) -> names(ejtui_accounts:stored(reached(atoms(Name))));
answer(lives_there, [Accounts]) -> names(ejtui_accounts:which(reached(own()), Accounts));
answer(read_accounts, [Accounts]) when is_list(Accounts) ->
    ejtui_accounts:read(reached(own()), Accounts);
answer(read_accounts, [Name]) ->
    Other = reached(atoms(Name)),
    ejtui_accounts:read(reached(own()), Other);
answer(routes, [Name, Host]) ->
    Other = reached(atoms(Name)),
    ejtui_route:reaches(reached(own()), Other, Host);
answer(set_aside, [Name]) ->
    Other = reached(atoms(Name)),
    ejtui_aside:compare(reached(own()), Other);
answer(set_aside, [Name, Sealed]) ->
    ejtui_aside:compare_apart(reached(own()), atoms(Name), ejtui_secret:opened_cookie(Sealed));
answer(table_progress, [Name, Table]) ->
    Node = reached(atoms(Name)),
    ejtui_mnesia:progress(Node, atoms(Table));
answer(changes_schema, []) -> ejtui_mnesia:changes_schema(reached(own()));
answer(change, [Function, Args]) ->
    ejtui_mnesia:change(reached(own()), atoms(Function), atoms(Args));
answer(set_cookie, [OldFile]) -> ejtui_control:set_cookie(OldFile);
answer(secret_key, []) -> ejtui_secret:public();
answer(sealed_cookie, [Public]) -> ejtui_secret:sealed_cookie(Public);
answer(write_sealed, [File, Sealed]) -> ejtui_secret:write_sealed(File, Sealed);
answer(cookie_of_option, [From, Line, Sha, To]) -> ejtui_secret:of_option(From, Line, Sha, To);
answer(copy_secret, [From, To]) -> ejtui_secret:copy(From, To);
answer(unsafe, [Directories]) ->
    [{Dir, Why} || Dir <- Directories, Why <- [ejtui_unsafe:directory(Dir)], Why =/= undefined];
answer(stop_node, []) -> ejtui_control:stop_node();
answer(hold_name, []) -> ejtui_name:hold(own());
answer(release_name, []) -> ejtui_name:release();
answer(retire, [Name, Folder]) ->
    Node = reached(atoms(Name)),
    ejtui_member:retire(Node, Folder);
answer(checksum, [Files]) -> ejtui_files:checksum(Files);
answer(move_files, [From, To, Names]) -> ejtui_files:move(From, To, Names);
answer(restore_files, [From, To, Files]) -> ejtui_files:restore(From, To, Files);
answer(backups, [Chain, Most]) -> ejtui_store:listing(Chain, Most);
answer(use_directory, [Dir]) -> ets:insert(ejtui_probe, {spool_dir, Dir});
answer(list_dir, [Dir]) -> ejtui_disk:list(Dir);
answer(room, [Path]) -> ejtui_os:room(Path);
answer(backup_node, [File]) -> ejtui_backup:make(reached(own()), File);
answer(check_backup, [File]) -> ejtui_backup:check(File);
answer(kept_tables, [File, Tables]) ->
    ejtui_tables:look(reached(own()), File, atoms(Tables));
answer(bring_tables_back, [File, Tables]) ->
    ejtui_tables:bring_back(reached(own()), File, atoms(Tables));
answer(kept_content, [Source]) ->
    #{accounts := Accounts} = Content = ejtui_bring:content(Source),
    Content#{accounts := names(Accounts)};
answer(kept_file, [Dir, Name]) -> ejtui_kept:one(Dir, Name);
answer(kept_accounts, [Source, Name]) ->
    ejtui_bring:offer(Source, reached(atoms(Name)));
answer(bring_accounts, [Source, Name, Accounts]) ->
    ejtui_bring:bring(Source, reached(atoms(Name)), Accounts);
answer(complete_accounts, [Source, Name, Accounts]) ->
    ejtui_bring:complete(Source, reached(atoms(Name)), Accounts);
answer(bring_places, [Source, Name, Places]) ->
    ejtui_bring:bring_places(Source, reached(atoms(Name)), [atom_kind(Place) || Place <- Places]);
answer(look_at_places, [Name, Places]) ->
    ejtui_bring:look_places(reached(atoms(Name)), [atom_kind(Place) || Place <- Places]);
answer(look_at_accounts, [Source, Name, Accounts]) ->
    ejtui_bring:look(Source, reached(atoms(Name)), Accounts);
answer(settings, [Public, Secret]) -> ejtui_settings:sealed(own(), Public, Secret);
answer(file_settings, [Line, Program, File, Public, Secret]) ->
    ejtui_settings:of_file(own(), Line, Program, File, Public, Secret);
answer(config_changed, [File]) -> ejtui_settings:changed(own(), File);
answer(config_about, [Public]) -> ejtui_config:about(own(), Public);
answer(sealed_file, [File, Most, Public]) -> ejtui_config:sealed(File, Most, Public);
answer(write_file, [File, Sealed]) -> ejtui_secret:write_file(File, Sealed);
answer(certificates, [Patterns]) -> ejtui_certificates:matching(Patterns);
answer(unread_environment, []) -> ejtui_start:unread(own());
answer(broken_settings, [Program, Most]) -> ejtui_start:broken(Program, Most);
answer(code_paths, []) -> ejtui_start:code_paths(own());
answer(check_file, [Line, Program, File, Public]) ->
    ejtui_reader:check(own(), Line, Program, File, Public);
answer(unknown_options, [Line, Program, Names]) ->
    ejtui_reader:unknown(own(), Line, Program, Names);
answer(next_ejabberd, []) -> ejtui_install:next(own());
answer(custom_schema, []) -> ejtui_custom:schema(own());
answer(parsed_schema, [Text]) -> ejtui_custom:parsed(reached(own()), Text);
answer(plain_passwords, []) -> ejtui_custom:plain(reached(own()));
answer(passwords, [Hosts, File]) -> ejtui_custom:passwords(own(), Hosts, File);
answer(web_admin, []) -> ejtui_web:admin(reached(own()));
answer(run_erl, []) -> ejtui_shells:run_erl();
answer(lock, [Path, Info]) ->
    ejtui_lock:take(Path, Info#{<<"probe">> => ejtui_probe:text(os:getpid())});
answer(unlock, [Path]) -> ejtui_lock:release(Path);
answer(lock_info, [Path]) -> ejtui_lock:info(Path);
answer(piece, [Id, Number]) -> ejtui_pieces:take(Id, Number);
answer(cancel, [Id]) -> ejtui_probe:cancel(Id);
answer(watch, []) -> ejtui_watch:run(reached(own()));
answer(loaded, []) -> ejtui_probe:setting(loaded);
answer(slot, []) -> ejtui_slot:number();
answer(own_pid, []) -> ejtui_probe:text(os:getpid());
answer(echo, [Term]) -> Term;
answer(Name, Args) ->
    ejtui_probe:refuse(unknown_question,
                       [ejtui_probe:text(Name), "/", integer_to_list(length(Args))]).

%% Names of nodes, tables and types may come as text.
atoms(Text) when is_binary(Text) -> binary_to_atom(Text, utf8);
atoms(List) when is_list(List) -> [atoms(Item) || Item <- List];
atoms(Other) -> Other.

%% Accounts as one text: a large site has hundreds of thousands.
names(Accounts) -> ejtui_owned:lines([[User, Server] || {User, Server} <- Accounts]).

known({Node, Cookie, Mark}) ->
    Marked = case Mark of <<>> -> undefined; _ -> Mark end,
    {atoms(Node), #{cookie => Cookie, mark => fun() -> Marked end}}.

atom_kind({Kind, Name, Host}) -> {atoms(Kind), Name, Host}.

own() -> ejtui_dist:node_name().

%% The node itself once it answers; else the layer that is broken ends the question.
reached(Node) ->
    case lists:member(Node, nodes(connected)) of
        true -> Node;
        false -> reached(Node, ejtui_layers:handshake(Node))
    end.

reached(Node, #{broken := undefined}) -> Node;
reached(_, #{code := Code, why := Why}) -> ejtui_probe:refuse(Code, Why).
