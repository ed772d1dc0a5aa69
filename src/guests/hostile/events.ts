/** Guests that never give the processor back, ask for more events than there is time, or break off at the worst moment. */
import { startController, startTimer } from "../traps"
import { attempts, attemptsInRing3, attemptsOnly, type HostileGuest, prepared } from "./attempts"

const TIMER = 0x20
const endOfInterrupt = "  mov al, 0x20\n  out 0x20, al"

export const EVENTS: readonly HostileGuest[] = [
  {
    name: "interrupts-off-for-ever",
    tries: "Turns interrupts off and runs on.",
    seenAs: ["CLI"],
    ends: "never",
    source: `${prepared()}
  cli
again:
  inc eax
  jmp again`,
  },
  {
    name: "halts-for-ever",
    tries: "Halts with interrupts off.",
    seenAs: ["HLT"],
    source: `${prepared()}
  cli
  hlt
  jmp finish`,
  },
  {
    name: "unmasks-and-never-returns",
    tries:
      "Lets timer interrupts in, and has the handler run on with interrupts off and without an end of interrupt.",
    seenAs: ["event"],
    ends: "never",
    source: `${prepared([{ vector: TIMER, handler: "tick" }])}
${startTimer(100)}
${startController([0])}
  sti
again:
  inc eax
  jmp again
tick:
  inc ebx
  jmp tick`,
  },
  {
    name: "a-storm-of-ticks",
    tries:
      "Runs the timer as fast as it goes and halts after each tick, so that it wakes hundreds of thousands of times a second.",
    seenAs: ["event", "HLT"],
    ends: "never",
    source: `${prepared([{ vector: TIMER, handler: "tick" }])}
${startTimer(2)}
${startController([0])}
again:
  sti
  hlt
  jmp again
tick:
  inc dword [notes]
${endOfInterrupt}
  iretd`,
  },
  {
    name: "a-storm-while-asleep",
    tries:
      "Halts while the timer runs as fast as it goes with its line masked, so that a monitor may look after it all the time.",
    seenAs: ["HLT"],
    ends: "never",
    source: `${prepared()}
${startTimer(2)}
${startController([])}
  sti
  hlt
  jmp finish`,
  },
  {
    name: "a-storm-of-traps",
    tries: "Traps as often as it can: privileged instructions, page faults and system calls in turn.",
    seenAs: ["CLTS", "INT 80h"],
    ends: "never",
    source: `${prepared([{ vector: 0x80, handler: "back", dpl: 3 }])}
again:
  clts
  int 0x80
  mov eax, cr0
  mov cr0, eax
  mov eax, cr3
  mov cr3, eax
  sti
  cli
  jmp again
back:
  iretd`,
  },
  {
    name: "returns-to-ring-3",
    tries:
      "Goes from a kernel with interrupts off to ring 3 with interrupts on, again and again by the same IRET, then waits for a tick.",
    seenAs: ["IRET"],
    source: `${prepared([
      { vector: TIMER, handler: "finish" },
      { vector: 0x80, handler: "called", dpl: 3 },
    ])}
${startController([0])}
  cli
  mov ecx, 8
out_again:
  push DATA3
  push stack3
  push 0x202
  push CODE3
  push outer
  iretd
outer:
  int 0x80
wait_here:
  jmp wait_here
called:
  mov eax, DATA0
  mov ss, eax
  mov esp, stack0
  loop out_again
${startTimer(2000)}
  push DATA3
  push stack3
  push 0x202
  push CODE3
  push wait_here
  iretd`,
  },
  {
    name: "shuts-down-with-a-tick-pending",
    tries: "Faults three times while interrupts are on and the timer runs.",
    seenAs: ["exception 6", "event"],
    ends: "shutdown",
    differs: "how many ticks there were is the clock's to say",
    source: `${prepared([{ vector: TIMER, handler: "tick" }])}
${startTimer(20)}
${startController([0])}
  lidt [nothing]
  sti
  ud2
tick:
  iretd
nothing: dw 0
  dd 0`,
  },
  {
    name: "single-steps",
    tries:
      "Runs under TF through privileged instructions, system calls, segment loads, string instructions and faults.",
    seenAs: ["exception 1", "interpreted"],
    source: `${prepared([
      { vector: 1, handler: "stepped", dpl: 3 },
      { vector: 0x80, handler: "called", dpl: 3 },
    ])}
  jmp begin
stepped:
  push eax
  mov eax, dr6
  add [notes + 0x408], eax
  xor eax, eax
  mov dr6, eax
  pop eax
  inc dword [notes + 0x400]
  iretd
called:
  inc dword [notes + 0x404]
  clts
  iretd
begin:
${attemptsOnly(0, [
  "push 0x102\npopfd\nclts\nmov eax, cr0\nint 0x80\nmov ecx, 5\nmov edi, 0x300000\nrep stosb\nmov eax, DATA0\nmov ss, eax\nnop\ncli",
  "push 0x102\npopfd\nmov eax, [0xffffe000]\nud2",
  "push 0x102\npopfd\nmov eax, DATA0\nmov ss, eax\nint 0x80",
])}
${attemptsInRing3("push 0x102\npopfd\nint 0x80\nnop", "push 0x102\npopfd\ncli", "push 0x102\npopfd\npush DATA3\npop ss\nint 0x80\nnop")}`,
  },
  {
    name: "a-stack-switch-under-a-trap",
    tries:
      "Enters ring 3 with TF by IRET, loads SS there and calls the kernel in its shadow, so that the trap arrives inside.",
    seenAs: ["IRET", "interpreted"],
    source: `${prepared([{ vector: 0x80, handler: "done", dpl: 3 }])}
${attempts(
  ...[
    "mov eax, DATA3\nmov ss, eax\nint 0x80",
    "push DATA3\npop ss\nint 0x80",
    "mov eax, DATA3\nmov ss, eax\nint3",
    "mov eax, DATA3\nmov ss, eax\nsysenter",
    "nop\nint 0x80",
  ].map(
    (text, n) =>
      `push DATA3\npush stack3\npush 0x102\npush CODE3\npush traced_${n}\niretd\ntraced_${n}:\n${text}`,
  ),
)}`,
  },
  {
    name: "breakpoints-on-a-monitor",
    tries:
      "Sets debug registers to a monitor's pages and to its own code and data, protects them, and traps.",
    seenAs: ["MOV DR"],
    source: `${prepared()}
${attempts(
  "mov eax, 0xfffff0d0\nmov dr0, eax\nmov eax, 0xffffafec\nmov dr1, eax\nmov eax, 0x00f00403\nmov eax, 0x00f0040a\nmov dr7, eax\nclts\nint 0x80",
  "mov eax, 0xffffe000\nmov dr2, eax\nmov eax, 0x03000420\nmov dr7, eax\nclts\nmov dword [0xffffe000], 1",
  "mov eax, .there\nmov dr0, eax\nmov eax, 0x402\nmov dr7, eax\nnop\n.there:\nclts",
  "mov eax, dr6\nmov [notes + 0x300], eax\nmov eax, 0x300000\nmov dr3, eax\nmov eax, 0xf0000480\nmov dr7, eax\nmov dword [0x300000], 1\nnop",
  "mov eax, 0x2400\nmov dr7, eax\nmov eax, dr0",
  "mov eax, 8\nmov cr4, eax\nmov eax, dr4",
  "xor eax, eax\nmov dr7, eax\nmov eax, dr6\nmov [notes + 0x304], eax",
)}`,
  },
  {
    name: "shadows-of-interrupts",
    tries:
      "Puts privileged instructions and HLT into the instruction after STI and MOV SS, where no interrupt may come.",
    seenAs: ["STI", "HLT"],
    ends: "never",
    source: `${prepared([{ vector: TIMER, handler: "tick" }])}
${startTimer(50)}
${startController([0])}
again:
  sti
  clts
  cli
  sti
  mov eax, DATA0
  mov ss, eax
  mov cr0, ecx
  sti
  cli
  sti
  hlt
  mov ecx, cr0
  jmp again
tick:
${endOfInterrupt}
  iretd`,
  },
  {
    name: "misaligned",
    tries:
      "Has ring 3 access misaligned data under alignment checks, also across a page's end and on its stack.",
    seenAs: ["exception 17"],
    source: `${prepared()}
  mov eax, cr0
  or eax, 0x40000
  mov cr0, eax
${attempts(
  ...[
    "mov eax, [0x300001]",
    "mov word [0x300fff], ax",
    "mov esp, 0x300802\npush eax",
    "mov eax, [0x300004]\nint 0x8f",
  ].map(
    (text, n) =>
      `push DATA3\npush stack3\npush 0x40002\npush CODE3\npush aligned_${n}\niretd\naligned_${n}:\nmov eax, DATA3\nmov ds, eax\n${text}`,
  ),
)}`,
  },
  {
    name: "long-instructions",
    tries:
      "Starts string instructions of 4 GiB, forwards and backwards, through memory, nothing and the last 4 MiB.",
    seenAs: ["mmio", "STOS", "MOVS"],
    ends: "never",
    source: `${prepared()}
  mov edi, 0x310000
  mov esi, 0x300000
  mov ecx, -1
  rep movsb
  jmp finish`,
  },
  {
    name: "long-instructions-without-protection",
    tries: "The same in real-address mode, where a monitor runs it step by step.",
    seenAs: ["interpreted"],
    ends: "never",
    source: `${prepared()}
  mov eax, cr0
  and al, 0xfe
  mov cr0, eax
again:
  mov edi, 0x300000
  mov ecx, 0x40000
  rep stosd
  jmp again`,
  },
]
