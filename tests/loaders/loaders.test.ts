import { describe, expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { readElf } from "../../src/loaders/elf"
import { flatImage, loadImage } from "../../src/loaders/image"
import { isMultiboot, loadMultiboot, readMultiboot } from "../../src/loaders/multiboot"
import { pc } from "../../src/pc"
import { BASE, elfKernel, multibootElf, multibootFlat, type Patches } from "./kernels"

describe("an ELF executable", () => {
  test("goes to its physical addresses, and its entry moves with it", () => {
    const image = readElf(elfKernel())
    expect(image.pieces.map(({ address, bytes, size }) => [address, bytes.length, size])).toEqual([
      [BASE, 1, 65],
    ])
    expect(image.entry).toBe(BASE)
  })

  test("has zeros behind what the file holds, also where memory held something", () => {
    const machine = pc()
    machine.memory.write(BASE + 1, [1, 2, 3])
    loadImage(machine, readElf(elfKernel()))
    expect([...machine.memory.read(BASE, 4)]).toEqual([0xf4, 0, 0, 0])
    expect(machine.cpu.eip).toBe(BASE)
  })

  test.each<[what: string, patches: Patches, says: RegExp]>([
    ["a 64-bit one", { 4: 0x0102 }, /64-bit/],
    ["a big-endian one", { 4: 0x0201 }, /another processor/],
    ["one for another processor", { 18: 40 }, /another processor/],
    ["an object file", { 16: 1 }, /object file: link it/],
    ["a position-independent one", { 16: 3 }, /-static -no-pie/],
    ["one with a dynamic linker", { 52: 3 }, /dynamic linker/],
    ["one with nothing to load", { 52: 4 }, /no segment/],
    ["one with short program headers", { 42: 16 }, /16 bytes long/],
    ["one whose program headers lie beyond its end", { 28: 0xf000 }, /cut short: its program headers/],
    ["one whose segment lies beyond its end", { 68: 0xf000, 72: 0xf000 }, /cut short: a segment ends/],
    ["one whose segment is larger than its place", { 68: 0xf000 }, /only 65 in memory/],
  ])("%s is refused", (_, patches, says) => {
    expect(() => readElf(elfKernel("hlt", { patches }))).toThrow(says)
  })

  test("cut short anywhere, it is refused and never read beyond its end", () => {
    const bytes = elfKernel()
    for (let length = 0; length < bytes.length; length++)
      expect(() => readElf(bytes.subarray(0, length))).toThrow(RangeError)
  })
})

describe("a Multiboot kernel", () => {
  const started = (bytes: Uint8Array, commandLine?: string, memory = 16) => {
    const machine = pc({ memory })
    loadMultiboot(machine, bytes, commandLine)
    return machine
  }
  const word = (machine: ReturnType<typeof pc>, at: number) => machine.memory.get(at, 32) >>> 0
  const text = (machine: ReturnType<typeof pc>, at: number) => {
    const bytes = machine.memory.read(at, 64)
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)))
  }

  test.each([
    ["ELF", multibootElf(), 12],
    ["flat", multibootFlat(), 36],
  ])("in a file that is %s starts with the magic number and flat segments", (_, bytes, entry) => {
    const { cpu, outcome } = ((machine) => ({ cpu: machine.cpu, outcome: machine.run({ steps: 1 }) }))(
      started(bytes),
    )
    expect([cpu.reg[0], cpu.cpl, cpu.readControl(0) & 1, cpu.flags.value & 0x2_0200]).toEqual([
      0x2bad_b002, 0, 1, 0,
    ])
    expect([outcome.steps, cpu.eip, cpu.activity]).toEqual([1, BASE + entry + 1, "halted"])
  })

  test("finds the command line, the loader's name and the memory map", () => {
    const machine = started(multibootElf(), "root=/dev/sda quiet", 32)
    const info = machine.cpu.reg[3]
    expect(word(machine, info) & 0x24d).toBe(0x245 | 8)
    expect([word(machine, info + 4), word(machine, info + 8)]).toEqual([640, 31 * 1024])
    expect(text(machine, word(machine, info + 16))).toBe("root=/dev/sda quiet")
    expect(text(machine, word(machine, info + 64))).toBe("ringlab")
    const [length, map] = [word(machine, info + 44), word(machine, info + 48)]
    const entries = Array.from({ length: length / 24 }, (_, n) =>
      [0, 4, 12, 20].map((field) => word(machine, map + 24 * n + field)),
    )
    expect(entries).toEqual([
      [20, 0, 0xa_0000, 1],
      [20, 0xf_0000, 0x1_0000, 2],
      [20, 0x10_0000, 31 << 20, 1],
    ])
  })

  test("finds its modules, on page borders behind everything else", () => {
    const machine = pc()
    const modules = [
      { text: "first.img a", bytes: Uint8Array.of(1, 2, 3) },
      { text: "second", bytes: new Uint8Array(5000).fill(7) },
    ]
    loadMultiboot(machine, multibootElf(), "", modules)
    const info = machine.cpu.reg[3]
    const table = word(machine, info + 24)
    const entry = (n: number) => [0, 4, 8, 12].map((field) => word(machine, table + 16 * n + field))
    expect([word(machine, info + 20), table & 3]).toEqual([2, 0])
    const [[start, end, name, zero], [start2, end2, name2]] = [entry(0), entry(1)]
    expect([start, end - start, start2, end2 - start2, zero]).toEqual([0x10_1000, 3, 0x10_2000, 5000, 0])
    expect([text(machine, name), text(machine, name2)]).toEqual(["first.img a", "second"])
    expect([...machine.memory.read(start, 4), ...machine.memory.read(end2 - 1, 2)]).toEqual([
      1, 2, 3, 0, 7, 0,
    ])
    expect(() => loadMultiboot(pc({ memory: 1 }), multibootElf(), "", modules)).toThrow(
      /needs 2 MiB of memory/,
    )
  })

  test("is never overwritten by what it is told", () => {
    const bytes = multibootFlat()
    const view = new DataView(bytes.buffer)
    // The same kernel for 90000h, up to A0000h: where the information would stand.
    ;[0x9_0004, 0x9_0000, 0, 0xa_0000, 0x9_0024].forEach((value, n) => {
      view.setUint32(16 + 4 * n, value, true)
    })
    const { cpu } = started(bytes)
    expect(cpu.reg[3]).toBeGreaterThanOrEqual(0xa_0000)
  })

  test("whose checksum is wrong is none", () => {
    const bytes = multibootFlat()
    bytes[12] ^= 1
    expect(isMultiboot(bytes)).toBe(false)
    expect(() => readMultiboot(bytes)).toThrow(/no Multiboot header/)
  })

  test("that demands what is not known here is refused", () => {
    expect(() => readMultiboot(multibootElf("hlt", 8))).toThrow(/flags 0008h/)
  })

  test("cut short anywhere, it is refused, and never read beyond its end", () => {
    for (const bytes of [multibootElf(), multibootFlat()])
      for (let length = 0; length < 36; length++)
        expect(() => readMultiboot(bytes.subarray(0, length))).toThrow(RangeError)
  })
})

