"""exec=openssh: the system's `ssh`, one shared connection a host.

request.py          what the runner makes of a request; ssh_options.py: its options as arguments of ssh
executor.py         runs the commands: executor of the seam in execution/executor.py
connection_pool.py  connections to one host, and the commands that wait for them
masters.py          processes of ssh that are these connections; watchdog.py ends them if we are killed
key_exchange.py     which key exchange ssh shall prefer
session.py          the session of one command on a connection; mux.py: OpenSSH's protocol for that
command.py          one command and its result; remote_script.py: what the host runs; ssh_errors.py: messages of ssh
"""
