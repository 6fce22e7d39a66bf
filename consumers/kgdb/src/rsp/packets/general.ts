import { PACKET_SIZE } from '../limits.js';
import type { Outbox } from '../outbox.js';
import type { PacketFamily } from '../outcome.js';
import { type StopReplyNeeds, writeStop } from '../stop-reply.js';
import type {
  AuxvPort,
  ExecutionPort,
  PointsPort,
  ProcessEvent,
  ProcessesPort,
  SignalsPort,
  SystemCallsPort,
} from '../target-port.js';

/** Features that the stub has, beside its packet size. */
const FEATURES = [
  'QStartNoAckMode+',
  'swbreak+',
  'hwbreak+',
  'no-resumed+',
  'ConditionalBreakpoints+',
  'multiprocess+',
  'vContSupported+',
  'qXfer:features:read+',
  'qXfer:threads:read+',
];

/** Those of a target with signals. */
const SIGNAL_FEATURES = ['QPassSignals+', 'qXfer:siginfo:read+'];

/** Features of the debugger that make a difference; of the others nothing is kept. */
const UNDERSTOOD = ['swbreak', 'hwbreak', 'no-resumed', 'multiprocess'] as const;

/** What packets at the beginning of a session need. */
export interface GeneralNeeds extends StopReplyNeeds {
  readonly signals: SignalsPort | undefined;
  readonly auxv: AuxvPort | undefined;
  readonly systemCalls: SystemCallsPort | undefined;
  readonly processes: Pick<ProcessesPort, 'events' | 'follow'> | undefined;
  readonly outbox: Pick<Outbox, 'send' | 'stopAcknowledging'>;
  readonly features: Set<string>;
  readonly execution: Pick<ExecutionPort, 'stop' | 'bias'>;
  readonly points: Pick<PointsPort, 'clear'> | undefined;
}

/** The events that both sides know: a debugger that does not tell processes apart follows none. */
function eventsOf(said: readonly string[], { features, processes }: GeneralNeeds): readonly ProcessEvent[] {
  if (processes === undefined || !features.has('multiprocess')) return [];
  return processes.events.filter((event) => said.includes(`${event}-events+`));
}

/** What a debugger asks when it connects. */
export const generalPackets: PacketFamily<GeneralNeeds> = {
  qSupported({ rest }, needs) {
    const { reply, features, signals, auxv, systemCalls, processes } = needs;
    features.clear();
    const said = rest.slice(1).split(';');
    for (const feature of UNDERSTOOD) if (said.includes(`${feature}+`)) features.add(feature);
    const events = eventsOf(said, needs);
    processes?.follow(new Set(events));
    const all = [
      ...FEATURES,
      ...(signals === undefined ? [] : SIGNAL_FEATURES),
      ...(auxv === undefined ? [] : ['qXfer:auxv:read+']),
      ...(systemCalls === undefined ? [] : ['QCatchSyscalls+']),
      ...events.map((event) => `${event}-events+`),
    ];
    reply.text(`PacketSize=${PACKET_SIZE.toString(16)};${all.join(';')}`);
    return 'written';
  },

  QStartNoAckMode(_packet, { reply, outbox }) {
    // The answer to this one is still acknowledged.
    reply.text('OK');
    outbox.send();
    outbox.stopAcknowledging();
    return 'silent';
  },

  /** Why the target stands. As in Linux, whatever an earlier debugger left behind is removed first. */
  '?'(_packet, needs) {
    needs.points?.clear();
    writeStop(needs, needs.execution.stop);
    return 'written';
  },

  /** 1: the program was there before the debugger, which lets go of it when it quits. */
  qAttached(_packet, { reply }) {
    reply.text('1');
    return 'written';
  },

  /**
   * Where a position-independent program was loaded; any other is where it was linked. lldb resolves no breakpoint
   * before it knows.
   */
  qOffsets(_packet, { reply, execution }) {
    const offset = (execution.bias ?? 0n).toString(16);
    reply.text(`Text=${offset};Data=${offset};Bss=${offset}`);
    return 'written';
  },
};
