/**
 * The compiler's declarations of JavaScript that is newer than ES2023, each file with something that it declares. What this
 * engine has, a cell may use: the compiler works in the same engine as the cells.
 */
const NEWER: readonly (readonly [file: string, owner: object, name: string])[] = [
  ["lib.es2024.arraybuffer.d.ts", ArrayBuffer.prototype, "transfer"],
  ["lib.es2024.collection.d.ts", Map, "groupBy"],
  ["lib.es2024.object.d.ts", Object, "groupBy"],
  ["lib.es2024.promise.d.ts", Promise, "withResolvers"],
  ["lib.es2024.regexp.d.ts", RegExp.prototype, "unicodeSets"],
  ["lib.es2024.sharedmemory.d.ts", Atomics, "waitAsync"],
  ["lib.es2024.string.d.ts", String.prototype, "isWellFormed"],
  ["lib.esnext.array.d.ts", Array, "fromAsync"],
  ["lib.esnext.collection.d.ts", Set.prototype, "union"],
  ["lib.esnext.disposable.d.ts", Symbol, "dispose"],
  ["lib.esnext.error.d.ts", Error, "isError"],
  ["lib.esnext.float16.d.ts", globalThis, "Float16Array"],
  ["lib.esnext.iterator.d.ts", globalThis, "Iterator"],
  ["lib.esnext.promise.d.ts", Promise, "try"],
  ["lib.esnext.sharedmemory.d.ts", Atomics, "pause"],
]

/** The files of those declarations that are true here. */
export const newerDeclarations = (): string[] =>
  NEWER.filter(([, owner, name]) => name in owner).map(([file]) => file)
