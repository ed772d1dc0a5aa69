/**
 * Where QEMU's software emulation is known to be otherwise than the manual, in every case that meets it: the manual decides.
 * Cases in which the whole outcome is another one are in tests/vectors/qemu/manual.txt, with what the manual asks for.
 */

/** One item of a report that two machines tell differently; undefined if one does not tell it. */
export interface Difference {
  /** Name of a register, or the address of a doubleword: five hexadecimal digits. */
  readonly item: string
  readonly ours: number | undefined
  readonly qemu: number | undefined
  /** Name of the case. */
  readonly name: string
  /** Vector that was reached; -1 if none was. */
  readonly vector: number
  /** ESP that our report tells: there lies an error code. */
  readonly esp: number
}

interface Rule {
  readonly says: string
  readonly see: string
  readonly allows: (difference: Difference) => boolean
}

const RF = 0x10000
const EXT = 1
const WRITE = 2
const ACCESSED_DIRTY = 0x60
const DESCRIPTOR_ACCESSED = 0x1100
/** EFLAGS and EIP in the states of tasks A and B. */
const SAVED_FLAGS = ["05624", "05824"]
const SAVED_EIP = "05820"
const PAGE_FAULT = 14

const differsBy = (bit: number, { ours = 0, qemu }: Difference) =>
  qemu !== undefined && (ours ^ qemu) === bit && (ours & bit) !== 0
const isErrorCode = ({ item, esp }: Difference) => Number.parseInt(item, 16) === esp
const inTable = ({ item }: Difference, first: number, last: number) =>
  /^0[0-9a-f]{4}$/.test(item) && Number.parseInt(item, 16) >= first && Number.parseInt(item, 16) < last

/** What may differ, and why. */
export const RULES: readonly Rule[] = [
  {
    says: "QEMU saves EFLAGS of a faulting instruction without RF",
    see: 'SDM Vol. 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition"',
    allows: (difference) =>
      differsBy(RF, difference) ||
      (SAVED_FLAGS.includes(difference.item) &&
        difference.qemu === undefined &&
        ((difference.ours ?? 0) & RF) !== 0),
  },
  {
    says: "QEMU leaves EXT 0 in the error code of a fault that another fault's delivery meets",
    see: 'SDM Vol. 3A §6.13 "Error Code"',
    allows: (difference) => isErrorCode(difference) && differsBy(EXT, difference),
  },
  {
    says: "a walk that ends in a page fault may set A and D in the entries that it used, or not",
    see: 'SDM Vol. 3A §4.8 "Accessed and Dirty Flags"',
    allows: (difference) => {
      const { ours, qemu, vector } = difference
      const both = ((ours ?? qemu ?? 0) ^ (qemu ?? ours ?? 0)) & ~ACCESSED_DIRTY
      return vector === PAGE_FAULT && inTable(difference, 0x9000, 0xc000) && both === 0
    },
  },
  {
    says: "QEMU reads first what an instruction reads and writes, so its page fault is a read's",
    see: 'SDM Vol. 3A §4.7 "Page-Fault Exceptions"',
    allows: (difference) =>
      difference.vector === PAGE_FAULT &&
      /^(change|add|xchg|bts|cmpxchg|shld)\b/.test(difference.name) &&
      isErrorCode(difference) &&
      differsBy(WRITE, difference),
  },
  {
    says: "QEMU does not mark descriptors accessed that a far transfer or an inner stack loads",
    see: 'SDM Vol. 3A §3.4.5.1 "Code- and Data-Segment Descriptor Types"',
    allows: (difference) => {
      const { ours = 0, qemu } = difference
      const marked = (ours & DESCRIPTOR_ACCESSED) === DESCRIPTOR_ACCESSED
      return qemu === undefined && marked && inTable(difference, 0x5000, 0x5300)
    },
  },
  {
    says: "QEMU saves a wrong EIP when a task faults that was just switched to",
    see: 'SDM Vol. 3A §6.15 "Interrupt 10—Invalid TSS Exception (#TS)"',
    allows: ({ item, ours, qemu }) => item === SAVED_EIP && ours === undefined && qemu === 0x8000,
  },
]
