"""What programs do with their words: which of them take a program text, start other programs, or only take data."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Mapping


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHELLS = names("sh bash dash ksh ksh93 mksh zsh ash rbash fish csh tcsh yash")
READ_QUOTED = names("bash ksh ksh93 zsh")  # the shells for which `printf %q` writes; dash knows no $'…'


class Wrapper(NamedTuple):
    """Starts the program among its words. places: how many words come before that, after the options."""

    flags: str = ""
    takes: str = ""
    long_takes: str = ""
    long_flags: str = ""
    places: int = 0


WRAPPERS: Mapping[str, Wrapper] = {
    "command": Wrapper("p"),
    "builtin": Wrapper(),
    "exec": Wrapper("cl", "a"),
    "env": Wrapper("i0v", "uC", "--unset --chdir", "--ignore-environment --null --debug"),
    "nohup": Wrapper(),
    "setsid": Wrapper("cfw", "", "", "--ctty --fork --wait"),
    "nice": Wrapper("0123456789", "n", "--adjustment"),
    "time": Wrapper("pvaq", "fo", "--format --output", "--portability --verbose --append --quiet"),
    "timeout": Wrapper("v", "ks", "--kill-after --signal", "--foreground --preserve-status --verbose", 1),
    "stdbuf": Wrapper("", "ioe", "--input --output --error"),
    "ionice": Wrapper("t", "cn", "--class --classdata", "--ignore"),
    "sudo": Wrapper("nEHSkbAPB", "ughpCTrtUDR", "--user --group --host --prompt --chdir", "--non-interactive --stdin"),
    "doas": Wrapper("nL", "uC"),
    "chrt": Wrapper("abdfior", "", "", "", 1),
    "taskset": Wrapper("ac", "", "", "", 1),
    "chroot": Wrapper("", "", "--userspec --groups", "--skip-chdir", 1),
    "busybox": Wrapper(),
    "toybox": Wrapper(),
    "unbuffer": Wrapper("p"),
    "fakeroot": Wrapper(),
    "jobs": Wrapper("lnprsx"),
    **dict.fromkeys(
        names(
            "nsenter unshare setpriv systemd-run strace ltrace xvfb-run dbus-run-session proxychains torsocks valgrind"
            " perf start-stop-daemon lxc-attach firejail bwrap numactl prlimit pkexec runcon rlwrap tini"
            " dumb-init hyperfine npx bunx uvx daemonize ssh-agent cgexec systemd-inhibit linux32 linux64 chronic"
            " eatmydata srun mpirun annotate-output aa-exec entr"
        ),
        Wrapper(),
    ),
    "systemd-cat": Wrapper("", "tp", "--identifier --priority --stderr-priority"),
    **dict.fromkeys(names("gosu su-exec setuidgid sg envdir chpst setarch"), Wrapper(places=1)),
    "flock": Wrapper("sxeunoFv", "wE", "--wait --timeout --conflict-exit-code", "--nonblock --exclusive --shared", 1),
}


class Interpreter(NamedTuple):
    """Runs a program text. program: letters of options with such a text; files: with the name of a file of it.

    values: letters of options with data; touching: letters whose value can only be attached. first: what the first word
    that is no option is: "program", "script" or "" for data. stdin: is the program read from there? "else" if it
    stands nowhere else, "always", "never". options: could a value that is taken as an option run something?
    rest: are the words after the program data? (Else options may stand anywhere up to `--`.) verbs: words that may
    stand in front of the program. starts: can the program start a shell? opens: what in the words makes it open the
    others, as `open` of perl does.
    """

    program: str = ""
    files: str = ""
    values: str = ""
    touching: str = ""
    long_program: str = ""
    long_values: str = ""
    first: str = "script"
    stdin: str = "else"
    options: bool = True
    rest: bool = True
    verbs: frozenset[str] = frozenset()
    starts: bool = True
    opens: re.Pattern[str] | None = None
    way: str = "write the program in '…', and give it {} as an argument after --"


_AWK = Interpreter(
    program="e",
    files="fiElDW",
    values="vF",
    long_program="--source --file --include --exec",
    long_values="--assign --field-separator",
    first="program",
    stdin="never",
    way="use awk -v v={} '…'",
)
_SED = Interpreter(
    program="e",
    files="f",
    values="l",
    touching="i",
    long_program="--expression --file",
    long_values="--line-length",
    first="program",
    stdin="never",
    rest=False,
    way="use bash, as in ${v/a/b}, and -- in front of the name of a file",
)
# with -n, -p or <>, and without -i, which only takes files
_PERL_OPENS = Pattern(r"(?s)(?!.*(?<!\S)-(?!-)[A-Za-z0-9]*i)(?:.*(?<!\S)-(?!-)[a-zA-Z0-9]*[np]|.*<(?:ARGV)?>)")
_PERL = Interpreter(program="eE", touching="iIMmCDFlx0d", opens=_PERL_OPENS)
_JQ = Interpreter(
    files="fL",
    long_program="--from-file",
    long_values="--indent",
    first="program",
    stdin="never",
    options=False,
    starts=False,
    way="write the program in '…', with --arg v {}",
)
_SQL = Interpreter(
    program="ceqQ",
    files="f",
    values="hUdvuDSHPpF",
    long_program="--command --execute --query --file",
    long_values="--host --port --username --user --dbname --database --set --variable",
    first="",
    rest=False,
    way="write the statement in '…', with a variable of the client",
)
_BY_NAME = Interpreter(program="eE", files="f", long_program="--eval --exec --execute --expression", first="script")
_ALWAYS = Interpreter(program="ecx", files="fsb", stdin="always", rest=False, way="write the program itself")

_NODE = Interpreter(program="ep", files="r", long_program="--eval --print --require --import --loader")
_YQ = _JQ._replace(
    verbs=names("e eval ea eval-all"), way="write the program in '…', with strenv(V) in it and V={} in front of yq"
)
_LANGUAGES = names("R Rscript octave gnuplot julia groovy scala ghc guile racket sbcl clisp erl elixir")
_CLIENTS = names("psql mysql mariadb mongo mongosh sqlplus sqlcmd isql clickhouse-client cqlsh")
_EDITORS = names("bc dc ed ex red m4 gdb lldb patch sftp ftp lftp crontab vi vim view nvim emacs capsh")

INTERPRETERS: Mapping[str, Interpreter] = {
    **dict.fromkeys(names("awk gawk mawk nawk original-awk igawk"), _AWK),
    **dict.fromkeys(names("sed gsed ssed"), _SED),
    **dict.fromkeys(names("python pypy jython ipython"), Interpreter(program="c", files="m", values="WXQ")),
    "perl": _PERL,
    "ruby": Interpreter(program="e", files="r", touching="iICEKTWxF0"),
    **dict.fromkeys(names("node nodejs"), _NODE),
    **dict.fromkeys(names("deno bun"), _NODE._replace(verbs=names("run eval exec x"))),
    "php": Interpreter(program="rBRE", files="fFcz", values="dt"),
    **dict.fromkeys(names("lua luajit texlua"), Interpreter(program="e", files="l")),
    **dict.fromkeys(names("tclsh wish expect"), Interpreter(program="c", files="f")),
    **dict.fromkeys(_LANGUAGES, _BY_NAME),
    "osascript": Interpreter(program="e", files="f"),
    **dict.fromkeys(names("jq gojq jaq"), _JQ),
    "yq": _YQ,
    **dict.fromkeys(_CLIENTS, _SQL),
    **dict.fromkeys(_EDITORS, _ALWAYS),
}  # fmt: skip
# of jq: options with two values, of which the second is data
TWO_VALUES = names("--arg --argjson --slurpfile --rawfile")

# every word of theirs can become code, in ways that are not followed
JOINING = names(
    "ssh slogin rsh su runuser watch parallel flock script screen tmux socat rexec pssh parallel-ssh pdsh clush dsh"
    " mussh salt salt-call salt-ssh knife autossh mosh plink dbclient winexe"
)
ALL_CODE = names("make gmake sqlite sqlite3 cmake ninja ansible ansible-playbook at batch pwsh powershell run-parts")
STDIN_IS_CODE = names(
    "parallel sqlite sqlite3 su screen tmux script at batch pdsh clush pssh pwsh powershell slogin autossh mosh plink"
    " dsh"
)
# clients that run a text on other hosts, with one of their subcommands
RUN_TEXT = names("consul heroku bolt mco")

# programs for whose words, and for whose -c and -e, data is data
DATA = names(
    "[ echo cat grep egrep fgrep zgrep cut head tail wc sort uniq tr tee ls cp mv rm mkdir rmdir ln touch chmod chown"
    " chgrp stat file du df date basename dirname realpath readlink seq expr diff cmp comm join paste fold fmt nl od"
    " xxd hexdump base64 md5sum sha1sum sha256sum sha512sum cksum curl wget ping dig host nslookup logger mail mailx"
    " sleep kill pkill pgrep killall ps tar gzip gunzip zcat bzip2 xz zip unzip systemctl service journalctl apt"
    " apt-get dpkg rpm yum dnf zypper apk pip pip3 npm which column rev tac shuf numfmt yes true false id whoami"
    " hostname uname uptime free lsof ss netstat ip test docker podman nerdctl kubectl oc openssl iconv jo pwd printenv"
    " mktemp install truncate dd sync"
)
# letters of options whose value is a command, besides -c and -e of programs that are not known
COMMAND_LETTERS: Mapping[str, str] = {"tar": "IF", "bsdtar": "I", "scp": "SF", "zip": "T", "man": "PH", "less": "k"}
# programs that run what an option says, wherever among their words it stands: subcommands of git too
OPTIONS_RUN: Mapping[str, str] = {  # their letters whose value is the next word
    **dict.fromkeys(("tar", "bsdtar"), "fCTXb"),
    "rsync": "fTBM",
    "wget": "OoPaitTUQw",
    **dict.fromkeys(("scp", "sftp"), "cFiJlP"),
    "man": "MSCLs",
    "rpm": "DEQr",
    **dict.fromkeys(("apt", "apt-get"), "oct"),
    "dpkg": "",
    **dict.fromkeys(("mail", "mailx"), "sacbrqSu"),
    "hg": "RrmuldbB",
}
GIT_OPTIONS_RUN = names("fetch clone ls-remote pull push grep rebase archive fetch-pack send-pack remote")
# of DATA, what starts programs that stand among its words: in a container, on another host
STARTS_OTHERS = names(
    "docker podman nerdctl kubectl oc ip docker-compose podman-compose lxc incus crictl nomad machinectl"
)
IMAGES = names("docker podman nerdctl")  # of those, what starts an image, which has a program of its own
# what runs the scripts of a project by their names, and the programs of packages
PACKAGE_RUNNERS = names("npm pnpm yarn")
