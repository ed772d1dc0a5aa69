/*
 * Cells of a notebook, each below a line that names it: runs whose recordings hold every part of the machine's state.
 * A recording keeps the state in which it began, so most machines run for a while before.
 */
import {
  asm,
  assemble,
  type Device,
  enterRing,
  kit,
  type Machine,
  pc,
  post,
  record,
  screen,
  situate,
  startController,
  startPaging,
  startTimer,
} from "ringlab"

/** Step until something holds. */
function until(machine: Machine, holds: (machine: Machine) => boolean): Machine {
  for (let steps = 0; !holds(machine); steps++)
    if (machine.step().why !== "limit" || steps > 100_000) throw new Error("it never holds")
  return machine
}

/** Bytes to ports. */
const outs = (...pairs: readonly (readonly [port: number, value: number])[]) =>
  pairs.map(([port, value]) => `  mov al, ${value}\n  mov dx, ${port}\n  out dx, al`).join("\n")

// %% all-devices
const SECOND_CONTROLLER = [0x11, 0x28, 2, 1, 0xfe].map((byte, n) => [n === 0 ? 0xa0 : 0xa1, byte] as const)
const SERIAL_PORT = [
  [0x3fb, 0x83],
  [0x3f8, 12],
  [0x3f9, 0],
  [0x3fb, 3],
  [0x3fa, 1],
  [0x3fc, 0x0b],
  [0x3f9, 3],
  [0x3ff, 0x5a],
] as const
const CLOCK = [
  [0x70, 0x0a],
  [0x71, 0x28],
  [0x70, 0x0b],
  [0x71, 0x52],
] as const
const REST = [
  [0x43, 0xb6],
  [0x42, 0x34],
  [0x42, 0x12],
  [0x61, 3],
  [0x3d4, 0x0e],
  [0x3d5, 0x01],
  [0x80, 0x11],
  [0x190, 0x22],
] as const
const handler = (name: string, lines: string) => `
${name}:
  push eax
  push edx
${lines}
  mov al, 0x20
  out 0x20, al
  inc dword [${name}_count]
  pop edx
  pop eax
  iretd
${name}_count: dd 0`

const everything = asm`${kit({
  gates: [
    { vector: 0x20, handler: "timer" },
    { vector: 0x21, handler: "key" },
    { vector: 0x24, handler: "serial" },
    { vector: 0x28, handler: "clock" },
    { vector: 0x80, handler: "service", dpl: 3, kind: "trap" },
    { vector: 13, handler: "refused" },
    { vector: 14, handler: "absent" },
  ],
})}
main:
${startTimer(1500)}
${startController([0, 1, 2, 4])}
${outs(...SECOND_CONTROLLER, ...SERIAL_PORT, ...CLOCK, ...REST)}
  sti
  hlt
  hlt
  cli
${startPaging()}
${enterRing(3, "user", 0x202)}
user:
  mov esi, 0x400000
again:
  inc dword [esi]
  add esi, 0x1000
  and esi, 0x40ffff
  mov eax, esi
  mov ebx, 7
  xor edx, edx
  div ebx
  int 0x80
  cli
  jmp again
service:
  push eax
  push edx
  mov eax, cr3
  mov cr3, eax
  cpuid
  mov dx, 0x3f8
  mov al, '.'
  out dx, al
  pop edx
  pop eax
  iretd
refused:
  add dword [esp + 4], 1
  add esp, 4
  iretd
absent:
  push eax
  mov eax, cr2
  shr eax, 12
  and eax, 0x3ff
  mov dword [TABLE + eax * 4], 0x300007
  pop eax
  add esp, 4
  iretd
${handler("timer", "  in al, 0x40")}
${handler("key", "  in al, 0x60\n  mov [0xb8000], al")}
${handler("serial", "  mov dx, 0x3fa\n  in al, dx\n  mov dx, 0x3f8\n  in al, dx")}
${handler("clock", "  mov al, 0x0c\n  out 0x70, al\n  in al, 0x71\n  mov al, 0\n  out 0x70, al\n  in al, 0x71\n  mov al, 0x20\n  out 0xa0, al")}
`
const equipped = pc({ memory: 5, devices: [screen(), post()] }).load(everything)
equipped.run({ steps: 400 })
equipped.press("Hi!\n").type("hello").run({ steps: 2600 })
equipped.press("On").type("more")
record(equipped, {
  steps: 5000,
  title: "All devices",
  show: 1234,
  pins: ["esp", "user", "esi+4", "[timer_count]", "b8000"],
})

