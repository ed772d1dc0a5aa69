/* Where memory says no: page edges, read-only pages, segment limits and types, misalignment; and single steps. */

/** Instructions that read, write or do both, with [EBX] as the memory operand. */
// biome-ignore format: a list is read in lines
const ACCESSES = [
  "8A 03", "66 8B 03", "8B 03", "88 03", "66 89 03", "89 03", "01 03", "66 01 03", "03 03", "39 03", "85 03", "87 03", "FF 03",
  "FF 33", "8F 03", "C7 03 78 56 34 12", "0F B1 03", "0F C1 03", "0F C7 0B", "0F AB 0B", "0F A3 0B", "0F BC 03", "0F B7 03",
  "0F 94 03", "0F 44 03", "0F 45 03", "62 03", "C4 03", "F7 23", "F7 33", "D1 03", "0F A4 0B 04", "D2 03",
]
const ARGUMENTS = "eax=11223344 ecx=5 edx=1"

const pageEdges = [
  "20000ffc",
  "20000ffd",
  "20000ffe",
  "20000fff",
  "20001000",
  "1fffffff",
  "30000100",
].flatMap((address) => ACCESSES.map((bytes) => `${bytes} | ${ARGUMENTS} ebx=${address}`))

/** Through FS, so that the case itself needs no other segment. */
const SEGMENTS = [
  ["7", ["ffc", "ffd", "ffe", "fff", "1000", "ffffffff"]],
  ["f", ["100", "fff"]],
  ["17", ["7ff", "800", "7fe", "900"]],
  ["4f", ["7ff", "800", "ffe"]],
  ["27", ["20000100"]],
  ["0", ["100"]],
]
const throughFs = SEGMENTS.flatMap(([selector, offsets]) =>
  offsets.flatMap((offset) =>
    ACCESSES.map((bytes) => `64 ${bytes} | ${ARGUMENTS} ebx=${offset} fs=${selector}`),
  ),
)

/** Code segments can be read if their descriptor says so, and never written. */
const throughCs = ["23", "27", "2f"].flatMap((cs) =>
  ACCESSES.map((bytes) => `2E ${bytes} | ${ARGUMENTS} ebx=20000100 cs=${cs}`),
)

/** The same limits met through SS are stack faults. */
// biome-ignore format: a list is read in lines
const STACK = ["50", "58", "66 50", "60", "61", "66 60", "9C", "9D", "C8 08 00 01", "C9", "6A 01", "FF 34 24", "8F 04 24", "8B 04 24", "8B 45 00", "E8 00 00 00 00"]
const throughSs = ["0", "1", "2", "3", "4", "ffc", "ffe", "fff", "1000", "1002"].flatMap((offset) =>
  STACK.map((bytes) => `${bytes} | esp=${offset} ebp=${offset} ss=7`),
)
const stackPage = ["20000000", "20000001", "20000ffe", "20001000"].flatMap((esp) =>
  STACK.map((bytes) => `${bytes} | esp=${esp} ebp=${esp}`),
)

const aligned = ["20000100", "20000101", "20000102", "20000104"].flatMap((address) =>
  ACCESSES.map((bytes) => `${bytes} | ${ARGUMENTS} ebx=${address} ac`),
)
const alignedStack = ["20000801", "20000802", "20000804"].flatMap((esp) =>
  STACK.map((bytes) => `${bytes} | esp=${esp} ebp=${esp} ac`),
)
const alignedStrings = ["A5", "66 A5", "F3 A5", "A4", "AB", "AD", "A7", "AF"].flatMap((bytes) =>
  ["20000100", "20000101", "20000102"].map((address) => `${bytes} | ecx=2 esi=${address} edi=20000200 ac`),
)

/** With TF set, #DB follows the instruction; not after a load of SS; after each iteration of a REP. */
// biome-ignore format: a list is read in lines
const STEPS = [
  "90", "40", "01 C8", "FF 03", "50", "58", "9C", "9D", "EB 10", "75 10", "E8 00 00 00 00", "F3 A4", "F3 AA", "A4", "8E D0", "17", "8E D8",
  "0F B2 03", "CC", "CE", "F4", "0F 0B", "F7 F1", "C3", "CF", "C9", "66 9D", "FC", "CD 21", "8B 05 00 00 00 10",
]
const stepState =
  "eax=2b ecx=2 ebx=20000100 ebp=20000900 esi=20000300 edi=20000400 tf [20000100]=000800202b00 [20000800]=2b0000302300000002"
const steps = STEPS.map((bytes) => `${bytes} | ${stepState}`)

/** An address is computed once, from registers as they were: also when the instruction changes one of them. */
// biome-ignore format: a list is read in lines
const SELVES = [
  "01 3F", "03 3F", "87 3F", "89 3F", "8B 3F", "0F C1 3F", "0F C1 7F 01", "0F C0 1B", "0F B1 3F", "0F AF 3F", "8D 7F 01", "0F BC 3F", "0F 44 3F",
  "0F 45 3F", "0F B6 3F", "0F B7 7F 02", "69 3F 03 00 00 00", "8A 13", "86 13", "0F C0 13", "11 3C 3F", "13 7C 1F F0", "0F A4 3F 08", "0F AB 3F",
  "C4 3F", "0F B4 3F", "FF 37", "8F 07", "57", "5F", "FF 74 24 04", "8F 44 24 04", "87 24 24", "8B 24 24", "89 24 24", "0F C1 24 24", "03 24 24",
  "C9", "AD", "A5", "AB", "F3 A5", "F7 27", "F7 F7", "0F C7 0F", "66 0F C1 3F", "66 87 3F", "66 8B 3F", "D7", "94", "54", "5C",
]
const selfStates = [
  "eax=20000120 edx=1 ebx=20000140 ecx=2 esi=20000160 edi=20000100 ebp=20000808 [20000100]=0706050427002b001122334455667788 [20000120]=0102030405060708 [20000140]=11121314 [20000160]=21222324252627282930 [20000800]=3132333435363738393a3b3c3d3e3f40",
  "eax=20000100 edx=0 ebx=10 ecx=20000102 esi=20000102 edi=20000104 ebp=20000810 cf zf [20000100]=ff00000020070000f0f1f2f3f4f5f6f7 [20000800]=0001002004010020ffffffff [20000810]=0a0b0c0d",
]
const selves = SELVES.flatMap((bytes) => selfStates.map((state) => `${bytes} | ${state}`))

export const sameRegisters = {
  name: "same-register",
  says: "the register that is changed is also in the address",
  lines: selves,
}
export const pages = {
  name: "page",
  says: "accesses at the edges of a page and to a page that cannot be written",
  lines: [...pageEdges, ...stackPage],
}
export const limits = {
  name: "limit",
  says: "segment limits, types and null selectors, through FS, CS and SS",
  lines: [...throughFs, ...throughCs, ...throughSs],
}
export const alignment = {
  name: "alignment",
  says: "accesses with EFLAGS.AC set",
  lines: [...aligned, ...alignedStack, ...alignedStrings],
}
export const stepping = { name: "single-step", says: "one instruction with TF set", lines: steps }
