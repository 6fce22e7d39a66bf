/**
 * Behind a watch's type: what separates it from the next one in a line. The names of C++ have spaces and commas too.
 */
const BEHIND_TYPE = /(?<=[^:]:(?:rw|[rwx]))[\s,]+/;

/** The watches in a text: one a line, or one behind the other. */
export function watchTexts(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => line.split(BEHIND_TYPE))
    .map((watch) => watch.trim())
    .filter((watch) => watch !== '');
}
