// A hypervisor as a student writes it in a cell: the loop is his own.
import { asm, enterRing, kit, monitor, pc } from "ringlab"

const guest = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main: sti
${enterRing(3, "user")}
user: mov eax, 'H'
  int 0x80
  mov eax, 'i'
  int 0x80
  mov eax, 0
  int 0x80
service: cli              ; privileged: the monitor must do it
  cmp eax, 0
  je stop
  mov edx, 0x3f8
  out dx, al
  in al, 0x60
  add ebx, eax
  iretd
stop: hlt`

const bare = pc().load(guest)
bare.run()

const machine = pc({ memory: 32 })
const vcpu = monitor(machine, guest)
let printed = ""
let reflected = 0
const emulated: string[] = []

for (let running = true; running; ) {
  const exit = vcpu.run()
  switch (exit.why) {
    case "system call":
      reflected++
      vcpu.reflect(exit)
      break
    case "exception":
      vcpu.reflect(exit)
      break
    case "instruction":
      emulated.push(exit.instruction.row.name)
      vcpu.emulate(exit)
      break
    case "io-out":
      printed += String.fromCharCode(exit.value)
      break
    case "io-in":
      vcpu.answer(exit, 0)
      break
    default:
      running = false
  }
}

if (printed !== "Hi" || printed !== bare.serial)
  throw new Error(`the guest printed ${printed}, and ${bare.serial} on bare metal`)
if (reflected !== 3 || !emulated.includes("CLI"))
  throw new Error(`${reflected} system calls, emulated: ${emulated}`)
if (machine.cpu.cpl !== 0 || vcpu.machine.cpu.activity !== "halted")
  throw new Error("the guest should have halted")
