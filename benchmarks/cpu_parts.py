"""CPU and memory of processes by what they are, read from /proc while they live."""

import os
import threading
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGESIZE")
PAUSE = 0.05  # seconds between two looks: what a process uses after the last one is not seen


def _stat(path):
    """(parent, CPU seconds, those of children that have ended, bytes of memory) of a process or thread."""
    fields = Path(path).read_text().rpartition(") ")[2].split()
    own, ended = (sum(map(int, fields[place : place + 2])) / TICK for place in (11, 13))
    return int(fields[1]), own, ended, int(fields[21]) * PAGE


class Watch(threading.Thread):
    """cpu: pid -> seconds; main: pid -> those of its first thread; ended: pid -> those of children that have ended;
    peak: pid -> bytes; words: pid -> command line; parents: pid -> the first one."""

    def __init__(self):
        super().__init__(daemon=True)
        self.cpu, self.main, self.ended = {}, {}, {}
        self.peak, self.words, self.parents = {}, {}, {}
        self._is_over = threading.Event()
        self.start()

    def run(self):
        while not self._is_over.wait(PAUSE):
            for name in filter(str.isdigit, os.listdir("/proc")):
                if int(name) != os.getpid():
                    self._look(int(name))

    def _look(self, pid):
        try:
            parent, self.cpu[pid], self.ended[pid], memory = _stat(f"/proc/{pid}/stat")
            self.main[pid] = _stat(f"/proc/{pid}/task/{pid}/stat")[1]
            self.parents.setdefault(pid, parent)
            self.peak[pid] = max(self.peak.get(pid, 0), memory)
            if words := Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0"):
                self.words[pid] = words.replace(b"\0", b" ").decode(errors="replace")
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

    def add(part, seconds, memory=0):
        cpu, size = found.get(part, (0.0, 0))
        found[part] = cpu + seconds, size + memory

    for pid, seconds in watch.cpu.items():
        words, memory = watch.words.get(pid, ""), watch.peak.get(pid, 0)
        if watch.below(pid, driver):
            if pid in fleets:
                add("here: runner: its loop", watch.main.get(pid, 0.0), memory)
                add("here: runner: threads of execnet", max(0.0, seconds - watch.main.get(pid, 0.0)))
            elif words.startswith("ssh "):
                add("here: ssh clients", seconds, memory)
            else:
                add("here: " + ("driver" if pid == driver else "flow and other stages"), seconds, memory)
        elif any(watch.below(pid, server) for server in gateways):
            if "fleet.keeper" in words or "runner openssh.py" in words:
                add("gateways: " + ("keepers" if "fleet.keeper" in words else "leaves"), seconds, memory)
            else:
                add("gateways: " + ("sshd" if "sshd" in words else "relays, with execnet"), seconds, memory)
    return dict(sorted(found.items(), reverse=True))


def cpu_of_gateways(watch, gateways):
    """CPU seconds of all that gateways did. gateways: pids of their sshds, which have started nothing else."""
    seconds = 0.0
    for server in gateways:
        below = [pid for pid in watch.cpu if watch.below(pid, server)]
        leaves = [pid for pid in below if ".py --lines" in watch.words.get(pid, "")]
        seconds += sum(watch.cpu[pid] for pid in below if not any(watch.below(pid, leaf) for leaf in leaves))
        for leaf in leaves:  # a client may live too short to be seen, and one that lives was not waited for
            clients = sum(watch.cpu[pid] for pid in below if pid != leaf and watch.below(pid, leaf))
            seconds += watch.cpu[leaf] + max(watch.ended.get(leaf, 0.0), clients)
    return seconds
