"""Secrets as real programs print them: bash and others that are here quote generated secrets, and nothing is left
(docs/threats.md row 62).

`TASKER_SWEEP=5000` generates that many secrets instead of 60.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasker.text.masking import MASK, Masker
from tasker.text.printable import printable
from tasker.text.spellings import MANY_LINES, anchored_spellings, spellings

SWEEP = int(os.environ.get("TASKER_SWEEP", 60))
PRINTABLE = "".join(map(chr, range(32, 127)))
CONTROLS = "".join(map(chr, [*range(1, 32), 127]))
HIGH = "äéß€中文🙂\u200b\u2028\xad"
KNOWN = [
    "Pa$$w0rd!x",
    "it's",
    "'start",
    "end'",
    "''''",
    "\\\\\\n",
    "#hash",
    "~home",
    "=x=~y:~z",
    "-n -e",
    "a\nbcde",
    "\tx\t",
    "two words",
    "\x1b[31mred\x1b[0m",
    "\x0101",
    "\x7f\x7f\x7f\x7f",
    "é\x01'",
    "a,b;c|d&e",
    "{a..b}[c]*?",
    "<p>&amp;</p>",
    "a/b+c=d",
    "100%",
    '"quoted"',
    "$'x'",
    "`id`$(id)",
    "@x#{y}",
    "line one\nline 'two'\n\nx\nline three",
]


def generated(count: int, signs: tuple[str, ...] = (PRINTABLE, CONTROLS, HIGH)) -> list[str]:
    """Secrets of 4 characters or more: of one sort of characters, of two, of quotes, of all."""
    rng = random.Random(15)
    kinds = [signs[0], *("".join(signs[:number]) for number in range(1, len(signs) + 1)), "'\"\\$`!a ", "\n\t'ab"]
    made = []
    while len(made) < count:
        value = "".join(rng.choices(rng.choice(kinds), k=rng.randint(4, 16))).rstrip("\r\n")
        if len(value) >= 4 and value.strip() and (len(signs) > 1 or value.isprintable()):
            made.append(value)
    return made


SECRETS = [*KNOWN, *generated(SWEEP)]
# what a program puts around a secret
AROUND = r"""[$'`"\\]{0,9}"""


def printed(command: list[str], value: str, **environment: str) -> bytes:
    """All that a program says that has a secret in its variable V."""
    env = {"PATH": os.environ["PATH"], "V": value, "LC_ALL": "C.utf8", **environment}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout


def masked(value: str, data: bytes) -> str:
    stream = Masker([value]).stream()
    assert stream is not None
    return (stream.feed(data) + stream.end()).decode("utf-8", "backslashreplace")


def left(value: str, data: bytes, marks: int) -> str:
    """What is left of a secret between the signs « and », which has to be there this many times; "" when nothing."""
    assert data.count("«".encode()) == marks, data
    shown = masked(value, data)
    between = re.findall("«(.*?)»", shown, re.DOTALL)
    wrong = [one for one in between if not re.fullmatch(rf"{AROUND}\*\*\*\*{AROUND}", one)]
    return f"{value!r}: {wrong}" if wrong or len(between) != marks else ""


BASH = r"""
export V; printf '«%q»' "$V"; printf '«%s»' "${V@Q}"
d=$(declare -p V); printf '«%s»' "${d#declare -x V=}"
a=("$V"); d=$(declare -p a); d=${d#"declare -a a=([0]="}; printf '«%s»' "${d%)}"
W=$V; d=$(set | sed -n '/^W=/,/^_=/p'); d=${d#W=}; d=${d%%$'\n'_=*}; printf '«%s»' "$d"
PS4='+ '
exec 3>&1
trace() { { set -x; } 2>/dev/null; : "$@"; { set +x; } 2>/dev/null; }
d=$(trace "$V" 2>&1); d=${d#*'+ : '}; printf '«%s»' "${d%%$'\n'+*}"
d=$(trace "cmd $(printf %q "$V")" 2>&1); d=${d#*"+ : 'cmd "}; d=${d%%$'\n'+*}; printf '«%s»' "${d%"'"}"
d=$(printf %q "x $(printf %q "$V")"); d=${d#*x\\ }; printf '«%s»' "${d#*x }"
d=$(printf %q "x ${V@Q}"); d=${d#*x\\ }; printf '«%s»' "${d#*x }"
"""


@pytest.mark.parametrize("locale", ["C.utf8", "C"])
def test_nothing_is_left_of_a_secret_as_bash_prints_it(locale: str) -> None:
    faults = [left(value, printed(["bash", "-c", BASH], value, LC_ALL=locale), 9) for value in SECRETS]

    assert [fault for fault in faults if fault] == []


def test_a_trace_with_a_secret_in_a_quoted_command_shows_nothing() -> None:
    script = (
        'set -x; : "cmd $(printf %q "$V")"; v=$V; [ "$v" = x ]; case $v in *) ;; esac; declare -p v; set | grep ^v='
    )

    shown = masked("Pa$$w0rd!x", printed(["bash", "-c", script], "Pa$$w0rd!x"))

    assert shown.count(MASK) >= 6
    assert not re.search("Pa|w0rd|!x", shown)


OTHERS = {
    "python": (
        "python3",
        ["-c"],
        "import os,json,shlex,urllib.parse as u,base64,html; v=os.environ['V']\n"
        "for x in (repr(v), ascii(v), repr(v.encode())[1:], json.dumps(v), json.dumps(v,ensure_ascii=False),"
        "shlex.quote(v), u.quote(v), u.quote(v,safe=''), u.quote_plus(v), u.quote(v,safe='/~'),"
        " html.escape(v), base64.b64encode(v.encode()).decode()): print('«'+x+'»')",
        12,
    ),
    "node": (
        "node",
        ["-e"],
        "const v=process.env.V,u=require('util');for(const x of [u.inspect(v),JSON.stringify(v),encodeURIComponent(v),"
        "encodeURI(v),JSON.stringify(JSON.stringify(v)).slice(1,-1).replace(/^../,'').replace(/..$/,''),"
        "new URLSearchParams({v}).toString().slice(2),Buffer.from(v).toString('base64url')])"
        "process.stdout.write('«'+x+'»')",
        7,
    ),
    "perl": (
        "perl",
        ["-MData::Dumper", "-MJSON::PP", "-e"],
        "$Data::Dumper::Indent=0;$Data::Dumper::Terse=1;$v=$ENV{V};print '«',Dumper($v),'»';$Data::Dumper::Useqq=1;"
        "print '«',Dumper($v),'»'; $u=$v; utf8::decode($u); print '«',Dumper($u),'»';"
        "print '«',JSON::PP->new->ascii->allow_nonref->encode($u),'»';"
        "print '«',$v=~/^[\\x01-\\x7f]*$/?quotemeta($v):'****','»';",
        5,
    ),
    "jq": (
        "jq",
        ["-nrj"],
        '$ENV.V | "«", (tojson), "»«", @sh, "»«", @uri, "»«", @html, "»«", @base64, "»«", (tojson|tojson), "»"',
        6,
    ),
    "zsh": (
        "zsh",
        ["-fc"],
        "print -rn -- «${(q)V}»«${(qq)V}»«${(qqq)V}»«${(qqqq)V}»«${(q-)V}»",
        5,
    ),
    "dash": ("dash", ["-c"], "d=$(export -p | sed -n '/ V=/,$p'); printf '«%s»' \"${d#export V=}\"", 1),
    "coreutils": ("env", [], "printf", 1),
}
HERE = [name for name, (program, *_) in OTHERS.items() if shutil.which(program)]


@pytest.mark.parametrize("name", HERE)
def test_nothing_is_left_of_a_secret_as_other_programs_print_it(name: str) -> None:
    program, options, script, marks = OTHERS[name]
    faults = []
    for value in SECRETS:
        command = [program, *options, script, *(["«%q»", value] if name == "coreutils" else [])]
        if name == "zsh" and not value.isascii():
            continue  # what is printable is another question for each of its versions
        faults.append(left(value, printed(command, value), marks))

    assert [fault for fault in faults if fault] == []


def as_go(value: str) -> str:
    """encoding/json of Go: HTML characters and line ends of JavaScript escaped."""
    text = json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def as_php(value: str) -> str:
    """json_encode of PHP."""
    return json.dumps(value).replace("/", "\\/")


@pytest.mark.parametrize("write", [as_go, as_php, shlex.quote, printable])
@pytest.mark.parametrize("value", [one for one in SECRETS if "\\" not in one])
def test_nothing_is_left_of_a_secret_as_programs_write_it_that_are_not_here(write, value: str) -> None:  # type: ignore[no-untyped-def]
    assert left(value, f"«{write(value)}»".encode(), 1) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a<b>&c", '{"pw":"a\\u003cb\\u003e\\u0026c"}'),  # Go
        ("a<b>&c", '{"pw":"a\\u003Cb\\u003E\\u0026c"}'),  # PHP with JSON_HEX_TAG, .NET
        ("a/b/é", '{"pw":"a\\/b\\/\\u00e9"}'),  # PHP
        ("pass=w'd", '{"pw":"pass\\u003dw\\u0027d"}'),  # gson
        ("a+b c/d", "?pw=a%2bb%20c%2fd&x"),
        ("a+b c/d", "?pw=a%2Bb+c%2Fd&x"),
        ("it's", "INSERT ('it''s')"),
        ('a"b"', '"a""b""",1'),
        ("a&b'c", "<pw>a&amp;b&#39;c</pw>"),
        ("pa$s&wo=rd", "//u:pa$s&wo=rd@h/?p=pa$s&wo=rd"),
        ("pa$s:wo@rd!", "/p/pa$s:wo@rd%21"),  # a path of Go
        ("pa$s,wo;rd!", "//u:pa$s,wo;rd%21@h"),  # a login of Go
        ("pa(s)wo;rd=", "//u:pa(s)wo%3Brd%3D@h"),  # URL of JavaScript: a login
        ("pas[s]wo^r d", "/pas[s]wo^r%20d"),  # a path of it
        ("pas's`wo rd", "?q=pas%27s`wo%20rd"),  # a query of it
        ("pas's`wo rd", "#pas's%60wo%20rd"),  # a fragment of it
        ("first's#@!\nsecond", "a=first%27s%23%40%21"),  # a line of several
        ("pässw€rd", "p%E4ssw%u20ACrd"),  # escape of JavaScript
        ("pässw€rd", "<a b='p&#228;ssw&#8364;rd'/>"),  # ElementTree
        ("pässw€rd", "<a b='p&#xE4;ssw&#x20AC;rd'/>"),  # libxml
        ("two<\twords", '<a b="two&lt;&#9;words"/>'),
        ("two\twords", '<a b="two&#09;words"/>'),
        ("one\\two\tthree\x01", "one\\\\two\\tthree\x01"),  # @tsv of jq
        ("what!a'b", " 'what'\\!'a'\\''b'"),  # GIT_TRACE
        ("pa$s{wo}rd", "a pa\\$s\\{wo\\}rd"),  # a list of Tcl
        ("some\x0bnext\x85line", "[ 'some\\x0Bnext\\x85line' ]"),  # util.inspect of JavaScript
        # zsh: set, typeset -p, set -x, ${(q+)v}
        ("some''next'last", "v='some'\\'\\''next'\\''last'"),
        ("'some'next'", "v=\\''some'\\''next'\\'"),
        ("some\x0bnext\x07\x1clast", "v=$'some\\C-Knext\\C-G\\C-\\last'"),
        ("some\x85next\u2028last", "v=$'some\\M-\\C-Enext\\u2028last'"),
        ("some\x85nextölast", "v=$'some\\M-B\\M-\\C-Enext\\M-C\\M-6last'"),  # without UTF-8
        ("some\u2028next", "some$'\\342\\200\\250'next"),
        ("some'next", "+ : \\''some'\\''\\'\\'\\''next'\\'"),  # what is quoted already
    ],
)
def test_a_secret_is_masked_inside_what_programs_write(value: str, shown: str) -> None:
    text = Masker([value]).text(shown)

    assert MASK in text
    assert not set(re.findall(r"\w+", value)) & set(re.findall(r"\w+", text))


