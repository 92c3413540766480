"""Commands as another user, through `sudo` (docs/howto/sudo.md).

settings   what a request asks for: the user, where the password is, without our script or with it
script     the words that are started instead of the command: `sudo` and, as the other user, a small script
dialogue   what `sudo` says before the command starts: its prompt, its refusal, the sign that the command starts
starting   from a request to an attempt, and the answer where that user cannot be had
copying    a copy: the SFTP server, and its commands, as that user; `sudo_here` the same on this machine

The script runs as the other user, so it can end what we may not. It does so when its stdin ends: at a timeout, a
cancel, the death of the runner, a lost connection.
"""
