/** Guests whose page tables lead where they must not, change under their feet, or come in numbers that no monitor can keep. */
import { attempts, attemptsInRing3, attemptsOnly, type HostileGuest, prepared } from "./attempts"

/**
 * Paging with pages of 4 KiB: 0 to 4 MiB is itself, the supervisor's, through the table at TABLE; the directory is at DIRECTORY.
 */
export const SMALL_PAGES = `DIRECTORY equ 0x200000
TABLE equ 0x201000
  mov edi, DIRECTORY
  mov ecx, 1024
  xor eax, eax
  rep stosd
  mov dword [DIRECTORY], TABLE + 7
  mov edi, TABLE
  mov ecx, 1024
  mov eax, 7
.page:
  stosd
  add eax, 0x1000
  loop .page
  mov eax, DIRECTORY
  mov cr3, eax
  mov eax, 0x80010011     ; PG, WP
  mov cr0, eax`

export const PAGING: readonly HostileGuest[] = [
  {
    name: "tables-that-name-others",
    tries:
      "Fills a page table with frames beyond its memory and writes through all of them, as supervisor and from ring 3.",
    seenAs: ["mmio"],
    source: `${prepared()}
${SMALL_PAGES}
  mov edi, 0x202000
  mov ecx, 1024
  mov eax, 0x400007       ; 4 MiB to 8 MiB, as bare metal counts
.other:
  stosd
  add eax, 0x1000
  loop .other
  mov dword [DIRECTORY + 4], 0x202007
  mov dword [DIRECTORY + 8], 0x7fffe007      ; a table beyond memory
  mov dword [DIRECTORY + 12], 0xfffff007
  mov edi, 0x400000
  xor esi, esi
.write:
  mov dword [edi + 8], 0xbadbad
  add esi, [edi + 8]
  add edi, 0x3000
  cmp edi, 0x800000
  jb .write
  mov [notes], esi
${attemptsOnly(0, ["mov dword [0x800000], 1", "mov eax, [0xc00ffe]\nmov [notes + 4], eax", "jmp 0x500000"])}
${attemptsInRing3("mov dword [0x400000], 1", "mov eax, [0x800000]", "jmp 0x600000")}`,
  },
  {
    name: "a-directory-that-maps-itself",
    tries:
      "Has its directory be its own last table, edits all its tables through the last 4 MiB, and maps frames of others with them.",
    seenAs: ["MOV CR", "mmio", "interpreted"],
    source: `${prepared()}
${SMALL_PAGES}
  mov dword [DIRECTORY + 1023 * 4], DIRECTORY + 7
  mov dword [DIRECTORY + 5 * 4], DIRECTORY + 7      ; and its sixth
  mov eax, cr3
  mov cr3, eax
${attempts(
  "mov eax, [0xfffff000]\nmov [notes], eax",
  "mov eax, [0xffc00400]\nmov [notes + 4], eax",
  "mov dword [0xffc00c00], 0x301007\ninvlpg [0x300000]\nmov dword [0x300000], 0x600d",
  "mov dword [0x1400000 + 0x310 * 4], 0x302007\ninvlpg [0x310000]\nmov dword [0x310000], 0x600e",
  "mov dword [0xffc00c04], 0x900007\ninvlpg [0x301000]\nmov dword [0x301000], 0xbad",
  "mov eax, [0x1405000]\nmov [notes + 8], eax",
  "mov dword [0xfffff008], 0xa00007\nmov eax, [0x800000]\nmov [notes + 12], eax",
  "mov dword [0xfffffffc], 0\ninvlpg [0xfffff000]\nmov dword [0xfffff008], DIRECTORY + 3",
)}`,
  },
  {
    name: "every-page-a-root",
    tries: "Loads CR3 with one of 500 directories after another and touches memory through each, for ever.",
    seenAs: ["MOV CR"],
    ends: "never",
    source: `${prepared()}
  mov edi, 0x200000
  mov ecx, 500
.directory:
  mov dword [edi], 0x87
  mov dword [edi + 4], 0x87
  mov dword [edi + 1023 * 4], 0x87
  add edi, 0x1000
  loop .directory
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x200000
  mov cr3, eax
  mov eax, 0x80000011
  mov cr0, eax
.again:
  mov ebx, 0x200000
.root:
  mov cr3, ebx
  inc dword [0x410000]
  add ebx, 0x1000
  cmp ebx, 0x200000 + 500 * 0x1000
  jb .root
  mov eax, cr4
  xor eax, 4
  mov cr4, eax
  jmp .again`,
  },
  {
    name: "exhausted-tables",
    tries:
      "Touches 280 large pages in two address spaces, so that a monitor's own tables run out again and again; then faults three times.",
    seenAs: ["shadow", "MOV CR"],
    ends: "shutdown",
    source: `${prepared()}
  mov edi, 0x200000
  mov ecx, 2048
.entry:
  mov dword [edi], 0x87
  add edi, 4
  loop .entry
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x200000
  mov cr3, eax
  mov eax, 0x80000011
  mov cr0, eax
  mov ecx, 2
.round:
  xor edi, edi
.touch:
  inc dword [edi + 0x300000]
  add edi, 0x400000
  cmp edi, 0x46000000
  jb .touch
  mov eax, cr3
  xor eax, 0x1000
  mov cr3, eax
  loop .round
  lidt [nowhere]
  mov dword [0x200000], 0
  mov dword [0x201000], 0
  mov cr3, eax
  ud2
nowhere: dd 0, 0`,
  },
  {
    name: "a-root-beyond-memory",
    tries: "Loads CR3 with an address where its machine has no memory.",
    seenAs: ["MOV CR"],
    ends: "shutdown",
    source: `${prepared()}
${SMALL_PAGES}
  mov eax, 0x1000000
  mov cr3, eax
  nop
  jmp finish`,
  },
  {
    name: "a-root-in-code",
    tries: "Loads CR3 with the page of its own code, whose bytes become a directory.",
    seenAs: ["MOV CR"],
    ends: "shutdown",
    source: `${prepared()}
${SMALL_PAGES}
  mov eax, ORIGIN
  mov cr3, eax
  mov dword [0x400000], 1
  jmp finish`,
  },
  {
    name: "stale-entries",
    tries:
      "Clears, moves and restricts table entries without and with INVLPG while it runs from them, and traps there.",
    seenAs: ["INVLPG", "exception 14", "INT 03"],
    differs: "entries that it does not invalidate may be forgotten earlier",
    source: `${prepared()}
${SMALL_PAGES}
  mov byte [0x300000], 0xcc          ; INT3
  mov byte [0x300001], 0xc3
${attempts(
  "call 0x300000",
  "mov eax, [0x300000]\nmov dword [TABLE + 0x300 * 4], 0\ncall 0x300000",
  "mov dword [TABLE + 0x300 * 4], 0x300007\ncall 0x300000",
  "mov dword [0x300000], 0x80cd9090\nmov dword [TABLE + 0x300 * 4], 0\nmov eax, 0x300000\ncall eax",
  "mov dword [TABLE + 0x300 * 4], 0x300005\ninvlpg [0x300000]\nmov dword [0x300000], 7",
  "mov dword [TABLE + 0x300 * 4], 0x301007\ninvlpg [0x300000]\nmov dword [0x300000], 0x51",
  "mov dword [TABLE + 0x300 * 4], 0\ninvlpg [0x300000]\nmov dword [0x300000], 0x52",
  "mov dword [DIRECTORY], TABLE + 3\nmov eax, cr3\nmov cr3, eax\nmov dword [0x300000], 0x53",
)}`,
  },
  {
    name: "tables-written-every-way",
    tries:
      "Writes page tables by string instructions, pushes and exchanges, and by another mapping, so that no change may be missed.",
    seenAs: ["shadow"],
    source: `${prepared()}
${SMALL_PAGES}
  mov dword [DIRECTORY + 4], TABLE + 7              ; the table again, at 4 MiB
  mov dword [TABLE + 0x3ff * 4], TABLE + 7          ; and as data, at 3FF000h and 7FF000h
  mov eax, cr3
  mov cr3, eax
  inc dword [0x300000]
  inc dword [0x700000]
${attempts(
  "mov edi, TABLE + 0x300 * 4\nmov eax, 0x310007\nmov ecx, 4\nrep stosd\nmov eax, cr3\nmov cr3, eax\nmov dword [0x300000], 0x61\nmov dword [0x303004], 0x62",
  "mov esp, TABLE + 0x304 * 4\npush 0x311007\npush 0x312007\nmov esp, stack0\nmov eax, cr3\nmov cr3, eax\nmov dword [0x303000], 0x63\nmov dword [0x702008], 0x64",
  "mov eax, 0x313007\nxchg eax, [0x7ff000 + 0x305 * 4]\ninvlpg [0x305000]\ninvlpg [0x705000]\nmov dword [0x305000], 0x65\nmov dword [0x705004], 0x66",
  "and dword [0x3ff000 + 0x305 * 4], ~2\ninvlpg [0x705000]\nmov dword [0x705000], 0x67",
  "lock btr dword [TABLE + 0x305 * 4], 0\ninvlpg [0x305000]\nmov dword [0x305000], 0x68",
  "mov byte [TABLE + 0x305 * 4], 7\nmov dword [0x305000], 0x69",
  "inc dword [0x306000]\nmov eax, cr3\nmov cr3, eax\ninvlpg [TABLE]\nmov ecx, [TABLE]\nmov dword [TABLE + 0x306 * 4], 0x314007\nmov cr3, eax\nmov dword [0x306000], 0x6a",
)}`,
  },
  {
    name: "large-pages",
    tries: "Moves pages of 4 MiB under one INVLPG, sets their reserved bits, and makes tables of them.",
    seenAs: ["INVLPG", "MOV CR"],
    source: `${prepared()}
${SMALL_PAGES}
  mov eax, 0x10
  mov cr4, eax
  mov dword [DIRECTORY + 4], 0x87
  mov dword [0x700000], 0x71
  mov dword [0x701000], 0x72
${attempts(
  "mov dword [DIRECTORY + 4], 0x800087\ninvlpg [0x700000]\nmov dword [0x701000], 0x73\nmov eax, [0x700000]\nmov [notes], eax",
  "mov dword [DIRECTORY + 4], 0x1087\ninvlpg [0x700000]\nmov dword [0x701000], 0x74",
  "mov dword [DIRECTORY + 4], 0x87\ninvlpg [0x700000]\ninc dword [0x701000]\nmov dword [DIRECTORY + 4], 0x800087\ninvlpg [0x700000]\nmov dword [0x701000], 0x76",
  "mov dword [DIRECTORY + 4], TABLE + 7\ninvlpg [0x700000]\nmov dword [0x701000], 0x75",
  "mov dword [DIRECTORY + 4], 0x87\nmov eax, cr4\nand eax, ~0x10\nmov cr4, eax\nmov eax, [0x700000]\nmov [notes + 4], eax",
)}`,
  },
  {
    name: "three-levels",
    tries:
      "Turns on PAE with tables that name frames of others, sets upper halves and reserved bits, and goes back.",
    seenAs: ["MOV CR", "mmio"],
    source: `${prepared()}
  mov edi, 0x200000
  mov ecx, 0x1000
  xor eax, eax
  rep stosd
  mov dword [0x200000], 0x201001     ; pointers
  mov dword [0x200018], 0x202001
  mov dword [0x201000], 0x87         ; 0 and 2 MiB as large pages
  mov dword [0x201008], 0x200087
  mov dword [0x201010], 0x800087     ; beyond memory
  mov dword [0x201018], 0x203007
  mov dword [0x203000], 0x300007
  mov dword [0x203008], 0x900007
  mov dword [0x203010], 0x301007
  mov dword [0x203014], 1            ; an upper half
  mov dword [0x202ff8], 0x300087     ; the last 2 MiB: reserved bits
  mov dword [0x202ff0], 0x200087     ; the 2 MiB before: its own
  mov eax, 0x20
  mov cr4, eax
  mov eax, 0x200000
  mov cr3, eax
  mov eax, 0x80010011
  mov cr0, eax
${attempts(
  "mov dword [0x300000], 0x81",
  "mov dword [0x400000], 0x82",
  "mov dword [0x600004], 0x83",
  "mov dword [0x601000], 0x84",
  "mov dword [0x602000], 0x85",
  "mov dword [0xffc00008 + 0x100000], 0x86",
  "mov dword [0xffffe000], 0x87",
  "mov dword [0x200000], 0x2011e7\nmov eax, cr3\nmov cr3, eax",
  "mov dword [0x200000], 0x201001\nmov eax, 0x80000011\nmov cr0, eax\nmov eax, 0x11\nmov cr0, eax\nxor eax, eax\nmov cr4, eax",
)}`,
  },
  {
    name: "control-bits-off-and-on",
    tries:
      "Turns paging and write protection off and on under itself, writes read-only pages in between, and asks for combinations that are refused.",
    seenAs: ["MOV CR"],
    source: `${prepared()}
${SMALL_PAGES}
  mov dword [TABLE + 0x300 * 4], 0x300001
  invlpg [0x300000]
${attempts(
  "mov dword [0x300000], 0x91",
  "mov eax, 0x80000011\nmov cr0, eax\nmov dword [0x300004], 0x92\nmov eax, 0x80010011\nmov cr0, eax\nmov dword [0x300008], 0x93",
  "mov eax, 0x11\nmov cr0, eax\nmov dword [0x300010], 0x94\nmov eax, 0x80010011\nmov cr0, eax\nmov dword [0x300014], 0x95",
  "mov eax, 0x80000010\nmov cr0, eax",
  "mov eax, 0xa0000011\nmov cr0, eax",
  "mov eax, -1\nmov cr4, eax",
  "clts\nmov eax, 0x80050019\nmov cr0, eax\nmov eax, cr0\nmov [notes], eax\nclts",
  "mov eax, 3\nlmsw ax\nmov eax, cr0\nmov [notes + 4], eax",
)}`,
  },
  {
    name: "address-line-20",
    tries:
      "Closes and opens the A20 gate while it runs with and without paging, so that addresses mean other memory.",
    seenAs: ["OUT"],
    source: `${prepared()}
  mov dword [0x2f0000], 0xa1
  mov dword [0x3f0000], 0xa2
  mov esi, ORIGIN         ; a copy of itself where code goes on with the line at 0
  xor edi, edi
  mov ecx, 0x4000
  rep movsd
  in al, 0x92
  and al, 0xfc
  out 0x92, al
  mov eax, [0x3f0000]
  mov [notes], eax
  mov dword [0x3f0000], 0xa3
  in al, 0x92
  or al, 2
  out 0x92, al
${SMALL_PAGES}
  mov eax, [0x3f0000]
  mov [notes + 4], eax
  inc dword [0x3f0000]
  in al, 0x92
  and al, 0xfd
  out 0x92, al
  mov dword [0x3f0000], 0xa4
  in al, 0x92
  or al, 2
  out 0x92, al
  mov eax, [0x3f0000]
  mov [notes + 8], eax
  jmp finish`,
  },
]
