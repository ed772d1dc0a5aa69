/* Cells of a notebook, each below a line that names it: every experiment, not as it is at first, and every exercise. */
import { exercise, explore } from "ringlab"

// %% experiment-kinds
explore("rings/kinds", { group: "descriptor tables", ring: 2 })

// %% experiment-iopl
explore("rings/iopl", { instruction: "OUT DX, AL", ring: 2, iopl: 1 })

// %% experiment-ports
explore("rings/ports", {
  instruction: "IN EAX, DX (4 ports)",
  port: "3F2h",
  first: "3F1h",
  count: 6,
  ring: 2,
  iopl: 1,
})

// %% experiment-segments
explore("rings/segments", { register: "SS", cpl: 2, rpl: 2, dpl: 2 })

// %% experiment-price
explore("traps/price", { gateEntry: 500, stackSwitch: 50, interruptReturn: 200 })

// %% experiment-timer
explore("traps/timer", { divisor: 300, length: 100, clock: "300 MHz" })

// %% experiment-gate
explore("traps/gate", { ring: 2, dpl: 1, deed: "the exception #UD, by UD2", gate: "not present" })

// %% exercise-cpl
exercise("rings/cpl", 7)

// %% exercise-privileged
exercise("rings/privileged", 7)

// %% exercise-iopl
exercise("rings/iopl", 7)

// %% exercise-popf
exercise("rings/popf", 7)

// %% exercise-ports
exercise("rings/ports", 7)

// %% exercise-segments
exercise("rings/segments", 7)

// %% exercise-find-out
exercise("rings/find-out", 7)

// %% exercise-saved-eip
exercise("traps/saved-eip", 7)

// %% exercise-frame
exercise("traps/frame", 7)

// %% exercise-gate
exercise("traps/gate", 7)

// %% exercise-order-of-checks
exercise("traps/order-of-checks", 7)

// %% exercise-interrupt-flag
exercise("traps/interrupt-flag", 7)

// %% exercise-device
exercise("traps/device", 7)

// %% exercise-double-fault
exercise("traps/double-fault", 7)

// %% exercise-classify
exercise("popek-goldberg/classify", 7)

// %% exercise-witness
exercise("popek-goldberg/witness", 7)

// %% exercise-umip
exercise("popek-goldberg/umip", 7)

// %% exercise-repair
exercise("popek-goldberg/repair", 7)

// %% exercise-theorems
exercise("popek-goldberg/theorems", 7)

// %% exercise-red-pill
exercise("popek-goldberg/red-pill", 7)
