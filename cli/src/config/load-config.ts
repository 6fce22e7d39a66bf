import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  CompositionError,
  CompositionTypeError,
  composeKernel,
  type Kernel,
  type KernelConfig,
  type KernelOptions,
} from '@hwbp/core';
import { z } from 'zod';
import { runError, usageError } from '../errors.js';

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** What can be checked before a kernel is composed; `composeKernel` checks its own options. */
const schema = z.strictObject({
  kernel: z.looseObject({}),
  setup: z.custom<KernelConfig['setup']>(isFunction, 'a function of the kernel').optional(),
  report: z.custom<KernelConfig['report']>(isFunction, 'a function of the kernel').optional(),
  budget: z.number().int('a whole number of instructions').min(1, 'a whole number of instructions from 1').optional(),
  threads: z.enum(['cpus', 'tasks'], "'cpus' or 'tasks'").optional(),
});

/** Loads a config: TypeScript or JavaScript, its default export. Throws a usage error for anything else. */
export async function loadConfig(file: string): Promise<KernelConfig> {
  if (!existsSync(file)) throw usageError(`there is no config ${file}`, `the current directory is ${process.cwd()}`);
  let loaded: unknown;
  try {
    // Loaded only where it is needed: it takes longer than all the rest.
    const { createJiti } = await import('jiti');
    const jiti = createJiti(import.meta.url, { interopDefault: false, moduleCache: false, fsCache: false });
    loaded = await jiti.import(path.resolve(file));
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  const config: unknown = (loaded as { default?: unknown }).default;
  const help = `${file} exports a kernel: export default defineKernel({ kernel: { arch: x86() }, setup(kernel) { ... } })`;
  if (config === undefined) throw usageError(`${file} has no default export`, help);
  const parsed = schema.safeParse(config);
  if (parsed.success) return config as KernelConfig;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the default export';
  const unknown = issue?.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : undefined;
  throw usageError(`${file}: ${where}: ${unknown ?? issue?.message ?? 'something else is expected'}`, help);
}

/** Composes the config's kernel with further plugins, and sets it up. Throws a usage error if that is refused. */
export async function composeConfig(
  file: string,
  { kernel: options, setup }: KernelConfig,
  further: NonNullable<KernelOptions['plugins']> = [],
): Promise<Kernel> {
  const named = options.plugins ?? [];
  const plugins = [...named, ...further.filter((plugin) => !named.includes(plugin))];
  let kernel: Kernel;
  try {
    kernel = composeKernel({ ...options, plugins });
  } catch (error) {
    if (error instanceof CompositionError || error instanceof CompositionTypeError)
      throw usageError(`${file}: ${error.message}`);
    throw error;
  }
  try {
    await setup?.(kernel);
  } catch (error) {
    kernel.dispose();
    throw runError(`${file}: setup threw: ${error instanceof Error ? error.message : String(error)}`);
  }
  return kernel;
}
