"""[approval] of tasker.toml: what the machine's file says can be tightened, never loosened."""

from pathlib import Path

import pytest

from tasker.configuration import load
from tasker.configuration.model import Configuration, Misuse

MACHINE = '[approval]\nfolder = "/run/tasker"\nallowed_signers = "/etc/tasker/signers"\n'


def loaded(folder: Path, machine: str, *later: str) -> Configuration:
    (folder / "etc.toml").write_text(machine)
    environment = {"TASKER_SYSTEM_CONFIG": str(folder / "etc.toml"), "XDG_CONFIG_HOME": str(folder)}
    for place, text in zip(("tasker/tasker.toml", "extra.toml"), later, strict=False):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(text)
    extra = str(folder / "extra.toml") if len(later) > 1 else None
    return load.load_configuration(environment, str(folder / "tasks/t.txt"), extra)


def test_the_settings_of_a_run_have_what_is_switched_on(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, MACHINE + "signed_only = false\n")

    expected = {"folder": "/run/tasker", "allowed_signers": "/etc/tasker/signers"}
    assert load.run_settings(configuration)["approval"] == expected
    assert configuration.approval["folder"].origin == f"{tmp_path}/etc.toml:2"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('folder = "none"', {"allowed_signers": "/etc/tasker/signers"}),
        ('allowed_signers = "none"', {"folder": "/run/tasker"}),
        (
            "signed_only = true",
            {"folder": "/run/tasker", "allowed_signers": "/etc/tasker/signers", "signed_only": True},
        ),
        ('folder = "/run/tasker"', {"folder": "/run/tasker", "allowed_signers": "/etc/tasker/signers"}),
    ],
)
def test_a_later_file_can_tighten_it(line: str, left: dict[str, object], tmp_path: Path) -> None:
    for text in (f"[approval]\n{line}\n", f'[defaults]\nenv = "a"\n[env.a.approval]\n{line}\n'):
        assert load.run_settings(loaded(tmp_path, MACHINE, text))["approval"] == left


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ('folder = "/home/alice"', "'/run/tasker'"),
        ('allowed_signers = "mine"', "'/etc/tasker/signers'"),
        ("signed_only = false", "true"),
    ],
)
def test_a_later_file_cannot_loosen_it(line: str, held: str, tmp_path: Path) -> None:
    machine = MACHINE + "signed_only = true\n"
    for text, number in ((f"[approval]\n{line}\n", 2), (f'[defaults]\nenv = "a"\n[env.a.approval]\n{line}\n', 4)):
        with pytest.raises(Misuse) as refused:
            loaded(tmp_path, machine, text)
        (problem,) = refused.value.problems
        assert problem.startswith(f"{tmp_path}/tasker/tasker.toml:{number}: '{line.split()[0]}' of [approval] loosens")
        assert f"{tmp_path}/etc.toml" in problem and held in problem


def test_all_that_loosens_it_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misuse) as refused:
        loaded(tmp_path, MACHINE, '[approval]\nfolder = "/a"\n', '[approval]\nallowed_signers = "/b"\n')

    assert [problem.partition(": ")[0] for problem in refused.value.problems] == [
        f"{tmp_path}/tasker/tasker.toml:2",
        f"{tmp_path}/extra.toml:2",
    ]


def test_what_the_machine_leaves_open_is_the_later_files_to_say(tmp_path: Path) -> None:
    configuration = loaded(
        tmp_path, "", '[approval]\nfolder = "/a"\n', '[approval]\nfolder = "b"\nsigned_only = true\n'
    )

    assert load.run_settings(configuration)["approval"] == {"folder": f"{tmp_path}/b", "signed_only": True}


def test_an_environment_of_the_machines_file_may_say_otherwise_than_its_outside(tmp_path: Path) -> None:
    machine = MACHINE + '[defaults]\nenv = "a"\n[env.a.approval]\nfolder = "/run/a"\n'

    assert loaded(tmp_path, machine).approval["folder"].value == "/run/a"
    with pytest.raises(Misuse):
        loaded(tmp_path, machine, '[approval]\nfolder = "/run/tasker"\n')


@pytest.mark.parametrize("line", ["folder = 1", "folder = ''", "signed_only = 'yes'", "folders = 'a'"])
def test_a_wrong_key_or_value_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="etc.toml:2: "):
        loaded(tmp_path, f"[approval]\n{line}\n")
