"""A folder that cannot be listed is not an empty one, whatever the reason."""

import os
import resource

import pytest
from whole_program import local

from tasker.journal.format import Unreadable
from tasker.journal.run_folder import list_run_ids
from tasker.protocol import discovery
from tasker.protocol.document import Problem


@pytest.mark.parametrize("count", [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
def test_with_few_descriptors_a_run_is_refused_in_one_line(place, count):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))

    process = place.begin(local("touch never"), preexec_fn=few)
    out, err = process.communicate(timeout=20)

    assert (process.returncode in (70, 74), err.count("\n")) == (True, 1), err
    assert "too many open files" in err.lower()
    assert "KeyError" not in out + err
    assert not (place.folder / "never").exists()


@pytest.fixture
def no_descriptor_left():
    """Everything that would open one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = os.open("/dev/null", os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken, hard))
    os.close(taken)
    # what is below may have gaps
    filled = []
    try:
        while True:
            filled.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        yield
    finally:
        for one in filled:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_stages_and_runners_that_cannot_be_listed_are_not_missing(no_descriptor_left):
    for find in (discovery.find_stages, discovery.find_runners):
        with pytest.raises(Problem, match="cannot list '.*': too many open files"):
            find()


def test_runs_that_cannot_be_listed_are_not_none(tmp_path, request):
    (tmp_path / "runs").mkdir()
    assert list_run_ids(str(tmp_path)) == list_run_ids(str(tmp_path / "nowhere")) == []

    request.getfixturevalue("no_descriptor_left")
    with pytest.raises(Unreadable, match="cannot list '.*/runs'"):
        list_run_ids(str(tmp_path))


def test_the_age_of_a_run_that_cannot_be_opened_is_not_guessed(place, monkeypatch):
    """Else another one would be the newest."""
    import errno

    from tasker.journal import run_folder

    place.really(local("true"))

    def full(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(run_folder, "open_journal", full)
    with pytest.raises(Unreadable, match="Too many open files"):
        list_run_ids(str(place.base))


def test_a_list_of_runs_says_why_there_is_none(place):
    place.base.mkdir()
    (place.base / "runs").write_text("no folder")
    done = place.run("runs", "-l", place.base)

    assert (done.returncode, done.stdout) == (12, "")
    assert done.stderr == f"tasker runs: cannot list '{place.base}/runs': Not a directory\n"
