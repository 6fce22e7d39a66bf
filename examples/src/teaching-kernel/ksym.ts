import { KsymTracer } from '@hwbp/ftrace';
import { play } from './play.js';

/* Who stores to `visits`? The ksym tracer writes down every store. */
const { kernel, report } = await play(['--lock', 'none', ...process.argv.slice(2)], {
  plugins: [KsymTracer],
  before: (composed) => {
    const { files } = composed.get(KsymTracer);
    files.write('current_tracer', 'ksym_tracer');
    files.write('ksym_trace_filter', 'visits:-w-');
  },
});
console.log(kernel.get(KsymTracer).files.read('trace'));
console.log(report);
kernel.dispose();
