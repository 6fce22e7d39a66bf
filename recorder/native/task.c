/*
 * task.c - recorded tasks and the ptrace side: spawning, running one stub at
 * a time, POKEUSER/PEEKUSER of the debug registers.
 *
 * A task is always parked in ptrace-stop between ops.  run() sets its
 * registers, resumes it, and records every stop until the stub's own int3
 * (SIGTRAP, si_code SI_KERNEL) hands control back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rec.h"

#define STUBS		0x20001000UL
#define STUB_STRIDE	0x40
#define PAUSE_LOOP	0x20002300UL
#define SCRATCH		0x1000e000UL	/* path and argv of execve */
#define SELF_MEM	0x30000000UL	/* the recorder's own page */
#define SELF_SIZE	0x1000
#define FD_DEVZERO		20
#define FD_PIPE_R	21
#define FD_PIPE_W	22
#define MAX_STOPS	96
#define OPTIONS (PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | \
		 PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD)

struct task tasks[MAX_TASKS];
int n_tasks;
static const char *worker_path;

/* Names of the stubs in worker.S, in their order there. */
static const struct stub {
	const char *name;
	int size;		/* bytes changed at the address; 0: none, -1: count */
} stubs[] = {
	{ "ld1", 0 }, { "ld2", 0 }, { "ld4", 0 }, { "ld8", 0 }, { "ld16", 0 },
	{ "st1", 1 }, { "st2", 2 }, { "st4", 4 }, { "st8", 8 }, { "st16", 16 },
	{ "add1", 1 }, { "add2", 2 }, { "add4", 4 }, { "add8", 8 },
	{ "xchg8", 8 }, { "cas8", 8 }, { "movsq", 8 }, { "repstosb", -1 },
	{ "repmovsb", -1 }, { "push", 8 }, { "pop", 0 }, { "st8x2", 8 },
	{ "prefetch", 0 }, { "ldst8", 8 }, { "syscall", 0 }, { "movss", 0 },
	{ "st32", 32 }, { "repmovsq", -1 },
};
#define N_STUBS ((int)(sizeof(stubs) / sizeof(stubs[0])))
#define SYSCALL_STUB 24

static uint64_t stub_addr(int k)
{
	return STUBS + k * STUB_STRIDE;
}

static int stub_index(const char *name)
{
	for (int k = 0; k < N_STUBS; k++)
		if (!strcmp(stubs[k].name, name))
			return k;
	fprintf(stderr, "record: unknown insn '%s'\n", name);
	_exit(2);
}

/* ----------------------------------------------------------------- tasks */

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

static struct task *task_new(const char *name, pid_t pid)
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

static void set_affinity(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(pid, sizeof(set), &set))
		die("sched_setaffinity");
}

static long debugreg(struct task *t, bool poke, int reg, uint64_t *val)
{
	size_t off = offsetof(struct user, u_debugreg) + 8 * reg;

	errno = 0;
	if (poke)
		return ptrace(PTRACE_POKEUSER, t->pid, off, *val);
	long v = ptrace(PTRACE_PEEKUSER, t->pid, off, 0);
	if (errno)
		return -1;
	*val = v;
	return 0;
}

