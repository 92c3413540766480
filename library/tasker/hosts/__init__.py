"""Check the hosts of a workflow: do their names resolve, do they answer, can the runners log in?

Parts of validators/hosts.py: usage.py reads the names, resolver.py resolves them, reachability.py pings (icmp.py, or
tcp.py where ICMP is not allowed), connection.py runs connection tests, runner_needs.py asks runners what they lack.
"""
