/*
 * Lines of assembly from templates: in "add {r32}, {m32}" each name in braces stands for a list of operands, and the
 * n-th line takes the n-th of each list, each list with a stride of its own. So a few lines meet every operand.
 */
const REGISTERS8 = ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"]
const REGISTERS16 = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"]
const REGISTERS32 = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]

/** Memory operands that between them use every shape of ModR/M and SIB. */
// biome-ignore format: a list is read in lines
const MEMORY = [
  "[ebx]", "[ebp]", "[esp]", "[esi+8]", "[edi-128]", "[ebp+ecx*4-0x1234]", "[eax+128]", "[0x12345678]", "[edx*8+0x40]",
  "[ebx+esi]", "[esp+4]", "[ecx*2]", "[fs:0x10]", "[es:edi]", "[ebp+0]", "[eax*3]", "[esi*1+ebx]", "[cs:ebx+edx*2+1]",
]
// biome-ignore format: a list is read in lines
const MEMORY16 = ["[bx+si]", "[bx+di+1]", "[bp+si-1]", "[bp+di+0x1234]", "[si]", "[di+127]", "[bp]", "[bx]", "[0x1234]", "[es:di]", "[bp+0]", "[si+bx]", "[eax]", "[ebx+ecx*4+5]"]

const IMMEDIATE8 = ["0", "1", "-1", "127", "0x80", "255", "-128", "'a'", "10b", "7Fh"]
const IMMEDIATE16 = [
  "0",
  "1",
  "-1",
  "127",
  "128",
  "-128",
  "-129",
  "0x1234",
  "0xffff",
  "0xff80",
  "0x8000",
  "255",
]
// biome-ignore format: a list is read in lines
const IMMEDIATE32 = ["0", "1", "-1", "127", "128", "-128", "-129", "0x12345678", "0xffffffff", "0xffffff80", "0xffffff7f", "0x80000000", "65535", "'abcd'"]

// biome-ignore format: a list is read in lines
const LISTS = {
  r8: REGISTERS8, r16: REGISTERS16, r32: REGISTERS32,
  i8: IMMEDIATE8, i16: IMMEDIATE16, i32: IMMEDIATE32,
  s8: ["0", "1", "-1", "127", "-128"],
  count: ["0", "1", "2", "7", "8", "31", "255"],
  uimm8: ["0", "1", "0x20", "0x80", "255"],
  short: ["$", "$+2", "$+16", "$-1", "$+129", "$-126"],
  close: ["$", "$+2", "$+16", "$-1", "$+100", "$-100"],
  near: ["$+130", "$+1000", "$-127", "$-100000"],
  sreg: ["es", "cs", "ss", "ds", "fs", "gs"],
  loadable: ["es", "ss", "ds", "fs", "gs"],
  m: MEMORY, m16: MEMORY16,
}

const CONDITIONS =
  "o no b c nae ae nb nc e z ne nz be na a nbe s ns p pe np po l nge ge nl le ng g nle".split(" ")
const ALU = ["add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"]
const SHIFTS = ["rol", "ror", "rcl", "rcr", "shl", "sal", "shr", "sar"]

/** Two operands of one size, in both directions, and with immediates. */
// biome-ignore format: a list is read in lines
const binary = (name) => [
  `${name} {r8}, {r8}`, `${name} {r16}, {r16}`, `${name} {r32}, {r32}`,
  `${name} {m}, {r8}`, `${name} {m}, {r16}`, `${name} {m}, {r32}`,
  `${name} {r8}, {m}`, `${name} {r16}, {m}`, `${name} {r32}, {m}`,
]
// biome-ignore format: a list is read in lines
const withImmediate = (name) => [
  `${name} al, {i8}`, `${name} ax, {i16}`, `${name} eax, {i32}`,
  `${name} {r8}, {i8}`, `${name} {r16}, {i16}`, `${name} {r32}, {i32}`,
  `${name} byte {m}, {i8}`, `${name} word {m}, {i16}`, `${name} dword {m}, {i32}`,
]
const unary = (name) => [
  `${name} {r8}`,
  `${name} {r16}`,
  `${name} {r32}`,
  `${name} byte {m}`,
  `${name} word {m}`,
  `${name} dword {m}`,
]
const shift = (name) => unary(name).flatMap((line) => [`${line}, 1`, `${line}, cl`, `${line}, {count}`])
const wide = (name) => [
  `${name} {r16}, {r16}`,
  `${name} {r32}, {r32}`,
  `${name} {r16}, {m}`,
  `${name} {r32}, {m}`,
]
// biome-ignore format: a list is read in lines
const bit = (name) => [
  `${name} {r16}, {r16}`, `${name} {r32}, {r32}`, `${name} {m}, {r16}`, `${name} {m}, {r32}`,
  `${name} {r16}, {uimm8}`, `${name} {r32}, {uimm8}`, `${name} word {m}, {uimm8}`, `${name} dword {m}, {uimm8}`,
]
const exchange = (name) => [
  `${name} {r8}, {r8}`,
  `${name} {r16}, {r16}`,
  `${name} {r32}, {r32}`,
  `${name} {m}, {r8}`,
  `${name} {m}, {r16}`,
  `${name} {m}, {r32}`,
]

