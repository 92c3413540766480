"""Inventory sources of every form, together: what they know, where they disagree, and what is refused."""

import stat
import sys

import pytest

from tasker.inventory import program
from tasker.inventory.facts import facts_of, not_understood
from tasker.inventory.inventories import Inventories
from tasker.inventory.reading import read_source
from tasker.inventory.source import InventoryFault
from tasker.language.host_list import InvalidHosts


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name, text, mode=0o644):
    with open(name, "w") as file:
        file.write(text)
    import os

    os.chmod(name, mode)
    return os.path.abspath(name)


def script(name, body):
    return write(name, f"#!{sys.executable}\n{body}\n", 0o755)


def source(name, text, mode=0o644, form=""):
    given = {"path": write(name, text, mode)}
    return read_source({**given, "format": form} if form else given)


def inventories(*texts, rules=()):
    given = [{"path": write(f"source{place}.ini", text), "format": "ini"} for place, text in enumerate(texts)]
    made = Inventories(given, rules)
    made.sources()
    return made


def fault(name, text, mode=0o644, form=""):
    with pytest.raises(InventoryFault) as found:
        source(name, text, mode, form)
    return f"{found.value.at}: {found.value.message}"


# -- forms


@pytest.mark.parametrize(
    ("name", "text", "hosts"),
    [
        ("hosts.ini", "web1\n[web]\nweb2\n", ["web1", "web2"]),
        ("inventory", "# c\n[web]\nweb[1:2] port=3\n", ["web1", "web2"]),
        ("inventory", "web1 ansible_host=10.0.0.1\n", ["web1"]),
        ("hosts.yml", "all:\n  hosts:\n    web1:\n", ["web1"]),
        ("inventory", "---\nweb:\n  hosts:\n    web1:\n", ["web1"]),
        ("hosts.json", '{"web": {"hosts": {"web1": {}}}}', ["web1"]),
        ("ssh_config", "Host web1 web2 !web3 *.lan\n  User x\nHost *\n  Port 22\n", ["web1", "web2"]),
        ("config", "Host web1\n  HostName 10.0.0.1\n", ["web1"]),
        ("table", "127.0.0.1 localhost\n10.0.0.1 web1 w\n::1 ip6-localhost\nff02::1 all\n", ["web1"]),
        ("hosts.list", "web[1-2]\n# c\ndb1\n", ["web1", "web2", "db1"]),
        ("inventory", "web1\nweb2, web3\n", ["web1", "web2", "web3"]),
        ("empty", "# nothing\n", []),
    ],
)
def test_the_form_of_a_source_is_found(name, text, hosts):
    assert list(source(name, text).hosts.values()) == hosts


@pytest.mark.parametrize(
    ("name", "text", "mode", "why"),
    [
        ("cloud", "#!/bin/sh\n", 0o644, "cloud: is a program, and not executable"),
        ("inventory", "web1\n", 0o755, "inventory: is executable, and has no first line with #!"),
        ("inventory", "web[1:3]\n", 0o644, "inventory: can be a list of hosts, or an inventory of Ansible's"),
        ("hosts.ini", "[web:hosts:x]\nweb1\n", 0o644, None),
        ("hosts.ini", "[web]\nweb1 port\n", 0o644, "hosts.ini:2: 'port' is no variable of a host"),
        ("hosts.ini", "[web]\nweb1 a='b\n", 0o644, "hosts.ini:2: cannot read"),
        ("hosts.ini", "[web:children]\ndb\n", 0o644, "hosts.ini:2: there is no group 'db'"),
        ("hosts.ini", "[web:vars]\na=1\n", 0o644, "hosts.ini:1: [web:vars] is about no group"),
        ("hosts.ini", "[web:group]\nweb1\n", 0o644, "hosts.ini:1: '[web:group]' is no section"),
        ("hosts.ini", "[web]\nweb[3:1]\n", 0o644, "hosts.ini:2: 'web[3:1]' names no host"),
        ("hosts.ini", "[web]\nweb[01:100]\n", 0o644, "hosts.ini:2: 'web[01:100]': both ends"),
        ("hosts.ini", "[web]\nweb[1:999999999]\n", 0o644, "more than 200000"),
        ("hosts.ini", "[a:children]\nb\n[b:children]\nc\n[c:children]\na\n", 0o644, "cycle of groups: "),
        (
            "hosts.yml",
            "all:\n  children:\n    a:\n      children:\n        a:\n",
            0o644,
            "hosts.yml:5: cycle of groups",
        ),
        ("hosts.yml", "all: [web1]\n", 0o644, "hosts.yml:1: group 'all' has to be a map"),
        ("hosts.yml", "all:\n  hosts:\n    a:\n    a:\n", 0o644, "hosts.yml:4: 'a' is there twice"),
        ("hosts.yml", "all:\n\thosts:\n", 0o644, "hosts.yml:2: cannot read this as YAML"),
        ("hosts.yml", "plugin: aws_ec2\n", 0o644, "hosts.yml:1: this is the configuration of a plugin"),
        ("hosts.list", "web*\n", 0o644, "hosts.list:1: "),
        ("table", "10.0.0.1 web1\nweb2\n", 0o644, "table:2: 'web2' is no address with names"),
    ],
)
def test_what_cannot_be_read_names_its_line(name, text, mode, why):
    if why is None:
        source(name, text, mode)  # a host with a strange name: it is refused where it is used
    else:
        assert why in fault(name, text, mode)