void tasks_after(void)
{
	j_open("dr", '{');
	for (int i = 0; i < n_tasks; i++) {
		struct task *t = &tasks[i];

		if (!t->live || !t->traced)
			continue;
		j_open(t->name, '[');
		for (int r = 0; r < 8; r++) {
			uint64_t v = 0;
			debugreg(t, false, r, &v);
			j_hex(NULL, v);
		}
		j_close(']');
	}
	j_close('}');
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

/* --------------------------------------------------------------- running */

struct run {
	uint64_t rip, rdi, rsi, rcx, rdx, rax, r10;
	bool rf;		/* start with EFLAGS.RF set */
	bool step;		/* resume with PTRACE_SINGLESTEP */
	uint64_t watch;		/* report whether this memory changed ... */
	int watch_len;		/* ... at each stop; 0: do not */
	uint64_t ret;		/* out: rax at the end */
	pid_t new_pid;		/* out: child reported by a fork/clone event */
};

static bool peek_mem(struct task *t, uint64_t addr, void *buf, size_t len)
{
	struct iovec l = { buf, len }, r = { (void *)addr, len };

	return process_vm_readv(t->pid, &l, 1, &r, 1, 0) == (ssize_t)len;
}

static bool poke_mem(struct task *t, uint64_t addr, const void *buf, size_t len)
{
	struct iovec l = { (void *)buf, len }, r = { (void *)addr, len };

	return process_vm_writev(t->pid, &l, 1, &r, 1, 0) == (ssize_t)len;
}

static const char *sig_name(int sig)
{
	static char buf[16];
	const char *abbrev = sigabbrev_np(sig);

	snprintf(buf, sizeof(buf), abbrev ? "SIG%s" : "SIG%s%d",
		 abbrev ? abbrev : "", sig);
	return buf;
}

static const char *trap_code(int sig, int code)
{
	static char buf[16];

	if (sig == SIGTRAP) {
		switch (code) {
		case 1: return "TRAP_BRKPT";
		case 2: return "TRAP_TRACE";
		case 4: return "TRAP_HWBKPT";
		case 6: return "TRAP_PERF";
		}
	}
	if (sig == SIGSEGV) {
		switch (code) {
		case 1: return "SEGV_MAPERR";
		case 2: return "SEGV_ACCERR";
		}
	}
	if (code == 0x80)
		return "SI_KERNEL";
	if (code == 0)
		return "SI_USER";
	snprintf(buf, sizeof(buf), "%d", code);
	return buf;
}

static void record_stop(struct task *t, const siginfo_t *si,
			const struct run *run, const uint8_t *before)
{
	struct user_regs_struct regs;
	uint8_t now[64];
	uint64_t dr6 = 0;

	if (ptrace(PTRACE_GETREGS, t->pid, 0, &regs))
		die("GETREGS");
	j_open(NULL, '{');
	j_str("sig", sig_name(si->si_signo));
	j_str("code", trap_code(si->si_signo, si->si_code));
	j_hex("addr", (uint64_t)si->si_addr);
	j_hex("rip", regs.rip);
	if (!debugreg(t, false, 6, &dr6))
		j_hex("dr6", dr6);
	if (regs.eflags & 0x10000)
		j_bool("rf", true);
	if (si->si_signo == SIGTRAP && si->si_code == 6) {	/* TRAP_PERF */
		const uint8_t *raw = (const uint8_t *)si;
		uint32_t v[2];
		uint64_t data;
		memcpy(&data, raw + 24, 8);
		memcpy(v, raw + 32, 8);
		j_hex("perf_data", data);
		j_int("perf_type", v[0]);
		j_int("perf_flags", v[1]);
	}
	if (run->watch_len && peek_mem(t, run->watch, now, run->watch_len))
		j_bool("stored", memcmp(now, before, run->watch_len) != 0);
	if (run->rcx)
		j_int("rcx", regs.rcx);
	j_close('}');
}

/* Run the task from run->rip until its int3; write "stops" and "end". */
static void run(struct task *t, struct run *run)
{
	struct user_regs_struct regs;
	uint8_t before[64] = { 0 };
	const char *end = NULL;
	int status;

	if (ptrace(PTRACE_GETREGS, t->pid, 0, &regs))
		die("GETREGS");
	regs.rip = run->rip;
	regs.rdi = run->rdi;
	regs.rsi = run->rsi;
	regs.rcx = run->rcx;
	regs.rdx = run->rdx;
	regs.rax = run->rax;
	regs.r10 = run->r10;
	regs.r8 = regs.r9 = 0;
	regs.orig_rax = -1;
	regs.eflags = 0x202 | (run->rf ? 0x10000 : 0);
	if (ptrace(PTRACE_SETREGS, t->pid, 0, &regs))
		die("SETREGS");
	if (run->watch_len > (int)sizeof(before) ||
	    (run->watch_len && !peek_mem(t, run->watch, before, run->watch_len)))
		run->watch_len = 0;

	j_open("stops", '[');
	for (int n = 0; !end;) {
		siginfo_t si;

		if (ptrace(run->step ? PTRACE_SINGLESTEP : PTRACE_CONT, t->pid, 0, 0))
			die("resume");
		if (waitpid(t->pid, &status, __WALL) < 0)
			die("waitpid");
		if (!WIFSTOPPED(status)) {
			t->live = t->traced = false;
			end = WIFSIGNALED(status) ? "killed" : "exited";
			break;
		}
		if (status >> 16) {	/* ptrace event: fork, clone, exec */
			unsigned long msg = 0;
			ptrace(PTRACE_GETEVENTMSG, t->pid, 0, &msg);
			if (status >> 16 != PTRACE_EVENT_EXEC)
				run->new_pid = msg;
			continue;
		}
		if (ptrace(PTRACE_GETSIGINFO, t->pid, 0, &si))
			die("GETSIGINFO");
		if (si.si_signo == SIGTRAP && si.si_code == 0x80)
			break;		/* the stub's int3 */
		if (si.si_signo == SIGCHLD)
			continue;	/* a forked task ended at some point */
		record_stop(t, &si, run, before);
		if (si.si_signo == SIGSEGV)
			end = "SIGSEGV";	/* would fault again and again */
		if (++n == MAX_STOPS)
			end = "too many stops";
	}
	j_close(']');
	if (end)
		j_str("end", end);
	if (t->live) {
		if (ptrace(PTRACE_GETREGS, t->pid, 0, &regs))
			die("GETREGS");
		run->ret = regs.rax;
	}
}

/* Run a system call in the task through the syscall stub. */
static long run_syscall(struct task *t, struct run *r, long nr,
			uint64_t a0, uint64_t a1, uint64_t a2)
{
	r->rip = stub_addr(SYSCALL_STUB);
	r->rax = nr;
	r->rdi = a0;
	r->rsi = a1;
	r->rdx = a2;
	run(t, r);
	return (long)r->ret;
}

static void j_sysret(long ret)
{
	if (ret < 0 && ret > -4096) {
		j_int("ret", -1);
		j_str("errno", errno_name(-ret));
	} else {
		j_int("ret", ret);
	}
}

/* ------------------------------------------------------------ task ops */

static bool op_spawn(const struct args *a)
{
	const char *name = arg_str(a, "task", "t0");
	int cpu = arg_u64(a, "cpu", 0), uid = arg_u64(a, "uid", 0), status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		set_affinity(0, cpu);
		personality(ADDR_NO_RANDOMIZE);
		if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			_exit(126);
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* also while it is detached */
		for (int fd = 3; fd < 64; fd++)
			if (fd < FD_DEVZERO || fd > FD_PIPE_W)
				close(fd);
		signal(SIGCHLD, SIG_IGN);	/* forked tasks leave no zombies */
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl(worker_path, "worker", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, OPTIONS))
		die("spawn");
	if (ptrace(PTRACE_CONT, pid, 0, 0) || waitpid(pid, &status, 0) != pid ||
	    !WIFSTOPPED(status))
		die("spawn: first run");
	task_new(name, pid);
	j_str("task", name);
	j_int("cpu", cpu);
	if (uid)
		j_int("uid", uid);
	if (arg_u64(a, "pin", 1))
		perf_pin_context(pid);
	else
		j_int("pin", 0);
	return true;
}

