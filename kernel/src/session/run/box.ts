/**
 * Holds one variable of the notebook. All cells that name the variable share its box.
 *
 * A box without a value has no property `value` of its own: whoever reads it then is told, and whoever assigns to it gives it
 * one. From there on it is a plain property, as fast as any.
 */
export class Box {
  constructor(private readonly name: string) {}

  get value(): unknown {
    throw new ReferenceError(`${this.name} has no value: the line that declares it has not run`)
  }

  set value(value: unknown) {
    put(this, value)
  }
}

/** What `var` does: the variable is there before the line that declares it, and undefined. */
export function declare(box: Box): void {
  if (!Object.hasOwn(box, "value")) put(box, undefined)
}

/** A variable that its cell never came to is no `undefined` for the next cell to stumble over. */
export function leaveEmpty(box: Box): void {
  const { value, get } = Object.getOwnPropertyDescriptor(box, "value") ?? {}
  if (value === undefined && !get) Reflect.deleteProperty(box, "value")
}

/** Gives a box its value. */
export function put(box: Box, value: unknown): void {
  Object.defineProperty(box, "value", { value, writable: true, configurable: true, enumerable: true })
}

/** Whoever reads the variable gets what `get` says; who assigns to it makes it a plain one. */
export function ask(box: Box, get: () => unknown): void {
  Object.defineProperty(box, "value", { get, set: (value) => put(box, value), configurable: true })
}
