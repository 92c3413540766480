"""What other programs do with values: which words are program text, and whose stdin is a program."""

from __future__ import annotations

from tasker.language.shell.interpreter_rules import (
    CODE_LONG,
    OPTION,
    STDIN,
    check_interpreter,
    check_script_file,
    is_path,
    mention,
    refuse,
    refuse_stdin,
)
from tasker.language.shell.options import could_be_option, options_of
from tasker.language.shell.programs import (
    ALL_CODE,
    COMMAND_LETTERS,
    DATA,
    GIT_OPTIONS_RUN,
    IMAGES,
    INTERPRETERS,
    JOINING,
    OPTIONS_RUN,
    PACKAGE_RUNNERS,
    READ_QUOTED,
    RUN_TEXT,
    SHELLS,
    STARTS_OTHERS,
    STDIN_IS_CODE,
    WRAPPERS,
    Wrapper,
    names,
)
from tasker.language.shell.syntax import OUTPUT, UNKNOWN, ShellWord
from tasker.language.shell.taint import NUMBER, PLAIN, SYNTAX
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.language.shell.analysis import Analysis, Call

_INNER = "would read the value as code: write sh -c '… \"$1\"' x {}"
_LIKE_BASH = names("sh bash dash ash rbash")  # of what the others read as code, not all is followed
_UNLIKE = "could read the value as code, in ways that bash does not have: write bash -c '… \"$1\"' x {}"
_CODE = "would read the value as code: write that text yourself, and let {} be data in it, as an argument"
_FIND = 'could take it as an option, or as what to run: write ./ in front of it, in "…"'
_REMOTE = 'would read the value as code: write "… $(printf %q {})", if what reads it is bash'
_OF_WATCH = ("--beep", "--color", "--errexit", "--chgexit", "--no-title", "--exec", "--precise", "--differences")
_LONG_TAKES = names("--branch --depth --origin --reference --directory --file --output-document --user --password")
_OLD_TAR = Pattern(r"[a-zA-Z]*f")  # tar xf …
_COMMAND = Pattern(r"-[a-z]*c|--command")
USER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@"  # in front of a host
_ASKS_DPKG = names("-s -l -L -S -W -p -c -I")
_HOST = 'could take it as an option, which can be a command: write ssh -- "{}" …'
_CODE_LETTERS = tuple(sign + mark for sign in ("-c", "-e") for mark in (OUTPUT, UNKNOWN))
_VERSION = Pattern(r"[-.0-9]*$")
_GIVEN = Pattern(r"(?:-e|--env=)?([A-Za-z_]\w*)=")  # to what docker run and the like start
_ASSIGNED = Pattern(r"([A-Za-z_]\w*)=")
_CODE_OPTION = Pattern(
    r"--(?:\w+-)*(?:command|exec|execute|eval|expr|program|cmd|shell|rsh|editor|pager|hook|script|entrypoint|rsync-path"
    r"|checkpoint-action|info-script|compress-program|rmt-command|use-askpass)(?:=|\Z)"
)
_CODE_VALUE = Pattern(r"(?i)(?:-o)?\w*commands?[= ]")
_RUNS_SCRIPT = names("run run-script")
_VERBS = _RUNS_SCRIPT | names("exec x dlx")
_VALUES_OF_FIND = names(
    "-name -iname -path -ipath -wholename -regex -iregex -lname -ilname -user -group -uid -gid -size -mtime -mmin"
    " -atime -amin -ctime -cmin -perm -type -xtype -maxdepth -mindepth -samefile"
    " -newer -newermt -fstype -inum -links -printf"
    " -fprint -fprintf -fls -D"
)


def check_program(analysis: Analysis, call: Call) -> None:
    """The rules for a program that is not part of bash."""
    name = call.name
    plain = _VERSION.sub("", name)
    if name in SHELLS or plain in SHELLS:
        _check_shell(analysis, call, plain if name not in SHELLS else name)
    elif name == "xargs":
        _check_xargs(analysis, call)
    elif name == "find":
        _check_find(analysis, call)
    elif name == "ssh":
        _check_ssh(analysis, call)
    elif name == "git":
        _check_git(analysis, call)
    elif name in PACKAGE_RUNNERS:
        _check_package_runner(analysis, call)
    elif name in JOINING or name in ALL_CODE:
        _check_joining(analysis, call)
    elif name in WRAPPERS:
        check_wrapper(analysis, call, WRAPPERS[name])
    elif (known := INTERPRETERS.get(name) or INTERPRETERS.get(plain)) and name:
        check_interpreter(analysis, call, known)
    else:
        _check_other(analysis, call)


