"""Copies of files: `put=` and `get=` (docs/language.md, docs/PROTOCOL.md).

specification.py reads what a request asks for; copier.py does it between two trees of files: local_tree.py is this
machine, sftp_tree.py a host that offers SFTP (sftp_client.py). here.py is the program that exec=local starts;
hashing.py is the digest of what is copied; safe_way.py says where a copy as another user may go.
"""
