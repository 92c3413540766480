"""`--limit`, hosts from a value and inventories in the whole program: plan, dry run, run, journal, summary, resume."""

import json
import re
import sys

import pytest
from documentation_runner import home, run

FILE = """\
# Everywhere
task=10
hosts=web[1-4]
exec=local
command=sh -c 'test @host@ != web3 -o -e mended'
max_failed_percent=30
next=max_failed=1

task=20
hosts=db1,db2
exec=local
command=echo

task=30
hostname=db1
exec=pbrun
command=true

task=40
exec=local
command=echo counts @10_total_count@ @20_skipped_count@
"""


@pytest.fixture(name="tasker")
def _tasker(tmp_path):
    environment = home(tmp_path)
    (tmp_path / "t.txt").write_text(FILE)

    def call(*words, skip=True):
        more = ("--skip-host-validation",) if skip else ()
        return run(("tasker", *words, *more), tmp_path, environment)

    call.folder = tmp_path
    return call


def journal(tasker):
    (path,) = sorted((tasker.folder / "TASKER/runs").glob("*/journal.jsonl"))[-1:]
    return [json.loads(line) for line in path.read_text().splitlines()]


# -- limit


def test_the_number_of_a_host_is_that_in_the_whole_list(tasker):
    text = "task=1\ntype=parallel\nhostnames=web1,web2,web3\nexec=local\ncommand=echo shard @task@ of @host@\n"
    (tasker.folder / "places.txt").write_text(text)

    done = tasker("-r", "places.txt", "--limit", "web[2-3]")

    assert done.returncode == 0
    assert "Task 1 on web2: ok, stdout: shard 1 of web2" in done.stdout
    assert "Task 1 on web3: ok, stdout: shard 2 of web3" in done.stdout
    assert journal(tasker)[0]["doc"]["workflow"]["limit"]["places"] == {"1": [1, 2]}


def test_the_summary_of_the_project_marks_a_run_with_a_limit(tasker):
    tasker("-r", "-p", "P", "t.txt", "--limit", "web[1-2]", "--outside", "skip")
    tasker("-r", "-p", "P", "t.txt", "--outside", "run", "--limit", "web1", "--limit", "web2")
    tasker("-r", "-p", "P", "t.txt")
    header, *rows = (tasker.folder / "TASKER/logs/project_P_summary.log").read_text().splitlines()
    counts = [row.split("\t")[header.split("\t").index("counts")] for row in rows]

    assert counts[0] == "3 ok, 2 skipped (limit: web[1-2])"
    assert counts[1].endswith("(limit: web1 web2)")
    assert "limit" not in counts[2]


def test_a_limit_keeps_hosts_skips_tasks_and_counts_what_is_kept(tasker):
    done = tasker("-r", "t.txt", "--limit", "web[1-2]", "--outside", "skip")

    assert done.returncode == 0, done.stdout
    assert "[INFO] Limit: web[1-2]: 2 hosts; skipped: tasks 20,30" in done.stdout
    assert "Task 20 skipped: --limit leaves none of its hosts" in done.stdout
    assert "Task 30 skipped: db1 is outside of --limit" in done.stdout
    assert "counts 2 0" in done.stdout
    start = journal(tasker)[0]["doc"]
    assert start["settings"]["limit"] == ["web[1-2]"]
    assert start["workflow"]["limit"]["of"] == {"10": 4, "20": 2}


def test_percentages_and_thresholds_are_of_what_is_kept(tasker):
    done = tasker("-r", "t.txt", "--limit", "web[2-3]", "--outside", "skip")

    assert done.returncode == 10  # 1 of 2 is more than 30 %, 1 of 4 is not
    assert "Task 10 failed" in done.stdout and "1 of 2 hosts succeeded" in done.stdout


def test_the_hosts_that_failed_last_are_a_limit(tasker):
    assert tasker("-r", "t.txt", "--limit", "web[1-4]", "--outside", "skip").returncode == 0
    (tasker.folder / "mended").touch()
    done = tasker("-r", "t.txt", "--limit", "failed:last", "--outside", "skip")

    assert done.returncode == 0, done.stdout
    assert "Limit: failed:last: 1 host" in done.stdout
    assert "Executing Task 10: Everywhere (on 1 host, 1 at once)" in done.stdout
    none = tasker("t.txt", "--limit", "failed:last", "--outside", "skip")
    assert none.returncode == 20 and "that run has none" in none.stdout


