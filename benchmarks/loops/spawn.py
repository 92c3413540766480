"""The least that has to be done: posix_spawn, two pipes, poll, waitpid. spawn.py COUNT AT_ONCE COMMAND..."""

import os
import select
import sys


def spawn_all(count, at_once, command):
    poll, left, running = select.poll(), count, {}
    while left or running:
        while left and len(running) <= 2 * at_once - 2:
            pipes = [os.pipe(), os.pipe()]
            actions = [(os.POSIX_SPAWN_DUP2, write, end) for end, (_, write) in enumerate(pipes, 1)]
            pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
            ends = [read for read, _ in pipes]
            for read, write in pipes:
                os.close(write)
                poll.register(read, select.POLLIN)
                running[read] = pid, ends
            left -= 1
        for read, _ in poll.poll():
            if os.read(read, 1 << 16):
                continue
            poll.unregister(read)
            os.close(read)
            pid, ends = running.pop(read)
            ends.remove(read)
            if not ends and os.waitpid(pid, 0)[1]:
                raise SystemExit(1)


spawn_all(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
