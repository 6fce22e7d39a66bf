import {
  AnswerError,
  type Answers,
  camelCase,
  oneOf,
  type Place,
  pascalCase,
  type Question,
  someNumbers,
  someOf,
  textOf,
  wholeNumber,
} from '@hwbp/scaffold';

const KINDS = ['r', 'w', 'rw', 'x'] as const;
const ALIGNMENTS = ['natural', 'any', 'granule'] as const;
const TIMINGS = ['before', 'after'] as const;
const ORDERS = ['little', 'big'] as const;

/** A status has a bit for each register, and one for a step. */
const MOST_REGISTERS = 30;
const LONGEST = 4096;
const DATA_DEFAULT = '2';
const INSTRUCTION_DEFAULT = '1';
const LENGTHS_DEFAULT = '1,2,4,8';

const shares = (answers: Answers): boolean => !['', '0'].includes(textOf(answers, 'shared'));
const onlyExecutes = (answers: Answers): boolean => textOf(answers, 'access') === 'x';
const hasData = (answers: Answers): boolean =>
  !onlyExecutes(answers) && (shares(answers) || textOf(answers, 'data') !== '0');

/** What is asked of a chip. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'shared',
    flag: '--shared <n>',
    text: 'registers that data and instructions share; 0: each class has its own',
    initial: '',
    skip: ({ data, instruction }) => data !== undefined || instruction !== undefined,
  },
  {
    name: 'data',
    flag: '--data <n>',
    text: 'registers that watch data',
    initial: DATA_DEFAULT,
    skip: shares,
  },
  {
    name: 'instruction',
    flag: '--instruction <n>',
    text: 'registers that watch instructions',
    initial: INSTRUCTION_DEFAULT,
    skip: shares,
  },
  {
    name: 'access',
    flag: '--access <kinds>',
    text: 'kinds of access that can be watched, of r,w,rw,x; all for which there are registers if left empty',
    initial: '',
  },
  {
    name: 'lengths',
    flag: '--lengths <bytes>',
    text: 'lengths of what is watched, such as 1,2,4 or 1-16',
    initial: LENGTHS_DEFAULT,
    skip: (answers) => !hasData(answers),
  },
  {
    name: 'alignment',
    flag: '--alignment <where>',
    text: 'natural: at multiples of the length; any: anywhere; granule: inside one block of --grain bytes',
    initial: 'natural',
    skip: (answers) => !hasData(answers),
  },
  {
    name: 'grain',
    flag: '--grain <bytes>',
    text: 'aligned blocks that the silicon compares; 1: it is exact',
    initial: '1',
    skip: (answers) => !hasData(answers),
  },
  {
    name: 'timing',
    flag: '--timing <when>',
    text: 'data is reported before or after the instruction',
    initial: 'after',
    skip: (answers) => !hasData(answers),
  },
  { name: 'wordSize', flag: '--word-size <bytes>', text: 'bytes of a long: 4 or 8', initial: '8' },
  { name: 'byteOrder', flag: '--byte-order <order>', text: 'little or big', initial: 'little' },
  { name: 'singleStep', flag: '--single-step', text: 'the CPU can single-step', initial: true },
];

/** A chip, as far as the answers tell it: everything that the sources are written from. */
export interface Chip {
  readonly place: Place;
  /** Names in the sources: `Kite2` and `kite2`. */
  readonly className: string;
  readonly functionName: string;
  readonly slots: { readonly data: number; readonly instruction: number; readonly shared: boolean };
  readonly registers: number;
  readonly access: readonly (typeof KINDS)[number][];
  readonly lengths: readonly number[];
  readonly alignment: (typeof ALIGNMENTS)[number];
  readonly grain: number;
  readonly timing: (typeof TIMINGS)[number];
  readonly wordSize: 4 | 8;
  readonly byteOrder: (typeof ORDERS)[number];
  readonly singleStep: boolean;
  readonly watchesData: boolean;
  readonly executes: boolean;
}

