"""`python -m tasker`, and how the driver starts stages: `python -I -S …/tasker/__main__.py STAGE`.

An isolated interpreter has neither this file's folder nor the user's site on its path, so the path of the library is
set here (docs/decisions/0003).
"""

import _signal  # type: ignore[import-not-found]  # typeshed has no stub; part of the interpreter: no file is read for it

# Python's handler raises KeyboardInterrupt; inside of an import that can be ignored, and the run would continue
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import os
import sys

if not __package__:
    # in this file's own folder, modules of ours would hide standard ones
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))]
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from tasker.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