def _start(analysis: Analysis, call: Call, words: list[ShellWord], stdin: int | None = None) -> None:
    """Note what a program does that is started with these words."""
    if not words:
        return
    started = type(call)(words, call.place, call.stdin if stdin is None else stdin, call.stdout)
    started.redirections, started.assigned = call.redirections, call.assigned
    started.started_by = call.name
    analysis.run(started)


# shells


def _check_shell(analysis: Analysis, call: Call, name: str) -> None:
    """The words up to the first that is not an option are code, or the name of a script."""
    words, place, text_comes, stdin_only = call.words, 1, False, False
    while place < len(words):
        word = words[place]
        text = word.text
        if could_be_option(word):
            if not text_comes and is_path(word):
                break  # as in "$FOLDER/script"
            if text_comes:
                break
            refuse(analysis, call, words[place:], _INNER)
            refuse_stdin(analysis, call)
            return
        if text == "--":
            place += 1
            break
        if not text.startswith(("-", "+")) or text == "-":
            break
        place += 1
        if text.startswith("--"):
            if text in ("--rcfile", "--init-file"):
                refuse(analysis, call, words[place : place + 1], _INNER)
                place += 1
            elif word.literal is None:
                refuse(analysis, call, [word], _INNER)
            continue
        if word.literal is None:
            refuse(analysis, call, [word], _INNER)
        text_comes = text_comes or "c" in text and text[0] == "-"
        stdin_only = stdin_only or "s" in text
        if "o" in text or "O" in text:
            refuse(analysis, call, words[place : place + 1], _INNER)
            place += 1
    rest = words[place:]
    for one in call.redirections:
        if one.sign.startswith("<"):
            refuse(analysis, call, [one.word], _INNER)
    if text_comes:
        if name not in _LIKE_BASH:
            refuse(analysis, call, rest, _UNLIKE)
            refuse_stdin(analysis, call)
            mention(analysis, call)
        if rest:
            graph = analysis.graph
            arguments = graph.join([word.node for word in rest[1:]], PLAIN) if rest[1:] else graph.node()
            inside = call.place.but(call.stdin, call.stdout, arguments)
            why = f"be passed to '{call.name}': it {_INNER}"
            analysis.program(rest[:1], why, call, inside, name in READ_QUOTED)
            if rest[0].several:
                refuse(analysis, call, rest, _INNER)
        return
    if not rest or stdin_only or STDIN.fullmatch(rest[0].text):
        _check_program_on_stdin(analysis, call, rest)
        return
    refuse(analysis, call, rest[:1], _INNER, PLAIN)
    check_script_file(analysis, call, rest[0].text)
    if rest[0].several:
        refuse(analysis, call, rest, _INNER)


def _check_program_on_stdin(analysis: Analysis, call: Call, rest: list[ShellWord]) -> None:
    """A shell reads its program from stdin: it has to be readable here too, if it is in the script."""
    refuse_stdin(analysis, call)
    for one in reversed(call.redirections):
        if one.sign in ("<<", "<<-", "<<<") and one.number in ("", "0"):
            graph = analysis.graph
            place = call.place.but(call.stdin, call.stdout, graph.join([word.node for word in rest], PLAIN))
            analysis.program([one.word], f"be passed to '{call.name}': it {_INNER}", call, place, False)
            return
    text = f"be used in a script with a program for '{call.name}' that is not certain: write {call.name} -c '…'"
    analysis.graph.need((call.stdin,), PLAIN, text)


# wrappers


