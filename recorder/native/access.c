/*
 * access.c - ops that access memory: by a task's instructions and system
 * calls, and by the recorder itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "task.h"

#define SELF_MEM	0x30000000UL	/* the recorder's own page */
#define SELF_SIZE	0x1000

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
	r.watch_len = stub_size(k) < 0 ? (r.rcx < 64 ? (int)r.rcx : 64) : stub_size(k);
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

const struct op access_ops[] = {
	{ "access", op_access },
	{ "nops", op_nops },
	{ "sys", op_sys },
	{ "remote_write", op_remote_write },
	{ "self_store", op_self_store },
	{ NULL, NULL },
};
