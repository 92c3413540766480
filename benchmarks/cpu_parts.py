"""CPU and memory of processes by what they are, read from /proc while they live."""

import os
import threading
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGESIZE")
PAUSE = 0.05  # seconds between two looks: what a process uses after the last one is not seen


def _stat(path):
    """(parent, CPU seconds, bytes of memory) of a process or thread."""
    fields = Path(path).read_text().rpartition(") ")[2].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * PAGE


class Watch(threading.Thread):
    """cpu: (pid, thread) -> seconds; peak: pid -> bytes; words: pid -> command line; parents: pid -> the first one."""

    def __init__(self):
        super().__init__(daemon=True)
        self.cpu, self.peak, self.words, self.parents = {}, {}, {}, {}
        self._is_over = threading.Event()
        self.start()

    def run(self):
        while not self._is_over.wait(PAUSE):
            for name in filter(str.isdigit, os.listdir("/proc")):
                if int(name) != os.getpid():
                    self._look(int(name))

    def _look(self, pid):
        try:
            parent, _, memory = _stat(f"/proc/{pid}/stat")
            self.parents.setdefault(pid, parent)
            self.peak[pid] = max(self.peak.get(pid, 0), memory)
            if words := Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0"):
                self.words[pid] = words.replace(b"\0", b" ").decode(errors="replace")
            for thread in os.listdir(f"/proc/{pid}/task"):
                self.cpu[pid, int(thread)] = _stat(f"/proc/{pid}/task/{thread}/stat")[1]
        except (OSError, IndexError):  # it has ended
            pass

    def stop(self):
        time.sleep(PAUSE * 2)
        self._is_over.set()
        self.join()

    def below(self, pid, top):
        """Was this process started by that one, or by what that one has started?"""
        while pid not in (top, 0, None):
            pid = self.parents.get(pid)
        return pid == top


def parts_of_run(watch, driver, gateways):
    """Part -> (CPU seconds, bytes at the most). driver: its pid. gateways: pids of their sshds."""
    fleets = {watch.parents[pid] for pid, words in watch.words.items() if words.startswith("ssh ")}
    found = {}
    for (pid, thread), seconds in watch.cpu.items():
        words = watch.words.get(pid, "")
        if watch.below(pid, driver):
            main = "runner: its loop" if pid == thread else "runner: threads of execnet"
            own = "driver" if pid == driver else "flow and other stages"
            part = "here: " + ("ssh clients" if words.startswith("ssh ") else main if pid in fleets else own)
        elif not any(watch.below(pid, server) for server in gateways):
            continue
        elif "fleet.keeper" in words or "runner openssh.py" in words:
            part = "gateways: " + ("keepers" if "fleet.keeper" in words else "leaves")
        else:
            part = "gateways: " + ("sshd" if "sshd" in words else "relays, with execnet")
        cpu, memory = found.get(part, (0.0, 0))
        found[part] = cpu + seconds, memory + (watch.peak[pid] if pid == thread else 0)
    return dict(sorted(found.items(), reverse=True))
