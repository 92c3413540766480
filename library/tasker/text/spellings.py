"""The ways in which programs write a text: shells, JSON, string literals of languages, URLs, XML, base64.

Masking looks for all of them (text/masking.py). Programs differ in details, so a way has several forms; most texts have
no character that is written in another way, and then the forms are one. tests/text/test_spellings.py compares them with
what bash and other programs print.
"""

from __future__ import annotations

import re

from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Writer = Callable[[str], str]

MANY_LINES = 100  # of a secret: of more, only the usual ways are looked for
SHORTEST_LINE = 4  # characters of a line of a secret, and of a piece of base64, that are masked by themselves
_HIGH = "\x80"
_CONTROLS = [*map(chr, range(1, 32)), "\x7f"]
_LETTERS = {"\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
_OCTAL = {sign: f"\\{ord(sign):03o}" for sign in _CONTROLS} | _LETTERS
_HEX = {sign: f"\\x{ord(sign):02x}" for sign in _CONTROLS}
_JSON = {sign: f"\\u{ord(sign):04x}" for sign in _CONTROLS[:-1]}  # Go before 1.22 has no \b and \f
_JSON |= {sign: _LETTERS[sign] for sign in "\t\n\r"}
_BASH = _OCTAL | {"\x1b": "\\E"}
_ZSH = {sign: f"\\C-{chr(ord(sign) ^ 64)}" for sign in _CONTROLS} | {sign: _LETTERS[sign] for sign in "\t\n"}
_PERL_LETTERS = {sign: text for sign, text in _LETTERS.items() if sign != "\v"} | {"\x1b": "\\e"}
_PERL_CONTROL = re.compile("([\x01-\x1f\x7f])(?=([0-9])?)")  # with three digits where a digit follows
_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029"}  # which JavaScript takes for line ends
_WRAPPED = (76, 64)  # characters of a line of base64 as coreutils and openssl write it
_PLAIN = re.compile(r"[A-Za-z0-9_.-]*")
# characters that programs leave as they are in a URL, besides letters, digits, "_", "." and "-"
_URL_SAFE: tuple[str, ...] = ("~", "~/", "~!'()*", "~;,/?:@&=+$!*'()#", "", "*", "@*+/", "~!*()")
_URL_SAFE += ("~$&+=:@", "~$&+,/:;=@", "~$&+,;=", "~$&+,/:;=?@!()*", "~/?")  # Go: in paths, logins, fragments
_URL_SAFE += ("~!$&'()*+,;=:", "~!$&'()*+,;=:@/", "~!$&'()*+,;=:@/?", "~!$&'()*+,;=:@/?#[]%", "~@", "~:")  # RFC 3986
# WHATWG: in logins, paths, queries (two kinds), fragments
_URL_SAFE += ("~!$%&'()*+,", "~!$%&'()*+,/:;=@[]|^", "~!$%&()*+,/:;=?@[]{}|^\\`", "~!$%&'()*+,/:;=?@[]{}|^\\`")
_URL_SAFE += ("~!$%&'()*+,/:;=?@[]{}|^\\#", "~!$%&'()*+,/:;=@[]|^\\", "~!$%&'()*+,/:;=@[]|\\", "~!$%&'()*+,/:;=@[]|")
_ZSH_PLAIN = re.compile(r"[^\t\n \"#$&()*;<=>?\[\\\]^`{|}~]*")
_NEVER_QUOTED = re.compile(r"[A-Za-z0-9_]*")


def spellings(value: str) -> list[str]:
    """A secret as it is written, and as programs show it: whole, and each of its lines. Sorted, without repetitions."""
    return sorted({form for _, forms in anchored_spellings(value) for form in forms})


def anchored_spellings(value: str) -> Iterator[tuple[str, set[str]]]:
    """(anchor, spellings): each of these has the anchor in it, so that one look can rule out all of them."""
    yield _anchor(value), {value, *_quoted(value), *_in_urls(value)}
    for one in {*_without_blanks(value)} - {value}:
        yield _anchor(one), {one, *_usual(one)}
    for form in set(_base64(value)):
        yield form, {form}
    if "\n" in value or "\r" in value:
        # what is indented can be indented in another way
        lines = {line for one in value.splitlines() if len(line := one.strip()) >= SHORTEST_LINE}
        for line in lines:
            few = len(lines) <= MANY_LINES
            yield _anchor(line), {line, *(_quoted(line) if few else _usual(line)), *(_in_urls(line) if few else ())}


def _without_blanks(value: str) -> Iterator[str]:
    """As a shell has it after `read v`, or writes it for `$v` without quotes: without blanks at both ends, and with
    one in place of several. Not of what is shorter than a secret may be."""
    for one in (value.strip(), value.strip(" \t\n"), " ".join(value.split(" ")), " ".join(re.split("[ \t\n]+", value))):
        for other in (one, one.strip(" ")):
            if len(other) >= SHORTEST_LINE:
                yield other


def _anchor(value: str) -> str:
    """The longest part that every way leaves as it is."""
    parts: list[str] = _NEVER_QUOTED.findall(value)
    return max(parts, key=len)


def _usual(value: str) -> set[str]:
    """As the commonest programs quote it."""
    if _NEVER_QUOTED.fullmatch(value):
        return set()
    made = {
        _single(value),
        value.replace("'", "'\"'\"'"),
        _double(value),
        _bash_word(value),
        _bash_ansi(value),
        printable(value),
    }
    return made | {_json(value), _escaped(value, '"', {}, _utf16), repr(value)[1:-1]}


def _quoted(value: str) -> set[str]:
    """As shells, JSON, languages and XML quote it, and shells what is quoted already."""
    if _NEVER_QUOTED.fullmatch(value):
        return set()
    shells = {value, *_in_shells(value)}
    made = shells | set(_in_json(value)) | set(_in_languages(value)) | set(_in_xml(value))
    for once in shells | {_json(value), _jq(value)}:  # `set -x` with printf %q in the command, a command line in JSON
        made |= {outer(once) for outer in (_single, _double, _bash_word, _bash_ansi, _zsh_single, _json, _jq)}
    return made


# -- shells


def _in_shells(value: str) -> Iterator[str]:
    """In quotes and with backslashes: bash, dash, zsh, coreutils, Python's shlex, Perl's quotemeta."""
    yield _single(value)
    yield value.replace("'", "'\"'\"'")  # shlex
    runs = re.sub("('+)", "'\"\\1\"'", value)  # dash
    yield from _without_ends(runs, "'", "'")
    for high in (_kept, _octal_bytes, _octal_unprintable):
        yield from _without_ends(_coreutils(value, high), "'$'", "''")
    yield "\\'".join(part if _ZSH_PLAIN.fullmatch(part) else f"'{part}'" for part in value.split("'"))  # zsh
    yield _zsh_single(value)
    yield _single(value).replace("!", "'\\!'")  # git
    yield _double(value)
    yield _double(value).replace("\\$'", "$'")  # zsh
    yield _backslashed(value, ' "$;[\\]{}')  # Tcl
    zsh_word = {sign: f"$'{octal}'" for sign, octal in _OCTAL.items()}
    zsh_word |= {
        sign: f"$'{octal}'" for sign in set(value) if sign >= _HIGH and (octal := _octal_unprintable(sign)) != sign
    }
    for zsh in (_zsh_unprintable, _zsh_bytes):
        yield _escaped(value, "'", _ZSH, zsh)
    for word in (_bash_word(value), _backslashed(value, " \"#$&'()*;<>?[\\]^`{|}", zsh_word)):
        yield word
        if value[0] in "#~=":  # only at the start of a word
            yield f"\\{word}"
        if value[0] == "#":  # not inside one
            yield word.removeprefix("\\")
    yield re.sub(r"([^\w])", r"\\\1", value, flags=re.ASCII) if value.isascii() else value  # quotemeta
    for controls in (_BASH, _OCTAL, _ZSH, _HEX | _LETTERS, _HEX | _LETTERS | {"\x1b": "\\e"}):
        for high in (_kept, _octal_bytes, _octal_unprintable):
            yield _escaped(value, "'", controls, high)
            yield _escaped(value, "'!", controls, high)


def _without_ends(text: str, before: str, after: str) -> Iterator[str]:
    """As it is, and without what a program leaves out at the beginning and the end of a word."""
    for start in (text, text.removeprefix(before)):
        yield start
        yield start.removesuffix(after)


def _coreutils(value: str, high: Writer) -> str:
    """Runs of unprintable characters as '$'…'' inside single quotes."""
    made = {**_OCTAL, **{sign: high(sign) for sign in set(value) if sign >= _HIGH}}
    written = (f"\0{made[sign]}\0" if made.get(sign, sign) != sign else sign for sign in _single(value))
    text = "".join(written).replace("\0\0", "")
    text = re.sub(r"\0([^\0]+)\0(?='\\'')", r"'$'\1", text)  # the quote ends it
    return re.sub(r"\0([^\0]+)\0", r"'$'\1''", text)


def _single(value: str) -> str:
    return value.replace("'", "'\\''")


def _zsh_single(value: str) -> str:
    """Each quote with a backslash, and what is between them in quotes of its own; without the quotes at both ends."""
    text = "".join("\\'" if part == "'" else f"'{part}'" for part in re.split("(')", value) if part)
    return text.removeprefix("'").removesuffix("'") if value[0] != "'" and value[-1] != "'" else text


def _double(value: str) -> str:
    return _backslashed(value, '"$`\\')


def _bash_word(value: str) -> str:
    """printf %q of bash, where nothing makes it write $'…'."""
    return re.sub("([=:])~", r"\1\\~", _backslashed(value, " !\"$&'()*,;<>?[\\]^`{|}"))


def _bash_ansi(value: str) -> str:
    return _escaped(value, "'", _BASH)


def _backslashed(value: str, signs: str, controls: Mapping[str, str] | None = None) -> str:
    return _changed(value, {**{sign: f"\\{sign}" for sign in signs}, **(controls or {})})


def _changed(value: str, made: Mapping[str, str]) -> str:
    return value.translate({ord(sign): text for sign, text in made.items()})


# -- texts of programming languages


def _escaped(value: str, quotes: str, controls: Mapping[str, str], high: Writer | None = None) -> str:
    """With backslashes before backslashes and these quotes. high: writes a character that is not ASCII."""
    made = {**controls, **{sign: f"\\{sign}" for sign in quotes + "\\"}}
    if high and not value.isascii():
        made |= {sign: high(sign) for sign in set(value) if sign >= _HIGH}
    return _changed(value, made)


def _in_languages(value: str) -> Iterator[str]:
    """Literals of Python, C, git, Go, Rust, JavaScript and Perl; SQL and CSV; our own way."""
    yield printable(value)
    yield value.replace("'", "''")
    yield value.replace('"', '""')
    upper = _HEX | {sign: f"\\x{ord(sign):02X}" for sign in _CONTROLS} | {sign: _LETTERS[sign] for sign in "\b\t\n\f\r"}
    lower = _HEX | {sign: _LETTERS[sign] for sign in "\t\n\r"}
    rust = {sign: f"\\u{{{ord(sign):x}}}" for sign in _CONTROLS} | {sign: _LETTERS[sign] for sign in "\t\n\r"}
    for quotes in ("", "'", '"', "'\""):
        for high in (_kept, _python, _python_unprintable, _hex_bytes):
            yield _escaped(value, quotes, lower, high)
        for high in (_kept, _octal_bytes):
            yield _escaped(value, quotes, _OCTAL, high)
        for high in (_kept, _four_digits):
            yield _escaped(value, quotes, _HEX | _LETTERS, high)
        yield _escaped(value, quotes, {})
        yield _escaped(value, quotes, upper)
        yield _escaped(value, quotes, upper, _hex_controls)
        yield _escaped(value, quotes, {sign: _LETTERS[sign] for sign in "\t\n\r"})  # jq's @tsv
        yield _escaped(value, quotes, rust)
    for high in (_octal_bytes, _perl, _kept):
        yield _PERL_CONTROL.sub(_perl_octal, _escaped(value, '"$@', _PERL_LETTERS, high))


def _kept(sign: str) -> str:
    return sign


def _octal_bytes(sign: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in sign.encode("utf-8", "surrogatepass"))


def _octal_unprintable(sign: str) -> str:
    """What the C library does not take for printable, which is less than Python does not."""
    import unicodedata  # here, since few secrets have such a character

    return _octal_bytes(sign) if unicodedata.category(sign) in ("Cc", "Cn", "Cs", "Zl", "Zp") else sign


def _zsh_unprintable(sign: str) -> str:
    if sign < "\xa0":
        return _meta(ord(sign))
    return _four_digits(sign) if _octal_unprintable(sign) != sign else sign


def _zsh_bytes(sign: str) -> str:
    """As zsh writes it where the locale is not UTF-8."""
    return "".join(map(_meta, sign.encode("utf-8", "surrogatepass")))


def _meta(byte: int) -> str:
    sign = chr(byte & 127)
    return f"\\M-\\C-{chr(ord(sign) ^ 64)}" if sign < " " or sign == "\x7f" else f"\\M-{sign}"


def _hex_bytes(sign: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogatepass"))


def _hex_controls(sign: str) -> str:
    return f"\\x{ord(sign):02X}" if sign < "\xa0" else sign


def _python(sign: str) -> str:
    return ascii(sign)[1:-1]


def _python_unprintable(sign: str) -> str:
    return repr(sign)[1:-1]


def _four_digits(sign: str) -> str:
    """As Go writes it: never with two digits."""
    return f"\\u{ord(sign):04x}" if ord(sign) < 65536 else f"\\U{ord(sign):08x}"


def _perl_octal(found: re.Match[str]) -> str:
    return f"\\{ord(found[1]):03o}" if found[2] else f"\\{ord(found[1]):o}"


def _perl(sign: str) -> str:
    return f"\\x{{{ord(sign):x}}}"


# -- JSON


def _json(value: str) -> str:
    return _escaped(value, '"', _JSON | {"\b": "\\b", "\f": "\\f"})


def _jq(value: str) -> str:
    return _json(value).replace("\x7f", "\\u007f")


def _in_json(value: str) -> Iterator[str]:
    """As Python, JavaScript, jq, Perl, Go, PHP, Java (gson) and .NET write it."""
    short = _JSON | {"\b": "\\b", "\f": "\\f"}
    for controls in (short, _JSON):
        for delete in ({}, {"\x7f": "\\u007f"}):
            for signs in ("", "/", "<>&", "<>&='"):
                for high in (_kept, _utf16, _line_ends):
                    more = {sign: _utf16(sign) for sign in signs if sign != "/"} | (
                        {"/": "\\/"} if signs == "/" else {}
                    )
                    yield _escaped(value, '"', controls | delete | more, high)
    for signs in ("<>&'", "<>&'\"+`\x7f"):  # PHP with JSON_HEX_…, .NET
        for controls in (short, {sign: text.upper().replace("U", "u", 1) for sign, text in _JSON.items()} | short):
            more = {sign: _utf16_upper(sign) for sign in signs}
            for high in (_kept, _utf16, _utf16_upper):
                text = _escaped(value, "" if '"' in signs else '"', {**controls, **more}, high)
                yield text
                yield text.replace("/", "\\/")


def _utf16(sign: str) -> str:
    data = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{data[at : at + 4]}" for at in range(0, len(data), 4))


def _utf16_upper(sign: str) -> str:
    return _utf16(sign).upper().replace("\\U", "\\u")


def _line_ends(sign: str) -> str:
    return _ENDS.get(sign, sign)


# -- XML, URLs, base64


def _in_xml(value: str) -> Iterator[str]:
    text = value.replace("&", "&amp;").replace("<", "&lt;")
    for greater in ("&gt;", ">"):
        for number in (None, "&#{};", "&#{:02};", "&#x{:X};", "&#x{:x};"):
            for least in ("\t", _HIGH):  # is a tab, or a line end, written as a number too?
                numbers = {
                    sign: number.format(ord(sign)) for sign in set(value) if number and _is_numbered(sign, least)
                }
                written = _changed(text.replace(">", greater), numbers)
                for double in ('"', "&quot;", "&#34;"):
                    for single in ("'", "&#39;", "&#x27;", "&apos;", "&#039;"):
                        yield written.replace('"', double).replace("'", single)


def _is_numbered(sign: str, least: str) -> bool:
    return sign >= _HIGH or least <= sign < " " or sign == "\x7f"


def _in_urls(value: str) -> Iterator[str]:
    """Percent-encoded, with hexadecimal digits of both cases, and blanks in both ways."""
    if _PLAIN.fullmatch(value):
        return
    for safe in _URL_SAFE:
        for digits in ("%{:02X}", "%{:02x}"):
            encoded = {
                sign: "".join(map(digits.format, sign.encode("utf-8", "surrogatepass")))
                for sign in set(value)
                if not _PLAIN.fullmatch(sign) and sign not in safe
            }
            text = _changed(value, encoded)
            yield text
            yield text.replace("%20", "+")
    if not value.isascii():  # `escape` of JavaScript
        wide = {sign: f"%u{_utf16(sign)[2:].upper()}".replace("\\U", "%u") for sign in set(value) if sign > "\xff"}
        narrow = {
            sign: f"%{ord(sign):02X}"
            for sign in set(value)
            if sign <= "\xff" and not _PLAIN.fullmatch(sign) and sign not in "@*+/"
        }
        yield _changed(value, wide | narrow)


def _base64(value: str) -> Iterator[str]:
    """Encoded by itself and inside a longer text, for files and for URLs: the characters that depend on nothing else,
    and, where the text ends with it, the last one."""
    from binascii import b2a_base64  # here, since few runs have a secret

    data = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        size = before + len(data)
        text = b2a_base64(bytes(before) + data, newline=False).decode()
        first = (0, 2, 3)[before]
        for end in {size * 8 // 6, -(-size * 8 // 6)}:
            piece = text[first:end]
            pieces = [piece]
            if not before and end * 6 >= size * 8:
                pieces.append(text)  # with its padding
                pieces += [text[at : at + width] for width in _WRAPPED for at in range(0, len(text), width)]
            for one in pieces:
                if len(one) >= SHORTEST_LINE:
                    yield one
                    yield one.translate({43: "-", 47: "_"})
