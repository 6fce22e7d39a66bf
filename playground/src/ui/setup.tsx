import { symbolsOf } from '../editor/symbols.js';
import {
  ACCESS_TITLES,
  MODEL_TITLES,
  MOST_INSTRUCTIONS,
  OWNER_TITLES,
  POLICY_TITLES,
  SCHEDULER_TITLES,
  type Scenario,
  type ScenarioTask,
  type ScenarioWatch,
  TASK_SCHEDULER_TITLES,
} from '../model/scenario.js';
import { Check, Choice, Name, Whole } from './fields.js';
import { numbered } from './numbered.js';
import { Scroll } from './scroll.js';
import type { Store } from './store.js';

interface SetupProps {
  readonly store: Store;
  readonly scenario: Scenario;
}

/** An object without what is undefined in it. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/** What the kernel is composed of. */
export function Parts({ store, scenario }: SetupProps) {
  const { model, cpus, breakpoints, policy, tasksBy, seed, quantum, tick, space } = scenario;
  return (
    <fieldset class="parts">
      <legend>Kernel</legend>
      <Choice
        label="architecture"
        value={model}
        titles={MODEL_TITLES}
        change={(value) => store.alter({ model: value })}
      />
      <Whole label="CPUs" value={cpus} least={1} most={8} change={(value) => store.alter({ cpus: value ?? 1 })} />
      <Choice
        label="breakpoints"
        value={breakpoints}
        titles={SCHEDULER_TITLES}
        change={(value) => store.alter({ breakpoints: value })}
      />
      <Choice
        label="slot policy"
        value={policy}
        titles={POLICY_TITLES}
        change={(value) => store.alter({ policy: value })}
      />
      <Choice
        label="task scheduler"
        value={tasksBy}
        titles={TASK_SCHEDULER_TITLES}
        change={(value) => store.alter({ tasksBy: value })}
      />
      <Whole
        label="seed"
        value={seed}
        least={0}
        most={2 ** 32 - 1}
        change={(value) => store.alter({ seed: value ?? 0 })}
      />
      <Whole
        label="turn of a CPU"
        value={quantum}
        least={1}
        most={100_000}
        change={(value) => store.alter({ quantum: value ?? 1 })}
      />
      <Whole
        label="tick"
        value={tick}
        least={10}
        most={1_000_000}
        change={(value) => store.alter({ tick: value ?? 10 })}
      />
      <Choice
        label="text and data"
        value={space}
        titles={{ user: "each task's own", kernel: "the kernel's, shared" }}
        change={(value) => store.alter({ space: value })}
      />
    </fieldset>
  );
}

