/**
 * The size of the code in front of the first `bits` of a source, when the caller does not say it either. It is 32 here, where
 * most programs are for protected mode, and 16 if the source makes a boot sector: so it always is in NASM's flat format, for
 * which boot sectors are written, and a processor starts them with 16-bit code.
 *
 * Only the bytes tell a boot sector: its signature may be `dw 0xaa55`, `db 0x55, 0xaa` or an equ's value, and whether it ends
 * at byte 510 depends on the sizes of all that stands in front of it. So the source is assembled as 32-bit code, and a second
 * time as 16-bit code where a boot sector can come of that. A source that begins with `bits` has the same bytes both times.
 */
import { isBootSector, SECTOR, SIGNATURE } from "../boot-signature"

/** What came of a source in one size. */
interface Attempt {
  readonly mistakes: readonly unknown[]
  readonly origin: number
  readonly image: Uint8Array
}

/** Assemble in the size that the source is likely to mean. */
export function byDefault<T extends Attempt>(attempt: (bits: 16 | 32) => T): T {
  const wide = attempt(32)
  if (isRight(wide) && !holdsSignature(wide.image)) return wide
  const narrow = attempt(16)
  return meansNarrow(narrow, wide) ? narrow : wide
}

/** With mistakes in both sizes, those count that are there whatever the size: there are fewer where it is right. */
function meansNarrow(narrow: Attempt, wide: Attempt): boolean {
  if (isRight(narrow)) return startsAsBootSector(narrow)
  return isRight(wide) ? startsAsBootSector(wide) : narrow.mistakes.length < wide.mistakes.length
}

const isRight = ({ mistakes }: Attempt) => mistakes.length === 0

/** Anywhere: in the other size it may lie at byte 510. */
const holdsSignature = (image: Uint8Array) =>
  image.some((byte, at) => byte === SIGNATURE[0] && image[at + 1] === SIGNATURE[1])

/** Addresses that 16 bits reach. */
const REACH = 0x1_0000

/** Beyond the reach of 16-bit code the signature is there by chance. */
const startsAsBootSector = ({ origin, image }: Attempt) => origin + SECTOR <= REACH && isBootSector(image)
