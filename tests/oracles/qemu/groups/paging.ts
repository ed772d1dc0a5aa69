/** Page tables: every combination of U/S and R/W at both levels, WP, CPL and access, with what becomes of A and D. */
import type { Case } from "../case"
import * as W from "../world"

const { present, writable, user, big, accessed, dirty, global } = W.PAGE
const LINEAR = 0x400000
/** Offset in the page that is touched. */
const DATA = LINEAR + 0x10
const PDE = W.AT.directory + 4
const PTE = W.AT.table1
const PG_PE = 0x80000011
const WP = 0x10000
const PSE = 0x10
const PGE = 0x80
const hex = (value: number) => `0x${(value >>> 0).toString(16)}`
const RIGHTS = [0, writable, user, user | writable]
const said = (entry: number) => `${entry & user ? "U" : "S"}${entry & writable ? "W" : "R"}`

/** How a page is touched. What is executed is a stub, so it reports at once. */
const ACCESSES = {
  read: { frame: W.AT.data, code: (at: number) => `mov eax, [${hex(at + 0x10)}]` },
  write: { frame: W.AT.data, code: (at: number) => `mov [${hex(at + 0x10)}], eax` },
  change: { frame: W.AT.data, code: (at: number) => `inc dword [${hex(at + 0x10)}]` },
  execute: { frame: W.AT.stubs, code: (at: number) => `jmp CODE_HERE:${hex(at + 2 * 0x59)}` },
}
const codeFor = (ring: number, text: string) => text.replace("CODE_HERE", hex(W.code(ring)))
const control = (wp: boolean, pse = false): W.Poke[] => [
  [W.AT.cr0, (PG_PE | (wp ? WP : 0)) >>> 0],
  ...(pse ? ([[W.AT.cr4, PSE]] as W.Poke[]) : []),
]

function small(): Case[] {
  const cases: Case[] = []
  for (const [way, { frame, code }] of Object.entries(ACCESSES))
    for (const ring of [0, 3])
      for (const wp of [false, true])
        for (const pde of RIGHTS)
          for (const pte of RIGHTS)
            cases.push({
              name: `${way} in ring ${ring}, WP ${Number(wp)}, PDE ${said(pde)}, PTE ${said(pte)}`,
              ring,
              pokes: [...control(wp), [PDE, W.AT.table1 | pde | present], [PTE, frame | pte | present]],
              code: `  ${codeFor(ring, code(LINEAR))}\n  int 0x58`,
            })
  return cases
}

function large(): Case[] {
  const cases: Case[] = []
  for (const [way, { frame, code }] of Object.entries(ACCESSES))
    for (const ring of [0, 3])
      for (const wp of [false, true])
        for (const pde of RIGHTS)
          cases.push({
            name: `${way} in ring ${ring}, WP ${Number(wp)}, 4 MiB page ${said(pde)}`,
            ring,
            pokes: [...control(wp, true), [PDE, pde | present | big]],
            code: `  ${codeFor(ring, code(LINEAR + frame))}\n  int 0x58`,
          })
  return cases
}

/** Rings 1 and 2 are supervisors. */
function middleRings(): Case[] {
  return [1, 2].flatMap((ring) =>
    RIGHTS.map((pte) => ({
      name: `write in ring ${ring}, WP 1, PTE ${said(pte)}`,
      ring,
      pokes: [...control(true), [PDE, W.AT.table1 | 7], [PTE, W.AT.data | pte | present]] as W.Poke[],
      code: `  mov [${hex(DATA)}], eax\n  int 0x58`,
    })),
  )
}

