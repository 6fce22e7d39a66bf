import { composeKernel, type Kernel, NOTIFY_DONE } from '@hwbp/core';
import { type BackendContractOptions, backendContract, fakeBackend } from '@hwbp/testkit';
import type { Mutant } from './mutant.js';

/** As PowerPC's DABR, but for the number of registers: reports before the access, for a whole block of 8 bytes. */
const before = () =>
  fakeBackend({
    slots: 2,
    alignment: 'granule',
    timing: 'before',
    dataLengths: [1, 2, 4, 8],
    access: ['r', 'w', 'rw'],
  });

function fakeMutant(
  name: string,
  kills: readonly string[],
  options: Pick<BackendContractOptions, 'compose'> & { readonly createBackend?: typeof before },
): Mutant {
  return { name, kills, declare: (test) => backendContract({ test, name, createBackend: before, ...options }) };
}

const composed =
  (change: (kernel: Kernel) => void): NonNullable<BackendContractOptions['compose']> =>
  (options) => {
    const kernel = composeKernel(options);
    change(kernel);
    return kernel;
  };

export const faithfulFake: Mutant = fakeMutant('fake: nothing planted', [], {});

/** Defects that only silicon which reports before the access can show. */
export const fakeMutants: readonly Mutant[] = [
  fakeMutant('before: handlers run before the access', ['together/handler-runs-after-the-access'], {
    compose: composed(({ breakpoints }) => {
      const register = breakpoints.registerUser.bind(breakpoints);
      breakpoints.registerUser = (attr, handler, task, options) =>
        register(attr, handler, task, { ...options, delivery: 'silicon' });
    }),
  }),
  fakeMutant(
    'before: the instruction that completes is that of whoever runs',
    ['together/a-handled-hit-survives-preemption'],
    {
      compose: composed(({ machine }) => {
        for (const cpu of machine.cpus) {
          const load = cpu.load.bind(cpu);
          cpu.load = (context) => {
            const { completion } = cpu.context;
            cpu.context.completion = undefined;
            load(context);
            cpu.context.completion = completion;
          };
        }
      }),
    },
  ),
  fakeMutant('before: a hit that is to restart is completed', ['together/a-hit-that-restarts-hits-again'], {
    compose: composed(({ machine }) => {
      machine.dieChain.register(
        {
          notify: (record) => {
            Object.defineProperty(record, 'restart', { get: () => undefined, set: () => {} });
            return NOTIFY_DONE;
          },
        },
        Number.MAX_SAFE_INTEGER,
      );
    }),
  }),
  fakeMutant('before: the rest of the block counts', ['together/bytes-that-were-not-asked-for-do-not-count'], {
    createBackend: () => {
      const backend = before();
      return {
        ...backend,
        parse(attr) {
          const info = backend.parse(attr);
          return info.length > 7 ? info : { ...info, address: info.address & ~7n, length: 8 };
        },
      };
    },
  }),
];
