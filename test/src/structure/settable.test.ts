import test from 'ava';
import { checkSettable } from './check-settable.js';
import { sourcesOf } from './repository.js';

test('nothing that core offers can be assigned from outside, but what says that it is meant to be', (t) => {
  const core = sourcesOf((directory) => directory === 'core');
  t.true(core.some(({ path }) => path === 'core/src/hardware/cpu.ts'));
  t.is(checkSettable(core, 'core/src/index.ts').join('\n'), '');
});

const check = (text: string, index = "export { A } from './a.js';"): string[] =>
  checkSettable(
    [
      { path: 'core/src/index.ts', text: index },
      { path: 'core/src/a.ts', text },
    ],
    'core/src/index.ts',
  );

test('checker: a field, a setter and a parameter property that anybody can assign are found', (t) => {
  t.deepEqual(check('export class A {\n  state = 0;\n}\n'), [
    'core/src/a.ts:2: anybody can assign A.state; make it readonly, or a getter over a private field; ' +
      'if whoever has it is meant to set it, say @settable',
  ]);
  t.regex(check('export class A { #x = 0; get x() { return this.#x; } set x(v) { this.#x = v; } }').join(), /A\.x;/);
  t.regex(check('export class A { constructor(public x: number) {} }').join(), /A\.x;/);
  t.regex(check('export interface A { x: number }').join(), /A\.x;/);
});

test('checker: what is readonly, hidden, meant or not offered is fine', (t) => {
  t.deepEqual(
    check(
      'export class A { readonly a = 1; #b = 2; private c = 3; protected d = 4; static readonly e = 5; get f() { return 1; } }',
    ),
    [],
  );
  t.deepEqual(check('export class A {\n  /** The unit. @settable */\n  unit = 1;\n}'), []);
  t.deepEqual(check('export interface A {\n  /** @settable */\n  x: number;\n  readonly y: number;\n}'), []);
  t.deepEqual(
    check(
      'export class A {\n  #x = 0;\n  /** @settable */\n  get x() { return this.#x; }\n  set x(v) { this.#x = v; }\n}',
    ),
    [],
  );
  t.deepEqual(check('export class A { readonly a = 1; }\nexport class Inner { state = 0; }'), []);
});

test('checker: what a base class, a static field, an object type or an index signature lets in is found too', (t) => {
  t.regex(check('class Base { x = 1; }\nexport class A extends Base {}').join(), /:1: anybody can assign A\.x;/);
  t.regex(check('interface Base { x: number }\nexport interface A extends Base {}').join(), /A\.x;/);
  t.regex(check('export class A { static x = 1; }').join(), /A\.x;/);
  t.regex(check('export type A = { x: number };').join(), /A\.x;/);
  t.regex(check('export interface A { readonly s: { x: number } }').join(), /A\.s\.x;/);
  t.regex(check('export class A { readonly s: { x: number } = { x: 1 }; }').join(), /A\.s\.x;/);
  t.regex(check('export interface A { [name: string]: number }').join(), /A\.\[\.\.\.\];/);
});
