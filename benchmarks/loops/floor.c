/* What the kernel takes: vfork, exec of a path that was looked up before, wait. No pipes, nothing is read.
 * floor COUNT AT_ONCE COMMAND: the output of the command goes to ours. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int count, char **words)
{
	int left = atoi(words[1]), at_once = atoi(words[2]), running = 0, status;
	(void)count;
	while (left || running) {
		pid_t child;
		while (left && running < at_once) {
			if (posix_spawn(&child, words[3], 0, 0, words + 3, environ))
				return 1;
			left--, running++;
		}
		if (wait(&status) < 0 || status)
			return 1;
		running--;
	}
	return 0;
}