def check_wrapper(analysis: Analysis, call: Call, wrapper: Wrapper) -> None:
    words, name = call.words, call.name
    if name == "command" and len(words) > 1 and words[1].literal in ("-v", "-V"):
        return
    given = options_of(words, wrapper.flags, wrapper.takes, wrapper.long_takes.split(), wrapper.long_flags.split())
    rest = given.rest
    if name == "env" and rest and rest[0].literal == "-":
        rest = rest[1:]
    if given.unknown:
        refuse(analysis, call, words[1:], _CODE)
        refuse_stdin(analysis, call)
    for _, word in given.values:
        if word is not None and word.several:
            refuse(analysis, call, [word], OPTION)
    before = rest[: wrapper.places]
    if not given.ended:
        refuse(analysis, call, [word for word in before if could_be_option(word)], OPTION)
    refuse(analysis, call, [word for word in before if word.several], OPTION)
    rest = rest[wrapper.places :]
    assigned = list(call.assigned)
    while name in ("env", "sudo", "doas") and rest and (found := _ASSIGNED.match(rest[0].text)):
        if OUTPUT in found[0] or UNKNOWN in found[0]:
            break
        analysis.given_to_program(found[1], rest[0].node)
        analysis.graph.flow(rest[0].node, analysis.variable(found[1]))
        if rest[0].several:
            refuse(analysis, call, rest[:1], 'could be several words: write it in "…"')
        assigned.append((found[1], rest[0].node))
        rest = rest[1:]
    if name == "exec" and not rest:
        analysis.graph.flow(call.stdin, analysis.exec_stdin)
        return
    if name == "env" and not rest:
        analysis.graph.flow(analysis.everything, call.stdout)
    call.assigned = assigned
    _start(analysis, call, rest)


def _check_joining(analysis: Analysis, call: Call) -> None:
    """Programs that join their words for a shell, or whose words are code in other ways."""
    name = call.name
    quoted = name in ("su", "runuser", "rsh")
    texts = call.words[1:]
    if name == "flock" and _starts_itself(call):
        check_wrapper(analysis, call, WRAPPERS[name])
        return
    why = _REMOTE if name in ("su", "rsh", "runuser", "flock") else _CODE
    if quoted and any(piece.kind == "commands" for word in texts for piece in word.pieces):
        analysis.program(texts, f"be passed to '{name}': it {why}", call, call.place.but(call.stdin, call.stdout), True)
    else:
        refuse(analysis, call, texts, why)
    for variable, node in call.assigned:
        analysis.graph.need((node,), SYNTAX, f"be assigned to '{variable}' for '{name}', which can run it: use a file")
    for text in _shell_texts(call):
        analysis.program(
            text, f"be passed to '{name}': it {why}", call, call.place.but(call.stdin, call.stdout), quoted
        )
    mention(analysis, call)
    if name == "flock":
        check_wrapper(analysis, call, WRAPPERS[name])
    has_text = name == "su" and any(word.text.startswith("-c") or word.text == "--command" for word in texts)
    reads = name in STDIN_IS_CODE or name in ALL_CODE and any(STDIN.fullmatch(word.text) for word in texts)
    if reads and not has_text:
        refuse_stdin(analysis, call)


def _starts_itself(call: Call) -> bool:
    """Does flock start the words after the file, without a shell?"""
    wrapper = WRAPPERS["flock"]
    given = options_of(call.words, wrapper.flags, wrapper.takes, wrapper.long_takes.split(), wrapper.long_flags.split())
    if given.unknown or given.uncertain or any(word.several for word in given.rest[:2]):
        return False
    return len(given.rest) > 1 and given.rest[1].literal not in (None, "-c", "--command")


def _shell_texts(call: Call) -> list[list[ShellWord]]:
    """The programs for a shell in the words of a program that joins its words, as far as they are certain."""
    words = call.words
    if call.name in ("flock", "script", "su", "runuser"):
        places = [
            place for place, word in enumerate(words) if _COMMAND.fullmatch(word.text) and words[place + 1 : place + 2]
        ]
        return [words[place + 1 : place + 2] for place in places if words[place + 1].literal is not None]
    if call.name == "watch":
        given = options_of(words, "bdegtcxpw", "nq", ("--interval", "--equexit"), _OF_WATCH)
        certain = all(word.literal is not None for word in given.rest)
        return [given.rest] if given.rest and certain and not given.has("x", "--exec") else []
    return []


