/** The command `ringlab`. */
import { VERSION } from "ringlab"
import { asm } from "./asm"
import { classify } from "./classify"
import { disasm } from "./disasm"
import { HELP } from "./help"
import { standardOutput, tell, watchOutputs } from "./output"
import { run } from "./run"
import { badUsage, EXIT, Trouble } from "./trouble"

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  run,
  asm,
  disasm,
  classify,
}

/** Do what was typed; the exit code tells how it went. */
export async function main(args: readonly string[]): Promise<void> {
  watchOutputs()
  try {
    process.exitCode = await carryOut(args)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    tell(error)
  }
}

function carryOut([command, ...args]: readonly string[]): number | Promise<number> {
  const wantsHelp = [command, ...args].some((word) => word === "--help" || word === "-h")
  if (wantsHelp) return print(HELP[Object.hasOwn(COMMANDS, command) ? command : ""])
  if (command === "--version") return print(`ringlab ${VERSION}`)
  if (command === undefined) throw badUsage(HELP[""])
  if (!Object.hasOwn(COMMANDS, command))
    throw badUsage(`There is no command "${command}": ringlab --help tells the commands.`)
  return COMMANDS[command](args)
}

function print(text: string): number {
  standardOutput.print(`${text}\n`)
  return EXIT.halted
}
