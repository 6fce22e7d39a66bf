/* SPDX-License-Identifier: MIT
 *
 * tcg-lackey - a TCG plugin for QEMU's user mode that writes the memory trace of
 * a program in the format of Valgrind's Lackey, for instruction sets that
 * Valgrind's own tool cannot be asked for:
 *
 *     I  100002d4,4      instruction fetched: address, length
 *      L 10020010,8      load: address, size
 *      S 10020018,1      store
 *
 *     qemu-ppc64le -plugin ./tcg-lackey.so,out=FILE PROGRAM
 *
 * Loads and stores come behind the instruction that makes them.  A store that
 * TCG makes in a helper by writing to host memory (dcbz) is not reported to
 * plugins, and so not here.
 *
 * Debian ships QEMU's plugin interface (version 1) without its header, so the
 * few functions of it that are used are declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t plugin_id;
typedef uint32_t meminfo;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { CB_NO_REGS = 0 };
enum { MEM_READ_WRITE = 3 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, meminfo, uint64_t, void *),
                                             int, int, void *);
extern unsigned qemu_plugin_mem_size_shift(meminfo);
extern bool qemu_plugin_mem_is_store(meminfo);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);

EXPORTED int qemu_plugin_version = 1;

static FILE *out;

struct place {
    uint64_t address;
    size_t size;
};

static void executed(unsigned cpu, void *data)
{
    const struct place *place = data;
    (void)cpu;
    fprintf(out, "I  %08" PRIx64 ",%zu\n", place->address, place->size);
}

static void accessed(unsigned cpu, meminfo info, uint64_t address, void *data)
{
    (void)cpu;
    (void)data;
    fprintf(out, " %c %08" PRIx64 ",%u\n", qemu_plugin_mem_is_store(info) ? 'S' : 'L', address,
            1u << qemu_plugin_mem_size_shift(info));
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        struct place *place = malloc(sizeof *place);
        if (place == NULL)
            abort();
        place->address = qemu_plugin_insn_vaddr(insn);
        place->size = qemu_plugin_insn_size(insn);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, CB_NO_REGS, place);
        qemu_plugin_register_vcpu_mem_cb(insn, accessed, CB_NO_REGS, MEM_READ_WRITE, NULL);
    }
}

static void finished(plugin_id id, void *data)
{
    (void)id;
    (void)data;
    if (fclose(out) != 0)
        perror("tcg-lackey");
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    const char *name = NULL;
    (void)info;
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], "out=", 4) == 0)
            name = argv[i] + 4;
    if (name == NULL || (out = fopen(name, "w")) == NULL) {
        fprintf(stderr, "tcg-lackey: say where to write: -plugin tcg-lackey.so,out=FILE\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
