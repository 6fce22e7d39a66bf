import type { ImageReader, ImageValue } from '../image/index.js';
import type { Code } from '../programs/index.js';
import type { Breakpoint, HitHandler, PlacementNotices } from '../registers/index.js';

/** The functions behind a breakpoint: its handler, and what its owner wants to be told. */
export interface BreakpointFunctions extends PlacementNotices {
  readonly handler: HitHandler;
}

/** By name. Throws EBUSY for one that the composition has not named; `whose` breakpoint it is, for the message. */
export function saveFunctions(functions: BreakpointFunctions, code: Code, whose: string): ImageValue {
  const { handler, installed, uninstalled } = functions;
  return {
    handler: code.nameOf(handler, `the handler of ${whose}`),
    ...(installed === undefined ? {} : { installed: code.nameOf(installed, `the notice installed of ${whose}`) }),
    ...(uninstalled === undefined
      ? {}
      : { uninstalled: code.nameOf(uninstalled, `the notice uninstalled of ${whose}`) }),
  };
}

/** The way back. */
export function loadFunctions(from: ImageReader, code: Code): BreakpointFunctions {
  const [installed, uninstalled] = [from.field('installed'), from.field('uninstalled')];
  const notice = (name: ImageReader) => code.find(name.text()) as (breakpoint: Breakpoint) => void;
  return {
    handler: code.find(from.field('handler').text()) as HitHandler,
    ...(installed.absent ? {} : { installed: notice(installed) }),
    ...(uninstalled.absent ? {} : { uninstalled: notice(uninstalled) }),
  };
}
