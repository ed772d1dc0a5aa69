/** Command lines with which the guest kernel is compared with QEMU, and where QEMU's text for each is kept. */
import { fileURLToPath } from "node:url"

export const LINES: readonly string[] = [
  "",
  "mix 1",
  "compute 1",
  "calls 2",
  "forks 2",
  "faults 2",
  "tables 2",
  "switches 2",
  "ports 2",
  "timer 3",
  "lines 2",
  "crash",
]

/** Those with which the well-behaved build is asked, too: all programs are in them. */
export const LINES_OF_BOTH: readonly string[] = ["", "crash"]

export const fileOf = (line: string): string =>
  fileURLToPath(
    new URL(`../../vectors/qemu-kernel/${line.replace(" ", "-") || "default"}.txt`, import.meta.url),
  )

/** What the kernel sent, without lines that hold times. */
export const withoutTimes = (sent: string): string =>
  sent
    .split("\n")
    .filter((line) => !line.startsWith("time:"))
    .join("\n")

/** The kernel's last line. */
export const END = "\nhalted\n"
