/** A made-up recording for tests of drawing: an application in ring 3 makes a system call, then tries CLI. */
import type { RecordingOutput } from "../../src/views/output"
import type { Frame, Timeline } from "../../src/views/view"

export const timeline: Timeline = {
  steps: 24,
  rings: [
    [0, 0],
    [3, 3],
    [7, 0],
    [14, 3],
    [18, 0],
    [23, 3],
  ],
  marks: [
    [3, 3, 3],
    [7, 0, 0x80],
    [7, 3, 0],
    [10, 4, 0x3f8],
    [12, 5, 0x102000],
    [14, 3, 3],
    [18, 2, 13],
    [18, 3, 0],
    [21, 1, 0x20],
    [23, 3, 3],
  ],
  end: "The program halted after 24 steps.",
}

const CODE: Frame["code"] = [
  { address: 0x101000, label: "start", text: "mov eax, 4", line: 12, comment: "system call 4: write" },
  { address: 0x101005, text: "mov ebx, message", line: 13 },
  { address: 0x10100a, text: "int 0x80", line: 14, comment: "ask the kernel; it returns the length in EAX" },
  { address: 0x10100c, text: "cmp eax, 5", line: 15 },
  { address: 0x10100f, text: "jne start", line: 16 },
  { address: 0x101011, label: "attempt", text: "cli", line: 18, comment: "not allowed here", ran: true },
  { address: 0x101012, text: "hlt", line: 19 },
  {
    address: 0x100400,
    label: "gp_handler",
    text: "add dword ptr [esp], 1",
    line: 30,
    comment: "skip it",
    next: true,
  },
  { address: 0x100404, text: "push eax", line: 31 },
  { address: 0x100405, text: "in al, 0x20", line: 32, comment: "which interrupt is in service?" },
  { address: 0x100407, text: "pop eax", line: 33 },
  { address: 0x100408, text: "add esp, 4", line: 34, comment: "drop the error code" },
  { address: 0x10040b, text: "iretd", line: 35, comment: "back to ring 3" },
]

