/*
 * stubs.c - the instructions that a task can be made to execute.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task.h"

#define STUBS		0x20001000UL
#define STUB_STRIDE	0x40

/* Names of the stubs in worker.S, in their order there. */
static const struct {
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

uint64_t stub_addr(int k)
{
	return STUBS + k * STUB_STRIDE;
}

int stub_index(const char *name)
{
	for (int k = 0; k < N_STUBS; k++)
		if (!strcmp(stubs[k].name, name))
			return k;
	fprintf(stderr, "record: unknown insn '%s'\n", name);
	_exit(2);
}

int stub_size(int k)
{
	return stubs[k].size;
}
