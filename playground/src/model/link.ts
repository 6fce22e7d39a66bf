import { checkScenario, type Scenario, ScenarioError } from './scenario.js';

/** Characters of a link: longer ones are cut by programs that pass them on. */
const MOST_LINK = 16_384;
/** Bytes that a link may unpack to: a scenario has far fewer. */
const MOST_BYTES = 65_536;
/** What a link begins with: a later form has another number. */
const VERSION = '1.';

async function pump(bytes: Uint8Array<ArrayBuffer>, through: TransformStream, most: number): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<Uint8Array>;
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new ScenarioError(`the link unpacks to more than ${most} bytes`);
    }
    parts.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A scenario as the fragment of a link, without `#`. */
export async function linkOf(scenario: Scenario): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(scenario));
  const packed = await pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  const text = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  return VERSION + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The scenario of a fragment. Throws a {@link ScenarioError} for anything else, however it was made. */
export async function readLink(fragment: string): Promise<Scenario> {
  if (fragment.length > MOST_LINK) throw new ScenarioError(`the link has more than ${MOST_LINK} characters`);
  if (!fragment.startsWith(VERSION)) throw new ScenarioError('the link is not of this page, or of a later one');
  let text: string;
  try {
    const packed = atob(fragment.slice(VERSION.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    const plain = await pump(bytes, new DecompressionStream('deflate-raw'), MOST_BYTES);
    text = new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError('the link is damaged: a part of it may be missing');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScenarioError('the link is damaged: what it unpacks to is no scenario');
  }
  return checkScenario(value);
}
