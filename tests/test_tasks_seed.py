"""The examples of the description that users know, as they stand there; fragments are completed, and it is said how."""

import pytest
from task_texts import checked

COMPLETED = {
    # name: (what comes before, what comes after), for examples that leave tasks or globals to the reader
    "parallel": (
        "",
        "\n\ntask=13\nhostname=web3.example.com\ncommand=deploy_service\nexec=pbrun\n\ntask=14\nhostname=web4.example.com\ncommand=deploy_service\nexec=pbrun\n\ntask=15\nhostname=web5.example.com\ncommand=deploy_service\nexec=pbrun\n\ntask=20\nhostname=web1.example.com\ncommand=notify\n\ntask=25\nhostname=web1.example.com\ncommand=notify",
    ),
    "conditional": (
        "task=10\nhostname=web1.example.com\ncommand=service_status\n\n",
        "\n\ntask=22\nhostname=monitor.example.com\ncommand=finish\n\ntask=26\nhostname=monitor.example.com\ncommand=finish",
    ),
    "variables": (
        "ENVIRONMENT=production\nSERVICE_NAME=shop\nDEPLOY_VERSION=1.0\n\n",
        "",
    ),
    "preconditions": (
        "ENVIRONMENT=production\n\n",
        "",
    ),
}

EXAMPLES = {}

EXAMPLES["basic_structure"] = """\
# Standard task definition
task=0
hostname=server1.example.com
command=systemctl
arguments=status nginx
exec=pbrun
timeout=30
next=exit_0
"""

EXAMPLES["sequential"] = """\
task=0
hostname=server1
command=echo
arguments="Sequential task"
exec=local
"""

EXAMPLES["parallel"] = """\
# Parallel execution controller
task=10
type=parallel
max_parallel=5
tasks=11,12,13,14,15
next=min_success=3
on_success=20
on_failure=25

# Parallel subtasks
task=11
hostname=web1.example.com
command=deploy_service
exec=pbrun

task=12
hostname=web2.example.com
command=deploy_service
exec=pbrun

# ... additional parallel tasks
"""

EXAMPLES["conditional"] = """\
# Conditional execution
task=20
type=conditional
condition=@10_exit_code@==0&@service_status_stdout@~running
if_true_tasks=21,22
if_false_tasks=25,26

# Success path
task=21
hostname=monitor.example.com
command=alert
arguments="Deployment successful"

# Failure path
task=25
hostname=monitor.example.com
command=alert
arguments="Deployment failed - initiating rollback"
"""

EXAMPLES["variables"] = """\
task=0
hostname=serverA
command=echo
arguments="Hello World"

task=1
hostname=serverB
command=echo
arguments="Previous output: @0_stdout@"

# Global variables
task=2
hostname=@ENVIRONMENT@.example.com
command=deploy
arguments=@SERVICE_NAME@ version @DEPLOY_VERSION@
"""

EXAMPLES["splitting"] = """\
task=0
hostname=serverA
command=echo
arguments="value1 value2 value3"
stdout_split=space,1

# Now @0_stdout@ will be "value2"
"""

EXAMPLES["preconditions"] = """\
task=0
hostname=serverA
command=echo
arguments="Creating file"
exec=local

# This task only runs if the previous task was successful
task=1
hostname=serverA
condition=@0_success@
command=echo
arguments="File creation was successful"
exec=local

# This task only runs if a global variable matches
task=2
hostname=serverA
condition=@ENVIRONMENT@=production
command=deploy_to_production
exec=local
"""

EXAMPLES["routing"] = """\
task=0
hostname=serverA
command=risky_command
next=exit_0
on_success=1
on_failure=2

task=1
hostname=serverA
command=success_command
next=never

task=2
hostname=serverA
command=error_handler
"""

EXAMPLES["return_codes"] = """\
task=0
hostname=serverA
command=check_condition
next=exit_0
on_failure=1

# Success path - execution continues normally and exits with return code 0
return=0

task=1
# Error path - jumped to on failure
return=1
"""

