/* SPDX-License-Identifier: MIT
 *
 * ledger - one business year of a very small bank.
 *
 * Every day customers pay money in and take money out.  `vault_total` is the
 * bank's own running count of the cash in the vault: deposit() raises it,
 * withdraw() lowers it, and nothing else has any business writing it.
 * Charging a fee only moves money from a customer to the bank, so it leaves
 * the vault as it is.  At the end of the year the auditor compares the two:
 *
 *     sum of all balances + fees of the twelve months == vault_total
 *
 * They do not agree.  Find out who wrote `vault_total`.
 *
 * About the layout: the globals below are written without initialisers, in
 * one file and compiled with -fno-toplevel-reorder, so they lie in .bss in
 * the order in which they stand here.  record.sh checks with nm the part of
 * that order on which the demo depends and refuses to record without it.
 * The noinline attributes keep every writer in a function (ELF symbol) of
 * its own.
 */
#include <stdio.h>

#define NOINLINE __attribute__((noinline))

enum { ACCOUNTS = 48, DAYS = 365, MONTHS = 12, SLIPS_PER_DAY = 10 };

struct account {
    int number;
    int balance;            /* whole currency units, never below zero      */
    unsigned movements;     /* deposits, withdrawals and fees so far       */
    unsigned seal;          /* night checksum over this account's history  */
};

long long turnover;                  /* money moved, in or out, this year    */
struct account accounts[ACCOUNTS];
int fees_by_month[MONTHS];           /* what the bank earned in fees         */
int vault_total;                     /* cash that should be in the vault     */
unsigned slips_posted;               /* deposits and withdrawals booked      */
unsigned slips_refused;              /* withdrawals without enough cover     */
unsigned short today;                /* day of the year, 0 .. DAYS-1         */
unsigned char branch_open;           /* 1 while customers are served         */

static unsigned lcg = 20240229u;

/* The customers: a small generator, the same year on every run. */
static NOINLINE unsigned next_random(unsigned below)
{
    lcg = lcg * 1664525u + 1013904223u;
    return (lcg >> 8) % below;
}

NOINLINE void deposit(struct account *a, int amount)
{
    a->balance += amount;
    a->movements++;
    vault_total += amount;
    turnover += amount;
    slips_posted++;
}

/* Returns 0, or -1 if the balance does not cover the amount. */
NOINLINE int withdraw(struct account *a, int amount)
{
    if (a->balance < amount) {
        slips_refused++;
        return -1;
    }
    a->balance -= amount;
    a->movements++;
    vault_total -= amount;
    turnover += amount;
    slips_posted++;
    return 0;
}

/* A refused slip costs the customer a fee, booked under the current month. */
NOINLINE void charge_fee(struct account *a, int fee)
{
    if (fee > a->balance)
        fee = a->balance;
    a->balance -= fee;
    a->movements++;
    fees_by_month[today / 30] += fee;
}

NOINLINE void open_accounts(void)
{
    for (int i = 0; i < ACCOUNTS; i++) {
        accounts[i].number = 1000 + i;
        deposit(&accounts[i], 100 + (int)next_random(400));
    }
}

NOINLINE void serve_customer(void)
{
    struct account *a = &accounts[next_random(ACCOUNTS)];
    int amount = 5 + (int)next_random(120);

    if (next_random(100) < 50)
        deposit(a, amount);
    else if (withdraw(a, amount) != 0)
        charge_fee(a, 4);
}

/* After closing time: fold the state of every account into its seal. */
NOINLINE void seal_accounts(void)
{
    for (int i = 0; i < ACCOUNTS; i++) {
        struct account *a = &accounts[i];
        const unsigned char *p = (const unsigned char *)&a->balance;
        unsigned h = a->seal ^ 2166136261u;

        for (int k = 0; k < 8; k++)          /* balance and movements */
            h = (h ^ p[k]) * 16777619u;
        a->seal = h;
    }
}

NOINLINE int audit(void)
{
    int found = 0;
    unsigned seal = 0;

    for (int i = 0; i < ACCOUNTS; i++) {
        found += accounts[i].balance;
        seal ^= accounts[i].seal;
    }
    for (int m = 0; m < MONTHS; m++)
        found += fees_by_month[m];

    printf("slips: %u posted, %u refused, turnover %lld, seal %08x\n",
           slips_posted, slips_refused, turnover, seal);
    printf("audit: expected %d, found %d\n", vault_total, found);
    return found == vault_total;
}

int main(void)
{
    open_accounts();
    for (today = 0; today < DAYS; today++) {
        branch_open = 1;
        for (int i = 0; i < SLIPS_PER_DAY; i++)
            serve_customer();
        branch_open = 0;
        seal_accounts();
    }
    return audit() ? 0 : 1;
}
