"""Start and end of the process: isolation, descriptors, late site-packages, becoming a stage, quick exit."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import NoReturn

# objects before the collector looks for cycles: there are few here, and an import alone makes the usual 700
GC_THRESHOLD = 20_000
BUNDLED = ("ClusterShell", "jinja2", "markupsafe", "rich", "tenacity")  # of tools/zipapp-requirements.txt


def prepare_process(arguments: list[str] | None) -> list[str]:
    """Put right what the caller left open or set for Python; the arguments, without any those of the program."""
    gc.set_threshold(GC_THRESHOLD)
    open_standard_descriptors()
    undo_coercion()
    if sys.flags.no_site and InstalledFinder not in sys.meta_path:
        sys.meta_path.append(InstalledFinder)
    if not _archive():
        from tasker.system import own_modules  # here: what is found in a file needs none of it

        own_modules.install()
    if BundledFinder not in sys.meta_path and _archive():
        sys.meta_path.insert(0, BundledFinder)
    if arguments is None:
        isolate()
        arguments = sys.argv[1:]
    interrupt_quietly()
    return arguments


def run_as_stage(path: str, arguments: Sequence[str]) -> int:
    """Run the file of a stage in this process, with its byte code from the cache."""
    from tasker.system import resources
    from tasker.system.signal_calls import signal

    if "--lines" in arguments or signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        from tasker.system.signals import ignore_as_stage  # here: few stages are started like this

        ignore_as_stage("--lines" in arguments)
    sys.argv = [path, *arguments]
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(path)]
    code = resources.compiled_program(path)
    main_module = sys.modules["__main__"].__dict__
    main_module.update(__file__=path, __name__="__main__", __doc__=None)
    exec(code, main_module)
    return 0


def end_process(status: int) -> NoReturn:
    """End at once: to free all objects one by one takes 3 ms."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):  # its reader has gone
            pass
    os._exit(status)


def interrupt_quietly() -> None:
    """Have Ctrl-C end this process as it ends others, instead of with a traceback."""
    from tasker.system.signal_calls import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def isolate() -> None:
    """Start again without the variables that change Python, if they had an effect (docs/decisions/0003).

    `bin/tasker` asks for this in its first line; `python3 bin/tasker` and the script that pip makes cannot. To start
    Python twice would take 15 ms, so where nothing has had an effect only the folder of the script is taken away.
    """
    if not sys.flags.isolated:
        if is_untouched():
            folder = os.path.dirname(os.path.realpath(sys.argv[0]))
            sys.path[:] = [entry for entry in sys.path if entry != folder]
            return
        entry = _archive() or os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")
        os.execv(sys.executable, [sys.executable, "-I", "-S", entry, *sys.argv[1:]])


def is_untouched() -> bool:
    """Was Python started with a script alone: no option, no variable for it, no site of the user, no thread of others?
    What stands in .pth files of the installation counts as well where stages import a library."""
    site = sys.modules.get("site")
    return (
        sys.orig_argv[1:2] == sys.argv[:1]
        and not any(name.startswith("PYTHON") for name in os.environ)
        and getattr(site, "USER_SITE", None) not in sys.path
        and "usercustomize" not in sys.modules
        and len(os.listdir("/proc/self/task")) == 1
    )


def _archive() -> str:
    """The single file, or "". As in system/resources.py, which would import too much before we are isolated."""
    archive: str = getattr(globals()["__loader__"], "archive", "")
    return archive


class BundledFinder:
    """The first finder in the single file: the libraries that come with it, before any that are installed."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in BUNDLED:
            return None
        from tasker.system import bundled

        return bundled.find_spec(name)


class InstalledFinder:
    """The last finder: at the first import that nothing else can serve, have what is installed on the path.

    That takes 1 to 30 ms, whatever stands in .pth files, and of our stages few need it: they are started with -S.
    """

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or cls not in sys.meta_path:
            return None
        from importlib.util import find_spec

        cls.add_installed()
        return find_spec(name)

    @classmethod
    def add_installed(cls) -> None:
        """Have what is installed on the path now, if it is not there yet."""
        if cls in sys.meta_path:
            import site

            sys.meta_path.remove(cls)
            site.main()


def undo_coercion() -> None:
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


def open_standard_descriptors() -> None:
    """A descriptor that came closed would be given to the next file that is opened, and take its text."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
