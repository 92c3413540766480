"""What a signal ended has one outcome with every runner, and is never repeated by itself (docs/language.md)."""

from pathlib import Path

import pytest
import sshd
from runner_client import ROOT, Talk, environment, shell
from sshing import client
from whole_program import Place

from tasker.protocol.results import check_result

HOST = "127.0.6.1"
KILLS_ITSELF = "echo x >>{file}; kill -9 $$"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("name", ["local", "pbrun", "p7s", "wwrs"])
@pytest.mark.parametrize(
    ("script", "code"), [("kill -9 $$", 137), ("sh -c 'kill -9 $$'; exit $?", 137), ("exit 143", 143)]
)
def test_an_exit_code_that_stands_for_a_signal_has_the_outcome_of_one(name: str, script: str, code: int) -> None:
    far = environment(STUB_RUN="shell" if name == "wwrs" else "exec")
    with Talk(name, env=far) as runner:
        answer = runner.ask(shell("a", script, hostname="web1"))

    assert ("signalled", code, False) == (answer["outcome"], answer["exit_code"], answer["ok"])
    assert answer["reason"] == f"ended by SIG{'KILL' if code == 137 else 'TERM'}"


@pytest.mark.parametrize("code", [1, 3, 124, 125, 126, 127, 128, 160, 192, 255])
def test_other_exit_codes_are_failures(code: int) -> None:
    with Talk() as runner:
        answer = runner.ask(shell("a", f"exit {code}"))

    assert ("failed", code, False) == (answer["outcome"], answer["exit_code"], "reason" in answer)


@pytest.mark.parametrize(("code", "outcome"), [(0, "ok"), (3, "failed"), (137, "signalled"), (255, "failed")])
def test_a_runner_that_gives_the_exit_code_alone_is_understood_alike(code: int, outcome: str) -> None:
    doc = {"tasker": 1, "kind": "result", "ok": code == 0, "id": "1.1", "exit_code": code}

    assert outcome == check_result("mine", doc)["outcome"]
    assert outcome == check_result("mine", {**doc, "outcome": "failed" if code else "ok"})["outcome"]


@pytest.mark.parametrize("exec_type", ["local", "shell", "openssh", "own"])
def test_what_a_signal_ended_is_run_once_though_retries_are_allowed(
    exec_type: str, place: Place, tmp_path: Path
) -> None:
    lines = tmp_path / "lines"
    script = KILLS_ITSELF.format(file=lines)
    text = "task=0\nretry_failed=true\nretry_count=2\nretry_delay=0\n"
    text += f"exec={exec_type}\n" + (f"hostname={HOST}\n" if exec_type in ("openssh", "own") else "")
    # with "; exit" behind it, bash has to start a child for it, and sees its end as an exit code
    text += f"command=sh -c '{script}'; exit $?\n" if exec_type == "shell" else f"command=sh -c '{script}'\n"
    if exec_type == "openssh":
        with sshd.running(tmp_path / "sshd", [HOST]) as server:
            done = place.really(text, "--skip-host-validation", env=client(server, tmp_path))
    else:
        (tmp_path / "runners").mkdir()
        runner = tmp_path / "runners/own.py"
        runner.write_text(
            "#!/usr/bin/env python3\nfrom tasker.command import serve\n"
            "COMMAND = ['sh', '-c', '{words:shell}; exit $?', '{hostname}']\n"
            "if __name__ == '__main__':\n    raise SystemExit(serve(COMMAND))\n"
        )
        runner.chmod(0o755)
        env = {"PYTHONPATH": str(ROOT / "library"), "TASKER_PATH": str(tmp_path)}
        done = place.really(text, "--skip-host-validation", env=env)

    assert "x\n" == lines.read_text(), done.stdout + done.stderr
    assert done.returncode == 10