/** Which tasks there are. */
export function TaskTable({ store, scenario }: SetupProps) {
  const { tasks, tasksBy, cpus } = scenario;
  const set = (place: number, task: ScenarioTask | undefined): void =>
    store.alter({ tasks: task === undefined ? tasks.toSpliced(place, 1) : tasks.with(place, task) });
  const prioritized = tasksBy === 'fixed-priority';
  return (
    <fieldset>
      <legend>Tasks</legend>
      <Scroll label="Tasks of the scenario">
        <table>
          <thead>
            <tr>
              {['name', 'begins at', 'CPU', ...(prioritized ? ['priority'] : []), 'guest', 'remove'].map((head) => (
                <th scope="col" key={head}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {numbered(tasks).map(({ item: task, place }) => {
              const { comm, entry, cpu, guest, priority } = task;
              const alter = (some: Partial<Record<keyof ScenarioTask, ScenarioTask[keyof ScenarioTask]>>): void =>
                set(place, present<ScenarioTask>({ ...task, ...some } as ScenarioTask));
              return (
                <tr key={place}>
                  <td>
                    <Name
                      bare
                      label={`name of task ${place + 1}`}
                      value={comm}
                      change={(value) => alter({ comm: value })}
                    />
                  </td>
                  <td>
                    <Name
                      bare
                      label={`label that task ${place + 1} begins at`}
                      list="functions"
                      value={entry}
                      change={(value) => alter({ entry: value })}
                    />
                  </td>
                  <td>
                    <Whole
                      bare
                      optional
                      label={`CPU of task ${place + 1}`}
                      value={cpu}
                      least={0}
                      most={cpus - 1}
                      change={(value) => alter({ cpu: value })}
                    />
                  </td>
                  {prioritized && (
                    <td>
                      <Whole
                        bare
                        label={`priority of task ${place + 1}`}
                        value={priority ?? 1}
                        least={1}
                        most={99}
                        change={(value) => alter({ priority: value })}
                      />
                    </td>
                  )}
                  <td>
                    <Check
                      bare
                      label={`task ${place + 1} is in the guest`}
                      value={guest ?? false}
                      change={(value) => alter({ guest: value || undefined })}
                    />
                  </td>
                  <td>
                    <button
                      type="button"
                      disabled={tasks.length === 1}
                      onClick={() => set(place, undefined)}
                      aria-label={`Remove task ${place + 1}`}
                    >
                      ×
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      <button
        type="button"
        disabled={tasks.length >= 16}
        onClick={() =>
          store.alter({ tasks: [...tasks, { comm: `task${tasks.length + 1}`, entry: tasks[0]?.entry ?? 'main' }] })
        }
      >
        Add a task
      </button>
    </fieldset>
  );
}

/** What is watched, by whom, from when to when. */
export function WatchTable({ store, scenario }: SetupProps) {
  const { watches, tasks, text } = scenario;
  const set = (place: number, watch: ScenarioWatch | undefined): void =>
    store.alter({ watches: watch === undefined ? watches.toSpliced(place, 1) : watches.with(place, watch) });
  const whose: Record<string, string> = {
    '': 'whatever runs',
    ...Object.fromEntries(tasks.map(({ comm }) => [comm, comm])),
  };
  return (
    <fieldset>
      <legend>Watches</legend>
      <Scroll label="Watches of the scenario">
        <table>
          <thead>
            <tr>
              {['by', 'symbol', 'bytes', 'of', 'for', 'from count', 'until', 'more', 'remove'].map((head) => (
                <th scope="col" key={head}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {numbered(watches).map(({ item: watch, place }) => {
              const { by, symbol, length, access, task, from, until, pinned, priority, guest } = watch;
              const n = place + 1;
              const alter = (some: Partial<Record<keyof ScenarioWatch, ScenarioWatch[keyof ScenarioWatch]>>): void =>
                set(place, present<ScenarioWatch>({ ...watch, ...some } as ScenarioWatch));
              return (
                <tr key={place}>
                  <td>
                    <Choice
                      bare
                      label={`who sets watch ${n}`}
                      value={by}
                      titles={OWNER_TITLES}
                      change={(value) => alter({ by: value })}
                    />
                  </td>
                  <td>
                    <Name
                      bare
                      label={`symbol of watch ${n}`}
                      list="symbols"
                      value={symbol}
                      change={(value) => alter({ symbol: value })}
                    />
                  </td>
                  <td>
                    <Whole
                      bare
                      optional
                      label={`bytes of watch ${n}`}
                      value={length}
                      least={1}
                      most={512}
                      change={(value) => alter({ length: value })}
                    />
                  </td>
                  <td>
                    <Choice
                      bare
                      label={`accesses of watch ${n}`}
                      value={access}
                      titles={ACCESS_TITLES}
                      change={(value) => alter({ access: value })}
                    />
                  </td>
                  <td>
                    <Choice
                      bare
                      label={`task of watch ${n}`}
                      value={task ?? ''}
                      titles={whose}
                      change={(value) => alter({ task: value || undefined })}
                    />
                  </td>
                  <td>
                    <Whole
                      bare
                      optional
                      label={`count from which on watch ${n} is there`}
                      value={from}
                      least={0}
                      most={MOST_INSTRUCTIONS}
                      change={(value) => alter({ from: value })}
                    />
                  </td>
                  <td>
                    <Whole
                      bare
                      optional
                      label={`count until which watch ${n} is there`}
                      value={until}
                      least={1}
                      most={MOST_INSTRUCTIONS}
                      change={(value) => alter({ until: value })}
                    />
                  </td>
                  <td class="more">
                    {by === 'perf' && (
                      <Check label="pinned" value={pinned ?? false} change={(value) => alter({ pinned: value })} />
                    )}
                    {by === 'kwatch' && (
                      <Whole
                        optional
                        label="priority"
                        value={priority}
                        least={0}
                        most={100}
                        change={(value) => alter({ priority: value })}
                      />
                    )}
                    <Check
                      label="guest"
                      value={guest ?? false}
                      change={(value) => alter({ guest: value || undefined })}
                    />
                  </td>
                  <td>
                    <button type="button" onClick={() => set(place, undefined)} aria-label={`Remove watch ${n}`}>
                      ×
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      <button
        type="button"
        disabled={watches.length >= 16}
        onClick={() =>
          store.alter({
            watches: [...watches, { by: 'kernel', symbol: symbolsOf(text).data[0] ?? 'main', access: 'w' }],
          })
        }
      >
        Add a watch
      </button>
    </fieldset>
  );
}

/** Names of the text, for fields that want one. */
export function Names({ text }: { readonly text: string }) {
  const { data, functions } = symbolsOf(text);
  return (
    <>
      <datalist id="functions">
        {functions.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="symbols">
        {[...data, ...functions].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
