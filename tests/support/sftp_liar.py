"""An SFTP server that says what a test wants of it: the names in the one folder that it has.

usage: sftp_liar.py ENTRIES, a list in JSON of [name, kind, where a link leads]; kind: file, folder, link or device.
"""

import json
import os
import struct
import sys

MODES = {"file": 0o100644, "folder": 0o040755, "link": 0o120777, "device": 0o020666}
ENTRIES = json.loads(sys.argv[1])


def take(count):
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            sys.exit(0)
        data += piece
    return data


def text(data):
    return struct.pack(">I", len(data)) + data


def answer(kind, number, body):
    os.write(1, struct.pack(">IBI", 5 + len(body), kind, number) + body)


def attributes(kind, size=3):
    return struct.pack(">IQI", 0x5, size, MODES[kind])


listed = False
length, _, _ = struct.unpack(">IBI", take(9))
os.write(1, struct.pack(">IBI", 5, 2, 3))
while True:
    length, kind, number = struct.unpack(">IBI", take(9))
    body = take(length - 5)
    name = body[4:] if len(body) >= 4 else b""
    if kind in (7, 17):  # LSTAT, STAT
        answer(105, number, attributes("folder"))
    elif kind == 11:  # OPENDIR
        listed = False
        answer(102, number, text(b"h"))
    elif kind == 12 and not listed:  # READDIR
        listed = True
        many = b"".join(text(one[0].encode("latin-1")) + text(b"") + attributes(one[1]) for one in ENTRIES)
        answer(104, number, struct.pack(">I", len(ENTRIES)) + many)
    elif kind == 19:  # READLINK
        asked = name.rpartition(b"/")[2].decode("latin-1")
        leads = next(one[2] for one in ENTRIES if one[:2] == [asked, "link"])
        answer(104, number, struct.pack(">I", 1) + text(leads.encode()) + text(b"") + struct.pack(">I", 0))
    elif kind == 3:  # OPEN
        answer(102, number, text(b"h"))
    elif kind == 8:  # FSTAT
        answer(105, number, attributes("file"))
    elif kind == 5:  # READ
        answer(103, number, text(b"abc"))
    else:
        answer(101, number, struct.pack(">I", 1 if kind == 12 else 0) + text(b"") + text(b""))
