/*
 * perf.c - PERF_TYPE_BREAKPOINT events: open, close, ioctl, modify, rings and
 * overflow signals.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"

struct event events[MAX_EVENTS];
int n_events;

int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu,
			       int group, unsigned long flags)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, group, flags);
}

/*
 * Give a task a dummy event that is not inherited.  Without one the kernel
 * may swap the whole event contexts of a task and its clone when it switches
 * between them, and which event object then counts for (and holds slots of)
 * which task depends on timing.  It takes no breakpoint slot.
 */
void perf_pin_context(pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY, .disabled = 1,
	};

	if (sys_perf_event_open(&attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
		die("dummy event");
}

void perf_init(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (int s = SIGRTMIN; s <= SIGRTMAX; s++)
		sigaddset(&set, s);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	perf_pin_context(0);
}

static struct event *event_by_name(const char *name)
{
	for (int i = n_events - 1; i >= 0; i--)
		if (!strcmp(events[i].name, name))
			return &events[i];
	return NULL;
}

/* NAME, last for the one opened last, or live:N for the N-th (modulo) that is open now. */
static struct event *event_chosen(const char *name)
{
	int live = 0, pick;

	if (!strcmp(name, "last"))
		return n_events ? &events[n_events - 1] : NULL;
	if (strncmp(name, "live:", 5))
		return event_by_name(name);
	for (int i = 0; i < n_events; i++)
		live += events[i].open;
	if (!live)
		return NULL;
	pick = strtoul(name + 5, NULL, 0) % live;
	for (int i = 0; i < n_events; i++)
		if (events[i].open && pick-- == 0)
			return &events[i];
	return NULL;
}

struct event *event_arg(const struct args *a)
{
	struct event *ev = event_chosen(arg_str(a, "ev", "e0"));

	if (ev)
		j_str("ev", ev->name);
	return ev;
}

/* "self", "all", "none" (an unused pid), or a task's name */
static pid_t pid_value(const char *target)
{
	struct task *t;

	if (!strcmp(target, "self"))
		return 0;
	if (!strcmp(target, "all"))
		return -1;
	t = task_find(target);
	return t ? t->pid : 0x3fffff;
}

static bool op_open(const struct args *a)
{
	const char *target = arg_str(a, "target", "self");
	const char *group = arg_str(a, "group", NULL), *as = arg_str(a, "as", "root");
	int cpu = (int)arg_u64(a, "cpu", -1), group_fd = -1;
	struct event *ev, *leader = NULL;

	if (n_events == MAX_EVENTS)
		return false;
	if (group) {
		leader = event_chosen(group);
		if (!leader || !leader->open)
			return false;
		group_fd = leader->fd;
	}
	ev = &events[n_events];
	memset(ev, 0, sizeof(*ev));
	snprintf(ev->name, sizeof(ev->name), "e%d", n_events++);
	ev->attr.type = PERF_TYPE_BREAKPOINT;
	ev->attr.size = sizeof(ev->attr);
	ev->attr.bp_type = HW_BREAKPOINT_W;
	ev->attr.bp_addr = BUF_ADDR;
	ev->attr.bp_len = 8;
	attr_apply(&ev->attr, a);

	j_str("ev", ev->name);
	j_str("target", target);
	j_int("cpu", cpu);
	if (leader)
		j_str("group", leader->name);
	if (strcmp(as, "root"))
		j_str("as", as);
	j_attr(&ev->attr);

	bool changed = become(as);
	ev->fd = sys_perf_event_open(&ev->attr, pid_value(target), cpu, group_fd,
				     PERF_FLAG_FD_CLOEXEC);
	int err = errno;
	if (changed)
		restore();
	j_result(ev->fd < 0 ? -1 : 0, err);
	ev->open = ev->fd >= 0;
	if (ev->open)
		ioctl(ev->fd, PERF_EVENT_IOC_ID, &ev->id);
	return true;
}

static bool op_close(const struct args *a)
{
	struct event *ev = event_arg(a);

	if (!ev || !ev->open)
		return false;
	if (ev->map)
		munmap(ev->map, ev->map_len);
	ev->map = NULL;
	long ret = close(ev->fd);
	j_result(ret, errno);
	ev->open = false;
	return true;
}

static bool op_ioctl(const struct args *a)
{
	static const struct {
		const char *name;
		unsigned long cmd;
		int arg;		/* 0: PERF_IOC_FLAG_GROUP or 0, 1: by value, 2: by pointer */
	} cmds[] = {
		{ "enable", PERF_EVENT_IOC_ENABLE, 0 },
		{ "disable", PERF_EVENT_IOC_DISABLE, 0 },
		{ "reset", PERF_EVENT_IOC_RESET, 0 },
		{ "refresh", PERF_EVENT_IOC_REFRESH, 1 },
		{ "period", PERF_EVENT_IOC_PERIOD, 2 },
	};
	struct event *ev = event_arg(a);
	const char *name = arg_str(a, "cmd", "enable");
	uint64_t arg = arg_u64(a, "arg", 0);

	if (!ev || !ev->open)
		return false;
	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		if (strcmp(cmds[i].name, name))
			continue;
		j_str("cmd", name);
		if (cmds[i].arg)
			j_num("arg", arg);
		else if (arg)
			j_str("flag", "group");
		long ret = cmds[i].arg == 2 ? ioctl(ev->fd, cmds[i].cmd, &arg)
					    : ioctl(ev->fd, cmds[i].cmd, arg);
		j_result(ret, errno);
		return true;
	}
	return false;
}