// %% foreign-devices
const devices: Device[] = [
  {
    name: "alarm",
    state: { rung: 0, last: null },
    ports: [
      [0x300, 0x303],
      [0x310, 0x310],
    ],
    in(port, size, host) {
      return (host.now ^ port ^ size) & 0xff
    },
    out(port, size, value, host) {
      const state = this.state as { rung: number; last: number | null }
      state.last = value
      if (port === 0x310) host.reset()
      else if (size === 32) host.cancel(1)
      else for (const tag of [0, 1]) host.after(value * (tag + 1), tag)
    },
    tick(tag, host) {
      const state = this.state as { rung: number }
      state.rung++
      host.interrupt(5, false)
      host.interrupt(5, true)
      host.gateA20(tag === 0)
      host.writeMemory(0x6_0000 + 4 * tag, 32, host.readMemory(0x6_0000, 32) + 1)
    },
  },
  {
    name: "window",
    state: { words: [1, 2, 3] },
    byteWide: true,
    ports: [[0x320, 0x321]],
    memory: [[0x20_0000, 0x20_0fff]],
    in: (port) => port & 0xff,
    read(physical) {
      return (this.state as { words: number[] }).words[(physical >> 2) % 3]
    },
    write(physical, _size, value) {
      ;(this.state as { words: number[] }).words[(physical >> 2) % 3] = value
    },
  },
]
const driver = asm`${kit({ gates: [{ vector: 0x25, handler: "rung" }], origin: 0x8000 })}
main:
${startController([5])}
  sti
again:
  mov al, 90
  mov dx, 0x301
  out dx, al
  in ax, dx
  mov dx, 0x320
  in ax, dx
  add [0x200004], eax
  mov ebx, [0x200008]
  inc dword [rounds]
  cmp dword [rounds], 20
  jb again
  mov dx, 0x300
  out dx, eax
  hlt
  mov dx, 0x310
  out dx, al
rung:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd
rounds: dd 0
`
const foreign = pc({ memory: 4, devices }).load(driver)
foreign.run({ steps: 60 })
record(foreign, { steps: 2000, title: "Devices of one's own", pins: ["60000"] })

// %% foreign-device-on-a-bare-pc
/** What an exercise asks for, and a graded cell plays back with `replay`. */
const counter: Device = {
  name: "counter",
  state: 40,
  ports: [[0x330, 0x330]],
  in() {
    return (this.state as number) & 0xff
  },
  out(_port, _size, value) {
    this.state = (this.state as number) + value
  },
}
const counting = asm`org 0x1000
  mov dx, 0x330
  mov al, 2
  out dx, al
  in al, dx
  hlt
`
record(pc({ devices: [counter] }).load(counting), { title: "Forty-two" })

// %% repaired
const refusing = situate({
  ring: 3,
  virtual: false,
  bytes: [0x9d],
  registers: [1, 2, 3, 4, 0, 6, 7, 8],
  flags: 0x202,
  cr0: 0x8000_0011 | 0,
  cr4: 0x800,
  places: { gdt: 0, idt: 1, ldt: 0, task: 1, pages: 0 },
  stack: [0x2, 5],
  data: [7, 8],
  repaired: ["POPF", "SGDT"],
})
record(refusing, { steps: 4, show: 1, title: "POPF is refused" })

// %% rom
const rom = assemble(`org 0
bits 16
start:
  mov ax, 0x1000
  mov ss, ax
  mov sp, 0x800
  mov ds, ax
  in al, 0x92
  xor al, 2
  out 0x92, al
  xor dx, dx
  mov ax, [0]
  inc word [0]
  mov [0xf0], eax
  int 0x10
  cmp word [0], 3
  jae enough
  mov al, 0xfe
  out 0x64, al
  nop
enough:
  hlt
video:
  iret
  times 0xfff0 - ($ - $$) db 0xf4
  jmp 0xf000:start
  times 0x10000 - ($ - $$) db 0`)
const board = pc({ memory: 2 }).loadRom(rom.bytes)
board.memory.write(0x40, Uint8Array.of(rom.labels.video, rom.labels.video >> 8, 0x00, 0xf0))
record(board, { title: "From a ROM, reset twice", pins: ["10000"] })

