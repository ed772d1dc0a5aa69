/** Which question asks about which cell: the next one with code. */
import { type Question, questionsIn } from "./question"

/** A cell of a notebook, as it is kept. */
export interface CellText {
  readonly id: string
  readonly type: string
  readonly source: string
}

/** A question at its place, which is where its guess is kept under. */
export interface Asked {
  /** The Markdown cell's id, and for its second question and further ones a number: "popf", "popf 2". */
  readonly place: string
  /** The Markdown cell's id. */
  readonly cell: string
  /** Undefined if it has none of the forms, and stays text. */
  readonly question: Question | undefined
  /** The id of the cell that it asks about; undefined if none comes. */
  readonly about: string | undefined
}

/** All questions of a notebook, in order. */
export function questionsOf(cells: readonly CellText[]): Asked[] {
  let about: string | undefined
  const backwards = [...cells].reverse().map(({ id, type, source }) => {
    if (type === "code") about = id
    return type === "markdown" ? askedIn(id, source, about) : []
  })
  return backwards.reverse().flat()
}

function askedIn(cell: string, source: string, about: string | undefined): Asked[] {
  return questionsIn(source).map((question, n) => ({
    place: n === 0 ? cell : `${cell} ${n + 1}`,
    cell,
    question,
    about,
  }))
}
