import { existsSync } from 'node:fs';
import path from 'node:path';
import { composeKernel, type Kernel, type KernelConfig, type KernelOptions } from '@hwbp/core';
import { z } from 'zod';
import { EXIT_RUN, EXIT_USAGE, runError, usageError } from '../errors.js';
import { type UserCode, userCode } from './user-code.js';
import { userModules } from './user-module.js';

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** What can be checked before a kernel is composed; `composeKernel` checks its own options. */
const schema = z.strictObject({
  kernel: z.looseObject({ plugins: z.array(z.unknown(), 'a list of plugins').optional() }),
  setup: z.custom<KernelConfig['setup']>(isFunction, 'a function of the kernel').optional(),
  report: z.custom<KernelConfig['report']>(isFunction, 'a function of the kernel').optional(),
  budget: z.number().int('a whole number of instructions').min(1, 'a whole number of instructions from 1').optional(),
  threads: z.enum(['cpus', 'tasks'], "'cpus' or 'tasks'").optional(),
});

/**
 * Loads a config: TypeScript or JavaScript, its default export. Throws a usage error for anything else. `args`: for a
 * config that is a function.
 */
export async function loadConfig(file: string, args: readonly string[] = []): Promise<KernelConfig> {
  if (!existsSync(file)) throw usageError(`there is no config ${file}`, `the current directory is ${process.cwd()}`);
  const code = { file, part: 'the config', threw: 'it cannot be loaded', exitCode: EXIT_USAGE };
  return await userCode(code, async () => {
    const absolute = path.resolve(file);
    const loaded: unknown = await (await userModules(absolute)).import(absolute);
    const config: unknown = (loaded as { default?: unknown } | null)?.default;
    if (typeof config === 'function') return checkConfig(file, await config({ args }));
    refuseArguments(file, args);
    return checkConfig(file, config);
  });
}

/** Throws a usage error for arguments of a config that has no use for them. */
function refuseArguments(file: string, args: readonly string[]): void {
  if (args.length === 0) return;
  throw usageError(
    `${file} takes no arguments, got ${args.join(' ')}`,
    'a config that does exports a function: export default defineKernel(({ args }) => ({ kernel: { ... } }))',
  );
}

function checkConfig(file: string, config: unknown): KernelConfig {
  const help = `${file} exports a kernel: export default defineKernel({ kernel: { arch: x86() }, setup(kernel) { ... } })`;
  if (config === undefined) throw usageError(`${file} has no default export`, help);
  if (config instanceof Promise) {
    config.catch(() => {});
    throw usageError(`${file}: the default export is a promise`, 'await it: export default await ...');
  }
  const parsed = schema.safeParse(config);
  if (parsed.success) return config as KernelConfig;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the default export';
  const unknown = issue?.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : undefined;
  throw usageError(`${file}: ${where}: ${unknown ?? issue?.message ?? 'something else is expected'}`, help);
}

/**
 * Composes the config's kernel with further plugins, and sets it up. Throws a usage error if that is refused.
 * `composed`: called before it is set up.
 */
export async function composeConfig(
  file: string,
  { kernel: options, setup }: KernelConfig,
  further: NonNullable<KernelOptions['plugins']> = [],
  composed: (kernel: Kernel) => void = () => {},
): Promise<Kernel> {
  const composing = { file, part: 'the config', threw: 'no kernel can be composed', exitCode: EXIT_USAGE };
  const kernel = await userCode(composing, () => {
    const named = options.plugins ?? [];
    const plugins = [...named, ...further.filter((plugin) => !named.includes(plugin))];
    return composeKernel({ ...options, plugins });
  });
  try {
    composed(kernel);
    await userCode({ file, part: 'setup', threw: 'setup threw', exitCode: EXIT_RUN }, () => setup?.(kernel));
  } catch (error) {
    kernel.dispose();
    throw error;
  }
  return kernel;
}

/** Code of a config while its kernel runs. */
export function runOf(file: string): UserCode {
  return { file, part: 'the run', threw: 'the run failed', exitCode: EXIT_RUN };
}

/** What a config has to say at the end, if it has. Throws a run error if it fails, or says something else than text. */
export async function reportOf(
  file: string,
  { report }: KernelConfig,
  ...subject: Parameters<NonNullable<KernelConfig['report']>>
): Promise<string | undefined> {
  const code = { file, part: 'report', threw: 'report threw', exitCode: EXIT_RUN };
  const text: unknown = await userCode(code, () => report?.(...subject));
  if (text === undefined || typeof text === 'string') return text;
  throw runError(`${file}: report returned no text but ${text === null ? 'null' : typeof text}`);
}
