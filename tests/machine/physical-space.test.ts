import { describe, expect, test } from "vitest"
import { tablesOf, Walker } from "../../src/machine/address/paging"
import { DIRTY, USER, WRITABLE } from "../../src/machine/address/tlb"
import { Memory } from "../../src/machine/board/memory"
import { type Access, type PhysicalSpace, READ, WRITE } from "../../src/machine/board/physical-space"
import { random } from "../../src/numbers/random"

const PAGES = 256
const DIRECTORY = 0x1000
const TABLE = 0x2000

/** A guest's memory whose page n lies at the machine's page `host(n)`; some of its pages must not be written. */
class Scattered implements PhysicalSpace {
  frame = 0
  writable = true
  references = 0
  readonly memory = new Memory(PAGES << 12)

  constructor(
    private readonly host: (page: number) => number,
    private readonly readOnly: ReadonlySet<number> = new Set(),
  ) {}

  at(physical: number): number {
    return (this.host(physical >>> 12) << 12) | (physical & 0xfff)
  }

  read(physical: number): number {
    this.references++
    return this.memory.get(this.at(physical), 32)
  }

  write(physical: number, _size: 32, value: number): void {
    this.memory.set(this.at(physical), 32, value)
  }

  find(physical: number, access: Access): void {
    const page = physical >>> 12
    this.writable = !this.readOnly.has(page)
    if (access & WRITE && !this.writable) throw new Error(`page ${page} is kept from being written`)
    this.frame = this.host(page) << 12
  }
}

/** Tables that lead linear page n to the guest's page `guest(n)`, and a walker of them. */
function walkerOf(space: Scattered, guest: (page: number) => number, leaf = 0x67): Walker {
  space.write(DIRECTORY, 32, TABLE | 7)
  for (let n = 0; n < PAGES; n++) space.write(TABLE + 4 * n, 32, (guest(n) << 12) | leaf)
  const walker = new Walker(space, () => {})
  walker.tables = tablesOf(DIRECTORY, false, false, new Int32Array(4))
  return walker
}

describe("a walk in another physical space", () => {
  test.each([1, 2, 3])("composes what the tables say with what the space says (seed %i)", (seed) => {
    const { below } = random(seed)
    const odd = 2 * below(PAGES / 2) + 1
    const shift = below(PAGES)
    const host = (page: number) => (page * odd + shift) % PAGES
    const guest = (page: number) => (page * 5 + seed) % PAGES
    const space = new Scattered(host)
    const walker = walkerOf(space, guest)
    for (let page = 0; page < PAGES; page++) {
      walker.walk((page << 12) | 0x123, READ, false)
      expect(walker.frame).toBe(host(guest(page)) << 12)
    }
    expect(space.references).toBe(2 * PAGES)
  })

  test("marks A and D in the space's own memory", () => {
    const space = new Scattered((page) => PAGES - 1 - page)
    const walker = walkerOf(space, (page) => page, 7)
    walker.walk(0x5000, WRITE, true)
    expect(space.memory.get(space.at(DIRECTORY), 32)).toBe(TABLE | 0x27)
    expect(space.memory.get(space.at(TABLE + 4 * 5), 32)).toBe(0x5067)
  })

  test("a page that the space keeps from being written has no DIRTY, so that its next write walks again", () => {
    const space = new Scattered((page) => page, new Set([9]))
    const walker = walkerOf(space, (page) => page)
    walker.walk(0x8000, READ, true)
    expect(walker.rights).toBe(USER | WRITABLE | DIRTY)
    walker.walk(0x9000, READ, true)
    expect(walker.rights).toBe(USER | WRITABLE)
    expect(() => walker.walk(0x9000, WRITE, true)).toThrow("page 9 is kept from being written")
  })
})
