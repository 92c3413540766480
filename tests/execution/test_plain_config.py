"""Our own reading of plain ssh configurations, against paramiko's: the same settings, or none of our own."""

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker.execution.ssh import plain_config

NAMES = ("web1", "web2", "db.example", "x")
PATTERNS = (*NAMES, "*", "web?", "w*1", "!web1", "[wx]*", "!w*", "#")
LINES = st.one_of(
    st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3).map(lambda names: f"Host {' '.join(names)}"),
    st.sampled_from(("Host = web1", "host\tweb?  x", "  # Host", "", "Host  ")),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(("User", "  Port", "HostName", "IdentityFile", "proxyjump", "ProxyCommand", "IdentitiesOnly")),
        st.sampled_from((" ", "=", " = ", "\t")),
        st.sampled_from(("a", "b", "2222", "/k/one", "/k/two", "none", '"q"', "a b", "yes")),
    ),
)


@given(lines=st.lists(LINES, max_size=12))
def test_settings_are_those_of_paramiko(lines):
    plain = plain_config.parse(lines)
    if plain is None:
        return
    theirs = paramiko.SSHConfig.from_text("\n".join(lines))
    for name in (*NAMES, "other", *NAMES):
        assert plain.settings_for(name) == dict(theirs.lookup(name))


@pytest.mark.parametrize(
    "line",
    [
        "Match host web1",
        "HostName %h.example",
        "IdentityFile ~other/key",
        "IdentityFile %d/key",
        "ProxyJump %r@hub",
        'Host "web 1"',
        "CanonicalizeHostname yes",
        "Nonsense",
    ],
)
def test_what_needs_paramiko_is_left_to_it(line):
    assert plain_config.parse(["User me", line]) is None


def test_most_configurations_need_no_paramiko():
    lines = [
        "Host *",
        "ControlPath ~/.ssh/%r@%h",
        "IdentityFile ~/.ssh/ops",
        "SendEnv LANG LC_*",
        "Host web*",
        "User www",
    ]

    found = plain_config.parse(lines).settings_for("web1")

    assert ("web1", ["~/.ssh/ops"], "www") == (found["hostname"], found["identityfile"], found["user"])


def test_a_host_gets_settings_of_its_own():
    plain = plain_config.parse(["IdentityFile /one"])

    assert plain.settings_for("a") is not plain.settings_for("b")
    assert ["a", "b"] == [plain.settings_for(name)["hostname"] for name in ("a", "b")]
