/* Shared declarations of the task side. */
#ifndef TASK_H
#define TASK_H

#include "rec.h"

#define FD_DEVZERO	20
#define FD_PIPE_R	21
#define FD_PIPE_W	22
#define SYSCALL_STUB	24

extern const char *worker_path;

struct task *task_new(const char *name, pid_t pid);
void set_affinity(pid_t pid, int cpu);
long debugreg(struct task *t, bool poke, int reg, uint64_t *val);

/* stubs.c */
uint64_t stub_addr(int k);
int stub_index(const char *name);
int stub_size(int k);	/* bytes it changes at its address; -1: its count */

struct run {
	uint64_t rip, rdi, rsi, rcx, rdx, rax, r10;
	bool rf;		/* start with EFLAGS.RF set */
	bool step;		/* resume with PTRACE_SINGLESTEP */
	uint64_t watch;		/* report whether this memory changed ... */
	int watch_len;		/* ... at each stop; 0: do not */
	uint64_t ret;		/* out: rax at the end */
	pid_t new_pid;		/* out: child reported by a fork/clone event */
};

void run(struct task *t, struct run *run);
long run_syscall(struct task *t, struct run *r, long nr,
		 uint64_t a0, uint64_t a1, uint64_t a2);
void j_sysret(long ret);
bool peek_mem(struct task *t, uint64_t addr, void *buf, size_t len);
bool poke_mem(struct task *t, uint64_t addr, const void *buf, size_t len);
const char *sig_name(int sig);

#endif
