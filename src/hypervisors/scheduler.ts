/**
 * Who has the processor: Xen's credit scheduler on one processor. Every accounting period hands out the credits of the whole period by
 * weight, and whoever runs pays for the time it had. Who has credit left goes before who has none; among equals it goes round. Who wakes
 * with credit left goes first of all, until it has had a tick of its own. A cap bounds a share even while nobody else wants the processor.
 *
 * Times are cycles of the machine's clock. @see Xen, xen/common/sched/credit.c, of which only the rules are taken
 */

/** Plain data, a virtual machine each. */
export interface Share {
  /** 256 is ordinary; twice as much gets twice as much. */
  readonly weight: number
  /** Per cent of the processor; 0: no cap. */
  readonly cap: number
}

/** Where a virtual machine stands in the queue, plain data. */
export interface Standing {
  credit: number
  /** It runs or could run. */
  runnable: boolean
  /** It woke while it had credit left. */
  boosted: boolean
  /** The number of its last turn: who waits longest goes first. */
  turn: number
}

/** Times of the scheduler in cycles. */
export interface Times {
  /** How long one runs at most before another has its turn. */
  readonly slice: number
  /** How often credits are handed out. */
  readonly period: number
}

/** Milliseconds, as Xen has them. */
const SLICE_MS = 30
const PERIOD_MS = 30
/** So many periods' credits may be saved or owed. */
const MOST = 1

/** Times for a clock of so many cycles a second. */
export const timesFor = (hertz: number): Times => ({
  slice: Math.round((hertz * SLICE_MS) / 1000),
  period: Math.round((hertz * PERIOD_MS) / 1000),
})

export interface SchedulerState {
  readonly standings: readonly Standing[]
  readonly current: number
  readonly since: number
  readonly accounted: number
  readonly turns: number
}

export class Scheduler {
  private standings: Standing[]
  /** Who has the processor; -1: nobody. */
  current = -1
  private since = 0
  private accounted = 0
  private turns = 0

  constructor(
    private readonly shares: readonly Share[],
    private readonly times: Times,
  ) {
    this.standings = shares.map(() => ({ credit: 0, runnable: true, boosted: false, turn: 0 }))
  }

  /** Cycles until somebody else may have a turn; Infinity: nobody waits. */
  left(now: number): number {
    const others = this.standings.some(({ runnable }, n) => runnable && n !== this.current)
    const parked = this.standings.some(({ runnable }, n) => runnable && this.isParked(n))
    const toAccount = Math.max(1, this.accounted + this.times.period - now)
    if (!others) return parked || this.shares[this.current]?.cap ? toAccount : Number.POSITIVE_INFINITY
    return Math.max(1, Math.min(this.since + this.times.slice - now, toAccount))
  }

  /** It waits for an interrupt. */
  block(vm: number): void {
    this.standings[vm].runnable = false
  }

  /** It has something to do again. */
  wake(vm: number): void {
    const standing = this.standings[vm]
    if (standing.runnable) return
    standing.runnable = true
    standing.boosted = standing.credit >= 0
  }

  /** Whether it waits for nothing. */
  isRunnable(vm: number): boolean {
    return this.standings[vm].runnable
  }

  /** Who runs from now on; -1: nobody can. */
  pick(now: number): number {
    this.pay(now)
    this.account(now)
    const { current, since, times } = this
    const mayStay = current >= 0 && this.canRun(current) && now - since < times.slice
    const best = this.best()
    if (mayStay && (best < 0 || this.rank(best) >= this.rank(current))) return current
    if (best !== current || now - since >= times.slice) this.begin(best, now)
    return this.current
  }

  private begin(vm: number, now: number): void {
    this.current = vm
    this.since = now
    if (vm < 0) return
    this.standings[vm].turn = ++this.turns
    this.standings[vm].boosted = false
  }

  /** Who waits longest of the best class. */
  private best(): number {
    let best = -1
    for (let n = 0; n < this.standings.length; n++)
      if (this.canRun(n) && (best < 0 || this.isBefore(n, best))) best = n
    return best
  }

  private isBefore(a: number, b: number): boolean {
    const [first, second] = [this.rank(a), this.rank(b)]
    return first < second || (first === second && this.standings[a].turn < this.standings[b].turn)
  }

  /** BOOST, UNDER, OVER. */
  private rank(vm: number): number {
    const { boosted, credit } = this.standings[vm]
    if (boosted) return 0
    return credit >= 0 ? 1 : 2
  }

  private canRun(vm: number): boolean {
    return this.standings[vm].runnable && !this.isParked(vm)
  }

  /** Its cap is used up, until credits are handed out again. */
  private isParked(vm: number): boolean {
    const { cap } = this.shares[vm]
    return cap > 0 && this.standings[vm].credit < 0
  }

  private paid = 0
  /** Whoever runs pays for its time. */
  private pay(now: number): void {
    if (this.current >= 0) this.standings[this.current].credit -= now - this.paid
    this.paid = now
  }

  /** Hand out the credits of each period that is over. */
  private account(now: number): void {
    const { period } = this.times
    while (now - this.accounted >= period) {
      this.accounted += period
      this.handOut(
        period,
        this.shares.flatMap((_, n) => (this.standings[n].runnable ? [n] : [])),
      )
    }
  }

  /** By weight; what a cap leaves passes on to the others. */
  private handOut(credits: number, to: readonly number[]): void {
    const weights = to.reduce((sum, n) => sum + this.shares[n].weight, 0)
    const share = (n: number) => (credits * this.shares[n].weight) / weights
    const capped = to.find((n) => this.mostOf(n) < share(n))
    if (capped === undefined) for (const n of to) this.grant(n, share(n))
    else {
      this.grant(capped, this.mostOf(capped))
      this.handOut(
        credits - this.mostOf(capped),
        to.filter((n) => n !== capped),
      )
    }
  }

  /** Credits that a virtual machine may have of one period. */
  private mostOf(vm: number): number {
    const { cap } = this.shares[vm]
    return cap > 0 ? (this.times.period * cap) / 100 : Number.POSITIVE_INFINITY
  }

  private grant(vm: number, credit: number): void {
    const most = MOST * this.times.period
    const standing = this.standings[vm]
    standing.credit = Math.max(-most, Math.min(most, standing.credit + Math.floor(credit)))
  }

  save(): SchedulerState & { readonly paid: number } {
    const { current, since, accounted, turns, paid } = this
    return {
      standings: this.standings.map((standing) => ({ ...standing })),
      current,
      since,
      accounted,
      turns,
      paid,
    }
  }

  restore(state: SchedulerState & { readonly paid: number }): void {
    Object.assign(this, state, { standings: state.standings.map((standing) => ({ ...standing })) })
  }
}
