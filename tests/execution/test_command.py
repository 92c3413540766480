"""What a runner makes of a request: templates, quoting, host names, refusals (docs/language.md §8; docs/threats.md)."""

import os
import socket
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runner_client import STUBS, Talk, environment, once, program, request

from tasker.execution.local.attempt import Attempt
from tasker.execution.template_runner import LocalBackend, TemplateRunner
from tasker.language import hostname, quoting
from tasker.protocol.document import Problem

# all of Unicode but NUL, which no argument can hold, and halves of surrogate pairs, which are no text
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
nasty = st.sampled_from(
    [
        "",
        "'",
        "''",
        '"',
        "\\",
        "\n",
        "a\nb\n",
        "$HOME",
        "${X}",
        "`id`",
        "$(id)",
        "; rm -rf x",
        "-n",
        "--",
        "A=b",
        "if",
        "@2_stdout@",
        "{words}",
        "{hostname}",
        "~",
        "*",
        "%s",
        "\x1b[31m",
        "\u202e",
        "é",
        "e\u0301",
        "\x7f",
        "!x",
        "#",
    ]
)
words = st.lists(nasty | text, min_size=1, max_size=12)


def sample(kind="argv", check=None):
    command = {"argv": ["ssh", "-h", "{hostname}", "{words}"], "shell": ["rsh", "{hostname}", "{words:shell}"]}
    return TemplateRunner("sample", {**command, "script": ["bash", "-c", "--", "{script}"]}[kind], check)


# -- templates and quoting


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_posix_shell_splits_quoted_words_back_into_exactly_these(shell):
    @settings(max_examples=40, deadline=None)
    @given(words)
    def check(given_words):
        script = "printf '%s\\0' " + " ".join(map(quoting.quote, given_words))
        seen = subprocess.run([shell, "-c", script], capture_output=True, timeout=10).stdout

        assert "".join(word + "\0" for word in given_words).encode() == seen

    check()


@pytest.mark.parametrize("word", ["A=b", "if", "time", "{", "!", "~", "", "function"])
def test_a_shell_takes_a_quoted_word_for_a_command_and_not_for_its_grammar(word):
    argv = ["/bin/bash", "-c", quoting.quote(word)]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=10, env={"PATH": "/nowhere"})

    assert (127, True) == (said.returncode, "not found" in said.stderr or "No such file" in said.stderr)


def test_plain_words_stay_readable():
    assert "systemctl --now restart nginx@1.service" == " ".join(
        map(quoting.quote, ["systemctl", "--now", "restart", "nginx@1.service"])
    )


def test_what_is_put_into_a_template_is_never_read_as_a_template():
    elements = quoting.parse_template(["x", "{hostname}", "on {hostname}:", "{words}"])

    argv = quoting.fill_template(elements, hostname="{words}", words=["{hostname}", "{0}", "%s"])

    assert ["x", "{words}", "on {words}:", "{hostname}", "{0}", "%s"] == argv


@pytest.mark.parametrize("template", [["{host}"], ["a{words}"], ["{words:sh}"]])
def test_a_template_with_an_unknown_place_is_refused(template):
    with pytest.raises(ValueError, match=r"cannot be a part|no value for"):
        quoting.parse_template(template)


def test_about_says_how_the_far_side_reads_words():
    assert ["argv", "shell", "script"] == [sample(kind).about()["words"] for kind in ("argv", "shell", "script")]


# -- requests


def test_a_request_says_all_that_is_wrong_with_it():
    doc = request(1, "ls", hostname=5, timeout=True, marker="a b", needs="stdout", dry_run="no", output="")

    with pytest.raises(Problem) as caught:
        sample().attempt(doc)

    keys = ("hostname", "words", "timeout", "marker", "needs", "dry_run", "output")
    assert [] == [key for key in keys if f"'{key}' has to be" not in caught.value.message]
    assert "bad_request" == caught.value.code


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"words": []},
        {"words": [1]},
        {"words": ["a"], "timeout": 0},
        {"words": ["a"], "timeout": float("inf")},
        {"words": ["a"], "timeout": "5"},
        {"words": ["a"], "check": 1},
    ],
)
def test_a_request_with_a_value_of_the_wrong_form_is_refused(keys):
    with pytest.raises(Problem, match="cannot use the request"):
        sample().attempt({"tasker": 1, "kind": "request", "hostname": "web1", **keys})


