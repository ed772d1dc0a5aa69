/** The programs of the command line: lists of tasks, each with its share of the size that was asked for. */

type Task = readonly [name: string, routine: string, share: number]

/** An honest process, then one for each hostile act. */
const CRASH = [
  ["compute", "compute"],
  ["reads the kernel", "read_kernel"],
  ["writes the kernel", "write_kernel"],
  ["jumps into the kernel", "jump_kernel"],
  ["executes CLI", "turn_off"],
  ["uses a port", "use_port"],
  ["executes INT 14", "call_gate_14"],
  ["divides by zero", "divide"],
  ["changes code", "write_code"],
  ["runs for ever", "run_away"],
  ["pushes for ever", "push_away"],
  ["writes what is not there", "write_nothing"],
  ["asks for too much", "ask_too_much"],
  ["loads null segments", "bad_segments"],
].map(([name, routine]): Task => [name, routine, 1])

/** What each program consists of. */
const TASKS: Readonly<Record<string, readonly Task[]>> = {
  compute: [
    ["compute", "compute", 4],
    ["compute", "compute", 4],
  ],
  calls: [["calls", "calls", 1]],
  forks: [["forks", "forks", 1]],
  faults: [["faults", "faults", 1]],
  tables: [["tables", "tables", 1]],
  switches: [
    ["switches", "switches", 1],
    ["switches", "switches", 1],
  ],
  ports: [["ports", "ports", 1]],
  timer: [["timer", "timer", 1]],
  lines: [
    ["lines", "lines", 1],
    ["lines", "lines", 1],
  ],
  mix: [
    ["compute", "compute", 5],
    ["calls", "calls", 1],
    ["forks", "forks", 1],
    ["faults", "faults", 1],
    ["tables", "tables", 1],
    ["switches", "switches", 1],
    ["switches", "switches", 1],
    ["ports", "ports", 1],
    ["timer", "timer", 1],
  ],
  crash: CRASH,
}

/** Words of the command line that name a program. */
export const PROGRAM_NAMES = Object.keys(TASKS)

const names = new Set(Object.values(TASKS).flatMap((tasks) => tasks.map(([name]) => name)))
const labelOf = (name: string) => `task_${name.replaceAll(" ", "_")}`

/** The lists as init reads them: the routine, its name from user_code on, its share; a 0 ends a list. */
export const taskLists = () => `
${[...names].map((name) => `${labelOf(name)}: db "${name}", 0`).join("\n")}
align 4
programs: dd ${PROGRAM_NAMES.map((name) => `program_${name}`).join(", ")}
${Object.entries(TASKS)
  .map(([name, tasks]) => `program_${name}:\n${tasks.map(row).join("\n")}\n  dd 0`)
  .join("\n")}
`

const row = ([name, routine, share]: Task) => `  dd ${routine}
  dw ${labelOf(name)} - user_code, ${share}`
