import type { Command } from 'commander';
import { z } from 'zod';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { ARCHITECTURE_NAMES, CPU_NAMES, findArchitecture } from '../architecture/find-architecture.js';
import { runWith } from '../architecture/run-with.js';
import { messageOf } from '../contract/case-message.js';
import { type ContractReport, JsonContractReport } from '../contract/contract-report.js';
import { type Case, casesOf, type Outcome } from '../contract/run-contract.js';
import { TextContractReport } from '../contract/text-contract-report.js';
import { EXIT_INTERRUPTED, EXIT_RUN, usageError } from '../errors.js';
import { Interrupt } from '../interrupt.js';
import { Output } from '../output.js';
import { Progress } from '../progress.js';
import { nearest } from '../replay/nearest.js';
import { parseOptions } from './option-types.js';

const HELP = `
ARCHITECTURE is ${ARCHITECTURE_NAMES} to a module that exports one:
as its default, as arch, or as its only export that is one. It may be a backend, an architecture, or a function that makes one.
For the facets' suite a module says what no manifest does: export const contract = { debugRegisters, writable }.

Examples:
  hwbp contract ./my-arch.ts
  hwbp contract ./my-arch.ts --only driver/ --only silicon/reset-disarms
  hwbp contract @acme/hwbp-arch --json
  hwbp contract ppc64 --cpu power10

Exit code: 0 every case passed; 1 a case failed; 2 the command line or the module is wrong; 130 Ctrl-C, after what was
found until then.`;

const schema = z.object({
  cpu: z.string().optional(),
  only: z.array(z.string().min(1, 'the beginning of a name, such as together/')).default([]),
  verbose: z.boolean().default(false),
  json: z.boolean().default(false),
});
type ContractOptions = z.output<typeof schema>;

/** Gives `hwbp contract` its options, and what it does. */
export function addContract(command: Command): void {
  command
    .description('Runs the contract suites on an architecture: silicon, driver, both together, schedulers and facets.')
    .argument('<architecture>', ARCHITECTURE_NAMES)
    .option('--cpu <name>', `CPU ${CPU_NAMES}`)
    .option('--only <prefix>', 'run only what begins so, such as together/; may be repeated', append, [])
    .option('-v, --verbose', 'show the message of every case that fails')
    .option('--json', 'print JSON Lines: one object for each case, then a summary')
    .addHelpText('after', HELP)
    .action((name: string, raw: unknown) => contract(name, parseOptions(schema, raw, 'contract')));
}

async function contract(name: string, options: ContractOptions): Promise<void> {
  const arch = await findArchitecture(name, options.cpu);
  const named = options.cpu === undefined ? name : `${name} --cpu ${options.cpu}`;
  await runWith(arch, name, () => runCases(named, arch, options));
}

async function runCases(name: string, arch: KnownArchitecture, options: ContractOptions): Promise<void> {
  const { manifest } = arch.create().backend;
  const cases = selected(casesOf(arch), options.only);
  const output = new Output(process.stdout, options.json);
  const tell = (outcome: Outcome): string => messageOf(outcome, arch);
  const report: ContractReport = options.json
    ? new JsonContractReport(output, tell)
    : new TextContractReport(output, tell, options.verbose);
  const outcomes = await runAll(cases, async (outcome) => {
    report.case(outcome);
    if (options.json) await output.drain();
  });
  const whole = outcomes.length === cases.length;
  report.end({ name, manifest, outcomes, whole });
  await output.drain();
  if (!whole) process.exitCode = EXIT_INTERRUPTED;
  else if (outcomes.some(({ result }) => result === 'failed')) process.exitCode = EXIT_RUN;
}

/** Runs them one after the other, or until Ctrl-C. */
async function runAll(cases: readonly Case[], ended: (outcome: Outcome) => Promise<void>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const progress = new Progress(cases.length, 'the cases');
  using interrupt = new Interrupt();
  try {
    for (const one of cases) {
      if (await interrupt.look()) break;
      const outcome = one.run();
      outcomes.push(outcome);
      progress.update(outcomes.length);
      await ended(outcome);
    }
  } finally {
    progress.hide();
  }
  return outcomes;
}

/** Those that begin as somebody has said; all, if nobody has. Throws a usage error for a beginning of none. */
function selected(cases: readonly Case[], only: readonly string[]): readonly Case[] {
  const ids = cases.map(({ id }) => id);
  for (const prefix of only) {
    if (ids.some((id) => id.startsWith(prefix))) continue;
    const groups = [...new Set(cases.map(({ group }) => `${group}/`))];
    const [meant] = nearest(prefix, [...groups, ...ids]);
    throw usageError(
      `--only ${prefix}: no case that applies to this architecture begins so`,
      `${meant === undefined ? '' : `did you mean ${meant}? `}the groups are ${groups.join(', ')}`,
    );
  }
  return only.length === 0 ? cases : cases.filter(({ id }) => only.some((prefix) => id.startsWith(prefix)));
}

function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
