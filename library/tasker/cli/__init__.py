"""The command line: `tasker FILE` drives, `tasker STAGE …` becomes that stage, `tasker runner NAME` that runner."""

import gc
import os
import sys

from tasker.cli.printing import print_either, print_misuse, print_text
from tasker.cli.run_stage import list_runners, run_as_stage, run_runner
from tasker.cli.start_up import (
    GC_THRESHOLD,
    InstalledFinder,
    end_process,
    interrupt_quietly,
    isolate,
    open_standard_descriptors,
    undo_coercion,
)


def main(arguments=None):
    """The exit status; without arguments, which are then those of the program, its end."""
    status = _main(arguments)
    if arguments is None:
        end_process(status)
    return status


def _main(arguments):
    gc.set_threshold(GC_THRESHOLD)
    open_standard_descriptors()
    undo_coercion()
    if sys.flags.no_site and InstalledFinder not in sys.meta_path:
        sys.meta_path.append(InstalledFinder)
    if arguments is None:
        isolate()
        arguments = sys.argv[1:]
    interrupt_quietly()
    if arguments and arguments[0].replace("_", "").isalnum():
        from tasker.protocol import discovery

        stages = discovery.find_stages()
        if arguments[0] == "plan" and _names_a_file(arguments[1:]):
            from tasker.cli import plan_command

            return plan_command.main(arguments[1:])
        if arguments[0] in stages:
            return run_as_stage(stages[arguments[0]], arguments[1:])
        if arguments[0] == "runner":
            return run_runner(arguments[1:])
        if arguments[0] == "runners":
            return list_runners(arguments[1:])
    if arguments[:1] == ["--complete"]:
        from tasker.cli import completion

        return completion.main(arguments[1:])
    if arguments[:1] == ["runner-test"]:
        from tasker.conformance.program import main as examine

        return examine(arguments[1:])
    return _drive(arguments)


def _names_a_file(arguments):
    """Is it `tasker plan FILE`? Everything else about plan is the stage."""
    forms = [place + 1 for place, word in enumerate(arguments) if word == "--graph"]
    return any(not word.startswith("-") for place, word in enumerate(arguments) if place not in forms)


def _drive(arguments):
    from tasker.cli import options

    try:
        reading = options.read(arguments, os.environ)
    except options.Misuse as misuse:
        return print_misuse(misuse)
    settings = reading.settings
    if settings.get("help"):
        from tasker.cli import help  # here, as below: few runs need it
        from tasker.protocol import discovery

        return print_text(help.help_text(sorted(discovery.find_stages())))
    if settings.get("version"):
        from tasker.cli import version

        return print_text(version.version_text())
    if settings.get("show_config"):
        return _show_config(reading)
    if settings.get("resume"):
        from tasker.driver import resumed_run

        return resumed_run.main(settings, reading.warnings)
    from tasker.configuration import load, model
    from tasker.driver import prefork

    if settings.get("show_plan") or settings.get("confirm"):
        from tasker.driver import confirmation

        if (option := confirmation.required_by(settings)) and not confirmation.has_terminal():
            return print_misuse(
                f"{option} asks, and nobody can be asked without a terminal: add --yes to run it all the same"
            )
    try:
        settings |= load.run_settings(reading.configuration)
    except model.Misuse as misuse:
        return print_misuse(misuse)
    try:
        prefork.begin_run(settings)
    except prefork.ForkedStage as fork:
        words = fork.words
    else:
        from tasker.driver import run  # here, since the stages of the run need none of it, and are at work meanwhile

        return run.main(settings, reading.warnings)
    prefork.run_as_stage(main, prefork.await_assignment() if words == prefork.RUNNER else words)


def _show_config(reading):
    from tasker.cli import listings

    doc = listings.configuration_document(reading)
    print_either(doc, listings.configuration_text, reading.settings["output"])
    return 0 if doc["ok"] else 20  # as a run with it would end
