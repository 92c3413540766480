"""The exec type `ssh2`: commands on remote hosts over connections made with libssh2 (docs/ssh.md, "ssh2").

It has no thread for a connection or a command: abilities.py says what libssh2 cannot do for a target, and such commands
go over `ssh`; set_up.py and login.py make a connection; transport.py turns what happens on it, in the event loop;
channel.py runs commands; closing_line.py has each report its own exit status.
"""
