"""`topology` of [runner.fleet]: a topology.conf of ClusterShell gives each host its gateways."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from whole_program import ROOT, Place

from tasker.configuration.load import load_configuration, run_settings
from tasker.configuration.model import Misuse
from tasker.configuration.topology import gateways_of_hosts, read_routes
from tasker.execution.fleet import gateway_list
from tasker.language.runner_options import options_for
from tasker.text.host_ranges import fold_hosts

PAGE = (ROOT / "docs/howto/several-jump-hosts.md").read_text()
FLEET = '[runner.fleet]\nwindow = 5\ntopology = "topology.conf"\n'
NO_GATEWAY = "topology.conf: no host is reached through a gateway: add a route"
TASK = "task=0\nhostname=web1\ncommand=true\nexec=local\n"


def ways(folder: Path, text: str) -> dict[str, str]:
    """Folded hosts -> their gateways."""
    (folder / "topology.conf").write_text(text)
    found: dict[tuple[str, ...], list[str]] = {}
    path = str(folder / "topology.conf")
    for host, gateways in gateways_of_hosts(path, read_routes(path, "x:1")).items():
        found.setdefault(gateways, []).append(host)
    return {fold_hosts(hosts): " ".join(gateways) for gateways, hosts in found.items()}


def gateways(folder: Path, host: str, env: str | None = None) -> list[str] | None:
    """Of a host, as a request gets them."""
    environment = {"XDG_CONFIG_HOME": str(folder), "TASKER_SYSTEM_CONFIG": str(folder / "none")}
    made = run_settings(load_configuration(environment, str(folder / "t.txt"), None, env))
    found: list[str] | None = options_for(made["options"], "fleet", host).get("gateways")
    return found


def refused(folder: Path, toml: str, topology: str | None = None) -> str:
    """The one line of a configuration that is not accepted, without its folder."""
    (folder / "tasker.toml").write_text(toml)
    if topology is not None:
        (folder / "topology.conf").write_text(topology)
    with pytest.raises(Misuse) as misuse:
        gateways(folder, "web1")
    (line,) = misuse.value.problems
    assert "\n" not in line
    return line.replace(f"{folder}/", "")


def test_the_example_of_the_page(tmp_path: Path) -> None:
    toml, topology = re.search(r"```toml\n([^`]*topology[^`]*)```\n\n```\n(.*?)```", PAGE, re.DOTALL).groups()  # type: ignore[union-attr]  # it is there
    (tmp_path / "tasker.toml").write_text(toml)
    (tmp_path / "topology.conf").write_text(topology)

    found = {host: gateways(tmp_path, host, "fleet") for host in ("web1", "WEB200", "ops@db80:22", "rack2", "g1", "x")}

    near, far = ["g1", "g2"], ["g3>rack1", "g3>rack2"]
    assert found == {"web1": near, "WEB200": near, "ops@db80:22": far, "rack2": ["g3"], "g1": None, "x": None}
    assert gateways(tmp_path, "web1") is None, "without the environment the file is not read"


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("a: g1\ng1: w[1-3]", {"w[1-3]": "g1"}),
        ("a = g[1-2]\ng[1-2] = w[1-3],v1", {"v1,w[1-3]": "g1 g2"}),
        ("a: g[1-3]\ng[1-3]: f[1-2]\nf[1-2]: w1", {"f[1-2]": "g1 g2 g3", "w1": "g1>f1 g2>f2 g3>f1"}),
        ("a: g[1-2]\ng[1-2]: f[1-3]\nf[1-3]: w1", {"f[1-3]": "g1 g2", "w1": "g1>f1 g2>f2 g1>f3"}),
        ("f[1-2]: w1\na: g1\ng1: f[1-2]", {"f[1-2]": "g1", "w1": "g1>f1 g1>f2"}),
        ("a[1-2]: g1,h1\ng1: w1", {"w1": "g1"}),
        ("a: b\nb: c\nc: d\nd: e", {"c": "b", "d": "b>c", "e": "b>c>d"}),
    ],
)
def test_ways(tmp_path: Path, routes: str, expected: dict[str, str]) -> None:
    assert ways(tmp_path, f"# a comment\n[routes]\n{routes}\n") == expected


def test_of_several_hosts_at_the_top_this_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.uname", lambda: type("Names", (), {"nodename": "b.example.com"}))
    routes = "[routes]\na: g1\nb: g2\ng1: v1\ng2: w1\n"

    assert ways(tmp_path, routes) == {"w1": "g2"}
    with pytest.raises(Misuse, match=r"conf:2: the routes begin at a, c, and this host is b\.example\.com"):
        ways(tmp_path, routes.replace("b:", "c:"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "topology.conf: it has no [routes]"),
        ("[routes]\n", "topology.conf: it has no route under [routes], such as 'admin: gateway[1-2]'"),
        ("a: b\n", "topology.conf:1: a line before [routes]"),
        ("[routes]\n\nnonsense\n", "topology.conf:3: a line that is no route, such as 'gateway[1-2]: web[1-100]'"),
        ("[routes]\na: b\na: c\n", "topology.conf:3: 'a' is there twice"),
        ("[routes]\na: g1\n# x\ng1: w[1-\n", "topology.conf:4: missing bracket: \"w[1-\""),
        ("[routes]\na: g1\ng1:\n", "topology.conf:3: '' names no host"),
        ("[routes]\na: g1\ng1: a\n", "topology.conf:3: Loop detected! Cannot add route g1 -> a"),
        ("[routes]\na: g1,h\ng1: w\nh: w\n", "topology.conf:4: Convergent path detected! Cannot add route h -> w"),
        ("[routes]\na: g1,z1\ng1,g2: w1\n", "topology.conf:3: no route leads to g2"),
        ("[routes]\na: g[1-2]\n", f"{NO_GATEWAY} such as 'gateway[1-2]: web[1-100]'"),
        ("[routes]\na: g1\ng1: n[1-2000000]\n", "topology.conf:3: more than 1000000 hosts"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert refused(tmp_path, FLEET, text) == line


def test_faults_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = "[routes]\na: g1\ng1: web1\n"
    assert refused(tmp_path, FLEET) == (
        "tasker.toml:3: cannot read the topology 'topology.conf': no such file or directory"
    )
    assert refused(tmp_path, f'{FLEET}gateways = ["g1"]\n', good) == (
        "tasker.toml:3: 'topology' and 'gateways' (tasker.toml:4) exclude each other: "
        "leave one out, or write 'gateways' under [[host]]"
    )
    assert refused(tmp_path, '[[host]]\nmatch = "web*"\ntopology = "topology.conf"\n') == (
        "tasker.toml:3: 'topology' is for all hosts: write it under [runner.fleet]"
    )
    (tmp_path / "topology.conf").chmod(0o666)
    assert "cannot trust the topology 'topology.conf'" in refused(tmp_path, FLEET)
    monkeypatch.setitem(sys.modules, "ClusterShell.Topology", None)
    assert "tasker.toml:3: 'topology' needs the library 'ClusterShell': " in refused(tmp_path, FLEET)


def test_hosts_and_environments_are_stronger(tmp_path: Path) -> None:
    other = '[[host]]\nmatch = "web2"\ngateways = ["own"]\n[env.e.runner.fleet]\ntopology = "other.conf"\n'
    (tmp_path / "tasker.toml").write_text(FLEET + other)
    (tmp_path / "topology.conf").write_text("[routes]\na: g1\ng1: web[1-2]\n")
    (tmp_path / "other.conf").write_text("[routes]\na: g9\ng9: web[1-2]\n")

    assert [gateways(tmp_path, host) for host in ("web1", "web2")] == [["g1"], ["own"]]
    assert [gateways(tmp_path, host, "e") for host in ("web1", "web2")] == [["g9"], ["own"]]


def test_gateways_are_listed_with_their_hosts(tmp_path: Path) -> None:
    (tmp_path / "tasker.toml").write_text(FLEET + '[[host]]\nmatch = "dmz*"\ngateways = ["own"]\n')
    (tmp_path / "topology.conf").write_text("[routes]\na: g[1-2]\ng[1-2]: web[1-9]\n")
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "TASKER_SYSTEM_CONFIG": str(tmp_path / "none")}
    made = run_settings(load_configuration(environment, str(tmp_path / "t.txt")))

    found = gateway_list.gateways_in(made["options"])

    assert {gateway.name: (gateway.window, hosts) for gateway, hosts in found.items()} == {
        "own": (5, ["dmz*"]),
        "g1": (5, ["web[1-9]"]),
        "g2": (5, ["web[1-9]"]),
    }


def test_the_program_says_so_at_once(place: Place) -> None:
    place.file(FLEET, "tasker.toml")
    place.file("[routes]\na: g1\nwrong\n", "topology.conf")
    line = "topology.conf:3: a line that is no route"

    file = place.file(TASK)
    (place.folder / "workflow.json").write_text(place.run("parse", file).stdout)
    with (place.folder / "workflow.json").open() as workflow:
        piped = place.run("hosts", stdin=workflow)
    dry, listed = place.run("--validate-only", file), place.run("gateways")

    assert (dry.returncode, listed.returncode, piped.returncode) == (2, 2, 100)
    assert line in dry.stderr and line in listed.stderr and line in piped.stdout
    assert "topology.conf" in place.run("--show-config").stdout
