/** What must hold of a machine under a hypervisor at any step, and of the hypervisor's own tables, whoever its guests are. */
import type { TrapAndEmulate } from "../../src/hypervisors/trap-and-emulate"
import { IF, IOPL, VM } from "../../src/isa/eflags"
import type { Machine } from "../../src/machine/machine"
import { CR0 } from "../../src/machine/processor/control"
import { dpl, readDescriptor } from "../../src/machine/processor/descriptors"
import { hex } from "../../src/numbers/int"

/** The last byte below the monitor: said anew, so that a monitor that has it wrong is found out. */
const TOP = 0xffbf_ffff
const PRESENT = 1
const RIGHTS = 7
const USER = 4
const NOT_SYSTEM = 1 << 4
const UNUSABLE = 1 << 16
const PAGE = 0xffff_f000
/** Where the monitor lives: the page table's number in each directory. */
const AREA = 1023
const SEGMENTS = [0, 1, 2, 3, 4, 5]
const GUESTS_SELECTORS = 1008
/** CS and GS, which are the monitor's own while code of its making runs in ring 1: no guest can write that code. */
const OF_TRANSLATED_CODE = [1, 5]
/** The page by which translated code sets IF: there, or not. */
const SETS_IF = 0x3f6

/** What is wrong with the processor between two steps: a guest in ring 0, or with a segment or flags that it must not have. */
export function processorProblems({ cpu }: Machine): string[] {
  const eip = (cpu.segments.base[1] + cpu.eip) >>> 0
  const movesIn = (cpu.readControl(0) & CR0.PG) === 0 // the monitor's first step
  if (cpu.cpl === 0) return eip > TOP || movesIn ? [] : [`code at ${hex(eip)} runs in ring 0`]
  const reaching = SEGMENTS.filter((n) => {
    const { base, limit, access } = cpu.segments.cache(n)
    if (cpu.cpl === 1 && eip > TOP && OF_TRANSLATED_CODE.includes(n)) return false
    return !(access & UNUSABLE) && ((base >>> 0) + limit > TOP || dpl(access) === 0)
  })
  const flags = cpu.flags.value & (IF | IOPL | VM)
  return [
    ...reaching.map((n) => `segment register ${n} reaches what is ring 0's`),
    ...(flags === IF ? [] : [`EFLAGS is ${hex(cpu.flags.value)} while a guest runs`]),
  ]
}

const dwords = ({ memory }: Machine, at: number, count: number) =>
  Array.from({ length: count }, (_, n) => memory.get(at + 4 * n, 32) >>> 0)

/** The monitor's tables that no guest may change, as text: a run beside a hostile guest must show what one beside an idle one shows. */
export function ownTables(machine: Machine, vmm: TrapAndEmulate): string[] {
  const { cpu } = machine
  const { area } = vmm.guests[0].rooms
  const physical = (linear: number) => machine.memory.get(area + 4 * ((linear >>> 12) & 0x3ff), 32) & PAGE
  const [idt, tss] = [physical(cpu.idtr.base), physical(cpu.segments.base[7])]
  const shown = (name: string, words: readonly number[], ignored: (n: number) => number) =>
    `${name}: ${words.map((word, n) => ((word & ~ignored(n)) >>> 0).toString(16)).join(" ")}`
  return [
    `registers: ${[cpu.gdtr, cpu.idtr].map(({ base, limit }) => `${hex(base)} ${limit}`)} ${cpu.segments.selector.slice(6)}`,
    shown("IDT", dwords(machine, idt, 512), (n) => (n % 2 ? 3 << 13 : 0)), // a gate's DPL is a guest's own gate's
    shown("TSS", dwords(machine, tss, 64), () => 0),
    ...vmm.guests.flatMap(({ rooms }) => [
      shown("own descriptors", dwords(machine, rooms.gdt[1] + 8 * (GUESTS_SELECTORS - 512), 32), (n) =>
        n % 2 ? 3 << 8 : 0,
      ),
      shown("area", dwords(machine, rooms.area, 1024), (n) => (n === SETS_IF ? 0xffff_ffff : 0x60)),
    ]),
  ]
}