def _check_ssh(analysis: Analysis, call: Call) -> None:
    """ssh joins the words after the host with blanks, for the shell there."""
    why = f"be passed to 'ssh': it {_REMOTE}"
    given = options_of(call.words, "46AaCfGgKkMNnqsTtVvXxYy", "BbcDEeFIiJLlmOopQRSWw")
    if given.has("V") and not given.unknown:
        return  # it prints its version, and does nothing
    before = call.words[1 : len(call.words) - len(given.rest) + 1]
    for word in before:
        if word not in given.rest[:1]:
            analysis.graph.need((word.node,), SYNTAX, why)
        elif not word.is_name(USER) and (word.several or could_be_option(word) and not given.ended):
            analysis.graph.need((word.node,), SYNTAX, f"be passed to 'ssh' as the host: it {_HOST}")
    command = given.rest[1:]
    quoting = any(piece.kind == "commands" for word in command for piece in word.pieces)
    if given.unknown or not command or given.uncertain:
        for word in command:
            analysis.graph.need((word.node,), SYNTAX, why)
        if not given.has("n"):
            refuse_stdin(analysis, call)
        return
    stdin = analysis.graph.node() if given.has("n") else call.stdin
    if quoting:
        place = call.place.but(stdin, call.stdout, analysis.graph.node())
        analysis.program(command, why, call, place, True, remote=True)
        return
    for word in command:
        analysis.graph.need((word.node,), SYNTAX, why)
    started = command[0].program or ""
    if any(word.literal is None for word in command) or not _is_data(command):
        analysis.graph.need((stdin,), SYNTAX, f"be the input of '{started or 'ssh'}' there, which may run it: use scp")


def _is_data(command: list[ShellWord]) -> bool:
    """Is it certain that the first program of a command for another host does not run its stdin?"""
    texts = " ".join([word.text for word in command])
    first = next(iter(texts.split()), "").rpartition("/")[2]
    if first in DATA and first not in STARTS_OTHERS:
        return not any(sign in texts for sign in ";|&`$(\n")
    return False


# xargs, find, git


def _check_xargs(analysis: Analysis, call: Call) -> None:
    longs = "--max-args --max-procs --delimiter --arg-file --max-chars"
    given = options_of(call.words, "0rtpxo", "aEILnPsd", longs.split(), ("--null", "--no-run-if-empty", "--verbose"))
    refuse(analysis, call, call.words[1 : len(call.words) - len(given.rest)], _INNER)
    replaced = [word for letter, word in given.values if letter == "I" and word is not None]
    anywhere = given.unknown or any(word.literal is None for word in replaced)  # the input can be in any of the words
    if anywhere:
        refuse(analysis, call, given.rest, _INNER)
    if not given.rest:
        return  # it prints them
    read = ShellWord()
    read.add("unknown", False, "{}").node = read.node = analysis.graph.join([call.stdin, analysis.files], PLAIN)
    if anywhere:
        rest = [read for _ in given.rest]
        refuse_stdin(analysis, call)
    elif replaced:
        signs = [sign for word in replaced for sign in (word.text, word.text.partition("I")[2]) if sign]
        rest = [_replaced(analysis, word, signs, read.node) for word in given.rest]
    else:
        rest = [*given.rest, read]
    _start(analysis, call, rest, analysis.graph.node())


def _replaced(analysis: Analysis, word: ShellWord, signs: list[str], read: int) -> ShellWord:
    """The word with what xargs reads in it, if one of the signs can be in it."""
    if word.literal is not None and not any(sign in word.text for sign in signs):
        return word
    made = ShellWord()
    made.add("unknown", not word.several, "{}").node = made.node = analysis.graph.join([word.node, read], PLAIN)
    return made


def _check_find(analysis: Analysis, call: Call) -> None:
    """find: what it starts, with `{}` for the names of files, which begin as its words do."""
    words, graph = call.words[1:], analysis.graph
    files = ShellWord()
    files.add("unknown", True, "{}").node = files.node = graph.join([word.node for word in words], PLAIN)
    free: list[ShellWord] = []
    place = 0
    interpreter = False
    while place < len(words):
        text = words[place].text
        if text in ("-exec", "-execdir", "-ok", "-okdir"):
            end = place + 1
            while end < len(words) and words[end].text not in (";", "+"):
                end += 1
            _check_end_of_exec(analysis, call, words[place + 1 : end])
            started = [files if "{}" in word.text else word for word in words[place + 1 : end]]
            program = started[0].program if started else ""
            interpreter = interpreter or program not in DATA or program in STARTS_OTHERS
            _start(analysis, call, started)
            place = end + 1
        elif text in _VALUES_OF_FIND:
            free += [word for word in words[place + 1 : place + 2] if word.several]
            place += 2
        else:
            if could_be_option(words[place]):
                free.append(words[place])
            place += 1
    before = graph.node()
    for word in free:
        if word.several or interpreter:
            refuse(analysis, call, [word], _FIND)
        reason = f"be passed to 'find' with another value: it {_FIND}"
        graph.need((before, word.node), SYNTAX, reason)
        following = graph.node()
        graph.flow(before, following)
        graph.flow(word.node, following)
        before = following


