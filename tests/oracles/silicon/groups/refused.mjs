/* What ring 3 may not do, and what no ring may: each line a case, written out. */

// biome-ignore format: a list is read in lines
const PRIVILEGED = [
  "F4", "FA", "FB", // HLT CLI STI
  "EC", "ED", "66 ED", "EE", "EF", "E4 60", "E5 60", "E6 80", "E7 80", // IN OUT
  "6C", "6D", "6E", "6F", "F3 6C", "F3 6E", // INS OUTS
  "0F 06", "0F 08", "0F 09", // CLTS INVD WBINVD
  "0F 20 C0", "0F 20 D0", "0F 20 D8", "0F 20 E0", "0F 22 C0", "0F 22 D0", "0F 22 D8", "0F 22 E0", // MOV CRn
  "0F 21 C0", "0F 21 F8", "0F 23 C0", "0F 23 F8", // MOV DRn
  "0F 01 13", "0F 01 1B", "0F 01 33", "0F 01 F0", "0F 01 3B", // LGDT LIDT LMSW INVLPG
  "0F 00 13", "0F 00 D0", "0F 00 1B", "0F 00 D8", // LLDT LTR
  "0F 30", "0F 32", // WRMSR RDMSR
]

// biome-ignore format: a list is read in lines
const UNDEFINED = [
  "0F 0B", "66 0F 0B", "0F B9 C0", "0F FF C0", // UD2 UD1 UD0
  "8D C0", "0F B2 C0", "0F B4 C0", "0F B5 C0", // a register where memory must be (LES and LDS: a VEX prefix today)
  "0F C7 C8", "FF D8", "FF E8", // CMPXCHG8B, far CALL and JMP with a register
  "8E C8", "8E F0", "8E F8", "8C F0", "8C F8", // MOV CS, and segment registers that do not exist
  "FE D0", "FE F8", "FF F8", "8F C8", "C6 C8 00", "C7 C8 00 00 00 00", // group members that do not exist
  "0F BA C0 00", "0F BA D8 00", "0F 00 F0", "0F 00 F8",
  "0F 20 C8", "0F 22 C8", "0F 20 E8", "0F 20 F8", // control registers that do not exist
  "0F 24 C0", "0F 26 C0", // test registers of the 386
]

/** LOCK is legal only on certain instructions, and on these only with a memory destination. */
// biome-ignore format: a list is read in lines
const LOCKED = [
  "F0 90", "F0 01 C8", "F0 89 03", "F0 8B 03", "F0 39 03", "F0 85 03", "F0 03 03", "F0 40", "F0 FF C0", "F0 F7 D8",
  "F0 0F A3 03", "F0 0F BA 23 01", "F0 D1 23", "F0 0F AF 03", "F0 A5", "F0 F3 A5", "F0 8D 03", "F0 FF 33", "F0 50",
  "F0 87 C8", "F0 0F C1 C8", "F0 0F B1 C8", "F0 0F C8", "F0 F4", "F0 0F C7 C8", "F0 C3", "F0 FF 23", "F0 80 3B 00",
]

/** Fifteen bytes are an instruction; sixteen are too many. */
const prefixed = (prefix, count, rest) => `${`${prefix} `.repeat(count)}${rest}`
const LENGTHS = [
  prefixed("66", 14, "90"),
  prefixed("66", 15, "90"),
  prefixed("3E", 13, "8B 03"),
  prefixed("3E", 14, "8B 03"),
  "F0 F0 F0 01 03",
  "F2 F3 2E 3E 66 67 90",
]

const at = (state) => (bytes) => `${bytes.trim()} | ${state}`
const pointer = at("ebx=20000100")

export const refused = {
  name: "refused",
  says: "privileged instructions in ring 3, undefined opcodes, LOCK where it is not legal, over-long instructions",
  lines: [...PRIVILEGED, ...UNDEFINED, ...LOCKED, ...LENGTHS].map(pointer),
}
