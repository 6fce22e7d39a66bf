import 'reflect-metadata';

/*
 * tsyringe needs reflect-metadata before it loads. Consumers take the decorators from here, so that no order of imports can be
 * wrong and one copy serves all.
 */
export { inject, injectable } from 'tsyringe';
