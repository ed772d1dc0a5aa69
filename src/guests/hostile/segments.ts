/** Guests that forge descriptors and selectors, change them under registers that hold them, and run across limits. */
import {
  attempts,
  attemptsInRing3,
  attemptsOnly,
  descriptor,
  type HostileGuest,
  ORDINARY,
  prepared,
} from "./attempts"

const DATA = 0x92
const CODE = 0x9a
const RING_3 = 0x60
const EXPAND_DOWN = 4
const CONFORMING = 4
/** Selector of the first descriptor that `prepared` is given. */
const FIRST = 0x50

/** Descriptors for data that a monitor must not take at their word: base, limit and flags of each. */
const FORGED: readonly (readonly [base: number, limit: number, access: number, flags?: number])[] = [
  [0xffc0_0000, 0xf_ffff, DATA],
  [0xffff_e000, 0xfff, DATA, 4],
  [0x1000, 0xf_ffff, DATA],
  [0xffff_f000, 0xf_ffff, DATA],
  [0x8000_0000, 0xf_ffff, DATA],
  [0, 0xffff, DATA | EXPAND_DOWN],
  [0, 0xffc00, DATA | EXPAND_DOWN, 0xc],
  [0xffff_0000, 0xf_ffff, CODE],
  [0xffbf_f800, 0xfff, DATA, 4],
]
const forged = FORGED.map(([base, limit, access, flags]) => descriptor(base, limit, access, flags))
/** With selectors of an RPL, through each forged segment: its first bytes, its last ones, and what would lie at FFFFE000h of linear memory. */
const reaches = (rpl: number) =>
  FORGED.flatMap(([base], n) => {
    const toTables = (0xffff_e000 - base) >>> 0
    return [0, 0xffc, 0x1_fffe, 0xffff_fffc, toTables].map(
      (offset) => `mov eax, ${FIRST + 8 * n + rpl}\n  mov fs, eax\n  mov dword [fs:${offset}], 0x5e6`,
    )
  })

