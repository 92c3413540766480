"""A program `sudo` that behaves as sudo 1.9 does, as far as its manual and a real one go; it changes no user.

`install(folder, *rules)` writes it. Rules: nopasswd, password=TEXT, deny, only=PROGRAM, requiretty, lecture, factor
(asks for a code after the password), foreign (its prompt is its own), expiry (a word on stdout), nouser, once (asks
without a prompt of ours). What it was called with is a line of `calls`, as JSON; what it read is in `read`.
"""

import json
import sys

PROGRAM = """#!{python} -IS
import json, os, sys

FOLDER = {folder!r}
RULES = dict(one.partition("=")[::2] for one in open(FOLDER + "/rules").read().splitlines())
arguments = sys.argv[1:]
with open(FOLDER + "/calls", "a") as file:
    file.write(json.dumps(arguments) + "\\n")


def say(text, where=2):
    os.write(where, text.encode())


def refuse(text):
    say(text)
    sys.exit(1)


def line():
    text = b""
    while (byte := os.read(0, 1)) not in (b"", b"\\n"):
        text += byte
    with open(FOLDER + "/read", "a") as file:
        file.write(text.decode() + "\\n")
    return text.decode() if text or byte else None


user, prompt, flags = "root", "Password: ", set()
while arguments:
    word = arguments.pop(0)
    if word == "--":
        break
    if word == "-u":
        user = arguments.pop(0)
    elif word == "-p":
        prompt = arguments.pop(0)
    elif word in ("-n", "-k", "-S", "-H", "-l"):
        flags.add(word)
    else:
        arguments.insert(0, word)
        break
if os.environ.get("LC_ALL") != "C" and "only" not in RULES:
    refuse("sudo: ein Passwort ist notwendig\\n")
if "requiretty" in RULES:
    refuse("sudo: sorry, you must have a tty to run sudo\\n")
if "nouser" in RULES:
    refuse("sudo: unknown user " + user + "\\n")
if "nopasswd" not in RULES and not ("only" in RULES and "-l" in flags):
    if "-n" in flags:
        refuse("sudo: a password is required\\n")
    if "-S" not in flags:
        refuse("sudo: a terminal is required to read the password\\n")
    if "lecture" in RULES:
        say("\\nWe trust you have received the usual lecture.\\n\\n    #1) Respect the privacy of others.\\n\\n")
    wrong = 0
    while True:
        say("Passwort: " if "foreign" in RULES else prompt)
        got = line()
        if got is None:
            refuse("\\nsudo: no password was provided\\nsudo: %d incorrect password attempt\\n" % wrong)
        if got == RULES.get("password"):
            break
        wrong += 1
        if wrong == 3:
            refuse("sudo: 3 incorrect password attempts\\n")
        say("Sorry, try again.\\n")
    if "factor" in RULES:
        say("Verification code: ")
        if line() != "123456":
            refuse("\\nsudo: 1 incorrect password attempt\\n")
if "expiry" in RULES:
    say("Warning: your password will expire in 3 days\\n", 1)
if "deny" in RULES or ("only" in RULES and arguments[0] != RULES["only"]):
    if "-l" in flags:
        sys.exit(1)
    refuse("Sorry, user op is not allowed to execute '" + " ".join(arguments) + "' as " + user + " on far.\\n")
if "-l" in flags:
    say(" ".join(arguments) + "\\n", 1)
    sys.exit(0)
kept = {{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}}
os.execvpe(arguments[0], arguments, {{**kept, "SUDO_USER": "op", "BECAME": user}})
"""


def install(folder, *rules):
    """The folder, to be the first of PATH. The rules may be changed later with `rule`."""
    folder.mkdir(exist_ok=True)
    program = folder / "sudo"
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    rule(folder, *rules)
    return folder


def rule(folder, *rules):
    """From now on these rules; what was noted so far is forgotten."""
    (folder / "rules").write_text("\n".join(rules))
    for name in ("calls", "read"):
        (folder / name).write_text("")


def calls(folder):
    """The arguments of each call."""
    return [json.loads(text) for text in (folder / "calls").read_text().splitlines()]
