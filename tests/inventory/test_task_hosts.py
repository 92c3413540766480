"""What the inventories add to a workflow: connections, variables, and one finding for many hosts."""

import os

from tasker.modules.expand import expand

from tasker.language.parse.taskfile import parse_workflow


def expanded(text, inventory, tmp_path, **settings):
    (tmp_path / "hosts.ini").write_text(inventory)
    workflow = parse_workflow(text.encode(), str(tmp_path / "t.txt"))
    workflow["settings"] = {"exec": "openssh", "inventory": [{"path": str(tmp_path / "hosts.ini")}], **settings}
    return expand(workflow)


def errors(workflow):
    return [(one["code"], one["message"]) for one in workflow["findings"] if one["severity"] == "error"]


def test_only_what_the_tasks_use_travels(tmp_path):
    made = expanded(
        "task=1\nhosts=web1\ncommand=x @host.rack@\n\ntask=2\nhostname=WEB2\ncommand=x\n",
        "web1 rack=r1 other=o\nweb2 rack=r2 ansible_user=u\nweb3 rack=r3\n",
        tmp_path,
    )

    assert made["host_variables"] == {"web1": {"rack": "r1"}, "web2": {"rack": "r2"}}
    assert made["host_connections"] == {"web2": {"options": {"user": "u"}}}


def test_where_an_output_names_the_hosts_all_of_them_travel(tmp_path):
    for field in ("hostname", "hosts"):
        made = expanded(
            f"task=0\nexec=local\ncommand=x\n\ntask=1\n{field}=@0_stdout@\ncommand=x @host.rack@\n",
            "web1 rack=r1\nweb2 rack=r2\n",
            tmp_path,
        )

        assert list(made["host_variables"]) == ["web1", "web2"]


def test_the_same_fault_of_many_hosts_is_one_finding_of_each_task(tmp_path):
    inventory = "".join(f"web{number} ansible_connection=winrm\n" for number in range(1, 101))
    made = expanded(
        "task=1\nhosts=web[1-100]\ncommand=x\n\ntask=2\nhosts=web5\nexec=local\ncommand=x\n", inventory, tmp_path
    )

    [(code, message)] = errors(made)
    assert code == "N011"
    assert message.endswith("how its host is reached (and of 99 more hosts)")


def test_an_address_that_the_exec_type_cannot_use_is_an_error_of_its_tasks(tmp_path):
    text = "task=1\nhosts=web1\nexec=pbrun\ncommand=x\n\ntask=2\nhosts=web1\ncommand=x\n"
    made = expanded(text, "web1 ansible_host=10.0.0.1\n", tmp_path)

    [(code, message)] = errors(made)
    assert code == "N011" and "exec type pbrun cannot use that: web1 is at 10.0.0.1" in message


def test_a_program_in_the_list_is_asked_and_its_variables_count(tmp_path):
    path = tmp_path / "cloud"
    path.write_text('#!/bin/sh\necho \'{"web": {"hosts": ["c1"], "vars": {"rack": "r9"}}}\'\n')
    os.chmod(path, 0o755)
    made = expanded("task=1\nhosts=run:cloud\ncommand=x @host.rack@\n", "web1\n", tmp_path)

    assert made["tasks"][0]["targets"] == ["c1"]
    assert made["host_variables"] == {"c1": {"rack": "r9"}}


def test_the_groups_of_the_configuration_are_asked_first(tmp_path):
    made = expanded("task=1\nhosts=@web\ncommand=x\n", "[web]\nweb1\n", tmp_path, groups={"web": ["mine"]})
    every = expanded("task=1\nhosts=@all\ncommand=x\n", "[web]\nweb1\n", tmp_path, groups={"web": ["mine"]})

    assert made["tasks"][0]["targets"] == ["mine"]
    assert every["tasks"][0]["targets"] == ["mine", "web1"]
