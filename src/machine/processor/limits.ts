/** What every access must pass: the segment's type and its limit. @see SDM Vol. 3A §5.3 "Limit Checking", §5.4 "Type Checking" */
import { SEGMENT_NAMES, SS } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import {
  BIG,
  type Cache,
  isReadable,
  isWritableData,
  NOT_SYSTEM,
  TYPE_CODE,
  TYPE_DOWN_CONFORMING,
  UNUSABLE,
} from "./descriptors"
import type { Segments } from "./segments"

const LIMIT_SEE = 'SDM Vol. 3A §5.3 "Limit Checking"'
const TYPE_SEE = 'SDM Vol. 3A §5.4 "Type Checking"'

/**
 * Whether an access of `bytes` bytes lies within a segment.
 * Expand-down segments hold the offsets above their limit.
 */
export function withinLimit(offset: number, bytes: number, cache: Pick<Cache, "limit" | "access">): boolean {
  const first = offset >>> 0
  const last = first + bytes - 1
  const down =
    (cache.access & (NOT_SYSTEM | TYPE_CODE | TYPE_DOWN_CONFORMING)) === (NOT_SYSTEM | TYPE_DOWN_CONFORMING)
  if (!down) return last <= cache.limit
  return first > cache.limit && last <= (cache.access & BIG ? 0xffff_ffff : 0xffff)
}

/**
 * Linear address of an access that is not known to be fine.
 * @faults #GP(0), for the stack segment #SS(0)
 */
export function checkedLinear(
  segments: Segments,
  segment: number,
  offset: number,
  bytes: number,
  write: boolean,
): number {
  const cache = segments.cache(segment)
  const why = accessProblem(cache, offset, bytes, write)
  if (why) {
    const name = SEGMENT_NAMES[segment]
    throw new Fault(
      segment === SS ? "#SS" : "#GP",
      0,
      `${name}:${hex(offset)}: ${why}`,
      why.includes("limit") ? LIMIT_SEE : TYPE_SEE,
    )
  }
  return (cache.base + offset) | 0
}

function accessProblem(
  cache: { limit: number; access: number },
  offset: number,
  bytes: number,
  write: boolean,
): string | undefined {
  if (cache.access & UNUSABLE) return "the segment register holds a null selector"
  if (write && !isWritableData(cache.access)) return "the segment is not writable"
  if (!write && !isReadable(cache.access)) return "the code segment is execute-only"
  if (!withinLimit(offset, bytes, cache))
    return `the access of ${bytes} bytes is outside the segment's limit ${hex(cache.limit)}`
  return undefined
}
