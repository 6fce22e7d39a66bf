/*
 * overflow.c - what overflows leave: records in the rings, queued signals.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "event.h"

#define KERNEL_IP	0xffff800000000000UL
#define WORKER_TEXT	0x20000000UL

/* Literal inside the worker; elsewhere it differs from build to build. */
static void j_ip(const char *key, uint64_t ip)
{
	if (ip >= KERNEL_IP)
		j_str(key, "kernel");
	else if (ip >= WORKER_TEXT && ip < WORKER_TEXT + 0x3000)
		j_hex(key, ip);
	else
		j_str(key, "user");
}

static const char *task_of_pid(pid_t tid)
{
	for (int i = 0; i < n_tasks; i++)
		if (tasks[i].pid == tid)
			return tasks[i].name;
	return tid == getpid() ? "self" : "?";
}

static const char *record_name(uint32_t type)
{
	static char buf[16];

	switch (type) {
	case PERF_RECORD_LOST: return "LOST";
	case PERF_RECORD_COMM: return "COMM";
	case PERF_RECORD_EXIT: return "EXIT";
	case PERF_RECORD_THROTTLE: return "THROTTLE";
	case PERF_RECORD_UNTHROTTLE: return "UNTHROTTLE";
	case PERF_RECORD_FORK: return "FORK";
	}
	snprintf(buf, sizeof(buf), "%u", type);
	return buf;
}

static void j_sample(const struct perf_event_attr *attr, const uint64_t *v)
{
	uint64_t st = attr->sample_type;

	if (st & PERF_SAMPLE_IP)
		j_ip("ip", *v++);
	if (st & PERF_SAMPLE_TID)
		j_str("task", task_of_pid(*v++ >> 32));
	if (st & PERF_SAMPLE_ADDR)
		j_addr("addr", *v++);
	if (st & PERF_SAMPLE_CPU)
		j_int("cpu", (uint32_t)*v++);
	if (st & PERF_SAMPLE_PERIOD)
		j_int("period", *v++);
}

static bool drain_ring(struct event *ev, bool any)
{
	struct perf_event_mmap_page *page = ev->map;
	uint8_t *data = (uint8_t *)ev->map + PAGE;
	uint64_t size = ev->map_len - PAGE, tail = page->data_tail;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);

	while (tail < head) {
		uint64_t rec[64];
		struct perf_event_header h;
		for (size_t i = 0; i < sizeof(h); i++)
			((uint8_t *)&h)[i] = data[(tail + i) % size];
		for (size_t i = 0; i < h.size && i < sizeof(rec); i++)
			((uint8_t *)rec)[i] = data[(tail + i) % size];
		if (!any)
			j_open("samples", '[');
		any = true;
		j_open(NULL, '{');
		j_str("ev", ev->name);
		if (h.type == PERF_RECORD_SAMPLE)
			j_sample(&ev->attr, rec + 1);
		else
			j_str("record", record_name(h.type));
		j_close('}');
		tail += h.size;
	}
	__atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
	return any;
}

/* samples: [new records of all rings], if there are any */
static void drain_rings(void)
{
	bool any = false;

	for (int i = 0; i < n_events; i++)
		if (events[i].open && events[i].map)
			any = drain_ring(&events[i], any);
	if (any)
		j_close(']');
}

/* signals: [those queued since the last step], if there are any */
static void take_signals(void)
{
	struct timespec zero = { 0, 0 };
	bool any = false;
	sigset_t set;
	siginfo_t si;

	sigemptyset(&set);
	for (int s = SIGRTMIN; s <= SIGRTMAX; s++)
		sigaddset(&set, s);
	sigaddset(&set, SIGIO);
	while (sigtimedwait(&set, &si, &zero) > 0) {
		const char *name = "?";
		for (int i = 0; i < n_events; i++)
			if (events[i].open && events[i].fd == si.si_fd)
				name = events[i].name;
		if (!any)
			j_open("signals", '[');
		any = true;
		j_open(NULL, '{');
		j_str("ev", name);
		if (si.si_signo == SIGIO)
			j_str("sig", "SIGIO");
		else
			j_int("sig", si.si_signo - SIGRTMIN);
		j_str("code", si.si_code == POLL_IN ? "POLL_IN" :
			      si.si_code == POLL_HUP ? "POLL_HUP" : "?");
		j_close('}');
	}
	if (any)
		j_close(']');
}

void perf_after_count(void)
{
	perf_counts();
	drain_rings();
	take_signals();
}
