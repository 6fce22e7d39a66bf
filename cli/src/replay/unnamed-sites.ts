import { visible } from '@hwbp/conform/text';
import type { LoadedProgram } from './place-program.js';
import type { SiteNames } from './site-names.js';
import type { Site } from './site-summary.js';

/**
 * How instructions get names that have none because they are a library's; nothing if every site is the program's or
 * has one. `objects`: how many Valgrind has said it loaded. `remedy`: what to do where it has said that.
 */
export function unnamedSites(
  sites: readonly Site[],
  names: SiteNames,
  program: LoadedProgram | undefined,
  objects: number,
  remedy = 'replay where the program ran',
): string {
  if (program === undefined || program.unplaced !== undefined) return '';
  const { needed } = program;
  const unnamed = sites.some(({ pc }) => names.site(pc) === undefined && names.outside(pc).object === undefined);
  if (!unnamed) return '';
  const linked = needed.length === 0 ? '' : `, which is linked with ${needed.map(visible).join(', ')}`;
  const how =
    objects === 0
      ? 'Record the trace with valgrind -v -v, and libraries have their names.'
      : `Valgrind names no object there whose file is here: ${remedy}.`;
  return `A site without a name lies outside of the program${linked}.\n${how}\n`;
}
