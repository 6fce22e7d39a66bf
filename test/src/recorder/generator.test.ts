import { testProp } from '@fast-check/ava';
import type { Value } from '@hwbp/conform';
import { formatPlan, generate, MOST_STEPS, OPS, type Plan, type PlannedStep, SUITES, type Suite } from '@hwbp/recorder';
import test from 'ava';
import fc from 'fast-check';
import { takeApart } from './support.js';

const suites = fc.constantFrom<Suite>(...SUITES);
const seeds = fc.nat({ max: 0xffff_ffff });
const all = (suite: Suite, count: number): Plan[] => Array.from({ length: count }, (_, seed) => generate(suite, seed));

testProp(
  'the same suite and seed make the same script, whatever was made before',
  [suites, seeds, seeds],
  (t, suite, seed, other) => {
    const first = generate(suite, seed);
    generate(suite, other);
    t.deepEqual(generate(suite, seed), first);
  },
);

test('different seeds make different scripts', (t) => {
  for (const suite of SUITES) {
    const texts = new Set(all(suite, 300).map(({ steps }) => JSON.stringify(steps)));
    t.is(texts.size, 300, suite);
  }
});

/** Arguments that an op cannot do without. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  spawn: ['task', 'cpu'],
  exit: ['task', 'how'],
  kill: ['task'],
  fork: ['task', 'new'],
  thread: ['task', 'new'],
  exec: ['task'],
  affinity: ['task', 'cpu'],
  detach: ['task'],
  attach: ['task'],
  poke: ['task', 'reg', 'val'],
  peek: ['task', 'reg'],
  access: ['task', 'insn', 'addr'],
  nops: ['task', 'from'],
  sys: ['task', 'call'],
  remote_write: ['task', 'addr', 'via'],
  self_store: ['addr'],
  open: ['target', 'cpu', 'attr'],
  close: ['ev'],
  ioctl: ['ev', 'cmd'],
  modify: ['ev', 'change'],
  read: ['ev'],
  mmap: ['ev', 'pages'],
  signal: ['ev', 'sig'],
};

interface Living {
  readonly process: number;
  readonly leads: boolean;
  traced: boolean;
}

/**
 * Follows the tasks of a script, and says what is wrong with it; written from the recorder's rules, not the
 * generator's.
 */
class Follower {
  readonly wrong: string[] = [];
  readonly #living = new Map<string, Living>();
  readonly #born = new Set<string>();
  #processes = 0;

  take(step: PlannedStep): void {
    const { op } = step;
    for (const name of NEEDED[op] ?? []) if (step[name] === undefined) this.#say(`${op} without ${name}`);
    if (op === 'spawn') this.#bear(String(step.task), this.#processes++, true);
    else if (op !== 'open' && step.task !== undefined) this.#act(step);
  }

  #act(step: PlannedStep): void {
    const { op } = step;
    const task = this.#living.get(String(step.task));
    if (task === undefined) {
      this.#say(`${op} of ${String(step.task)}, who does not live`);
      return;
    }
    const alone = [...this.#living.values()].filter(({ process }) => process === task.process).length === 1;
    if (!task.traced && !['attach', 'kill', 'affinity'].includes(op)) this.#say(`${op} of a task that is not traced`);
    if (task.traced && op === 'attach') this.#say('attach to a task that is traced');
    if (op === 'fork') this.#bear(String(step.new), this.#processes++, true);
    if (op === 'thread') this.#bear(String(step.new), task.process, false);
    if (op === 'exec' && !alone) this.#say('exec of a task with threads');
    if (op === 'kill' && !alone) this.#say('the recorder would wait for threads');
    if (op === 'exit' && !alone && (task.leads || step.how !== 'thread'))
      this.#say('the recorder would wait for threads');
    if (op === 'exit' || op === 'kill') this.#living.delete(String(step.task));
    if (op === 'detach' || op === 'attach') task.traced = op === 'attach';
  }

  #bear(name: string, process: number, leads: boolean): void {
    if (this.#born.has(name)) this.#say(`${name} is born twice`);
    this.#born.add(name);
    this.#living.set(name, { process, leads, traced: true });
    if (this.#born.size > 16) this.#say('the recorder has room for 16 tasks');
  }

  #say(what: string): void {
    this.wrong.push(what);
  }
}

