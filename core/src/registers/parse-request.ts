import type { ArchBackend, ArchBreakpoint, HwBreakpointAttr, ParseTarget } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { hex } from '../hardware/index.js';
import type { QuirkSet } from '../quirks/index.js';

/**
 * The architecture's checks, then the rule on kernel addresses: with exclude_kernel EINVAL, without privilege EPERM.
 */
export function parseRequest(
  { backend, quirks }: { readonly backend: ArchBackend; readonly quirks: QuirkSet },
  attr: HwBreakpointAttr,
  privileged: boolean,
  target?: ParseTarget,
): ArchBreakpoint {
  const info = backend.parse(attr, quirks, target);
  if (!info.kernelSpace) return info;
  const { bp_addr: address } = attr;
  const where = `${hex(address)} lies in kernel space`;
  if (attr.exclude_kernel === true) {
    const message = `${where}, where a breakpoint with exclude_kernel could never fire: leave exclude_kernel out`;
    throw coreError('HWBP_KERNEL_ADDRESS', message, { address });
  }
  if (!privileged) {
    throw coreError('HWBP_KERNEL_ADDRESS_PRIVILEGE', `${where}, which needs CAP_SYS_ADMIN`, { address });
  }
  return info;
}
