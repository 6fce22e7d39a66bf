import test from 'ava';
import { ELF, expected, hwbp, parseJson, TRACE } from './run-cli.js';

for (const { symbol, mode, address, size, total, sites, hits: first } of expected.watches) {
  for (const tasks of [1, 3]) {
    test(`${symbol}:${mode} in ${tasks} task(s): every hit and site that another tool found in the recorded trace`, async (t) => {
      const watch = `${symbol}:${mode}`;
      const args = ['replay', TRACE, '--elf', ELF, '--watch', watch, '--cpus', '2', '--tasks', `${tasks}`, '--json'];
      const { code, stdout, stderr } = await hwbp(args);
      t.is(stderr, '');
      t.is(code, 0);
      const { hits, summary } = parseJson(stdout);
      t.deepEqual(summary.lines, expected.lines);
      t.is(summary.hits, total * tasks);
      t.deepEqual(
        summary.sites
          .map(({ symbol: site, pc, type, count, ...steps }) => ({ site, pc, type, count, ...steps }))
          .sort(byPc),
        sites.map((site) => ({
          site: site.function,
          pc: `0x${site.pc}`,
          type: mode,
          count: site.count * tasks,
          first: site.first,
          last: site.last,
          watch,
        })),
      );
      t.true(hits.every((hit) => hit.address === `0x${address}` && hit.length === size && hit.type === mode));
      for (const { pid, cpu } of summary.tasks) {
        const own = hits.filter((hit) => hit.pid === pid);
        t.is(own.length, total);
        t.true(own.every((hit) => hit.cpu === cpu));
        const shown = own.slice(0, first?.length ?? 0).map(({ step, pc }) => ({ step, pc: pc.slice(2) }));
        t.deepEqual(shown, [...(first ?? [])]);
      }
    });
  }
}

const byPc = (a: { pc: string }, b: { pc: string }): number => (BigInt(a.pc) < BigInt(b.pc) ? -1 : 1);

test('the culprit: its hits, the instruction after it as ip, and the register that caught it', async (t) => {
  const { stdout } = await hwbp(['replay', TRACE, '--elf', ELF, '--watch', 'vault_total:w', '--json']);
  const { hits, summary } = parseJson(stdout);
  const wrong = hits.filter(({ symbol }) => symbol?.startsWith('charge_fee+'));
  t.deepEqual(
    wrong.map(({ step, pc }) => ({ step, pc: pc.slice(2) })),
    [...expected.culprit_hits],
  );
  t.deepEqual(wrong[0], {
    kind: 'hit',
    step: 1318425,
    cpu: 0,
    pid: 1,
    pc: '0x4011c4',
    ip: '0x4011cb',
    symbol: 'charge_fee+0x23',
    type: 'w',
    address: '0x404390',
    length: 4,
    watch: 'vault_total:w',
  });
  t.is(summary.sites[0]?.symbol, 'charge_fee+0x23');
  t.like(summary.registers[0], { cpu: 0, register: 'DR0', address: '0x404390', owner: 'ksym_tracer', hits: 3513 });
});

test('four watches at once: tracer and core API, data and execution; the same hits as alone', async (t) => {
  const watches = ['vault_total:rw', 'today:w', '0x404040/8:rw', 'charge_fee:x'];
  const args = watches.flatMap((watch) => ['--watch', watch]);
  const { stdout } = await hwbp(['replay', TRACE, '--elf', ELF, ...args, '--json']);
  const { hits, summary } = parseJson(stdout);
  t.deepEqual(
    summary.watches.map(({ hits: count }) => count),
    [3515, 366, 3511, 188],
  );
  t.deepEqual(
    summary.registers.map(({ owner }) => owner),
    ['ksym_tracer', 'replay', 'replay', 'replay'],
  );
  const entry = hits.filter(({ type }) => type === 'x');
  t.is(entry.length, 188);
  t.true(
    entry.every(
      ({ pc, ip, symbol, length }) => pc === '0x4011a1' && ip === pc && symbol === 'charge_fee+0x0' && length === 8,
    ),
  );
});

test('one symbol twice: the second watch takes a register of its own', async (t) => {
  const { stdout } = await hwbp([
    'replay',
    TRACE,
    '--elf',
    ELF,
    '--watch',
    'vault_total:w',
    'vault_total:rw',
    '--json',
  ]);
  const { summary } = parseJson(stdout);
  t.deepEqual(
    summary.watches.map(({ hits }) => hits),
    [3513, 3515],
  );
});

test('the text output: ftrace lines, the first and the last of them; the culprit; the registers', async (t) => {
  const { code, stdout } = await hwbp(['replay', TRACE, '--elf', ELF, '--cpus', '2', '--watch', 'vault_total:w']);
  t.is(code, 0);
  const lines = stdout.split('\n');
  const header = lines.indexOf('#       TASK-PID   CPU#      Symbol                    Type    Function');
  t.is(lines[header + 2], '     ledger-1     [000] vault_total W  deposit+0xd/0x1f');
  t.is(lines[header + 22], '             ... 3473 more (use --all) ...');
  t.regex(lines[header + 42] ?? '', /^ {5}ledger-1 /);
  t.is(lines[header + 43], '');
  t.regex(stdout, /charge_fee\+0x23 +w +3 +0\.1 % +1318425 +1325712 +<-- rare\n/);
  t.regex(stdout, /deposit\+0x7 +w +1863 +53\.0 % +97598 +1328954\n/);
  t.regex(stdout, /\n +0 +DR0 +0x404390 +vault_total +w +4 +ksym_tracer +3,513\n/);
  t.regex(stdout, /\n +1 +DR0 +0x404390 +vault_total +w +4 +ksym_tracer +0\n/);
  t.false(stdout.includes('\u001b['), 'no colours where nobody sees them');
});

test('--all prints every hit, and the same line whoever holds the register', async (t) => {
  const traced = await hwbp(['replay', TRACE, '--elf', ELF, '--watch', 'vault_total:w', '--all']);
  const direct = await hwbp(['replay', TRACE, '--elf', ELF, '--watch', '0x404390/4:w', '--all']);
  const ftrace = ({ stdout }: { stdout: string }): string[] =>
    stdout.split('\n').filter((line) => line.startsWith('     ledger-1 '));
  t.is(ftrace(traced).length, 3513);
  t.deepEqual(ftrace(traced), ftrace(direct));
});
