/**
 * A virtual machine's physical memory: its pages lie anywhere in the machine's. What the guest calls page 0 may be the machine's
 * page 7342; a table says which.
 *
 *     guest page     0     1     2   …           who reads and writes by guest addresses: the VM's devices, the walks of the
 *                    │     │     │               guest's page tables, and the semantics of emulated instructions
 *     machine page 7342  1187   602  …
 */
import { Memory, PAGE_MASK, PAGE_SHIFT } from "../machine/board/memory"
import type { Size } from "../numbers/int"

/** The machine's memory by physical addresses: as a monitor's code has it, or as whoever sets a machine up. */
export interface MachineMemory {
  get(physical: number, size: Size): number
  set(physical: number, size: Size, value: number): void
}

const NO_BUFFER = new ArrayBuffer(0)

export class GuestMemory extends Memory {
  /** Told before a page is written, by its number. */
  onWrite: (page: number) => void = () => {}
  /** No engine may look into it: every access comes here. */
  override readonly direct = false

  /**
   * @param frames the machine's page behind each of the guest's
   * @param machine where those pages are
   */
  constructor(
    readonly frames: Uint32Array,
    private readonly machine: MachineMemory,
  ) {
    super(frames.length << PAGE_SHIFT, NO_BUFFER)
  }

  /** Physical address in the machine of a byte of the guest's. The byte must be held. */
  place(physical: number): number {
    const at = physical >>> 0
    return this.frames[at >>> PAGE_SHIFT] * (1 << PAGE_SHIFT) + (at & PAGE_MASK)
  }

  override get(physical: number, size: Size): number {
    if ((physical & PAGE_MASK) + size / 8 > 1 << PAGE_SHIFT) return this.getAcross(physical, size)
    return this.machine.get(this.place(physical), size)
  }

  private getAcross(physical: number, size: Size): number {
    let value = 0
    for (let n = 0; n < size; n += 8) value |= (this.machine.get(this.place(physical + n / 8), 8) & 0xff) << n
    return value
  }

  override set(physical: number, size: Size, value: number): void {
    const [first, last] = [physical >>> PAGE_SHIFT, (physical + size / 8 - 1) >>> PAGE_SHIFT]
    this.onWrite(first)
    if (last !== first) this.onWrite(last)
    if (last === first) this.machine.set(this.place(physical), size, value)
    else
      for (let n = 0; n < size; n += 8) this.machine.set(this.place(physical + n / 8), 8, (value >> n) & 0xff)
  }

  override write(physical: number, bytes: ArrayLike<number>): void {
    if (!this.holds(physical, bytes.length))
      throw new RangeError(
        `${bytes.length} bytes at ${physical} do not fit into a guest's memory of ${this.size} bytes`,
      )
    const words = (physical & 3) === 0 ? bytes.length & ~3 : 0
    for (let n = 0; n < words; n += 4)
      this.set(physical + n, 32, bytes[n] | (bytes[n + 1] << 8) | (bytes[n + 2] << 16) | (bytes[n + 3] << 24))
    for (let n = words; n < bytes.length; n++) this.set(physical + n, 8, bytes[n])
  }

  override read(physical: number, length: number): Uint8Array {
    if (!this.holds(physical, length))
      throw new RangeError(`${length} bytes at ${physical} are not in a guest's memory of ${this.size} bytes`)
    return Uint8Array.from({ length }, (_, n) => this.get(physical + n, 8))
  }

  override isBesideCode(): boolean {
    return false
  }

  override page(number: number): Uint8Array {
    const words = Int32Array.from({ length: 1 << (PAGE_SHIFT - 2) }, (_, n) =>
      this.get((number << PAGE_SHIFT) + 4 * n, 32),
    )
    return new Uint8Array(words.buffer)
  }
}