/** Entries that are not present, have reserved bits, or bits that were set before. */
function entries(): Case[] {
  const table: Record<string, W.Poke[]> = {
    "no PDE": [],
    "a PDE that is not present, all else set": [[PDE, 0xfffffffe]],
    "no PTE": [[PDE, W.AT.table1 | 7]],
    "a PTE that is not present, all else set": [
      [PDE, W.AT.table1 | 7],
      [PTE, 0xfffffffe],
    ],
    "A set in both": [
      [PDE, W.AT.table1 | 7 | accessed],
      [PTE, W.AT.data | 7 | accessed],
    ],
    "A and D set in the PTE": [
      [PDE, W.AT.table1 | 7],
      [PTE, W.AT.data | 7 | accessed | dirty],
    ],
    "PS in the PDE without CR4.PSE": [
      [PDE, W.AT.table1 | 7 | big],
      [PTE, W.AT.data | 7],
    ],
    "PAT in the PTE": [
      [PDE, W.AT.table1 | 7],
      [PTE, W.AT.data | 7 | big],
    ],
    "G in the PTE": [
      [PDE, W.AT.table1 | 7],
      [PTE, W.AT.data | 0x107],
    ],
    "PWT and PCD": [
      [PDE, W.AT.table1 | 0x1f],
      [PTE, W.AT.data | 0x1f],
    ],
    "bits for the system": [
      [PDE, W.AT.table1 | 0xe07],
      [PTE, W.AT.data | 0xe07],
    ],
  }
  return Object.entries(table).flatMap(([what, pokes]) =>
    [0, 3].flatMap((ring) =>
      ["mov eax, [0x400010]", "mov [0x400010], eax"].map((code) => ({
        name: `${code} in ring ${ring}: ${what}`,
        ring,
        pokes: [...control(false), ...pokes],
        code: `  ${code}\n  int 0x58`,
      })),
    ),
  )
}

/** An access that crosses into another page. */
function crossing(): Case[] {
  const second = W.AT.table1 + 4
  const pages: Record<string, W.Poke[]> = {
    "the second page not present": [[PTE, W.AT.data | 7]],
    "the first page not present": [[second, W.AT.data | 7]],
    "the second page read-only": [
      [PTE, W.AT.data | 7],
      [second, W.AT.data | 5],
    ],
    "the first page read-only": [
      [PTE, W.AT.data | 5],
      [second, W.AT.data | 7],
    ],
    "the second page for supervisors": [
      [PTE, W.AT.data | 7],
      [second, W.AT.data | 3],
    ],
    "both open": [
      [PTE, W.AT.data | 7],
      [second, W.AT.data | 7],
    ],
  }
  const ways = [
    "mov eax, [0x400ffe]",
    "mov [0x400ffe], eax",
    "add [0x400fff], eax",
    "mov [0x400fff], ax",
    "pop dword [0x400ffe]",
    "mov esp, 0x401002\n  push eax",
    "mov esp, 0x400ffe\n  pop eax",
    "mov edi, 0x400ff8\n  mov ecx, 5\n  rep stosd",
    "mov esi, 0x400ff8\n  mov ecx, 5\n  rep lodsd",
    "xchg [0x400ffe], eax",
    "bts dword [0x400ffe], 31",
    "cmpxchg [0x400ffe], ecx",
    "shld [0x400ffd], eax, 3",
  ]
  return Object.entries(pages).flatMap(([what, pokes]) =>
    ways.map((way) => ({
      name: `${way.replace("\n  ", ", ").replace("\n  ", ", ")}: ${what}`,
      ring: 3,
      pokes: [...control(false), [PDE, W.AT.table1 | 7], ...pokes] as W.Poke[],
      code: `  ${way}\n  int 0x58`,
    })),
  )
}

/** What the TLB keeps, and what makes it forget. */
function buffer(): Case[] {
  const pokes: W.Poke[] = [...control(false), [PDE, W.AT.table1 | 7], [PTE, W.AT.data | 7]]
  const through = "mov dword [0xb000], 0" // the PTE, by its identity mapping
  const codes = {
    "INVLPG forgets": `  mov eax, [0x400010]\n  ${through}\n  invlpg [0x400000]\n  mov eax, [0x400010]\n  int 0x58`,
    "loading CR3 forgets": `  mov eax, [0x400010]\n  ${through}\n  mov eax, cr3\n  mov cr3, eax\n  mov eax, [0x400010]\n  int 0x58`,
    "a PTE that was not present is read again": `  mov dword [0xb000], 0x30007\n  mov eax, [0x400010]\n  int 0x58`,
    "a page made writable is found so without INVLPG": `  mov eax, [0x400010]\n  mov dword [0xb000], 0x30007\n  mov [0x400010], eax\n  int 0x58`,
    "clearing CR0.WP is heeded at once": `  mov eax, [0x400010]\n  mov eax, cr0\n  and eax, 0xfffeffff\n  mov cr0, eax\n  mov [0x400010], eax\n  int 0x58`,
  }
  const other: Record<string, W.Poke[]> = {
    "a PTE that was not present is read again": [[PTE, 0]],
    "a page made writable is found so without INVLPG": [
      [W.AT.cr0, 0x80010011],
      [PTE, W.AT.data | 5],
    ],
    "clearing CR0.WP is heeded at once": [
      [W.AT.cr0, 0x80010011],
      [PTE, W.AT.data | 5],
    ],
  }
  return Object.entries(codes).map(([name, code]) => ({
    name,
    pokes: [...pokes, ...(other[name] ?? [])],
    code,
  }))
}

