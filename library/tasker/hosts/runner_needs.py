"""What the runners of a workflow need: a host or not, a port, a program that is missing (`about` of each)."""

from __future__ import annotations

from tasker.protocol.discovery import known_about

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.protocol.discovery import Served
    from tasker.protocol.runner_greetings import RunnerGreetings
    from tasker.protocol.types import About, KnownAbout

WORDS_ALONE = ["{words}"]  # the template of a runner that starts what the task says: it can lack nothing
PORT = 22  # for a runner that names no port: nearly every host answers there, if only to refuse


class RunnerNeeds:
    """A `with` block in which those runners are started whose `about` is needed and not known.

    exec_types: those whose `missing` is needed. used: those whose `host` and `port` are needed.
    given: exec type -> `about`, from earlier stages. mapped: see discovery.find_runner.
    """

    def __init__(
        self,
        exec_types: Iterable[str],
        used: Iterable[str] = (),
        given: Mapping[str, About] | None = None,
        mapped: Mapping[str, Served] | None = None,
    ) -> None:
        # documents of others may hold anything: a value is checked where it is read
        self.said: dict[str, About] = {kind: about for kind, about in (given or {}).items() if isinstance(about, dict)}
        self._known: dict[str, KnownAbout] = {}
        complete, asked = set(exec_types), []
        for kind in sorted({*complete, *used}):
            if (known := known_about(kind, mapped)) is not None:
                self._known[kind] = known
            if kind in self.said:
                continue
            if known is None or (kind in complete and known.get("argv") != WORDS_ALONE):
                asked.append(kind)
        self._greetings: RunnerGreetings | None = None
        if asked:
            from tasker.protocol.runner_greetings import RunnerGreetings  # here: a run of local tasks asks none

            self._greetings = RunnerGreetings(asked, mapped)

    def __enter__(self) -> RunnerNeeds:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._greetings is not None:
            self._greetings.__exit__(*exception)

    def about(self, exec_type: str) -> KnownAbout:
        """What is known of a runner; {} if nothing. Waits for its greeting if it was started and nothing is known."""
        if exec_type not in self._known and exec_type not in self.said and self._greetings is not None:
            self.said |= self._greetings.read([exec_type])
        return {**self._known.get(exec_type, {}), **self.said.get(exec_type, {})}

    def runs_here(self, exec_type: str) -> bool:
        """Do its commands run on this machine, whatever the host?"""
        return self.about(exec_type).get("host") == "none"

    def resolves(self, exec_type: str) -> bool:
        """Are its hosts names of the network? Those of a container or a pod are not."""
        return self.about(exec_type).get("resolve") is not False

    def port(self, exec_type: str) -> int:
        """The port that its hosts listen on."""
        port = self.about(exec_type).get("port")
        return port if type(port) is int and 0 < port < 65536 else PORT

    def missing(self) -> dict[str, str]:
        """Exec type -> what its runner lacks, in words. Reads the greetings that are left; `said` is complete then."""
        if self._greetings is not None:
            self.said |= self._greetings.read()
        texts = {kind: about.get("missing") for kind, about in self.said.items()}
        return {kind: text for kind, text in texts.items() if isinstance(text, str) and text}
