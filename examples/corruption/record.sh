#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds `ledger` and records `ledger.trace.gz` again, next to this script.
# Same tools and libc in, same bytes out: see README.md.
set -eu
cd "$(dirname "$0")"

for tool in gcc nm valgrind gzip; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "record.sh: $tool is missing; on Debian or Ubuntu:" >&2
        echo "    apt-get install gcc libc6-dev binutils valgrind gzip" >&2
        exit 2
    fi
done

gcc -std=c11 -Wall -Wextra -g -O1 -no-pie -fno-pie -fno-toplevel-reorder \
    -fno-stack-protector -ffile-prefix-map="$PWD"=. -o ledger ledger.c

# The demo needs vault_total right behind the twelve ints of fees_by_month.
addr() { nm ledger | awk -v n="$1" '$3 == n { print $1 }'; }
fees=$(addr fees_by_month)
vault=$(addr vault_total)
if [ $((0x$vault - 0x$fees)) -ne 48 ]; then
    echo "record.sh: layout is off: fees_by_month $fees, vault_total $vault" >&2
    exit 3
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The strings of the environment lie on the traced stack, and the dynamic
# loader walks over them, so the environment is fixed:
# - Debian's `valgrind` is a shell script that would add PWD; valgrind.bin is
#   the real launcher.
# - Valgrind puts its own entry into LD_PRELOAD.  Left to itself it appends the
#   variable at the very end, where the loader's strcspn() reads a few bytes
#   past it, into the random bytes of AT_RANDOM; hence the variable after it.
vg=$(command -v valgrind.bin || command -v valgrind)
# The program is expected to end with status 1 (the audit fails).
status=0
env -i LD_PRELOAD= LEDGER_ENV=end-of-environment "$vg" --tool=lackey \
    --trace-mem=yes --log-file="$tmp/trace" ./ledger \
    >"$tmp/out" </dev/null || status=$?
cat "$tmp/out"
if [ "$status" -ne 1 ]; then
    echo "record.sh: expected exit status 1, got $status" >&2
    exit 4
fi

# The pids are the only thing that changes from run to run.
sed -e 's/^==[0-9][0-9]*==/==1==/' \
    -e 's/^\(==1== Parent PID: \)[0-9][0-9]*$/\10/' "$tmp/trace" >"$tmp/ledger.trace"
gzip -9n <"$tmp/ledger.trace" >ledger.trace.gz

awk '/^I /  { i++; next } /^ L /{ l++; next } /^ S / { s++; next }
     /^ M / { m++; next } { o++ }
     END { printf "lines: %d I, %d L, %d S, %d M, %d other\n", i, l, s, m, o }' \
    "$tmp/ledger.trace"
wc -c ledger ledger.trace.gz
echo "$(wc -c <"$tmp/ledger.trace") ledger.trace (uncompressed)"
sha256sum ledger ledger.trace.gz
