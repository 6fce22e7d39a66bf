import 'reflect-metadata';
import { inject, injectable, Lifecycle, container as root } from 'tsyringe';

/**
 * A child of a container that holds as many container-scoped parts as a kernel has, each made from the three before it:
 * what composing would cost if there were nothing to compose.
 */
export function bareContainer(parts: number): () => void {
  const parent = root.createChildContainer();
  const tokens = Array.from({ length: parts }, (_, i) => Symbol(`part ${i}`));
  for (const [i, token] of tokens.entries()) {
    class Part {
      readonly needed: readonly unknown[];

      constructor(...needed: readonly unknown[]) {
        this.needed = needed;
      }
    }
    const needed = tokens.slice(Math.max(0, i - 3), i);
    Reflect.defineMetadata(
      'design:paramtypes',
      needed.map(() => Object),
      Part,
    );
    for (const [at, other] of needed.entries()) inject(other)(Part, undefined, at);
    injectable()(Part);
    parent.register(token, { useClass: Part }, { lifecycle: Lifecycle.ContainerScoped });
  }
  return () => {
    const child = parent.createChildContainer();
    for (const token of tokens) child.resolve(token);
  };
}
