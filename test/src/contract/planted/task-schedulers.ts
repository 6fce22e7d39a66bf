import { type Planted, plantedIn } from './planted.js';

const FIXED = 'schedulers/src/fixed-priority.ts';
const LISTS = 'schedulers/src/priority-lists.ts';
const FAIR = 'schedulers/src/fair/fair.ts';
const FAIR_QUEUE = 'schedulers/src/fair/fair-queue.ts';
const DEADLINE = 'schedulers/src/deadline/earliest-deadline.ts';
const RESERVATION = 'schedulers/src/deadline/reservation.ts';
const SCHEDULE = 'schedulers/src/schedule/schedule.ts';
const ROUND_ROBIN = 'core/src/kernel/scheduling/round-robin.ts';
const HEAP = 'schedulers/src/task-heap.ts';

/** Defects of scheduling classes. */
export const taskSchedulers: readonly Planted[] = [
  ...plantedIn(ROUND_ROBIN, 'scheduling', 'round robin', [
    [
      'nobody’s time is ever over',
      'return this.#host.waiting(cpu).length > 0;',
      'return cpu < 0;',
      'scheduling/nobody-starves',
    ],
    [
      'everybody is put on CPU 0',
      'return this.#host.idlest(task);',
      'return task === undefined ? 1 : 0;',
      'scheduling/an-idle-cpu-gets-a-new-task',
    ],
    [
      'gates are ignored',
      'return this.#host.waiting(cpu).first(admits);',
      'return this.#host.waiting(cpu).first(admits && (() => true));',
      'scheduling/a-gate-is-obeyed',
    ],
  ]),
  ...plantedIn(FIXED, 'scheduling', 'fixed priority', [
    [
      'a dequeued task is not forgotten',
      '    this.#of(cpu).leave(entity, entity.priority);\n  }\n\n  pick',
      '    if (cpu < 0) this.#of(cpu).leave(entity, entity.priority);\n  }\n\n  pick',
      'scheduling/a-task-that-ends-is-forgotten',
    ],
    [
      'a new one is lost',
      '    this.#of(cpu).enter(entity, priority, isFirst);',
      "    if (why !== 'moved') this.#of(cpu).enter(entity, priority, isFirst);",
      'scheduling/a-cpu-that-goes-loses-nobody',
    ],
    [
      'does not preempt',
      'return this.#entities.get(task).priority > this.#entities.get(running).priority;',
      'return this.#entities.get(task) === this.#entities.get(running);',
      'scheduling/whoever-goes-before-takes-the-cpu-as-it-wakes-up',
    ],
    [
      'affinity is ignored where one is pulled',
      'this.#host.allows(task, cpu) && admits(task);',
      'admits(task);',
      'scheduling/a-cpu-that-has-nobody-leaves-those-who-may-not-come',
    ],
    [
      'nobody is pulled',
      'if (other === cpu || lists.top <= highest) continue;',
      'if (other >= 0 || lists.top <= highest) continue;',
      'scheduling/whoever-waits-comes-to-a-cpu-that-has-nobody',
    ],
    [
      'an unknown parameter is accepted',
      '      checkFields(NAME, given, PARAMETERS);\n',
      '',
      'scheduling/unknown-parameters-are-refused',
      'scheduling/wrong-parameters-are-refused',
    ],
    [
      'a change of priority counts only when it wakes up',
      '      entity.priority = priority;\n',
      '      if (entity.list === undefined && !task.onCpu) entity.priority = priority;\n',
      'scheduling/parameters-change-wherever-a-task-is',
    ],
    [
      'what is left of its time is not saved',
      'entity.left = left.number(0, this.#ticks);',
      'left.number(0, this.#ticks);',
      'scheduling/a-fresh-machine-goes-on-from-an-image',
    ],
  ]),
  ...plantedIn(LISTS, 'scheduling', 'fixed priority', [
    [
      'the list of a priority looks empty once one has left',
      'list.remove(entry);\n    if (list.isEmpty) this.#emptied(priority);',
      'list.remove(entry);\n    if (!list.isEmpty) this.#emptied(priority);',
      'scheduling/everybody-comes-to-his-end',
    ],
  ]),
  ...plantedIn(FAIR, 'scheduling', 'fair', [
    [
      'a sleeper has all that it has slept',
      'Math.max(entity.key, virtualTime - this.#options.latency / 2)',
      'entity.key',
      'scheduling/who-has-slept-does-not-keep-the-others-off',
    ],
    [
      'a new one begins at nothing',
      'entity.key = virtualTime + this.#slice(queue)',
      'entity.key = 0',
      'scheduling/who-comes-later-has-a-turn-too',
    ],
    [
      'not the same run twice',
      'if (running.ran >= (slice * running.weight) / NICE_0) return true;',
      'if (Math.random() < 0.5 || running.ran >= (slice * running.weight) / NICE_0) return true;',
      'scheduling/the-same-composition-is-the-same-run',
    ],
    [
      'who sleeps is not saved',
      'tasks: tasks.map((task) => {',
      "tasks: tasks.filter(({ state }) => state === 'running').map((task) => {",
      'scheduling/a-fresh-machine-goes-on-from-an-image',
    ],
  ]),
  ...plantedIn(FAIR_QUEUE, 'scheduling', 'fair', [
    [
      'the one that runs is charged nothing',
      'entity.key += (passed * NICE_0) / entity.weight;',
      'entity.key += (0 * passed * NICE_0) / entity.weight;',
      'scheduling/equal-tasks-have-equal-shares',
    ],
    [
      'who yields keeps its place where that is one call',
      'if (yields && first !== undefined && first.key > entity.key) entity.key = first.key;',
      'if (yields && first === undefined) entity.key = 0;',
      'scheduling/an-exchange-is-three-calls',
    ],
  ]),
  ...plantedIn(HEAP, 'scheduling', 'fair', [
    [
      'the last one of a heap goes with another',
      'if (last === entry) return;',
      'if (last !== undefined) return;',
      'scheduling/everybody-comes-to-his-end',
    ],
  ]),
  ...plantedIn(DEADLINE, 'scheduling', 'earliest deadline', [
    [
      'what an ended task had is never free again',
      'this.#admission.set(task, undefined);',
      'void task;',
      'scheduling/what-is-scarce-is-free-again',
      'scheduling/many-that-come-and-go-leave-nothing',
    ],
    [
      'the background does not take turns',
      'if (running.reservation === undefined) return earliest !== undefined || queue.hasBackground;',
      'if (running.reservation === undefined) return earliest !== undefined;',
      'scheduling/nobody-starves',
    ],
    [
      'a CPU that goes off has its tasks back at the front of nothing',
      "if (why === 'preempted' || why === 'displaced') queue.waitFirst(entity);\n    else queue.wait(entity);",
      "if (why === 'preempted') queue.waitFirst(entity);\n    else if (why !== 'displaced') queue.wait(entity);",
      'scheduling/a-suspend-loses-nobody',
    ],
  ]),
  ...plantedIn(RESERVATION, 'scheduling', 'earliest deadline', [
    [
      'everything is promised to everybody',
      'if (others + share <= this.#capacity + 1e-9) return;',
      'if (others + share >= 0) return;',
      'scheduling/what-is-scarce-is-free-again',
    ],
  ]),
  ...plantedIn(SCHEDULE, 'scheduling', 'random schedule', [
    [
      'asking for who is next makes the choice',
      '    const index = length > 1 ? this.#decisions.task(length) : 0;\n',
      '    const index = length > 1 ? this.#decisions.task(length) : 0;\n    this.#decisions.take(index, length);\n',
      'scheduling/whoever-asks-changes-nothing',
    ],
    [
      'the order of those that wait is not saved',
      '          waiting[at] = task;\n',
      '          waiting[waiting.length - 1 - at] = task;\n',
      'scheduling/a-fresh-machine-goes-on-from-an-image',
    ],
  ]),
];
