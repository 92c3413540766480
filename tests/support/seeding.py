"""The examples of the description, fragments completed as tests/data/seed/README.md says, and a site to run them at."""

import shutil

import documentation_runner

SEED = documentation_runner.ROOT / "tests/data/seed"
EXAMPLES = sorted(path.stem for path in SEED.glob("*.txt"))
SITE = (
    *("deploy_service", "notify", "check_service", "alert", "finish", "deploy", "deploy_to_production", "probe"),
    *("risky_command", "success_command", "error_handler", "check_condition", "long_running_process", "1234"),
    *("check_status", "start_service", "setup", "process_item", "validate_deployment_readiness", "systemctl"),
    *("deploy_application", "send_notification", "initiate_rollback", "send_alert"),
)

MORE_SERVERS = "".join(
    f"\ntask={10 + n}\nhostname=web{n}.example.com\ncommand=deploy_service\nexec=pbrun\n" for n in (3, 4, 5)
)
PROBE = "task=0\ncommand=probe\nexec=local\n"
COMPLETED = {
    # name: (what comes before, what comes after)
    "parallel": (
        "",
        f"{MORE_SERVERS}\ntask=20\ncommand=notify good\nexec=local\n\ntask=25\ncommand=notify bad\nexec=local\n",
    ),
    "conditional": (
        "service_status_stdout=@10_stdout@\n\ntask=10\ncommand=check_service\nexec=local\n\n",
        "\ntask=22\ncommand=finish good\nexec=local\n\ntask=26\ncommand=finish bad\nexec=local\n",
    ),
    "variables": ("ENVIRONMENT=prod\nSERVICE_NAME=shop\nDEPLOY_VERSION=2.1\n\n", ""),
    "splitting": ("", "\ntask=1\nhostname=serverA\ncommand=echo\narguments=kept: @0_stdout@\n"),
    "preconditions": ("ENVIRONMENT=production\n\n", ""),
    "sleep": ("", "\ntask=1\ncommand=echo\narguments=after\nexec=local\n"),
}


def example(name):
    """An example as the description gives it."""
    return (SEED / f"{name}.txt").read_text()


def completed(name):
    before, after = COMPLETED.get(name, ("", ""))
    return before + example(name) + after


def site(folder):
    """Make the site's commands, with pbrun and the like, in a home; gives its environment."""
    environment = documentation_runner.home(folder)
    for name in SITE:
        (folder / "bin" / name).symlink_to(SEED / "bin/site")
    found = f"{folder / 'bin'}:{SEED / 'bin'}:{documentation_runner.STUBS}:{environment['PATH']}"
    calls = {
        "SITE_CALLS": str(folder / "calls"),
        "SITE_STUBS": str(documentation_runner.STUBS),
        "STUB_LOG": str(folder / "argv"),
    }
    return {**environment, "PATH": found, "STUB_RUN": "exec", **calls}


def calls(folder):
    """The calls of the site's commands, in order: [host, command, argument, …]."""
    path = folder / "calls"
    return [line.split("|") for line in path.read_text().splitlines()] if path.exists() else []


def argvs(folder):
    """How pbrun and the other clients were called."""
    words = (folder / "argv").read_text().split("\0")[:-1]
    made = []
    while words:
        count = int(words[0])
        made.append(words[1 : count + 2])
        del words[: count + 2]
    return made


def player(folder):
    """A function that runs a text, or the example of this name: play(text, *options, **what the site does)."""
    environment = site(folder)
    for stub in SEED.glob("*.sh"):
        shutil.copy(stub, folder)

    def play(text, *options, **scripted):
        (folder / "tasks.txt").write_text(completed(text) if text in EXAMPLES else text)
        argv = ["tasker", "--skip-host-validation", *options, "tasks.txt"]
        return documentation_runner.run(argv, folder, {**environment, **scripted})

    return play
