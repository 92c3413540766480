"""Where tasks run: which hosts a workflow uses, whether their names resolve, whether they answer.

The parts of validators/hosts.py: `uses` reads the names, `resolve` asks the system's resolver, `reach` pings
(`icmp`, or `tcp` where that is not allowed), `connection` asks the runners.
"""