/** Fills the gate of vector 30h with selector 0008h, and has no GDT of its own. */
const reliesOnGdt = (address: number) => `org ${address}
  mov eax, handler
  mov [0x5180], ax
  mov dword [0x5182], 0x8e000008
  shr eax, 16
  mov [0x5186], ax
  lidt [idtr]
  int 0x30
idtr: dw 0x187
  dd 0x5000
handler:
  mov ax, 0x10
  mov ds, ax
  cli
  hlt`

test.each([
  ["in low memory", 0x8000],
  ["behind an image that takes the place", 0x9_0fff],
])("a kernel without a GDT finds the boot loader's: %s", (_, address) => {
  const machine = pc({ memory: 1 })
  loadImage(machine, flatImage(assemble(reliesOnGdt(address)).bytes, address))
  expect([machine.run().why, machine.cpu.selector(3), machine.cpu.gdtr.limit]).toEqual(["halted", 0x10, 23])
})

test("an image that memory does not hold says how much would", () => {
  expect(() => loadImage(pc({ memory: 1 }), flatImage(new Uint8Array(2), 0x30_ffff))).toThrow(
    /needs 4 MiB of memory, but the machine has 1/,
  )
})

test("an image up to the last byte of 2 GiB leaves the loader no room, and is loaded without its GDT", () => {
  const machine = pc({ memory: 2048 })
  const pieces = [0x9_0fff, 0x7fff_ffff].map(
    (address) => flatImage(Uint8Array.of(0xf4, 0xf4), address).pieces[0],
  )
  pieces[1] = { ...pieces[1], bytes: Uint8Array.of(0xf4), size: 1 }
  loadImage(machine, { pieces, entry: 0x9_0fff })
  expect([machine.run().why, machine.cpu.gdtr.limit]).toEqual(["halted", pc({ memory: 1 }).cpu.gdtr.limit])
})

test.each([
  [0xffff_fffe, /^it reaches up to FFFFFFFFh, which needs 4096 MiB/],
  [0xffff_ffff, /^it reaches 1 byte beyond FFFFFFFFh, the last address there is$/],
])("an image of two bytes at %i is refused, with its end as it is", (address, says) => {
  expect(() => loadImage(pc({ memory: 1 }), flatImage(new Uint8Array(2), address))).toThrow(says)
})