/** What is wrong with the tables by which guests run: descriptors and page tables that lead out of their virtual machine. */
export const shadowProblems = (machine: Machine, vmm: TrapAndEmulate): string[] =>
  vmm.guests.flatMap((guest) => [
    ...descriptorProblems(machine, guest),
    ...pagingProblems(machine, guest),
    ...areaProblems(machine, guest),
  ])

/** Ring 3 is kept out of the monitor's pages by their own rights, too. */
const areaProblems = (machine: Machine, { vm, rooms }: Guest): string[] =>
  dwords(machine, rooms.area, 1024).flatMap((entry, n) =>
    entry & USER ? [`${vm.name}: page ${n} of the monitor's is open to ring 3`] : [],
  )

type Guest = TrapAndEmulate["guests"][number]

function descriptorProblems(machine: Machine, { vm, rooms }: Guest): string[] {
  const [first, second, local] = [rooms.gdt[0], rooms.gdt[1], rooms.ldt]
  const words = [
    ...dwords(machine, first, 1024),
    ...dwords(machine, second, 2 * (GUESTS_SELECTORS - 512)),
    ...dwords(machine, local, 1024),
  ]
  return words
    .flatMap((low, n) => (n % 2 ? [] : readDescriptor(low, words[n + 1])))
    .filter(({ high }) => high !== 0)
    .filter(
      ({ base, limit, access }) => !(access & NOT_SYSTEM) || dpl(access) === 0 || (base >>> 0) + limit > TOP,
    )
    .map(({ low, high }) => `${vm.name} has the descriptor ${hex(high)} ${hex(low)}`)
}

function pagingProblems(machine: Machine, { vm, rooms, paging }: Guest): string[] {
  const frames = new Set(vm.memory.frames)
  const { shadows } = paging.save()
  const isDirectory = (key: string) => key.startsWith("directory")
  const tables = new Set(shadows.filter(([key]) => !isDirectory(key)).map(([, page]) => page))
  return shadows.flatMap(([key, page]) => {
    const targets: { has(page: number): boolean } = isDirectory(key) ? tables : frames
    const isFine = (entry: number, n: number) =>
      isDirectory(key) && n === AREA
        ? (entry & ~0x60) >>> 0 === (rooms.area | 3) >>> 0
        : targets.has(entry >>> 12) && (entry & RIGHTS) !== 0
    return dwords(machine, page * 4096, 1024).flatMap((entry, n) =>
      entry & PRESENT && !isFine(entry, n) ? [`${vm.name}: entry ${n} of ${key} is ${hex(entry)}`] : [],
    )
  })
}

/** Pages of the machine that are neither the monitor's nor the virtual machine's of that name, and that differ between two runs. */
export function changedPages(one: Machine, other: Machine, vmm: TrapAndEmulate, name: string): number[] {
  const pages = Array.from({ length: one.memory.size >>> 12 }, (_, page) => page)
  return pages
    .filter((page) => !["monitor", name].includes(vmm.pages.ownerOf(page) ?? ""))
    .filter((page) => !isSame(one.memory.page(page), other.memory.page(page)))
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

/** Where a guest's memory is not what it is on bare metal, but for entries of page tables, which may be marked accessed earlier. */
export function differences(bare: Machine, { memory }: Guest["vm"], machine: Machine): string[] {
  return Array.from(memory.frames).flatMap((frame, page) => {
    const pages = [bare.memory.page(page), machine.memory.page(frame)] as const
    return isSame(...pages) ? [] : differencesIn(4096 * page, pages)
  })
}

/** @see SDM Vol. 3A §4.8 "Accessed and Dirty Flags" */
const ACCESSED = 0x20

function differencesIn(start: number, pages: readonly [bare: Uint8Array, hosted: Uint8Array]): string[] {
  const [bare, hosted] = pages.map((page) => new Uint32Array(page.slice().buffer))
  return [...bare].flatMap((word, n) => {
    const same = word === hosted[n] || (word & PRESENT && (word ^ hosted[n]) === ACCESSED)
    return same ? [] : [`${hex(start + 4 * n)} is ${hex(hosted[n])}, and ${hex(word)} on bare metal`]
  })
}
