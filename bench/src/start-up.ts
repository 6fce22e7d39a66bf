import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { alternate, ratio, summarize } from './measure.js';
import type { Row } from './row.js';

/** From bench/dist. */
const BIN = path.join(import.meta.dirname, '../../cli/bin/hwbp.js');

function node(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
}

/** How long the command takes to do nothing, beside Node itself. */
export function startUp(): readonly Row[] {
  const samples = alternate(
    1,
    { bare: () => node('-e', '0'), version: () => node(BIN, '--version'), help: () => node(BIN, 'replay', '--help') },
    25,
  );
  const milliseconds = (of: readonly number[]): string => `${(summarize(of).median / 1e6).toFixed(0)} ms`;
  const note = `node -e 0 ${milliseconds(samples.bare)}, --version ${milliseconds(samples.version)}`;
  return [
    {
      what: 'hwbp --version, beside node -e 0',
      figure: ratio(samples.version, samples.bare),
      unit: 'x',
      bound: 'most',
      target: 2,
      note,
    },
    {
      what: 'hwbp replay --help, beside node -e 0',
      figure: ratio(samples.help, samples.bare),
      unit: 'x',
      bound: 'most',
    },
  ];
}