export const SEGMENTS: readonly HostileGuest[] = [
  {
    name: "forged-segments",
    tries:
      "Loads descriptors that begin in, end in, wrap into or expand down into the last 4 MiB, and writes through them.",
    seenAs: ["MOV Sreg", "MOV", "interpreted"],
    source: `${prepared([], forged)}
${attempts(...reaches(0))}`,
  },
  {
    name: "forged-segments-from-ring-3",
    tries: "Does the same from ring 3, with descriptors that allow it.",
    seenAs: ["MOV Sreg", "MOV", "interpreted"],
    source: `${prepared(
      [],
      FORGED.map(([base, limit, access, flags]) => descriptor(base, limit, access | RING_3, flags)),
    )}
${attemptsInRing3(...reaches(3))}`,
  },
  {
    name: "a-wrapping-stack",
    tries:
      "Has a stack in ring 3 in segments that wrap, end low or expand down over everything, and pushes across their ends.",
    seenAs: ["interpreted", "MOV Sreg", "PUSH"],
    source: `${prepared(
      [],
      FORGED.map(([base, limit, access, flags]) => descriptor(base, limit, access | RING_3, flags)),
    )}
${attemptsInRing3(
  ...[
    [2, "0xffbff002"],
    [5, "0x90000"],
    [6, "0xfffff000"],
    [6, "0xffc00002"],
    [1, "0x800"],
    [8, "0x802"],
    [4, "0x7fc00002"],
    [4, "0x80000002"],
  ].map(
    ([n, esp]) =>
      `mov eax, ${FIRST + 8 * Number(n) + 3}\nmov ss, eax\nmov esp, ${esp}\npush eax\npush ecx\npop edx`,
  ),
)}`,
  },
  {
    name: "every-selector-of-a-monitor",
    tries:
      "Loads selectors from 1F78h to 2000h, and the local table's among them, into each segment register, with each RPL.",
    seenAs: ["MOV Sreg"],
    source: `${prepared()}
  mov dword [next], tried
  mov ebp, 0x1f78
again:
  mov eax, ebp
  mov ds, eax
  mov dword [notes], 0xbad
tried:
  mov dword [next], tried2
  mov eax, ebp
  mov ss, eax
  push 0xbad
tried2:
${ORDINARY}
  inc ebp
  mov dword [next], tried
  cmp ebp, 0x2008
  jb again
  jmp finish`,
  },
  {
    name: "far-into-a-monitor",
    tries:
      "Jumps, calls and returns far to selectors and offsets that a monitor may use for itself, from rings 0 and 3.",
    seenAs: ["JMP far", "CALL far", "RETF", "IRET"],
    source: `${prepared()}
${attemptsOnly(0, [
  "jmp 0x1f80:0xfffff000",
  "call 0x1f80:0xfffff0d0",
  "jmp 0x1f83:0xfffff010",
  "jmp 0x1f90:0",
  "call 0x1f98:0",
  "push 0x1f80\npush 0xfffff000\nretf",
  "push 2\npush 0x1f80\npush 0xffff9010\niretd",
  "push 0x1f88\npush 0\npush 0x3002\npush 0x1f83\npush 0xfffff000\niretd",
])}
${attemptsInRing3("jmp 0x1f83:0xfffff000", "call 0x1f80:0xfffff0d0", "push 0x1f83\npush 0xfffff000\nretf", "push 2\npush 0x1f80\npush 0xffff9010\niretd")}`,
  },
  {
    name: "call-gates",
    tries:
      "Goes inward by call gates of its own that lead to a monitor's selectors, beyond limits, and to itself with 31 parameters.",
    seenAs: ["CALL far", "JMP far"],
    source: `${prepared(
      [],
      [
        "dw 0xf000, 0x1f80, 0xec00, 0xffff",
        "dw 0, 0x0008, 0xec00, 0xffc0",
        "dw (ORIGIN + inside - $$) & 0xffff, 0x0008, 0xec1f, (ORIGIN + inside - $$) >> 16",
        "dw 0, 0x0048, 0xe500, 0",
      ],
    )}
  jmp begin
inside:
  retf 31 * 4
begin:
${attemptsOnly(0, [`call ${FIRST}:0`, `jmp ${FIRST + 8}:0`, `jmp ${FIRST + 16}:0`, `call ${FIRST + 24}:0`])}
${attemptsInRing3(`call ${FIRST + 3}:0`, `call ${FIRST + 11}:0`, `call ${FIRST + 19}:0`, `jmp ${FIRST + 19}:0`, `call ${FIRST + 27}:0`)}`,
  },
  {
    name: "changed-after-loading",
    tries:
      "Rewrites descriptors that registers hold, as data and as code, traps, and goes on through the old and the new ones.",
    seenAs: ["CLTS", "MOV Sreg", "shadow"],
    source: `${prepared([], [descriptor(0x30_0000, 0xfff, DATA, 4), descriptor(0, 0xf_ffff, CODE)])}
SPARE equ GDT + ${FIRST}
${attempts(
  `mov eax, ${FIRST}\nmov fs, eax\nmov byte [SPARE + 2], 0x10\nclts\nmov dword [fs:4], 0xc1\nmov fs, eax\nmov dword [fs:4], 0xc2`,
  `mov byte [SPARE + 7], 0xff\nmov byte [SPARE + 4], 0xc0\nclts\nmov dword [fs:8], 0xc3\nmov fs, eax\nmov dword [fs:8], 0xc4`,
  `mov dword [SPARE + 4], 0x00009200\nmov eax, ${FIRST}\nmov gs, eax\nmov byte [SPARE + 5], 0x12\nclts\nmov dword [gs:12], 0xc5\nmov gs, eax`,
  `mov dword [SPARE + 4], 0xff4f9200\nmov eax, ${FIRST}\nmov es, eax\nmov dword [es:0], 0xc6`,
  `jmp ${FIRST + 8}:here\nhere:\nmov byte [SPARE + 13], 0x92\nclts\nmov eax, ${FIRST + 8}\nmov ss, eax\nclts\npush eax\nmov dword [notes + 0x300], esp`,
)}`,
  },
  {
    name: "a-table-in-the-way",
    tries:
      "Keeps its GDT where the processor cannot mark it, cannot read it, or where there is nothing, and loads from it.",
    seenAs: ["LGDT", "MOV Sreg", "exception 14"],
    source: `${prepared([], [descriptor(0, 0xf_ffff, DATA)])}
  mov edi, 0x200000       ; 0 to 4 MiB is itself, through the table at 201000h
  mov dword [edi], 0x201007
  mov edi, 0x201000
  mov ecx, 1024
  mov eax, 7
.page:
  stosd
  add eax, 0x1000
  loop .page
  mov esi, GDT            ; the GDT's copy at 300FC0h, across a page's end
  mov edi, 0x300fc0
  mov ecx, 24
  rep movsd
  mov eax, 0x200000
  mov cr3, eax
  mov eax, 0x80010011
  mov cr0, eax
${attempts(
  `lgdt [elsewhere]\nmov dword [0x201000 + 0x301 * 4], 0x301005\ninvlpg [0x301000]\nmov eax, ${FIRST}\nmov fs, eax`,
  "mov dword [0x201000 + 0x301 * 4], 0\ninvlpg [0x301000]\nmov eax, 0x48\nmov gs, eax",
  `mov dword [0x201000 + 0x301 * 4], 0x301007\nmov eax, ${FIRST}\nmov fs, eax\nmov dword [fs:0x310000], 0xd1`,
  `mov word [elsewhere], ${FIRST + 6}\nlgdt [elsewhere]\nmov eax, ${FIRST}\nmov fs, eax`,
  `mov dword [0x201000 + 0x301 * 4], 0x500007\ninvlpg [0x301000]\nmov word [elsewhere], 0xffff\nlgdt [elsewhere]\nmov eax, 0x48\nmov fs, eax`,
)}
align 4
  dw 0
elsewhere: dw 0xffff
  dd 0x300fc0`,
  },
  {
    name: "other-tables",
    tries:
      "Changes GDT and LDT between loads of the same selectors, so that a monitor's copies of the old ones may be used.",
    seenAs: ["LGDT", "LLDT"],
    source: `${prepared(
      [],
      [
        "dw 0x1f, (ORIGIN + first_local - $$) & 0xffff\ndb (ORIGIN + first_local - $$) >> 16, 0x82, 0, 0",
        "dw 0x1f, (ORIGIN + second_local - $$) & 0xffff\ndb (ORIGIN + second_local - $$) >> 16, 0x82, 0, 0",
        descriptor(0x30_0000, 0xfff, DATA | 1, 4),
      ],
    )}
  jmp begin
align 8
first_local:
${descriptor(0x31_0000, 0xfff, DATA | 1, 4)}
dq 0
second_local:
${descriptor(0x32_0000, 0xfff, DATA | 1, 4)}
${descriptor(0xffff_e000, 0xfff, DATA | 1, 4)}
begin:
  mov esi, GDT
  mov edi, 0x330000
  mov ecx, 32
  rep movsd
  mov byte [0x330000 + ${FIRST + 16} + 2], 8         ; there the last descriptor's base is 300800h
${attempts(
  `mov eax, ${FIRST}\nlldt ax\nmov eax, 4\nmov fs, eax\nmov fs, eax\nmov dword [fs:0], 0xe1\nmov eax, ${FIRST + 8}\nlldt ax\nmov eax, 4\nmov fs, eax\nmov dword [fs:4], 0xe2`,
  "mov eax, 12\nmov fs, eax\nmov dword [fs:8], 0xe3",
  `mov eax, ${FIRST + 16}\nmov gs, eax\nmov gs, eax\nmov dword [gs:0], 0xe4\nlgdt [other]\nmov gs, eax\nmov dword [gs:4], 0xe5`,
  `mov eax, ${FIRST + 16}\nmov gs, eax\nmov gs, eax\ninvlpg [0x330000]\nmov ecx, [0x330000]\nmov byte [0x330000 + ${FIRST + 16} + 2], 0x18\nmov gs, eax\nmov dword [gs:0], 0xe6`,
  "xor eax, eax\nlldt ax\nmov eax, 4\nmov fs, eax",
  "mov eax, 0x48\nlldt ax",
  "mov eax, 0x1f98\nlldt ax",
)}
other: dw 0x6f
  dd 0x330000`,
  },
  {
    name: "rings-1-and-2",
    tries:
      "Goes to rings 1 and 2, where a monitor may keep guests' kernels, and from there on by privileged instructions, gates and returns.",
    seenAs: ["IRET", "interpreted"],
    source: `${prepared([
      { vector: 0x41, handler: "at_1", ring: 1, dpl: 3 },
      { vector: 0x42, handler: "at_2", ring: 2, dpl: 3 },
    ])}
${attempts(
  ...[1, 2].flatMap((ring) =>
    [
      "cli",
      "mov eax, cr0",
      "mov dword [0xffffe000], 0",
      "lgdt [own_gdt]",
      "mov eax, 0x1f88\nmov ds, eax",
      "int 0x41",
      "int 0x80",
    ].map(
      (text, n) =>
        `push DATA${ring}\npush stack${ring}\npush 2\npush CODE${ring}\npush at_${ring}_${n}\niretd\nat_${ring}_${n}:\n${text}\nint 0x8f`,
    ),
  ),
  "mov eax, DATA1\nmov ds, eax\nmov dword [notes + 0x500], 1",
  "mov eax, DATA2\nmov ss, eax",
  "push DATA3\npush stack3\npush 2\npush CODE3\npush .at_3\niretd\n.at_3:\nint 0x42",
)}
at_1:
  mov dword [ss:notes + 0x504], 1
  cli
at_2:
  mov dword [ss:notes + 0x508], 1
  hlt`,
  },
  {
    name: "conforming-code",
    tries: "Runs conforming code of ring 0 in ring 3 and does there what ring 0 may.",
    seenAs: ["JMP far", "interpreted", "IRET"],
    source: `${prepared([], [descriptor(0, 0xf_ffff, CODE | CONFORMING), descriptor(0, 0xf_ffff, CODE | CONFORMING | RING_3)])}
${attemptsOnly(0, [`jmp ${FIRST}:.c\n.c:\nclts\nmov dword [0xffffe000], 1\njmp CODE0:.d\n.d:`, `jmp ${FIRST + 8}:0`])}
${attemptsInRing3(
  `jmp ${FIRST}:.c0\n.c0:\ncli`,
  `call ${FIRST}:.c1\n.c1:\nmov dword [0xffffe000], 1`,
  `mov eax, ${FIRST + 3}\nmov ds, eax\nmov ecx, [ds:ORIGIN]\nmov [ORIGIN], ecx`,
  `jmp ${FIRST + 11}:.c2\n.c2:\nhlt`,
)}`,
  },
  {
    name: "off-the-end-of-code",
    tries: "Runs over the end of short code segments, and jumps, calls and loops beyond them.",
    seenAs: ["exception 13", "JMP", "CALL", "interpreted"],
    source: `${prepared([], [descriptor(0, 0x300, CODE), descriptor(0x30_0000, 0xffe, CODE, 4), descriptor(0xffc0_0000, 0xfff, CODE, 4)])}
  mov edi, 0x300000
  mov ecx, 0x1000
  mov al, 0x90
  rep stosb
${attempts(
  `jmp ${FIRST + 8}:0xff0`,
  `jmp ${FIRST + 8}:0xfff`,
  `mov dword [0x300f00], 0xffffffe9\njmp ${FIRST + 8}:0xf00`,
  `mov dword [0x300f00], 0x7fb9\nmov dword [0x300f04], 0xffe20000\njmp ${FIRST + 8}:0xf00`,
  `jmp ${FIRST + 16}:0`,
  `jmp ${FIRST}:.low\n.low:\njmp 0x301000`,
)}`,
  },
  {
    name: "null-segments",
    tries: "Uses null selectors in every register, in every ring, and across traps.",
    seenAs: ["MOV", "CLTS", "MOV Sreg"],
    source: `${prepared()}
${attemptsOnly(0, [
  "xor eax, eax\nmov fs, eax\nclts\nmov [fs:0], eax",
  "mov eax, 3\nmov gs, eax\nclts\nmov eax, [gs:0]",
  "xor eax, eax\nmov ss, eax",
  "xor eax, eax\nmov es, eax\nmov edi, 0x300000\nstosd",
  "push 2\npush 0\npush finish\niretd",
])}
${attemptsInRing3("xor eax, eax\nmov ds, eax\nmov [0x300000], eax", "mov eax, 1\nmov fs, eax\nmov [fs:0x300000], eax", "xor eax, eax\nmov ss, eax")}`,
  },
]
