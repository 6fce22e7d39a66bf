import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { takeHits } from './hits.js';
import { CHROMIUM, testWith } from './need.js';

const PAGE = '<!doctype html><meta charset="utf-8"><title>hwbp</title><script src="/bundle.js"></script>';

const HITS = {
  kernel: ['text pc 0x400000 ip 0x400000', 'data pc 0x400004 ip 0x400008'],
  loop: [0, 1, 2, 3].map((n) => `0x100${n} DR6 0xffff0ff1`),
  debugger: [
    '+',
    '$OK#9a',
    '+',
    '$T05watch:1000;6:0000000000000000;7:0000000000000000;10:0400400000000000;thread:1;core:0;#a7',
  ],
};

/** Core, the x86 package and a script that leaves its hits in the page. */
async function bundle() {
  const contents = "import { takeHits } from './hits.js'; globalThis.hits = JSON.stringify(takeHits());";
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return { script: outputFiles.map(({ text }) => text).join(''), inputs: Object.values(metafile.inputs) };
}

test('core, arch-x86 and kgdb bundle for browsers: no Node built-in is imported', async (t) => {
  const { script, inputs } = await bundle();
  const imports = inputs.flatMap((input) => input.imports);
  t.deepEqual(
    imports.filter(({ external }) => external === true),
    [],
  );
  t.notRegex(script, /['"]node:/);
  t.notRegex(script, /\brequire\(['"](fs|path|events|util|stream|crypto)['"]\)/);
  t.true(imports.length > 50, 'there is something in it');
});

for (const name of ['@hwbp/conform', '@hwbp/history', '@hwbp/lackey', '@hwbp/perf']) {
  test(`${name} bundles for browsers: no Node built-in is imported`, async (t) => {
    const { metafile } = await build({
      stdin: { contents: `export * from '${name}';`, resolveDir: import.meta.dirname },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    t.deepEqual(
      imports.filter(({ external }) => external === true),
      [],
    );
    t.true(imports.length > 50, 'there is something in it');
  });
}

test('in Node, a composed kernel and a CPU loop take these hits', (t) => {
  t.deepEqual(takeHits(), HITS);
});

testWith(CHROMIUM, 'in Chromium, a composed kernel and a CPU loop take the same hits', async (t, executablePath) => {
  const { script } = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url === '/bundle.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const switches =
    '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
  const browser = await chromium.launch({ executablePath, headless: true, args: switches.split(' ') });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`http://127.0.0.1:${port}/`);
    const hits = await page.evaluate(() => (globalThis as { hits?: string }).hits ?? 'null');
    t.deepEqual(errors, []);
    t.deepEqual(JSON.parse(hits), HITS);
  } finally {
    await browser.close();
    server.close();
  }
});
