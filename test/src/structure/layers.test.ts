import path from 'node:path';
import test from 'ava';
import { checkLayers, MOST_LINES } from './check-layers.js';
import { sourcesOf } from './repository.js';

test('the arrows of DESIGN.md hold in every source file, and no file is too long', (t) => {
  // The tests are free to import whom they test.
  const all = sourcesOf((directory) => directory !== 'test');
  t.true(
    all.some(({ path }) => path === 'core/src/composition/compose.ts'),
    'the sources were found',
  );
  const violations = checkLayers(all);
  t.is(violations.join('\n'), '');
});

/** What the checker says of one made-up file, without `file:`. */
function say(file: string, ...lines: readonly string[]): string[] {
  return checkLayers([{ path: file, text: `${lines.join('\n')}\n` }]).map((text) => text.slice(file.length + 1));
}

const ARROWS: readonly (readonly [string, string, string | undefined])[] = [
  ['core/src/kernel/a.ts', '@hwbp/arch-x86', 'core may import nothing of ours'],
  ['core/src/kernel/a.ts', '@hwbp/ptrace', 'core may import nothing of ours'],
  ['arch-x86/src/a.ts', '@hwbp/core', undefined],
  ['arch-x86/src/a.ts', '@hwbp/arch-ppc64', 'arch-x86 may import core only'],
  ['arch-x86/src/a.ts', '@hwbp/kgdb', 'arch-x86 may import core only'],
  ['arch-x86/src/a.ts', '../../core/src/index.js', undefined],
  ['arch-x86/src/driver/a.ts', '../../../arch-ppc64/src/index.js', 'arch-x86 may import core only'],
  ['consumers/ptrace/src/a.ts', '@hwbp/core', undefined],
  ['consumers/ptrace/src/a.ts', '@hwbp/ftrace', 'consumers/ptrace may import core only'],
  ['consumers/ptrace/src/a.ts', '@hwbp/arch-x86', 'consumers/ptrace may import core only'],
  ['consumers/ptrace/src/a.ts', '../../ftrace/src/index.js', 'consumers/ptrace may import core only'],
  ['consumers/ptrace/src/a.ts', '@hwbp/ptrace', undefined],
  ['lackey/src/a.ts', '@hwbp/core', undefined],
  ['lackey/src/a.ts', '@hwbp/arch-x86', 'lackey may import core only'],
  ['lackey/src/a.ts', '@hwbp/ptrace', 'lackey may import core only'],
  ['locks/src/a.ts', '@hwbp/core', undefined],
  ['locks/src/a.ts', '@hwbp/arch-x86', 'locks may import core only'],
  ['locks/src/a.ts', '@hwbp/schedulers', 'locks may import core only'],
  ['core/src/kernel/a.ts', '@hwbp/locks', 'core may import nothing of ours'],
  ['schedulers/src/a.ts', '@hwbp/core', undefined],
  ['schedulers/src/a.ts', '@hwbp/arch-x86', 'schedulers may import core only'],
  ['schedulers/src/a.ts', '@hwbp/kgdb', 'schedulers may import core only'],
  ['core/src/kernel/a.ts', '@hwbp/schedulers', 'core may import nothing of ours'],
  ['core/src/kernel/a.ts', '@hwbp/lackey', 'core may import nothing of ours'],
  ['consumers/perf/src/a.ts', '@hwbp/lackey', 'consumers/perf may import core only'],
  ['conform/src/a.ts', '@hwbp/core', undefined],
  ['conform/src/a.ts', '@hwbp/arch-x86', undefined],
  ['conform/src/a.ts', '@hwbp/ptrace', undefined],
  ['conform/src/a.ts', '@hwbp/lackey', 'conform may import core, arch-* and consumers/* only'],
  ['conform/src/a.ts', '@hwbp/cli', 'conform may import core, arch-* and consumers/* only'],
  ['consumers/perf/src/a.ts', '@hwbp/conform', 'consumers/perf may import core only'],
  ['testkit/src/a.ts', '@hwbp/cli', 'testkit may import core only'],
  ['scaffold/src/a.ts', '@hwbp/core', 'scaffold may import nothing of ours'],
  ['create-arch/src/a.ts', '@hwbp/scaffold', undefined],
  ['create-arch/src/a.ts', '@hwbp/create-consumer', 'create-arch may import scaffold only'],
  ['create-consumer/src/a.ts', '@hwbp/core', 'create-consumer may import scaffold only'],
  ['cli/src/a.ts', '@hwbp/arch-x86', undefined],
  ['recorder/src/a.ts', '@hwbp/conform', undefined],
  ['recorder/src/a.ts', '@hwbp/cli', 'recorder may import anything but the command'],
  ['examples/src/a.ts', '@hwbp/ptrace', undefined],
];

