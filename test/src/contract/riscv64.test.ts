import { type Riscv64Options, riscv64 } from '@hwbp/arch-riscv64';
import { backendContract } from '@hwbp/testkit';
import test from 'ava';

const HARTS: Readonly<Record<string, Riscv64Options>> = {
  'four triggers': {},
  'two of type mcontrol, data after': { triggers: 2, triggerType: 'mcontrol', dataTiming: 'after' },
  'sixteen, data after': { triggers: 16, dataTiming: 'after' },
  'no hit bits': { hitBits: false },
  'no hit bits, data after': { hitBits: false, dataTiming: 'after' },
  'Sv39, ranges of 2^31': { virtualMemory: 'sv39', largestRange: 2 ** 31 },
};

for (const [name, options] of Object.entries(HARTS)) {
  backendContract({ test, name: `riscv64: ${name}`, createBackend: () => riscv64(options) });
}