static bool op_exit(const struct args *a)
{
	struct task *t = task_arg(a);
	bool thread = !strcmp(arg_str(a, "how", "group"), "thread");
	struct run r = { 0 };

	if (!t || !t->traced)
		return false;
	j_str("how", thread ? "thread" : "group");
	run_syscall(t, &r, thread ? SYS_exit : SYS_exit_group, 0, 0, 0);
	return true;
}

static bool op_kill(const struct args *a)
{
	struct task *t = task_arg(a);
	int status;

	if (!t)
		return false;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, &status, __WALL);
	t->live = t->traced = false;
	return true;
}

/* fork / thread: the new task starts traced and is run to the stub's int3. */
static bool start_new(const struct args *a, bool thread)
{
	struct task *t = task_arg(a), *c;
	const char *name = arg_str(a, "new", "t9");
	struct run r = { 0 };
	int status;
	long ret;

	if (!t || !t->traced)
		return false;
	j_str("new", name);
	if (!arg_u64(a, "pin", 1))
		j_int("pin", 0);
	if (thread)	/* VM FS FILES SIGHAND THREAD SYSVSEM */
		ret = run_syscall(t, &r, SYS_clone, 0x00050f00, 0, 0);
	else
		ret = run_syscall(t, &r, SYS_fork, 0, 0, 0);
	if (ret < 0) {
		j_sysret(ret);
		return true;
	}
	j_int("ret", 0);
	if (waitpid(r.new_pid, &status, __WALL) != r.new_pid)
		die("new task");
	c = task_new(name, r.new_pid);
	if (ptrace(PTRACE_CONT, c->pid, 0, 0) ||
	    waitpid(c->pid, &status, __WALL) != c->pid || !WIFSTOPPED(status))
		die("new task: first run");
	if (arg_u64(a, "pin", 1))
		perf_pin_context(c->pid);
	return true;
}

