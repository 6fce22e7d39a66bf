import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { MachineFacts } from '@hwbp/conform';

const PAGE = 0x1000n;

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The kernel's configuration, where the kernel or the distribution keeps it. */
function configOf(root: string, kernel: string): string | undefined {
  const packed = path.join(root, 'proc/config.gz');
  if (existsSync(packed)) return gunzipSync(readFileSync(packed)).toString('utf8');
  return textOf(path.join(root, `boot/config-${kernel}`)) ?? textOf(path.join(root, `lib/modules/${kernel}/config`));
}

/** True if kprobes are built in: the configuration says, or else a function that only they have. */
function hasKprobes(root: string, config: string | undefined): boolean {
  if (config !== undefined) return /^CONFIG_KPROBES=y$/m.test(config);
  return /\bregister_kprobe$/m.test(textOf(path.join(root, 'proc/kallsyms')) ?? '');
}

/** How many CPUs a list such as `0-3,6` names. */
function countCpus(list: string): number {
  return list
    .trim()
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((count, [from = 0, to = from]) => count + to - from + 1, 0);
}

/** Facts of this machine that decide what its kernel answers. `root`: where `proc` and `sys` are. */
export function readMachineFacts(root = '/'): MachineFacts {
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8').trim();
  const kernel = read('proc/sys/kernel/osrelease');
  const cpuinfo = read('proc/cpuinfo');
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  // The kernel clears the flag where it runs with four levels all the same.
  const levels = flags.has('la57') ? 5 : 4;
  return {
    kernel,
    cpu: /^model name\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? 'unknown',
    cpus: countCpus(read('sys/devices/system/cpu/online')),
    bpext: flags.has('bpext'),
    kprobes: hasKprobes(root, configOf(root, kernel)),
    perf_event_paranoid: Number(read('proc/sys/kernel/perf_event_paranoid')),
    max_sample_rate: Number(read('proc/sys/kernel/perf_event_max_sample_rate')),
    paging_levels: levels,
    task_size: `0x${((1n << (levels === 5 ? 56n : 47n)) - PAGE).toString(16)}`,
  };
}
