/**
 * THE TABLE: the instruction set, a row an instruction, in the manual's notation. Decoder, assembler, disassembler,
 * engines and the lectures' theory read it; nothing else says what an instruction is. `notation.ts` explains the columns.
 *
 * In the flags column stand the flags an instruction defines, and after "?" those it leaves undefined.
 * The last column is a claim about user mode: `traps` (faults unless CPL = 0), `iopl` (faults unless CPL ≤ IOPL) or
 * `leaks` (runs, but shows or silently loses privileged state).
 * @see SDM Vol. 2A, 2B "Instruction Set Reference"
 */
import { withCard } from "../numbers/card"
import { CF, DF } from "./eflags"
import { type Outside, type Row, type RowText, readTable } from "./notation"
import { DS as DS_NUMBER, ES as ES_NUMBER, FS, GS, SS as SS_NUMBER } from "./registers"
import * as alu from "./semantics/alu"
import * as bits from "./semantics/bits"
import * as data from "./semantics/data"
import * as flow from "./semantics/flow"
import * as io from "./semantics/io"
import * as string from "./semantics/string"
import * as system from "./semantics/system"

const traps = (why: string): Outside => ({ claim: "traps", why })
const leaks = (why: string): Outside => ({ claim: "leaks", why })
const iopl = (why: string): Outside => ({ claim: "iopl", why })

/** The eight operations of the first opcode block: six encodings and three with immediates each. */
function arithmetic(name: string, digit: number, does: RowText[2], flags: string): RowText[] {
  const opcode = (low: number) => (digit * 8 + low).toString(16).toUpperCase().padStart(2, "0")
  const lock = name === "CMP" ? "" : "lock "
  return [
    [`${lock}${opcode(0)} /r`, `${name} r/m8, r8`, does, flags],
    [`${lock}${opcode(1)} /r`, `${name} r/m32, r32`, does, flags],
    [`${opcode(2)} /r`, `${name} r8, r/m8`, does, flags],
    [`${opcode(3)} /r`, `${name} r32, r/m32`, does, flags],
    [`${opcode(4)} ib`, `${name} AL, imm8`, does, flags],
    [`${opcode(5)} id`, `${name} EAX, imm32`, does, flags],
    [`${lock}80 /${digit} ib`, `${name} r/m8, imm8`, does, flags],
    [`${lock}81 /${digit} id`, `${name} r/m32, imm32`, does, flags],
    [`${lock}83 /${digit} ib`, `${name} r/m32, simm8`, does, flags],
    [`alias ${lock}82 /${digit} ib`, `${name} r/m8, imm8`, does, flags],
  ]
}

/** Rotates and shifts: by 1, by CL, by an immediate. */
function shift(name: string, digit: number, does: RowText[2], flags: string, mark = ""): RowText[] {
  return [
    [`${mark}D0 /${digit}`, `${name} r/m8, 1`, does, flags],
    [`${mark}D1 /${digit}`, `${name} r/m32, 1`, does, flags],
    [`${mark}D2 /${digit}`, `${name} r/m8, CL`, does, flags],
    [`${mark}D3 /${digit}`, `${name} r/m32, CL`, does, flags],
    [`${mark}C0 /${digit} ib`, `${name} r/m8, imm8`, does, flags],
    [`${mark}C1 /${digit} ib`, `${name} r/m32, imm8`, does, flags],
  ]
}

/** Opcodes that the P6 runs as NOP with an operand it does not read. */
function hints(): RowText[] {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7]
  const block = ["18", "19", "1A", "1B", "1C", "1D", "1E"].map(
    (opcode): RowText => [`alias 0F ${opcode} /r`, "NOP r/m32", flow.nop, ""],
  )
  return [
    ...block,
    ...digits.slice(1).map((digit): RowText => [`alias 0F 1F /${digit}`, "NOP r/m32", flow.nop, ""]),
  ]
}

/**
 * The opcodes of the x87 FPU, which this processor does not have. They are one row each and no more: what follows the
 * opcode's five bits is the coprocessor's to understand, and the processor only works out how long the instruction is.
 */
function escapes(): RowText[] {
  const opcodes = ["D8", "D9", "DA", "DB", "DC", "DD", "DE", "DF"]
  return opcodes.map((opcode): RowText => [`alias ${opcode} /r`, "ESC r/m32", system.esc, ""])
}

