import { usageError } from '../errors.js';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** `PORT`, or `HOST:PORT`; loopback if no host is named. Throws a usage error for anything else. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:]+):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw usageError(`--listen takes PORT or HOST:PORT, got '${text}'`, 'for example --listen 1234');
  }
  return { host: match[1]?.replace(/^\[|\]$/g, '') ?? LOOPBACK, port };
}

/** True if only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** The address as gdb takes it. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
