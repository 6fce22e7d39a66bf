const EXTENSION = /\.[cm]?[jt]s$/;

/** True if a file is a config and no trace, by its name. */
export function isConfig(file: string): boolean {
  return EXTENSION.test(file);
}
