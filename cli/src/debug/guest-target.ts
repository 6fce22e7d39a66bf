import { CompositionError, type Kernel, type KernelConfig, TARGET_DESCRIPTION } from '@hwbp/core';
import { DebuggedHardware } from '@hwbp/kgdb';
import { Kvm, type VirtualMachine } from '@hwbp/kvm';
import { composeConfig, loadConfig, reportOf, runOf } from '../config/load-config.js';
import { usageError } from '../errors.js';
import type { LoadedProgram } from '../replay/place-program.js';
import type { DebugTarget } from './target.js';

/** A virtual machine of a config's kernel, from outside. */
export class GuestTarget implements DebugTarget {
  readonly kernel: Kernel;
  readonly debuggable: DebuggedHardware;
  readonly program: LoadedProgram | undefined;
  readonly threads = undefined;
  readonly systemCalls = false;
  readonly code: DebugTarget['code'];
  readonly banner: DebugTarget['banner'];
  readonly #file: string;
  readonly #config: KernelConfig;

  private constructor(
    file: string,
    { config, kernel, vm }: { config: KernelConfig; kernel: Kernel; vm: VirtualMachine },
    program: LoadedProgram | undefined,
  ) {
    const description = kernel.facet(TARGET_DESCRIPTION);
    if (description === undefined)
      throw usageError(
        `${file}: ${kernel.breakpoints.manifest.name} does not say what registers a debugger sees`,
        'an architecture offers that with TARGET_DESCRIPTION',
      );
    this.kernel = kernel;
    this.debuggable = new DebuggedHardware(vm.debugger, description);
    this.program = program;
    this.banner = [
      ['config', file],
      ['guest', `${vm.name}, ${vm.vcpus.length} virtual CPU${vm.vcpus.length === 1 ? '' : 's'}, from outside`],
    ];
    this.code = runOf(file);
    this.#file = file;
    this.#config = config;
  }

  /** Throws a usage error that says which virtual machines there are. */
  static async open(
    file: string,
    { args, name }: { readonly args: readonly string[]; readonly name: string },
    program: LoadedProgram | undefined,
  ): Promise<GuestTarget> {
    const config = await loadConfig(file, args);
    const kernel = await composeConfig(file, config);
    try {
      return new GuestTarget(file, { config, kernel, vm: findGuest(file, kernel, name) }, program);
    } catch (error) {
      kernel.dispose();
      throw error;
    }
  }

  async feed(): Promise<boolean> {
    return false;
  }

  report(): Promise<string | undefined> {
    return reportOf(this.#file, this.#config, this.kernel, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kernel.dispose();
  }
}

function findGuest(file: string, kernel: Kernel, name: string): VirtualMachine {
  const { vms } = kvmOf(file, kernel);
  const vm = vms.get(name);
  if (vm !== undefined) return vm;
  const there = [...vms.keys()];
  throw usageError(
    `${file} has no virtual machine '${name}'`,
    there.length === 0
      ? `its setup makes none: kernel.get(Kvm).createVm({ name: '${name}' })`
      : `there is: ${there.join(', ')}`,
  );
}

function kvmOf(file: string, kernel: Kernel): Kvm {
  try {
    return kernel.get(Kvm);
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    throw usageError(`${file}: its kernel has no virtual machines`, 'add Kvm of @hwbp/kvm to its plugins');
  }
}