// biome-ignore format: a list is read in lines
const arithmetic = [
  ...ALU.flatMap((name) => [...binary(name), ...withImmediate(name), `${name} ax, 0x1234`, `${name} eax, 0x12345678`]),
  ...ALU.slice(0, 7).flatMap((name) => [`lock ${name} {m}, {r32}`, `lock ${name} byte {m}, {i8}`, `lock ${name} dword {m}, {i32}`]),
  ...["inc", "dec", "neg", "not"].flatMap((name) => [...unary(name), `lock ${name} dword {m}`]),
  ...["mul", "imul", "div", "idiv"].flatMap(unary),
  ...wide("imul"),
  "imul {r16}, {i16}", "imul {r32}, {i32}", "imul {r16}, {r16}, {i16}", "imul {r32}, {r32}, {i32}", "imul {r16}, {m}, {i16}", "imul {r32}, {m}, {i32}", "imul {r16}, {m}, {s8}", "imul {r32}, {m}, {s8}",
  ...exchange("test"), "test {r8}, {m}", "test {r32}, {m}", ...withImmediate("test"),
]

// biome-ignore format: a list is read in lines
const bits = [
  ...SHIFTS.flatMap(shift),
  ...["shld", "shrd"].flatMap((name) => ["{r16}, {r16}", "{r32}, {r32}", "{m}, {r16}", "{m}, {r32}"].flatMap((two) => [`${name} ${two}, {uimm8}`, `${name} ${two}, cl`])),
  ...["bt", "bts", "btr", "btc"].flatMap(bit),
  "lock bts {m}, {r32}", "lock btr dword {m}, {uimm8}", "lock btc {m}, {r16}",
  ...["bsf", "bsr"].flatMap(wide),
  ...CONDITIONS.flatMap((condition) => [`set${condition} {r8}`, `set${condition} {m}`, `set${condition} byte {m}`]),
]

// biome-ignore format: a list is read in lines
const moves = [
  ...binary("mov"), ...withImmediate("mov"),
  "mov al, [0x12345678]", "mov ax, [0x1234]", "mov eax, [0x12345678]", "mov [0x12345678], al", "mov [0x1234], ax", "mov [0x12345678], eax",
  "mov eax, [fs:0x10]", "mov [gs:0], al", "mov ecx, [0x12345678]", "mov byte [0x400], 5",
  "mov {r16}, {sreg}", "mov {r32}, {sreg}", "mov {m}, {sreg}", "mov word {m}, {sreg}",
  "mov {loadable}, {r16}", "mov {loadable}, {r32}", "mov {loadable}, {m}", "mov {loadable}, word {m}",
  ...["cr0", "cr2", "cr3", "cr4"].flatMap((name) => [`mov ${name}, {r32}`, `mov {r32}, ${name}`]),
  ...["dr0", "dr1", "dr2", "dr3", "dr6", "dr7"].flatMap((name) => [`mov ${name}, {r32}`, `mov {r32}, ${name}`]),
  ...["movzx", "movsx"].flatMap((name) => [`${name} {r16}, {r8}`, `${name} {r32}, {r8}`, `${name} {r32}, {r16}`, `${name} {r16}, byte {m}`, `${name} {r32}, byte {m}`, `${name} {r32}, word {m}`]),
  ...exchange("xchg"), "xchg eax, {r32}", "xchg {r32}, eax", "xchg ax, {r16}", "xchg {r32}, {m}", "lock xchg {m}, {r32}",
  ...["xadd", "cmpxchg"].flatMap((name) => [...exchange(name), `lock ${name} {m}, {r32}`]),
  "cmpxchg8b {m}", "lock cmpxchg8b {m}", "cmpxchg8b qword {m}",
  "lea {r16}, {m}", "lea {r32}, {m}", "bswap {r32}",
  ...["les", "lds", "lss", "lfs", "lgs"].flatMap((name) => [`${name} {r16}, {m}`, `${name} {r32}, {m}`]),
  ...CONDITIONS.flatMap((condition) => [`cmov${condition} {r16}, {r16}`, `cmov${condition} {r32}, {r32}`, `cmov${condition} {r16}, {m}`, `cmov${condition} {r32}, {m}`]),
]

