/**
 * What every protected-mode guest needs before it can show anything: a GDT with a code and a data segment for each ring,
 * a TSS with a stack for each inner ring, an IDT with the gates it wants. As assembly text, to be put into a template:
 *
 * asm`${kit({ gates: [{ vector: 0x80, handler: "system_call", dpl: 3 }] })}
 * main: …`
 */
import { REGISTERS } from "../isa/assembler/names"
import { hex } from "../numbers/int"

/** A gate of the IDT. */
export interface KitGate {
  /** 0-255. */
  readonly vector: number
  /** Label of the handler. */
  readonly handler: string
  /** Who may use it by INT n: rings 0 to this one; 0 if not said. */
  readonly dpl?: number
  /** A trap gate leaves IF alone, an interrupt gate clears it; interrupt if not said. */
  readonly kind?: "interrupt" | "trap"
  /** The handler's ring, 0 if not said. */
  readonly ring?: number
}

/** What a guest wants of its surroundings. */
export interface KitOptions {
  /** The gates of the IDT, in any order. Vectors that are not named have no gate, and using one is #GP. */
  readonly gates?: readonly KitGate[]
  /** Where the guest is loaded; 100000h if not said. */
  readonly origin?: number
  /** Ports from 0 to 3FFh that every ring may use, whatever IOPL says: 0 bits in the TSS's I/O permission bitmap. */
  readonly ports?: readonly number[]
  /** More descriptors, a line of `dw` and `db` each; the first has selector 0050h. */
  readonly descriptors?: readonly string[]
}

const ORIGIN = 0x10_0000
const PRESENT = 0x80
const RINGS = [0, 1, 2, 3]
/** Bytes of each ring's stack. */
const STACK = 0x400

/** Selector of a ring's code or data segment, with RPL: 0008h 0010h, 0019h 0021h, 002Ah 0032h, 003Bh 0043h. */
export const codeSelector = (ring: number) => (0x08 + ring * 0x10) | ring
/** Selector of a ring's data segment, with RPL. */
export const dataSelector = (ring: number) => (0x10 + ring * 0x10) | ring
const TSS_SELECTOR = 0x48
/** The first of the caller's own descriptors. */
const OWN_SELECTOR = 0x50

const x = (value: number) => `0x${value.toString(16)}`

/** Names of the selectors and stacks, as constants of the source. */
function names(): string {
  return RINGS.map(
    (ring) => `CODE${ring} equ ${x(codeSelector(ring))}\nDATA${ring} equ ${x(dataSelector(ring))}`,
  ).join("\n")
}

/** A flat descriptor: base 0, limit 4 GiB. */
function flat(ring: number, type: "code" | "data"): string {
  const access = PRESENT | (ring << 5) | (type === "code" ? 0x1a : 0x12)
  return `  dw 0xffff, 0\n  db 0, ${x(access)}, 0xcf, 0        ; ring ${ring} ${type}`
}

/**
 * Lines of a descriptor of the caller's, with words for mistakes in them: it has never seen the lines around. What follows
 * puts no byte anywhere, and cannot be assembled if the descriptor is shorter or longer than 8 bytes.
 */
function descriptor(lines: string, n: number): string {
  const selector = OWN_SELECTOR + 8 * n
  const name = `descriptor ${n} (selector ${hex(selector, 4)})`
  const own = lines.split("\n").map((line) => `${line}        ; kit(): ${name}, ${line.trim()}`)
  const misses = `$ - gdt - ${x(selector + 8)}`
  const check = `; kit(): ${name} must make 8 bytes`
  return [...own, `  times ${misses} db 0        ${check}`, `  times -(${misses}) db 0        ${check}`].join(
    "\n",
  )
}

function gdt(descriptors: readonly string[], tssLimit: number): string {
  const rows = RINGS.flatMap((ring) => [flat(ring, "code"), flat(ring, "data")])
  const tss = `  dw ${tssLimit}, (ORIGIN + tss - $$) & 0xffff\n  db ((ORIGIN + tss - $$) >> 16) & 0xff, 0x89, 0, (ORIGIN + tss - $$) >> 24        ; TSS`
  return ["align 8", "gdt: dq 0", ...rows, tss, ...descriptors.map(descriptor), "gdt_end:"].join("\n")
}

/** Bytes of a TSS before its I/O permission bitmap. */
const TSS_SIZE = 104
/** Bits of the bitmap, if there is one; the last byte of ones is the manual's wish. */
const PORTS = 0x400

/** An I/O permission bitmap: a bit for each port, 1 is closed. The byte of ones at the end lets two bytes be read at once. */
export function ioMap(ports: readonly number[]): Uint8Array {
  const map = new Uint8Array(PORTS / 8 + 1).fill(0xff)
  for (const port of ports) map[port >> 3] &= ~(1 << (port & 7))
  return map
}

/** Stacks of rings 0-2, and which ports are open; the rest of the TSS is not used. */
function tss(ports: readonly number[]): string {
  const stacks = [0, 1, 2].map((ring) => `  dd stack${ring}, DATA${ring}`)
  const map =
    ports.length > 0 ? `io_map: db ${ioMap(ports).join(", ")}` : "        ; no I/O permission bitmap"
  return ["align 4", "tss: dd 0", ...stacks, "  times 74 db 0", `  dw ${TSS_SIZE}`, map].join("\n")
}

/** The last byte of the TSS. */
const tssLimit = (ports: readonly number[]) => TSS_SIZE - 1 + (ports.length > 0 ? PORTS / 8 + 1 : 0)

