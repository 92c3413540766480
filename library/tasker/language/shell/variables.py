"""What is known of the variables of a shell script: what is assigned to them, and what that may be used for."""

from __future__ import annotations

from tasker.language.shell.programs import names
from tasker.language.shell.syntax import EXPRESSION, NAMED, NAMES, UNKNOWN
from tasker.language.shell.taint import NUMBER, PLAIN, SYNTAX, Taint
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.shell.syntax import ShellCommand, ShellWord

_IDENTIFIER = Pattern(r"(?a)(?<![\w#])[A-Za-z_]\w*")
_COMPUTED = Pattern(r"(?a)(?<![0-9\w])[A-Za-z_]\w*\x01|\x01\w*[A-Za-z_]")
_OF_VARIABLE = Pattern(r"(?as)([A-Za-z_]\w*)(?:\[(.*)\])?")
# those that `~`, `~+` and `~-` stand for, and `pwd` and `dirs` print
FOLDERS = ("HOME", "PWD", "OLDPWD", "DIRSTACK")
# variables of bash that hold what came last, whatever that was
_KEEPERS = names("_ BASH_COMMAND BASH_ARGV BASH_ARGV0 BASH_EXECUTION_STRING READLINE_LINE COPROC")
# variables that bash declares as integers
_INTEGERS = names("SECONDS RANDOM SRANDOM LINENO HISTCMD OPTIND BASHPID EPOCHSECONDS")
_CODE = Pattern(
    r"\w*(?:PATH|OPT|OPTS|OPTIONS|FLAGS|_COMMAND|PAGER|EDITOR|_SSH|_RSH|STARTUP|_ASKPASS)|(?:LD|GIT|BASH|PERL)_\w*"
    r"|PYTHON[A-Z]+|RUBYLIB|PERL5\w+|OPENSSL_CONF|VISUAL|BROWSER|SHELL|ENV|PS[0-4]|IFS|MAKEFILES|LESSOPEN|LESSCLOSE"
    r"|KUBECONFIG|INPUTRC|LESS|GCONV\w*|(?:VIM|GVIM|EX)INIT|LUA_INIT\w*|FCEDIT|WGETRC|ZDOTDIR"
)
_MENTIONED = Pattern(r"(?a)\$+[{(]*([A-Za-z_]\w*)")
_EXPANDED = Pattern(r"PS[0-4]|PROMPT_COMMAND|BASH_ALIASES|BASH_CMDS")  # those that bash itself expands or runs
# those of them that may be exported already, or that bash itself reads
_KNOWN_CODE = Pattern(
    r"(?:|CD|MAN|MAIL|CLASS|INFO|NODE_|RUBY|PYTHON|GCONV_|LOC|NLS|GIT_EXEC_|LD_LIBRARY_)PATH|LD_\w+|BASH_(?!VERSION)\w+"
    r"|GIT_(?:\w*(?:SSH|COMMAND|PAGER|EDITOR|ASKPASS|DIFF|DIR|TREE)|CONFIG\w*)|PYTHON[A-Z]+|RUBY(?:OPT|LIB|SHELL)"
    r"|PERL5\w+|VISUAL|BROWSER|SHELL|(?:|MAN|SYSTEMD_|GH_)PAGER|(?:|SUDO_|KUBE_)EDITOR|ENV|PS[0-4]|IFS|PROMPT_COMMAND"
    r"|\w*JAVA_OPT\w*|(?:NODE|TAR|GREP|JDK_JAVA)_OPTIONS|MAKEFLAGS|MAKEFILES|MAVEN_OPTS|\w+_(?:RSH|ASKPASS)"
    r"|FCEDIT|(?:VIM|EX)INIT|OPENSSL_CONF|LESS|LESSOPEN|LESSCLOSE|KUBECONFIG|INPUTRC"
)
_IN_ARITHMETIC = EXPRESSION + "; use [ … ] or expr instead"