def _check_end_of_exec(analysis: Analysis, call: Call, words: list[ShellWord]) -> None:
    """A value can be the ; that ends -exec, and another one what comes after that."""
    free = [word for word in words if could_be_option(word)]
    refuse(analysis, call, [word for word in words if word.several], _FIND)
    before = analysis.graph.node()
    for word in free:
        analysis.graph.need((before, word.node), SYNTAX, f"be passed to 'find' with another value: it {_FIND}")
        following = analysis.graph.node()
        analysis.graph.flow(before, following)
        analysis.graph.flow(word.node, following)
        before = following


def _check_git(analysis: Analysis, call: Call) -> None:
    """git -c sets what can be a command; some subcommands run their words."""
    words = call.words[1:]
    mention(analysis, call)
    runs = False
    subcommand = ""
    skip = False
    for place, word in enumerate(words):
        text = word.text
        if skip:
            skip = False
            if word.several:
                refuse(analysis, call, [word], OPTION)
            continue
        if not subcommand:
            if text == "-C":
                skip = True
                continue
            refuse(analysis, call, [word], _CODE)
            if text in ("-c", "--config-env", "--exec-path"):
                refuse(analysis, call, words[place + 1 : place + 2], _CODE)
            elif not text.startswith("-") and not (place and words[place - 1].text == "-c"):
                subcommand = text
                if text in GIT_OPTIONS_RUN:
                    _refuse_as_options(analysis, call, words[place + 1 :])
                runs = text in ("config", "bisect", "submodule", "filter-branch", "difftool", "mergetool", "daemon")
            continue
        if runs or text.startswith(("--exec", "--upload-pack", "--receive-pack", "--extcmd")):
            refuse(analysis, call, [word], _CODE)
        if text in ("-x", "--exec", "-c", "--config", "-u", "--upload-pack", "--receive-pack", "-O", "foreach", "run"):
            refuse(analysis, call, words[place + 1 : place + 2], _CODE)
        elif text[:2] in ("-x", "-c", "-O"):
            refuse(analysis, call, [word], _CODE)
    for variable, node in call.assigned:
        analysis.given_to_program(variable, node)


# the rest


def _check_other(analysis: Analysis, call: Call) -> None:
    """A program that is not known: its -c and -e may be program text, and an interpreter may stand among its words."""
    words = call.words
    data = call.name in DATA
    if call.name in OPTIONS_RUN and not (call.name == "dpkg" and words[1:] and words[1].literal in _ASKS_DPKG):
        _refuse_as_options(analysis, call, words[1:])
    if not call.name:  # it can be a shell
        mention(analysis, call)
    letters = () if data else _CODE_LETTERS
    for place, word in enumerate(words[1:], 1):
        text = word.text
        if text in ("-c", "-e") and not data or _CODE_OPTION.fullmatch(text) or not data and CODE_LONG.fullmatch(text):
            _refuse_code(analysis, call, words[place + 1 : place + 2])
        elif text[:1] == "-" and text[1:2] and text[1] in COMMAND_LETTERS.get(call.name, ""):
            _refuse_code(analysis, call, words[place : place + 1] if text[2:] else words[place + 1 : place + 2])
        elif text.startswith(letters) or _CODE_OPTION.match(text) or _CODE_VALUE.match(text):
            _refuse_code(analysis, call, [word])
    if call.name == "split":
        for place, word in enumerate(words):
            if word.text.startswith("--filter"):
                _refuse_code(analysis, call, words[place : place + 1 if "=" in word.text else place + 2])
                refuse_stdin(analysis, call)
    if call.name in RUN_TEXT and any(word.literal in ("exec", "run", "command") for word in words):
        refuse(analysis, call, words[1:], _CODE)
    if data and call.name not in STARTS_OTHERS:
        return
    if _check_container(analysis, call):
        return
    for place, word in enumerate(words[1:], 1):
        program = word.program or ""
        if word.literal and (program in SHELLS or _VERSION.sub("", program) in INTERPRETERS or program in JOINING):
            _start(analysis, call, words[place:])
            break


def _refuse_code(analysis: Analysis, call: Call, words: list[ShellWord]) -> None:
    refuse(analysis, call, words, _CODE)
    for word in words:
        analysis.mention(word.text, call.name, call.assigned)


