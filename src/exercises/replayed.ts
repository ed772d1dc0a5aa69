/** Runs a student's device again, without the student's code. */
import type { Program } from "../isa/program"
import type { Device } from "../machine/board/device"
import type { Machine } from "../machine/machine"
import { JournalReader, replayed } from "../machine/time/journal"
import { hashOf, type Recorded } from "../machine/time/recording"
import { type PcOptions, pc } from "../pc"
import { checkCarried } from "../views/carried"
import type { RecordingOutput } from "../views/output"

/** More than any check needs; a log that asks for more is no answer. */
const MOST_STEPS = 10_000_000

/**
 * Run `program` on a PC of your own, with the devices of a recording played back from its log. Of the recording only the
 * log counts: whatever it says about its program, its memory or its end is not believed.
 * @param recording what `answer` gives for a recording, or a recording's `output()`
 * @param program what the recording must have run
 * @param options memory and speed of the recorded PC, if they were not the usual ones
 * @returns the machine at the end of the run, to be looked at
 * @throws RangeError if this is no recording of that program, or does not end as that program does
 */
export function replay(
  recording: Pick<RecordingOutput, "recording">,
  program: Program,
  options: Omit<PcOptions, "devices"> = {},
): Machine {
  const { run } = checkCarried(recording?.recording)
  const machine = pc({ ...options, devices: devicesOf(run) }).load(program)
  machine.run({ steps: Math.min(run.steps, MOST_STEPS) })
  if (hashOf(machine) !== run.hash)
    throw new RangeError(
      "the recording ends elsewhere: it is not of this program, or not on a PC like this one",
    )
  return machine
}

/** The recording's own devices, in the state in which they were plugged in. */
function devicesOf({ devices, journal, state }: Recorded): Device[] {
  const reader = new JournalReader(journal)
  return devices
    .filter(({ kind }) => kind === undefined)
    .map((shape) => Object.assign(replayed(shape, reader), { state: state.devices[shape.name] }))
}
