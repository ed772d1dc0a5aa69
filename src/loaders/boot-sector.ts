/**
 * A boot sector, started as a PC's firmware starts one. This machine has no firmware: the vectors of the interrupt table
 * lead to stubs that halt, one a vector, so that a call of a service that is missing can be told by its number. The one
 * service there is writes a character.
 * @see Compaq, Phoenix and Intel: BIOS Boot Specification 1.01, section "Booting"
 */
import { assemble } from "../isa/assemble"
import { isBootSector, SECTOR } from "../isa/boot-signature"
import { CS, EAX, EDX, ESP } from "../isa/registers"
import type { Machine } from "../machine/machine"

/** Where the sector goes, and where the stack ends that grows down from it. */
const ORIGIN = 0x7c00
/** The number of the first hard disk, in DL. */
const FIRST_DISK = 0x80

const SEGMENT = 0xf000
const STUBS = 0xe000
/** CLI and HLT. */
const STUB_SIZE = 2
const VECTORS = 256
const VIDEO = 0x10

/** INT 10h with AH = 0Eh, "teletype": the character in AL goes to the first serial port. */
const SERVICES = `bits 16
org ${STUBS}
unserved:
  times ${VECTORS} db 0xfa, 0xf4
video:
  cmp ah, 0x0e
  jne unserved + ${STUB_SIZE * VIDEO}
  push dx
  mov dx, 0x3f8
  out dx, al
  pop dx
  iret`

/**
 * Put a boot sector at 0000:7C00 and make it the next to run, in real-address mode with all data segments 0, SP 7C00h and
 * DL 80h. Of a longer file the first 512 bytes are loaded, as a BIOS does.
 * @throws RangeError if it is no boot sector
 */
export function loadBootSector(machine: Machine, bytes: Uint8Array): void {
  if (!isBootSector(bytes))
    throw new RangeError("it is no boot sector: bytes 510 and 511 are not 55h and AAh")
  machine.reset()
  putServices(machine)
  machine.memory.write(ORIGIN, bytes.subarray(0, SECTOR))
  const { cpu } = machine
  cpu.segments.set(CS, 0, { base: 0, limit: 0xffff, access: cpu.segments.access[CS] })
  cpu.eip = ORIGIN
  cpu.reg[ESP] = ORIGIN
  cpu.reg[EDX] = FIRST_DISK
}

function putServices({ memory }: Machine): void {
  const { bytes, labels } = assemble(SERVICES)
  memory.write((SEGMENT << 4) + STUBS, bytes)
  for (let vector = 0; vector < VECTORS; vector++) {
    const offset = vector === VIDEO ? labels.video : STUBS + STUB_SIZE * vector
    memory.set(4 * vector, 32, (SEGMENT << 16) | offset)
  }
}

/** An interrupt that a program expected the BIOS to handle. */
export interface MissingService {
  /** 0 to 255. */
  readonly vector: number
  /** Which of the vector's services, by custom. */
  readonly ah: number
}

/** The service whose absence halted a machine that was started from a boot sector, if that is why it halted. */
export function missingService({ cpu }: Machine): MissingService | undefined {
  const { selector, base } = cpu.segments
  if (cpu.activity !== "halted" || cpu.protectedMode) return undefined
  if (selector[CS] !== SEGMENT || base[CS] !== SEGMENT << 4) return undefined
  const vector = (cpu.eip - STUBS) / STUB_SIZE - 1
  if (!Number.isInteger(vector) || vector < 0 || vector >= VECTORS) return undefined
  return { vector, ah: (cpu.reg[EAX] >> 8) & 0xff }
}
