/** What a hypervisor leaves of a machine's speed: guest instructions a second beside bare metal, and exits a second. */
import { createRequire } from "node:module"

const { asm, enterRing, GUESTS, hypervise, kit, loadMultiboot, pc } = createRequire(import.meta.url)(
  "ringlab",
)

const MEMORY = 8
const KERNEL = GUESTS["kernel-well-behaved"]

/** Two traps of the kernel's and a system call, again and again. */
const EXITS = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user: mov ecx, 20
count: loop count
  int 0x80
  jmp user
service: cli
  inc ebx
  sti
  iretd`

function virtual(load) {
  const machine = pc({ memory: MEMORY + 10 })
  const hypervisor = hypervise(machine, "trap-and-emulate", { vms: [{ name: "guest", memory: MEMORY }] })
  const [guest] = hypervisor.guests
  load(guest.vm.machine)
  return { machine, guest }
}

/** Processor seconds of a call. */
function seconds(call) {
  const before = process.cpuUsage()
  call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Millions of guest instructions a second, bare and virtual. */
function rates(commandLine) {
  const load = (machine) => loadMultiboot(machine, KERNEL.make().bytes, commandLine)
  const bare = pc({ memory: MEMORY })
  load(bare)
  const { machine, guest } = virtual(load)
  const [bareSpent, virtualSpent] = [seconds(() => bare.run()), seconds(() => machine.run())]
  return { bare: bare.clock.steps / 1e6 / bareSpent, virtual: guest.vcpu.retired / 1e6 / virtualSpent }
}

const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]

export function benchHypervisors(report) {
  for (const [commandLine, wanted] of [
    ["compute 30", "0.7"],
    ["mix 20", "0.2"],
  ]) {
    const runs = Array.from({ length: 3 }, () => rates(commandLine))
    report(
      `trap-and-emulate, ${commandLine}, of bare metal's guest instructions`,
      middle(runs.map(({ bare, virtual }) => virtual / bare)).toFixed(2),
      `wanted: ${wanted}; bare ${middle(runs.map(({ bare }) => bare)).toFixed(1)} million/s`,
    )
  }
  const { machine, guest } = virtual((bare) => bare.load(EXITS))
  const count = () => Object.values(guest.exits).reduce((sum, times) => sum + times, 0)
  machine.run({ steps: 1_000_000 })
  const before = count()
  const spent = seconds(() => machine.run({ steps: 5_000_000 }))
  report(
    "trap-and-emulate, exits a second",
    `${((count() - before) / spent / 1000).toFixed(0)} thousand`,
    "wanted: 300",
  )
  const began = performance.now()
  const mix = virtual((bare) => loadMultiboot(bare, KERNEL.make().bytes, ""))
  mix.machine.run()
  report(
    "trap-and-emulate, the default mix",
    `${((performance.now() - began) / 1000).toFixed(1)} s`,
    "wanted: 3 s",
  )
}
