"""`@task@`: the number of a host among those of its task, from 0 (docs/language.md §4)."""

from flow_driver import Play, document, tasks

FAN = "0 exec=local hosts=a,b,c command=do~~@task@"


def play(text, targets=("a", "b", "c"), limit=None, **settings):
    workflow = document(text)
    workflow["tasks"][0]["targets"] = list(targets)
    if limit is not None:
        workflow["limit"] = {"written": ["x"], "of": {"0": 3}, "skip": {}, "hosts": len(targets), "places": limit}
    return Play(workflow, skip_hosts=True, **settings)


def words(run):
    return [request["words"][1:] for request in run.requests]


def test_each_host_has_its_number():
    assert words(play(tasks(FAN))) == [["0"], ["1"], ["2"]]


def test_through_a_global_and_inside_a_word():
    text = "PORT=80@task@\n" + tasks("0 exec=local hosts=a,b command=do~~@PORT@ arguments=x@task:int@y")

    assert words(play(text, "ab")) == [["800", "x0y"], ["801", "x1y"]]


def test_with_a_limit_it_is_that_in_the_whole_list():
    assert words(play(tasks(FAN), "bc", {"0": [1, 2]})) == [["1"], ["2"]]


def test_a_script_gets_it_as_a_variable_of_its_own():
    run = play(tasks("0 exec=shell hosts=a,b command=echo~~@host@~~@task@"), "ab")

    assert run.requests[1]["script"] == 'echo "${TASKER_HOSTNAME}" "${TASKER_PLACE}"'
    assert run.requests[1]["environment"] == {"TASKER_HOSTNAME": "b", "TASKER_PLACE": "1"}


def test_conditions_of_a_host_read_it():
    run = play(tasks(f"{FAN} success=exit_0|@task@=2 next=min_success=3")).answer(0, 0).answer(0, 0).answer(0, 1)

    assert run.code == 0


def test_a_retry_keeps_it():
    run = play(tasks(f"{FAN} retry_failed=true retry_delay=0"), "ab").answer(0, 0).answer(0, 1)

    assert words(run.go()) == [["0"], ["1"], ["1"]]


def test_a_dry_run_shows_it():
    assert words(play(tasks(FAN), dry_run=True)) == [["0"], ["1"], ["2"]]