// %% reset-without-rom
record(
  pc({ memory: 1 }).load(asm`org 0x1000
  mov al, 3
  out 0x92, al
  nop
`),
  { title: "No ROM" },
)

// %% tasks
const taskState = (label: string) => `${label}: dd 0
  dd stack2, DATA0, 0, 0, 0, 0, 0, other, 2
  dd 0xa, 0xc, 0xd, 0xb, stack1, 0xeb, 0x51, 0xd1
  dd DATA0, CODE0, DATA0, DATA0, 0, 0, 0, 0
  times 30 dd 0`
const descriptor = (label: string) =>
  `  dw 103, (ORIGIN + ${label} - $$) & 0xffff\n  db ((ORIGIN + ${label} - $$) >> 16) & 0xff, 0x89, 0, 0`
const tasks = pc({ memory: 2 }).load(asm`${kit({
  gates: [{ vector: 13, handler: "refused" }],
  descriptors: [
    descriptor("other_tss"),
    "  dw 0, 0x50\n  db 0, 0xe5, 0, 0",
    "  dw 31, (ORIGIN + ldt - $$) & 0xffff\n  db ((ORIGIN + ldt - $$) >> 16) & 0xff, 0x82, 0, 0",
  ],
})}
main:
  mov eax, 0x60
  lldt ax
  mov dword [tss + 96], 0x60
  mov eax, 0x0c
  mov fs, eax
  mov esi, 3
switch:
  call 0x58:0
  clts
  dec esi
  jnz switch
  jmp 0x50:0
other:
  inc eax
  str ebx
  iretd
  mov ecx, cr0
  jmp other
refused:
  hlt
align 8
ldt: dq 0
  dw 0xfff, 0
  db 1, 0x92, 0x40, 0
  dq 0, 0
align 4
${taskState("other_tss")}
`)
tasks.run({ steps: 20 })
record(tasks, { steps: 100, title: "Tasks" })

// %% virtual-8086
const old = pc({ memory: 2 }).load(asm`${kit({
  gates: [
    { vector: 13, handler: "monitor" },
    { vector: 0x21, handler: "service", dpl: 3 },
  ],
  origin: 0x8000,
  ports: [0x80],
})}
main:
  mov esi, program
  mov edi, 0x20000
  mov ecx, 64
  rep movsb
  push 0x4444
  push 0x3333
  push 0x2222
  push 0x1111
  push 0x3000
  push 0x100
  push 0x23002
  push 0x2000
  push 0
  iretd
monitor:
  add esp, 4
  inc dword [esp]
  iretd
service:
  inc dword [ss:calls]
  iretd
calls: dd 0
bits 16
program:
  out 0x80, al
  pushf
  pop ax
  inc byte [ds:3]
  int 0x21
  hlt
  jmp program
`)
old.run({ steps: 110 })
record(old, { steps: 300, title: "An 8086 program" })

// %% registers
const registers = pc({ memory: 4 }).load(asm`${kit({
  gates: [
    { vector: 1, handler: "debugger" },
    { vector: 2, handler: "nmi" },
    { vector: 13, handler: "refused" },
  ],
})}
SYSENTER_CS equ 0x174
main:
  mov edi, 0x200000
  mov ecx, 0x1000
  xor eax, eax
  rep stosd
  mov dword [0x200020], 0x201001
  mov dword [0x200038], 0x201001
  mov dword [0x201000], 0x187
  mov dword [0x201008], 0x202007
  mov dword [0x202000], 0x300107
  mov dword [0x202008], 0x301005
  mov eax, 0xb8
  mov cr4, eax
  mov eax, 0x200020
  mov cr3, eax
  mov eax, 0x80050013
  mov cr0, eax
  mov ecx, SYSENTER_CS
  mov eax, 8
  xor edx, edx
  wrmsr
  inc ecx
  mov eax, stack1
  wrmsr
  inc ecx
  mov eax, entered
  wrmsr
  mov ecx, 0x10
  mov eax, 0xfffffff0
  wrmsr
  mov eax, watched
  mov dr0, eax
  mov eax, 0x200000
  mov dr3, eax
  mov eax, 0xd0303
  mov dr7, eax
  mov dword [0x200000], 0x12345678
  mov eax, [0xc0200004]
  mov ebx, [0x201004]
${enterRing(3, "user", 0x102)}
user:
  rdtsc
  inc dword [watched]
  sysenter
entered:
  rdmsr
  mov edx, back
  mov ecx, stack3
  sysexit
back:
  dec esi
  cli
  jmp user
debugger:
  push eax
  mov eax, dr6
  mov [seen], eax
  xor eax, eax
  mov dr6, eax
  pop eax
  or dword [esp + 8], 0x10000
  iretd
nmi:
  inc dword [nmis]
  push dword [esp + 8]
  popfd
  iretd
refused:
  add esp, 4
  inc dword [esp]
  cmp dword [nmis], 2
  jae die
  iretd
die:
  lidt [none]
  int3
none: dd 0, 0
align 4
watched: dd 0
seen: dd 0
nmis: dd 0
`)
registers.run({ steps: 4200 })
registers.nmi()
registers.run({ steps: 2 })
registers.nmi()
record(registers, { steps: 300, title: "All registers", pins: ["watched", "seen", "esp"] })

