"""Streams that something in the workflow uses by their path: each is a file in output/, however short it is.

A runner puts what is over 64 KiB, or not UTF-8, there itself. The rest is written here, before the result is recorded,
and synced, so that a result never names a file that could be lost.
"""

from __future__ import annotations

import os

from tasker.system.private_files import create_private, plain_name, sync_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Request, Result


def with_kept_streams(folder: str, request: Request, result: Result) -> Result:
    """A result that names a file for each stream in `keep`, if the stream is whole. folder: output/ of the run.

    Where a file cannot be written, the result says so as that of a runner does: `lost` and `storage`.
    """
    made = result.copy()
    for stream in request.get("keep", ()):
        text = result.get(stream)
        is_whole = isinstance(text, str) and not (result.get(f"{stream}_cut") or result.get(f"{stream}_escaped"))
        if f"{stream}_file" in result or not isinstance(text, str) or not is_whole:
            continue
        try:
            name = _keep(folder, f"{request.get('id')}", stream, text)
            if stream == "stdout":
                made["stdout_file"] = name
            else:
                made["stderr_file"] = name
        except OSError as error:
            made["lost"], made["storage"] = f"cannot keep {stream}: {(error.strerror or str(error)).lower()}", True
            made.setdefault("reason", made["lost"])
    return made


def _keep(folder: str, identity: str, stream: str, text: str) -> str:
    """The name of a new file with this text."""
    path, descriptor = create_private(folder, plain_name(identity), f".{stream}", text.encode("utf-8", "surrogatepass"))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(folder)
    return os.path.basename(path)
