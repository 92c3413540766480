"""The runner `fleet`: other runners, on gateways (docs/howto/several-jump-hosts.md, docs/decisions/0058).

runner.py    what it says about itself, and what it makes of a request
executor.py  which gateway gets a request, when, and what its result is when the gateway is lost
link.py      one gateway: connects, greets, notices silence, connects again
start_record.py  whether the runner on a gateway can start anything
carrier.py   the bytes of a link, over execnet; relay.py: its other end, which execnet executes on the gateway
execnet_bounds.py  bounds on what a gateway sends, which execnet has not
keeper.py    the process on the gateway that outlives its link: starts the runner there, keeps results
mailbox.py   both ends: each line arrives once and in order, over as many connections as it takes
gateway_list.py  the gateways of a configuration, and what each answers: `tasker gateways`
program.py   TASKER as one file, which is sent to gateways
"""
