"""The exec type `ssh`: commands on remote hosts over connections made with paramiko (docs/ssh.md).

executor.py starts commands; command_state.py follows each one; connections.py keeps the connections; transport.py and
login.py set them up; channel.py runs a command on one, in a thread.
"""
