import type { Completion } from "./convert/completions"
import type { ConvertedCell } from "./convert/converter"
import { bundleOf, messageOf } from "./display/bundle"
import { Comms } from "./display/comms"
import { createHost, HOST } from "./display/host"
import { Publisher } from "./display/publisher"
import { describeFailure, describeMistakes, Tracebacks } from "./display/traceback"
import { fits } from "./fits"
import type {
  PreparedAnswer,
  PreparedCode,
  PreparedExecute,
  PreparedRequest,
  PropertiesRequest,
} from "./prepared"
import type { ErrorContent, ExecuteReply, FromSession, MimeBundle } from "./protocol"
import { plainData } from "./run/answer"
import { Cell, Interrupted } from "./run/cell"
import type { Platform } from "./run/platform"
import { Runner } from "./run/runner"

/**
 * Runs cells, which the compiler has converted, and shows what they give. Takes one request at a time: the caller waits for the reply before
 * the next. Only an interrupt comes in between.
 */
export class Session {
  readonly publisher: Publisher
  private readonly comms: Comms
  private readonly runner: Runner
  readonly tracebacks = new Tracebacks()
  private active: Cell | undefined
  private serial = 0

  constructor(private readonly platform: Platform) {
    this.publisher = new Publisher(platform)
    this.comms = new Comms(this.publisher)
    this.runner = new Runner(platform)
    Object.defineProperty(globalThis, HOST, {
      value: createHost(this.publisher, this.comms, platform),
      configurable: true,
    })
  }

  /** Answers a request with a reply, whatever happens in it. */
  async handle(request: PreparedRequest): Promise<void> {
    const { id } = request
    try {
      this.platform.post({ kind: "reply", id, content: await this.answer(request) } satisfies FromSession)
    } catch (error) {
      this.platform.post({
        kind: "reply",
        id,
        content: null,
        problem: describeFailure(messageOf(error)).evalue,
      })
    }
  }

  /** Ends what runs. A loop has seen the flag already; what waits is told here. */
  interrupt(): void {
    this.active?.interrupt()
    Atomics.store(this.platform.hooks.flag, 0, 0)
    this.platform.post({ kind: "interrupted" })
  }

  /** Takes an error that nobody caught, in a callback or a promise, to the cell that it belongs to. */
  uncaught(error: unknown, fromPromise: boolean): void {
    const cell = this.publisher.cell
    if (!cell) return
    if (Interrupted.is(error)) cell.interrupt()
    else if (cell.finished) this.late(error, cell)
    else if (fromPromise) cell.unhandled ??= { error }
    else cell.fail(error)
  }

  /** What an interrupted cell leaves behind is not told: it was not meant to end well. */
  private late(error: unknown, cell: Cell): void {
    if (cell.stopped || cell.isFull) return
    this.platform.runIn(cell, () => this.publisher.send("error", this.describe(error)))
  }

  /** A promise that was rejected unheard has been listened to after all. */
  handledLate(): void {
    const cell = this.publisher.cell
    if (cell) cell.unhandled = undefined
  }

  private answer(request: PreparedRequest): unknown {
    switch (request.kind) {
      case "execute":
        return this.execute(request)
      case "answer":
        return this.give(request)
      case "properties":
        return this.properties(request)
      case "comm":
        return this.asCell(new Cell(request.id), () => this.comms.receive(request))
    }
  }

  /** A completion with the properties that a value has now. */
  private properties({ path, typed, completion }: PropertiesRequest): Completion {
    return { ...completion, matches: this.runner.properties(path, (name) => fits(name, typed)) }
  }

  private async execute(request: PreparedExecute): Promise<ExecuteReply> {
    const cell = new Cell(request.id, request.silent, request.mayAsk)
    let bundle: MimeBundle | undefined
    const reply = await this.asCell(cell, async () => {
      bundle = await this.value(request, `cell ${request.count}`, cell)
      const expressions = await this.expressions(request, cell)
      return { status: "ok", expressions, text: bundle && String(bundle["text/plain"] ?? "") }
    })
    if (reply.status === "ok" && bundle && !request.silent) this.result(cell, bundle, request.count)
    return reply
  }

