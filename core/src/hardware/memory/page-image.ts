import { bits, type ImageReader, type ImageValue } from '../../image/index.js';
import type { Page } from './page.js';

/** A page as an image has it: not held, for the memory has not agreed yet. */
export interface SavedPage {
  readonly number: bigint;
  readonly page: Page;
  /** It was not stored to since the latest fork. */
  readonly shared: boolean;
  /** Its frame was counted as the space's, too. */
  readonly held: boolean;
}

/** One page of an address space for an image. */
export function savePage(number: bigint, { frame, permissions, held }: Page, shared: boolean): ImageValue {
  const { read, write } = permissions;
  return [bits(number), frame, (read ? 'r' : '-') + (write ? 'w' : '-'), shared, held];
}

/** The way back. Throws what the reader throws of an image that is wrong. */
export function readPage(from: ImageReader): SavedPage {
  const [number, frame, allowed, shared, held] = from.list();
  if (number === undefined || frame === undefined || allowed === undefined || !shared || !held) {
    throw from.invalid('the number of a page, its frame, what it allows, whether it is shared, and counted');
  }
  const may = allowed.oneOf('rw', 'r-', '-w', '--');
  const permissions = { read: may[0] === 'r', write: may[1] === 'w' };
  const page = { frame: frame.number(), permissions, held: false };
  return { number: number.bits(), page, shared: shared.flag(), held: held.flag() };
}
