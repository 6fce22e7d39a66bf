import path from 'node:path';
import { createConsumer } from '@hwbp/create-consumer';
import test from 'ava';
import { ROOT } from '../replay/run-cli.js';
import { create, folder, Made, nextOf, node, repository } from './made.js';

test('a made-up consumer: red case by case from the answers, green with a patch, five defects, a demo', async (t) => {
  const cwd = folder(t);
  const made = await node(cwd, path.join(ROOT, 'create-consumer/bin/create-consumer.js'), 'hit-counter');
  t.is(made.code, 0, made.output);
  const counter = new Made(path.join(cwd, 'hit-counter'));
  t.deepEqual(await counter.build(), { code: 0, output: '' });

  const before = await counter.test();
  t.true(before.red.length >= 17, `${before.red.length} red`);
  const told = before.red.filter((red) => !/consumer\/is-stopped-if-a-later-one-fails/.test(red));
  t.deepEqual(nextOf(told), ['start']);

  const byHand = await counter.patch('hit-counter');
  t.deepEqual(await counter.build(), { code: 0, output: '' });
  const after = await counter.test();
  t.deepEqual(after.red, []);
  t.is(after.green, before.green + before.red.length);
  t.true(byHand <= 25, `${byHand} lines by hand`);
  t.log(`${byHand} lines by hand from the answers to green`);

  const { code, output } = await counter.defects();
  t.is(code, 0, output);
  t.is(output.match(/^found /gm)?.length, 5, output);
  t.regex(output, /a watch starts it again once it is stopped\n +by consumer\/a-stopped-one-takes-nothing/);
  t.regex((await counter.demo()).output, /^5 hits$/m);
});

test('what is made of other answers compiles too, in a clone of hwbp', async (t) => {
  const root = repository(t);
  for (const args of [
    ['code', '--access', 'x'],
    ['loads', '--access', 'r', '--length', '8', '--scope', 'kernel'],
  ]) {
    const { code, out, err } = await create(createConsumer, root, args);
    t.is(code, 0, err);
    t.regex(out, new RegExp(`^@hwbp/${args[0]} is in consumers/${args[0]}: `));
    t.deepEqual(await new Made(path.join(root, 'consumers', args[0] ?? '')).build(), { code: 0, output: '' });
  }
});