  /** Says what a graded cell asks, and shows nothing of it. */
  private async give({ id, expression: code, conversion }: PreparedAnswer): Promise<ExecuteReply> {
    const cell = new Cell(id, true)
    return this.asCell(cell, async () => {
      const { value } = await this.run({ code, conversion }, "graded cell", cell)
      return { status: "ok", value: plainData(await value) }
    })
  }

  /** Does work on behalf of a cell; what it throws becomes the cell's error. */
  private async asCell(cell: Cell, work: () => Promise<ExecuteReply | undefined>): Promise<ExecuteReply> {
    this.active = cell
    this.publisher.fallback = cell
    try {
      const reply = await Promise.race([this.started(cell, work), cell.interrupted])
      await this.afterwards(cell)
      return reply ?? { status: "ok" }
    } catch (error) {
      return this.failed(error, cell)
    } finally {
      cell.finished = true
      this.active = undefined
    }
  }

  /** In a turn of its own: code that is broken off takes with it all that called it. */
  private async started<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
    await null
    return this.platform.runIn(cell, work)
  }

  private failed(error: unknown, cell: Cell): ExecuteReply {
    Atomics.store(this.platform.hooks.flag, 0, 0)
    const content = this.describe(error)
    if (!cell.silent) this.publisher.conclude(cell, "error", content)
    return { status: "error", error: content }
  }

  /** Gives rejected promises of the cell the time to be noticed. */
  private async afterwards(cell: Cell): Promise<void> {
    await this.platform.turn()
    if (cell.unhandled) throw cell.unhandled.error
  }

  /** The value of code, ready to be shown; undefined if it has none. */
  private async value(prepared: PreparedCode, label: string, cell: Cell): Promise<MimeBundle | undefined> {
    const { value } = await this.run(prepared, label, cell)
    return value === undefined ? undefined : await bundleOf(value, this.platform.inspect)
  }

  /** What code comes to, inside an object, since it may be a promise. */
  private async run(prepared: PreparedCode, label: string, cell: Cell): Promise<{ readonly value: unknown }> {
    const converted = cellIn(prepared)
    const fileName = `ringlab-cell-${++this.serial}`
    const { source, skippedLines, maps } = converted
    this.tracebacks.remember(fileName, { label, source, skippedLines, maps })
    for (const { path, source, maps } of converted.files)
      this.tracebacks.remember(path, { label: path, source, skippedLines: 0, maps })
    return this.runner.run(converted, cell, fileName)
  }

  /** A bundle that is no JSON, since its value put something else into it, is told about instead. */
  private result(cell: Cell, data: MimeBundle, count: number): void {
    const show = (shown: MimeBundle): void =>
      this.publisher.conclude(cell, "execute_result", { execution_count: count, data: shown, metadata: {} })
    try {
      show(data)
    } catch (error) {
      show({ "text/plain": `(this value cannot be shown: ${messageOf(error)})` })
    }
  }

  private async expressions({ expressions }: PreparedExecute, cell: Cell): Promise<Record<string, unknown>> {
    const results: [string, unknown][] = []
    for (const [name, prepared] of Object.entries(expressions))
      results.push([name, await this.expression(prepared, cell)])
    return Object.fromEntries(results)
  }

  private async expression(prepared: PreparedCode, cell: Cell): Promise<unknown> {
    try {
      const data = (await this.value(prepared, "expression", cell)) ?? { "text/plain": "undefined" }
      return { status: "ok", data, metadata: {} }
    } catch (error) {
      return { status: "error", ...this.describe(error) }
    }
  }

  private describe(error: unknown): ErrorContent {
    return Refused.contentOf(error) ?? this.tracebacks.describe(error, this.platform.inspect)
  }
}

/** The converted cell. @throws what there is instead */
function cellIn({ code, conversion }: PreparedCode): ConvertedCell {
  if ("cell" in conversion) return conversion.cell
  if ("interrupted" in conversion) throw new Interrupted()
  const told =
    "failed" in conversion ? describeFailure(conversion.failed) : describeMistakes(conversion.mistakes, code)
  throw new Refused(told)
}

/** A cell that the compiler does not let run. */
class Refused extends Error {
  readonly #content: ErrorContent
  constructor(content: ErrorContent) {
    super(content.evalue)
    this.#content = content
  }

  /** Asks nothing of a value that a cell has thrown, which may be a proxy. */
  static contentOf(error: unknown): ErrorContent | undefined {
    return typeof error === "object" && error !== null && #content in error ? error.#content : undefined
  }
}
