import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildSite, SITE } from './build-site.js';

const SWITCHES =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** The page as any web host would serve it, and a browser. */
export class Site {
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #browser: Browser;

  private constructor(server: Server, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
    server.on('request', ({ url }) => this.requests.push(url ?? ''));
  }

  /** Builds the page, serves it below a folder, and starts a browser with a profile of its own. */
  static async open(executablePath: string): Promise<Site> {
    await buildSite();
    const server = createServer(({ url = '' }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      const file = path.join(SITE, pathname.replace(/^\/some\/folder\//, '').replace(/^$/, 'index.html'));
      try {
        const bytes = readFileSync(file);
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
        response.end(bytes);
      } catch {
        response.statusCode = 404;
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath, headless: true, args: SWITCHES.split(' ') });
    return new Site(server, browser);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/some/folder/`;
  }

  /** The browser's processes that show pages, as the system numbers them. */
  async renderers(): Promise<readonly number[]> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  }

  /** A page in a context of its own; `errors` gets what its console complains of. */
  async page(errors: string[], fragment = '', colorScheme: 'dark' | 'light' = 'light'): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(this.url + fragment);
    await page.waitForSelector('[data-testid="timeline"]', { state: 'attached' });
    return page;
  }
}
