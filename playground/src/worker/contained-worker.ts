/**
 * A worker that is bound by the page's policy, and so cannot connect to anybody. One that is made from its own URL has
 * the policy of the response that it came with, which static hosts send none with; one that is made from a `blob:` URL
 * has its maker's.
 */
export function containedWorker(script: string): Worker {
  const text = `import ${JSON.stringify(new URL(script, location.href).href)};`;
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  // It is fetched by now: a worker's URL is resolved to its blob when the worker is made.
  URL.revokeObjectURL(url);
  return worker;
}