for (const [file, specifier, expected] of ARROWS) {
  test(`checker: ${file} ${expected === undefined ? 'may' : 'may not'} import ${specifier}`, (t) => {
    const forms = [
      `import { a } from '${specifier}';`,
      `import type { a } from '${specifier}';`,
      `export * from '${specifier}';`,
      `export const a = import('${specifier}');`,
      `export type A = import('${specifier}').A;`,
    ];
    for (const form of forms) {
      const arrows = say(file, '// a comment', form).filter((violation) => !/core (names|exports)/.test(violation));
      t.is(arrows.length, expected === undefined ? 0 : 1, form);
      t.true(
        arrows.every((violation) => violation.startsWith('2:') && violation.includes(expected ?? '')),
        form,
      );
    }
  });
}

const LAYERS: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['composition', 'kernel', undefined],
  ['facets', 'breakpoint', undefined],
  ['breakpoint', 'facets', /declare an interface in core\/breakpoint and let core\/facets implement it/],
  ['scheduling/direct', 'scheduling', undefined],
  ['registers', 'scheduling', /does not stand below it/],
  ['registers', 'kernel', undefined],
  ['kernel', 'programs', undefined],
  ['programs', 'hardware', undefined],
  ['hardware', 'programs', /does not stand below it/],
  ['hardware', 'kernel', /does not stand below it/],
  ['kernel', 'arch', /does not stand below it/],
  ['arch', 'kernel', undefined],
  ['kernel', 'errors', undefined],
  ['registers', 'quirks', undefined],
  ['programs', 'text', undefined],
  ['errors', 'kernel', /core\/errors is a leaf/],
  ['quirks', 'composition', /core\/quirks is a leaf/],
  ['text', 'kernel', /core\/text is a leaf/],
  ['kernel', 'attic', /core\/attic has no place among the layers/],
];

/** How a file of one folder names another folder. */
const relative = (from: string, to: string): string => path.posix.relative(from, to);

for (const [from, to, expected] of LAYERS) {
  test(`checker: inside core, ${from} ${expected === undefined ? 'may' : 'may not'} import ${to}`, (t) => {
    const violations = [
      ...say(`core/src/${from}/a.ts`, `import { a } from '${relative(from, to)}/b.js';`),
      ...say(`core/src/${from}/deep/a.ts`, `export { a } from '../${relative(from, to)}/b.js';`),
    ];
    t.is(violations.length, expected === undefined ? 0 : 2);
    if (expected !== undefined) for (const violation of violations) t.regex(violation, expected);
  });
}

test('checker: core’s index may export every layer, name by name', (t) => {
  const file = 'core/src/index.ts';
  t.deepEqual(
    say(file, "export { A, type B } from './kernel/index.js';", "export type { E } from './errors/index.js';"),
    [],
  );
  t.regex(say(file, "export * from './kernel/index.js';").join(), /1: core exports whatever there is; list the names/);
  t.deepEqual(say('cli/src/index.ts', "export * from './run.js';"), []);
});

test('checker: two schedulers know nothing of each other, and both the contract', (t) => {
  const to = (other: string): string[] => say('core/src/scheduling/direct/a.ts', `import { a } from '${other}';`);
  t.deepEqual(to('../scheduler.js'), []);
  t.regex(to('../events/index.js').join(), /core\/scheduling\/direct imports core\/scheduling\/events/);
  const contract = (other: string): string[] =>
    say('core/src/scheduling/scheduler.ts', `import { a } from '${other}';`);
  t.deepEqual(contract('../registers/index.js'), []);
  t.regex(contract('./direct/index.js').join(), /core\/scheduling imports core\/scheduling\/direct/);
});