/**
 * Global pages, and what makes the TLB forget them all the same. That they outlive a load of CR3 while PGE is set cannot be
 * asked here: QEMU forgets them then, as a processor may.
 */
function globals(): Case[] {
  const OTHER = W.AT.data + 0x1000
  const cr4 = (value: number) => `mov eax, ${hex(value)}\n  mov cr4, eax`
  const sizes = {
    "4 KiB": {
      pde: W.AT.table1 | 7,
      at: DATA,
      change: `mov dword [${hex(PTE)}], ${hex(OTHER | 7 | global)}`,
    },
    // The large page becomes one of small pages.
    "4 MiB": {
      pde: 7 | big | global,
      at: LINEAR + W.AT.data + 0x10,
      change: `mov dword [${hex(PDE)}], ${hex(W.AT.table1 | 7)}`,
    },
  }
  const ways: Record<string, [cr4: number, code: string]> = {
    "loading CR3, PGE 0": [PSE, "mov eax, cr3\n  mov cr3, eax"],
    "setting PGE": [PSE, cr4(PSE | PGE)],
    "clearing PGE": [PSE | PGE, cr4(PSE)],
    "INVLPG, PGE 1": [PSE | PGE, "invlpg [HERE]"],
    "paging off and on, PGE 1": [
      PSE | PGE,
      "mov eax, cr0\n  btr eax, 31\n  mov cr0, eax\n  bts eax, 31\n  mov cr0, eax",
    ],
  }
  return Object.entries(sizes).flatMap(([size, { pde, at, change }]) =>
    Object.entries(ways).map(
      ([what, [control4, way]]): Case => ({
        name: `a global page of ${size}: ${what}`,
        pokes: [
          ...control(false),
          [W.AT.cr4, control4],
          [PDE, pde],
          [PTE, W.AT.data | 7 | global],
          [PTE + 4 * (W.AT.data >>> 12), OTHER | 7 | global],
          [W.AT.data + 0x10, 1],
          [OTHER + 0x10, 2],
        ],
        code: `  mov ebx, [${hex(at)}]\n  ${change}\n  ${way.replace("HERE", hex(at))}\n  mov ecx, [${hex(at)}]\n  int 0x58`,
      }),
    ),
  )
}

/** Tables of the processor in pages that are not there: it reads them as a supervisor. */
function systemTables(): Case[] {
  const kernelOnly = (page: number): W.Poke => [W.AT.table0 + 4 * page, (page << 12) | 0x63]
  return [
    {
      name: "GDT, IDT and TSS in a page for supervisors, used by ring 3",
      ring: 3,
      pokes: [...control(true), kernelOnly(5)],
      code: "  mov eax, DATA3\n  mov ds, ax\n  int 0x58",
    },
    { name: "the stack of ring 0 in a user page", ring: 3, pokes: control(true), code: "  int 0x58" },
    {
      name: "the stack of ring 0 in a read-only page, WP 0",
      ring: 3,
      pokes: [...control(false), [W.AT.table0 + 28, 0x7065]],
      code: "  int 0x58",
    },
  ]
}

export const paging = (): Case[] => [
  ...small(),
  ...large(),
  ...middleRings(),
  ...entries(),
  ...crossing(),
  ...buffer(),
  ...globals(),
  ...systemTables(),
]
