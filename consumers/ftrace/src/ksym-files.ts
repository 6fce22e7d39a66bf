import type { SymbolTable } from '@hwbp/core';
import { ftraceError } from './errors.js';
import { strip } from './filter-command.js';
import { formatStatHeader, formatStatRow } from './format-stat.js';
import { formatLatencyHeader, formatLatencyRecord, formatTraceHeader, formatTraceRecord } from './format-trace.js';
import { type KsymTrace, TRACERS } from './ksym-trace.js';
import { didYouMean } from './nearest-names.js';
import type { KsymRecord } from './record.js';
import type { TraceFile } from './tracing-files.js';

/** Decimal, as the kernel's strict_strtoul reads it; anything but 0 is on. */
function parseSwitch(text: string): boolean {
  const number = strip(text);
  if (/^\d+$/.test(number)) return Number(number) !== 0;
  throw ftraceError('FTRACE_BAD_NUMBER', `tracing_on is 1 or 0, got '${number}'`, { text });
}

/** `latency-format`, or with `no` in front. */
function parseOption(text: string): boolean {
  const option = strip(text);
  if (option === 'latency-format') return true;
  if (option === 'nolatency-format') return false;
  const known = 'trace options are latency-format and nolatency-format';
  throw ftraceError('FTRACE_NO_SUCH_OPTION', `${known}, got '${option}'`, { option });
}

function selectTracer(trace: KsymTrace, text: string): void {
  const name = strip(text);
  const tracer = TRACERS.find((known) => known === name);
  if (tracer === undefined) {
    const hint = didYouMean(name, TRACERS) || `; available: ${TRACERS.join(', ')}`;
    throw ftraceError('FTRACE_NO_SUCH_TRACER', `there is no tracer '${name}'${hint}`, { tracer: name });
  }
  trace.select(tracer);
}

/** The files of the tracing directory that concern the tracer. */
export function ksymFiles(trace: KsymTrace, symbols: SymbolTable): Readonly<Record<string, TraceFile>> {
  const { filter, buffer } = trace;
  const format = (record: KsymRecord, table: SymbolTable): string =>
    trace.latencyFormat ? formatLatencyRecord(record, table) : formatTraceRecord(record, table);
  const header = (): string => (trace.latencyFormat ? formatLatencyHeader() : formatTraceHeader());
  const lines = (records: readonly KsymRecord[]): string => records.map((record) => format(record, symbols)).join('');
  const statistics: TraceFile = {
    // The plain name, as lookup_symbol_name() gives it: no offset, and <NA> without a symbol.
    read: () =>
      formatStatHeader() +
      filter.entries
        .map(({ address, type, count }) => {
          return formatStatRow({ type, symbol: symbols.resolve(address)?.symbol.name, count });
        })
        .join(''),
  };
  return {
    available_tracers: { read: () => `${TRACERS.join(' ')}\n` },
    current_tracer: { read: () => `${trace.tracer}\n`, write: (text) => selectTracer(trace, text) },
    ksym_profile: statistics,
    ksym_trace_filter: { read: () => filter.text, write: (text) => filter.write(text) },
    trace: { read: () => header() + lines(buffer.records), write: () => buffer.clear() },
    trace_options: {
      read: () => `${trace.latencyFormat ? '' : 'no'}latency-format\n`,
      write: (text) => {
        trace.latencyFormat = parseOption(text);
      },
    },
    trace_pipe: { read: () => lines(buffer.drain()) },
    'trace_stat/ksym_tracer': statistics,
    tracing_on: {
      read: () => `${trace.tracingOn ? 1 : 0}\n`,
      write: (text) => {
        trace.tracingOn = parseSwitch(text);
      },
    },
  };
}