test('checker: published names of one architecture stand in the file of that interface, and are passed on', (t) => {
  const constant = 'export const PPC_BREAKPOINT_MODE_EXACT = 0;';
  t.deepEqual(say('core/src/facets/hardware-debug-requests.ts', constant), []);
  t.deepEqual(say('core/src/facets/index.ts', "export { PPC_BREAKPOINT_MODE_EXACT } from './a.js';"), []);
  t.regex(say('core/src/kernel/a.ts', constant).join(), /core names a chip: ppc/);
  t.regex(say('core/src/facets/hardware-debug-requests.ts', 'export const PPC_DABR = 0;').join(), /a chip: ppc/);
});

test('checker: Node built-ins, console, Date and Math.random have no place where a browser is', (t) => {
  const source = [
    "import fs from 'node:fs';",
    "import { join } from 'path';",
    "console.log('x');",
    'export const now = Date.now();',
    'export const luck = Math.random();',
    'export const time = performance.now();',
    // These are none.
    'export const root = Math.sqrt(4);',
    'export interface Log { Date: number; console(): void }',
    'export const f = (x: { console: number }) => x.console;',
  ];
  for (const folder of [
    'core/src/kernel',
    'arch-x86/src',
    'lackey/src',
    'locks/src',
    'schedulers/src',
    'syscalls/src',
    'devices/src',
    'consumers/kgdb/src',
    'conform/src',
    'testkit/src',
  ]) {
    t.deepEqual(
      say(`${folder}/a.ts`, ...source).map((violation) =>
        violation.replace(/;.*/, '').replace(folder.replace(/\/src.*/, ''), 'it'),
      ),
      [
        '1: it imports the Node built-in node:fs',
        '2: it imports the Node built-in path',
        '3: console is used',
        '4: Date is used',
        '5: Math.random is used',
        '6: performance is used',
      ],
      folder,
    );
  }
  t.deepEqual(say('cli/src/a.ts', ...source), []);
});

test('checker: an entry for Node may use it, and the rest of its package may not use it', (t) => {
  t.deepEqual(say('consumers/kgdb/src/server/a.ts', "import net from 'node:net';", "import '../index.js';"), []);
  t.deepEqual(say('conform/src/files/a.ts', "import fs from 'node:fs';", "import '../index.js';"), []);
  t.deepEqual(say('consumers/kgdb/src/rsp/a.ts', "import '../server/index.js';"), [
    '1: consumers/kgdb imports its entry for Node; the rest of it runs in a browser: turn the arrow round',
  ]);
});

test('checker: tsyringe is imported in the composition only', (t) => {
  const source = "import { inject } from 'tsyringe';";
  for (const file of ['core/src/kernel/a.ts', 'consumers/kgdb/src/a.ts', 'cli/src/a.ts']) {
    t.regex(say(file, source).join(), /1: tsyringe is imported outside .*take inject and injectable from @hwbp\/core/);
  }
  t.deepEqual(say('core/src/composition/a.ts', source), []);
});

test('checker: core names no chip and no consumer, in identifiers, strings, templates or specifiers', (t) => {
  const named = (...lines: string[]) =>
    say('core/src/kernel/a.ts', ...lines).map((text) => /core names (.*);/.exec(text)?.[1]);
  t.deepEqual(named('export const DR7_ENABLES = 1;'), ['a chip: dr7']);
  t.deepEqual(named('export function x86Backend() {}'), ['a chip: x86']);
  t.deepEqual(named('export class Y { #dabrValue = 1; }'), ['a chip: dabr']);
  t.deepEqual(named("export const a = 'the ptrace user';"), ['a consumer: ptrace']);
  t.deepEqual(named('export const a = `no $' + '{1} kgdb`;'), ['a consumer: kgdb']);
  t.deepEqual(named('export const isKvm = `xmon`;'), ['a consumer: kvm', 'a consumer: xmon']);
  t.deepEqual(named("import '../perf.js';"), ['a consumer: perf']);
  t.deepEqual(named("export const a = 'perfEvents() is what perf needs';"), ['a consumer: perf']);
  t.deepEqual(named('export const perfEventsOfPerf = 1;'), ['a consumer: perf']);
  t.deepEqual(
    named(
      '/** As on x86, where ptrace uses DR7. */',
      'export const performance1 = 1; // perf',
      'export const TRAP_PERF = 6;',
      "export const a = 'compose the kernel with breakpointScheduler: perfEvents()';",
      "export { a } from './perf-events.js';",
    ),
    [],
    'comments may cite; longer words and given names are no names',
  );
  t.deepEqual(say('arch-x86/src/a.ts', 'export const DR7 = 1;'), []);
});

