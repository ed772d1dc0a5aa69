/** Guests that reach for memory which is not theirs: the last 4 MiB of linear addresses, and what lies behind their own. */
import { attempts, attemptsInRing3, type HostileGuest, prepared } from "./attempts"
import { SMALL_PAGES } from "./paging"

/** Places in the last 4 MiB where a monitor may have code, tables and stacks. */
const HIGH = [
  "0xffc00000",
  "0xffe00000",
  "0xffff9000",
  "0xffffa000",
  "0xffffbff8",
  "0xffffc000",
  "0xffffe068",
  "0xfffff000",
]
const eachHigh = (line: (address: string) => string) => HIGH.map(line)

export const MEMORY: readonly HostileGuest[] = [
  {
    name: "top-without-paging",
    tries: "Reads, writes and changes the last 4 MiB of linear addresses, where a monitor may live.",
    seenAs: ["mmio", "exception 13", "MOV"],
    source: `${prepared()}
${attempts(
  ...eachHigh((at) => `mov eax, [${at}]\nmov [notes + 0x100], eax`),
  ...eachHigh((at) => `mov dword [${at}], 0x12345678`),
  ...eachHigh((at) => `xor byte [${at}], 1`),
  ...eachHigh((at) => `xchg [${at}], esp`),
)}`,
  },
  {
    name: "top-jumps",
    tries: "Jumps and calls into the last 4 MiB, to gates' targets and into the middle.",
    seenAs: ["JMP", "CALL", "exception 13", "interpreted"],
    source: `${prepared()}
${attempts(
  ...eachHigh((at) => `jmp ${at}`),
  ...eachHigh((at) => `mov eax, ${at}\ncall eax`),
  "push 0xfffff0d0\nret",
  "push 2\npush CODE0\npush 0xffff9010\niretd",
  "jmp CODE0:0xfffff010",
)}`,
  },
  {
    name: "top-with-paging",
    tries: "Maps its own pages over the last 4 MiB and works there, with data, a stack and code.",
    seenAs: ["MOV", "interpreted", "exception 13", "MOV CR"],
    source: `${prepared()}
${SMALL_PAGES}
  mov edi, 0x202000       ; a table whose entries all name the page 300000h
  mov ecx, 1024
  mov eax, 0x300007
  rep stosd
  mov dword [DIRECTORY + 1023 * 4], 0x202007
${attempts(
  ...eachHigh((at) => `mov dword [${at}], ${at}`),
  ...eachHigh((at) => `add eax, [${at}]\nmov [notes + 0x200], eax`),
  "mov esp, 0xffffb000\npush 0x1234\ncall .here\n.here:",
  "mov byte [0x300ff0], 0x40\nmov byte [0x300ff1], 0xc3\nxor eax, eax\ncall 0xfffffff0\nmov [notes + 0x204], eax",
  "mov dword [0x300ff0], 0xf4c3fb40\nxor eax, eax\ncall 0xffc00ff0\nmov [notes + 0x208], eax",
)}`,
  },
  {
    name: "across-the-top",
    tries: "Runs pushes, calls and string instructions over the border below the last 4 MiB.",
    seenAs: ["exception 13", "exception 12", "PUSH", "STOS", "MOVS", "mmio"],
    source: `${prepared()}
${SMALL_PAGES}
  mov edi, 0x202000
  mov ecx, 1024
  mov eax, 0x300007
  rep stosd
  mov dword [DIRECTORY + 1022 * 4], 0x202007
  mov dword [DIRECTORY + 1023 * 4], 0x202007
${attempts(
  "mov dword [0xffbffffd], 0x11223344",
  "mov ax, [0xffbfffff]\nmov [notes + 0x100], ax",
  "mov esp, 0xffc00002\npush 0x55667788",
  "mov esp, 0xffc00008\npusha",
  "mov edi, 0xffbfff00\nmov ecx, 0x100\nmov eax, 0x99\nrep stosd",
  "mov edi, 0xffbfff03\nmov esi, 0x100000\nmov ecx, 0x200\nrep movsb",
  "mov esi, 0xffbfffe0\nmov edi, 0x310000\nmov ecx, 0x40\nrep movsw",
  "std\nmov edi, 0xffc0001c\nmov ecx, 16\nrep stosd",
  "cld\nmov dword [0xfffffffe], 1",
  "mov eax, 0xfffffffd\nmov cx, [eax + 2]\nmov [notes + 0x104], cx",
)}`,
  },
  {
    name: "top-from-ring-3",
    tries: "Does the same from ring 3: reads, writes and jumps to the last 4 MiB.",
    seenAs: ["mmio", "MOV", "exception 13", "exception 14"],
    source: `${prepared()}
${attemptsInRing3(
  ...eachHigh((at) => `mov eax, [${at}]`),
  ...eachHigh((at) => `mov dword [${at}], eax`),
  ...eachHigh((at) => `jmp ${at}`),
  "mov esp, 0xffffb000\npush eax",
  "mov edi, 0xffbffff0\nmov ecx, 64\nrep stosb",
)}`,
  },
  {
    name: "beyond-memory",
    tries:
      "Writes and reads physical addresses from the end of its memory to 64 MiB, one page in 49, where the machine has memory of others.",
    seenAs: ["mmio"],
    source: `${prepared()}
  mov edi, 0x400000
  xor esi, esi
.page:
  mov dword [edi], 0xbadbad
  add dword [edi + 4], edi
  add esi, [edi]
  add edi, 0x31000
  cmp edi, 0x4000000
  jb .page
  mov [notes], esi
${attempts(
  "mov dword [0x3ffffd], 0x01020304",
  "mov eax, [0x3ffffe]\nmov [notes + 4], eax",
  "mov edi, 0x3fff00\nmov ecx, 0x200\nrep stosd",
  "mov esi, 0x3fff00\nmov edi, 0x500000\nmov ecx, 0x100\nrep movsd",
  "mov esi, 0x500000\nmov edi, 0x310000\nmov ecx, 0x100\nrep movsd",
  "mov esp, 0x400006\npush 0x77777777\npop eax\nmov [notes + 8], eax",
  "jmp 0x3ffffe",
  "jmp 0x800000",
)}`,
  },
]
