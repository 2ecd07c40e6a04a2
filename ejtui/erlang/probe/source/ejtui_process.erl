%% The virtual machine of this host's node as the operating system shows it: for a node that
%% cannot be asked, and for one that can, what it was started as.
-module(ejtui_process).
-export([find/2, started/2]).

%% #{os_pid, started, interface, dir} of the process that was started under this node's name with
%% Mnesia in Dir, or with no directory at all; undefined when there is none.
find(Node, Dir) ->
    [Name | _] = binary:split(atom_to_binary(Node, utf8), <<"@">>),
    Found = [Vm || Line <- ejtui_os:process_lines(), Vm <- vm(words(Line)),
                   maps:get(name, Vm) =:= Name, ejtui_os:ours(maps:get(os_pid, Vm))],
    Here = [Vm || #{dir := In} = Vm <- Found, In =:= Dir],
    case Here ++ [Vm || #{dir := undefined} = Vm <- Found] of
        [Vm | _] -> maps:remove(name, Vm);
        [] -> undefined
    end.

%% What a machine was started for, by its arguments as init:get_arguments() gives them: ejabberd
%% (which may also have been loaded otherwise), mnesia (the erl of a join), or other. There -s is
%% not among them, and the erl of a join is known by its -mnesia.
started(_, true) -> ejabberd;
started(Arguments, false) ->
    Modules = [Module || {Flag, [Module | _]} <- Arguments, Flag =:= s orelse Flag =:= run],
    case [Module || Module <- ["ejabberd", "mnesia"], lists:member(Module, Modules)] of
        ["ejabberd" | _] -> ejabberd;
        ["mnesia"] -> mnesia;
        [] -> case lists:keymember(mnesia, 1, Arguments) of true -> mnesia; false -> other end
    end.

words(Line) ->
    [Word || Word <- binary:split(Line, [<<" ">>, <<"\t">>], [global]), Word =/= <<>>].

vm([Pid, Program | Args]) ->
    Beam = binary:match(filename:basename(Program), <<"beam">>) =/= nomatch,
    case names(Args) of
        [Name | _] when Beam ->
            [#{name => Name, os_pid => Pid, started => started(modules(Args), false),
               interface => interface(Args),
               dir => unquoted(directory(Args))}];
        _ ->
            []
    end;
vm(_) ->
    [].

names(Args) ->
    [hd(binary:split(Name, <<"@">>)) || {Flag, Name} <- pairs(Args),
                                        Flag =:= <<"-sname">> orelse Flag =:= <<"-name">>].

modules(Args) ->
    [{s, [binary_to_list(Module)]} || {Flag, Module} <- pairs(Args),
                                      Flag =:= <<"-s">> orelse Flag =:= <<"-run">>].

directory([<<"-mnesia">>, <<"dir">>, Dir | _]) -> Dir;
directory([_ | Rest]) -> directory(Rest);
directory([]) -> undefined.

%% "{127,0,0,1}" as an address.
interface(Args) ->
    case [Next || {<<"inet_dist_use_interface">>, Next} <- pairs(Args)] of
        [Tuple | _] -> iolist_to_binary(lists:join(".", string:lexemes(Tuple, "\"{},")));
        [] -> undefined
    end.

pairs([One | [Two | _] = Rest]) -> [{One, Two} | pairs(Rest)];
pairs(_) -> [].

unquoted(undefined) -> undefined;
unquoted(Word) -> string:trim(Word, both, [$"]).
