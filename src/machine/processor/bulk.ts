/**
 * Many elements of a repeated string instruction at once, upwards, as far as they lie on one page of plain memory that
 * needs no check, and 4 KiB or more before their segment's end. What is left over, and all that is unusual, goes the ordinary way, an iteration at a time.
 */
import { ES } from "../../isa/registers"
import type { Memory } from "../board/memory"
import { PAGE_MASK, PAGE_SIZE } from "../board/memory"
import type { Core } from "./core"
import { BOUNDED_SHIFT, READ_BOUNDED, type Segments, WRITE_BOUNDED } from "./segments"

/** Physical address of an element, or -1 if it must go the ordinary way. */
const readable = (cpu: Core, segment: number, offset: number) =>
  holdsPage(cpu.segments, segment, offset, READ_BOUNDED)
    ? cpu.linear.quickRead(cpu.linearOf(segment, offset))
    : -1
const writable = (cpu: Core, offset: number) =>
  holdsPage(cpu.segments, ES, offset, WRITE_BOUNDED) ? cpu.linear.quickWrite(cpu.linearOf(ES, offset)) : -1

/** Whether any access from an offset on, within 4 KiB, lies in a segment. A flat one goes on from its end at its beginning. */
function holdsPage({ flat, limit }: Segments, segment: number, offset: number, access: number): boolean {
  if (flat[segment] & (access >> BOUNDED_SHIFT)) return true
  return (flat[segment] & access) !== 0 && offset >>> 0 <= limit[segment] - PAGE_MASK
}

/** Whole elements from an address to its page's end. */
const onPage = (physical: number, bytes: number) => Math.floor((PAGE_SIZE - (physical & PAGE_MASK)) / bytes)

/** How far apart source and target are, in elements, if the target follows: one at a time, what is copied is copied on. */
function untilOverlap(source: number, target: number, bytes: number): number {
  return target > source ? Math.floor((target - source) / bytes) : Number.POSITIVE_INFINITY
}

/** MOVS. @returns how many elements were copied, at most `most` */
export function copyElements(
  cpu: Core,
  { bytes: memory }: Memory,
  [segment, from, to]: readonly [segment: number, from: number, to: number],
  bytes: number,
  most: number,
): number {
  const [source, target] = [readable(cpu, segment, from), writable(cpu, to)]
  if (source < 0 || target < 0) return 0
  const apart = untilOverlap(source, target, bytes)
  const count = Math.min(most, onPage(source, bytes), onPage(target, bytes), apart)
  memory.copyWithin(target, source, source + count * bytes)
  return count
}

/** STOS. @returns how many elements were stored */
export function fillElements(
  cpu: Core,
  memory: Memory,
  to: number,
  value: number,
  bytes: number,
  most: number,
): number {
  const target = writable(cpu, to)
  if (target < 0) return 0
  const count = Math.min(most, onPage(target, bytes))
  if (bytes === 1) memory.bytes.fill(value, target, target + count)
  else for (let n = 0; n < count; n++) put(memory, target + n * bytes, bytes, value)
  return count
}

function put({ view }: Memory, at: number, bytes: number, value: number): void {
  if (bytes === 4) view.setInt32(at, value, true)
  else view.setInt16(at, value, true)
}

/** One element, sign-extended. */
function element({ view }: Memory, at: number, bytes: number): number {
  if (bytes === 1) return view.getInt8(at)
  return bytes === 2 ? view.getInt16(at, true) : view.getInt32(at, true)
}

/** SCAS. @returns how many elements at ES:`at` compare with `value` (sign-extended) as wished */
export function scanElements(
  cpu: Core,
  memory: Memory,
  at: number,
  value: number,
  equal: boolean,
  bytes: number,
  most: number,
): number {
  const first = readable(cpu, ES, at)
  if (first < 0) return 0
  const count = Math.min(most, onPage(first, bytes))
  for (let n = 0; n < count; n++)
    if ((element(memory, first + n * bytes, bytes) === value) !== equal) return n
  return count
}

/** CMPS. @returns how many pairs of elements compare as wished */
export function compareElements(
  cpu: Core,
  memory: Memory,
  [segment, from, at]: readonly [segment: number, from: number, at: number],
  equal: boolean,
  bytes: number,
  most: number,
): number {
  const [a, b] = [readable(cpu, segment, from), readable(cpu, ES, at)]
  if (a < 0 || b < 0) return 0
  const count = Math.min(most, onPage(a, bytes), onPage(b, bytes))
  for (let n = 0; n < count; n++)
    if ((element(memory, a + n * bytes, bytes) === element(memory, b + n * bytes, bytes)) !== equal) return n
  return count
}
