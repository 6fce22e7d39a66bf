/*
 * perf.c - PERF_TYPE_BREAKPOINT events: open, close, ioctl, modify, read,
 * sample rings, overflow signals, and the probe of free breakpoint slots.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rec.h"

#define MAX_EVENTS	512
#define MAX_SYMBOLS	32
#define PAGE		4096
#define N_CPUS		2
#define N_SLOTS		4	/* debug registers of a CPU */
#define PROBE_ADDR	0x1000f000UL
#define KERNEL_IP	0xffff800000000000UL
#define WORKER_TEXT	0x20000000UL
#define DIRECT_MAP	0xffff888000000000UL	/* without KASLR, 4-level paging */

static struct event {
	char name[16];
	int fd;
	bool open;
	struct perf_event_attr attr;
	uint64_t id;
	void *map;
	size_t map_len;
} events[MAX_EVENTS];
static int n_events;

/* ------------------------------------------------- addresses and symbols */

static struct symbol {
	char text[80];
	uint64_t addr;
} symbols[MAX_SYMBOLS];
static int n_symbols;

/* The address of a kernel symbol; 0 if there is none of that name. */
static uint64_t ksym_find(const char *name)
{
	char line[512], sym[256], type;
	unsigned long long addr;
	FILE *f;

	f = fopen("/proc/kallsyms", "r");
	if (!f)
		die("kallsyms");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %255s", &addr, &type, sym) == 3 &&
		    !strcmp(sym, name)) {
			fclose(f);
			return addr;
		}
	}
	fclose(f);
	return 0;
}

static uint64_t ksym_lookup(const char *name)
{
	uint64_t addr = ksym_find(name);

	if (!addr) {
		fprintf(stderr, "record: no kernel symbol %s\n", name);
		_exit(2);
	}
	return addr;
}

/*
 * Where the kernel maps physical address 0.  With KASLR or 5-level paging it
 * varies: /proc/kcore tells, as the difference of a segment's two addresses.
 */
static uint64_t direct_map(void)
{
	int fd = open("/proc/kcore", O_RDONLY);
	uint64_t base = 0;
	Elf64_Ehdr h;
	Elf64_Phdr p;

	if (fd < 0) {
		if (!ksym_find("page_offset_base"))
			return DIRECT_MAP;
		fprintf(stderr, "record: /proc/kcore is needed to find the direct map\n");
		_exit(2);
	}
	if (pread(fd, &h, sizeof(h), 0) != sizeof(h))
		die("kcore");
	for (int i = 0; !base && i < h.e_phnum; i++) {
		if (pread(fd, &p, sizeof(p), h.e_phoff + i * sizeof(p)) != sizeof(p))
			die("kcore");
		/* RAM below the kernel's text mapping and not vmalloc's, which has no physical address */
		if (p.p_type == PT_LOAD && p.p_paddr != (uint64_t)-1 &&
		    p.p_vaddr < 0xffffffff80000000UL)
			base = p.p_vaddr - p.p_paddr;
	}
	close(fd);
	if (!base) {
		fprintf(stderr, "record: /proc/kcore does not show the direct map\n");
		_exit(2);
	}
	return base;
}

/* alias:TASK:ADDR - the kernel's direct-map address of the task's page. */
static uint64_t alias_lookup(const char *text)
{
	char name[16], path[64];
	unsigned long long addr = 0;
	uint64_t entry = 0;
	struct task *t;

	if (sscanf(text, "%15[^:]:%llx", name, &addr) != 2 || !(t = task_find(name)))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", t->pid);
	int fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, &entry, 8, addr / PAGE * 8) != 8)
		die("pagemap");
	close(fd);
	entry = (entry & ((1ULL << 55) - 1)) * PAGE;	/* physical address */
	return direct_map() + entry + addr % PAGE;
}

/* A number, ksym:NAME or alias:TASK:ADDR; the latter two are remembered. */
uint64_t addr_value(const char *text)
{
	uint64_t addr;

	if (strncmp(text, "ksym:", 5) && strncmp(text, "alias:", 6))
		return strtoull(text, NULL, 0);
	for (int i = 0; i < n_symbols; i++)
		if (!strcmp(symbols[i].text, text))
			return symbols[i].addr;
	if (n_symbols == MAX_SYMBOLS)
		die("too many symbols");
	addr = text[0] == 'k' ? ksym_lookup(text + 5) : alias_lookup(text + 6);
	snprintf(symbols[n_symbols].text, sizeof(symbols[0].text), "%s", text);
	symbols[n_symbols++].addr = addr;
	return addr;
}

