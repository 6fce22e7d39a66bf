/*
 * A long run of a fuzzer: npm run fuzz -- elf|perf|lackey|events|transcript|api|rsp [--runs N] [--seed S]
 */
import { parseArgs } from 'node:util';
import { fuzz, NAMES } from './fuzz.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const runs = Number(values.runs);
const seed = Number(values.seed ?? Math.trunc(performance.timeOrigin) % 2 ** 31);
const [name = ''] = positionals;
if (positionals.length !== 1 || !NAMES.includes(name) || !Number.isInteger(runs) || !Number.isInteger(seed)) {
  process.stderr.write(`npm run fuzz -- ${NAMES.join('|')} [--runs N] [--seed S], both whole numbers\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${name}: ${runs} inputs, seed ${seed}\n`);
  const started = performance.now();
  const { outcome, heap } = await fuzz(name, seed, runs);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const mebibytes = Math.ceil(heap / 2 ** 20);
  process.stdout.write(
    `${outcome}; nothing crashed or was left behind (${seconds} s, heap ${mebibytes} MiB at most)\n`,
  );
}
