export { createConsumer } from './create-consumer.js';