ROLLING = """\
task=10
type=chain
hosts=web[1-4]
tasks=11,12,13
max_parallel=1
stop_on=max_failed=1
next=always

task=11
exec=local
command=test @host@ != web1
next=always

task=12
exec=local
command=test @host@ = web1
on_failure=13

# The way back
task=13
exec=local
command=echo back on @host@
"""


@pytest.mark.parametrize(
    ("limit", "hosts"),
    [
        ("failed:last", ["web2", "web3"]),
        ("failed:last/10", ["web2", "web3"]),
        ("failed:last/11", ["web1"]),
        ("not_started:last/10", ["web4"]),
    ],
)
def test_a_chain_counts_as_a_whole_and_a_member_by_itself(tasker, limit, hosts):
    (tasker.folder / "t.txt").write_text(ROLLING)
    assert tasker("-r", "t.txt").returncode == 0

    done = tasker("t.txt", "--limit", limit, "--output", "json")

    assert json.loads(done.stdout.splitlines()[-1])["limit"]["hosts"] == len(hosts), done.stdout
    shown = tasker("t.txt", "--limit", limit)
    assert f"Task 10-12 on {hosts[0] if len(hosts) == 1 else 'web[2-3]'}: test" in shown.stdout


def test_hosts_that_were_never_started_and_those_of_one_task_and_of_another_file(tasker):
    text = FILE.replace("max_failed_percent=30", "max_failed_percent=0\nmax_parallel=1").replace(
        "max_failed=1", "max_failed=9"
    )
    (tasker.folder / "t.txt").write_text(text)
    assert tasker("-r", "t.txt", "--outside", "skip", "--limit", "web[1-4],db1").returncode == 10
    done = tasker("t.txt", "--limit", "not_started:last/10", "--outside", "skip")

    assert "Task 10 on web4" in done.stdout, done.stdout
    (tasker.folder / "other.txt").write_text(FILE)
    (run_id,) = [path.name for path in (tasker.folder / "TASKER/runs").iterdir()]
    other = tasker("other.txt", "--limit", f"failed:{run_id}", "--outside", "skip")
    assert "is a run of another file" in other.stdout and "Task 10 on web3" in other.stdout
    missing = tasker("other.txt", "--limit", "failed:last")
    assert missing.returncode == 20 and "there is no run of 'other.txt'" in missing.stdout


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--limit", "web9", "--outside", "skip"), 20, "--limit touches no task: no task has any of web9"),
        (("--limit", "web1"), 20, "task 30 runs on db1, which is outside of --limit"),
        (("--limit", "@nothing", "--outside", "skip"), 20, "there is no group 'nothing'"),
        (("--limit", "web[1-2]!web9", "--outside", "skip"), 20, "takes nothing away"),
        (("--limit", " "), 2, "--limit is empty"),
        (("--outside", "skip"), 2, "--outside belongs to --limit"),
        (("--limit", "web1", "--outside", "thirty=skip"), 2, "--outside takes skip, run or TASK=skip"),
        (("--limit", "web1", "--outside", "31=skip,30=run"), 20, "--outside: there is no task 31"),
        (("--limit", "failed:20200101"), 20, "there is no run '20200101'"),
    ],
)
def test_a_limit_that_cannot_be_followed_is_one_error(tasker, words, code, why):
    for call in (("t.txt",), ("-r", "t.txt"), ("plan", "t.txt")):
        done = run(("tasker", *call, *words), tasker.folder, home(tasker.folder))
        assert done.returncode == code and why in done.stdout, done.stdout
    assert not (tasker.folder / "TASKER/runs").exists()


def test_a_word_for_each_task_and_tasks_on_this_machine_always_run(tasker):
    text = FILE.replace("exec=pbrun", "exec=local")
    (tasker.folder / "t.txt").write_text(text)
    assert tasker("t.txt", "--limit", "web1").returncode == 0  # a local task goes nowhere
    (tasker.folder / "t.txt").write_text(FILE.replace("hostname=db1", "hostname=@10_stdout@"))
    done = tasker("t.txt", "--limit", "web1")
    assert "which can be outside of --limit" in done.stdout


def test_plan_and_summary_show_the_limit(tasker):
    plan = run(
        ("tasker", "plan", "t.txt", "--limit", "web[1-2]", "--outside", "30=run"), tasker.folder, home(tasker.folder)
    )
    assert "Limit: web[1-2]: 2 hosts; skipped: task 20" in plan.stdout
    assert "local on web[1-2] (2 of 4 hosts)" in plan.stdout
    assert "skipped: --limit leaves none of its hosts" in plan.stdout
    done = tasker("t.txt", "--limit", "web[1-2]", "--outside", "30=run", "--output", "json")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["limit"]["written"] == ["web[1-2]"] and summary["limit"]["hosts"] == 2


