import { en } from 'zod/locales';
import * as z from 'zod/mini';

// The page allows no code that is made at run time, and zod would make some.
z.config({ ...en(), jitless: true });

/** Architectures and models, as people read them. */
export const MODEL_TITLES = {
  x86: 'x86-64',
  'x86-intel': 'x86-64, Intel',
  'x86-amd': 'x86-64, AMD',
  power7: 'ppc64, POWER7: one DABR',
  power8: 'ppc64, POWER8: one DAWR',
  power9: 'ppc64, POWER9: a DAWR that is switched off',
  power10: 'ppc64, POWER10: two DAWRs',
  arm64: 'arm64, Cortex-A57: 4 watchpoints, 6 breakpoints',
  'arm64-fewest': 'arm64 with the fewest registers: 2 and 2',
  'arm64-most': 'arm64 with the most registers: 16 and 16',
  riscv64: 'riscv64: told before the access',
  'riscv64-after': 'riscv64: told after the access',
  'riscv64-mcontrol': 'riscv64: triggers as before 1.0 (mcontrol)',
} as const;

export const SCHEDULER_TITLES = {
  direct: 'direct: registers follow tasks',
  events: 'events: perf, with turns',
} as const;
export const POLICY_TITLES = {
  linux: "Linux's accounting",
  flexible: 'flexible: unpinned ones share',
  priorities: 'priorities of 2007',
} as const;
export const TASK_SCHEDULER_TITLES = {
  'round-robin': 'round robin',
  fair: 'fair (CFS)',
  'fixed-priority': 'fixed priorities',
  'earliest-deadline': 'earliest deadline',
  random: 'random, from the seed',
} as const;
export const OWNER_TITLES = {
  ptrace: 'ptrace',
  perf: 'perf',
  kernel: 'kernel',
  kwatch: 'kwatch',
  debugger: 'kgdb',
} as const;
export const ACCESS_TITLES = { w: 'writes', rw: 'reads, writes', r: 'reads', x: 'execution' } as const;

const keys = <T extends object>(titles: T): [keyof T & string, ...(keyof T & string)[]] =>
  Object.keys(titles) as [keyof T & string, ...(keyof T & string)[]];

/** What a text has to be, and how that is said. */
export interface TextRule {
  readonly pattern: RegExp;
  readonly message: string;
}

/** A task's name: as long as Linux has room for. */
export const COMM_RULE: TextRule = {
  pattern: /^[\w./-]{1,15}$/,
  message: 'a name of 1 to 15 letters, digits and _ . / -',
};
export const SYMBOL_RULE: TextRule = {
  pattern: /^[A-Za-z_][\w.$]{0,63}$/,
  message: 'a symbol of the program, of up to 64 letters, digits and _ . $',
};
/** Characters of the text of a note. */
export const MOST_OF_NOTE = 400;
export const NOTE_RULE: TextRule = { pattern: /^.{1,400}$/s, message: `1 to ${MOST_OF_NOTE} characters` };

const ruled = ({ pattern, message }: TextRule) => z.string().check(z.regex(pattern, message));
const COMM = ruled(COMM_RULE);
const SYMBOL = ruled(SYMBOL_RULE);
const whole = (least: number, most: number) => {
  const message = `a whole number from ${least} to ${most}`;
  return z.int(message).check(z.gte(least, message), z.lte(most, message));
};
/** Characters of a program. */
const MOST_TEXT = 20_000;
/** Instructions: no more can be run in one session. */
export const MOST_INSTRUCTIONS = 20_000_000;

const TASK = z.strictObject({
  comm: COMM,
  /** Label that it begins at. */
  entry: SYMBOL,
  /** CPU that it is bound to; absent: any. */
  cpu: z.optional(whole(0, 7)),
  /** In the guest's kernel. */
  guest: z.optional(z.boolean()),
  /** For schedulers that know it: `priority` of fixed priorities, 1 to 99. */
  priority: z.optional(whole(1, 99)),
});

const WATCH = z.strictObject({
  by: z.enum(keys(OWNER_TITLES)),
  symbol: SYMBOL,
  offset: z.optional(whole(0, 0xffff)),
  /** Bytes; default 8, or what the architecture wants for execution. */
  length: z.optional(whole(1, 512)),
  access: z.enum(keys(ACCESS_TITLES)),
  /** The task that is watched; absent: whoever there is. */
  task: z.optional(COMM),
  /** perf alone: a pinned event. */
  pinned: z.optional(z.boolean()),
  /** kwatch alone: higher wins. */
  priority: z.optional(whole(0, 100)),
  /** Instructions after which it is asked for. Default 0. */
  from: z.optional(whole(0, MOST_INSTRUCTIONS)),
  /** Instructions after which it is given back. Default: never. */
  until: z.optional(whole(1, MOST_INSTRUCTIONS)),
  /** By the guest's kernel, in the guest. */
  guest: z.optional(z.boolean()),
});

const NOTE = z.strictObject({
  /** Instructions after which there is something to see. */
  at: whole(0, MOST_INSTRUCTIONS),
  text: ruled(NOTE_RULE),
});

/** Everything that a simulation follows from, and what its author says about it. */
export const SCENARIO = z.strictObject({
  title: z.optional(z.string().check(z.maxLength(120))),
  /** What to look at, and when. */
  notes: z.optional(z.array(NOTE).check(z.maxLength(16))),
  model: z.enum(keys(MODEL_TITLES)),
  cpus: whole(1, 8),
  breakpoints: z.enum(keys(SCHEDULER_TITLES)),
  policy: z.enum(keys(POLICY_TITLES)),
  tasksBy: z.enum(keys(TASK_SCHEDULER_TITLES)),
  seed: whole(0, 2 ** 32 - 1),
  /** Instructions of a CPU's turn; with a random schedule of the longest one that ends in a preemption. */
  quantum: whole(1, 100_000),
  /** Instructions between ticks: when tasks, and breakpoints that take turns, change. */
  tick: whole(10, 1_000_000),
  /** Where the text and its data lie. Tasks of the kernel share their memory. */
  space: z.enum(['user', 'kernel']),
  /** Neutral assembly. */
  text: z.string().check(z.maxLength(MOST_TEXT, `a program of up to ${MOST_TEXT} characters`)),
  tasks: z.array(TASK).check(z.minLength(1), z.maxLength(16)),
  watches: z.array(WATCH).check(z.maxLength(16)),
});

export type Scenario = z.infer<typeof SCENARIO>;
export type ScenarioTask = Scenario['tasks'][number];
export type ScenarioWatch = Scenario['watches'][number];
export type ScenarioNote = z.infer<typeof NOTE>;

/** A scenario that cannot be: the message says what of it, and what it would have to be. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Checks what came from outside. Throws a {@link ScenarioError} that names the field. */
export function checkScenario(value: unknown): Scenario {
  const { data, error } = SCENARIO.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the scenario' : issue.path.join('.');
  throw new ScenarioError(`${where}: ${issue?.message ?? 'is none'}`);
}