testProp(
  'every script is one that the recorder can run: known ops, tasks that live, its lengths and limits',
  [suites, seeds],
  (t, suite, seed) => {
    const plan = generate(suite, seed);
    t.is(plan.steps[0]?.op, 'spawn');
    t.true(plan.steps.length >= 4 && plan.steps.length <= MOST_STEPS, `${plan.steps.length} steps`);
    const follower = new Follower();
    for (const step of plan.steps) {
      t.true(OPS.includes(step.op), step.op);
      follower.take(step);
      if (step.ev !== undefined) t.regex(String(step.ev), /^(live:\d+|last|e\d+)$/);
      if (typeof step.addr === 'string' && step.op === 'self_store') t.regex(step.addr, /^0x30000[0-9a-f]{3}$/);
    }
    t.deepEqual(follower.wrong, []);
    // The text says the same steps, and is read by the language's rules.
    const [header, ...lines] = takeApart(formatPlan(plan).text);
    t.is(header?.op, 'script');
    t.deepEqual(
      lines.map(({ op }) => op),
      plan.steps.map(({ op }) => op),
    );
  },
);

/** Everything of a kind that the scripts of a suite have, with how often. */
function counted(plans: readonly Plan[], of: (step: PlannedStep) => readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { steps } of plans)
    for (const step of steps) for (const one of of(step)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

const attrOf = (step: PlannedStep): { readonly [field: string]: Value } =>
  (step.attr ?? {}) as { readonly [field: string]: Value };
const flagsOf = (step: PlannedStep): readonly string[] => (attrOf(step).flags ?? []) as readonly string[];

test('the suites together have every op, flag, ioctl and mode', (t) => {
  const plans = SUITES.flatMap((suite) => all(suite, 1000));
  t.deepEqual([...counted(plans, ({ op }) => [op]).keys()].sort(), [...OPS].sort());
  t.deepEqual([...counted(plans, flagsOf).keys()].sort(), [
    'disabled',
    'enable_on_exec',
    'exclude_guest',
    'exclude_host',
    'exclude_hv',
    'exclude_idle',
    'exclude_kernel',
    'exclude_user',
    'exclusive',
    'freq',
    'inherit',
    'inherit_stat',
    'inherit_thread',
    'pinned',
    'remove_on_exec',
    'sigtrap',
  ]);
  const commands = counted(plans, ({ op, cmd }) => (op === 'ioctl' ? [String(cmd)] : []));
  t.deepEqual([...commands.keys()].sort(), ['disable', 'enable', 'period', 'refresh', 'reset']);
  for (const [name, of] of Object.entries<(step: PlannedStep) => boolean>({
    'an event in a group': ({ group }) => group !== undefined,
    'somebody without privileges': ({ as }) => as === 'nobody',
    'a kernel address': (step) => String(attrOf(step).bp_addr).startsWith('0xffff'),
    'the direct map': (step) => String(attrOf(step).bp_addr).startsWith('alias:'),
    'a single step': ({ mode }) => mode === 'step',
    'EFLAGS.RF': ({ op, rf }) => op !== 'open' && rf === 1,
    'the end of a page': ({ op, addr }) => op === 'access' && /(ff[9-f])$/.test(String(addr)),
    'a toggle of a whole group': ({ flag }) => flag === 'group',
  })) {
    t.true(plans.flatMap(({ steps }) => steps).filter(of).length > 30, name);
  }
});

test('each suite has every kind of script often enough to be met', (t) => {
  const kinds = { P: 8, C: 8, H: 14 };
  for (const suite of SUITES) {
    const titles = new Map<unknown, number>();
    for (const { setup } of all(suite, 1000)) titles.set(setup.title, (titles.get(setup.title) ?? 0) + 1);
    t.is(titles.size, kinds[suite]);
    t.true(Math.min(...titles.values()) > 20, suite);
  }
});

test('most scripts of suite H open events and make accesses where they watch', (t) => {
  const plans = all('H', 500);
  const aims = plans.filter(({ steps }) => {
    const watched = steps.filter(({ op }) => op === 'open').map((step) => String(attrOf(step).bp_addr));
    return steps.some((step) => watched.includes(String(step.addr ?? step.a)) && step.op !== 'open');
  });
  t.true(aims.length > 350, `${aims.length} of ${plans.length}`);
});