EXAMPLES["sleep"] = """\
task=0
hostname=serverA
command=echo
arguments="Starting"
sleep=5  # Sleep for 5 seconds
"""

EXAMPLES["timeout"] = """\
task=0
hostname=serverA
command=long_running_process
timeout=120  # Wait up to 120 seconds before killing the process
"""

EXAMPLES["exec_types"] = """\
task=0
hostname=serverA
command=ls
arguments=-la
exec=pbrun  # Use pbrun execution type

task=1
hostname=serverB
command=1234
exec=wwrs  # Use wwrs execution type
"""

EXAMPLES["simple_sequence"] = """\
task=0
hostname=server1
command=echo
arguments="Step 1"

task=1
hostname=server1
command=echo
arguments="Step 2"
"""

EXAMPLES["condition_twice"] = """\
task=0
hostname=server1
command=check_status
next=exit_0&stdout~running
on_failure=2

task=1
hostname=server1
command=echo
arguments="Service is running"
next=never

task=2
hostname=server1
command=echo
arguments="Service is not running"
command=start_service
"""

EXAMPLES["loop"] = """\
task=0
hostname=server1
command=setup
arguments="initialization"

task=1
hostname=server1
command=process_item
arguments="item_@0_stdout@"
next=loop
loop=5

task=2
hostname=server1
command=echo
arguments="Processing complete"
"""

EXAMPLES["enterprise"] = """\
# Pre-deployment validation
task=0
hostname=deploy-controller
command=validate_deployment_readiness
exec=local
next=exit_0
on_failure=99

# Parallel service deployment
task=5
type=parallel
max_parallel=3
retry_failed=true
retry_count=2
tasks=6,7,8
next=all_success
on_failure=90

task=6
hostname=web1.prod.com
command=deploy_application
arguments=v2.1.0
exec=pbrun
timeout=180

task=7
hostname=web2.prod.com
command=deploy_application
arguments=v2.1.0
exec=pbrun
timeout=180

task=8
hostname=web3.prod.com
command=deploy_application
arguments=v2.1.0
exec=pbrun
timeout=180

# Health check conditional
task=10
type=conditional
condition=@5_success_count@>=2
if_true_tasks=15
if_false_tasks=90

# Success notification
task=15
hostname=notification.service.com
command=send_notification
arguments="Deployment successful: @5_success_count@/3 servers"
exec=local
next=never
return=0

# Rollback procedure
task=90
hostname=deploy-controller
command=initiate_rollback
exec=local

# Failure notification
task=99
hostname=notification.service.com
command=send_alert
arguments="Deployment failed: @0_stderr@"
exec=local
return=1
"""

WRITTEN_SO = {"@service_status_stdout@": "@10_stdout@"}  # the name that stands there is none: outputs have a number
REFUSED = {"condition_twice": "P012"}  # it gives `command` twice
WARNED = {"enterprise": ["T041"]}  # the rollback belongs to a block, and is jumped to


def completed(name):
    before, after = COMPLETED.get(name, ("", ""))
    text = EXAMPLES[name].rstrip("\n")
    for wrong, right in WRITTEN_SO.items():
        text = text.replace(wrong, right)
    return before + text + after + "\n"


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in REFUSED])
def test_an_example_of_the_description_has_nothing_against_it(name):
    assert [one["code"] for one in checked(completed(name))["findings"]] == WARNED.get(name, [])


@pytest.mark.parametrize("name", REFUSED)
def test_an_example_with_a_slip_is_refused_with_its_lines(name):
    found = checked(completed(name))["findings"]

    assert [one["code"] for one in found if one["severity"] == "error"] == [REFUSED[name]]


@pytest.mark.parametrize("name", COMPLETED)
def test_a_fragment_alone_says_what_it_lacks(name):
    assert not checked(EXAMPLES[name])["ok"]


def test_the_seed_overview_has_nothing_but_hints(pytestconfig):
    text = (pytestconfig.rootpath / "tests" / "tasks" / "seed_overview.txt").read_text()

    assert {one["severity"] for one in checked(text)["findings"]} <= {"hint"}
