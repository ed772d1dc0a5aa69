/** Short headings for instructions, so that a long table can be read. */
import type { Row } from "../../isa/notation"

const BY_MNEMONIC: Readonly<Record<string, string>> = {
  "descriptor tables": "SGDT SIDT LGDT LIDT SLDT STR LLDT LTR",
  segments: "LAR LSL VERR VERW ARPL LES LDS LSS LFS LGS",
  "control registers": "SMSW LMSW CLTS",
  "debug and model-specific registers": "RDMSR WRMSR RDPMC",
  flags: "PUSHF POPF CLI STI LAHF SAHF CMC CLC STC CLD STD SALC",
  ports: "IN OUT INSB INSW INSD OUTSB OUTSW OUTSD",
  transfers:
    "JMP CALL RET RETF IRET INT INT1 INT3 INTO BOUND UD2 SYSENTER SYSEXIT LOOP LOOPE LOOPNE JECXZ JMP·far CALL·far",
  processor: "HLT INVLPG INVD WBINVD CPUID RDTSC NOP FWAIT ESC",
  strings: "MOVSB MOVSW MOVSD CMPSB CMPSW CMPSD STOSB STOSW STOSD LODSB LODSW LODSD SCASB SCASW SCASD",
  data: "MOV MOVZX MOVSX LEA XCHG BSWAP XLATB PUSH POP PUSHA POPA ENTER LEAVE CBW CWDE CWD CDQ",
}
const GROUP = new Map(
  Object.entries(BY_MNEMONIC).flatMap(([group, names]) =>
    names.split(" ").map((name) => [name.replace("·", " "), group] as const),
  ),
)

/** The heading that a row belongs under. */
export function groupOf({ operands, name }: Row, mnemonic: string): string {
  if (operands.includes("CR")) return "control registers"
  if (operands.includes("DR")) return "debug and model-specific registers"
  if (operands.some((type) => /^(?:Sreg|[CDEFGS]S)$/.test(type))) return "segments"
  if (/^(?:SET|CMOV)/.test(name)) return "data"
  if (operands.some((type) => type.startsWith("rel"))) return "transfers"
  return GROUP.get(mnemonic) ?? "arithmetic"
}
