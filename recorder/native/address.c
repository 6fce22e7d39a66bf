/*
 * address.c - addresses of scripts: numbers, ksym:NAME (a kernel symbol) and
 * alias:TASK:ADDR (the kernel's direct-map address of a task's page).
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rec.h"

#define MAX_SYMBOLS	32
#define PAGE		4096
#define DIRECT_MAP	0xffff888000000000UL	/* without KASLR, 4-level paging */

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
