import { hex, KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import { AgentExpression, type AgentTarget } from './agent-expression.js';
import { bytesOfHex } from './hex.js';
import type { Packet } from './packet.js';
import { registerAt } from './registers.js';
import type { MemoryPort, PointCondition, RegistersPort } from './target-port.js';

/** What conditions look at. */
export interface ConditionNeeds {
  readonly registers: RegistersPort;
  readonly memory: Pick<MemoryPort, 'read'>;
}

const ONE = /^X([0-9a-f]{1,8}),/i;

/**
 * The conditions behind a breakpoint in a `Z` packet: `;X<length>,<bytecode>`, any number of them. `undefined`: none.
 */
export function conditionOf(packet: Packet, text: string, needs: ConditionNeeds): PointCondition | undefined {
  const expressions: AgentExpression[] = [];
  for (let rest = text.replaceAll(/^;|;$/g, ''); rest !== ''; rest = rest.replace(/^;/, '')) {
    const head = ONE.exec(rest);
    if (head === null) throw packet.malformed();
    const from = head[0].length;
    const end = from + 2 * Number.parseInt(head[1] ?? '', 16);
    const code = bytesOfHex(rest.slice(from, end));
    if (code === undefined || rest.length < end || code.length === 0) throw packet.malformed();
    expressions.push(new AgentExpression(code));
    rest = rest.slice(end);
  }
  if (expressions.length === 0) return undefined;
  return { holds: (thread) => expressions.some((expression) => isTrue(expression, targetOf(thread, needs))) };
}

/** What cannot be evaluated stops: the person at the debugger sees why. */
function isTrue(expression: AgentExpression, target: AgentTarget): boolean {
  try {
    return expression.evaluate(target) !== 0n;
  } catch (error) {
    if (error instanceof KernelError) return true;
    throw error;
  }
}

function targetOf(thread: number, { registers, memory }: ConditionNeeds): AgentTarget {
  const { description } = registers;
  return {
    register(number) {
      registerAt(description, number.toString(16));
      return registers.read(thread, number);
    },
    memory(address, size) {
      const bytes = memory.read(thread, address, size);
      if (bytes.length < size) throw kgdbError('KGDB_BAD_ADDRESS', `nothing can be read at ${hex(address)}`);
      const order = description.byteOrder === 'big' ? bytes : bytes.toReversed();
      return order.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    },
  };
}
