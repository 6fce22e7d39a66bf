import { visible } from '@hwbp/conform/text';
import type { ArchManifest } from '@hwbp/core';
import type { Output } from '../output.js';
import { counted } from '../replay/counted.js';
import { textTable } from '../replay/text-table.js';
import { lengthsOf } from '../replay/watch.js';
import { type ContractReport, type ContractResult, groupsOf } from './contract-report.js';
import type { Outcome } from './run-contract.js';

/** Cases that are named behind the first one; the table counts the others, and --verbose has the message of each. */
const MOST_NAMED = 12;
/** Lines of the first message: what differs, not all of a dictionary. */
const MOST_LINES = 12;

/** For people: a table by group, and what is wrong first. */
export class TextContractReport implements ContractReport {
  readonly #output: Output;
  readonly #messageOf: (outcome: Outcome) => string;
  readonly #verbose: boolean;

  constructor(output: Output, messageOf: (outcome: Outcome) => string, verbose: boolean) {
    this.#output = output;
    this.#messageOf = messageOf;
    this.#verbose = verbose;
  }

  case(): void {}

  end({ name, manifest, outcomes, whole }: ContractResult): void {
    const { colours } = this.#output;
    this.#output.write(`${colours.bold(visible(manifest.name))}  ${visible(describe(manifest))}\n\n`);
    this.#table(outcomes);
    const failed = outcomes.filter(({ result }) => result === 'failed');
    const [first, ...others] = failed;
    const skipped = outcomes.filter(({ result }) => result === 'not run');
    if (first !== undefined) this.#failures(name, first, others);
    if (skipped.length > 0)
      this.#output.write(
        `\n${counted(skipped.length, 'case')} not run: the module does not say what a debugger writes to watch an address.\n${colours.dim(
          'export const contract = { debugRegisters: { watch, unwatch } }, as docs/writing-a-backend.md has it',
        )}\n`,
      );
    const end = whole ? '' : '; interrupted';
    const told =
      first === undefined
        ? colours.green(`${counted(outcomes.length - skipped.length, 'case')} passed`)
        : colours.red(`${failed.length} of ${counted(outcomes.length, 'case')} failed`);
    this.#output.write(`\n${told}${end}\n`);
  }

  #table(outcomes: readonly Outcome[]): void {
    const { colours } = this.#output;
    const skips = outcomes.some(({ result }) => result === 'not run');
    const rows = groupsOf(outcomes).map(({ name, passed, failed, notRun, seconds }) => [
      name,
      `${passed}`,
      failed === 0 ? '0' : colours.red(`${failed}`),
      ...(skips ? [`${notRun}`] : []),
      `${seconds.toFixed(2)} s`,
    ]);
    const head = ['group', 'passed', 'failed', ...(skips ? ['not run'] : []), 'time'];
    this.#output.write(textTable(head, rows, new Set([1, 2, 3, 4])));
  }

  #failures(name: string, first: Outcome, others: readonly Outcome[]): void {
    const { colours } = this.#output;
    this.#output.write(`\n${colours.red(visible(first.id))}\n${this.#indented(first)}`);
    this.#output.write(colours.dim(`  hwbp contract ${visible(name)} --only ${visible(first.id)}\n`));
    if (others.length === 0) return;
    this.#output.write(`\n${counted(others.length, 'further case')} failed; the first may be why:\n`);
    const named = this.#verbose ? others : others.slice(0, MOST_NAMED);
    for (const other of named)
      this.#output.write(
        this.#verbose ? `  ${colours.red(visible(other.id))}\n${this.#indented(other)}` : `  ${visible(other.id)}\n`,
      );
    const more = others.length - named.length;
    if (more > 0) this.#output.write(colours.dim(`  and ${more} more; --verbose has the message of each\n`));
  }

  #indented(outcome: Outcome): string {
    const lines = this.#messageOf(outcome).split('\n');
    const shown = this.#verbose ? lines : lines.slice(0, MOST_LINES);
    const more = lines.length - shown.length;
    const rest = more > 0 ? [`... ${counted(more, 'more line')}; --verbose has all`] : [];
    return [...shown, ...rest].map((line) => `  ${visible(line)}\n`).join('');
  }
}

/** What there is to test, by the manifest. */
function describe(manifest: ArchManifest): string {
  const { slots, access, dataLengths, timing } = manifest;
  if (access.length === 0) return 'no breakpoints';
  const registers = slots.shared
    ? counted(slots.data, 'register')
    : `${counted(slots.data, 'data register')}, ${counted(slots.instruction, 'instruction register')}`;
  const lengths = dataLengths.length === 0 ? '' : `; ${lengthsOf(manifest)} bytes, reported ${timing.data}`;
  return `${registers}; ${access.join(', ')}${lengths}`;
}
