#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds `panel` for 64-bit PowerPC and records panel.trace.gz again, next to this script.
# Same tools in, same bytes out: see README.md.
set -eu
cd "$(dirname "$0")"

for tool in gcc powerpc64le-linux-gnu-gcc powerpc64-linux-gnu-gcc nm qemu-ppc64le qemu-ppc64 gzip; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "record.sh: $tool is missing; on Debian or Ubuntu:" >&2
        echo "    apt-get install gcc gcc-powerpc64le-linux-gnu gcc-powerpc64-linux-gnu qemu-user gzip" >&2
        exit 2
    fi
done

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gcc -std=c11 -Wall -Wextra -O2 -shared -fPIC -fvisibility=hidden -o "$tmp/tcg-lackey.so" tcg-lackey.c

# name, compiler, emulator
record() {
    # Both byte orders with the ABI whose function symbols are code, not descriptors.
    "$2" -std=c11 -Wall -Wextra -g -O1 -mabi=elfv2 -ffreestanding -nostdlib -static -no-pie -fno-pie \
        -fno-toplevel-reorder -fno-stack-protector -ffile-prefix-map="$PWD"=. -Wl,--build-id=none -Wl,-z,max-page-size=4096 -o "$1" panel.c
    # The demo needs lamp right behind the display, and everything that is shown in one doubleword.
    addr() { printf '%d' "0x$(nm "$1" | awk -v n="$2" '$3 == n { print $1 }')"; }
    lamp=$(addr "$1" lamp)
    if [ $((lamp - $(addr "$1" line))) -ne 16 ] || [ $((lamp % 8)) -ne 0 ] || [ $(($(addr "$1" ticks) - lamp)) -ne 4 ]; then
        echo "record.sh: layout of $1 is off" >&2
        exit 3
    fi
    # The program is expected to end with status 1 (the lamp shows nonsense).
    status=0
    env -i "$(command -v "$3")" -plugin "$tmp/tcg-lackey.so,out=$tmp/$1.trace" "./$1" || status=$?
    if [ "$status" -ne 1 ]; then
        echo "record.sh: expected exit status 1 of $1, got $status" >&2
        exit 4
    fi
}

record panel powerpc64le-linux-gnu-gcc qemu-ppc64le
record panel-be powerpc64-linux-gnu-gcc qemu-ppc64
# Where things lie does not depend on the byte order, nor does who accesses them.
cmp "$tmp/panel.trace" "$tmp/panel-be.trace"
rm panel-be
gzip -9n <"$tmp/panel.trace" >panel.trace.gz
awk '/^I /  { i++ } /^ L /{ l++ } /^ S / { s++ } END { printf "%d I, %d L, %d S\n", i, l, s }' "$tmp/panel.trace"
wc -c panel panel.trace.gz
