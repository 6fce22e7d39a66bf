import {
  composeKernel,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  KernelError,
} from '@hwbp/core';
import type { Chip } from './chips.js';
import { row } from './row.js';
import { VARIABLES } from './watch-lamp.js';

/** What is asked of the kernel for one CPU, all at once. */
interface Request {
  readonly title: string;
  readonly attrs: readonly HwBreakpointAttr[];
}

const [[, LAMP], [, MODE]] = VARIABLES;
/** What the panel shows: 16 characters, in front of the lamp. */
const LINE = LAMP - 16n;
/** Function `show`. */
const SHOW = 0x1000_01c8n;

const stores = (bp_addr: bigint, bp_len: number): HwBreakpointAttr => ({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len });
const execution: HwBreakpointAttr = { bp_type: HW_BREAKPOINT_X, bp_addr: SHOW, bp_len: 8 };
const four = [0n, 1n, 2n, 3n].map((n) => stores(LINE + n, 1));

const REQUESTS: readonly Request[] = [
  { title: 'stores to lamp', attrs: [stores(LAMP, 1)] },
  { title: 'loads of lamp alone', attrs: [{ ...stores(LAMP, 1), bp_type: HW_BREAKPOINT_R }] },
  { title: 'stores to mode and level, 3 bytes', attrs: [stores(MODE, 3)] },
  { title: 'stores to the display, 16 bytes', attrs: [stores(LINE, 16)] },
  { title: 'stores to its end and lamp, 2 bytes', attrs: [stores(LAMP - 1n, 2)] },
  { title: 'stores to lamp, and to mode', attrs: [stores(LAMP, 1), stores(MODE, 1)] },
  { title: 'show() executes', attrs: [execution] },
  { title: 'four variables, and show() executes', attrs: [...four, execution] },
];

/** What the kernel says: `undefined` if it has all that was asked for. */
function refusal({ arch }: Chip, { attrs }: Request): KernelError | undefined {
  using kernel = composeKernel({ arch });
  try {
    for (const attr of attrs) kernel.breakpoints.registerCpu(attr, () => {}, 0, { owner: 'panel' });
    return undefined;
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
}

/** The pools of registers, as a person counts them. */
function pools({ arch: { backend } }: Chip): string {
  const { data, instruction, shared } = backend.manifest.slots;
  if (shared) return `${data} registers, for data and for execution alike`;
  return `${data} for data, ${instruction === 0 ? 'none' : `${instruction} more`} for execution`;
}

/** The same requests of every chip: who accepts what, and in the kernel's words why not. */
export function answers(chips: readonly Chip[]): string[] {
  const asked = REQUESTS.map((request) => ({ request, errors: chips.map((chip) => refusal(chip, request)) }));
  const names = chips.map(({ name }) => name);
  return [
    row('The same requests of each kernel', names),
    ...asked.map(({ request, errors }) =>
      row(
        request.title,
        errors.map((error) => error?.errno ?? 'yes'),
      ),
    ),
    '',
    'Why not',
    ...chips.flatMap((chip, i) => [
      `- ${chip.name}: ${pools(chip)}.`,
      ...asked.flatMap(({ request, errors }) => {
        const error = errors[i];
        return error === undefined ? [] : [`- ${chip.name}, ${request.title}: ${error.message}.`];
      }),
    ]),
  ];
}
