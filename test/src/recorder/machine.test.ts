import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { machineSchema } from '@hwbp/conform';
import { findLacks, readMachineFacts, type Surroundings } from '@hwbp/recorder';
import test from 'ava';

/** A root directory with these files, gone when the test is over. */
class FakeRoot implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'hwbp-root-'));

  constructor(files: Readonly<Record<string, string | Buffer>>) {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.directory, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const cpuinfo = (flags: string): string =>
  [0, 1]
    .map((n) => `processor\t: ${n}\nmodel name\t: A CPU @ 3GHz\nflags\t\t: ${flags}\nbugs\t\t: bpextra\n`)
    .join('\n');

const PLAIN = {
  'proc/sys/kernel/osrelease': '6.18.44\n',
  'proc/sys/kernel/perf_event_paranoid': '2\n',
  'proc/sys/kernel/perf_event_max_sample_rate': '100000\n',
  'sys/devices/system/cpu/online': '0-1\n',
  'proc/cpuinfo': cpuinfo('fpu de lm'),
};

const PLAIN_FACTS = {
  kernel: '6.18.44',
  cpu: 'A CPU @ 3GHz',
  cpus: 2,
  bpext: false,
  kprobes: false,
  perf_event_paranoid: 2,
  max_sample_rate: 100_000,
  paging_levels: 4,
  task_size: '0x7ffffffff000',
};

function facts(files: Readonly<Record<string, string | Buffer>>): unknown {
  using root = new FakeRoot({ ...PLAIN, ...files });
  return readMachineFacts(root.directory);
}

test('facts of a plain machine, and of one in which everything is different', (t) => {
  t.deepEqual(facts({}), PLAIN_FACTS);
  t.deepEqual(
    facts({
      'proc/sys/kernel/osrelease': '7.1.0-rc1+\n',
      'proc/sys/kernel/perf_event_paranoid': '-1\n',
      'proc/sys/kernel/perf_event_max_sample_rate': '25000\n',
      'sys/devices/system/cpu/online': '0-3,6,8-9\n',
      'proc/cpuinfo': cpuinfo('fpu bpext la57'),
      'proc/config.gz': gzipSync('CONFIG_HAVE_KPROBES=y\nCONFIG_KPROBES=y\n'),
    }),
    {
      ...PLAIN_FACTS,
      kernel: '7.1.0-rc1+',
      cpus: 7,
      bpext: true,
      kprobes: true,
      perf_event_paranoid: -1,
      max_sample_rate: 25_000,
      paging_levels: 5,
      task_size: '0xfffffffffff000',
    },
  );
});

test('kprobes: the configuration decides, wherever it is; without one, what is in the kernel', (t) => {
  const without = '# CONFIG_KPROBES is not set\nCONFIG_HAVE_KPROBES=y\n';
  const symbols = 'ffffffff81000000 T register_kprobe\n';
  for (const [files, kprobes] of [
    [{ 'boot/config-6.18.44': 'CONFIG_KPROBES=y\n' }, true],
    [{ 'boot/config-6.17.0': 'CONFIG_KPROBES=y\n' }, false],
    [{ 'lib/modules/6.18.44/config': 'CONFIG_KPROBES=y\n' }, true],
    [{ 'proc/config.gz': gzipSync(without), 'proc/kallsyms': symbols }, false],
    [{ 'proc/kallsyms': symbols }, true],
    [{ 'proc/kallsyms': '0000000000000000 T register_kprobes\n' }, false],
  ] as const) {
    t.is((facts(files) as { kprobes: boolean }).kprobes, kprobes, JSON.stringify(Object.keys(files)));
  }
});

test('facts of this machine, if it is Linux, are such that conform takes them', (t) => {
  if (process.platform !== 'linux') {
    t.log('skipped: this is not Linux');
    t.pass();
    return;
  }
  const { cpus, ...others } = readMachineFacts();
  t.true(cpus !== undefined && cpus >= 1);
  t.notThrows(() => machineSchema.parse({ ...others, cpus: Math.max(2, cpus ?? 0) }));
});

const HERE: Surroundings = {
  platform: 'linux',
  arch: 'x64',
  uid: 0,
  status: 'CapEff:\t000001ffffffffff\nCpus_allowed_list:\t0-1\n',
  hasProgram: () => true,
};

const told = (change: Partial<Surroundings>): string[] => findLacks({ ...HERE, ...change }).map(({ what }) => what);

test('what is missing for a recording is said, all at once, each with what to do', (t) => {
  t.deepEqual(findLacks(HERE), []);
  t.deepEqual(told({ platform: 'darwin', arch: 'arm64', uid: 501 }), ['this is darwin on arm64']);
  t.deepEqual(told({ arch: 'arm64' }), ['this is linux on arm64']);
  t.deepEqual(told({ uid: 1000, hasProgram: (name) => name !== 'gcc' }), ['gcc is missing', 'you are user 1000']);
  t.deepEqual(told({ hasProgram: () => false }), ['gcc is missing', 'ld is missing', 'make is missing']);
  t.deepEqual(told({ status: 'CapEff:\t00000000a80425fb\nCpus_allowed_list:\t0-7\n' }), [
    'root has no CAP_SYS_PTRACE, CAP_SYS_ADMIN here',
  ]);
  t.deepEqual(told({ status: 'CapEff:\t000001ffffffffff\nCpus_allowed_list:\t0,2-5\n' }), ['CPU 1 cannot be used']);
  for (const lack of findLacks({ ...HERE, uid: 1000, hasProgram: () => false })) {
    t.is(lack.tool, lack.what.endsWith('is missing'));
    t.not(lack.remedy, '');
  }
});
