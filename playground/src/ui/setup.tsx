import { symbolsOf } from '../editor/symbols.js';
import {
  ACCESS_TITLES,
  COMM_RULE,
  MODEL_TITLES,
  MOST_INSTRUCTIONS,
  MOST_OF_NOTE,
  NOTE_RULE,
  OWNER_TITLES,
  POLICY_TITLES,
  SCHEDULER_TITLES,
  type Scenario,
  type ScenarioNote,
  type ScenarioTask,
  type ScenarioWatch,
  SYMBOL_RULE,
  TASK_SCHEDULER_TITLES,
} from '../model/scenario.js';
import { FieldOf, type FieldSpec } from './field-of.js';
import { ItemTable } from './item-table.js';
import type { Store } from './store.js';

interface SetupProps {
  readonly store: Store;
  readonly scenario: Scenario;
}

/** Tasks, and watches, that a scenario has at most. */
const MOST = 16;

const PARTS: readonly FieldSpec<Scenario>[] = [
  { kind: 'choice', key: 'model', label: 'architecture', titles: MODEL_TITLES },
  { kind: 'whole', key: 'cpus', label: 'CPUs', least: 1, most: 8, otherwise: 1 },
  {
    kind: 'choice',
    key: 'breakpoints',
    label: 'breakpoints',
    titles: SCHEDULER_TITLES,
    meaning: 'Who decides when a breakpoint is in its register',
  },
  {
    kind: 'choice',
    key: 'policy',
    label: 'slot policy',
    titles: POLICY_TITLES,
    meaning: 'Who gets a register when there are too few',
  },
  { kind: 'choice', key: 'tasksBy', label: 'task scheduler', titles: TASK_SCHEDULER_TITLES },
  { kind: 'whole', key: 'seed', label: 'seed', least: 0, most: 2 ** 32 - 1, otherwise: 0 },
  {
    kind: 'whole',
    key: 'quantum',
    label: 'turn of a CPU',
    least: 1,
    most: 100_000,
    otherwise: 1,
    meaning: 'Instructions of one CPU before the next one has its turn',
  },
  {
    kind: 'whole',
    key: 'tick',
    label: 'tick',
    least: 10,
    most: 1_000_000,
    otherwise: 10,
    meaning: 'Instructions between ticks: when tasks, and breakpoints that take turns, change',
  },
  {
    kind: 'choice',
    key: 'space',
    label: 'text and data',
    titles: { user: "each task's own", kernel: "the kernel's, shared" },
  },
];

/** What the kernel is composed of. */
export function Parts({ store, scenario }: SetupProps) {
  return (
    <fieldset class="parts">
      <legend>Kernel</legend>
      {PARTS.map((spec) => (
        <FieldOf
          key={spec.key}
          spec={spec}
          item={scenario}
          change={(key, value) =>
            store.alter({ [key]: value, ...(key === 'cpus' ? { tasks: unbound(scenario, Number(value)) } : {}) })
          }
        />
      ))}
    </fieldset>
  );
}

/** The watches of a scenario whose tasks are others now: of a task that has another name they go along. */
function renamed({ tasks, watches }: Scenario, changed: readonly ScenarioTask[]): ScenarioWatch[] {
  const place = tasks.findIndex(({ comm }, index) => changed[index]?.comm !== comm);
  const [old, now] = [tasks[place]?.comm, changed[place]?.comm];
  const same = changed.length !== tasks.length || changed.some(({ comm }) => comm === old);
  if (old === undefined || now === undefined || same) return watches;
  return watches.map((watch) => (watch.task === old ? { ...watch, task: now } : watch));
}

/** Fewer CPUs: tasks that were bound to others run wherever there is one. */
function unbound({ tasks }: Scenario, cpus: number): ScenarioTask[] {
  return tasks.map(({ cpu, ...task }) => (cpu === undefined || cpu >= cpus ? task : { ...task, cpu }));
}

const words = (...some: readonly (string | false | undefined)[]): string => some.filter(Boolean).join(', ');

/** Which tasks there are. */
export function TaskTable({ store, scenario }: SetupProps) {
  const { tasks, tasksBy, cpus } = scenario;
  const columns: readonly FieldSpec<ScenarioTask>[] = [
    { kind: 'name', key: 'comm', label: 'name', rule: COMM_RULE, list: 'comms' },
    { kind: 'name', key: 'entry', label: 'begins at', spoken: 'label', rule: SYMBOL_RULE, list: 'functions' },
    { kind: 'whole', key: 'cpu', label: 'CPU', least: 0, most: cpus - 1, meaning: 'Empty: any' },
  ];
  const priority: FieldSpec<ScenarioTask> = {
    kind: 'whole',
    key: 'priority',
    label: 'priority',
    least: 1,
    most: 99,
    otherwise: 1,
  };
  const guest: FieldSpec<ScenarioTask> = { kind: 'check', key: 'guest', label: 'in the guest' };
  return (
    <ItemTable
      legend="Tasks"
      one="task"
      items={tasks}
      least={1}
      most={MOST}
      columns={columns}
      more={() => (tasksBy === 'fixed-priority' ? [priority, guest] : [guest])}
      set={(task) =>
        words(tasksBy === 'fixed-priority' && `priority ${task.priority ?? 1}`, task.guest === true && 'guest')
      }
      create={(): ScenarioTask => ({ comm: `task${tasks.length + 1}`, entry: tasks[0]?.entry ?? 'main' })}
      change={(changed) => store.alter({ tasks: [...changed], watches: renamed(scenario, changed) })}
    />
  );
}