// biome-ignore format: a list is read in lines
const stack = [
  "push {r16}", "push {r32}", "push word {m}", "push dword {m}", "push {sreg}", "push cs", "push ss", "pop gs", "push {i32}", "push byte {s8}", "push word {i16}", "push dword {i32}",
  "pop {r16}", "pop {r32}", "pop word {m}", "pop dword {m}", "pop {loadable}",
  "pusha", "pushad", "pushaw", "popa", "popad", "popaw", "pushf", "pushfd", "pushfw", "popf", "popfd", "popfw",
  "enter {uimm8}, 0", "enter 0x1234, 31", "leave",
]

// biome-ignore format: a list is read in lines
const flow = [
  ...CONDITIONS.flatMap((condition) => [`j${condition} {short}`, `j${condition} {near}`, `j${condition} near $`, `j${condition} short $`, `j${condition} near word $+20`, `j${condition} near dword $+20`]),
  ...["jmp", "call"].flatMap((name) => [`${name} word $+100`, `${name} dword $+100`, `${name} far word {m}`]),
  "jmp {short}", "jmp {near}", "jmp short $", "jmp near $", "call {short}", "call {near}",
  ...["jmp", "call"].flatMap((name) => [
    `${name} {r32}`, `${name} {r16}`, `${name} dword {m}`, `${name} word {m}`, `${name} {m}`, `${name} far {m}`, `${name} far dword {m}`,
    `${name} 0x08:0x12345678`, `${name} 0x23:0`, `${name} dword 0x08:0x1234`, `${name} word 0x08:0x1234`,
  ]),
  "ret", "retn", "ret {uimm8}", "ret 0x1234", "retf", "retf {uimm8}",
  ...["loop", "loope", "loopz", "loopne", "loopnz", "jecxz", "jcxz"].map((name) => `${name} {close}`), "loop $, cx", "loop $, ecx",
  "int {uimm8}", "int3", "int 3", "into", "iret", "iretd", "iretw", "bound {r16}, {m}", "bound {r32}, {m}", "ud2",
]

const strings = ["b", "w", "d"].flatMap((size) => [
  ...["movs", "cmps", "stos", "lods", "scas", "ins", "outs"].flatMap((name) => [`${name}${size}`]),
  ...["movs", "stos", "lods", "ins", "outs"].map((name) => `rep ${name}${size}`),
  ...["cmps", "scas"].flatMap((name) =>
    ["repe", "repz", "repne", "repnz"].map((prefix) => `${prefix} ${name}${size}`),
  ),
])

// biome-ignore format: a list is read in lines
const plain = [
  ..."nop hlt cli sti clc stc cmc cld std cbw cwde cwd cdq aaa aas daa das aam aad xlat xlatb lahf sahf salc".split(" "),
  ..."clts invd wbinvd cpuid rdtsc rdpmc rdmsr wrmsr sysenter sysexit wait fwait".split(" "),
  "aam 16", "aad 0x10", "aam 10", "int1", "nop {r16}", "nop {r32}", "nop word {m}", "nop dword {m}",
]

const system = [
  "in al, {uimm8}",
  "in ax, {uimm8}",
  "in eax, {uimm8}",
  "in al, dx",
  "in ax, dx",
  "in eax, dx",
  "out {uimm8}, al",
  "out {uimm8}, ax",
  "out {uimm8}, eax",
  "out dx, al",
  "out dx, ax",
  "out dx, eax",
  ...["sgdt", "sidt", "lgdt", "lidt", "invlpg"].map((name) => `${name} {m}`),
  ...["sldt", "str", "smsw"].flatMap((name) => [`${name} {r16}`, `${name} {r32}`, `${name} {m}`]),
  ...["lgdt", "lidt", "sldt", "str", "smsw"].flatMap((name) => [`o16 ${name} {m}`, `o32 ${name} {m}`]),
  "o16 mov {m}, {sreg}",
  "o32 mov {m}, {sreg}",
  ...["lldt", "ltr", "lmsw", "verr", "verw"].flatMap((name) => [`${name} {r16}`, `${name} {m}`]),
  ...["lar", "lsl"].flatMap((name) => [
    `${name} {r16}, {r16}`,
    `${name} {r32}, {r16}`,
    `${name} {r32}, {r32}`,
    `${name} {r16}, {m}`,
    `${name} {r32}, {m}`,
  ]),
  "arpl {r16}, {r16}",
  "arpl {m}, {r16}",
]

