/** Guests that put devices into odd states, or pull what may reach further than their own machine. */
import { startController, startTimer } from "../traps"
import { attempts, descriptor, type HostileGuest, prepared } from "./attempts"

export const DEVICES: readonly HostileGuest[] = [
  {
    name: "reset-by-port-92h",
    tries: "Pulls the processor's reset line by the system control port.",
    seenAs: ["OUT"],
    ends: "reset",
    source: `${prepared()}
  mov al, 3
  out 0x92, al
  jmp finish`,
  },
  {
    name: "reset-by-keyboard",
    tries: "Pulls the processor's reset line by the keyboard controller, over and over.",
    seenAs: ["OUT"],
    ends: "reset",
    source: `${prepared()}
again:
  mov al, 0xd1
  out 0x64, al
  mov al, 0xdf
  out 0x60, al
  mov al, 0xfe
  out 0x64, al
  jmp again`,
  },
  {
    name: "many-ports",
    tries: "Reads the first 1,280 ports and writes ones to those of timers and interrupt controllers.",
    seenAs: ["IN", "OUT"],
    source: `${prepared()}
  mov al, 0xff
  out 0x21, al
  out 0xa1, al
  out 0x43, al
  out 0x40, al
  out 0x61, al
  xor edx, edx
.port:
  in al, dx
  inc edx
  cmp edx, 0x500
  jb .port
  jmp finish`,
  },
  {
    name: "wide-and-odd-ports",
    tries: "Uses ports by words, doublewords and strings, at odd numbers and across the last one.",
    seenAs: ["IN", "OUT", "INSB", "OUTSB", "INSD"],
    source: `${prepared([], [descriptor(0x30_0000, 0xfff, 0x9a, 0)])}
${attempts(
  "mov word [0x300000], 0x66ed\nmov byte [0x300002], 0xea\nmov dword [0x300003], .back\nmov word [0x300007], CODE0\nmov eax, 0x12345678\nmov edx, 0x3fff\njmp 0x50:0\n.back:\nmov [notes + 0x300], eax", // IN AX, DX in 16-bit code
  "mov edx, 0xffff\nin eax, dx",
  "mov edx, 0xfffd\nmov eax, -1\nout dx, eax",
  "mov edx, 0x3f9\nmov eax, 0x01020304\nout dx, eax",
  "mov edx, 0x1f\nin ax, dx",
  "mov edx, 0x20\nmov edi, 0xfffff000\nmov ecx, 8\nrep insb",
  "mov edx, 0x3f8\nmov esi, 0xffffe000\nmov ecx, 8\nrep outsb",
  "mov edx, 0x21\nmov edi, 0x3ffffe\nmov ecx, 4\nrep insd",
)}`,
  },
  {
    name: "an-unfinished-controller",
    tries:
      "Begins to set up both interrupt controllers and stops in the middle, sets all vectors to 0 and to F8h, and lets interrupts in.",
    seenAs: ["OUT", "event"],
    ends: "never",
    source: `${prepared([{ vector: 0xf8, handler: "tick" }])}
${startTimer(100)}
  mov al, 0x11
  out 0x20, al
  out 0xa0, al
  mov al, 0
  out 0x21, al
  mov al, 0x11
  out 0x20, al
${startController([0], 0xf8)}
  mov al, 0x68            ; special mask mode
  out 0x20, al
  mov al, 0x0f            ; polled
  out 0x20, al
  sti
again:
  inc ecx
  jmp again
tick:
  inc dword [notes]
  test byte [notes], 1
  jz .silent
  mov al, 0x20
  out 0x20, al
.silent:
  sti
  iretd`,
  },
  {
    name: "a-storm-of-lines",
    tries:
      "Has serial port, clock and timer ask for interrupts at the same time, as often as they can, and never reads why.",
    seenAs: ["OUT", "event"],
    ends: "never",
    source: `${prepared(Array.from({ length: 16 }, (_, line) => ({ vector: 0x20 + line, handler: "tick" })))}
${startTimer(2)}
${startController([0, 2, 4])}
  mov al, 0x11
  out 0xa0, al
  mov al, 0x28
  out 0xa1, al
  mov al, 2
  out 0xa1, al
  mov al, 1
  out 0xa1, al
  mov al, 0
  out 0xa1, al
  mov dx, 0x3f9
  mov al, 0x0f
  out dx, al
  mov al, 0x0b
  out 0x70, al
  mov al, 0x72
  out 0x71, al
  mov al, 0x0a
  out 0x70, al
  mov al, 0x23
  out 0x71, al
  sti
again:
  mov dx, 0x3f8
  mov al, 'x'
  out dx, al
  hlt
  jmp again
tick:
  mov al, 0x20
  out 0xa0, al
  out 0x20, al
  iretd`,
  },
  {
    name: "odd-serial-port",
    tries:
      "Sets the serial port to divisor 0, loops it back, breaks, and writes much faster than it can send.",
    seenAs: ["OUT"],
    ends: "never",
    source: `${prepared()}
  mov dx, 0x3fb
  mov al, 0xff
  out dx, al
  mov dx, 0x3f8
  xor eax, eax
  out dx, al
  inc dx
  out dx, al
  mov dx, 0x3fb
  mov al, 0x43
  out dx, al
  mov dx, 0x3fc
  mov al, 0x1f
  out dx, al
again:
  mov dx, 0x3f8
  out dx, al
  in al, dx
  mov dx, 0x3fa
  in al, dx
  out dx, al
  mov dx, 0x3fd
  in al, dx
  jmp again`,
  },
]
