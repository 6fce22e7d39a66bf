import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  ContractFailure,
  collectCases,
  consumerCases,
  driverCases,
  driverContract,
  facetCases,
  fakeBackend,
  schedulerCases,
  siliconCases,
  slotPolicyCases,
  tinyBackend,
  togetherCases,
} from '@hwbp/testkit';
import test from 'ava';

const GROUPS = {
  silicon: siliconCases,
  driver: driverCases,
  together: togetherCases,
  scheduler: schedulerCases,
  policy: slotPolicyCases,
  consumer: consumerCases,
  facet: facetCases,
};

test('every case has an id of its own, which begins with its group', (t) => {
  const ids = Object.entries(GROUPS).flatMap(([group, cases]) => {
    for (const { id } of cases) t.regex(id, new RegExp(`^${group}/[a-z0-9]+(-[a-z0-9]+)*$`));
    return cases.map(({ id }) => id);
  });
  t.is(new Set(ids).size, ids.length);
});

/** A backend that refuses everything. */
function brokenBackend() {
  const backend = tinyBackend();
  return {
    ...backend,
    parse: (): never => {
      throw new Error('planted');
    },
  };
}

test('a failure names the subject, the case and the promise', (t) => {
  const backend = tinyBackend();
  const createBackend = () => ({ ...backend, manifest: { ...backend.manifest } });
  const { results } = collectCases((declare) => driverContract({ test: declare, name: 'a: b', createBackend }));
  const found = results.find(({ id }) => id === 'driver/manifest-is-frozen-plain-data');
  t.true(found?.error instanceof ContractFailure);
  t.regex(
    String(found?.error),
    /^ContractFailure: a: b: driver\/manifest-is-frozen-plain-data: manifest is not frozen/,
  );
});

test("an error of the subject's own comes through as it is", (t) => {
  const { results } = collectCases((declare) =>
    driverContract({ test: declare, name: 'broken', createBackend: brokenBackend }),
  );
  const found = results.find(({ id }) => id === 'driver/parse-is-pure');
  t.is(String(found?.error), 'Error: planted');
});

test('what does not apply is not declared', (t) => {
  const idsOf = (slots: number) =>
    collectCases((declare) =>
      driverContract({ test: declare, name: 'fake', createBackend: () => fakeBackend({ slots }) }),
    ).passed;
  t.true(idsOf(2).includes('driver/uninstall-leaves-neighbours-armed'));
  t.false(idsOf(1).includes('driver/uninstall-leaves-neighbours-armed'));
  t.deepEqual(idsOf(0), [
    'driver/manifest-is-frozen-plain-data',
    'driver/manifest-never-changes',
    'driver/registers-are-as-many-as-listed',
  ]);
});

test('runs under node:test', async (t) => {
  const script = `
    import test from 'node:test';
    import { backendContract, tinyBackend } from '@hwbp/testkit';
    backendContract({ test, name: 'good', createBackend: tinyBackend });
    const bad = () => {
      const backend = tinyBackend();
      return { ...backend, manifest: { ...backend.manifest } };
    };
    backendContract({ test, name: 'bad', createBackend: bad });
  `;
  // From test/dist/contract.
  const cwd = path.join(import.meta.dirname, '../..');
  const args = ['--test-reporter=tap', '--input-type=module', '--eval', script];
  const failure = await t.throwsAsync<Error & { stdout: string }>(promisify(execFile)(process.execPath, args, { cwd }));
  const lines = failure?.stdout.split('\n') ?? [];
  t.true(lines.some((line) => /^ok \d+ - good: driver\/manifest-is-frozen-plain-data/.test(line)));
  t.deepEqual(
    lines.filter((line) => line.startsWith('not ok')).map((line) => line.replace(/^not ok \d+ - /, '')),
    ['bad: driver/manifest-is-frozen-plain-data'],
  );
});
