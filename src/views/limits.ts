/**
 * How much an output may become. Anybody may have written it by hand, and few bytes can stand for very many, so these are
 * asked before anything is unpacked, made, played or drawn. Beside each stands what genuine outputs need.
 */

/** The limits, by what they limit. Lists count their items, texts their characters. */
export const LIMITS = {
  /** Characters of a timeline, unpacked. A million marks, the most that are kept of a run, and the changes of ring take 12 to 18 million. */
  timeline: 24_000_000,
  /** Characters of a recording, unpacked. 10,000 steps take 20,000 to 600,000; a program of 4 MiB, or a device's log of 100,000 calls, 6 million. */
  recording: 64_000_000,
  /** Lists and objects in one of them. A million marks with their changes of ring are two million, a device's log of 100,000 calls half a million. */
  lists: 4_000_000,
  /** Marks of a timeline, and changes of ring. At most a million of both are kept of a run. */
  marks: 1_000_000,
  /** Steps of a run. It is played again from its beginning, in a second or in a minute and a half. */
  steps: 200_000_000,
  /** MiB of a machine's memory. Lessons' machines have 1 to 16. */
  memory: 256,
  /** Devices of a machine. A PC has six, a student adds a few. */
  devices: 100,
  /** Ranges of ports, or of addresses, of one device. No device of ours has more than three. */
  spans: 64,
  /** Entries of code in TypeScript that have names. */
  entries: 4096,
  /** Events that devices wait for, when a recording begins. A device waits for one or two. */
  events: 1_000,
  /** Characters of a page's bytes in base64: 4096 bytes. */
  page: 5_464,
  /** What is shown of one step. */
  frame: {
    /** Happenings inside the step. A task switch tells some sixty. */
    events: 2_000,
    /** Changes. A flush of the whole TLB makes some hundreds; 24 are drawn. */
    changes: 5_000,
    /** Causes of cycles. There are a dozen. */
    causes: 100,
    /** Instructions of the code panel, which has sixteen. */
    code: 64,
    /** Registers of one panel, which has at most fifteen. */
    registers: 64,
    /** Slots of the stack, of which ten are shown. */
    stack: 64,
    /** Rows of a descriptor table: the first 64. */
    table: 128,
    /** Pinned pieces of memory. The page's field adds one at a time. */
    pins: 100,
    /** Rows of a pinned piece, which has four. */
    rows: 8,
    /** Bytes of a row, which has sixteen. */
    bytes: 16,
    /** Values of devices. A PC has 121; a student's device with a sector of 512 bytes has as many more. */
    devices: 5_000,
  },
  /** What a chart may have, be it a cell's or an experiment's. */
  chart: {
    /** Numbers and words in all of its lists. Our largest chart has 400; a line of 100,000 points is drawn in a second. */
    values: 200_000,
    /** Points, bars, boxes: each is an element of the page. Ours have at most 60. */
    marks: 10_000,
    /** Texts beside points and in cells, each of which is measured. Ours have at most 16. */
    texts: 1_000,
    /** Traces. Ours have at most four. */
    traces: 100,
    /** Axes of both directions. Ours have two, a page of 3 × 3 charts has eighteen. */
    axes: 20,
    /** Rows, and columns, of a grid of charts. */
    grid: 8,
    /** Shapes, and annotations. Ours have two. */
    shapes: 200,
    /** Items of a list that is no data: marks of an axis, colours of a scale. A map of ports has forty. */
    items: 200,
    /** Characters of one text. */
    text: 1_000,
    /** Bins of a histogram, levels of a contour. */
    bins: 500,
    /** Pixels, along one side. */
    pixels: 4_000,
  },
  /** Forms of instructions that were classified: there are 921. */
  forms: 2_000,
} as const

/** An output says little and would become much. The message is a clause: what it would become, and what is opened. */
export class TooLarge extends RangeError {
  constructor(what: string, would: number, of: "characters" | "lists", most: number) {
    super(
      `the output's ${what} would become ${counted(would)} ${of}, and at most ${counted(most)} are opened`,
    )
  }
}

const counted = (value: number) => value.toLocaleString("en")