static bool op_fork(const struct args *a)
{
	return start_new(a, false);
}

static bool op_thread(const struct args *a)
{
	return start_new(a, true);
}

static bool op_exec(const struct args *a)
{
	struct task *t = task_arg(a);
	uint64_t argv[2] = { SCRATCH, 0 };
	struct run r = { 0 };

	if (!t || !t->traced)
		return false;
	if (!poke_mem(t, SCRATCH, worker_path, strlen(worker_path) + 1) ||
	    !poke_mem(t, SCRATCH + 0x800, argv, sizeof(argv)))
		die("exec arguments");
	run_syscall(t, &r, SYS_execve, SCRATCH, SCRATCH + 0x800, 0);
	return true;
}

static bool op_affinity(const struct args *a)
{
	struct task *t = task_arg(a);
	int cpu = arg_u64(a, "cpu", 0);

	if (!t)
		return false;
	j_int("cpu", cpu);
	set_affinity(t->pid, cpu);
	return true;
}

static bool op_detach(const struct args *a)
{
	struct task *t = task_arg(a);
	struct user_regs_struct regs;

	if (!t || !t->traced)
		return false;
	ptrace(PTRACE_GETREGS, t->pid, 0, &regs);
	regs.rip = PAUSE_LOOP;
	regs.orig_rax = -1;
	regs.eflags = 0x202;
	ptrace(PTRACE_SETREGS, t->pid, 0, &regs);
	errno = 0;
	long ret = ptrace(PTRACE_DETACH, t->pid, 0, 0);
	j_result(ret, errno);
	t->traced = false;
	return true;
}

static bool op_attach(const struct args *a)
{
	struct task *t = task_arg(a);
	int status;

	if (!t || t->traced)
		return false;
	errno = 0;
	long ret = ptrace(PTRACE_ATTACH, t->pid, 0, 0);
	j_result(ret, errno);
	if (ret)
		return true;
	if (waitpid(t->pid, &status, __WALL) != t->pid)
		die("attach");
	if (!WIFSTOPPED(status)) {
		j_str("end", WIFSIGNALED(status) ? sig_name(WTERMSIG(status)) : "exited");
		t->live = false;
		return true;
	}
	if (WSTOPSIG(status) != SIGSTOP)
		j_str("sig", sig_name(WSTOPSIG(status)));
	ptrace(PTRACE_SETOPTIONS, t->pid, 0, OPTIONS);
	t->traced = true;
	return true;
}

/* ---------------------------------------------------------- ptrace ops */

static bool op_poke(const struct args *a)
{
	struct task *t = task_arg(a);
	int reg = arg_u64(a, "reg", 0);
	uint64_t val = arg_u64(a, "val", 0);
	const char *as = arg_str(a, "as", "root");

	if (!t || !t->traced)
		return false;
	j_int("reg", reg);
	j_addr("val", val);
	if (strcmp(as, "root"))
		j_str("as", as);
	bool changed = become(as);
	long ret = debugreg(t, true, reg, &val);
	if (changed)
		restore();
	j_result(ret, errno);
	return true;
}

