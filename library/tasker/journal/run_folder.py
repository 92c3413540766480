"""The folders of runs: making, finding and trusting them."""

import os
import time

from tasker.system.private_files import folder


def new_run(base):
    """(run id, its folder): a new folder under runs/, with `output` in it."""
    runs = folder(base, "runs")
    while True:
        identity = f"{time.strftime('%Y%m%d_%H%M%S')}_{os.urandom(3).hex()}"
        path = os.path.join(runs, identity)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        os.chmod(path, 0o700)  # whatever the umask
        folder(path, "output")
        return identity, path