@pytest.mark.parametrize(
    "value", ["  some words  ", "\tsome\twords\t", "some  words", "some \t words\n\n  abc", "\xa0some words"]
)
def test_a_secret_is_masked_as_a_shell_shows_it_that_takes_blanks_away(value: str) -> None:
    masker = Masker([value])

    for shown in (value.strip(), " ".join(value.split()), " ".join(value.split(" ")).strip(" ")):
        assert not re.search("some|words|abc", masker.text(f"+ echo {shown}"))


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("value", ["hunter2!", "hunter22!", "hunter222!", "ÿþýü?>~", "x" * 300])
def test_base64_of_a_secret_and_of_what_ends_with_it_leaves_nothing(encode, value: str) -> None:  # type: ignore[no-untyped-def]
    masker = Masker([value])
    for before in ("", "u:", "user", "user:"):
        text = encode(f"{before}{value}".encode()).decode()
        known = len(before.encode()) * 8 // 6 + 1 if before else 0  # of what stands before, with a bit of the secret
        for shown in (text, text.rstrip("=")):
            assert re.fullmatch(rf".{{0,{known}}}\*\*\*\*=*", masker.text(shown)), (before, masker.text(shown))
        lines = encode(f"{before}{value} and more".encode()).decode()
        assert MASK in masker.text(lines)


