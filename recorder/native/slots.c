/*
 * slots.c - how many debug registers are left, found out by taking them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <unistd.h>

#include "event.h"

#define N_CPUS		2
#define N_SLOTS		4	/* debug registers of a CPU */
#define PROBE_ADDR	0x1000f000UL

/* How many more 8-byte write breakpoints this target accepts. */
static int probe(pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W, .bp_addr = PROBE_ADDR, .bp_len = 8,
		.disabled = 1,
	};
	int fds[16], n = 0;

	while (n < 16) {
		int fd = sys_perf_event_open(&attr, pid, cpu, -1, 0);
		if (fd < 0)
			break;
		fds[n++] = fd;
	}
	if (!n && errno != ENOSPC)
		n = -errno;
	for (int i = 0; i < n; i++)
		close(fds[i]);
	return n;
}

/* True once nobody else on this machine has a breakpoint; false if somebody keeps one. */
bool perf_registers_free(void)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (probe(-1, 0) == N_SLOTS && probe(-1, 1) == N_SLOTS)
			return true;
		usleep(2000);
	}
	return false;
}

/* free: { target: [cpu -1, cpu 0, cpu 1], ..., all: [cpu 0, cpu 1] } */
void perf_after_free(void)
{
	j_open("free", '{');
	for (int i = -1; i < n_tasks; i++) {
		if (i >= 0 && !tasks[i].live)
			continue;
		j_open(i < 0 ? "self" : tasks[i].name, '[');
		for (int cpu = -1; cpu < N_CPUS; cpu++)
			j_int(NULL, probe(i < 0 ? 0 : tasks[i].pid, cpu));
		j_close(']');
	}
	j_open("all", '[');
	for (int cpu = 0; cpu < N_CPUS; cpu++)
		j_int(NULL, probe(-1, cpu));
	j_close(']');
	j_close('}');
}
