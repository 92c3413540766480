"""Inventories: files and programs that know hosts, groups and variables (docs/howto/inventories.md).

source.py         what one source knows, and the variables of a host by Ansible's precedence
ansible_ini.py    Ansible's INI form; host_ranges.py: its ranges
ansible_tree.py   Ansible's YAML form, and group_vars and host_vars, with the library PyYAML
ansible_list.py   the answer of an executable inventory to `--list`; program.py starts it
plain_files.py    ssh_config, /etc/hosts, lists of hosts
reading.py        which form a source has, and opening it
inventories.py    all sources of a run together
recorded.py       what the sources gave to a run, for --record, and sources made of that, for --replay
facts.py          what a host's variables mean for a task: runner options, values, and what cannot be honoured
"""
