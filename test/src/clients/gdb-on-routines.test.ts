import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { debugging, gdb } from '../cli/debugging.js';
import { ROOT } from '../replay/run-cli.js';
import { GDB, testWith } from './need.js';

/** What a real gdb prints that has the file of names which the command wrote and named. */
async function session(t: ExecutionContext, executable: string, arch: string, ...commands: readonly string[]) {
  let text = '';
  let file: string | undefined;
  const config = path.join(ROOT, `test/fixtures/routines/${arch}.config.ts`);
  const { output } = await debugging([config], async (port, said) => {
    file = /target remote \S+' (\S+)\n/.exec(said())?.[1];
    text = await gdb(executable, port, file, ...commands);
  });
  t.regex(output, /symbols {2}5 symbols, and the text of counting\.s, which is in no memory: list shows it\n/);
  t.notRegex(output, /text reads as zeroes without --elf/);
  if (file === undefined) return t.fail(output);
  t.false(existsSync(path.dirname(file)), 'nothing is left of it');
  t.regex(text, /^main \(\) at counting\.s:5\n5\tmain: +mov +r0, 3\n/m, 'it stands where the routine begins');
  return text;
}

testWith(GDB, 'a real gdb on routines of x86: names, lines, frames, and no bytes for text', async (t, executable) => {
  const stepping = ['delete', 'stepi', 'info line *$pc', 'next', 'finish', 'print/d $rbx'];
  const looking = ['hbreak inc', 'continue', 'bt', 'print counter', 'list', 'x/2i $pc', 'ptype history'];
  const watching = ['watch counter', 'continue', 'bt', 'continue', 'print counter', 'print history', 'x/gx &jiffies'];
  const text = await session(t, executable, 'x86', ...looking, ...watching, ...stepping);
  t.regex(text, /Hardware assisted breakpoint 1 at 0xffffffff80000014: file counting\.s, line 11\./);
  t.regex(text, /#0 +inc \(\) at counting\.s:11\n#1 +0xffffffff80000008 in main \(\) at counting\.s:6\n/);
  t.regex(text, /\$1 = 0\n[\s\S]*14\t +store \[counter\], r1\n/);
  t.regex(text, /<inc>:\ttype = [\s\S]*\nCannot access memory at address 0xffffffff80000014\n/, 'x/i shows nothing');
  t.regex(text, /type = u32 \[4\]/);
  t.regex(text, /Old value = 0\nNew value = 1\ninc \(\) at counting\.s:15\n/);
  t.regex(text, /#0 +inc \(\) at counting\.s:15\n#1 +0xffffffff80000008 in main \(\)/, 'behind a push, too');
  t.regex(text, /\$2 = 1\n\$3 = \{0, 0, 0, 0\}\n0xffffffff90000000:\t0x0000000000000000\n/);
  t.regex(text, /Line 12 of "counting\.s" starts at address 0xffffffff80000018 <inc\+4>/);
  t.regex(text, /\n13\t +add[\s\S]*main \(\) at counting\.s:7\n7\t +sub[\s\S]*\$4 = 2\n/, 'r0 is rbx');
});

testWith(GDB, 'a real gdb on routines of ppc64, which looks at text before it steps', async (t, executable) => {
  const looking = ['break inc', 'watch counter', 'continue', 'bt', 'x/i $pc', 'continue', 'print counter'];
  const text = await session(t, executable, 'ppc64', ...looking, 'delete', 'next', 'finish', 'print $r14');
  t.regex(text, /#0 +inc \(\) at counting\.s:11\n#1 +0xffffffff80000008 in main \(\) at counting\.s:6\n/);
  t.regex(text, /<inc>:\t\.long 0x0\n/, 'all zeroes are no instruction there');
  t.regex(text, /Old value = 0\nNew value = 1\ninc \(\) at counting\.s:15\n[\s\S]*\$1 = 1\n/);
  t.regex(text, /main \(\) at counting\.s:7\n[\s\S]*\$2 = 3\n/);
});

testWith(GDB, 'a real gdb on routines of RISC-V, which it steps by decoding text', async (t, executable) => {
  const looking = ['thbreak inc', 'continue', 'bt', 'print counter', 'x/i $pc', 'list inc', 'print/d $s0'];
  const text = await session(t, executable, 'riscv64', ...looking, 'watch counter', 'continue', 'info symbol $pc');
  t.regex(text, /#0 +inc \(\) at counting\.s:11\n#1 +0xffffffff80000008 in main \(\) at counting\.s:6\n/);
  t.regex(text, /\$1 = 0\n=> \S+ <inc>:\t6\t[\s\S]*Cannot access memory at address 0xffffffff80000014\n/);
  t.regex(text, /\$2 = 3\n/);
  t.regex(text, /inc \+ 1[26] in section \.text/, 'at the store that is watched');
});

testWith(GDB, 'a real gdb on routines of arm64: frames where text is in no memory', async (t, executable) => {
  const looking = ['hbreak inc', 'continue', 'bt', 'print counter', 'x/i $pc', 'info registers sp cpsr'];
  const watching = ['watch counter', 'continue', 'bt', 'delete', 'stepi', 'info line *$pc', 'finish', 'print/d $x19'];
  const more = ['rwatch counter', 'continue', 'bt', 'delete', 'watch counter if counter == 3', 'continue'];
  const text = await session(t, executable, 'arm64', ...looking, ...watching, ...more);
  const frames = [
    ...text.matchAll(/#0 +inc \(\) at counting\.s:(\d+)\n#1 +0xf{8}80000008 in main \(\) at counting\.s:6\n/g),
  ];
  t.deepEqual(
    frames.map(([, line]) => line),
    ['11', '15', '13'],
  );
  t.regex(text, /\$1 = 0\n=> 0xffffffff80000014 <inc>:\tudf\t#0\nsp +0xffffffff90007ff0 [\s\S]*cpsr +0x5 /);
  t.regex(text, /Old value = 0\nNew value = 1\ninc \(\) at counting\.s:15\n/);
  t.regex(text, /Line 16 of "counting\.s" starts at address 0xffffffff80000028 <inc\+20>/);
  t.regex(text, /main \(\) at counting\.s:7\n[\s\S]*\$2 = 3\n/, 'r0 is x19');
  t.regex(text, /Old value = 2\nNew value = 3\ninc \(\) at counting\.s:15\n/);
});
