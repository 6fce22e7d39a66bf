/*
 * task.c - the recorded tasks: who they are, and the end of them.
 *
 * A task is always parked in ptrace-stop between ops, or detached.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task.h"

struct task tasks[MAX_TASKS];
int n_tasks;
const char *worker_path;

void tasks_init(const char *path)
{
	int fds[2], fd = open("/dev/zero", O_RDONLY);

	worker_path = path;
	if (fd < 0 || dup2(fd, FD_DEVZERO) < 0 || pipe(fds) ||
	    dup2(fds[0], FD_PIPE_R) < 0 || dup2(fds[1], FD_PIPE_W) < 0)
		die("worker descriptors");
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

struct task *task_find(const char *name)
{
	for (int i = 0; i < n_tasks; i++)
		if (!strcmp(tasks[i].name, name))
			return &tasks[i];
	return NULL;
}

struct task *task_arg(const struct args *a)
{
	struct task *t = task_find(arg_str(a, "task", "t0"));

	if (!t || !t->live)
		return NULL;
	j_str("task", t->name);
	return t;
}

struct task *task_new(const char *name, pid_t pid)
{
	struct task *t = task_find(name);

	if (!t) {
		if (n_tasks == MAX_TASKS)
			die("too many tasks");
		t = &tasks[n_tasks++];
	}
	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->pid = pid;
	t->live = t->traced = true;
	return t;
}

void set_affinity(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(pid, sizeof(set), &set))
		die("sched_setaffinity");
}

/* Ends all tasks, detached ones too: none of their breakpoints outlives the script. */
void tasks_end(void)
{
	for (int i = 0; i < n_tasks; i++)
		if (tasks[i].live)
			kill(tasks[i].pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}
