"""The exec type `ssh`: commands on other hosts over connections of our own, made with paramiko (docs/ssh.md).

sessions.py is the loop that a runner turns; links.py keeps the connections; conversation.py speaks with a far side.
"""
