import { type Context, SYSTEM_CALL_ABI, SYSTEM_CALL_NUMBERS, type SystemCallAbi } from '@hwbp/core';
import { equal, ok, present } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { callInstructions, outcomeOf, type SystemCallUse } from '../system-calls/use.js';
import { type FacetCase, facetCase, facetOf } from './facet-subject.js';

const ENOSYS = -38n;
const ARGUMENTS = [0x1111n, 0x2222n, 0x3333n, 0x4444n, 0x5555n, 0x6666n];

/** Every bit of a word, and no two arguments alike. */
function argumentsOf({ manifest }: Lab): readonly bigint[] {
  const top = 1n << BigInt(8 * manifest.wordSize - 1);
  return ARGUMENTS.map((value) => top | value);
}

/** Makes one call that nobody has, looked at as it begins; returns the registers that it leaves. */
function made(
  lab: Lab,
  use: SystemCallUse,
  number: number,
  args: readonly bigint[],
  atEntry: (context: Context) => void = () => {},
): Context {
  const task = lab.task(callInstructions(use, { number, args }));
  let entries = 0;
  const unhook = lab.machine.hooks.systemCall.add((maker, event) => {
    if (event !== 'entry') return;
    entries++;
    atEntry(maker.context);
  });
  lab.run();
  unhook();
  equal(entries, 1, 'calls that were made');
  return task.context;
}

/** A case for which somebody has to say how programs make calls. */
function usedCase(id: string, run: (abi: SystemCallAbi, use: SystemCallUse, lab: Lab) => void): FacetCase {
  const one = facetCase(id, SYSTEM_CALL_ABI, (abi, lab, { options }) => {
    run(abi, present(options.systemCalls, 'systemCalls, how calls are made, among the options of the suite'), lab);
  });
  return { ...one, applies: (subject) => subject.offers(SYSTEM_CALL_ABI) && subject.options.systemCalls !== undefined };
}

/** Registers of system calls. */
export const systemCallCases: readonly FacetCase[] = [
  facetCase('system-call-results-and-errors-are-told-apart', SYSTEM_CALL_ABI, (abi, lab) => {
    const { context } = lab.task([plain()], { run: false });
    const bits = 8 * lab.manifest.wordSize;
    const top = 1n << BigInt(bits - 2);
    for (const result of [0n, 1n, 22n, top, -1n, -22n, 22n, -4095n, 0n, -4096n, 4095n, -top, -38n]) {
      abi.setResult(context, result);
      equal(abi.result(context), result, `the result ${result}, read back`);
    }
  }),

  usedCase('system-call-results-are-where-programs-look', (abi, use, lab) => {
    const { context } = lab.task([plain()], { run: false });
    for (const result of [7n, -22n, 22n, -4095n, 4095n, 0n, -1n]) {
      abi.setResult(context, result);
      equal(outcomeOf(use, context), result, `the result ${result}, as a program finds it`);
    }
  }),

  usedCase('system-call-number-is-in-its-register', (abi, use, lab) => {
    const numbers = facetOf(lab.kernel, SYSTEM_CALL_NUMBERS);
    for (const number of [0, 1, 39, 0x1234_5678, 0x7fff_ffff]) {
      made(lab, use, number, [], (context) => {
        equal(abi.number(context), number, 'the number of a call');
        equal(numbers.number(context), number, `the number for whoever asks SYSTEM_CALL_NUMBERS`);
      });
    }
  }),

  usedCase('system-call-arguments-are-six-registers-in-order', (abi, use, lab) => {
    equal(use.args.length, 6, 'registers of arguments');
    const args = argumentsOf(lab);
    made(lab, use, 39, args, (context) => equal(abi.args(context), args, 'arguments of a call'));
  }),

  usedCase('system-call-that-nobody-has-is-enosys-and-keeps-registers', (abi, use, lab) => {
    const args = argumentsOf(lab);
    const context = made(lab, use, 39, args);
    equal(abi.result(context), ENOSYS, 'the result of a call that there is not');
    // The result takes the place of the number, or of the first argument.
    for (const [index, name] of use.args.slice(1).entries()) {
      equal(context.get(name), args[index + 1], `${name}, which no result is in, behind a call`);
    }
  }),

  usedCase('system-call-whose-number-becomes-minus-one-is-skipped', (abi, use, lab) => {
    const context = made(lab, use, 39, [], (entered) => entered.set(use.traced ?? use.number, -1n));
    equal(abi.result(context), ENOSYS, 'the result of a call that a tracer has skipped');
  }),

  usedCase('system-call-is-restarted-with-its-registers', (abi, use, lab) => {
    const args = argumentsOf(lab);
    const context = made(lab, use, 39, args);
    abi.setResult(context, -512n);
    abi.restart(context);
    equal(context.get(use.number), 39n, `${use.number} of a call that is made again`);
    for (const [index, name] of use.args.entries()) {
      equal(context.get(name), args[index], `${name} of a call that is made again`);
    }
    abi.setResult(context, 5n);
    ok(abi.result(context) === 5n, 'it has a result like any other');
  }),
];
