/*
 * task-ops.c - ops on tasks: spawn, fork, exec, exit, detach, ...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task.h"

#define PAUSE_LOOP	0x20002300UL
#define SCRATCH		0x1000e000UL	/* path and argv of execve */
#define OPTIONS (PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | \
		 PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD)

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
	{ NULL, NULL },
};
