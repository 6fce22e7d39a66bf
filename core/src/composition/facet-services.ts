import type { ArchHost, ArchPort } from '../arch/index.js';
import type { Breakpoints } from '../breakpoint/index.js';
import type { QuirkSet } from '../quirks/index.js';

/** What an implementation of a facet may use of the kernel that it is made for. */
export interface FacetServices {
  readonly host: ArchHost;
  /** What the backend's `connect` returned. */
  readonly port: ArchPort;
  readonly breakpoints: Breakpoints;
  readonly quirks: QuirkSet;
}
