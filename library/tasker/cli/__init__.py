"""The command line: `tasker FILE` drives, `tasker STAGE …` becomes that stage, `tasker runner NAME` that runner.

What only some calls need is imported there: a module costs each start, and each forked stage, 0.1 ms.
"""

from __future__ import annotations

import os

from tasker.cli import start_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasker.cli.options import Reading, Words
    from tasker.protocol.types import Document


def main(arguments: list[str] | None = None) -> int:
    """The exit status; without arguments, which are then those of the program, its end."""
    try:
        status = _main(arguments)
    except Exception as error:
        status = _refuse_problem(error)
    if arguments is None:
        start_up.end_process(status)
    return status


def _refuse_problem(error: Exception) -> int:
    """Say why stages or runners cannot be found, or that the machine has no room for us; the exit code. Raises any
    other exception again."""
    import errno

    from tasker.protocol.document import Problem
    from tasker.protocol.exit_codes import STAGE_FAILED

    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        _refuse(f"cannot start: {os.strerror(error.errno).lower()}")
    elif isinstance(error, Problem):
        _refuse(error.message)
    else:
        raise error
    return STAGE_FAILED


def _main(arguments: list[str] | None) -> int:
    arguments = start_up.prepare_process(arguments)
    if arguments[:1] == ["--complete"]:
        from tasker.cli import completion

        return completion.main(arguments[1:])
    if arguments and arguments[0].startswith("-"):
        arguments = _with_command_first(arguments)
    if arguments and arguments[0].replace("_", "").isalnum():
        from tasker.protocol import discovery

        stage = discovery.find_stage(arguments[0])
        if arguments[0] == "plan" and _names_a_file(arguments[1:]):
            from tasker.cli import plan_command

            return plan_command.main(arguments[1:])
        if arguments[0] == "drift":
            return _drive(arguments[1:], drift=True)
        if stage is not None:
            return start_up.run_as_stage(stage, arguments[1:])
        if arguments[0] == "again":
            from tasker.cli import again_command

            return again_command.main(arguments[1:])
        if arguments[0] == "fix":
            from tasker.cli import fix_command

            return fix_command.main(arguments[1:])
        if arguments[0] == "help":
            return _help(arguments[1:])
        if arguments[0] == "adhoc":
            return _drive_command(arguments[1:])
        if arguments[0] in ("runner", "runners"):
            from tasker.cli import runner_commands

            called = runner_commands.run_runner if arguments[0] == "runner" else runner_commands.list_runners
            return called(arguments[1:])
    if arguments[:1] in (["approve"], ["reject"]):
        from tasker.cli import approve_command

        return approve_command.main(arguments[0], arguments[1:])
    if arguments[:1] == ["runner-test"]:
        from tasker.cli.runner_commands import configured_command
        from tasker.conformance.program import main as examine

        return examine(arguments[1:], configured_command)
    return _drive(arguments)


def _names_a_file(arguments: Sequence[str]) -> bool:
    """Is it `tasker plan FILE`? Everything else about plan is the stage."""
    forms = [place + 1 for place, word in enumerate(arguments) if word in ("--graph", "--output")]
    return any(word == "-" or not word.startswith("-") for place, word in enumerate(arguments) if place not in forms)


def _with_command_first(arguments: list[str]) -> list[str]:
    """The same words; of `tasker -l DIR runs` as `runs -l DIR`."""
    from tasker.cli import options

    place = options.first_word(arguments)
    word = arguments[place] if place < len(arguments) else ""
    if not word.replace("-", "").replace("_", "").isalnum() or word not in _commands():
        return arguments
    return [word, *arguments[:place], *arguments[place + 1 :]]


def _commands() -> set[str]:
    """The words that a call can begin with in place of a task file."""
    from tasker.protocol import discovery

    return {
        *discovery.find_stages(),
        *["adhoc", "again", "approve", "drift", "fix", "help", "reject", "runner", "runners", "runner-test"],
    }


def _help(arguments: list[str]) -> int:
    """`tasker help`, `tasker help STAGE`."""
    word = next((word for word in arguments if not word.startswith("-")), "help")
    commands = _commands()
    if word == "help":
        return _main(["--help"])
    if word in commands:
        return _main([word, "--help"])
    from tasker.cli import options

    near = options.nearest_command(word, commands)
    return _refuse(f"there is no stage '{word}': {near or 'there are ' + ', '.join(sorted(commands))}")


