%% What may be asked, by name.
-module(ejtui_questions).
-export([answer/2]).

answer(snapshot, [Peers]) -> ejtui_snapshot:take(Peers);
answer(vm, []) -> ejtui_snapshot:vm(own());
answer(layers, [Peer]) -> ejtui_layers:to(Peer);
answer(cookie, []) -> ejtui_dist:refresh();
answer(accounts, [Node]) -> reached(Node), ejtui_accounts:all(Node);
answer(lives_there, [Accounts]) -> reached(own()), ejtui_accounts:which(own(), Accounts);
answer(read_accounts, [Accounts]) -> reached(own()), ejtui_accounts:read(own(), Accounts);
answer(table_progress, [Node, Table]) -> reached(Node), ejtui_mnesia:progress([Node, Table]);
answer(change, [Function, Args]) -> reached(own()), ejtui_mnesia:change(own(), Function, Args);
answer(set_cookie, [OldFile]) -> ejtui_control:set_cookie(OldFile);
answer(stop_node, []) -> ejtui_control:stop_node();
answer(checksum, [Files]) -> ejtui_files:checksum(Files);
answer(move_files, [From, To, Names]) -> ejtui_files:move(From, To, Names);
answer(restore_files, [From, To, Files]) -> ejtui_files:restore(From, To, Files);
answer(list_dir, [Dir]) -> ejtui_disk:list(Dir);
answer(room, [Path]) -> ejtui_os:room(Path);
answer(backup_node, [File]) -> reached(own()), ejtui_backup:make(own(), File);
answer(check_backup, [File]) -> ejtui_backup:check(File);
answer(lock, [Path, Info]) -> ejtui_lock:take(Path, Info);
answer(update_lock, [Path, Info]) -> ejtui_lock:update(Path, Info);
answer(unlock, [Path]) -> ejtui_lock:release(Path);
answer(lock_info, [Path]) -> ejtui_lock:info(Path);
answer(echo, [Term]) -> Term;
answer(Name, Args) ->
    ejtui_probe:refuse(unknown_question,
                       [ejtui_probe:text(Name), "/", integer_to_list(length(Args))]).

own() -> ejtui_dist:node_name().

reached(Node) ->
    case ejtui_dist:connect(Node) of
        up -> ok;
        {no_cookie, Code} -> ejtui_probe:refuse(Code, "no usable cookie on this host");
        {rejected, Why} -> ejtui_probe:refuse('cookie-mismatch', Why);
        {silent, Why} -> ejtui_probe:refuse('not-connected', Why)
    end.
