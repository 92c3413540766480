"""The command line: `tasker FILE` drives, `tasker STAGE …` becomes that stage, `tasker runner NAME` that runner."""

import gc
import os
import sys

# objects until the collector looks for circles: there are few here, and its usual 700 are reached by an import
YOUNG = 20_000


def main(arguments=None):
    """The exit status; without arguments, which are then those of the program, its end."""
    status = _main(arguments)
    if arguments is None:
        _end(status)
    return status


def _main(arguments):
    gc.set_threshold(YOUNG)
    _open_standard_descriptors()
    _undo_coercion()
    if sys.flags.no_site and _Installed not in sys.meta_path:
        sys.meta_path.append(_Installed)
    if arguments is None:
        _isolate()
        arguments = sys.argv[1:]
    _interrupt_quietly()
    if arguments and arguments[0].replace("_", "").isalnum():
        from tasker.protocol import discovery

        stages = discovery.stages()
        if arguments[0] == "plan" and _names_a_file(arguments[1:]):
            from tasker.cli import plan_command

            return plan_command.main(arguments[1:])
        if arguments[0] in stages:
            return become(stages[arguments[0]], arguments[1:])
        if arguments[0] == "runner":
            return _runner(arguments[1:])
        if arguments[0] == "runners":
            return _runners(arguments[1:])
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
    from tasker.cli import help, option_table, options

    try:
        reading = options.read(arguments, os.environ)
    except option_table.Misuse as misuse:
        return _misused(misuse)
    settings = reading.settings
    if settings.get("help"):
        from tasker.protocol import discovery

        return _show(help.help_text(sorted(discovery.stages())))
    if settings.get("version"):
        from tasker.cli import version

        return _show(version.text())
    if settings.get("show_config"):
        return _show_config(reading)
    if settings.get("resume"):
        from tasker.driver import resumed_run

        return resumed_run.main(settings, reading.warnings)
    from tasker.configuration import load, model
    from tasker.driver import confirmation, prefork

    if (option := confirmation.needed(settings)) and not confirmation.someone_is_there():
        return _misused(f"{option} asks, and nobody can be asked without a terminal: add --yes to run it all the same")
    try:
        settings |= load.run_settings(reading.configuration)
    except model.Misuse as misuse:
        return _misused(misuse)
    try:
        prefork.begin_run(settings)
    except prefork.Become as fork:
        words = fork.words
    else:
        from tasker.driver import run  # here, since the stages of the run need none of it, and are at work meanwhile

        return run.main(settings, reading.warnings)
    prefork.leave(main, prefork.told() if words == prefork.RUNNER else words)


def _end(status):
    """End at once: to take down what has been built up, object by object, takes 3 ms."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            pass
    os._exit(status)


def _misused(why):
    """Say why, a text or an exception; the exit code."""
    from tasker.configuration.model import Misuse
    from tasker.text.printable import printable

    for problem in why.problems if isinstance(why, Misuse) else (str(why),):
        print(f"tasker: {printable(problem)}", file=sys.stderr)
    return why.code if isinstance(why, Misuse) else 2


def _show_config(reading):
    from tasker.cli import listings

    doc = listings.configuration(reading)
    _show_either(doc, listings.configuration_text, reading.settings["output"])
    return 0 if doc["ok"] else 20  # as a run with it would end


def _show_either(doc, text, form):
    """A document as it is, or as lines for people."""
    from tasker.protocol.document import encode
    from tasker.text.printable import printable

    _show("\n".join(map(printable, text(doc))) if form == "text" else encode(doc).decode().rstrip())


def _show(text):
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes once more at its end
    return 0


def become(path, arguments):
    """Run the file of a stage in this process, with its byte code from the cache."""
    from tasker.system import resources

    sys.argv = [path, *arguments]
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(path)]
    code = resources.code(path)
    main_module = sys.modules["__main__"].__dict__
    main_module.update(__file__=path, __name__="__main__", __doc__=None)
    exec(code, main_module)
    return 0


def _runner(arguments):
    """`NAME.py` is the collection's own, whatever a configuration says: so our driver starts it."""
    from tasker.configuration import load, model
    from tasker.protocol import discovery
    from tasker.protocol.document import Problem

    try:
        given, (name, *rest) = _leading(arguments, ("--env", "--config"))
        if name.startswith("-"):  # --help
            raise ValueError("no name of a runner")
        if name.endswith(".py"):
            path = discovery.own(name)
        else:
            told = load.load(os.environ, None, given.get("--config"), given.get("--env"))
            paths, problems = load.resolve_runners({key: value for key, value in told.runners.items() if key == name})
            if problems:
                return _misused(problems[name])
            path = discovery.runner(name, paths)
    except ValueError:
        print(
            "usage: tasker runner [--env NAME] [--config FILE] NAME [--about | --lines] < request.json", file=sys.stderr
        )
        return 2
    except (Problem, model.Misuse) as problem:
        return _misused(problem)
    command = discovery.command(path)
    if path.endswith(".py") and len(command) > 2:
        return become(path, rest)
    try:
        os.execv(command[0], [*command, *rest])
    except OSError as error:
        return _misused(f"cannot start '{command[0]}': {error.strerror}")


