import { commonJsNames } from "../convert/common-js"
import type { ConvertedCell, Import } from "../convert/converter"
import { ask, Box, declare, leaveEmpty, put } from "./box"
import { type Cell, Interrupted } from "./cell"
import { exportOf, isNamespace, namespaceOf } from "./exports"
import type { Platform } from "./platform"
import { type Property, propertiesAt } from "./properties"

/** Runs cells and holds the notebook's variables. */
export class Runner {
  private readonly boxes = new Map<string, Box>()

  /** What cells call for `import()`. */
  private readonly load = async (specifier: unknown): Promise<unknown> =>
    namespaceOf(await this.platform.modules.load(String(specifier)))

  constructor(private readonly platform: Platform) {}

  /**
   * Runs a cell to its end.
   * @returns its last expression's value, or undefined; inside an object, since it may be a promise
   * @throws whatever the cell throws, or `Interrupted`
   */
  async run(converted: ConvertedCell, cell: Cell, fileName: string): Promise<{ readonly value: unknown }> {
    try {
      return await Promise.race([this.toItsEnd(converted, cell, fileName), cell.interrupted])
    } catch (error) {
      if (cell.inside) for (const name of converted.late) put(this.box(name), undefined)
      for (const name of converted.declares) leaveEmpty(this.box(name))
      throw this.platform.hooks.flag[0] === 0 || Interrupted.is(error) ? error : new Interrupted()
    }
  }

  /** Properties of a value that the notebook holds, found without running code. @param path names that lead to it */
  properties([name, ...path]: readonly string[], isWanted: (name: string) => boolean): readonly Property[] {
    const box = this.boxes.get(name)
    const { isProxy } = this.platform
    return box
      ? propertiesAt(box, ["value", ...path], isProxy, isWanted)
      : propertiesAt(globalThis, [name, ...path], isProxy, isWanted)
  }

  private async toItsEnd(
    converted: ConvertedCell,
    cell: Cell,
    fileName: string,
  ): Promise<{ value: unknown }> {
    const { platform } = this
    await null // in a turn of its own: code that is broken off takes with it all that called it
    platform.modules.provide(converted.files)
    await Promise.race([this.fetchImports(converted.imports, cell), cell.interrupted])
    const result = platform.runIn(cell, () => this.call(converted, cell, fileName))
    const value = isPromiseOfCell(converted, result) ? await Promise.race([result, cell.interrupted]) : result
    if (platform.hooks.flag[0] !== 0) throw new Interrupted()
    return { value }
  }

  private call(converted: ConvertedCell, cell: Cell, fileName: string): unknown {
    const { modules, hooks } = this.platform
    const run = this.platform.evaluate(converted.code, fileName) as (...values: unknown[]) => unknown
    for (const name of converted.hoisted) declare(this.box(name))
    const boxes = converted.boxes.map((name) => this.box(name))
    const known = commonJsNames.map((name) => modules.commonJs[name])
    cell.inside = true
    try {
      return run(hooks.flag, hooks.stop, hooks.resume, this.load, modules.meta, ...known, ...boxes)
    } finally {
      cell.inside = false
    }
  }

  private async fetchImports(imports: readonly Import[], cell: Cell): Promise<void> {
    for (const { from, names } of imports) {
      const module = await this.platform.runIn(cell, () => this.platform.modules.load(from))
      for (const { exported, local } of names) fill(this.box(local), module, exported)
    }
  }

  private box(name: string): Box {
    const box = this.boxes.get(name) ?? new Box(name)
    this.boxes.set(name, box)
    return box
  }
}

/** A cell whose last expression is a promise shows the promise; only a cell that awaits is one itself. */
function isPromiseOfCell(converted: ConvertedCell, result: unknown): result is Promise<unknown> {
  return converted.awaits && result instanceof Promise
}

/**
 * Puts an import into its box. A variable that an ES module exports is seen as it is now, not as it was; functions stay what
 * they are, and loops that call them fast.
 */
function fill(box: Box, module: unknown, exported: string): void {
  const value = exportOf(module, exported)
  if (exported === "*" || typeof value === "function" || !isNamespace(module)) put(box, value)
  else ask(box, () => exportOf(module, exported))
}