/** The frame of the step that faults: CLI in ring 3. */
export const faultFrame: Frame = {
  step: 18,
  ring: 0,
  sentence:
    "CLI in ring 3 is refused with #GP(0). The processor switched to the kernel's stack, pushed five doublewords and an error code, and went to gp_handler in ring 0.",
  fault: {
    name: "#GP(0)",
    says: "CLI needs CPL ≤ IOPL, but CPL is 3 and IOPL is 0.",
    see: "SDM Vol. 2A, CLI; Vol. 3A §6.15, Interrupt 13",
  },
  events: [
    "Check for CLI: CPL 3 > IOPL 0, so #GP(0).",
    "Gate 0Dh of the IDT: interrupt gate to 0008:00100400, DPL 0, present.",
    "Ring 3 to ring 0: SS0:ESP0 = 0010:00108000 from the TSS.",
    "Pushed SS 0023, ESP 0010F000, EFLAGS 00000202, CS 001B, EIP 00101011, error code 0.",
    "An interrupt gate clears IF.",
  ],
  changes: [
    { what: "register", name: "EIP", old: "00101011", value: "00100400" },
    { what: "register", name: "ESP", old: "0010F000", value: "00107FE8" },
    { what: "segment", name: "CS", old: "001B", value: "0008" },
    { what: "segment", name: "SS", old: "0023", value: "0010" },
    { what: "flag", name: "IF", old: "1", value: "0" },
    { what: "memory", name: "[00107FE8]", old: "00000000", value: "00000000" },
    { what: "memory", name: "[00107FEC]", old: "00000000", value: "00101011" },
    { what: "memory", name: "[00107FF0]", old: "00000000", value: "0000001B" },
  ],
  cycles: {
    step: [
      ["guest", 1],
      ["trap", 44],
    ],
    total: 1234,
  },
  code: CODE,
  registers: [
    { name: "EAX", value: 5 },
    { name: "ECX", value: 0 },
    { name: "EDX", value: 0x3f8 },
    { name: "EBX", value: 0x101100 },
    { name: "ESP", value: 0x107fe8, old: 0x10f000 },
    { name: "EBP", value: 0 },
    { name: "ESI", value: 0xffffffff },
    { name: "EDI", value: 0 },
    { name: "EIP", value: 0x100400, old: 0x101011 },
  ],
  flags: [
    { name: "CF", value: 0 },
    { name: "PF", value: 1 },
    { name: "AF", value: 0 },
    { name: "ZF", value: 1 },
    { name: "SF", value: 0 },
    { name: "TF", value: 0 },
    { name: "IF", value: 0, old: 1 },
    { name: "DF", value: 0 },
    { name: "OF", value: 0 },
    { name: "IOPL", value: 0 },
    { name: "NT", value: 0 },
  ],
  segments: [
    { name: "CS", value: 8, old: 0x1b, note: "ring 0 code" },
    { name: "SS", value: 0x10, old: 0x23, note: "ring 0 data" },
    { name: "DS", value: 0x23, note: "ring 3 data, writable, base 0, limit FFFFFFFFh" },
    { name: "ES", value: 0x23, note: "ring 3 data" },
    { name: "FS", value: 0, note: "null" },
    { name: "GS", value: 0, note: "null" },
    { name: "TR", value: 0x28, note: "TSS at 00100800" },
    { name: "LDTR", value: 0, note: "null" },
  ],
  control: [
    { name: "CR0", value: 0x80000011, note: "PG, ET, PE" },
    { name: "CR2", value: 0 },
    { name: "CR3", value: 0x102000, note: "page directory" },
    { name: "CR4", value: 0 },
    { name: "GDTR", value: 0x100000, note: "limit 2Fh" },
    { name: "IDTR", value: 0x100100, note: "limit 7FFh" },
  ],
  stack: [
    { address: 0x107fe8, value: 0, old: 0xdeadbeef, note: "error code", top: true },
    { address: 0x107fec, value: 0x101011, old: 0, note: "EIP to return to" },
    { address: 0x107ff0, value: 0x1b, old: 0, note: "CS (ring 3)" },
    { address: 0x107ff4, value: 0x202, old: 0, note: "EFLAGS" },
    { address: 0x107ff8, value: 0x10f000, old: 0, note: "ESP of ring 3" },
    { address: 0x107ffc, value: 0x23, old: 0, note: "SS of ring 3" },
    { address: 0x108000, value: 0 },
    { address: 0x108004, value: 0 },
  ],
  idt: [
    {
      index: 0x0d,
      name: "General protection #GP",
      detail: "interrupt gate to 0008:00100400",
      dpl: 0,
      used: true,
    },
    { index: 0x0e, name: "Page fault #PF", detail: "interrupt gate to 0008:00100420", dpl: 0 },
    { index: 0x20, name: "timer", detail: "interrupt gate to 0008:00100440", dpl: 0 },
    { index: 0x80, name: "system call", detail: "trap gate to 0008:00100460", dpl: 3 },
  ],
  gdt: [
    { index: 0x08, name: "code, ring 0, 32-bit", detail: "base 0, limit FFFFFFFFh", dpl: 0, used: true },
    { index: 0x10, name: "data, ring 0, writable", detail: "base 0, limit FFFFFFFFh", dpl: 0 },
    { index: 0x18, name: "code, ring 3, 32-bit", detail: "base 0, limit FFFFFFFFh", dpl: 3 },
    { index: 0x20, name: "data, ring 3, writable", detail: "base 0, limit FFFFFFFFh", dpl: 3 },
    { index: 0x28, name: "TSS, 32-bit, busy", detail: "base 00100800, limit 67h", dpl: 0 },
  ],
  memory: [
    {
      title: "message",
      rows: [
        {
          address: 0x101100,
          bytes: [0x48, 0x65, 0x6c, 0x6c, 0x6f, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
          changed: [4],
        },
        { address: 0x101110, bytes: Array(16).fill(null), changed: [] },
      ],
    },
  ],
  devices: [
    { name: "pic.irr", value: 1, note: "IRQ 0 waits" },
    { name: "pic.isr", value: 0 },
  ],
}

/** A plain frame for any step of the made-up run. */
export function frameAt(step: number): Frame {
  if (step === 18) return faultFrame
  let ring = 0
  for (const [from, to] of timeline.rings) if (from <= step) ring = to
  const { fault: _, ...plain } = faultFrame
  return { ...plain, step, ring, sentence: `Step ${step} moved 5 into EAX.`, events: [], changes: [] }
}

export const recordingOutput: RecordingOutput = {
  kind: "recording",
  core: "0.1.0",
  title: "A system call, then CLI in ring 3",
  recording: { anything: true },
  timeline,
  view: frameAt(0),
  pins: ["message"],
}