/** One row for each of the sixteen conditions; `name` gives the row of a condition's code and name. */
function conditional(row: (code: string, name: string, number: number) => RowText): RowText[] {
  return flow.CONDITIONS.map(([name], number) => row(number.toString(16).toUpperCase(), name, number))
}

// biome-ignore format: a table is read in columns
const ROWS: readonly RowText[] = [
// encoding        syntax                   does                 flags       outside ring 0
  ...arithmetic("ADD", 0, alu.add, "oszapc"),
  ...arithmetic("OR",  1, alu.or,  "oszpc?a"),
  ...arithmetic("ADC", 2, alu.adc, "oszapc"),
  ...arithmetic("SBB", 3, alu.sbb, "oszapc"),
  ...arithmetic("AND", 4, alu.and, "oszpc?a"),
  ...arithmetic("SUB", 5, alu.sub, "oszapc"),
  ...arithmetic("XOR", 6, alu.xor, "oszpc?a"),
  ...arithmetic("CMP", 7, alu.cmp, "oszapc"),
  ["84 /r",         "TEST r/m8, r8",         alu.test,            "oszpc?a"],
  ["85 /r",         "TEST r/m32, r32",       alu.test,            "oszpc?a"],
  ["A8 ib",         "TEST AL, imm8",         alu.test,            "oszpc?a"],
  ["A9 id",         "TEST EAX, imm32",       alu.test,            "oszpc?a"],
  ["F6 /0 ib",      "TEST r/m8, imm8",       alu.test,            "oszpc?a"],
  ["F7 /0 id",      "TEST r/m32, imm32",     alu.test,            "oszpc?a"],
  ["alias F6 /1 ib", "TEST r/m8, imm8",      alu.test,            "oszpc?a"],
  ["alias F7 /1 id", "TEST r/m32, imm32",    alu.test,            "oszpc?a"],
  ["40+rd",         "INC r32",               alu.inc,             "oszap"],
  ["48+rd",         "DEC r32",               alu.dec,             "oszap"],
  ["lock FE /0",    "INC r/m8",              alu.inc,             "oszap"],
  ["lock FF /0",    "INC r/m32",             alu.inc,             "oszap"],
  ["lock FE /1",    "DEC r/m8",              alu.dec,             "oszap"],
  ["lock FF /1",    "DEC r/m32",             alu.dec,             "oszap"],
  ["lock F6 /2",    "NOT r/m8",              alu.not,             ""],
  ["lock F7 /2",    "NOT r/m32",             alu.not,             ""],
  ["lock F6 /3",    "NEG r/m8",              alu.neg,             "oszapc"],
  ["lock F7 /3",    "NEG r/m32",             alu.neg,             "oszapc"],
  ["F6 /4",         "MUL r/m8",              alu.mul,             "oc?szap"],
  ["F7 /4",         "MUL r/m32",             alu.mul,             "oc?szap"],
  ["F6 /5",         "IMUL r/m8",             alu.imulWide,        "oc?szap"],
  ["F7 /5",         "IMUL r/m32",            alu.imulWide,        "oc?szap"],
  ["0F AF /r",      "IMUL r32, r/m32",       alu.imul,            "oc?szap"],
  ["6B /r ib",      "IMUL r32, r/m32, simm8", alu.imul3,          "oc?szap"],
  ["69 /r id",      "IMUL r32, r/m32, imm32", alu.imul3,          "oc?szap"],
  ["F6 /6",         "DIV r/m8",              alu.div,             "?oszapc"],
  ["F7 /6",         "DIV r/m32",             alu.div,             "?oszapc"],
  ["F6 /7",         "IDIV r/m8",             alu.idiv,            "?oszapc"],
  ["F7 /7",         "IDIV r/m32",            alu.idiv,            "?oszapc"],
  ...shift("ROL", 0, alu.rol, "oc"),
  ...shift("ROR", 1, alu.ror, "oc"),
  ...shift("RCL", 2, alu.rcl, "oc"),
  ...shift("RCR", 3, alu.rcr, "oc"),
  ...shift("SHL", 4, alu.shl, "oszpc?a"),
  ...shift("SHR", 5, alu.shr, "oszpc?a"),
  ...shift("SAR", 7, alu.sar, "oszpc?a"),
  ...shift("SHL", 6, alu.shl, "oszpc?a", "alias "),
  ["0F A4 /r ib",   "SHLD r/m32, r32, imm8", alu.shld,            "szpc?oa"],
  ["0F A5 /r",      "SHLD r/m32, r32, CL",   alu.shld,            "szpc?oa"],
  ["0F AC /r ib",   "SHRD r/m32, r32, imm8", alu.shrd,            "szpc?oa"],
  ["0F AD /r",      "SHRD r/m32, r32, CL",   alu.shrd,            "szpc?oa"],
  ["27",            "DAA",                   alu.daa,             "szapc?o"],
  ["2F",            "DAS",                   alu.das,             "szapc?o"],
  ["37",            "AAA",                   alu.aaa,             "ac?oszp"],
  ["3F",            "AAS",                   alu.aas,             "ac?oszp"],
  ["D4 ib",         "AAM imm8",              alu.aam,             "szp?oac"],
  ["D5 ib",         "AAD imm8",              alu.aad,             "szp?oac"],
  ["0F BC /r",      "BSF r32, r/m32",        alu.bsf,             "z?osapc"],
  ["0F BD /r",      "BSR r32, r/m32",        alu.bsr,             "z?osapc"],
  ["0F A3 /r",      "BT r/m32, r32",         bits.bt,             "c?osap"],
  ["lock 0F AB /r", "BTS r/m32, r32",        bits.bts,            "c?osap"],
  ["lock 0F B3 /r", "BTR r/m32, r32",        bits.btr,            "c?osap"],
  ["lock 0F BB /r", "BTC r/m32, r32",        bits.btc,            "c?osap"],
  ["0F BA /4 ib",      "BT r/m32, imm8",     bits.bt,             "c?osap"],
  ["lock 0F BA /5 ib", "BTS r/m32, imm8",    bits.bts,            "c?osap"],
  ["lock 0F BA /6 ib", "BTR r/m32, imm8",    bits.btr,            "c?osap"],
  ["lock 0F BA /7 ib", "BTC r/m32, imm8",    bits.btc,            "c?osap"],

  ["88 /r",         "MOV r/m8, r8",          data.mov,            ""],
  ["89 /r",         "MOV r/m32, r32",        data.mov,            ""],
  ["8A /r",         "MOV r8, r/m8",          data.mov,            ""],
  ["8B /r",         "MOV r32, r/m32",        data.mov,            ""],
  ["A0 mo",         "MOV AL, moffs8",        data.mov,            ""],
  ["A1 mo",         "MOV EAX, moffs32",      data.mov,            ""],
  ["A2 mo",         "MOV moffs8, AL",        data.mov,            ""],
  ["A3 mo",         "MOV moffs32, EAX",      data.mov,            ""],
  ["B0+rb ib",      "MOV r8, imm8",          data.mov,            ""],
  ["B8+rd id",      "MOV r32, imm32",        data.mov,            ""],
  ["C6 /0 ib",      "MOV r/m8, imm8",        data.mov,            ""],
  ["C7 /0 id",      "MOV r/m32, imm32",      data.mov,            ""],
  ["8C /r",         "MOV r32/m16, Sreg",     data.movFromSegment, "",         leaks("CS shows the real CPL")],
  ["8E /r",         "MOV Sreg, r/m16",       data.movToSegment,   ""],
  ["0F B6 /r",      "MOVZX r32, r/m8",       data.mov,            ""],
  ["0F B7 /r",      "MOVZX r32, r/m16",      data.mov,            ""],
  ["0F BE /r",      "MOVSX r32, r/m8",       data.movsx,          ""],
  ["0F BF /r",      "MOVSX r32, r/m16",      data.movsx,          ""],
  ["8D /r",         "LEA r32, m",            data.lea,            ""],
  ["90",            "NOP",                   flow.nop,            ""],
  ["0F 1F /0",      "NOP r/m32",             flow.nop,            ""],
  ...hints(),
  ["90+rd",         "XCHG EAX, r32",         data.xchg,           ""],
  ["lock 86 /r",    "XCHG r/m8, r8",         data.xchg,           ""],
  ["lock 87 /r",    "XCHG r/m32, r32",       data.xchg,           ""],
  ["0F C8+rd",      "BSWAP r32",             data.bswap,          ""],
  ["D7",            "XLATB",                 data.xlat,           ""],
  ["lock 0F C0 /r", "XADD r/m8, r8",         data.xadd,           "oszapc"],
  ["lock 0F C1 /r", "XADD r/m32, r32",       data.xadd,           "oszapc"],
  ["lock 0F B0 /r", "CMPXCHG r/m8, r8",      data.cmpxchg,        "oszapc"],
  ["lock 0F B1 /r", "CMPXCHG r/m32, r32",    data.cmpxchg,        "oszapc"],
  ["lock 0F C7 /1", "CMPXCHG8B m64",         data.cmpxchg8b,      "z"],
  ["98",            "CBW/CWDE",              data.cbw,            ""],
  ["99",            "CWD/CDQ",               data.cwd,            ""],
  ["C4 /r",         "LES r32, m16:32",       data.loadFarPointer(ES_NUMBER), ""],
  ["C5 /r",         "LDS r32, m16:32",       data.loadFarPointer(DS_NUMBER), ""],
  ["0F B2 /r",      "LSS r32, m16:32",       data.loadFarPointer(SS_NUMBER), ""],
  ["0F B4 /r",      "LFS r32, m16:32",       data.loadFarPointer(FS), ""],
  ["0F B5 /r",      "LGS r32, m16:32",       data.loadFarPointer(GS), ""],
  ["50+rd",         "PUSH r32",              data.push,           ""],
  ["FF /6",         "PUSH r/m32",            data.push,           ""],
  ["6A ib",         "PUSH simm8",            data.push,           ""],
  ["68 id",         "PUSH imm32",            data.push,           ""],
  ["06",            "PUSH ES",               data.push,           ""],
  ["0E",            "PUSH CS",               data.push,           "",         leaks("CS shows the real CPL")],
  ["16",            "PUSH SS",               data.push,           "",         leaks("SS shows the real CPL")],
  ["1E",            "PUSH DS",               data.push,           ""],
  ["0F A0",         "PUSH FS",               data.push,           ""],
  ["0F A8",         "PUSH GS",               data.push,           ""],
  ["58+rd",         "POP r32",               data.pop,            ""],
  ["8F /0",         "POP r/m32",             data.pop,            ""],
  ["07",            "POP ES",                data.popSegment,     ""],
  ["17",            "POP SS",                data.popSegment,     ""],
  ["1F",            "POP DS",                data.popSegment,     ""],
  ["0F A1",         "POP FS",                data.popSegment,     ""],
  ["0F A9",         "POP GS",                data.popSegment,     ""],
  ["60",            "PUSHAW/PUSHAD",         data.pusha,          ""],
  ["61",            "POPAW/POPAD",           data.popa,           ""],
  ["C8 iw ib",      "ENTER imm16, imm8",     data.enter,          ""],
  ["C9",            "LEAVE",                 data.leave,          ""],
  ["9E",            "SAHF",                  data.sahf,           "szapc"],
  ["9F",            "LAHF",                  data.lahf,           ""],
  ["F5",            "CMC",                   data.cmc,            "c"],
  ["F8",            "CLC",                   data.putFlag(CF, false), "c"],
  ["F9",            "STC",                   data.putFlag(CF, true), "c"],
  ["FC",            "CLD",                   data.putFlag(DF, false), "d"],
  ["FD",            "STD",                   data.putFlag(DF, true), "d"],
  ["D6",            "SALC",                  data.salc,           ""],
  ...conditional((code, name, n) => [`0F 9${code} /r`, `SET${name} r/m8`, flow.setcc(n), ""]),
  ...conditional((code, name, n) => [`0F 4${code} /r`, `CMOV${name} r32, r/m32`, flow.cmovcc(n), ""]),

  ["A4",            "MOVSB",                 string.movsb,        ""],
  ["A5",            "MOVSW/MOVSD",           string.movsd,        ""],
  ["A6",            "CMPSB",                 string.cmpsb,        "oszapc"],
  ["A7",            "CMPSW/CMPSD",           string.cmpsd,        "oszapc"],
  ["AA",            "STOSB",                 string.stosb,        ""],
  ["AB",            "STOSW/STOSD",           string.stosd,        ""],
  ["AC",            "LODSB",                 string.lodsb,        ""],
  ["AD",            "LODSW/LODSD",           string.lodsd,        ""],
  ["AE",            "SCASB",                 string.scasb,        "oszapc"],
  ["AF",            "SCASW/SCASD",           string.scasd,        "oszapc"],

  ...conditional((code, name, n) => [`7${code} cb`, `J${name} rel8`, flow.jcc(n), ""]),
  ...conditional((code, name, n) => [`0F 8${code} cd`, `J${name} rel32`, flow.jcc(n), ""]),
  ["EB cb",         "JMP rel8",              flow.jmp,            ""],
  ["E9 cd",         "JMP rel32",             flow.jmp,            ""],
  ["FF /4",         "JMP r/m32",             flow.jmpIndirect,    ""],
  ["EA cp",         "JMP ptr16:32",          flow.jmpFar,         "",         leaks("outcome depends on the real CPL")],
  ["FF /5",         "JMP m16:32",            flow.jmpFar,         "",         leaks("outcome depends on the real CPL")],
  ["E8 cd",         "CALL rel32",            flow.call,           ""],
  ["FF /2",         "CALL r/m32",            flow.callIndirect,   ""],
  ["9A cp",         "CALL ptr16:32",         flow.callFar,        "",         leaks("outcome depends on the real CPL")],
  ["FF /3",         "CALL m16:32",           flow.callFar,        "",         leaks("outcome depends on the real CPL")],
  ["C3",            "RET",                   flow.ret,            ""],
  ["C2 iw",         "RET imm16",             flow.ret,            ""],
  ["CB",            "RETF",                  flow.retFar,         "",         leaks("outcome depends on the real CPL")],
  ["CA iw",         "RETF imm16",            flow.retFar,         "",         leaks("outcome depends on the real CPL")],
  ["E0 cb",         "LOOPNE rel8",           flow.loopne,         ""],
  ["E1 cb",         "LOOPE rel8",            flow.loope,          ""],
  ["E2 cb",         "LOOP rel8",             flow.loop,           ""],
  ["asz E3 cb",     "JCXZ/JECXZ rel8",       flow.jcxz,           ""],
  ["F1",            "INT1",                  flow.int1,           "",         leaks("outcome depends on the real CPL")],
  ["CC",            "INT3",                  flow.int3,           "",         leaks("outcome depends on the real CPL")],
  ["CD ib",         "INT imm8",              flow.int,            "",         leaks("outcome depends on the real CPL")],
  ["CE",            "INTO",                  flow.into,           "",         leaks("outcome depends on the real CPL")],
  ["CF",            "IRETW/IRETD",           flow.iret,           "oszapcdi", leaks("IF and IOPL silently kept when CPL forbids them")],
  ["62 /r",         "BOUND r32, m32&32",     flow.bound,          ""],
  ["0F 0B",         "UD2",                   flow.undefinedInstruction, ""],
  ["9B",            "FWAIT",                 system.wait,         ""],
  ...escapes(),

  ["9C",            "PUSHFW/PUSHFD",         system.pushf,        "",         leaks("IF and IOPL can be read")],
  ["9D",            "POPFW/POPFD",           system.popf,         "oszapcdi", leaks("IF silently kept when CPL > IOPL")],
  ["FA",            "CLI",                   system.cli,          "i",        iopl("IF")],
  ["FB",            "STI",                   system.sti,          "i",        iopl("IF")],
  ["E4 ib",         "IN AL, imm8",           io.inPort,           "",         iopl("ports")],
  ["E5 ib",         "IN EAX, imm8",          io.inPort,           "",         iopl("ports")],
  ["EC",            "IN AL, DX",             io.inPort,           "",         iopl("ports")],
  ["ED",            "IN EAX, DX",            io.inPort,           "",         iopl("ports")],
  ["E6 ib",         "OUT imm8, AL",          io.outPort,          "",         iopl("ports")],
  ["E7 ib",         "OUT imm8, EAX",         io.outPort,          "",         iopl("ports")],
  ["EE",            "OUT DX, AL",            io.outPort,          "",         iopl("ports")],
  ["EF",            "OUT DX, EAX",           io.outPort,          "",         iopl("ports")],
  ["6C",            "INSB",                  string.insb,         "",         iopl("ports")],
  ["6D",            "INSW/INSD",             string.insd,         "",         iopl("ports")],
  ["6E",            "OUTSB",                 string.outsb,        "",         iopl("ports")],
  ["6F",            "OUTSW/OUTSD",           string.outsd,        "",         iopl("ports")],
  ["F4",            "HLT",                   system.hlt,          "",         traps("HLT")],
  ["0F 06",         "CLTS",                  system.clts,         "",         traps("CR0.TS")],
  ["0F 01 /0",      "SGDT m",                system.sgdt,         "",         leaks("GDTR")],
  ["0F 01 /1",      "SIDT m",                system.sidt,         "",         leaks("IDTR")],
  ["0F 01 /2",      "LGDT m16&32",           system.lgdt,         "",         traps("GDTR")],
  ["0F 01 /3",      "LIDT m16&32",           system.lidt,         "",         traps("IDTR")],
  ["0F 01 /4",      "SMSW r32/m16",          system.smsw,         "",         leaks("CR0 bits 15:0")],
  ["0F 01 /6",      "LMSW r/m16",            system.lmsw,         "",         traps("CR0")],
  ["0F 01 /7",      "INVLPG m",              system.invlpg,       "",         traps("TLB")],
  ["0F 00 /0",      "SLDT r32/m16",          system.sldt,         "",         leaks("LDTR")],
  ["0F 00 /1",      "STR r32/m16",           system.str,          "",         leaks("TR")],
  ["0F 00 /2",      "LLDT r/m16",            system.lldt,         "",         traps("LDTR")],
  ["0F 00 /3",      "LTR r/m16",             system.ltr,          "",         traps("TR")],
  ["0F 00 /4",      "VERR r/m16",            system.verr,         "z",        leaks("outcome depends on the real CPL")],
  ["0F 00 /5",      "VERW r/m16",            system.verw,         "z",        leaks("outcome depends on the real CPL")],
  ["0F 02 /r",      "LAR r32, r/m16",        system.lar,          "z",        leaks("outcome depends on the real CPL")],
  ["0F 03 /r",      "LSL r32, r/m16",        system.lsl,          "z",        leaks("outcome depends on the real CPL")],
  ["63 /r",         "ARPL r/m16, r16",       system.arpl,         "z"],
  ["o32 0F 20 /r",  "MOV r32, CR",           system.movFromControl, "?oszapc", traps("control registers")],
  ["o32 0F 22 /r",  "MOV CR, r32",           system.movToControl, "?oszapc", traps("control registers")],
  ["o32 0F 21 /r",  "MOV r32, DR",           system.movFromDebug, "?oszapc", traps("debug registers")],
  ["o32 0F 23 /r",  "MOV DR, r32",           system.movToDebug,   "?oszapc", traps("debug registers")],
  ["0F 08",         "INVD",                  system.invalidateCaches("INVD"), "", traps("caches")],
  ["0F 09",         "WBINVD",                system.invalidateCaches("WBINVD"), "", traps("caches")],
  ["0F A2",         "CPUID",                 system.cpuid,        ""],
  ["0F 34",         "SYSENTER",              system.sysenter,     "i",        leaks("enters the real ring 0")],
  ["0F 35",         "SYSEXIT",               system.sysexit,      "",         traps("CPL")],
  ["0F 31",         "RDTSC",                 system.rdtsc,        ""],
  ["0F 33",         "RDPMC",                 system.rdpmc,        "",         traps("performance counters")],
  ["0F 32",         "RDMSR",                 system.rdmsr,        "",         traps("model-specific registers")],
  ["0F 30",         "WRMSR",                 system.wrmsr,        "",         traps("model-specific registers")],
]

