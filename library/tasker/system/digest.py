"""`sha256` of bytes, as hashlib gives it, without the 4 ms that it takes to load OpenSSL."""

import sys

try:
    if sys.version_info < (3, 12):
        from _sha256 import sha256  # type: ignore[import-not-found]  # until 3.11
    else:
        from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]  # from 3.12 on
except ImportError:  # a Python that was built without its own
    from hashlib import sha256

__all__ = ["sha256"]
