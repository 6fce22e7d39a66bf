import test from 'ava';
import { refusal, traced } from './support.js';

const WRITABLE = ['current_tracer', 'ksym_trace_filter', 'trace', 'trace_options', 'tracing_on'];
const READ_ONLY = ['available_tracers', 'ksym_profile', 'trace_pipe', 'trace_stat/ksym_tracer'];

test('the directory', (t) => {
  const { files } = traced();
  t.deepEqual(files.list(), [...WRITABLE, ...READ_ONLY].sort());
  t.is(files.read('available_tracers'), 'ksym_tracer nop\n');
  t.is(files.read('current_tracer'), 'nop\n');
  t.is(files.read('tracing_on'), '1\n');
});

for (const path of READ_ONLY) {
  test(`${path} is read only: EACCES`, (t) => {
    const error = refusal(t, () => traced().files.write(path, '1'));
    t.is(error.errno, 'EACCES');
    t.is(error.code, 'FTRACE_READ_ONLY');
  });
}

for (const path of ['tracing_onn', '', '/trace', 'trace_stat', '__proto__', 'constructor']) {
  test(`'${path}' is no file: ENOENT to read and to write`, (t) => {
    const { files } = traced();
    t.is(refusal(t, () => files.read(path)).errno, 'ENOENT');
    t.is(refusal(t, () => files.write(path, '1')).code, 'FTRACE_NO_SUCH_FILE');
  });
}

test('an unknown file: the message names the nearest, or all', (t) => {
  const { files } = traced();
  t.regex(refusal(t, () => files.read('tracing_onn')).message, /did you mean tracing_on\?/);
  t.regex(refusal(t, () => files.read('events')).message, /there are available_tracers, current_tracer/);
});

test('current_tracer takes the names of available_tracers, and EINVAL keeps what is selected', (t) => {
  const { files } = traced();
  t.is(files.write('current_tracer', 'ksym_tracer\n'), 12);
  const error = refusal(t, () => files.write('current_tracer', 'ksym\n'));
  t.is(error.errno, 'EINVAL');
  t.is(error.message, "EINVAL: there is no tracer 'ksym'; did you mean ksym_tracer?");
  t.regex(refusal(t, () => files.write('current_tracer', '')).message, /available: ksym_tracer, nop/);
  t.is(files.read('current_tracer'), 'ksym_tracer\n');
});

test('tracing_on takes numbers: anything but 0 is on', (t) => {
  const { files } = traced();
  for (const [written, read] of [
    ['0\n', '0\n'],
    ['1', '1\n'],
    ['00', '0\n'],
    ['7', '1\n'],
  ] as const) {
    files.write('tracing_on', written);
    t.is(files.read('tracing_on'), read);
  }
  for (const text of ['', 'on', '-1', '1 0', '0x1']) {
    t.is(refusal(t, () => files.write('tracing_on', text)).code, 'FTRACE_BAD_NUMBER');
  }
  t.is(files.read('tracing_on'), '1\n');
});

test('a write counts bytes, not characters', (t) => {
  const { files } = traced();
  t.is(files.write('trace', 'aé€😀'), 10);
});

test('a write of anything but a text is misuse', (t) => {
  const { files } = traced();
  t.throws(() => files.write('trace', 1 as unknown as string), { instanceOf: TypeError });
});