def test_a_folder_and_a_missing_file_are_faults():
    with pytest.raises(InventoryFault, match="is a folder"):
        read_source({"path": "/etc", "at": "tasker.toml:2"})
    with pytest.raises(InventoryFault, match=r"^tasker.toml:2: cannot read '/nowhere': No such file"):
        read_source({"path": "/nowhere", "at": "tasker.toml:2"})


def test_yaml_without_the_library_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(InventoryFault) as found:
        source("hosts.yml", "all:\n")

    assert "PyYAML is not installed" in found.value.message and "pip install PyYAML" in found.value.fix


def test_values_of_lists_vaults_and_templates_have_none():
    text = "web1 a=[1,2] b={{x}} c=None d='\"q\"'\n"
    values = source("hosts.ini", text).values_of("web1")

    assert {name: value.text for name, value in values.items()} == {"a": None, "b": None, "c": None, "d": "q"}
    made = source("hosts.yml", "all:\n  hosts:\n    w:\n      v: !vault |\n        x\n      n:\n      u: !unsafe yes\n")
    assert {name: value.text for name, value in made.values_of("w").items()} == {"v": None, "n": None, "u": "yes"}


def test_a_vault_among_group_vars_is_reported_once():
    import os

    os.mkdir("group_vars")
    write("group_vars/web.yml", "$ANSIBLE_VAULT;1.1;AES256\n6131\n")
    made = source("hosts.ini", "[web]\nweb1\n")

    assert len(made.reports) == 1 and "vault" in made.reports[0]
    assert made.values_of("web1") == {}


def test_an_ssh_config_is_as_ssh_reads_it_for_validation():
    write("more", "Host db1\n  HostName 10.0.0.9\n")
    text = (
        "Host web1\n  Port 2222\n\nInclude PLACE/more\nHost web*\n  HostName %h.example.com\n  Port 22\n"
        "Host web2\n  ProxyJump bastion\nHost *\n  ProxyJump none\n"
    )
    import os

    path = write("ssh_config", text.replace("PLACE", os.getcwd()))
    found = Inventories([{"path": path}])

    assert facts_of(found, "web1", ()).connection == {
        "options": {"config": path},
        "address": "web1.example.com",
        "port": 2222,
    }
    assert facts_of(found, "web2", ()).connection["proxy"] is True
    assert facts_of(found, "db1", ()).connection["address"] == "10.0.0.9"


# -- several sources


def test_two_sources_with_the_same_group_have_to_agree_about_its_hosts():
    good = inventories("[web]\nweb1\nweb2\n", "[web]\nweb2\nWEB1\n")
    bad = inventories("[web]\nweb1\n", "[web]\nweb1\nweb2\n")

    assert good.group("web") == ["web1", "web2"] and good.faults == []
    assert str(bad.faults[0]) == "source1.ini:1: group 'web' has other hosts in source0.ini:1: 'web2' is in one of them"


def test_two_sources_that_disagree_about_a_variable_are_both_named():
    found = inventories("web1 rack=r1 a=1\n", "web1 rack=r2 b=2\n")
    facts = facts_of(found, "web1", ["rack"])

    assert facts.faults == [
        (
            "source0.ini:1",
            "'rack' of host web1 is 'r1' there, and 'r2' in source1.ini:1",
            "give it one value, or leave it out of one of them",
        )
    ]
    assert facts_of(found, "web1", ["a", "b"]).values == {"a": "1", "b": "2"}


