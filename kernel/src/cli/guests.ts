/** Guests that ringlab brings along: `ringlab run --guest NAME`, and `--guests`, which lists them. */
import { GUESTS, loadMultiboot, type Machine } from "ringlab"
import { type LoadOptions, usable } from "./load"
import { standardOutput } from "./output"
import { badUsage, EXIT } from "./trouble"

/** Load a built-in guest, as a boot loader loads it. @throws Trouble if there is none of that name, or memory is too small */
export function loadGuest(machine: Machine, name: string, options: LoadOptions): void {
  if (!Object.hasOwn(GUESTS, name))
    throw badUsage(
      `There is no guest "${name}": the guests are ${Object.keys(GUESTS).join(", ")}; --guests tells more.`,
    )
  const { at, bits, bios, commandLine, modules } = options
  if (at !== undefined || bits !== undefined || bios)
    throw badUsage("--at, --bits and --bios are for files: a guest of --guest needs none of them.")
  const program = GUESTS[name].make()
  usable(name, () => loadMultiboot(machine, program.bytes, commandLine, modules))
  machine.program = program
}

/** Print a line a guest. */
export function listGuests(): number {
  const width = Math.max(...Object.keys(GUESTS).map((name) => name.length))
  for (const [name, { about }] of Object.entries(GUESTS))
    standardOutput.print(`${name.padEnd(width)}  ${about}\n`)
  return EXIT.halted
}
