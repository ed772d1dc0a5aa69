/** What an instruction wrote into memory: found out, noted, and taken back. */
import type { Machine } from "../../machine/machine"
import type { Situation } from "../classification"
import { GDTS, IDTS, LDTS, TASKS, WORLD_SIZE } from "./world"

const PAGE = 0x1000
const WORDS_A_PAGE = PAGE / 4

/** Tables that stand in memory twice, and their sizes in bytes. */
const TABLES: readonly (readonly [
  table: keyof Situation["places"],
  copies: readonly [number, number],
  bytes: number,
])[] = [
  ["gdt", GDTS, 0x400],
  ["ldt", LDTS, 0x400],
  ["idt", IDTS, 0x1000],
  ["task", TASKS, 0x200],
]

/** Words and where they are: addresses and values in turn, as in a run. */
interface Noted {
  readonly memory: number[]
  readonly places: number[]
}

export class Footprint {
  /** What memory holds before the instruction. */
  readonly image: Int32Array
  private readonly words: Int32Array
  /** Some page may have been written since `watch`. */
  private dirty = true

  constructor(
    private readonly machine: Machine,
    world: Uint8Array,
  ) {
    machine.memory.write(0, world)
    this.image = new Int32Array(world.buffer)
    this.words = new Int32Array(machine.memory.bytes.buffer, 0, this.image.length)
  }

  /** Set a word, now and whenever an instruction has changed it. `address` is a multiple of 4. */
  set(address: number, value: number): void {
    this.image[address / 4] = value
    this.words[address / 4] = value
  }

  /** Memory was changed from outside: have all pages watched anew. */
  forget(): void {
    this.dirty = true
  }

  /** Have the next write to each page noticed. */
  watch(): void {
    if (!this.dirty) return
    this.machine.memory.dirty.fill(0)
    this.machine.cpu.linear.watchAll()
    this.dirty = false
  }

  /** Note what changed since `watch`, and put it back. `inUse` says which copies of the tables were used. */
  takeBack(inUse: Situation["places"], { memory, places }: Noted): void {
    memory.length = 0
    places.length = 0
    for (let page = 0; page < WORLD_SIZE / PAGE; page++)
      if (this.machine.memory.dirty[page]) this.takePageBack(page, inUse, { memory, places })
  }

  private takePageBack(page: number, inUse: Situation["places"], { memory, places }: Noted): void {
    const { machine, image, words } = this
    this.dirty = true
    for (let n = page * WORDS_A_PAGE; n < (page + 1) * WORDS_A_PAGE; n++)
      if (words[n] !== image[n]) {
        memory.push(4 * n, words[n])
        places.push(placeOf(4 * n, inUse), words[n])
        machine.memory.set(4 * n, 32, image[n])
      }
  }
}

/** An address in the second copy of a table that is in use is the same place as in the first: tables move with their register. */
function placeOf(address: number, inUse: Situation["places"]): number {
  for (const [table, copies, bytes] of TABLES)
    if (inUse[table] === 1 && address >= copies[1] && address < copies[1] + bytes)
      return address - copies[1] + copies[0]
  return address
}
