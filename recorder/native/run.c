/*
 * run.c - running one stub at a time.
 *
 * run() sets a task's registers, resumes it, and records every stop until the
 * stub's own int3 (SIGTRAP, si_code SI_KERNEL) hands control back.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "task.h"

#define MAX_STOPS	96

bool peek_mem(struct task *t, uint64_t addr, void *buf, size_t len)
{
	struct iovec l = { buf, len }, r = { (void *)addr, len };

	return process_vm_readv(t->pid, &l, 1, &r, 1, 0) == (ssize_t)len;
}

bool poke_mem(struct task *t, uint64_t addr, const void *buf, size_t len)
{
	struct iovec l = { (void *)buf, len }, r = { (void *)addr, len };

	return process_vm_writev(t->pid, &l, 1, &r, 1, 0) == (ssize_t)len;
}

const char *sig_name(int sig)
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
void run(struct task *t, struct run *run)
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
long run_syscall(struct task *t, struct run *r, long nr,
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

void j_sysret(long ret)
{
	if (ret < 0 && ret > -4096) {
		j_int("ret", -1);
		j_str("errno", errno_name(-ret));
	} else {
		j_int("ret", ret);
	}
}
