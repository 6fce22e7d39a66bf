/* Shared declarations of the breakpoint recorder. */
#ifndef REC_H
#define REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- JSON output: one growing line, commas placed automatically ---- */
void j_open(const char *key, char bracket);	/* '{' or '[' */
void j_close(char bracket);			/* '}' or ']' */
void j_str(const char *key, const char *value);
void j_int(const char *key, long long value);
void j_hex(const char *key, uint64_t value);
void j_num(const char *key, uint64_t value);
void j_bool(const char *key, bool value);
void j_addr(const char *key, uint64_t value);	/* hex, or the ksym it was given as */
void j_result(long ret, int err);		/* "ret" and, on failure, "errno" */
void j_flush(void);
size_t j_mark(void);
void j_back(size_t mark);

const char *errno_name(int err);

/* ---- arguments of one script line: op key=value ... ---- */
#define MAX_ARGS 40
struct args {
	int n;
	char *key[MAX_ARGS];
	char *val[MAX_ARGS];
};
const char *arg_str(const struct args *a, const char *key, const char *def);
uint64_t arg_u64(const struct args *a, const char *key, uint64_t def);
bool arg_has(const struct args *a, const char *key);

/* ---- what the step's "after" object holds, from the script header ---- */
#define AFTER_DR	1
#define AFTER_FREE	2
#define AFTER_COUNT	4
extern unsigned after_mask;

/* ---- identity: as=root or as=nobody (uid 65534, no capabilities) ---- */
#define NOBODY 65534
bool become(const char *as);	/* true if it changed and restore() is due */
void restore(void);

/* ---- tasks (task.c) ---- */
#define MAX_TASKS 16
#define BUF_ADDR 0x10000000UL
#define BUF_SIZE 0x10000UL

struct task {
	char name[16];
	pid_t pid;
	bool live;
	bool traced;
};
extern struct task tasks[MAX_TASKS];
extern int n_tasks;

void tasks_init(const char *worker_path);
struct task *task_find(const char *name);
struct task *task_arg(const struct args *a);	/* NULL if dead or unknown */
void tasks_after(void);
void tasks_end(void);

/* ---- perf events (perf.c) ---- */
void perf_init(void);
void perf_pin_context(pid_t pid);
bool perf_registers_free(void);
void perf_after_free(void);
void perf_after_count(void);
uint64_t addr_value(const char *text);

/* ---- op tables; a handler returns false when the step is left out ---- */
typedef bool (*op_fn)(const struct args *a);
struct op {
	const char *name;
	op_fn fn;
};
extern const struct op task_ops[];
extern const struct op debugreg_ops[];
extern const struct op access_ops[];
extern const struct op perf_ops[];

void die(const char *what) __attribute__((noreturn));

#endif
