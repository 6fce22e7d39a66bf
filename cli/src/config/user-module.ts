import { pathToFileURL } from 'node:url';

/**
 * What loads the user's modules: TypeScript without a build, and JavaScript. Names are resolved from `from`, a folder's
 * file that need not be there. Loaded only where it is needed: it takes longer than all the rest.
 */
export async function userModules(from: string): Promise<ReturnType<typeof import('jiti').createJiti>> {
  const { createJiti } = await import('jiti');
  return createJiti(pathToFileURL(from).href, { interopDefault: false, moduleCache: false, fsCache: false });
}