void j_addr(const char *key, uint64_t value)
{
	for (int i = 0; i < n_symbols; i++) {
		if (symbols[i].addr == value) {
			j_str(key, symbols[i].text);
			return;
		}
	}
	j_hex(key, value);
}

/* ------------------------------------------------------------------ attr */

static const struct bit {
	const char *name;
	uint64_t value;
} sample_bits[] = {
	{ "ip", PERF_SAMPLE_IP }, { "tid", PERF_SAMPLE_TID },
	{ "addr", PERF_SAMPLE_ADDR }, { "cpu", PERF_SAMPLE_CPU },
	{ "period", PERF_SAMPLE_PERIOD }, { NULL, 0 },
}, read_bits[] = {
	{ "enabled", PERF_FORMAT_TOTAL_TIME_ENABLED },
	{ "running", PERF_FORMAT_TOTAL_TIME_RUNNING },
	{ "id", PERF_FORMAT_ID }, { "group", PERF_FORMAT_GROUP },
	{ "lost", PERF_FORMAT_LOST }, { NULL, 0 },
};

/* The attr's one-bit flags; X(name) */
#define FLAGS X(disabled) X(inherit) X(pinned) X(exclusive) X(exclude_user) \
	X(exclude_kernel) X(exclude_hv) X(exclude_idle) X(freq) X(inherit_stat) \
	X(enable_on_exec) X(task) X(watermark) X(exclude_host) X(exclude_guest) \
	X(write_backward) X(inherit_thread) X(remove_on_exec) X(sigtrap)

static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; p && *p;) {
		const char *comma = strchr(p, ',');
		size_t len = comma ? (size_t)(comma - p) : strlen(p);
		if (len == n && !strncmp(p, word, n))
			return true;
		p = comma ? comma + 1 : NULL;
	}
	return false;
}

static uint64_t bits_of(const struct bit *table, const char *list)
{
	uint64_t v = 0;

	for (; table->name; table++)
		if (in_list(list, table->name))
			v |= table->value;
	return v;
}

static uint64_t bp_type(const char *s)
{
	static const char *names[] = { "0", "R", "W", "RW", "X" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(s, names[i]))
			return i;
	return strtoull(s, NULL, 0);
}

