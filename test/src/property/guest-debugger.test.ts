import test from 'ava';
import fc from 'fast-check';
import { GuestClient, OTHER, type Scene, scene, textOf, VAR } from '../kvm/debugged-guest.js';
import { check } from './support/check.js';

/*
 * Whatever a debugger from outside does that orders no change (points set and taken away, hits, steps, Ctrl-C,
 * detaching and coming back), its guest executes the same instructions at the same times, and the host counts its own
 * stores.
 */

const hex = (address: bigint): string => address.toString(16);
const points = [
  `2,${hex(VAR)},8`,
  `4,${hex(VAR)},8`,
  `2,${hex(OTHER)},4`,
  ...[4n, 8n, 12n].flatMap((offset) => [`0,${hex(textOf(0) + offset)},1`, `1,${hex(textOf(0) + offset)},1`]),
];

type Op = 'c' | 's' | 'interrupt' | 'again' | { readonly point: string };

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.constantFrom<Op[]>('c', 'c', 's', 's', 'interrupt', 'again'),
  fc.constantFrom(...points).map((point) => ({ point })),
);

function seen({ log, hostHits, vm }: Scene) {
  return { lines: log.lines, hostHits, executed: vm.hardware.retired };
}

const plain = (() => {
  using made = scene({ looks: false, rounds: 12 });
  made.host.machine.run();
  return seen(made);
})();

function undisturbed(ops: readonly Op[]): boolean {
  using made = scene({ looks: false, rounds: 12 });
  let gdb = new GuestClient(made);
  const set = new Set<string>();
  for (const one of ops) {
    if (gdb.session.running) gdb.interrupt();
    if (one === 'interrupt') {
      gdb.interrupt();
    } else if (one === 'again') {
      gdb.ask('D');
      set.clear();
      made.host.machine.run(7);
      gdb = new GuestClient(made);
    } else if (typeof one === 'object') {
      const answer = gdb.ask(`${set.has(one.point) ? 'z' : 'Z'}${one.point}`);
      if (answer === 'OK' && !set.delete(one.point)) set.add(one.point);
    } else {
      gdb.ask(one);
    }
  }
  gdb.session.close();
  made.host.machine.run();
  const found = seen(made);
  const same = JSON.stringify(found, text) === JSON.stringify(plain, text);
  if (!same) throw new Error(`${JSON.stringify(found, text)} instead of ${JSON.stringify(plain, text)}`);
  return made.vm.debugger.owner === undefined && made.guest.machine.planted.size === 0;
}

const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

test('a debugger from outside that orders no change changes nothing', (t) =>
  check(t, fc.property(fc.array(op, { maxLength: 40 }), undisturbed), 300));
