"""exec=openssh prefers a key exchange that costs little, unless the user's configuration has a say in it."""

import re
import subprocess

import pytest
import sshd
from runner_client import once, request

from tasker.execution.openssh import key_exchange

MLKEM, SNTRUP, CURVE = "mlkem768x25519-sha256", "sntrup761x25519-sha512", "curve25519-sha256"


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        (f"{SNTRUP},{SNTRUP}@openssh.com,{CURVE},ecdh", f"{CURVE},{SNTRUP},{SNTRUP}@openssh.com,ecdh"),
        (f"{MLKEM},{SNTRUP},{CURVE},{CURVE}@libssh.org", f"{MLKEM},{CURVE},{CURVE}@libssh.org,{SNTRUP}"),
        (f"{SNTRUP},{MLKEM},{CURVE}", f"{MLKEM},{CURVE},{SNTRUP}"),  # nothing that both sides like is given up
        (f"{CURVE},{SNTRUP}", None),  # it is cheap as it is
        (SNTRUP, None),  # nothing is added
        ("ecdh", None),
        ("", None),
    ],
)
def test_what_ssh_offers_is_put_into_another_order(offered, wanted):
    settings = f"user me\nkexalgorithms {offered}\nport 22\n"

    assert (("-o", f"KexAlgorithms={wanted}") if wanted else ()) == key_exchange.arguments(settings)


@pytest.mark.parametrize("answer", ["", "kexalgorithms\n", "an ssh that does not know -G"])
def test_without_an_answer_of_ssh_nothing_changes(answer):
    assert key_exchange.arguments(answer) == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", False),
        ("Host *\n  User me\n# KexAlgorithms curve25519-sha256\n", False),
        ("Match host web1\n  User me\n", False),
        ("Host old\n  kexalgorithms=+diffie-hellman-group14-sha1\n", True),
        ('Match exec "test -e x"\n  User me\n', True),  # asking ssh would run it
        ("CanonicalizeHostname yes\n", True),  # and that looks up names
        ("Include {folder}/more*\n", True),
        ('Include "{folder}/less"\n', False),
        ("Include ${{HOME}}/more\n", True),
        ("Include {folder}\n", True),  # a folder cannot be read
    ],
)
def test_a_configuration_that_has_a_say_is_left_alone(tmp_path, text, left):
    (tmp_path / "more1").write_text("Host x\n  KexAlgorithms ecdh-sha2-nistp256\n")
    (tmp_path / "less").write_text("User you\n")
    config = tmp_path / "config"
    config.write_text(text.format(folder=tmp_path))

    assert left == key_exchange.is_left_to_ssh(str(config))
    assert not key_exchange.is_left_to_ssh("none")
    assert not key_exchange.is_left_to_ssh(str(tmp_path / "missing"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), LogLevel="DEBUG1", SetEnv="SHLVL=5") as started:
        yield started


def exchanges(server, *settings, text=""):
    """The key exchanges of the connections for requests with these options, each in a run of its own."""
    config = server.folder / "client_config"
    config.write_text(text)
    options = {"config": str(config), "identity_files": [str(server.key)], "known_hosts": [str(server.known_hosts)]}
    options |= {"port": server.port, "agent": False, "user": server.user}
    before = len(server.said())
    for own in settings:
        asked = request("x", ["true"], hostname="127.0.0.1", options={**options, **own})
        assert once("openssh", asked)[1]["outcome"] == "ok"
    return re.findall(r"kex: algorithm: (\S+)", server.said()[before:])


def test_a_connection_takes_the_cheap_one_unless_it_is_switched_off_or_configured(server):
    listed = subprocess.run(["ssh", "-G", "-F", "none", "x"], capture_output=True, text=True, check=True).stdout
    usual = re.search(r"^kexalgorithms ([^,\s]+)", listed, re.MULTILINE)[1]
    wanted = key_exchange.arguments(listed)
    cheap = wanted[1].removeprefix("KexAlgorithms=").split(",")[0] if wanted else usual

    assert exchanges(server, {}, {"key_exchange": "ssh"}) == [cheap, usual]
    assert exchanges(server, {}, text="KexAlgorithms ecdh-sha2-nistp256\n") == ["ecdh-sha2-nistp256"]


def test_a_value_that_it_cannot_have_is_named(server):
    asked = request("x", ["true"], hostname="127.0.0.1", options={"key_exchange": "slow"})

    assert "'key_exchange' has to be fast or ssh" in once("openssh", asked)[1]["reason"]