@pytest.mark.parametrize("name", ["A-B", "", "1A", "A=B", "Ä"])
def test_an_environment_name_that_no_shell_can_read_is_refused(name):
    with pytest.raises(Problem, match="'environment'"):
        sample("script").attempt(request(1, script="x", environment={name: "v"}))


def test_a_script_runner_does_not_take_words():
    with pytest.raises(Problem, match="'script' has to be text"):
        sample("script").attempt(request(1, ["ls"]))


@pytest.mark.parametrize("name", ["root@web1", "web1:22", "root@[::1]:22"])
def test_a_user_and_a_port_are_for_runners_that_say_so(name):
    class Logins(LocalBackend):
        logins = True

    refused = sample().attempt(request(1, ["ls"], hostname=name))
    taken = TemplateRunner("login", ["rsh", "{hostname}", "{words}"], backend=Logins())

    assert f"invalid host name '{name}': sample takes no user and no port; write the host alone" == refused["reason"]
    assert ["rsh", name, "ls"] == taken.attempt(request(1, ["ls"], hostname=name)).argv
    assert (None, True) == (sample().about().get("logins"), taken.about()["logins"])


@pytest.mark.parametrize("bad", ["-oProxyCommand=touch x", "-u root -h other", "a;reboot", "", "127.1", "root@web1"])
def test_a_host_name_that_is_none_is_not_started(bad):
    doc = sample().attempt(request(7, ["ls"], hostname=bad))

    assert ("not_started", 126, 7) == (doc["outcome"], doc["exit_code"], doc["id"])
    assert doc["reason"].startswith("invalid host name")
    assert doc["stderr"] == doc["reason"] + "\n"


def test_a_nul_byte_is_named_and_not_started():
    in_word = sample().attempt(request(1, ["a", "b\0c"], hostname="web1"))
    in_value = sample("script").attempt(request(1, script="x", environment={"V": "\0"}))

    assert "argument 4 holds a NUL byte, which no command can be given" == in_word["reason"]
    assert "the value of 'V' holds a NUL byte, which no command can be given" == in_value["reason"]


def test_a_dry_run_gives_argv_and_starts_nothing():
    doc = sample("shell").attempt(request(1, ["echo", "a b"], hostname="web1", dry_run=True))

    assert ["rsh", "web1", "echo 'a b'"] == doc["argv"]
    assert (True, None) == (doc["ok"], doc["exit_code"])


def test_a_check_uses_its_own_template_and_needs_no_words():
    attempt = sample(check=["ping", "{hostname}"]).attempt(
        {"tasker": 1, "kind": "request", "hostname": "h", "check": True}
    )

    assert isinstance(attempt, Attempt)
    assert ["ping", "h"] == attempt.argv


def test_a_check_where_there_is_no_connection_is_fine():
    doc = sample().attempt(request(1, check=True))

    assert (True, 0, "there is no connection to test") == (doc["ok"], doc["exit_code"], doc["reason"])


# -- the runners of the collection

HOSTS = {"pbrun": ["pbrun", "-n", "-h", "web1"], "p7s": ["p7s", "web1"], "wwrs": ["wwrs_cli", "web1"], "local": []}


def logged(path):
    """[[client, argument, …], …] of what the stubs were called with."""
    fields, calls = path.read_bytes().decode().split("\0"), []
    while len(fields) > 1:
        count = int(fields[0]) + 2
        calls.append(fields[1:count])
        fields = fields[count:]
    return calls


