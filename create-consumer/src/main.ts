import { runOnProcess } from '@hwbp/scaffold';
import { createConsumer } from './create-consumer.js';

await runOnProcess(createConsumer);