def test_a_resume_keeps_its_limit_and_takes_no_other(tasker):
    done = tasker("--resume", "--limit", "web1", skip=False)

    assert done.returncode == 12
    assert "--limit cannot be given with --resume" in done.stdout


# -- hosts from a value

VALUE = """\
task=1
exec=local
command=cat names
next=always

task=2
hosts=@1_stdout@
exec=local
command=echo on @host@
{more}
next=always

task=3
exec=local
command=echo counts @2_total_count@ @2_skipped_count@ '@2_success_hosts@'
"""


def from_value(tasker, names, more="max_parallel=9", *words, skip=True):
    (tasker.folder / "names").write_text(names)
    (tasker.folder / "v.txt").write_text(VALUE.format(more=more))
    return tasker("-r", "v.txt", *words, skip=skip)


def test_hosts_come_from_an_output_split_at_commas_blanks_and_lines(tasker):
    done = from_value(tasker, "web1, web2\tweb3\nWEB1\n")

    assert "(on 3 hosts, 3 at once)" in done.stdout
    assert "counts 3 0 web1,web2,web3" in done.stdout


def test_an_empty_value_skips_the_task_with_a_note(tasker):
    done = from_value(tasker, " \n")

    assert done.returncode == 0
    assert "Task 2 skipped: @1_stdout@ names no host" in done.stdout
    assert "counts 0 0 " in done.stdout


@pytest.mark.parametrize("bad", ["-oProxyCommand=id", "root@web2", "web2:22", "web[1-2]", "@web", "web1;id", "a" * 300])
def test_one_name_that_is_none_and_no_command_starts(tasker, bad):
    done = from_value(tasker, f"web1\n{bad}\n")

    assert re.search(r"Task 2 was not started \(exit_code=126\): .*no command was started on any host", done.stdout)
    assert "on web1" not in done.stdout


def test_names_are_resolved_before_the_first_command(tasker):
    (tasker.folder / "names").write_text("localhost\nnowhere.invalid\n")
    far = VALUE.format(more="max_parallel=9").replace("exec=local\ncommand=echo on", "exec=openssh\ncommand=echo on")
    (tasker.folder / "v.txt").write_text(far)
    done = tasker("-r", "v.txt", skip=False)

    assert "Task 2 was not started (exit_code=126): cannot resolve 'nowhere.invalid'" in done.stdout
    assert "on localhost" not in done.stdout
    good = from_value(tasker, "localhost\n127.0.0.1\n", skip=False)
    assert "counts 2 0 localhost,127.0.0.1" in good.stdout


def test_a_list_of_hosts_keeps_the_users_and_ports_that_its_author_wrote(tasker):
    (tasker.folder / "v.txt").write_text(
        "task=1\nhosts=root@localhost:22,127.0.0.1\nexec=local\ncommand=false\nnext=always\n\n"
        "task=2\nhosts=@1_failed_hosts@\nexec=local\ncommand=echo on @host@\nmax_parallel=1\n"
    )
    done = tasker("-r", "v.txt", skip=False)

    assert "on root@localhost:22" in done.stdout and "on 127.0.0.1" in done.stdout, done.stdout


def test_a_limit_holds_for_them_too(tasker):
    done = from_value(tasker, "web1 web2", "max_parallel=9", "--limit", "web2")
    none = from_value(tasker, "web1 web3", "max_parallel=9", "--limit", "web2")

    assert "counts 1 0 web2" in done.stdout
    assert "Task 2 skipped: --limit leaves none of its hosts" in none.stdout


def test_more_than_100_000_are_refused():
    from tasker.flow.hosts_of_value import read_names

    assert len(read_names("\n".join(f"h{number}" for number in range(100_000)))) == 100_000
    with pytest.raises(ValueError, match="more than 100000 hosts"):
        read_names("\n".join(f"h{number}" for number in range(100_001)))


def test_verify_explain_and_report_know_such_a_run(tasker):
    from_value(tasker, "web1 web2")
    environment = home(tasker.folder)

    assert run(("tasker", "verify", "last"), tasker.folder, environment).returncode == 0
    assert "ok" in run(("tasker", "explain", "last", "2@web1"), tasker.folder, environment).stdout
    assert run(("tasker", "report", "last"), tasker.folder, environment).returncode == 0


def test_a_plan_says_that_a_value_may_name_no_host(tasker):
    (tasker.folder / "v.txt").write_text(VALUE.format(more="max_parallel=9"))
    done = run(("tasker", "plan", "v.txt"), tasker.folder, home(tasker.folder))

    assert "local on @1_stdout@: echo on @host@" in done.stdout
    assert "@1_stdout@ names no host -> task 3" in done.stdout


