"""Lanes of the test suite: which folders of tests/ form one, and how many seconds it may take.

The budgets add up to less than 45 minutes, on a machine that is busy with other things: about three times what the
lanes take on a quiet one. `pytest --lane NAME` runs one lane.
"""

LANES = {
    "core": (280, ("flow", "language", "checks", "text", "plan", "simulation", "protocol", "inventory")),
    "programs": (850, ("approval", "cli", "configuration", "console", "driver", "journal", "report", "system")),
    "hosts": (750, ("hosts", "execution", "conformance")),
    "whole": (430, ("whole",)),
    "project": (390, ("project",)),
}
LANE_OF = {folder: lane for lane, (_, folders) in LANES.items() for folder in folders}
# over a second in all their cases: `make test` leaves them to `make check`
SLOW = frozenset(
    (
        "test_nothing_is_left_of_a_secret_as_other_programs_print_it",
        "test_nothing_is_left_of_a_secret_as_bash_prints_it",
        "test_each_spelling_has_the_anchor_that_its_search_begins_with",
        "test_whatever_is_killed_and_when_each_command_runs_once",
        "test_a_long_chain_of_commands_is_an_answer",
        "test_no_everyday_script_runs_a_value",
        "test_twice_the_text_is_twice_the_work",
        "test_a_script_that_no_shell_can_be_passed_is_refused_at_once",
        "test_a_hostile_value_stays_text",
        "test_whatever_a_run_does_the_simulation_has_foreseen_it",
        "test_flow_reaches_what_the_validator_says_and_nothing_else",
        "test_with_approvals_flow_validator_and_simulation_agree",
        "test_with_decisions_flow_validator_and_simulation_agree",
        "test_a_list_is_read_as_the_reference_reads_it",
        "test_the_lists_were_of_both_kinds",
        "test_versions_compare_as_dpkg_compares_them",
        "test_too_many_hosts_are_refused_before_they_are_written_out",
        "test_a_result_that_would_not_fit_into_what_the_driver_sends_on_is_an_error_of_its_runner",
        "test_wrong_use_says_why_then_how_and_prints_no_document",
        "test_a_question_of_the_wrong_shape_is_refused",
        "test_options_ask_what_a_question_asks",
        "test_who_does_not_answer_is_named_with_how",
        "test_waiting_for_a_stage_without_stderr_takes_no_time_of_the_processor",
        "test_a_stage_prints_text_or_a_document",
        "test_pieces_of_task_files_make_a_workflow_with_its_values_in_place",
        "test_ten_thousand_members_fit_in_150_megabytes",
        "test_ten_thousand_members_take_a_few_seconds_and_ten_times_as_long_as_a_thousand",
        "test_the_generator_makes_what_it_is_for",
        "test_every_run_ends_answered_once_within_its_slots_and_the_same_events_give_the_same_steps",
        "test_no_line_of_it_takes_longer_and_longer",
        "test_four_times_the_tasks_are_four_times_the_work",
        "test_ten_thousand_tasks_take_no_longer_than_three_times_the_bound",
        "test_reading_takes_time_in_proportion_to_the_text",
    )
)


class Clock:
    """The seconds that the tests of each lane took."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(LANES, 0.0)

    def add(self, nodeid: str, seconds: float) -> None:
        """nodeid: of a test, such as tests/flow/test_x.py::test_y."""
        parts = nodeid.split("/")
        if len(parts) > 2 and (lane := LANE_OF.get(parts[1])):
            self.seconds[lane] += seconds

    def lines(self) -> list[str]:
        return [f"lane {lane}: {took:.0f} of {LANES[lane][0]} s" for lane, took in self.seconds.items() if took]

    def over(self) -> list[str]:
        return [lane for lane, took in self.seconds.items() if took > LANES[lane][0]]