@pytest.mark.parametrize("width", [64, 76])
def test_base64_that_was_broken_into_lines_leaves_nothing(width: int) -> None:
    value = "correct horse battery staple " * 10
    text = base64.b64encode(value.encode()).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]

    assert Masker([value]).text("\n".join(lines)) == "\n".join([MASK] * len(lines))


def test_each_line_of_a_secret_is_masked_from_four_characters_on() -> None:
    value = "-----BEGIN-----\n  abc$1'x\r\nabc\nabcd\n-----END-----"

    text = Masker([value]).text("-----BEGIN-----|abc$1'x|abc\\$1\\'x|abc|abcd|xabcdx|----END")

    assert text == "****|****|****|abc|****|x****x|----END"


def test_many_lines_are_masked_too_and_as_the_usual_programs_write_them() -> None:
    lines = [f"line {number:04d} 'q'" for number in range(3 * MANY_LINES)]
    masker = Masker(["\n".join(lines)])

    for shown in (*lines, *map(shlex.quote, lines), *map(json.dumps, lines), *map(repr, lines)):
        assert "line" not in masker.text(f"x {shown} x")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=12))
def test_each_spelling_has_the_anchor_that_its_search_begins_with(value: str) -> None:
    assert all(anchor in form for anchor, forms in anchored_spellings(value) for form in forms)
    assert value in spellings(value)


def test_a_percent_encoded_secret_is_masked_in_both_cases() -> None:
    for value in SECRETS:
        for safe in ("", "/", "!'()*~"):
            text = urllib.parse.quote(value, safe=safe)
            lower = re.sub("%..", lambda found: found[0].lower(), text)
            assert left(value, f"«{text}»«{lower}»«{text.replace('%20', '+')}»".encode(), 3) == ""


def test_spellings_are_loaded_only_for_a_secret() -> None:
    code = "import sys; sys.path.insert(0, 'library'); import tasker.text.masking as m; m.Masker([]).text('x'); "
    code += "first = 'tasker.text.spellings' in sys.modules; m.Masker(['abcd']); "
    code += "print(first, 'tasker.text.spellings' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]
