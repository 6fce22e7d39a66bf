/*
 * record - run hardware-breakpoint scripts against the running kernel.
 *
 * Reads scripts from standard input:
 *
 *   script id=P-0001 suite=P seed=1 kind=random after=dr title=...
 *   spawn task=t0
 *   poke task=t0 reg=0 val=0x10000000
 *   ...
 *   end
 *
 * and writes one JSON line per script.  Every script runs in a process of its
 * own, so nothing (tasks, descriptors, breakpoint slots) outlives it.  Debug
 * registers are shared by everybody on the machine: one recorder runs at a
 * time, a second one waits.  README.md describes the ops and the output.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rec.h"

#define SCRIPT_TIMEOUT_MS 30000
#define MAX_LINES 4096
#define LOCK_NAME "hwbp-recorder"
#define LOCK_POLL_US 20000
#define EXIT_IN_USE 3

unsigned after_mask;

void die(const char *what)
{
	fprintf(stderr, "record: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* ------------------------------------------------------------- arguments */

const char *arg_str(const struct args *a, const char *key, const char *def)
{
	for (int i = 0; i < a->n; i++)
		if (!strcmp(a->key[i], key))
			return a->val[i];
	return def;
}

bool arg_has(const struct args *a, const char *key)
{
	return arg_str(a, key, NULL) != NULL;
}

uint64_t arg_u64(const struct args *a, const char *key, uint64_t def)
{
	const char *s = arg_str(a, key, NULL);

	return s ? addr_value(s) : def;
}

static const char *split(char *line, struct args *a)
{
	char *save, *op = strtok_r(line, " \t\n", &save);

	a->n = 0;
	for (char *t; op && *op != '#' && (t = strtok_r(NULL, " \t\n", &save));) {
		char *eq = strchr(t, '=');
		if (!eq || a->n == MAX_ARGS) {
			fprintf(stderr, "record: %s '%s' of op %s\n",
				eq ? "too many arguments from" : "no value in", t, op);
			_exit(2);
		}
		*eq = 0;
		a->key[a->n] = t;
		a->val[a->n++] = eq + 1;
	}
	return op;
}

/* -------------------------------------------------------------- identity */

bool become(const char *as)
{
	if (!as || strcmp(as, "nobody"))
		return false;
	if (setresgid(NOBODY, NOBODY, 0) || setresuid(NOBODY, NOBODY, 0))
		die("setresuid");
	return true;
}

void restore(void)
{
	int saved = errno;

	if (setresuid(0, 0, 0) || setresgid(0, 0, 0))
		die("restore uid");
	errno = saved;
}

/* --------------------------------------------------------------- scripts */

static bool run_op(const char *name, const struct args *a)
{
	static const struct op *const tables[] = { task_ops, debugreg_ops, access_ops, perf_ops };

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct op *op = tables[t]; op->name; op++) {
			if (strcmp(op->name, name))
				continue;
			size_t mark = j_mark();
			j_open(NULL, '{');
			j_str("op", name);
			if (!op->fn(a)) {	/* left out: nothing to act on */
				j_back(mark);
				return true;
			}
			j_open("after", '{');
			if (after_mask & AFTER_DR)
				tasks_after();
			if (after_mask & AFTER_FREE)
				perf_after_free();
			if (after_mask & AFTER_COUNT)
				perf_after_count();
			j_close('}');
			j_close('}');
			return true;
		}
	}
	fprintf(stderr, "record: unknown op '%s'\n", name);
	return false;
}

/* The recorder itself ("self") stays on one CPU, away from the tasks' CPU 0. */
static void pin_self(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity: two CPUs are needed");
}

/* One recorder at a time: an abstract socket's name, held until it is closed. */
static void take_lock(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + sizeof(LOCK_NAME);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(name.sun_path + 1, LOCK_NAME, sizeof(LOCK_NAME) - 1);
	if (fd < 0)
		die("lock");
	while (bind(fd, (struct sockaddr *)&name, len)) {
		if (errno != EADDRINUSE)
			die("lock");
		usleep(LOCK_POLL_US);
	}
}