def test_the_vars_of_the_configuration_are_a_source_too():
    rules = [
        {"match": ["web*"], "vars": {"rack": "r1", "zone": "a"}, "at": {"rack": "t:1", "zone": "t:1"}},
        {"match": ["web1"], "vars": {"zone": "b"}, "at": {"zone": "t:2"}},
    ]
    found = inventories("web1 rack=r1\n", rules=rules)

    assert facts_of(found, "web1", ["rack", "zone"]).values == {"rack": "r1", "zone": "b"}
    assert facts_of(found, "web2", ["rack", "zone"]).values == {"rack": "r1", "zone": "a"}
    assert facts_of(found, "web1", ["rack"]).faults == []


def test_all_is_every_host_once_and_ungrouped_is_of_all_sources():
    found = inventories("web1\n[db]\ndb1\n", "WEB1\nmail\n")

    assert found.group("all") == ["web1", "db1", "mail"]
    assert found.group("ungrouped") == ["web1", "mail"]
    assert found.group("nothing") is None


# -- what variables mean


def options(text, host="web1"):
    return facts_of(inventories(text), host, ()).connection.get("options", {})


def test_connection_variables_become_options():
    text = "web1 ansible_host=10.0.0.1 ansible_port=2222 ansible_user=deploy ansible_ssh_private_key_file=/k/id\n"

    assert options(text) == {"address": "10.0.0.1", "port": 2222, "user": "deploy", "identity_files": ["/k/id"]}
    assert options("web1:2200\n") == {"port": 2200}
    assert options("web1 ansible_ssh_host=h1 ansible_ssh_user=u ansible_ssh_port=9\n") == {
        "address": "h1",
        "user": "u",
        "port": 9,
    }


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ("ansible_host=-oProxyCommand=id", "it begins with '-'"),
        ("ansible_host='a b'", "'a b'"),
        ("ansible_host='{{ x }}'", "is a template"),
        ("ansible_port=70000", "that is no port"),
        ("ansible_user=-x", "that is no user name"),
        ("ansible_connection=local", "the exec type of a task says"),
        ("ansible_connection=winrm", "the exec type of a task says"),
        ("ansible_become=true", "commands run as the user that logs in"),
        ("ansible_ssh_common_args='-o ProxyJump=bastion'", "it changes the way to the host"),
        ("ansible_ssh_common_args='-J bastion'", "it changes the way to the host"),
        ("ansible_ssh_extra_args='-oProxyCommand=x'", "it changes the way to the host"),
        ("ansible_host=a ansible_ssh_host=b", "with different values"),
    ],
)
def test_what_cannot_be_honoured_is_a_fault(variables, why):
    facts = facts_of(inventories(f"web1 {variables}\n"), "web1", ())

    assert len(facts.faults) == 1 and why in facts.faults[0][1], facts.faults


@pytest.mark.parametrize(
    "variables",
    [
        "ansible_connection=ssh",
        "ansible_become=no",
        "ansible_become_user=root",
        "ansible_ssh_common_args='-o Compression=yes'",
    ],
)
def test_what_changes_nothing_is_no_fault(variables):
    assert facts_of(inventories(f"web1 {variables}\n"), "web1", ()).faults == []


def test_passwords_are_no_values():
    found = inventories("web1 ansible_password=secret ansible_become_pass=x\n")

    assert facts_of(found, "web1", ["ansible_password", "ansible_become_pass"]).values == {}


def test_variables_of_ansibles_own_without_effect_are_named():
    names = ["rack", "ansible_host", "ansible_python_interpreter", "ansible_shell_type"]

    assert not_understood(names, ["ansible_shell_type"]) == ["ansible_python_interpreter"]


# -- programs