@pytest.mark.parametrize("name", HOSTS)
def test_words_arrive_byte_for_byte_whatever_is_in_them(name):
    # behind wwrs there is a real shell that splits them again
    with Talk(name, env=environment(STUB_RUN="shell" if name == "wwrs" else "exec")) as runner:

        @settings(max_examples=60, deadline=None)
        @given(words)
        def check(given_words):
            answer = runner.ask(request("t", ["printf", "%s\\0", *given_words], hostname="web1"))

            assert ("ok", "") == (answer["outcome"], answer["stderr"])
            assert "".join(word + "\0" for word in given_words) == answer["stdout"]

        check()


def test_values_reach_a_script_byte_for_byte_through_its_environment():
    with Talk("shell") as runner:

        @settings(max_examples=60, deadline=None)
        @given(nasty | text, nasty | text)
        def check(one, other):
            script = 'printf "%s\\0" "$ONE" "${OTHER}" "x${ONE}y"'
            answer = runner.ask(request("t", script=script, environment={"ONE": one, "OTHER": other}))

            assert f"{one}\0{other}\0x{one}y\0" == answer["stdout"]

        check()


def test_words_arrive_as_utf8_in_any_locale():
    with Talk("local", env=environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")) as runner:
        assert "é→\U0001f600" == runner.ask(request(1, ["printf", "%s", "é→\U0001f600"]))["stdout"]


@pytest.mark.parametrize("name", ["pbrun", "p7s", "wwrs"])
def test_a_client_gets_what_the_language_says(name, tmp_path):
    log = tmp_path / "log"
    status, answer, _ = once(
        name, request("a", ["ls", "-l", "a b"], hostname="web1"), env=environment(STUB_LOG=str(log), STUB_EXIT="3")
    )

    tail = ["ls -l 'a b'"] if name == "wwrs" else ["ls", "-l", "a b"]
    assert [HOSTS[name] + tail] == logged(log)
    assert HOSTS[name] + tail == answer["argv"]
    assert (1, "failed", 3) == (status, answer["outcome"], answer["exit_code"])


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("pbrun", ["pbrun", "-n", "-h", "web1", "pbtest"]),
        ("p7s", ["p7s", "web1", "pbtest"]),
        ("wwrs", ["wwrs_clir", "web1", "wwrs_test"]),
    ],
)
@pytest.mark.parametrize("code", [0, 4])
def test_a_connection_test_calls_the_client_as_the_language_says(name, argv, code, tmp_path):
    log = tmp_path / "log"
    env = environment(STUB_LOG=str(log), STUB_CHECK=str(code))
    status, answer, _ = once(name, request("a", hostname="web1", check=True), env=env)

    assert [argv] == logged(log)
    assert (int(code > 0), code) == (status, answer["exit_code"])


@pytest.mark.parametrize(
    ("there", "used"), [(["wwrs_cli", "wwrs_clir"], "wwrs_cli"), (["wwrs_clir"], "wwrs_clir"), ([], "wwrs_cli")]
)
def test_wwrs_uses_the_client_that_is_installed(there, used, tmp_path):
    for client in there:
        os.symlink(STUBS / client, tmp_path / client)
    said = subprocess.run(
        [*program("wwrs"), "--about"], capture_output=True, text=True, timeout=10, env={"PATH": str(tmp_path)}
    )

    assert f'"argv":["{used}","{{hostname}}","{{words:shell}}"]' in said.stdout


def test_a_script_that_begins_like_an_option_is_a_script():
    _, answer, _ = once("shell", request("a", script="-c 'echo no'"))

    assert ("failed", 127) == (answer["outcome"], answer["exit_code"])
    assert "-c" in answer["stderr"]


def test_a_runner_called_wrongly_says_how_to_call_it():
    said = subprocess.run([*program("pbrun"), "--fast"], capture_output=True, text=True, timeout=10)

    assert (2, "", True) == (said.returncode, said.stdout, "usage: pbrun" in said.stderr)


