"""The libraries in the single file (docs/decisions/0052): imported out of it, and nothing is unpacked.

Each is two entries of the file: its wheel, and the byte code of all its modules. The entries of each module by itself
would be read at every start, by those who need no library too.
"""

from __future__ import annotations

import os

from tasker.system.resources import ARCHIVE, LOADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    _Modules = dict[str, tuple[bool, bytes]]  # name -> (is it a package?, its byte code or source)
else:
    Loader = object

FOLDER = "libraries"  # in the single file
_libraries: dict[str, Library] = {}


def find_spec(name: str) -> ModuleSpec | None:
    """What import needs for a module of a library in the single file; None where the file does not have it."""
    from importlib.machinery import ModuleSpec

    top = name.partition(".")[0]
    if top not in _libraries:
        _libraries[top] = Library(top)
    library = _libraries[top]
    if name not in library.modules:
        return None
    is_package = library.modules[name][0]
    spec = ModuleSpec(name, library, origin=library.path(name), is_package=is_package)
    spec.has_location = True  # the module gets a __file__
    return spec


def bundled_versions() -> dict[str, str]:
    """Name in small letters -> version of the libraries in the single file."""
    try:
        lines = _read("versions").decode().splitlines()
    except OSError:  # no single file, or one without libraries
        return {}
    return {line.split()[0].lower(): line.split()[1] for line in lines}


def _read(name: str) -> bytes:
    """Raises OSError."""
    if not ARCHIVE:
        raise FileNotFoundError(name)
    data: bytes = LOADER.get_data(os.path.join(ARCHIVE, FOLDER, name))
    return data


class Library(Loader):
    """The loader of all modules of a library; there are none if the single file does not have it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.modules: _Modules = {}
        self._compiled = False
        try:
            packed = _read(f"{name}.code")
        except OSError:
            packed = b""
        from importlib.util import MAGIC_NUMBER

        if packed.startswith(MAGIC_NUMBER):
            import marshal

            self.modules, self._compiled = marshal.loads(packed[len(MAGIC_NUMBER) :]), True
        else:
            self.modules = self._sources()

    def _sources(self) -> _Modules:
        """From the wheel: for another Python than the one that made the file."""
        try:
            packed = _read(f"{self._name}.zip")
        except OSError:
            return {}
        import io
        import zipfile

        made: _Modules = {}
        with zipfile.ZipFile(io.BytesIO(packed)) as wheel:
            for file in wheel.namelist():
                if file.startswith(f"{self._name}/") and file.endswith(".py"):
                    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                    made[module] = (file.endswith("/__init__.py"), wheel.read(file))
        return made

    def path(self, name: str) -> str:
        """Where the source of a module is, for tracebacks and its __file__."""
        inside = name.replace(".", "/") + ("/__init__.py" if self.modules[name][0] else ".py")
        return os.path.join(ARCHIVE, FOLDER, f"{self._name}.zip", inside)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """None: the usual kind of module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code(module.__name__), module.__dict__)

    def _code(self, name: str) -> CodeType:
        data = self.modules[name][1]
        if not self._compiled:
            source: CodeType = compile(data, self.path(name), "exec", dont_inherit=True)
            return source
        import marshal

        code: CodeType = marshal.loads(data)
        return code

    def get_source(self, name: str) -> str:
        """For the lines of a traceback."""
        return self._sources()[name][1].decode()
