import type ts from "typescript"
import type { Place } from "./place"

/**
 * The compiler's declarations of JavaScript itself, put together into one file. They lie in fifty, and the compiler makes
 * one `Array` of what all of them say of it anew for each cell, which takes as long as everything else that it does.
 */
export class Library {
  private readonly members = new Set<string>()
  private readonly texts: string[] = []
  private readonly first: string | undefined

  /** @param options whose `lib` names files of declarations: these, and all to which they lead, are put together */
  constructor(
    { lib }: ts.CompilerOptions,
    private readonly place: Place,
  ) {
    this.first = lib?.[0] && this.path(lib[0])
    for (const name of lib ?? []) this.add(this.path(name))
  }

  /** What to read in the place of a file: everything, or nothing for what is in there; undefined for any other file. */
  text(file: string): string | undefined {
    if (file === this.first) return this.texts.join("\n")
    return this.members.has(file) ? "" : undefined
  }

  private add(file: string): void {
    if (this.members.has(file)) return
    const text = this.place.system.readFile(file) ?? ""
    if (IS_MODULE.test(text)) return
    this.members.add(file)
    for (const [, name] of text.matchAll(REFERENCE)) this.add(this.path(`lib.${name}.d.ts`))
    const isIn = (name: string): boolean => this.members.has(this.path(`lib.${name}.d.ts`))
    this.texts.push(text.replace(REFERENCE, (line, name) => (isIn(name) ? "" : line)))
  }

  private path(name: string): string {
    return `${this.place.library}/${name}`
  }
}

/** One that is a module would make one of all others, which then declare nothing globally. */
const IS_MODULE = /^export /m
const REFERENCE = /^\/\/\/ *<reference lib="([^"]+)" *\/>/gm