# -- host names


@pytest.mark.parametrize(
    "name",
    [
        "web1",
        "web-1.example.com",
        "a_b",
        "_x",
        "1a",
        "10.0.0.1",
        "255.255.255.255",
        "::1",
        "2001:db8::A",
        "1.example",
        "a" * 63,
        ".".join(["a" * 63] * 3 + ["a" * 61]),
        "::ffff:10.0.0.1",
    ],
)
def test_a_good_host_name_is_fine(name):
    assert ("", "") == (hostname.hostname_problem(name), hostname.hostname_problem(name, authored=True))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "-oProxyCommand=touch x",
        "-u root -h other",
        "a;reboot",
        "$(x)",
        "a b",
        " a",
        "a\n",
        "\x1b[0m",
        "../x",
        "a" * 254,
        ".".join(["a" * 63] * 4),
        "a" * 64,
        "web1\u202e",
        "w\u0435b1",
        "a..b",
        ".a",
        "a.",
        "a-",
        "-a.b",
        "b.-a",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0",
        "0177.0.0.1",
        "127.0.0.01",
        "1.2.3.4.",
        "256.1.1.1",
        "1.2.3",
        "x.0x7f",
        ":",
        "::g",
        "1::2::3",
        "fe80::1%eth0",
        "[::1]",
        "a\0",
        "{hostname}",
        "a/b",
        "\uff11.1.1.1",
        "a" * 100_000,
    ],
)
def test_a_bad_host_name_is_refused_in_one_printable_line(name):
    for authored in (False, True):
        if authored and name == "[::1]":
            continue
        said = hostname.hostname_problem(name, authored)
        assert said.startswith("invalid host name ")
        assert said.isprintable()
        assert len(said) < 250


@settings(max_examples=500)
@given(st.lists(st.sampled_from([":", "::", "0", "1", "fe80", "12345", "g", "1.2.3.4", "1.2.3", "."]), max_size=17))
def test_an_ipv6_address_is_what_the_system_reads_as_one(parts):
    name = "".join(parts)
    try:
        socket.inet_pton(socket.AF_INET6, name)
        there = True
    except OSError:
        there = False

    if ":" in name:
        assert there == (hostname.hostname_problem(name) == "")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("web1", (None, "web1", None)),
        ("root@web1", ("root", "web1", None)),
        ("web1:2222", (None, "web1", 2222)),
        ("d.x-y@10.0.0.1:22", ("d.x-y", "10.0.0.1", 22)),
        ("::1", (None, "::1", None)),
        ("[::1]:22", (None, "::1", 22)),
        ("me@[fe80::1]:65535", ("me", "fe80::1", 65535)),
        ("me@::1", ("me", "::1", None)),
    ],
)
def test_a_login_is_for_authors_alone_and_splits_into_its_parts(name, parts):
    assert "" == hostname.hostname_problem(name, authored=True)
    assert parts == hostname.split_hostname(name)
    assert ("@" in name or parts[2] is not None) == bool(hostname.hostname_problem(name))


@pytest.mark.parametrize(
    "name",
    [
        "@web1",
        "-x@web1",
        "a b@web1",
        "u@",
        "u@-h",
        "web1:",
        "web1:0",
        "web1:65536",
        "web1:x",
        "[web1]:22",
        "[::1",
        "[::1]22",
    ],
)
def test_a_login_that_is_none_is_refused(name):
    assert hostname.hostname_problem(name, authored=True).startswith("invalid host name ")


def test_host_names_are_not_text_by_accident():
    assert "invalid host name: not text" == hostname.hostname_problem(None)


@given(st.text(max_size=40))
def test_what_is_fine_as_a_host_name_is_nothing_that_a_shell_or_a_client_reads_otherwise(name):
    if hostname.hostname_problem(name) == "":
        assert name.isascii()
        assert not name.startswith("-")
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:")