/* A process that keeps a CPU busy until the recorder is gone. */
static void keep_busy(int cpu)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_self(cpu);
	for (volatile unsigned long n = 0;; n++)
		;
}

static void run_script(char **lines, int n, const char *worker)
{
	struct args a;

	split(lines[0], &a);
	const char *after = arg_str(&a, "after", "");
	after_mask = (strstr(after, "dr") ? AFTER_DR : 0) |
		     (strstr(after, "free") ? AFTER_FREE : 0) |
		     (strstr(after, "count") ? AFTER_COUNT : 0);
	pin_self(1);
	tasks_init(worker);
	perf_init();
	if (!perf_registers_free())
		_exit(EXIT_IN_USE);

	j_open(NULL, '{');
	j_str("suite", arg_str(&a, "suite", "?"));
	j_str("id", arg_str(&a, "id", "?"));
	j_open("setup", '{');
	for (int i = 0; i < a.n; i++)
		if (strcmp(a.key[i], "suite") && strcmp(a.key[i], "id")) {
			if (!strcmp(a.key[i], "seed")) {
				j_int("seed", atoll(a.val[i]));
				continue;
			}
			for (char *p = a.val[i]; *p; p++)
				if (*p == '_' && !strcmp(a.key[i], "title"))
					*p = ' ';
			j_str(a.key[i], a.val[i]);
		}
	j_close('}');
	j_open("steps", '[');
	for (int i = 1; i < n; i++) {
		const char *op = split(lines[i], &a);
		if (op && *op != '#' && !run_op(op, &a))
			_exit(2);
	}
	j_close(']');
	j_close('}');
	tasks_end();
	j_flush();
	_exit(0);
}

/* Run one script in a child; pass its line on, or an error line. */
static void supervise(char **lines, int n, const char *worker)
{
	static char buf[1 << 16];
	char id[64] = "?";
	int fds[2], status;
	char *p = strstr(lines[0], "id=");
	bool timed_out = false;
	size_t total = 0;

	if (p)
		sscanf(p + 3, "%63s", id);
	if (pipe(fds))
		die("pipe");
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup3(fds[1], STDOUT_FILENO, O_CLOEXEC) < 0)	/* not for the tasks */
			die("dup3");
		close(fds[0]);
		close(fds[1]);
		run_script(lines, n, worker);
	}
	close(fds[1]);
	for (;;) {
		struct pollfd pfd = { .fd = fds[0], .events = POLLIN };
		int r = poll(&pfd, 1, SCRIPT_TIMEOUT_MS);
		if (r == 0) {
			timed_out = true;
			kill(pid, SIGKILL);	/* its tracees go with it */
			break;
		}
		ssize_t got = read(fds[0], buf, sizeof(buf));
		if (got <= 0)
			break;
		total += got;
		fwrite(buf, 1, got, stdout);
	}
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (!total)
		printf("{\"id\":\"%s\",\"error\":\"%s\",\"status\":%d}\n", id,
		       timed_out ? "timeout" :
		       WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IN_USE ?
		       "debug registers in use" : "failed", status);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char *lines[MAX_LINES];
	struct rlimit nofile = { 8192, 8192 };
	char *line = NULL, *worker;
	size_t cap = 0;
	int n = 0;

	bool busy = argc > 2 && !strcmp(argv[1], "--busy");

	if (argc != 2 + busy) {
		fprintf(stderr, "usage: record [--busy] WORKER < scripts > transcripts\n"
			"--busy keeps both CPUs busy meanwhile\n");
		return 1;
	}
	worker = realpath(argv[1 + busy], NULL);
	if (!worker)
		die(argv[1 + busy]);
	take_lock();
	if (busy)
		for (int cpu = 0; cpu < 2; cpu++)
			keep_busy(cpu);
	setrlimit(RLIMIT_NOFILE, &nofile);
	while (getline(&line, &cap, stdin) > 0) {
		if (!strncmp(line, "end", 3)) {
			if (n)
				supervise(lines, n, worker);
			while (n)
				free(lines[--n]);
		} else if (n < MAX_LINES && line[0] != '\n') {
			lines[n++] = strdup(line);
		}
	}
	return 0;
}
