"""Answers to the questions of a run (`type=approval`): who may answer, from where, and which answers count.

question.py, answer.py and rules.py are pure. who.py: who is at the other end of a socket. door.py: the socket of a
driver that waits; client.py: its other end. signing.py: answers signed with ssh-keygen. left_answers.py: answers that
wait next to the journal of a run that no driver has. Nothing here is imported by a run without an approval.
"""
