/*
 * debugreg.c - POKEUSER and PEEKUSER of the debug registers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "task.h"

long debugreg(struct task *t, bool poke, int reg, uint64_t *val)
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

const struct op debugreg_ops[] = {
	{ "poke", op_poke },
	{ "peek", op_peek },
	{ NULL, NULL },
};