def _drive(arguments: Sequence[str], drift: bool = False) -> int:
    """drift: only ask the probes."""
    from tasker.cli import options
    from tasker.configuration import model

    try:
        words = options.parse_words(arguments)
        if drift and not {"help", "version", "show_config"}.intersection(words.given):
            options.ask_probes_only(words)
        elif drift and "help" in words.given:
            from tasker.cli import help, printing

            return printing.print_text(help.drift_help_text())
        if "help" in words.given or "version" in words.given:
            return _describe(words.given, words.files)
        if "validate_only" in words.given and "resume" not in words.given and len(words.files) > 1:
            from tasker.cli import several_files

            return several_files.validate(words, _drive_one)
    except model.Misuse as misuse:
        return _refuse(misuse)
    return _drive_one(words)


def _drive_one(words: Words) -> int:
    from tasker.cli import options
    from tasker.configuration import model

    try:
        reading = options.read(words, os.environ, _commands)
    except model.Misuse as misuse:
        return _refuse(misuse)
    return _drive_reading(reading)


def _drive_command(arguments: Sequence[str]) -> int:
    """`tasker adhoc`."""
    from tasker.cli import adhoc
    from tasker.configuration import model

    try:
        return adhoc.main(arguments, _drive_reading)
    except model.Misuse as misuse:
        return _refuse(misuse)


def _drive_reading(reading: Reading) -> int:
    from tasker.configuration import model

    settings = reading.settings
    if settings.get("show_config"):
        return _show_config(reading)
    if settings.get("show_recovery"):
        from tasker.cli import recovery_info

        return recovery_info.main(settings)
    if settings.get("resume"):
        if problem := _cannot_confirm({**settings, "run": True}):
            return _refuse(problem)
        from tasker.driver import resumed_run

        return resumed_run.main(settings, reading.warnings)
    from tasker.configuration import load
    from tasker.driver import prefork

    if problem := _cannot_confirm(settings, reading.origins.get("confirm", "")):
        return _refuse(problem)
    try:
        settings |= load.run_settings(reading.configuration, not reading.is_given("timeout"))
    except model.Misuse as misuse:
        return _refuse(misuse)
    if settings.get("auto_recovery") and not settings.get("validate_only"):
        from tasker.driver import auto_recovery  # here: few calls have it

        return auto_recovery.main(settings, reading.warnings)
    try:
        prefork.begin_run(settings)
    except prefork.ForkedStage as fork:
        calls = fork.calls
    else:
        from tasker.driver import run  # here: the forked stages need none of it, and work meanwhile

        return run.main(settings, reading.warnings)
    prefork.run_as_stages(main, calls)


def _cannot_confirm(settings: Document, origin: str = "") -> str:
    """Why the question before this run cannot be asked, or "". origin: of --confirm."""
    if not settings.get("show_plan") and not settings.get("confirm"):
        return ""
    from tasker.driver import confirmation

    option = confirmation.required_by(settings)
    if not option or confirmation.has_terminal():
        return ""
    if option == "--confirm" and origin and not origin.startswith("-"):
        option = f"--confirm ({origin})"
    return f"{option} asks a question, and there is no terminal to answer it on: add --yes to run it without asking"


def _refuse(why: Exception | str) -> int:
    from tasker.cli import printing

    return printing.print_misuse(why)


def _describe(given: Mapping[str, object], files: Sequence[str] = ()) -> int:
    from tasker.cli import printing

    if "help" in given and files:
        return _help_about_file(files[0])
    if "help" in given:
        from tasker.cli import help
        from tasker.protocol import discovery

        return printing.print_text(help.help_text(sorted(discovery.find_stages())))
    from tasker.cli import version

    return printing.print_text(version.version_text())


def _help_about_file(path: str) -> int:
    """`tasker --help FILE`; the exit code of the first finding where it cannot be read."""
    from tasker.cli import file_help, printing

    lines, findings = file_help.file_help(path)
    if findings:
        printing.print_misuse("; ".join(file_help.report_lines(findings)))
        return findings[0].get("exit", 20)
    return printing.print_text("\n".join(lines))


def _show_config(reading: Reading) -> int:
    from tasker.cli import listings, printing

    doc = listings.configuration_document(reading)
    printing.print_either(doc, listings.configuration_text, reading.settings["output"])
    return 0 if doc["ok"] else 20  # as a run with it would end
