/** Small kernels as files: an ELF executable and a flat Multiboot one, made by our assembler. */
import { assemble } from "../../src/isa/assemble"

const MAGIC = 0x1bad_b002
export const BASE = 0x10_0000
/** Where the linker says that the ELF kernel runs, and where its bytes go. */
const LINEAR = 0xc010_0000

const header = (flags: number) => `dd ${MAGIC}, ${flags}, ${-(MAGIC + flags) >>> 0}`

/** Changes to the ELF kernel: words put at offsets of the file. */
export type Patches = Readonly<Record<number, number>>

/**
 * An ELF kernel of one segment, linked for C0100000h and loaded at 1 MiB, with 64 bytes of zeros behind it.
 * @param body its instructions; `header` is what stands before them
 */
export function elfKernel(body = "hlt", { before = "", patches = {} as Patches } = {}): Uint8Array {
  const { bytes } = assemble(`org ${LINEAR - 0x54}
    db 0x7f, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
    dw 2, 3
    dd 1, code, 52, 0, 0
    dw 52, 32, 1, 0, 0, 0
    dd 1, 0x54, ${LINEAR}, ${BASE}, last - ${LINEAR}, last - ${LINEAR} + 64, 7, 4096
    ${before}
    code:
    ${body}
    last:`)
  const view = new DataView(bytes.buffer)
  for (const [offset, value] of Object.entries(patches)) view.setUint16(Number(offset), value, true)
  return bytes
}

/** The same with a Multiboot header. */
export const multibootElf = (body?: string, flags = 3) => elfKernel(body, { before: header(flags) })

/** A flat Multiboot kernel: its header says where it goes. */
export const multibootFlat = (body = "hlt"): Uint8Array =>
  assemble(`org ${BASE}
    dd 0
    header: ${header(1 << 16)}
    dd header, ${BASE}, 0, last + 4096, code
    code:
    ${body}
    last:`).bytes
