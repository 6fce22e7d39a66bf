/*
 * The least that answers a debugger: finds the end of a packet and writes an answer of the right size that was made
 * before. Nothing is parsed, read or checked. What a stub in JavaScript can reach on this machine. Prints its port.
 */
import { type AddressInfo, createServer } from 'node:net';

function framed(payload: string): Buffer {
  const sum = [...payload].reduce((total, character) => total + character.charCodeAt(0), 0);
  return Buffer.from(`$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1');
}

const OK = framed('OK');
/** As long as those of a kernel. */
const ANSWERS: Readonly<Record<string, Buffer>> = {
  g: framed('0'.repeat(600)),
  m: framed('0'.repeat(8192)),
  s: framed(`T056:${'0'.repeat(16)};7:${'0'.repeat(16)};10:${'0'.repeat(16)};thread:1;core:0;`),
};

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('data', (bytes) => {
    for (let at = bytes.indexOf(0x24); at >= 0; at = bytes.indexOf(0x24, at + 1)) {
      socket.write(ANSWERS[String.fromCharCode(bytes[at + 1] ?? 0)] ?? OK);
    }
  });
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
