import { composeKernel } from './compose.js';
import { goOn, type KernelImage } from './image.js';
import type { Kernel } from './kernel.js';
import type { KernelOptions } from './kernel-options.js';

/**
 * Goes on from an image, on a fresh machine: composes a kernel, which has to be made of the same parts, and has it be
 * where the one of the image was when it hibernated. Throws as `composeKernel`, and EINVAL for an image that is damaged
 * or of another version or composition; then nothing is left behind.
 */
export function resumeKernel(options: KernelOptions, image: KernelImage): Kernel {
  const kernel = composeKernel(options);
  try {
    goOn(kernel, image);
    return kernel;
  } catch (error) {
    try {
      // Hardware that was given is as it was: with power.
      if (kernel.machine.power.suspended) kernel.resume();
      kernel.dispose();
    } catch (other) {
      throw new AggregateError([error, other], `no kernel goes on from this image: ${String(error)}`);
    }
    throw error;
  }
}
