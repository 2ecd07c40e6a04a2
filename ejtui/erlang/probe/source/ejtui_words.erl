%% Words as others write them: systemctl its environment, a file of systemd's its variables, and
%% vm.args the options of erl.
-module(ejtui_words).
-export([shown/1, assignments/1, arguments/1, options/1]).

%% The words that systemctl shows in one line: one with blanks in it stands between double quotes.
shown(Text) -> words(Text, [$\s, $\n], none).

%% The options of erl in a text, as words; a comment begins with #.
arguments(Text) -> words(Text, [$\s, $\t, $\n, $\r], $#).

words(Text, Blanks, Comment) ->
    case lists:dropwhile(fun(Char) -> lists:member(Char, Blanks) end, Text) of
        [] -> [];
        [Comment | Rest] -> words(after_line(Rest), Blanks, Comment);
        Begins ->
            {Word, Rest} = word(Begins, Blanks, []),
            [Word | words(Rest, Blanks, Comment)]
    end.

after_line(Text) -> lists:dropwhile(fun(Char) -> Char =/= $\n end, Text).

word([Quote | Rest], Blanks, Word) when Quote =:= $"; Quote =:= $' ->
    {Inner, Left} = quoted(Rest, Quote, []),
    word(Left, Blanks, lists:reverse(Inner, Word));
word([$\\, Char | Rest], Blanks, Word) -> word(Rest, Blanks, [Char | Word]);
word([Char | Rest] = Text, Blanks, Word) ->
    case lists:member(Char, Blanks) of
        true -> {lists:reverse(Word), Text};
        false -> word(Rest, Blanks, [Char | Word])
    end;
word([], _, Word) -> {lists:reverse(Word), []}.

quoted([Quote | Rest], Quote, Inner) -> {lists:reverse(Inner), Rest};
quoted([$\\, $\n | Rest], $", Inner) -> quoted(Rest, $", Inner);
quoted([$\\, Char | Rest], $", Inner) when Char =:= $"; Char =:= $\\; Char =:= $$; Char =:= $` ->
    quoted(Rest, $", [Char | Inner]);
quoted([Char | Rest], Quote, Inner) -> quoted(Rest, Quote, [Char | Inner]);
quoted([], _, Inner) -> {lists:reverse(Inner), []}.

%% [{Option, Its words}]: an option begins with - or +.
options([[Sign | _] = Option | Rest]) when Sign =:= $-; Sign =:= $+ ->
    {Values, More} = lists:splitwith(fun is_value/1, Rest),
    [{Option, Values} | options(More)];
options([_ | Rest]) -> options(Rest);
options([]) -> [].

is_value([Sign | _]) -> Sign =/= $- andalso Sign =/= $+;
is_value([]) -> true.

%% [{Name, Value}] of a file as systemd's EnvironmentFile= takes it.
assignments(Text) ->
    case string:trim(Text, leading) of
        [] -> [];
        [Sign | Rest] when Sign =:= $#; Sign =:= $; -> assignments(after_line(Rest));
        Begins -> assigned(lists:splitwith(fun(Char) -> Char =/= $= andalso Char =/= $\n end, Begins))
    end.

assigned({Name, [$= | Rest]}) ->
    {Value, Left} = value(string:trim(Rest, leading, " \t"), []),
    [{string:trim(Name), Value} | assignments(Left)];
assigned({_, Rest}) -> assignments(Rest).

value([Quote | Rest], Value) when Quote =:= $"; Quote =:= $' ->
    {Inner, Left} = quoted(Rest, Quote, []),
    value(string:trim(Left, leading, " \t"), lists:reverse(Inner, Value));
value(Text, Value) -> plain(Text, [], Value).

plain([$\\, $\n | Rest], Word, Value) -> plain(Rest, Word, Value);
plain([$\\, Char | Rest], Word, Value) -> plain(Rest, [Char | Word], Value);
plain([Char | Rest], Word, Value) when Char =/= $\n -> plain(Rest, [Char | Word], Value);
plain(Left, Word, Value) ->
    {lists:reverse(Value) ++ lists:reverse(string:trim(Word, leading, " \t\r")), Left}.
