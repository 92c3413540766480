"""`--output-json=PATH`: the summary document of a call in a file."""

from __future__ import annotations

import os


def write(path: str, data: bytes) -> str:
    """Put the document into this file, in one step; why it could not be done, or ""."""
    made = f"{path}.tasker.{os.getpid()}"
    try:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(data.rstrip(b"\n") + b"\n")
            os.rename(made, path)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        return f"cannot write '{path}': {(error.strerror or str(error)).lower()}"
    return ""