/* Apply the script's settings on top of *attr. */
static void attr_apply(struct perf_event_attr *attr, const struct args *a)
{
	const char *on = arg_str(a, "on", ""), *off = arg_str(a, "off", "");

	if (arg_has(a, "attrtype"))
		attr->type = arg_u64(a, "attrtype", 0);
	if (arg_has(a, "type"))
		attr->bp_type = bp_type(arg_str(a, "type", ""));
	attr->bp_addr = arg_u64(a, "addr", attr->bp_addr);
	attr->bp_len = arg_u64(a, "len", attr->bp_len);
	if (arg_has(a, "period"))
		attr->sample_period = arg_u64(a, "period", 0);
	if (arg_has(a, "st"))
		attr->sample_type = bits_of(sample_bits, arg_str(a, "st", ""));
	if (arg_has(a, "rf"))
		attr->read_format = bits_of(read_bits, arg_str(a, "rf", ""));
	if (arg_has(a, "sig_data"))
		attr->sig_data = arg_u64(a, "sig_data", 0);
	if (arg_has(a, "wakeup"))
		attr->wakeup_events = arg_u64(a, "wakeup", 0);
	if (arg_has(a, "precise_ip"))
		attr->precise_ip = arg_u64(a, "precise_ip", 0);
#define X(name) \
	if (in_list(on, #name)) attr->name = 1; \
	if (in_list(off, #name)) attr->name = 0;
	FLAGS
#undef X
}

static void j_list(const char *key, const struct bit *table, uint64_t v)
{
	if (!v)
		return;
	j_open(key, '[');
	for (; table->name; table++)
		if (v & table->value)
			j_str(NULL, table->name);
	j_close(']');
}

static void j_attr(const struct perf_event_attr *attr)
{
	j_open("attr", '{');
	if (attr->type != PERF_TYPE_BREAKPOINT)
		j_int("type", attr->type);
	j_int("bp_type", attr->bp_type);
	j_addr("bp_addr", attr->bp_addr);
	j_hex("bp_len", attr->bp_len);
	if (attr->sample_period)
		j_num("sample_period", attr->sample_period);
	j_list("sample_type", sample_bits, attr->sample_type);
	j_list("read_format", read_bits, attr->read_format);
	if (attr->sig_data)
		j_hex("sig_data", attr->sig_data);
	if (attr->wakeup_events)
		j_int("wakeup_events", attr->wakeup_events);
	if (attr->precise_ip)
		j_int("precise_ip", attr->precise_ip);
	j_open("flags", '[');
#define X(name) if (attr->name) j_str(NULL, #name);
	FLAGS
#undef X
	j_close(']');
	j_close('}');
}

/* ---------------------------------------------------------------- events */

static int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu,
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

static struct event *event_arg(const struct args *a)
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

/* --------------------------------------------------------------- reading */

static const char *event_of_id(uint64_t id)
{
	for (int i = 0; i < n_events; i++)
		if (events[i].open && events[i].id == id)
			return events[i].name;
	return "?";
}

/* read(2) of the event; the number of bytes, or -1 and errno */
static int event_read(struct event *ev, uint64_t *v, size_t max)
{
	return read(ev->fd, v, max * sizeof(*v));
}

/*
 * The event's own count in what read(2) returned.  A group read of a sibling
 * starts with its leader, so look for the id (or take the leader's).
 */
static uint64_t own_count(const struct event *ev, const uint64_t *v)
{
	uint64_t rf = ev->attr.read_format;
	int i = 1 + !!(rf & PERF_FORMAT_TOTAL_TIME_ENABLED) +
		!!(rf & PERF_FORMAT_TOTAL_TIME_RUNNING);
	int stride = 1 + !!(rf & PERF_FORMAT_ID) + !!(rf & PERF_FORMAT_LOST);

	if (!(rf & PERF_FORMAT_GROUP))
		return v[0];
	if (rf & PERF_FORMAT_ID)
		for (uint64_t k = 0; k < v[0]; k++)
			if (v[i + k * stride + 1] == ev->id)
				return v[i + k * stride];
	return v[i];
}

static bool op_read(const struct args *a)
{
	struct event *ev = event_arg(a);
	uint64_t v[256], rf, enabled = 0, running = 0, nr = 1;
	int i = 0, got;

	if (!ev || !ev->open)
		return false;
	got = event_read(ev, v, 256);
	if (got <= 0) {
		j_result(got, errno);	/* 0: end of file, the event is in error state */
		return true;
	}
	rf = ev->attr.read_format;
	j_int("ret", got);
	if (rf & PERF_FORMAT_GROUP)
		nr = v[i++];
	else
		j_int("value", v[i++]);
	if (rf & PERF_FORMAT_TOTAL_TIME_ENABLED)
		enabled = v[i++];
	if (rf & PERF_FORMAT_TOTAL_TIME_RUNNING)
		running = v[i++];
	if (rf & PERF_FORMAT_TOTAL_TIME_ENABLED)
		j_str("enabled", enabled ? ">0" : "0");
	if (rf & PERF_FORMAT_TOTAL_TIME_RUNNING)
		j_str("running", running ? ">0" : "0");
	if ((rf & PERF_FORMAT_TOTAL_TIME_ENABLED) && (rf & PERF_FORMAT_TOTAL_TIME_RUNNING))
		j_str("times", running == enabled ? "running=enabled" :
		      running < enabled ? "running<enabled" : "running>enabled");
	if (!(rf & PERF_FORMAT_GROUP))
		return true;
	j_open("values", '[');
	for (uint64_t k = 0; k < nr; k++) {
		j_open(NULL, '{');
		uint64_t value = v[i++];
		if (rf & PERF_FORMAT_ID)
			j_str("ev", event_of_id(v[i++]));
		j_int("value", value);
		if (rf & PERF_FORMAT_LOST)
			j_int("lost", v[i++]);
		j_close('}');
	}
	j_close(']');
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

/* ----------------------------------------------------------- "after" data */

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

void perf_after_count(void)
{
	struct timespec zero = { 0, 0 };
	uint64_t v[256];
	sigset_t set;
	siginfo_t si;
	bool any = false;

	j_open("count", '{');
	for (int i = 0; i < n_events; i++) {
		struct event *ev = &events[i];
		if (!ev->open)
			continue;
		int got = event_read(ev, v, 256);
		if (got > 0)
			j_int(ev->name, own_count(ev, v));
		else
			j_str(ev->name, got ? errno_name(errno) : "eof");
	}
	j_close('}');

	for (int i = 0; i < n_events; i++)
		if (events[i].open && events[i].map)
			any = drain_ring(&events[i], any);
	if (any)
		j_close(']');

	sigemptyset(&set);
	for (int s = SIGRTMIN; s <= SIGRTMAX; s++)
		sigaddset(&set, s);
	sigaddset(&set, SIGIO);
	any = false;
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