static bool op_peek(const struct args *a)
{
	struct task *t = task_arg(a);
	int reg = arg_u64(a, "reg", 0);
	uint64_t val = 0;

	if (!t || !t->traced)
		return false;
	j_int("reg", reg);
	long ret = debugreg(t, false, reg, &val);
	j_result(ret, errno);
	if (!ret)
		j_hex("val", val);
	return true;
}

/* ---------------------------------------------------------- access ops */

static bool op_access(const struct args *a)
{
	struct task *t = task_arg(a);
	const char *insn = arg_str(a, "insn", "st8");
	static uint64_t unique = 0x1111111111111111;
	struct run r = { 0 };
	int k = stub_index(insn);

	if (!t || !t->traced)
		return false;
	r.rip = stub_addr(k);
	r.rdi = arg_u64(a, "addr", BUF_ADDR);
	r.rcx = arg_u64(a, "n", 0);
	unique += 0x0101010101010101;
	r.rsi = arg_u64(a, "src", unique);
	r.step = !strcmp(arg_str(a, "mode", "cont"), "step");
	r.rf = arg_u64(a, "rf", 0);
	j_str("insn", insn);
	j_addr("addr", r.rdi);
	if (arg_has(a, "src"))
		j_addr("src", r.rsi);
	if (r.rcx)
		j_int("n", r.rcx);
	if (r.rf)
		j_int("rf", 1);
	if (r.step)
		j_str("mode", "step");
	if (!strcmp(insn, "cas8")) {
		/* ok=1: rax matches memory and the exchange happens */
		uint64_t cur = 0;
		bool ok = arg_u64(a, "ok", 1);
		peek_mem(t, r.rdi, &cur, 8);
		r.rax = ok ? cur : ~cur;
		r.rdx = unique;
		j_int("ok", ok);
	}
	if (!strcmp(insn, "movss")) {	/* memory must hold a stack selector */
		uint16_t sel = 0x2b;
		poke_mem(t, r.rdi, &sel, 2);
		r.rsi = arg_u64(a, "val", unique);
	}
	if (!strcmp(insn, "st16") || !strcmp(insn, "st32")) {
		struct user_fpregs_struct fp;
		if (!ptrace(PTRACE_GETFPREGS, t->pid, 0, &fp)) {
			memcpy(fp.xmm_space, &unique, 8);
			memcpy((char *)fp.xmm_space + 8, &unique, 8);
			ptrace(PTRACE_SETFPREGS, t->pid, 0, &fp);
		}
	}
	if (!strcmp(insn, "movsq") || !strncmp(insn, "repmovs", 7)) {
		/* fill the source so that the copy is visible */
		uint64_t fill = unique;
		uint64_t n = r.rcx ? r.rcx * (!strcmp(insn, "repmovsq") ? 8 : 1) : 8;
		for (uint64_t i = 0; i < n; i += 8)
			poke_mem(t, r.rsi + i, &fill, n - i < 8 ? n - i : 8);
	}
	if (!strcmp(insn, "repstosb"))
		r.rax = unique & 0xff;
	r.watch = r.rdi;
	r.watch_len = stubs[k].size < 0 ? (r.rcx < 64 ? (int)r.rcx : 64) : stubs[k].size;
	run(t, &r);
	return true;
}

static bool op_nops(const struct args *a)
{
	struct task *t = task_arg(a);
	struct run r = { 0 };

	if (!t || !t->traced)
		return false;
	r.rip = arg_u64(a, "from", 0x200020f0);
	r.rf = arg_u64(a, "rf", 0);
	r.step = !strcmp(arg_str(a, "mode", "cont"), "step");
	j_addr("from", r.rip);
	if (r.rf)
		j_int("rf", 1);
	if (r.step)
		j_str("mode", "step");
	run(t, &r);
	return true;
}