/*
 * PERF_EVENT_IOC_MODIFY_ATTRIBUTES with the attr of the last successful open
 * or modify, changed by the settings on this line; with fresh=1, with these
 * settings alone.
 */
static bool op_modify(const struct args *a)
{
	struct event *ev = event_arg(a);
	const char *as = arg_str(a, "as", "root");
	struct perf_event_attr attr;

	if (!ev || !ev->open)
		return false;
	attr = ev->attr;
	if (arg_u64(a, "fresh", 0)) {
		memset(&attr, 0, sizeof(attr));
		attr.type = PERF_TYPE_BREAKPOINT;
		attr.size = sizeof(attr);
	}
	attr_apply(&attr, a);
	if (strcmp(as, "root"))
		j_str("as", as);
	j_attr(&attr);
	bool changed = become(as);
	long ret = ioctl(ev->fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
	int err = errno;
	if (changed)
		restore();
	j_result(ret, err);
	if (!ret)
		ev->attr = attr;
	return true;
}

static bool op_mmap(const struct args *a)
{
	struct event *ev = event_arg(a);
	int pages = arg_u64(a, "pages", 2);

	if (!ev || !ev->open || ev->map)
		return false;
	j_int("pages", pages);
	size_t len = (size_t)(1 + pages) * PAGE;
	void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, ev->fd, 0);
	j_result(map == MAP_FAILED ? -1 : 0, errno);
	if (map != MAP_FAILED) {
		ev->map = map;
		ev->map_len = len;
	}
	return true;
}

/* Queue SIGRTMIN+sig to the recorder at every overflow of the event. */
static bool op_signal(const struct args *a)
{
	struct event *ev = event_arg(a);
	int sig = arg_u64(a, "sig", 1);

	if (!ev || !ev->open)
		return false;
	j_int("sig", sig);
	long ret = fcntl(ev->fd, F_SETSIG, SIGRTMIN + sig);
	if (!ret)
		ret = fcntl(ev->fd, F_SETOWN, getpid());
	if (!ret)
		ret = fcntl(ev->fd, F_SETFL, O_ASYNC);
	j_result(ret, errno);
	return true;
}

const struct op perf_ops[] = {
	{ "open", op_open },
	{ "close", op_close },
	{ "ioctl", op_ioctl },
	{ "modify", op_modify },
	{ "read", op_read },
	{ "mmap", op_mmap },
	{ "signal", op_signal },
	{ NULL, NULL },
};
