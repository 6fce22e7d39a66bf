import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import test from 'ava';
import { frame } from './client.js';

/** What gdb would print of an answer in hexadecimal digits. */
const printed = (digits: string): string => Buffer.from(digits, 'hex').toString('utf8');

test('names out of the kernel reach the terminal of a debugger as text that it does not obey', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [Kgdb] });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([]), { run: false, comm: 'a\x1b[31m\u202eb\r\n' });
  breakpoints.registerUser({ bp_type: 2, bp_addr: 0x1000n, bp_len: 4 }, () => {}, task);
  let sent = '';
  const session = kernel.get(Kgdb).attach({
    send: (bytes) => {
      sent += Buffer.from(bytes).toString('latin1');
    },
    threads: 'tasks',
  });
  session.receive(Buffer.from(frame('QStartNoAckMode'), 'latin1'));
  const ask = (payload: string): string => {
    sent = '';
    session.receive(Buffer.from(`+${frame(payload)}`, 'latin1'));
    return [...sent.matchAll(/\$O?([0-9a-f]{4,})#/g)].map(([, digits = '']) => printed(digits)).join('');
  };
  const name = ask(`qThreadExtraInfo,${task.pid.toString(16)}`);
  t.true(name.includes('a\\x1b[31m\\u202eb\\r\\n'), name);
  const table = ask(`qRcmd,${Buffer.from('bps').toString('hex')}`);
  t.true(table.includes('a\\x1b[31m\\u202eb'), table);
  for (const text of [name, table]) t.notRegex(text, /(?![\n\t])\p{Cc}|\u202e/u);
  session.close();
});
