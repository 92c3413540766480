"""The files of a run (journal, log, summary), as an argument: a simulated world brings a disk that loses what was not
synced, or that is full.

All methods raise OSError; those that write, with the path.
"""

import fcntl
import os

from tasker.system import private_files


class Disk:
    """The disk of this machine. Files are named by descriptors, as in `os`."""

    __slots__ = ()

    # (folder, name, ending, data=b"") -> (path, descriptor) of a new file, under another name where that is taken
    create = staticmethod(private_files.create_private)
    # (path, flags) -> descriptor of a file that only its owner can have put there
    open_own = staticmethod(private_files.open_own)
    # (descriptor, data, path): all of the data
    write = staticmethod(private_files.write_all)
    open = staticmethod(os.open)
    close = staticmethod(os.close)
    read_at = staticmethod(os.pread)
    truncate = staticmethod(os.ftruncate)
    status = staticmethod(os.fstat)
    set_mode = staticmethod(os.fchmod)
    sync = staticmethod(os.fdatasync)
    lock = staticmethod(fcntl.flock)

    def sync_folder(self, path: str) -> None:
        """Bring the entries of a folder to the disk: without it, a new file can be gone after a crash."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        finally:
            os.close(descriptor)


DISK = Disk()