function slotsOf(answers: Answers): Chip['slots'] {
  const shared = textOf(answers, 'shared');
  if (shares(answers)) {
    if (answers.data !== undefined || answers.instruction !== undefined) {
      throw new AnswerError('--shared is one pool for both classes: leave --data and --instruction out, or --shared');
    }
    const number = wholeNumber('--shared', shared, 1, MOST_REGISTERS);
    return { data: number, instruction: number, shared: true };
  }
  const data = wholeNumber('--data', textOf(answers, 'data'), 0, MOST_REGISTERS);
  const instruction = wholeNumber('--instruction', textOf(answers, 'instruction'), 0, MOST_REGISTERS - data);
  if (data + instruction > 0) return { data, instruction, shared: false };
  throw new AnswerError('--data 0 --instruction 0: a chip without any register needs no backend, nullBackend() is one');
}

function accessOf(answers: Answers, { data, instruction }: Chip['slots']): Chip['access'] {
  const possible = KINDS.filter((kind) => (kind === 'x' ? instruction : data) > 0);
  const asked = textOf(answers, 'access');
  const access = asked === '' ? possible : someOf('--access', asked, KINDS);
  const impossible = access.find((kind) => !possible.includes(kind));
  if (impossible !== undefined) {
    const flag = impossible === 'x' ? '--instruction' : '--data';
    throw new AnswerError(
      `--access ${asked}: no register watches ${impossible}; give it some with ${flag} or --shared`,
    );
  }
  return access;
}

/** Registers that no kind of access uses: a pool that both classes share needs one kind only. */
function checkUsed({ data, instruction, shared }: Chip['slots'], access: Chip['access']): void {
  if (shared) return;
  if (data > 0 && access.every((kind) => kind === 'x')) {
    throw new AnswerError(
      `--access ${access.join()}: nothing uses the registers of --data ${data}; list r, w or rw, or --data 0`,
    );
  }
  if (instruction > 0 && !access.includes('x')) {
    throw new AnswerError(
      `--access ${access.join()}: nothing uses those of --instruction ${instruction}; list x, or --instruction 0`,
    );
  }
}

function grainOf(answers: Answers, lengths: readonly number[], alignment: Chip['alignment']): number {
  const grain = wholeNumber('--grain', textOf(answers, 'grain'), 1, LONGEST);
  if ((grain & (grain - 1)) !== 0) throw new AnswerError(`--grain ${grain}: expected a power of two, such as 8`);
  const longest = lengths.at(-1) ?? 0;
  if (alignment === 'granule' && longest > grain) {
    const why = `${longest} bytes do not fit into one block; use a larger grain or --alignment any`;
    throw new AnswerError(`--alignment granule --grain ${grain}: ${why}`);
  }
  return grain;
}

/** What only data breakpoints have. */
function dataOf(answers: Answers): Pick<Chip, 'lengths' | 'alignment' | 'grain' | 'timing'> {
  const asked = textOf(answers, 'lengths');
  const lengths = someNumbers('--lengths', asked, LONGEST);
  if (lengths.length === 0) throw new AnswerError('--lengths (nothing): registers that watch data need a length');
  const alignment = oneOf('--alignment', textOf(answers, 'alignment'), ALIGNMENTS);
  const timing = oneOf('--timing', textOf(answers, 'timing'), TIMINGS);
  return { lengths, alignment, grain: grainOf(answers, lengths, alignment), timing };
}

const NO_DATA = { lengths: [], alignment: 'natural', grain: 1, timing: 'after' } as const;

function noData(answers: Answers): typeof NO_DATA {
  const given = Object.keys(NO_DATA).find((name) => answers[name] !== undefined);
  if (given === undefined) return NO_DATA;
  throw new AnswerError(`--${given} ${answers[given]}: it is about data, which no register of this chip watches`);
}

/** Checks all answers. Throws an `AnswerError` for the first that cannot be. */
export function chipOf(place: Place, answers: Answers): Chip {
  const slots = slotsOf(answers);
  const access = accessOf(answers, slots);
  checkUsed(slots, access);
  const watchesData = access.some((kind) => kind !== 'x');
  return {
    place,
    className: pascalCase(place.name),
    functionName: camelCase(place.name),
    slots,
    registers: slots.shared ? slots.data : slots.data + slots.instruction,
    access,
    ...(watchesData ? dataOf(answers) : noData(answers)),
    wordSize: oneOf('--word-size', textOf(answers, 'wordSize'), ['4', '8']) === '4' ? 4 : 8,
    byteOrder: oneOf('--byte-order', textOf(answers, 'byteOrder'), ORDERS),
    singleStep: answers.singleStep === true,
    watchesData,
    executes: access.includes('x'),
  };
}