def _leading(arguments, names):
    """({option: value}, the other arguments) of options that stand first. Raises ValueError where a value is missing,
    or nothing comes behind them."""
    given, rest = {}, list(arguments)
    while rest and rest[0].partition("=")[0] in names:
        name, equals, value = rest.pop(0).partition("=")
        value = value if equals else rest.pop(0) if rest else ""
        if not value:
            raise ValueError(f"{name} needs a value")
        given[name] = value
    if not rest:
        raise ValueError("nothing is named")
    return given, rest


def _runners(arguments):
    from tasker.cli import listings
    from tasker.configuration import load, model
    from tasker.driver import run
    from tasker.protocol.stage_process import Interrupted

    try:
        given, rest = _leading([*arguments, ""], ("--env", "--config", "--output"))
        form = given.get("--output", "text")
        if rest != [""] or form not in ("text", "json"):
            raise ValueError
        told = load.load(os.environ, None, given.get("--config"), given.get("--env"))
    except ValueError:
        print("usage: tasker runners [--env NAME] [--config FILE] [--output text|json]", file=sys.stderr)
        return 2
    except model.Misuse as misuse:
        return _misused(misuse)
    wake = run.listen_to_signals()
    try:
        doc = listings.runners(told, wake)
    except Interrupted:
        return run.SIGNALS[os.read(wake, 1)[0]]
    _show_either(doc, listings.runners_text, form)
    return 0 if doc["ok"] else 1


def _interrupt_quietly():
    """Have Ctrl-C end this process as it ends others, instead of with a traceback."""
    import signal  # here, since until we are isolated it could be anything

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _isolate():
    """Begin again without what the environment says about Python, if that has been listened to (docs/decisions/0003).

    `bin/tasker` asks for this in its first line; `python3 bin/tasker` and the script that pip makes cannot.
    """
    if not sys.flags.isolated:
        archive = getattr(
            globals()["__loader__"], "archive", ""
        )  # before we are isolated, `find` would import too much
        entry = archive or os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")
        os.execv(sys.executable, [sys.executable, "-I", "-S", entry, *sys.argv[1:]])


class _Installed:
    """The last finder: at the first import that nothing else can serve, have what is installed on the path.

    That takes 1 to 30 ms, whatever stands in .pth files, and of our stages few need it: they are started with -S.
    """

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if path is not None or cls not in sys.meta_path:
            return None
        import site
        from importlib.util import find_spec

        sys.meta_path.remove(cls)
        site.main()
        return find_spec(name)


def _undo_coercion():
    """In the C locale Python puts LC_CTYPE into its environment (PEP 538). Commands are to see that of their caller."""
    if os.environ.get("LC_CTYPE") not in ("C.UTF-8", "C.utf8", "UTF-8"):
        return
    try:
        with open("/proc/self/environ", "rb") as file:
            given = [entry[9:] for entry in file.read().split(b"\0") if entry.startswith(b"LC_CTYPE=")]
    except OSError:
        return
    if given:
        os.environb[b"LC_CTYPE"] = given[0]
    else:
        del os.environ["LC_CTYPE"]


def _open_standard_descriptors():
    """A descriptor that came closed would be given to the next file that is opened, and take its text."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
