#!/usr/bin/env python3
"""Write what ansible-inventory says about the inventories in tests/data/inventories, next to each.

    tools/keep_inventories.py /path/to/ansible-inventory

tests/inventory/test_as_ansible.py compares our readers with it. ansible-core is too large to be installed for every
check (it brings cryptography), and its answers change as rarely as the inventories here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "tests/data/inventories"


def answer(program: str, source: Path) -> dict:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_LOCALHOST_WARNING": "false"}
    words = [program, "-i", str(source), "--list"]
    done = subprocess.run(words, env=environment, capture_output=True, check=True, text=True, stdin=subprocess.DEVNULL)
    found: dict = json.loads(done.stdout)
    found["_meta"].pop("profile", None)
    return found


if __name__ == "__main__":
    for path in sorted([*DATA.glob("*/*.ini"), *DATA.glob("*/hosts.yml")]):
        kept = path.with_name(f"{path.name}.answer.json")
        kept.write_text(json.dumps(answer(sys.argv[1], path), indent=1, sort_keys=True) + "\n")
        print(f"wrote {kept.relative_to(DATA)}")