test('checker: what plays recordings of every architecture knows none of them', (t) => {
  for (const folder of ['files', 'format', 'ops', 'player']) {
    const file = `conform/src/${folder}/a.ts`;
    for (const specifier of ['@hwbp/arch-x86', '../x86/recorded.js', '../../../arch-ppc64/src/index.js']) {
      const said = say(file, `import { a } from '${specifier}';`).filter((text) => !text.includes('names'));
      t.is(said.length, 1, specifier);
      t.regex(said[0] ?? '', /the common part of conform imports .*say it in the table/);
    }
    t.regex(say(file, "export const a = 'x86';").join(), /the common part of conform names a chip: x86/);
    t.deepEqual(say(file, "import { a } from '../architectures.js';", "import { perf } from '@hwbp/perf';"), []);
  }
  t.deepEqual(say('conform/src/x86/a.ts', "import { x86 } from '@hwbp/arch-x86';", "import '../player/a.js';"), []);
});

test('checker: containers are asked by the composition only, and the global one is nobody’s', (t) => {
  const source = [
    "import { container as root, inject, singleton } from 'tsyringe';",
    'const child = root.createChildContainer();',
    "root.register('a', { useValue: 1 });",
    "child.resolve('a');",
    'export const container = child;',
    "container.resolve('a');",
    'export const symbols = { resolve() {} }; symbols.resolve();',
  ];
  t.deepEqual(
    say('core/src/composition/a.ts', ...source).map((violation) => violation.replace(/;.*/, '')),
    ['3: the global container is used', '1: singleton registers into the global container'],
  );
  t.deepEqual(
    say('core/src/facets/a.ts', 'export const f = (container: any) => container.resolveAll(1);').map((text) =>
      text.replace(/;.*/, ''),
    ),
    ['1: a container is asked outside the composition'],
  );
});

test('checker: the codes of errors stand in the catalogue of their package', (t) => {
  const source = "export const f = () => new KernelError('A_CODE', 'EINVAL', 'no');";
  for (const file of ['core/src/kernel/a.ts', 'arch-x86/src/facets/a.ts', 'consumers/kgdb/src/rsp/errors.ts']) {
    t.deepEqual(say(file, source), [
      '1: a KernelError is made outside a catalogue; give its code a place in errors.ts, and make it there',
    ]);
  }
  for (const file of [
    'core/src/errors/a.ts',
    'arch-x86/src/errors.ts',
    'consumers/kgdb/src/errors.ts',
    'cli/src/a.ts',
  ]) {
    t.deepEqual(say(file, source), [], file);
  }
});

test(`checker: a file has at most ${MOST_LINES} lines, unless it is generated or a list of exports`, (t) => {
  const long = Array.from({ length: MOST_LINES + 1 }, (_, i) => `export const a${i} = ${i};`);
  t.regex(say('cli/src/a.ts', ...long).join(), /1: 351 lines, more than 350; split it/);
  t.deepEqual(say('cli/src/a.ts', ...long.slice(1)), []);
  t.deepEqual(say('cli/src/a.ts', '// Generated by a script.', ...long), []);
  const list = Array.from({ length: MOST_LINES + 1 }, (_, i) => `export { a${i} } from './b.js';`);
  t.deepEqual(say('cli/src/a.ts', ...list), []);
  t.regex(say('cli/src/a.ts', ...list, 'export const a = 0;').join(), /352 lines/);
});