def test_an_interrupted_run_resumes_on_the_hosts_that_are_left(tasker):
    """The driver is killed while a command on the second host runs; the resume does not read the value again."""
    (tasker.folder / "names").write_text("web1 web2 web3")
    script = "import os, signal, sys\nopen('ran', 'a').write(sys.argv[1] + '\\n')\n"
    script += "if sys.argv[1] == 'web2' and not os.path.exists('twice'):\n"
    script += "    open('twice', 'w')\n    os.kill(int(open('pid').read()), signal.SIGKILL)\n    signal.pause()\n"
    (tasker.folder / "step.py").write_text(script)
    text = VALUE.format(more="max_parallel=1").replace(
        "command=echo on @host@", f"command={sys.executable} step.py @host@"
    )
    (tasker.folder / "v.txt").write_text(text)
    words = "echo $$ > pid; exec tasker -r v.txt --skip-host-validation"
    run(("sh", "-c", words), tasker.folder, home(tasker.folder))
    (tasker.folder / "names").write_text("other")
    done = tasker("--resume", "--unknown", "skip", "--kill-left", skip=False)

    assert (tasker.folder / "ran").read_text().split() == ["web1", "web2", "web3"], done.stdout
    assert "counts 3 1 web1,web3" in done.stdout


# -- inventories


def test_a_run_uses_groups_addresses_and_variables_and_a_resume_starts_no_program(tasker):
    folder = tasker.folder
    (folder / "cloud").write_text(
        "#!/bin/sh\necho asked >> asked\n"
        'echo \'{"cloud": ["c1", "c2"], "_meta": {"hostvars": {"c1": {"zone": "eu"}, "c2": {"zone": "us"}}}}\'\n'
    )
    (folder / "cloud").chmod(0o755)
    (folder / "hosts.ini").write_text("[web]\nweb1 ansible_host=127.0.0.1\n")
    (folder / "tasker.toml").write_text('[inventory]\nsources = ["hosts.ini", "cloud"]\n')
    text = (
        "task=1\nhosts=@cloud\nexec=local\ncommand=echo zone @host.zone@\n\ntask=2\nexec=local\ncommand=kill -9 PID\n"
    )
    (folder / "t.txt").write_text(
        text.replace("kill -9 PID", "sh -c 'test -e killed || { touch killed; kill -9 $(cat pid); sleep 9; }'")
    )
    words = "echo $$ > pid; exec tasker -r t.txt --skip-host-validation"
    run(("sh", "-c", words), folder, home(folder))
    assert (folder / "asked").read_text() == "asked\n"
    (folder / "t.txt").write_text(
        (folder / "t.txt").read_text() + "\ntask=3\nhosts=@cloud\nexec=local\ncommand=echo later\n"
    )
    done = tasker("--resume", "--unknown", "skip", "--kill-left", "--accept-changes", skip=False)

    assert (folder / "asked").read_text() == "asked\n", done.stdout
    workflow = journal(tasker)[0]["doc"]["workflow"]
    assert workflow["host_variables"] == {"c1": {"zone": "eu"}, "c2": {"zone": "us"}}


def test_a_broken_inventory_ends_the_run_with_2(tasker):
    (tasker.folder / "hosts.ini").write_text("[web]\nweb1 port\n")
    (tasker.folder / "tasker.toml").write_text('[inventory]\nsources = ["hosts.ini"]\n')
    done = tasker("-r", "t.txt")

    assert done.returncode == 2, done.stdout
    assert "hosts.ini:2: 'port' is no variable of a host" in done.stdout


def test_a_limit_that_leaves_nothing_to_roll_back_touches_no_task(tasker):
    rollback = "on_failure=90\n\ntask=20\nexec=local\ncommand=true\nnext=never\n\ntask=90\nexec=local\n"
    for name in ("10_touched_hosts", "10_failed_hosts", "10_success_hosts"):
        text = "task=10\ntype=chain\nhosts=web[1-2]\ntasks=11\n" + rollback + f"hosts=@{name}@\ncommand=true\n"
        (tasker.folder / "t.txt").write_text(text + "\ntask=11\nexec=local\ncommand=true\n")
        done = tasker("-r", "t.txt", "--limit", "web9")
        assert done.returncode == 20, done.stdout
        assert "--limit touches no task: no task has any of web9" in done.stdout
        assert tasker("-r", "t.txt", "--limit", "web2").returncode == 0
