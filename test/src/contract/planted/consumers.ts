import { type Planted, plantedIn } from './planted.js';

const STOPPED = 'consumer/a-stopped-one-takes-nothing';
const LATER = 'consumer/what-it-handed-out-takes-nothing-once-stopped';
const GIVEN_BACK = 'consumer/stop-gives-everything-back';
const AS_NEW = 'consumer/starts-again-as-new';
const GO_ON = 'consumer/tasks-go-on-once-it-is-stopped';

/** Defects of consumers. */
export const consumers: readonly Planted[] = [
  ...plantedIn('consumers/ptrace/src/ptrace.ts', 'consumer', 'ptrace', [
    [
      'a stopped ptrace makes tracers',
      "    if (!this.#started) throw ptraceError('PTRACE_STOPPED', 'ptrace was stopped with its kernel; compose a new one');\n",
      '',
      STOPPED,
    ],
    ['stop leaves tracers', '    for (const tracer of [...this.#tracers]) tracer.close();\n', '', GIVEN_BACK],
    [
      'stop leaves all tracers but the first',
      'for (const tracer of [...this.#tracers]) tracer.close();',
      'for (const tracer of [...this.#tracers].slice(0, 1)) tracer.close();',
      'consumer/several-uses-are-given-back',
    ],
    ['stop leaves its part of images', '    this.#forget?.();\n', '', GIVEN_BACK],
    [
      'a second start takes a second part of images',
      'this.#forget ??= this',
      'this.#forget = this',
      'consumer/start-is-idempotent',
    ],
    ['tracers that are closed are shown', '() => this.#tracers.delete(tracer)', '() => {}', AS_NEW],
  ]),
  ...plantedIn('consumers/ptrace/src/tracer.ts', 'consumer', 'ptrace', [
    ['a tracer that is closed attaches', '    this.#open = false;\n    this.#closed();', '    this.#closed();', LATER],
    [
      'close leaves tasks stopped',
      "      else if (tracee.stop !== undefined || tracee.listening) this.#go(tracee, undefined, 'cont');\n",
      '',
      GO_ON,
    ],
    [
      'close steps tasks on',
      "this.#go(tracee, undefined, 'cont');\n    }\n    this.#queue.clear();",
      "this.#go(tracee, undefined, 'step');\n    }\n    this.#queue.clear();",
      GO_ON,
    ],
    ['close leaves tasks traced', '      this.#release(tracee);\n      if (tracee', '      if (tracee', GIVEN_BACK],
    ['close kills', 'tracee.options.exitKill === true', 'tracee.options.exitKill !== false', GO_ON],
  ]),
  ...plantedIn('consumers/kgdb/src/kgdb.ts', 'consumer', 'kgdb', [
    [
      'a stopped kgdb lets attach',
      "    if (!this.#started) throw kgdbError('KGDB_STOPPED', 'kgdb was stopped with its kernel; compose a new one');\n",
      '',
      STOPPED,
    ],
    ['stop leaves the session', '    this.#session?.close();\n', '', GIVEN_BACK],
    ['the session that has ended is remembered', '      this.#session = undefined;\n', '', AS_NEW],
  ]),
  ...plantedIn('consumers/kgdb/src/session.ts', 'consumer', 'kgdb', [
    ['a session that is closed keeps what it took', '    this.#target.release();\n', '', GIVEN_BACK],
  ]),
  ...plantedIn('consumers/ftrace/src/ksym-tracer.ts', 'consumer', 'ksym', [
    [
      'a stopped tracer takes entries',
      '    if (this.#started) return;\n',
      '    if (this.#started || !this.#started) return;\n',
      STOPPED,
    ],
    ['stop leaves its part of images', '    this.#forget?.();\n', '', GIVEN_BACK],
    [
      'stop leaves entries',
      "    this.#trace.select('nop');\n    // Entries may have been written while `nop` was selected.\n    this.#trace.filter.clear();\n",
      '',
      GIVEN_BACK,
    ],
  ]),
  ...plantedIn('consumers/perf/src/perf.ts', 'consumer', 'perf', [
    [
      'a stopped perf opens files',
      "    if (!this.#started) throw perfError('PERF_STOPPED', 'perf was stopped with its kernel; compose a new one');\n",
      '',
      STOPPED,
    ],
    ['stop leaves files', '    for (const file of [...this.#files.values()]) file.close();\n', '', GIVEN_BACK],
    [
      'stop closes every other file',
      'for (const file of [...this.#files.values()]) file.close();',
      'for (const file of this.#files.values()) if (file.fd % 2 === 1) file.close();',
      GIVEN_BACK,
    ],
    ['stop leaves its hooks', '    this.#sideBand.stop();\n', '', GIVEN_BACK],
    ['closed files are shown', '        this.#files.delete(file.fd);\n', '', AS_NEW],
  ]),
  ...plantedIn('consumers/perf/src/file/perf-file.ts', 'consumer', 'perf', [
    ['a file that is closed leaves its event', '    this.#host.events.close(this.event);\n', '', GIVEN_BACK],
  ]),
  ...plantedIn('consumers/kwatch/src/kwatch.ts', 'consumer', 'kwatch', [
    [
      'a stopped kwatch watches',
      '    if (this.#hooks === undefined) {\n      throw',
      '    if (this.#hooks === undefined && request.length < 0) {\n      throw',
      STOPPED,
      LATER,
    ],
    [
      'stop leaves watches in their registers',
      '    for (const { release } of ended) release();\n    this.#hooks',
      '    this.#hooks',
      GIVEN_BACK,
    ],
    ['stop leaves watches in the list', '    this.#records.clear();\n', '', AS_NEW],
    ['stop leaves its hooks', '    this.#hooks?.[Symbol.dispose]();\n', '', GIVEN_BACK],
    [
      'it starts only once',
      '    this.#hooks?.[Symbol.dispose]();\n    this.#hooks = undefined;',
      '    this.#hooks?.[Symbol.dispose]();',
      AS_NEW,
    ],
  ]),
  ...plantedIn('consumers/xmon/src/xmon.ts', 'consumer', 'xmon', [
    [
      'a stopped xmon opens',
      "    if (!this.#started) throw xmonError('XMON_STOPPED', 'xmon was stopped with its kernel; compose a new one');\n",
      '',
      STOPPED,
    ],
    ['stop leaves the session', '    this.#session?.close();\n', '', GIVEN_BACK],
    ['the session that has ended is remembered', '      this.#session = undefined;\n', '', AS_NEW],
  ]),
  ...plantedIn('consumers/xmon/src/session.ts', 'consumer', 'xmon', [
    [
      'a session that is closed enters',
      "    this.#requireOpen();\n    this.#world.enter({ kind: 'order' });",
      "    this.#world.enter({ kind: 'order' });",
      LATER,
    ],
    ['a session that is closed keeps what it took', '    this.#world[Symbol.dispose]();\n', '', GIVEN_BACK],
  ]),
  ...plantedIn('consumers/kvm/src/kvm.ts', 'consumer', 'kvm', [
    [
      'a stopped KVM makes virtual machines',
      "    if (this.#unlisten === undefined) throw kvmError('KVM_ENDED', 'KVM was stopped with its kernel; compose a new one');\n",
      '',
      STOPPED,
    ],
    ['stop leaves virtual machines', '    for (const vm of this.#vms.values()) vm[Symbol.dispose]();\n', '', AS_NEW],
    ['stop leaves its hooks', '    this.#unlisten?.();\n', '', GIVEN_BACK],
    [
      'it starts only once',
      '    this.#unlisten?.();\n    this.#unlisten = undefined;',
      '    this.#unlisten?.();',
      AS_NEW,
    ],
    [
      'a listener to debuggers is left',
      '      for (const unhook of hooks) unhook();',
      '      for (const unhook of hooks.slice(1)) unhook();',
      GIVEN_BACK,
    ],
    [
      'a second start listens twice',
      '    if (this.#unlisten !== undefined) return;\n',
      '',
      'consumer/start-is-idempotent',
    ],
  ]),
];
