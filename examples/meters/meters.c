/* SPDX-License-Identifier: MIT
 *
 * meters - the electricity meters of a house, for one month of 30 days.
 *
 * `billed` is what the tenants have to pay.  Only bill() has any business with
 * it, and bill() is correct; yet at the end of the month most of it is gone.
 * Find out who cleared it.
 *
 * The culprit is one instruction that stores a pair of registers: 16 bytes, of
 * which only the second half is `billed`.  `meters`, `readings` and `billed`
 * are written without initialisers, in one file and compiled with
 * -fno-toplevel-reorder, so they lie in .bss in the order in which they stand
 * here; record.sh checks that.
 *
 * Freestanding, so that the trace is the program's own: no libc, no loader.
 */
#define NOINLINE __attribute__((noinline))

typedef unsigned long u64;

enum { METERS = 6, DAYS = 30, HOURS = 24 };

struct meter {
    u64 used; /* watt hours since it was cleared */
    u64 peak; /* most of an hour                 */
};

struct meter meters[METERS] __attribute__((aligned(16)));
u64 readings;    /* of all meters, all month     */
u64 billed;      /* cents, all month             */
u64 owed;        /* what it has to be in the end */
unsigned pulses; /* counted by whoever hears one */

/* A load-exclusive and a store-exclusive, until that succeeds. */
static NOINLINE void pulse(void)
{
    __atomic_fetch_add(&pulses, 1, __ATOMIC_RELAXED);
}

static NOINLINE void use(struct meter *meter, u64 watts)
{
    meter->used += watts;
    if (watts > meter->peak)
        meter->peak = watts;
    pulse();
}

static NOINLINE u64 reading(const struct meter *meter)
{
    readings++;
    return meter->used;
}

static NOINLINE void bill(u64 watts)
{
    billed += watts / 4;
}

static NOINLINE void clear(struct meter *meter)
{
    meter->used = 0;
    meter->peak = 0;
}

/* Every 12 days whoever reads the meters clears them. */
static NOINLINE void clear_all(void)
{
    for (int i = 0; i <= METERS; i++)
        clear(&meters[i]);
}

static void month(void)
{
    for (unsigned day = 1; day <= DAYS; day++) {
        for (unsigned hour = 0; hour < HOURS; hour += 4)
            for (unsigned i = 0; i < METERS; i++)
                use(&meters[i], 40 * (i + 1) + hour * day % 90);
        for (unsigned i = 0; i < METERS; i++) {
            u64 before = billed;
            bill(reading(&meters[i]) / day);
            owed += billed - before;
        }
        if (day % 12 == 0)
            clear_all();
    }
}

#if defined(__aarch64__)
static void leave(long status)
{
    register long number __asm__("x8") = 93; /* exit */
    register long argument __asm__("x0") = status;
    __asm__ volatile("svc 0" : : "r"(number), "r"(argument) : "memory");
    for (;;)
        ;
}
#else
#error "the meters are built for arm64"
#endif

void _start(void)
{
    month();
    leave(billed == owed ? 0 : 1);
}
