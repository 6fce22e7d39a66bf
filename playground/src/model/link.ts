import { checkScenario, MOST_INSTRUCTIONS, type Scenario, ScenarioError } from './scenario.js';

/** Characters of a link: whatever somebody writes by hand has far fewer. */
const MOST_LINK = 65_536;
/** Bytes that a link may unpack to: a scenario has far fewer. */
const MOST_BYTES = 262_144;
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

/** What somebody wants to be seen. */
export interface Linked {
  readonly scenario: Scenario;
  /** Instructions after which it is shown. Default 0. */
  readonly at?: number;
  /** The part of the timeline that is shown, from count to count. Default: everything. */
  readonly show?: { readonly from: number; readonly to: number };
  /** The page for traces is in front. */
  readonly trace?: boolean;
  /** Id of the example that somebody has begun with. */
  readonly origin?: string;
}

const TRACE = 'page=trace';
/** A timeline shows at least so many counts, behind the end too. */
const LEAST = 10;

/**
 * A state as the fragment of a link, without `#`. Throws a {@link ScenarioError} for one that no link has room for:
 * what it returns can be read.
 */
export async function linkOf({ scenario, at = 0, show, trace = false, origin }: Linked): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(scenario));
  const packed = await pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  const text = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  const parts = [VERSION + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')];
  if (at !== 0) parts.push(`at=${at}`);
  if (show !== undefined) parts.push(`show=${show.from}-${show.to}`);
  if (trace) parts.push(TRACE);
  if (origin !== undefined) parts.push(`origin=${origin}`);
  const link = parts.join('&');
  if (link.length > MOST_LINK || bytes.length > MOST_BYTES) {
    throw new ScenarioError('this is too long for a link: the address of the page has the latest that was not');
  }
  return link;
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
  const [packed = '', ...parts] = fragment.slice(VERSION.length).split('&');
  let [at, trace, show] = [0, false, undefined as Linked['show']];
  let origin: string | undefined;
  for (const part of parts) {
    const [, name, one = '', other] = /^(at|show)=(\d{1,8})(?:-(\d{1,8}))?$/.exec(part) ?? [];
    const [from, to] = [Number(one), Number(other)];
    const counts = from <= MOST_INSTRUCTIONS && (other === undefined || (from < to && to <= MOST_INSTRUCTIONS + LEAST));
    const [, id] = /^origin=([a-z\d-]{1,32})$/.exec(part) ?? [];
    if (part === TRACE) trace = true;
    else if (id !== undefined) origin = id;
    else if (name === 'at' && other === undefined && counts) at = from;
    else if (name === 'show' && other !== undefined && counts) show = { from, to };
    else {
      const most = `counts from 0 to ${MOST_INSTRUCTIONS}`;
      throw new ScenarioError(
        `the link is damaged: '${part.slice(0, 40)}' is none of ${TRACE}, origin=, at=, show=, with ${most}`,
      );
    }
  }
  const scenario = checkScenario(await unpack(packed));
  return { scenario, at, ...(show === undefined ? {} : { show }), trace, ...(origin === undefined ? {} : { origin }) };
}