const SELDOM: readonly FieldSpec<ScenarioWatch>[] = [
  { kind: 'whole', key: 'length', label: 'bytes', least: 1, most: 512, meaning: 'Empty: 8, or an instruction' },
  { kind: 'whole', key: 'offset', label: 'offset', least: 0, most: 0xffff, meaning: 'Bytes behind the symbol' },
  {
    kind: 'whole',
    key: 'from',
    label: 'from count',
    least: 0,
    most: MOST_INSTRUCTIONS,
    meaning: 'When it is asked for; empty: at the beginning',
  },
  {
    kind: 'whole',
    key: 'until',
    label: 'until',
    least: 1,
    most: MOST_INSTRUCTIONS,
    meaning: 'When it is given back; empty: never',
  },
];
const OF_OWNER: Readonly<Partial<Record<ScenarioWatch['by'], readonly FieldSpec<ScenarioWatch>[]>>> = {
  perf: [{ kind: 'check', key: 'pinned', label: 'pinned' }],
  kwatch: [{ kind: 'whole', key: 'priority', label: 'priority', least: 0, most: 100 }],
};
const IN_GUEST: FieldSpec<ScenarioWatch> = { kind: 'check', key: 'guest', label: 'in the guest' };

function settingsOf({ by, length, offset, from, until, pinned, priority, guest }: ScenarioWatch): string {
  return words(
    length !== undefined && `${length} byte${length === 1 ? '' : 's'}`,
    offset !== undefined && `+${offset}`,
    from !== undefined && `from ${from}`,
    until !== undefined && `until ${until}`,
    by === 'perf' && pinned === true && 'pinned',
    by === 'kwatch' && priority !== undefined && `priority ${priority}`,
    guest === true && 'guest',
  );
}

/** What a scenario is composed of, in a line. */
export function summaryOf({ model, cpus, breakpoints, policy, tasksBy, seed, tasks, watches }: Scenario): string {
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  return [
    MODEL_TITLES[model],
    counted(cpus, 'CPU'),
    `breakpoints ${breakpoints}`,
    POLICY_TITLES[policy],
    `${TASK_SCHEDULER_TITLES[tasksBy]}${tasksBy === 'random' ? ` ${seed}` : ''}`,
    counted(tasks.length, 'task'),
    counted(watches.length, 'watch').replace('watchs', 'watches'),
  ].join(' · ');
}

/** What is watched, by whom, from when to when. */
export function WatchTable({ store, scenario }: SetupProps) {
  const { watches, tasks, text } = scenario;
  const whose = { '': 'whatever runs', ...Object.fromEntries(tasks.map(({ comm }) => [comm, comm])) };
  const columns: readonly FieldSpec<ScenarioWatch>[] = [
    { kind: 'choice', key: 'by', label: 'owner', titles: OWNER_TITLES },
    { kind: 'choice', key: 'access', label: 'accesses', titles: ACCESS_TITLES },
    { kind: 'name', key: 'symbol', label: 'symbol', rule: SYMBOL_RULE, list: 'symbols' },
    { kind: 'choice', key: 'task', label: 'task', titles: whose, optional: true },
  ];
  return (
    <ItemTable
      legend="Watches"
      one="watch"
      items={watches}
      least={0}
      most={MOST}
      columns={columns}
      more={({ by }) => [...SELDOM, ...(OF_OWNER[by] ?? []), IN_GUEST]}
      set={settingsOf}
      create={(): ScenarioWatch => ({ by: 'kernel', symbol: symbolsOf(text).data[0] ?? 'main', access: 'w' })}
      change={(changed) => store.alter({ watches: [...changed] })}
    >
      <p class="note">
        ptrace: a debugger in user space, which watches one task. perf: an event. kernel: whatever any task does.
        kwatch: the same with a priority. kgdb: a debugger of the kernel, which asks nobody.
      </p>
    </ItemTable>
  );
}

const NOTE: readonly FieldSpec<ScenarioNote>[] = [
  { kind: 'whole', key: 'at', label: 'at count', least: 0, most: MOST_INSTRUCTIONS, otherwise: 0 },
  { kind: 'name', key: 'text', label: 'what to look at', spoken: 'text', rule: NOTE_RULE, most: MOST_OF_NOTE },
];

/** What is said of a scenario, and at which counts. */
export function NoteTable({ store, scenario, count }: SetupProps & { readonly count: number }) {
  return (
    <ItemTable
      legend="Notes"
      wide
      one="note"
      items={scenario.notes ?? []}
      least={0}
      most={MOST}
      columns={NOTE}
      create={(): ScenarioNote => ({ at: count, text: 'Look at ...' })}
      change={(changed) => store.annotate(changed.length === 0 ? undefined : changed.toSorted((a, b) => a.at - b.at))}
    />
  );
}

/** Names of the text, for fields that want one. */
export function Names({ scenario }: { readonly scenario: Scenario }) {
  const { data, functions } = symbolsOf(scenario.text);
  const lists = { functions, symbols: [...data, ...functions], comms: scenario.tasks.map(({ comm }) => comm) };
  return (
    <>
      {Object.entries(lists).map(([id, names]) => (
        <datalist key={id} id={id}>
          {[...new Set(names)].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      ))}
    </>
  );
}