def _refuse_as_options(analysis: Analysis, call: Call, words: list[ShellWord]) -> None:
    """No output may be an option among these words. The value of an option is none if that stands before it."""
    takes = OPTIONS_RUN.get(call.name, "b")
    value = False
    for word in words:
        text = word.text
        if text == "--" and not value:
            return
        if could_be_option(word) and (word.several or not value):
            refuse(analysis, call, [word], OPTION)
        value = not value and (
            text in _LONG_TAKES
            or text[:1] == "-"
            and text[1:2] not in ("", "-")
            and text[-1:] in takes
            or call.name == "tar"
            and word is words[0]
            and bool(_OLD_TAR.fullmatch(text))
        )


def _check_container(analysis: Analysis, call: Call) -> bool:
    """docker exec … and the like: the words from the program on are a command of their own."""
    words = call.words
    texts = [word.literal for word in words]
    found = next((one for one in ("exec", "run", "debug", "shell") if one in texts), None)
    if call.name not in STARTS_OTHERS or not found:
        return False
    place = texts.index(found)
    for word in words[place + 1 :]:
        if assigned := _GIVEN.match(word.text):
            analysis.graph.flow(word.node, analysis.variable(assigned[1]))
    if call.name not in ("ip", "docker", "podman", "nerdctl") and "--" in texts:
        _start(analysis, call, words[texts.index("--") + 1 :])
        return True
    if call.name == "ip":
        refuse(analysis, call, [one for one in words[place + 1 : place + 2] if one.several], OPTION)
        _start(analysis, call, words[place + 2 :])
        return True
    longs = "--name --user --env --workdir --network --volume --publish --env-file --label --mount --platform --memory"
    flags = "--rm --detach --interactive --tty --privileged --init --read-only"
    given = options_of(
        words[place:], "ditq", "uewvplmhacn", (longs + " --cpus --namespace --container").split(), flags.split()
    )
    rest = given.rest
    if given.unknown:
        refuse(analysis, call, [word for word in rest if could_be_option(word)], OPTION)
    refuse(analysis, call, [word for word in given.uncertain if word.several], OPTION)
    if found == "run" and call.name in IMAGES and "compose" not in texts[:place]:
        rest = _image_program(analysis, call, rest)
    _start(analysis, call, rest[1:])
    return True


def _image_program(analysis: Analysis, call: Call, rest: list[ShellWord]) -> list[ShellWord]:
    """The words after the options of `docker run`, with the program of the image where they begin with its options."""
    if rest and rest[0].text[:1] in (OUTPUT, UNKNOWN):
        why = "be a command, nor the image of one, as a host would choose what runs"
        analysis.graph.need((rest[0].node,), SYNTAX, f"{why}: write its name, and let {{}} be its tag, as in app:{{}}")
    if len(rest) < 2 or not rest[1].text.startswith("-"):
        return rest
    name = _VERSION.sub("", rest[0].text.partition("@")[0].rpartition("/")[2].partition(":")[0])
    if name in SHELLS or name in INTERPRETERS:  # an image has the name of what it starts
        program = ShellWord()
        program.add_text(name, True)
        program.node = NUMBER
        return [rest[0], program, *rest[1:]]
    for place, word in enumerate(rest[1:], 1):
        if word.text in ("-c", "-e") or CODE_LONG.fullmatch(word.text):
            _refuse_code(analysis, call, rest[place + 1 : place + 2])
    return rest


def _check_package_runner(analysis: Analysis, call: Call) -> None:
    """npm run NAME runs a script of the project, npm exec a program of a package, or a text by a shell."""
    mention(analysis, call)
    words = call.words
    verb = next((place for place, word in enumerate(words) if place and word.literal in _VERBS), None)
    if verb is None:
        return
    rest = words[verb + 1 :]
    if words[verb].literal in _RUNS_SCRIPT:
        name = next((word for word in rest if not (word.literal or "").startswith("-")), None)
        if name is not None:
            way = "write its name, and give {} to it after --"
            why = f"be a command, nor the script of '{call.name}', as a host would choose what runs"
            analysis.graph.need((name.node,), SYNTAX, f"{why}: {way}")
        return
    place = 0
    while place < len(rest) and rest[place].text.startswith("-"):
        word, place = rest[place], place + 1
        if word.literal == "--":
            break
        if word.text in ("-c", "--call"):
            _refuse_code(analysis, call, rest[place : place + 1])
            return
        if word.text.startswith(("--call=", "-c")):
            _refuse_code(analysis, call, [word])
    _start(analysis, call, rest[place:])