def test_a_program_answers_groups_hosts_and_variables():
    path = script(
        "cloud",
        "import json, sys\nassert sys.argv[1:] == ['--list'] and sys.stdin.read() == ''\n"
        "print(json.dumps({'web': {'hosts': ['c1', 'c2'], 'vars': {'n': 1.50, 'ok': True}, 'children': ['x']},"
        " 'x': ['c3'], '_meta': {'hostvars': {'c1': {'ansible_host': '10.0.0.1', 'l': [1]}}}}))",
    )
    found = Inventories([{"path": path}])

    assert found.group("web") == ["c1", "c2", "c3"] and found.faults == []
    assert facts_of(found, "c1", ["n", "ok", "l"]).values == {"n": "1.5", "ok": "true"}
    assert facts_of(found, "c1", ()).connection == {"options": {"address": "10.0.0.1"}}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import sys; sys.exit('no credentials\\x1b[31m')", "ended with exit code 1: no credentials"),
        ("print('hello')", "is no JSON"),
        ("print('[' * 100000)", "no JSON"),
        ("print('[]')", "is no object of groups"),
        ("print('{\"web\": 3}')", "neither a list of hosts nor an object"),
        ('print(\'{"web": {"hosts": [null]}}\')', "is no list of names"),
        ('print(\'{"web": ["a\\\\nb"]}\')', "is no name of a host"),
        ('print(\'{"a": {"children": ["b"]}, "b": {"children": ["a"]}}\')', "cycle of groups"),
        ("import sys; sys.stdout.buffer.write(b'{\"\\xff\": []}')", "is not UTF-8"),
        ("import os; os.kill(os.getpid(), 9)", "ended with signal 9"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", "more than 16 MiB"),
    ],
)
def test_a_program_that_misbehaves_is_one_fault(body, why):
    found = Inventories([{"path": script("cloud", body)}])
    found.sources()

    assert len(found.faults) == 1 and why in str(found.faults[0]), found.faults
    assert str(found.faults[0]).isprintable() or "\x1b" not in str(found.faults[0])


def test_a_program_that_hangs_is_ended_with_what_it_started():
    body = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\ntime.sleep(60)"
    with pytest.raises(InventoryFault, match=r"it did not answer within 0.2 s"):
        program.answer_of(script("cloud", body), "cloud", 0.2)


def test_a_program_that_others_can_change_is_not_started(tmp_path):
    path = script("cloud", "open('ran', 'w')")
    (tmp_path / "cloud").chmod(stat.S_IRWXU | stat.S_IWOTH)
    found = Inventories([{"path": path}])
    found.sources()

    assert "is not started" in str(found.faults[0])
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["hosts.ini", "hosts.yml", "ssh_config"])
def test_a_file_that_can_redirect_connections_is_refused_where_others_can_change_it(name, tmp_path):
    write(name, "")
    (tmp_path / name).chmod(0o666)
    found = Inventories([{"path": str(tmp_path / name)}])
    found.sources()

    assert "is not read" in str(found.faults[0])


def test_a_program_is_asked_once_and_never_by_a_resume(tmp_path):
    path = script("cloud", "open('ran', 'a').write('x'); print('{\"web\": [\"c1\"]}')")
    found = Inventories([{"path": path}])
    for _ in range(3):
        assert found.group("web") == ["c1"]
    found.hosts()
    resumed = Inventories([{"path": path}], resumed=True)

    assert resumed.group("web") is None and resumed.left_out_any()
    with pytest.raises(InvalidHosts, match="a resume does not start"):
        resumed.program(path, "cloud")
    assert (tmp_path / "ran").read_text() == "x"


# -- size


def test_200_000_hosts_are_read_once_and_each_host_once():
    """The lines of our code that are executed grow with the hosts, and not faster."""

    def lines(count):
        text = f"[web]\nweb[1:{count}].example.com rack=r1\n[prod:children]\nweb\n[prod:vars]\ntier=prod\n"
        path = write("large.ini", text)
        seen = 0

        def trace(frame, event, _):
            nonlocal seen
            if "tasker/inventory" not in frame.f_code.co_filename:
                return None
            seen += event == "line"
            return trace

        sys.settrace(trace)
        try:
            found = Inventories([{"path": path}])
            hosts = found.group("prod")
            for host in hosts:
                assert facts_of(found, host, ["rack", "tier"]).values == {"rack": "r1", "tier": "prod"}
        finally:
            sys.settrace(None)
        assert len(hosts) == count
        return seen

    few, many = lines(50), lines(500)
    assert many < 12 * few

    found = Inventories([{"path": write("all.ini", "[web]\nweb[1:100000].example.com\nnode[1:100000] rack=r1\n")}])
    assert len(found.group("web")) == 200_000