/** Forms that a cell shows of the table. */
const SHOWN = 12

/** The instruction set, read once. */
export const TABLE: readonly Row[] = withCard(readTable(ROWS), (rows) => ({
  title: `Instruction table of IA-32, ${rows.length} forms: filter it by \`name\``,
  rows: rows.slice(0, SHOWN).map(({ text }) => [text.syntax, text.encoding]),
  more: `… ${rows.length - SHOWN} more forms`,
}))

/**
 * Other names of the same instruction, as programmers and NASM write them. PUSHF and its kin mean the size of the
 * code segment: the assembler chooses between the two names.
 */
export const ALIASES: Readonly<Record<string, string>> = {
  SAL: "SHL",
  RETN: "RET",
  XLAT: "XLATB",
  WAIT: "FWAIT",
  LOOPZ: "LOOPE",
  LOOPNZ: "LOOPNE",
  REPZ: "REPE",
  REPNZ: "REPNE",
  ...Object.fromEntries(
    flow.CONDITIONS.flatMap(([first, ...others]) =>
      others.flatMap((other) => ["J", "SET", "CMOV"].map((stem) => [stem + other, stem + first])),
    ),
  ),
}

/** Names that stand for one of a pair, by the size of the code segment. */
export const BY_CODE_SIZE: Readonly<Record<string, readonly [name16: string, name32: string]>> = {
  PUSHF: ["PUSHFW", "PUSHFD"],
  POPF: ["POPFW", "POPFD"],
  PUSHA: ["PUSHAW", "PUSHAD"],
  POPA: ["POPAW", "POPAD"],
  IRET: ["IRETW", "IRETD"],
}