// %% shadow
const shadowed = asm`${kit({ gates: [{ vector: 1, handler: "debugger" }] })}
main:
  mov eax, data
  mov dr1, eax
  mov eax, 0xf0000c
  mov dr7, eax
  sti
  mov ss, [data]
  mov esp, stack0
  nop
  hlt
debugger:
  mov ebx, dr6
  iretd
align 4
data: dd DATA0
`
record(
  until(pc({ memory: 2 }).load(shadowed), ({ cpu }) => cpu.save().breakpointsMet !== 0),
  { title: "A breakpoint waits for the end of the shadow" },
)

// %% halfway
const comparing = asm`${kit({ gates: [{ vector: 0x20, handler: "timer" }] })}
main:
${startTimer(700)}
${startController([0])}
  sti
compare:
  mov esi, 0x20000
  mov edi, 0x30000
  mov ecx, 3000
  repe cmpsb
  jmp compare
timer:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd
`
record(
  until(pc({ memory: 2 }).load(comparing), ({ cpu }) => {
    const { repeatFlags, suspended } = cpu.save()
    return repeatFlags !== null && suspended
  }),
  { steps: 3000, title: "In the middle of a repeated comparison" },
)

// %% halted
const waiting = asm`${kit({ gates: [{ vector: 0x21, handler: "key" }] })}
main:
${startController([1])}
  mov ecx, 5
asleep:
  sti
  hlt
  loop asleep
  cli
  hlt
key:
  in al, 0x60
  mov [0x20000 + ecx], al
  mov al, 0x20
  out 0x20, al
  iretd
`
const terminal = pc({ memory: 2, hertz: 1_000_000 }).load(waiting)
terminal.run()
terminal.press("abc")
record(terminal, { title: "Asleep until somebody types" })

// %% many-pages
const touching = pc({ memory: 5 }).load(asm`${kit()}
main:
${startPaging()}
  mov eax, 0x90
  mov cr4, eax
  xor ecx, ecx
fill:
  mov eax, ecx
  and eax, 15
  shl eax, 12
  mov edx, ecx
  and edx, 1
  shl edx, 8
  lea eax, [eax + edx + 0x300007]
  mov [TABLE + ecx * 4], eax
  inc ecx
  cmp ecx, 1024
  jb fill
  mov ecx, 16
  mov edi, 0x300000
put:
  mov byte [edi], 0xc3
  add edi, 0x1000
  loop put
${enterRing(3, "user")}
user:
  mov esi, 0x400000
touch:
  inc dword [esi + 4]
  call esi
  add esi, 0x1000
  cmp esi, 0x800000
  jb touch
  jmp user
`)
touching.run({ steps: 20_000 })
record(touching, { steps: 300, title: "A full TLB" })

// %% long
const long = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user:
  mov ecx, 1000
sum:
  add eax, ecx
  rol eax, 3
  mov [0x20000 + ecx * 4], eax
  loop sum
  inc byte [patch + 1]
patch:
  mov bl, 0
  int 0x80
  jmp user
service:
  inc dword [calls]
  iretd
calls: dd 0
`
record(pc({ memory: 2 }).load(long), { steps: 300_000, title: "Three hundred thousand steps" })

// %% stopped
let asked = 0
record(
  pc({ memory: 1 }).load(asm`org 0x1000
again: inc eax
  jmp again
`),
  {
    steps: 1_000_000,
    stopRequested: () => asked++ > 0,
    title: "Stopped",
  },
)
