#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds `meters` for arm64 and records meters.trace.gz again, next to this script, with the plugin of ../panel.
# Same tools in, same bytes out: see README.md.
set -eu
cd "$(dirname "$0")"

for tool in gcc aarch64-linux-gnu-gcc aarch64-linux-gnu-objdump nm qemu-aarch64 gzip; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "record.sh: $tool is missing; on Debian or Ubuntu:" >&2
        echo "    apt-get install gcc gcc-aarch64-linux-gnu qemu-user gzip" >&2
        exit 2
    fi
done

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gcc -std=c11 -Wall -Wextra -O2 -shared -fPIC -fvisibility=hidden -o "$tmp/tcg-lackey.so" ../panel/tcg-lackey.c

# Atomics as loops of exclusive accesses, as on the first CPUs of the architecture.
aarch64-linux-gnu-gcc -std=c11 -Wall -Wextra -g -O2 -march=armv8-a -mno-outline-atomics -ffreestanding -nostdlib -static \
    -no-pie -fno-pie -fno-toplevel-reorder -fno-stack-protector -fno-aggressive-loop-optimizations \
    -ffile-prefix-map="$PWD"=. -Wl,--build-id=none -Wl,-z,max-page-size=4096 -o meters meters.c

# The demo needs a pair behind the meters, of which the second is watched.
addr() { printf '%d' "0x$(nm meters | awk -v n="$1" '$3 == n { print $1 }')"; }
if [ $(($(addr readings) - $(addr meters))) -ne 96 ] || [ $(($(addr billed) - $(addr readings))) -ne 8 ]; then
    echo "record.sh: layout of meters is off" >&2
    exit 3
fi

# The program is expected to end with status 1 (most of the bill is gone).
status=0
env -i "$(command -v qemu-aarch64)" -cpu cortex-a57 -plugin "$tmp/tcg-lackey.so,out=$tmp/meters.trace" ./meters || status=$?
if [ "$status" -ne 1 ]; then
    echo "record.sh: expected exit status 1 of meters, got $status" >&2
    exit 4
fi

# QEMU makes a store-exclusive by comparing and exchanging, and tells of a load that the program does not make.
exclusives=$(aarch64-linux-gnu-objdump -d meters | awk '$3 ~ /^stl?x/ { print substr($1, 1, length($1) - 1) }')
awk -v list="$exclusives" 'BEGIN { count = split(list, at, "\n"); for (n = 1; n <= count; n++) exclusive["00" at[n] ",4"] = 1 }
    /^I /  { drops = $2 in exclusive }
    /^ L / { if (drops) next }
           { print }' "$tmp/meters.trace" >"$tmp/program.trace"
gzip -9n <"$tmp/program.trace" >meters.trace.gz
awk '/^I /  { i++ } /^ L /{ l++ } /^ S / { s++ } END { printf "%d I, %d L, %d S\n", i, l, s }' "$tmp/program.trace"
wc -c meters meters.trace.gz