/** "gate 13 (0Dh)": the manual counts faults in decimal, and programs write INT 80h. */
const gateName = (vector: number) => `gate ${vector}${vector > 9 ? ` (${hex(vector, 2)})` : ""}`

/** Mistakes in these lines, such as a handler that does not exist, are told in the words of their comments. */
function gate({ vector, handler, dpl = 0, kind = "interrupt", ring = 0 }: KitGate): string {
  const access = PRESENT | (dpl << 5) | (kind === "interrupt" ? 0x0e : 0x0f)
  const note = `; kit(): ${gateName(vector)} to ${handler}`
  return `  dw (ORIGIN + ${handler} - $$) & 0xffff, CODE${ring}        ${note}\n  db 0, ${x(access)}\n  dw (ORIGIN + ${handler} - $$) >> 16        ${note}`
}

function idt(gates: readonly KitGate[]): string {
  const byVector = new Map(gates.map((each) => [each.vector, each]))
  const count = Math.max(-1, ...byVector.keys()) + 1
  const rows = Array.from({ length: count }, (_, vector) => {
    const wanted = byVector.get(vector)
    return wanted ? gate(wanted) : "  dq 0"
  })
  return ["align 8", "idt:", ...rows, "idt_end:"].join("\n")
}

function checkOrigin(origin: number): void {
  if (origin >>> 0 !== origin)
    throw new RangeError(`origin ${origin}: kit's origin is an address, a whole number from 0 to FFFFFFFFh`)
}

/** A label in the way that the assembler writes names; a local one would belong to a label of kit's. */
const LABEL = /^[A-Za-z_?][\w.$@?#~]*$/

function checkGate(gate: KitGate, n: number, all: readonly KitGate[]): void {
  const { vector, handler, dpl = 0, ring = 0 } = gate
  if (!(isWithin(vector, 255) && isWithin(dpl, 3) && isWithin(ring, 3)))
    throw new RangeError(
      `gate ${vector} with DPL ${dpl} and ring ${ring}: vectors are 0 to 255, rings 0 to 3`,
    )
  if (!LABEL.test(handler) || REGISTERS.has(handler.toLowerCase()))
    throw new RangeError(
      `${gateName(vector)} has the handler "${handler}", which is no label: name one of your program's`,
    )
  const other = all.find((before, at) => at < n && before.vector === vector)
  if (other)
    throw new RangeError(
      `${gateName(vector)} leads to ${other.handler} and to ${handler}: a vector has one gate`,
    )
}

function checkPort(port: number): void {
  if (!isWithin(port, PORTS - 1))
    throw new RangeError(
      `port ${port}: kit's I/O permission bitmap holds ports 0 to ${PORTS - 1} (3FFh); for others write a TSS of your own`,
    )
}

/** A whole number from 0 to `last`. */
const isWithin = (value: number, last: number) => Number.isInteger(value) && value >= 0 && value <= last

/**
 * The beginning of a guest: it loads GDT, IDT and TR, sets the segment registers, and jumps to the label `main` in ring 0
 * with interrupts off. Names it defines: CODE0-CODE3 and DATA0-DATA3 (selectors), stack0-stack3 (tops of stacks), and for
 * itself ORIGIN, start, gdt, gdt_end, gdt_register, idt, idt_end, idt_register, tss and, with ports, io_map.
 * @throws RangeError if a vector, a ring, a port or the origin is out of range, a vector has two gates, or a handler is no label's name
 */
export function kit({ gates = [], origin = ORIGIN, ports = [], descriptors = [] }: KitOptions = {}): string {
  checkOrigin(origin)
  gates.forEach(checkGate)
  ports.forEach(checkPort)
  return `org ${x(origin)}
ORIGIN equ ${x(origin)}
${names()}
start:
  lgdt [gdt_register]
  lidt [idt_register]
  jmp CODE0:.reload       ; CS comes from the new GDT
.reload:
  mov eax, DATA0
  mov ds, eax
  mov es, eax
  mov fs, eax
  mov gs, eax
  mov ss, eax
  mov esp, stack0
  mov eax, ${x(TSS_SELECTOR)}
  ltr ax                  ; the stacks of inner rings
  jmp main                ; kit(): your own lines begin at the label main
${gdt(descriptors, tssLimit(ports))}
gdt_register: dw gdt_end - gdt - 1
  dd gdt
${idt(gates)}
idt_register: dw idt_end - idt - 1
  dd idt
${tss(ports)}
align 16
${RINGS.map((ring) => `  times ${STACK / 16} dd 0, 0, 0, 0\nstack${ring}:`).join("\n")}
  times 4 dd 0            ; so that stack3 and what follows are two places
`
}

/**
 * Go to a label in an outer ring, by an IRET whose frame is built by hand.
 * @param ring 0 to 3
 * @param flags EFLAGS there; 2 if not said: interrupts off, IOPL 0. 202h has interrupts on, 3002h has IOPL 3.
 * @throws RangeError if there is no such ring, or the flags are no 32-bit number
 */
export function enterRing(ring: number, label: string, flags = 2): string {
  if (!RINGS.includes(ring)) throw new RangeError(`there is no ring ${ring}: rings are 0 to 3`)
  if (flags >>> 0 !== flags)
    throw new RangeError(`flags ${flags}: EFLAGS is a whole number from 0 to FFFFFFFFh`)
  return `  mov eax, DATA${ring}
  mov ds, eax
  mov es, eax
  push DATA${ring}
  push stack${ring}
  push ${x(flags)}
  push CODE${ring}
  push ${label}           ; enterRing(): ring ${ring} at ${label}
  iretd`
}
