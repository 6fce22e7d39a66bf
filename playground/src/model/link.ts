import { checkScenario, MOST_INSTRUCTIONS, type Scenario, ScenarioError } from './scenario.js';

/** Characters of a link: longer ones are cut by programs that pass them on. */
const MOST_LINK = 16_384;
/** Bytes that a link may unpack to: a scenario has far fewer. */
const MOST_BYTES = 65_536;
/** What a link begins with: a later form has another number. */
const VERSION = '1.';
/** In front of the count. */
const AT = '&at=';

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

/** What somebody wants to be seen. */
export interface Linked {
  readonly scenario: Scenario;
  /** Instructions after which it is shown. */
  readonly at: number;
}

/** A state as the fragment of a link, without `#`. */
export async function linkOf({ scenario, at }: Linked): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(scenario));
  const packed = await pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  const text = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  const link = VERSION + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return at === 0 ? link : `${link}${AT}${at}`;
}

async function unpack(packed: string): Promise<unknown> {
  let text: string;
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const plain = await pump(bytes, new DecompressionStream('deflate-raw'), MOST_BYTES);
    text = new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError('the link is damaged: a part of it may be missing');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ScenarioError('the link is damaged: what it unpacks to is no scenario');
  }
}

/** The state of a fragment. Throws a {@link ScenarioError} for anything else, however it was made. */
export async function readLink(fragment: string): Promise<Linked> {
  if (fragment.length > MOST_LINK) throw new ScenarioError(`the link has more than ${MOST_LINK} characters`);
  if (!fragment.startsWith(VERSION)) throw new ScenarioError('the link is not of this page, or of a later one');
  const [packed = '', count = '0', ...more] = fragment.slice(VERSION.length).split(AT);
  if (!/^\d{1,8}$/.test(count) || Number(count) > MOST_INSTRUCTIONS || more.length > 0) {
    throw new ScenarioError(`the link is damaged: behind ${AT} stands a count from 0 to ${MOST_INSTRUCTIONS}`);
  }
  return { scenario: checkScenario(await unpack(packed)), at: Number(count) };
}
