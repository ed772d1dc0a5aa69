/**
 * Conditions as JavaScript text, where it is known what kind of operation left the flags. `fa`, `fb` and `fr` hold its
 * operands and its result, shifted to the top of 32 bits; it had no carry in.
 * @see SDM Vol. 1 Appendix B "EFLAGS Condition Codes"
 */
import { ADDITION, DECREMENT, INCREMENT, LOGIC, SUBTRACTION } from "../../isa/processor"

const ZERO = "fr === 0"
const SIGN = "fr < 0"
const SUM_OVERFLOWS = "((fa ^ fr) & (fb ^ fr)) < 0"
const DIFFERENCE_OVERFLOWS = "((fa ^ fb) & (fa ^ fr)) < 0"

/** What conditions are made of; where a text is missing, flags must be asked. */
interface Parts {
  readonly carry?: string
  readonly overflow: string
  /** CF or ZF. */
  readonly belowOrEqual?: string
  /** SF ≠ OF, and that or ZF. */
  readonly less?: string
  readonly lessOrEqual?: string
}

const PARTS: Readonly<Record<number, Parts>> = {
  [ADDITION]: { carry: "fr >>> 0 < fa >>> 0", overflow: SUM_OVERFLOWS },
  [SUBTRACTION]: {
    carry: "fa >>> 0 < fb >>> 0",
    overflow: DIFFERENCE_OVERFLOWS,
    belowOrEqual: "fa >>> 0 <= fb >>> 0",
    less: "fa < fb",
    lessOrEqual: "fa <= fb",
  },
  [LOGIC]: { carry: "false", overflow: "false", belowOrEqual: ZERO, less: SIGN, lessOrEqual: "fr <= 0" },
  [INCREMENT]: { overflow: SUM_OVERFLOWS },
  [DECREMENT]: { overflow: DIFFERENCE_OVERFLOWS },
}

/** The eight conditions with even codes: O, B, E, BE, S, P, L, LE. The odd ones are their opposites. */
function even(code: number, parts: Parts): string | undefined {
  const { carry, overflow } = parts
  const less = parts.less ?? `(${SIGN}) !== (${overflow})`
  switch (code) {
    case 0:
      return overflow
    case 2:
      return carry
    case 4:
      return ZERO
    case 6:
      return parts.belowOrEqual ?? (carry && `${carry} || ${ZERO}`)
    case 8:
      return SIGN
    case 12:
      return less
    case 14:
      return parts.lessOrEqual ?? `${ZERO} || ${less}`
    default:
      return undefined
  }
}

/** The text of a condition, 0-15, after an operation of some kind; undefined: the flags must be asked. */
export function conditionText(code: number, kind: number): string | undefined {
  const parts = PARTS[kind]
  const text = parts && even(code & ~1, parts)
  return text && (code & 1 ? `!(${text})` : text)
}