/** Each way to write an address, with one instruction. */
const SCALES = ["", "*1", "*2", "*4", "*8"]
// biome-ignore format: a list is read in lines
const addresses = [
  ...REGISTERS32.flatMap((base) => ["", "+1", "-128", "+127", "+128", "-129", "+0x12345678"].map((offset) => `mov eax, [${base}${offset}]`)),
  ...REGISTERS32.filter((index) => index !== "esp").flatMap((index) => SCALES.flatMap((scale) => [`mov ecx, [${index}${scale}+4]`, `mov edx, [ebp+${index}${scale}]`, `mov edx, [ebx+${index}${scale}-1]`])),
  ...["[eax*2]", "[eax*3]", "[eax*5]", "[eax*9]", "[ebp*2]", "[eax+eax]", "[eax+esp]", "[esp+eax*2]", "[ebp+eax]", "[eax+ebp]", "[nosplit eax*2]", "[byte eax+1]", "[dword eax+1]", "[dword eax]", "[byte ebp]",
    "[4+eax]", "[eax+4+4]", "[eax+2*4]", "[eax + ebx*2 + 3*4 - 5]", "[ebx*2+eax]", "[eax-(-4)]", "[(eax)]", "[ds:eax]", "[ss:ebp]", "[ es : edi ]", "[gs:ebx+ecx*8+0x100]"].map((memory) => `mov eax, ${memory}`),
  ...["bx+si", "bx+di", "bp+si", "bp+di", "si", "di", "bp", "bx"].flatMap((base) => ["", "+1", "-128", "+128"].map((offset) => `mov eax, [${base}${offset}]`)),
  "mov al, byte [ebx]", "mov word [ebx], ax", "mov dword [ebx], eax", "lea eax, [eax]", "lea ebx, [0x1234]", "lea ecx, [ecx*4+ecx]", "mov eax,[word 0x1234]", "mov eax,[dword 0x1234]", "mov al,[word 0x1234]",
]

/** Words that choose an encoding, spaces, case, prefixes by hand. */
// biome-ignore format: a list is read in lines
const spelling = [
  "MOV EAX, EBX", "Mov Eax , eBx", "\tmov\teax,\tebx", "mov eax,ebx ; remark", "  nop", "add eax, byte 1", "add eax, dword 1", "add eax, strict dword 1", "add eax, strict byte 1",
  "push strict dword 1", "push strict byte 1", "mov dword [ebx], strict dword 1", "add word [ebx], byte 2", "o16 nop", "o32 nop", "a16 nop", "a16 lodsb", "o16 push es", "a16 movsd", "rep movsd", "rep a16 movsb", "a16 rep stosd",
  "cs lodsb", "es movsb", "fs mov eax, [ebx]", "lock xadd [ebx], eax", "rep nop", "jmp short $+2", "jz near $+2", "mov eax, dword 5", "mov ax, word 5", "mov al, byte 5", "xor eax,eax", "retf 4", "in al,60h", "int 80h", "db 0x90",
]

export const TEMPLATES = { arithmetic, bits, moves, stack, flow, strings, plain, system, addresses, spelling }

/** The same names in 16-bit code: addresses, far pointers and pushed values have 16 bits unless said otherwise. */
const to16 = (line) =>
  line
    .replaceAll("{m}", "{m16}")
    .replace(/([[:])0x12345678/, "$10x1234")
    .replace(/^push {i32}$/, "push {i16}")
export const TEMPLATES16 = [
  ...arithmetic,
  ...bits,
  ...moves,
  ...stack,
  ...flow,
  ...strings,
  ...plain,
  ...system,
]
  .filter((line) => !line.includes("near}"))
  .map(to16)

/** The lines of a template: as many as the longest of its lists, at most `most`. */
export function expand(template, most) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const lines = Math.min(most, Math.max(1, ...names.map((name) => LISTS[name].length)))
  return Array.from({ length: lines }, (_, line) =>
    names.reduce(
      (text, name, position) => text.replace(`{${name}}`, nth(LISTS[name], line, position, template)),
      template,
    ),
  )
}

/** A different start for each template, so that the short ones do not always meet the same operands. */
function nth(list, line, position, template) {
  const start = [...template].reduce((sum, letter) => sum + letter.codePointAt(0), 0)
  return list[(line * (position + 1) + position * 3 + start) % list.length]
}
