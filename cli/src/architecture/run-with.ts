import { CompositionError } from '@hwbp/core';
import { userCode } from '../config/user-code.js';
import { usageError } from '../errors.js';
import type { KnownArchitecture } from './architecture.js';

/**
 * Does something with an architecture. What comes out of the user's module is told as its fault, with the file and the
 * line; that an architecture lacks what a command needs of it is a usage error. `name`: as the user has named it.
 */
export async function runWith<T>({ code }: KnownArchitecture, name: string, act: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await (code === undefined ? act() : userCode(code, act));
  } catch (error) {
    if (error instanceof CompositionError) throw usageError(`--arch ${name}: ${error.message}`);
    throw error;
  }
}
