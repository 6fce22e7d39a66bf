/* SPDX-License-Identifier: MIT
 *
 * panel - the front panel of a small machine, for one shift of 339 ticks.
 *
 * `lamp` is the warning lamp.  Only switch_lamp() has any business with it, and
 * switch_lamp() is correct; yet at the end of the shift the lamp shows a
 * value that nobody ever switched it to.  Find out who wrote it.
 *
 * Everything that the panel shows lies in one doubleword: lamp, mode, level and
 * ticks are neighbours.  They are written without initialisers, in one file
 * and compiled with -fno-toplevel-reorder, so they lie in .bss in the order in
 * which they stand here; record.sh checks that.
 *
 * Freestanding, so that the trace is the program's own: no libc, no loader.
 */
#define NOINLINE __attribute__((noinline))

enum { TICKS = 339, COLUMNS = 16 };

char line[COLUMNS] __attribute__((aligned(16))); /* the display          */
unsigned char lamp;                              /* 0 off, 1 on          */
unsigned char mode;                              /* 0 idle, 1 run        */
unsigned short level;                            /* tank, in litres      */
unsigned ticks;                                  /* since the shift began */
unsigned drained;                                /* litres, all day      */

static NOINLINE void tick(void)
{
    ticks++;
}

static NOINLINE void switch_lamp(int on)
{
    lamp = on ? 1 : 0;
}

static NOINLINE void set_mode(unsigned char wanted)
{
    if (mode != wanted)
        mode = wanted;
}

static NOINLINE void fill(unsigned litres)
{
    level += litres;
}

static NOINLINE void drain(unsigned litres)
{
    level -= litres;
    drained += litres;
}

/* Puts a text on the display, and blanks behind it. */
static NOINLINE void show(const char *text)
{
    char *at = line;
    while (*text != 0)
        *at++ = *text++;
    while (at < line + COLUMNS)
        *at++ = ' ';
}

static void shift(void)
{
    while (ticks < TICKS) {
        tick();
        if (ticks % 4 == 0)
            fill(7 + ticks % 3);
        if (level > 90) {
            switch_lamp(1);
            set_mode(1);
            show(ticks > 240 ? "OVERFLOW, DRAINED" : "DRAINING");
            drain(level);
        } else if (ticks % 5 == 0) {
            switch_lamp(0);
            set_mode(0);
            show("READY");
        }
    }
}

#if defined(__powerpc64__)
static void leave(long status)
{
    register long number __asm__("r0") = 1; /* exit */
    register long argument __asm__("r3") = status;
    __asm__ volatile("sc" : : "r"(number), "r"(argument) : "memory");
    for (;;)
        ;
}
#else
#error "the panel is built for 64-bit PowerPC"
#endif

void _start(void)
{
    shift();
    leave(lamp > 1 ? 1 : 0);
}
