/**
 * What stands in the cache for instructions that must not, or cannot, run as they are. None of it changes a flag or a register that
 * the guest could see, so MOV, LEA, JECXZ and two cells for registers have to do.
 *
 * While a sequence runs the guest is between two instructions of its own. Whatever faults in it does so before anything has been done:
 * then the registers are fetched from their cells, and the guest is at its instruction again.
 */
import { assemble } from "../../isa/assemble"
import { CELL, OFF, SETS_IF } from "./cells"

/** The gate by which translated code calls the monitor. */
export const CALL_OUT = 0xef

const CELLS = `
EAX_CELL equ ${CELL.eax}
ECX_CELL equ ${CELL.ecx}
TARGET equ ${CELL.target}
CODE equ ${CELL.code}
INTERRUPTS equ ${CELL.interrupts}
KEYS equ ${CELL.keys}
CODES equ ${CELL.codes}
TO equ ${CELL.to}
VALUES equ ${CELL.values}
`

const made = (source: string): readonly number[] => [...assemble(CELLS + source, { bits: 32 }).bytes]

const SAVE_EAX = "mov [gs:EAX_CELL], eax\n"
const SAVE_BOTH = `${SAVE_EAX}mov [gs:ECX_CELL], ecx\n`
const BACK_BOTH = "mov ecx, [gs:ECX_CELL]\nmov eax, [gs:EAX_CELL]\n"

/** CLI: one store. */
export const CLI = made(`mov dword [gs:INTERRUPTS], ${OFF}`)

/** STI: one store, through the page that is absent while an interrupt waits. */
export const STI = made(`mov dword [gs:${SETS_IF} + INTERRUPTS], 0`)

/** PUSHF: the real flags, with the IF that the guest believes in. */
export const PUSHF = made(`
  pushfd
  ${SAVE_BOTH}
  mov ecx, [esp]
  mov eax, [gs:INTERRUPTS]
  lea ecx, [ecx + eax]
  mov [esp], ecx
  ${BACK_BOTH}`)

/** POPF: IF goes where STI or CLI would put it, the rest to the real flags, of which ring 1 may not set IF. */
export const POPF = made(`
  ${SAVE_BOTH}
  mov eax, [esp]
  movzx eax, ah
  mov ecx, [gs:VALUES + 4 * eax]
  mov eax, [gs:TO + 4 * eax]
  mov [gs:eax], ecx
  ${BACK_BOTH}
  popfd`)

/** RET, up to the look-up: where it goes is in EAX. @param bytes that it takes from the stack, with the return address */
export const ret = (bytes: number): readonly number[] =>
  made(`${SAVE_EAX}
  mov eax, [esp]
  lea esp, [esp + ${bytes}]`)

/** Before what loads a computed target into EAX. */
export const BEFORE_TARGET = made(SAVE_EAX)

/**
 * The look-up, which stands at the start of the cache: where EAX leads, if that is remembered; else the monitor is asked, with the target
 * in its cell.
 */
export const LOOK_UP = made(`
  mov [gs:ECX_CELL], ecx
  mov [gs:TARGET], eax
  movzx ecx, al
  mov ecx, [gs:KEYS + 4 * ecx]
  lea ecx, [ecx + eax]
  jecxz hit
  ${BACK_BOTH}
  int ${CALL_OUT}
hit:
  movzx ecx, al
  mov ecx, [gs:CODES + 4 * ecx]
  mov [gs:CODE], ecx
  ${BACK_BOTH}
  jmp [gs:CODE]`)

/** Where in the look-up the monitor is asked. */
export const ASKS_AT = LOOK_UP.findIndex((byte, n) => byte === 0xcd && LOOK_UP[n + 1] === CALL_OUT)
