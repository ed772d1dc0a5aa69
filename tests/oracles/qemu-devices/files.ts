/** Where the cases of each chip are kept. */
import { fileURLToPath } from "node:url"

/** Files of cases, without the ending. */
export const CHIPS: readonly string[] = ["pic", "pit", "uart", "keyboard", "rtc"]

export const fileOf = (chip: string): string =>
  fileURLToPath(new URL(`../../vectors/qemu-devices/${chip}.txt`, import.meta.url))