static bool op_sys(const struct args *a)
{
	static uint8_t bytes[4096];
	struct task *t = task_arg(a);
	const char *call = arg_str(a, "call", "getresuid");
	uint64_t addr = arg_u64(a, "addr", BUF_ADDR), len = arg_u64(a, "len", 8);
	struct run r = { 0 };
	long ret = -ENOSYS;

	if (!t || !t->traced || len > sizeof(bytes))
		return false;
	r.step = !strcmp(arg_str(a, "mode", "cont"), "step");
	j_str("call", call);
	if (!strcmp(call, "getresuid")) {
		uint64_t p[3] = { arg_u64(a, "a", addr), arg_u64(a, "b", addr),
				  arg_u64(a, "c", addr) };
		j_addr("a", p[0]);
		j_addr("b", p[1]);
		j_addr("c", p[2]);
		if (r.step)
			j_str("mode", "step");
		ret = run_syscall(t, &r, SYS_getresuid, p[0], p[1], p[2]);
	} else {
		j_addr("addr", addr);
		j_int("len", len);
		if (r.step)
			j_str("mode", "step");
		if (!strcmp(call, "read_zero")) {
			ret = run_syscall(t, &r, SYS_read, FD_DEVZERO, addr, len);
		} else if (!strcmp(call, "read_pipe")) {
			memset(bytes, 0x5a, len);
			if (write(FD_PIPE_W, bytes, len) != (ssize_t)len)
				die("fill pipe");
			ret = run_syscall(t, &r, SYS_read, FD_PIPE_R, addr, len);
			if (ret < 0 && read(FD_PIPE_R, bytes, len) != (ssize_t)len)
				die("drain pipe");
		} else if (!strcmp(call, "write_pipe")) {
			ret = run_syscall(t, &r, SYS_write, FD_PIPE_W, addr, len);
			if (ret > 0 && read(FD_PIPE_R, bytes, ret) != ret)
				die("drain pipe");
		}
	}
	j_sysret(ret);
	return true;
}

/* The recorder stores 8 bytes in its own memory (0x30000000, one page). */
static bool op_self_store(const struct args *a)
{
	static bool mapped;
	uint64_t addr = arg_u64(a, "addr", SELF_MEM);

	if (addr < SELF_MEM || addr > SELF_MEM + SELF_SIZE - 8)
		return false;
	if (!mapped && mmap((void *)SELF_MEM, SELF_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			    MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == MAP_FAILED)
		die("own memory");
	mapped = true;
	j_hex("addr", addr);
	__asm__ volatile("movq %1, %0" : "=m"(*(volatile uint64_t *)addr) : "r"(addr));
	return true;
}

/* The recorder, not the task, writes the task's memory. */
static bool op_remote_write(const struct args *a)
{
	struct task *t = task_arg(a);
	uint64_t addr = arg_u64(a, "addr", BUF_ADDR);
	const char *via = arg_str(a, "via", "pokedata");
	static uint64_t val = 0x7777777777777777;
	long ret = -1;

	if (!t || !t->traced)
		return false;
	val++;
	j_addr("addr", addr);
	j_str("via", via);
	errno = 0;
	if (!strcmp(via, "pokedata")) {
		ret = ptrace(PTRACE_POKEDATA, t->pid, addr, val);
	} else if (!strcmp(via, "vm_writev")) {
		ret = poke_mem(t, addr, &val, 8) ? 0 : -1;
	} else if (!strcmp(via, "proc_mem")) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/%d/mem", t->pid);
		int fd = open(path, O_RDWR);
		ret = pwrite(fd, &val, 8, addr) == 8 ? 0 : -1;
		close(fd);
	}
	j_result(ret, errno);
	return true;
}

const struct op task_ops[] = {
	{ "spawn", op_spawn },
	{ "exit", op_exit },
	{ "kill", op_kill },
	{ "fork", op_fork },
	{ "thread", op_thread },
	{ "exec", op_exec },
	{ "affinity", op_affinity },
	{ "detach", op_detach },
	{ "attach", op_attach },
	{ "poke", op_poke },
	{ "peek", op_peek },
	{ "access", op_access },
	{ "nops", op_nops },
	{ "sys", op_sys },
	{ "remote_write", op_remote_write },
	{ "self_store", op_self_store },
	{ NULL, NULL },
};
