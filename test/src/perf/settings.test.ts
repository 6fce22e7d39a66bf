import { KernelError, plugin, provideValue } from '@hwbp/core';
import { DEFAULT_PERF_SETTINGS, PERF_SETTINGS, Perf, type PerfSettings, perf } from '@hwbp/perf';
import test from 'ava';
import { EventsRig } from '../events/support.js';
import { PerfRig, WATCH } from './support.js';

/** The errno with which a task without privilege is refused a CPU; `ok`. */
function wide(rig: PerfRig): string {
  try {
    rig.perf.open({ ...WATCH, exclude_kernel: true }, { pid: -1, cpu: 0, as: rig.nobody() }).close();
    return 'ok';
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}

test('perf({ ... }) is the consumer with these settings, and the class itself is the consumer with the defaults', (t) => {
  t.is(wide(new PerfRig()), 'EACCES');
  t.is(wide(new PerfRig({ settings: {} })), 'EACCES');
  const rig = new PerfRig({ settings: { perf_event_paranoid: -1 } });
  t.is(wide(rig), 'ok');
  t.true(rig.kernel.get(Perf) === rig.perf);
  t.deepEqual(rig.kernel.get(PERF_SETTINGS), { perf_event_paranoid: -1, refusesEndedLeader: true });
});

test('a kernel’s report shows the settings, defaults included', (t) => {
  const { kernel } = new PerfRig({ settings: { perf_event_paranoid: 1 } });
  const options = { perf_event_paranoid: 1, refusesEndedLeader: true };
  t.deepEqual(kernel.describe().plugins.at(-1), { name: 'perf', options, facets: [] });
  t.regex(String(kernel.describe()), /perf \{ perf_event_paranoid 1, refusesEndedLeader true \}/);
  t.like(
    kernel.describe().parts.find(({ token }) => token === 'PerfSettings'),
    { by: 'perf', overrides: false, made: true },
  );
});

test('one plugin serves many kernels, each of which has a consumer of its own', (t) => {
  const shared = perf({ perf_event_paranoid: 0 });
  const [one, two] = [new EventsRig({ plugins: [shared] }), new EventsRig({ plugins: [shared] })];
  t.not(one.kernel.get(Perf), two.kernel.get(Perf));
  one.kernel.get(Perf).open(WATCH, { pid: -1, cpu: 0 });
  t.deepEqual([one.kernel.get(Perf).files.size, two.kernel.get(Perf).files.size], [1, 0]);
});

test('settings that another plugin provides reach the class', (t) => {
  const settings: PerfSettings = { ...DEFAULT_PERF_SETTINGS, perf_event_paranoid: 0 };
  t.is(wide(new PerfRig({ plugins: [plugin('sysctl', provideValue(PERF_SETTINGS, settings))] })), 'ok');
  t.throws(() => new PerfRig({ settings: {}, plugins: [plugin('sysctl', provideValue(PERF_SETTINGS, settings))] }), {
    code: 'COMPOSE_PROVIDED_TWICE',
    message: /'perf' and 'sysctl' both provide 'PerfSettings'/,
  });
});

test('settings that cannot be are TypeErrors that name them; one that is undefined is the default', (t) => {
  const refuse = (settings: object, message: RegExp) =>
    t.throws(() => perf(settings as Partial<PerfSettings>), { instanceOf: TypeError, message });
  refuse({ paranoid: 1 }, /perf has no option 'paranoid'; it has perf_event_paranoid, refusesEndedLeader/);
  refuse({ perf_event_paranoid: '1' }, /perf_event_paranoid is a whole number, got '1'/);
  refuse({ refusesEndedLeader: 0 }, /refusesEndedLeader is true or false, got 0/);
  const unset = { perf_event_paranoid: undefined } as unknown as Partial<PerfSettings>;
  t.is(perf(unset).options?.perf_event_paranoid, 2);
});
