"""`python -m tasker`, and how the driver starts stages: `python -I -S …/tasker/__main__.py STAGE`.

An isolated interpreter has neither this file's folder nor the user's site on its path, so the path of the library is
set here (docs/decisions/0003).
"""

import os
import sys

if not __package__:
    # in this file's own folder, modules of ours would hide standard ones
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))]
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tasker.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
