import { type Planted, plantedIn } from './planted.js';

const POOL = 'core/src/registers/slot-pool.ts';
const FLEXIBLE = 'core/src/registers/flexible-policy.ts';
const LINUX = 'core/src/registers/linux-policy.ts';

/** Defects of slot policies. */
export const policies: readonly Planted[] = [
  ...plantedIn(POOL, 'core', 'linux', [
    [
      'every claim weighs 1',
      'const weight = sign * claim.weight;',
      'const weight = sign;',
      'policy/linux-weights-count',
    ],
    [
      'the first CPU decides for a task',
      'for (let c = 0; c < this.#cpuWide.length; c++) used = Math',
      'for (let c = 0; c < 1; c++) used = Math',
      'policy/linux-rule-as-a-formula',
    ],
    [
      'only 32 CPUs are looked at',
      'for (let c = 0; c < mixed.length; c++) mixed[c]',
      'for (let c = 0; c < Math.min(mixed.length, 32); c++) mixed[c]',
      'policy/a-task-counts-on-every-cpu-of-a-wide-machine',
    ],
    [
      'CPUs are told apart by 5 bits',
      'const before = this.#cpuWide[cpu] as number;\n      this.#cpuWide[cpu] = before + weight;',
      'const before = this.#cpuWide[cpu & 31] as number;\n      this.#cpuWide[cpu & 31] = before + weight;',
      'policy/every-cpu-of-a-wide-machine-counts-alone',
    ],
    [
      'threads share what their process has',
      'const held = this.#tasks.get(task);\n    if (cpu',
      'const held = this.#tasks.get(task.parent ?? task);\n    if (cpu',
      'policy/threads-are-tasks-of-their-own',
    ],
    [
      'claims of CPU 0 of a task follow it anywhere',
      'if (cpu >= 0) this.#countBound(held, cpu, weight);',
      'if (cpu > 0) this.#countBound(held, cpu, weight);',
      'policy/linux-rule-as-a-formula',
    ],
    [
      'a refusal names claims of every CPU',
      'claims.filter((other) => other.cpu < 0 || other.cpu === cpu)',
      '[...claims]',
      'policy/a-refusal-names-who-is-in-the-way-of-each-kind',
    ],
    [
      "a refusal names the CPU's own claims only",
      'rivals.filter((other) => other.task === undefined || other.task === task)',
      'rivals.filter((other) => other.task === undefined)',
      'policy/a-refusal-names-who-is-in-the-way-of-each-kind',
      'policy/linux-rule-as-a-formula',
    ],
    [
      'a refusal names every task',
      'rivals.filter((other) => other.task === undefined || other.task === task)',
      'rivals',
      'policy/linux-rule-as-a-formula',
    ],
  ]),
  ...plantedIn(LINUX, 'core', 'linux', [
    [
      'a change of class does not ask',
      '      if (used + claim.weight > to.limit) {',
      '      if (used > to.limit) {',
      'policy/linux-rule-as-a-formula',
    ],
    [
      'a refused change of class has lost its old slot',
      '        from.count(claim, 1);\n',
      '',
      'policy/linux-rule-as-a-formula',
    ],
    ['a change of class counts in both', '      from.count(claim, -1);\n', '', 'policy/linux-rule-as-a-formula'],
    [
      'a change of class is not remembered',
      '    claim.slotClass = slotClass;\n    return GRANTED;',
      '    return GRANTED;',
      'policy/linux-rule-as-a-formula',
    ],
    [
      'weights are forgotten when asked',
      'if (used + claim.weight > pool.limit) return',
      'if (used + 1 > pool.limit) return',
      'policy/linux-weights-count',
    ],
  ]),
  ...plantedIn(FLEXIBLE, 'core', 'flexible', [
    [
      'flexible claims are never counted',
      '    else this.#flexibleOf(pool).count(claim, sign);',
      '',
      'policy/flexible-ones-keep-one-register-of-a-cpu',
    ],
    [
      'flexible claims of tasks are not seen',
      'return this.#anywhere > 0 || (this',
      'return (this',
      'policy/flexible-ones-of-a-task-keep-one-register-of-every-cpu',
    ],
    [
      'flexible claims of CPUs are not seen',
      'return this.#anywhere > 0 || (this.#bound[cpu] as number) > 0;',
      'return this.#anywhere > 0;',
      'policy/flexible-ones-keep-one-register-of-a-cpu',
    ],
    [
      'pinned claims take the register of flexible ones',
      'const shared = this.#flexibleOf(pool).on(cpu) ? 1 : 0;',
      'const shared = 0;',
      'policy/flexible-ones-keep-one-register-of-a-cpu',
    ],
    [
      'flexible claims need no register at all',
      'return this.#flexibleOf(pool).on(cpu) ? 0 : pool.usedOn(undefined, cpu);',
      'return 0;',
      'policy/flexible-ones-need-a-register-that-is-free',
    ],
    [
      'flexible claims are counted as pinned',
      'const used = claim.pinned ? this',
      'const used = claim.pinned || !claim.pinned ? this',
      'policy/flexible-ones-are-granted-without-end',
    ],
    [
      'the register of flexible ones is lost with the first',
      'if (cpu < 0) this.#anywhere += sign;',
      'if (cpu < 0) this.#anywhere = sign > 0 ? 1 : 0;',
      'policy/flexible-ones-of-a-task-keep-one-register-of-every-cpu',
    ],
    [
      'a refusal does not name flexible claims',
      'return [...pinned, ...rivals',
      'return [...pinned, ...[].slice(rivals.length), ...rivals.slice(rivals.length)',
      'policy/flexible-ones-keep-one-register-of-a-cpu',
    ],
    [
      'a refusal names flexible claims of other CPUs',
      '!other.pinned && (other.cpu < 0 || other.cpu === cpu)',
      '!other.pinned',
      'policy/flexible-rule-as-a-formula',
    ],
    [
      'a change of class leaves a flexible claim behind',
      '      this.#count(claim, from, -1);\n      const refusal',
      '      if (claim.pinned) this.#count(claim, from, -1);\n      const refusal',
      'policy/flexible-ones-take-their-register-along-when-they-change-class',
    ],
  ]),
  ...plantedIn('core/src/registers/priority-policy.ts', 'core', 'priorities', [
    [
      'a claim of CPUs above 31 is refused',
      '    const refusal = this.#refusal(claim, range);\n    if (refusal !== undefined) return refusal;\n    const decision = new PriorityDecision(claim);\n    this.#enter(claim, range, ++this.#orders, decision);',
      "    const refusal = this.#refusal(claim, range);\n    if (refusal !== undefined) return refusal;\n    if (claim.cpu > 31) return { outcome: 'refused', used: 0, limit: 0, holders: [] };\n    const decision = new PriorityDecision(claim);\n    this.#enter(claim, range, ++this.#orders, decision);",
      'policy/every-cpu-of-a-wide-machine-counts-alone',
    ],
    [
      'place takes a register that is occupied',
      'register !== WAITS && occupied[register] === undefined ? register : -1',
      'register',
      'policy/place-only-looks',
    ],
  ]),
];