class Variables:
    """The variables of one script, and the graph of all its values.

    A variable has one level for the whole script, the worst of what is assigned to it anywhere.
    """

    def __init__(self, about: str) -> None:
        """about: the name of the output that messages are about if no other is certain."""
        self.about = about
        self.graph = Taint()
        self.everything = self.graph.source(about)
        self.unfollowed = self.graph.node()  # what is assigned to variables whose names are not known
        self.values: dict[str, set[str] | None] = {}  # literal values of a variable; None: not only literals
        self.integers = set(_INTEGERS)
        self.exported: set[str] = set()
        self.all_exported = False
        self.arrays: set[str] = set()
        self.keyed: set[str] = set()  # declared with -A
        self.relied: list[str] = []  # variables that are no options, as they have values of the type `name`
        self.typed: dict[str, int] = {}  # those that are assigned a number from a host: which of the outputs
        self.run_as_command: set[str] = set()
        self.mentioned: dict[str, str] = {}  # variables that program texts name, and the program
        self.may_be_keyed: set[str] = set()  # the same anywhere, also in a function
        self.declared: list[tuple[str, int, str]] = []  # what `declare` and the like assign: variable, node, command
        self._variables: dict[str, int] = {}
        self._keys_of: dict[str, int] = {}
        self._guesses: dict[str, set[str] | None] = {}
        self._used_guesses: dict[str, str] = {}

    def refuse(self, what: str) -> None:
        """Refuse the script, unless it is refused for something that comes before."""
        self.graph.need((SYNTAX,), NUMBER, what)

    def refuse_script(self, what: str) -> None:
        """Refuse any output in a script of this kind."""
        self.refuse(f"be used in a script {what}")

    def assign(self, name: str, node: int, value: str | None = None, before_command: bool = False) -> None:
        """A variable gets the values of a node. value: if that is one literal."""
        self.graph.flow(node, self.variable(name))
        known = self.values.setdefault(name, set())
        if value is None or known is None:
            self.values[name] = None
        else:
            known.add(value)
        if _KNOWN_CODE.fullmatch(name) or before_command and _CODE.fullmatch(name):
            self.graph.need((node,), SYNTAX, _code_of(name))
        if _EXPANDED.fullmatch(name):
            text = f"be used in a script that assigns code to '{name}': remove it"
            self.graph.need((node,), PLAIN, _code_of(name), text)

    def assign_by_text(self, word: ShellWord, node: int, to: str) -> None:
        """Assign to the variable that a word names, as in `read NAME` or `read NAME[…]`."""
        self.graph.need((word.node,), SYNTAX, f"be passed to '{to}': it {NAMES}: write the name")
        found = _OF_VARIABLE.fullmatch(word.text)
        if word.literal is None or not found or word.is_typed_before("["):
            self.graph.flow(node, self.unfollowed)
            self.graph.need(
                (word.node,), PLAIN, f"be passed to '{to}': it {NAMES}: write the name", unread(f"a name for '{to}'")
            )
            return
        if found[2] is not None:
            self.expression_text(found[2])
            self.arrays.add(found[1])
        self.assign(found[1], node)

    def given_to_program(self, name: str, node: int) -> None:
        """A program gets a variable of this name."""
        if _CODE.fullmatch(name):
            self.graph.need((node,), SYNTAX, _code_of(name))

    def mention(self, text: str, to: str, assigned: Iterable[tuple[str, int]] = ()) -> None:
        """A program gets this text, which it or a shell that it starts can read as code.

        With `$NAME` in it, a variable in its environment is code too. assigned: in front of the command.
        """
        if "$" not in text:
            return
        given = dict(assigned)
        for found in _MENTIONED.finditer(text):
            name = found[1]
            self.mentioned.setdefault(name, to)
            if name in given:
                self._need_unmentioned(name, given[name], to)

    def _need_unmentioned(self, name: str, node: int, to: str) -> None:
        self.graph.need(
            (node,),
            SYNTAX,
            f"be the value of '{name}' for '{to}', whose program has ${name} in it and may run it: write {{}} as an "
            "argument of that program",
        )

    def unknown_names(self, node: int) -> None:
        """Any variable can get these values."""
        self.graph.flow(node, self.unfollowed)

    def variable(self, name: str) -> int:
        """The node of a variable."""
        if name not in self._variables:
            node = self._variables[name] = self.graph.node()
            self.graph.flow(self.unfollowed, node)
            if name in _KEEPERS or name.startswith("TASKER_"):
                self.graph.flow(self.everything, node)
        return self._variables[name]

    def keys(self, name: str) -> int:
        """The keys of an array: numbers, unless it was declared with -A."""
        if name not in self._keys_of:
            self._keys_of[name] = self.graph.node()
        return self._keys_of[name]

    # values that are certain

    def guess(self, commands: list[ShellCommand]) -> None:
        """The literal values that variables seem to have; verified at the end."""
        waiting = list(commands)
        while waiting:
            command = waiting.pop()
            waiting += command.children
            for word in command.words:
                if word.name and word.subscript is None:
                    value = word.value().certain
                    known = self._guesses.setdefault(word.name, set())
                    if value is None or word.adds or known is None:
                        self._guesses[word.name] = None
                    else:
                        known.add(value)

    def constant(self, name: str) -> str | None:
        """The value of a variable that only ever has one literal value."""
        known = self._guesses.get(name)
        if not known or len(known) > 1:
            return None
        (value,) = known
        if value == NAMED:
            return None
        self._used_guesses[name] = value
        return value

    def is_named(self, name: str) -> bool:
        """Does a variable seem to have only one value of the type `name`?"""
        return self._guesses.get(name) == {NAMED}

    def splits_at_letters(self) -> bool:
        """Could IFS split words at letters?"""
        splitters = self._guesses.get("IFS", set())
        return splitters is None or any(one.isalnum() for text in splitters for one in text)

    # arithmetic

    def expression_text(self, text: str) -> None:
        if UNKNOWN in text and _COMPUTED.search(text):
            way = "write the name of the variable"
            self.refuse(f"be used in a script that computes the name of a variable in arithmetic: {EXPRESSION}; {way}")
        for found in _IDENTIFIER.finditer(text):
            self.number(self.variable(found[0]), found[0])

    def number(self, node: int, name: str) -> None:
        """Arithmetic reads a node. name: of the variable, or "" if it is not one."""
        shown = f"'{name}'" if name else "a text"
        self.graph.need(
            (node,),
            NUMBER,
            f"be assigned to {shown}, which is read in arithmetic: {_IN_ARITHMETIC}"
            if name
            else f"be used in arithmetic: {_IN_ARITHMETIC}",
            f"be used in a script whose arithmetic reads {shown}, which is not certain to be a number: a text there "
            "could name a variable with an output; use [ … ] or expr instead",
        )

    # the end

    def link_variables(self) -> None:
        """Note what could only be known when the whole script was seen."""
        for name, value in self._used_guesses.items():
            if self.values.get(name) != {value}:
                self.refuse(f"be used in a script that runs '${name}', whose value is not certain: write the command")
            self.graph.need(
                (self.unfollowed,), SYNTAX, f"be assigned to a name that is not known, where '${name}' is run: write it"
            )
        for name in dict.fromkeys(self.relied):
            if self.values.get(name) != {NAMED}:
                self.refuse(
                    f"be assigned to '{name}', which could be an option where it is used: assign only values of the "
                    "type name"
                )
            self.graph.need((self.unfollowed,), SYNTAX, f"be assigned to a name that is not known: write '{name}'")
        for name in sorted(self.integers & set(self._variables)):
            self.graph.need(
                (self.variable(name),),
                NUMBER,
                f"be assigned to '{name}': {EXPRESSION}; use another name",
                f"be used in a script that assigns a text to '{name}': {EXPRESSION}; use another name",
            )
        for name, node in self._keys_of.items():
            if name in self.may_be_keyed or name == "@":
                self.graph.flow(self.variable(name), node)
                self.graph.flow(PLAIN, node)
        for name, node, to in self.declared:
            if name in self.arrays:
                self.graph.need(  # it reads '( … )' as the elements, and expands these
                    (node,),
                    PLAIN,
                    f"be passed to '{to}' for an array: {EXPRESSION}; use {name}=({{}})",
                    f"be used in a script in which '{to}' reads a text as the array '{name}': write {name}=( … )",
                )
        for name, to in self.mentioned.items():
            if name.startswith("TASKER_") or name in self._variables and (self.all_exported or name in self.exported):
                self._need_unmentioned(name, self.variable(name), to)
        for name in sorted(self._variables if self.all_exported else self.exported):
            if name in self._variables and _CODE.fullmatch(name):
                self.graph.need((self.variable(name),), SYNTAX, _code_of(name))


def _code_of(name: str) -> str:
    return f"be assigned to '{name}', which is code to some programs: use another name"


def unread(what: str) -> str:
    return f"be used in a script in which {what} is not certain: write it out"
