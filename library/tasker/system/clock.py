"""The clocks of this machine, as an argument: a simulated world brings its own."""

import time


class Clock:
    """All times are seconds."""

    __slots__ = ()

    monotonic = staticmethod(time.monotonic)  # for deadlines: nothing sets it
    wall = staticmethod(time.time)  # since 1970
    sleep = staticmethod(time.sleep)

    def since_boot(self) -> float:
        """Since the machine started, with the time that it was suspended."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def local(self, form: str) -> str:
        """The local time now, in a form of strftime."""
        return time.strftime(form, time.localtime(self.wall()))


CLOCK = Clock()
