import { constantOf, importOf, sourceText } from '@hwbp/scaffold';
import type { Chip } from './chip.js';
import { section } from './manual.js';

/** First address above user space, and where physical memory appears, by the bytes of a long. */
const PLACES = {
  4: { taskSize: '0x8000_0000n', directMap: '0xc000_0000n' },
  8: { taskSize: '0x8000_0000_0000n', directMap: '0xffff_8000_0000_0000n' },
} as const;

/** `[1, 2, 4]`: or what makes a list that is long and has no holes. */
function lengthsOf(lengths: readonly number[]): string {
  const [first = 0, last = 0] = [lengths[0], lengths.at(-1)];
  if (lengths.length <= 8 || last - first !== lengths.length - 1) return `[${lengths.join(', ')}]`;
  return `Array.from({ length: ${lengths.length} }, (_, i) => i + ${first})`;
}

function manifestOf(chip: Chip): string {
  const { access, wordSize, alignment, grain } = chip;
  const { data, instruction, shared } = chip.slots;
  const { taskSize, directMap } = PLACES[wordSize];
  const fields = [
    `name: '${chip.place.name}'`,
    `slots: { data: ${data}, instruction: ${instruction}, shared: ${shared} }`,
    `access: [${access.map((kind) => `'${kind}'`).join(', ')}]`,
    `dataLengths: ${lengthsOf(chip.lengths)}`,
    `executeLength: ${chip.executes ? wordSize : undefined}`,
    `alignment: '${alignment}'`,
    `granule: ${alignment === 'granule' ? grain : 1}`,
    `grain: ${grain}`,
    `timing: { data: '${chip.timing}', execute: 'before' }`,
    'longestRange: 0',
    `singleStep: ${chip.singleStep}`,
    `wordSize: ${wordSize}`,
    'pageSize: 4096',
    `taskSize: ${taskSize}`,
    `directMap: ${directMap}`,
    `byteOrder: '${chip.byteOrder}'`,
  ];
  return `defineManifest({\n${fields.map((field) => `  ${field},\n`).join('')}})`;
}

/** `src/manifest.ts`: what the answers say. */
export function manifestSource(chip: Chip): string {
  const what = `What ${chip.place.name} can do, and where things lie: ${section(1)}.`;
  return sourceText([
    importOf('@hwbp/core', 'defineManifest'),
    constantOf('MANIFEST', manifestOf(chip), what),
    constantOf('REGISTERS', String(chip.registers), 'Registers of a CPU, those that watch data first.'),
  ]);
}
