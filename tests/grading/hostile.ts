import { existsSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Prey, said } from "./attacked"
import { ATTACKS, cellOf, SECRET_WORD, type Targets } from "./attacks"
import { ASSIGNMENT, type Cell, Course, type Scores, type Work } from "./course"
import { answering, MISTAKEN } from "./submissions"

/** What a class of dishonest students came to. */
export interface HostileClass {
  /** How attacks came through, by their names: none should. */
  readonly through: Readonly<Record<string, string>>
  readonly scores: Readonly<Record<string, Scores>>
  /** Submissions with links that were collected, in spite of them. */
  readonly collected: readonly string[]
  /** What nbgrader says to a submission with a link. */
  readonly refusal: string
}

/** Names of files that Node could take for more than a name. */
const PATTERNS = ["r*", "*", `a,${ASSIGNMENT}.ipynb,b`]

const read = (name: string): string =>
  `console.log(String((require("node:fs") as any).readFileSync(${JSON.stringify(name)})))`

const cell = (id: string, source: string): Cell & Readonly<Record<string, unknown>> => ({
  id,
  cell_type: "code",
  source,
  metadata: {},
  execution_count: null,
  outputs: [],
})

/** All attacks, and wrong answers. */
const attacking =
  (targets: Targets): Work =>
  (cells) => [
    cell("first", 'require("node:fs")'), // what is slow the first time
    ...Object.values(ATTACKS).map((attack, n) => cell(`attack-${n}`, cellOf(attack, targets))),
    ...(MISTAKEN.wrong.work(cells) as readonly Cell[]),
  ]

/** Right answers, among what could end the grading of all. */
const disturbing: Work = (cells) => [
  cell("imports", `/*\n${"import\n".repeat(100_000)}*/`),
  cell("half", 'console.log("\\ud800")\nconsole.error("a\\udc00b")\n"\\ud83d"'),
  ...answering()(cells),
]

const withPatterns: Work = (cells) => [
  cell("pattern-0", read(`${ASSIGNMENT}.ipynb`)),
  ...PATTERNS.map((name, n) => cell(`pattern-${n + 1}`, read(name))),
  ...answering()(cells),
]

const addPatterns = (folder: string): void => {
  for (const name of PATTERNS) writeFileSync(join(folder, name), SECRET_WORD)
}

/**
 * Lets a class of dishonest students be graded.
 * @param node the Node.js to grade with
 */
export async function gradeHostileClass(node?: string): Promise<HostileClass> {
  const [prey, course] = [await Prey.create(), new Course(node, { RINGLAB_TEACHER: SECRET_WORD })]
  try {
    return await graded(course, prey)
  } finally {
    course.close()
    prey.close()
  }
}

async function graded(course: Course, prey: Prey): Promise<HostileClass> {
  const link = (folder: string): void =>
    symlinkSync(join(course.folder, "gradebook.db"), join(folder, "notes.txt"))
  await course.handedIn({})
  course.submit("attacks", attacking(targetsIn(course, prey)))
  course.submit("disturbs", disturbing)
  course.submit("patterns", withPatterns, addPatterns)
  course.submit("linked", answering(), link)
  await course.nbgrader("collect", ASSIGNMENT)
  const collected = ["linked"].filter((student) =>
    existsSync(join(course.folder, "submitted", student, ASSIGNMENT)),
  )
  await course.nbgrader("autograde", ASSIGNMENT)
  const harm = prey.harm()
  course.putIn("linked", answering(), link)
  const refusal = await course.nbgrader("autograde", ASSIGNMENT, "--student=linked").catch(String)
  const through = { ...throughIn(course), ...(harm ? { "some attack": harm } : {}) }
  return { through, scores: await course.scores(), collected, refusal }
}

function targetsIn(course: Course, prey: Prey): Targets {
  const notebook = join(course.folder, "autograded", "attacks", ASSIGNMENT, `${ASSIGNMENT}.ipynb`)
  return { ...prey.targets(notebook), gradebook: join(course.folder, "gradebook.db") }
}

function throughIn(course: Course): Record<string, string> {
  const names = Object.keys(ATTACKS)
  const outputs = (student: string, id: string): string =>
    JSON.stringify(course.graded(student).cells.find((cell) => cell.id === id)?.outputs ?? "BEGIN HIDDEN")
  const found = [
    ...names.map((name, n) => [name, said(outputs("attacks", `attack-${n}`))]),
    ...["", ...PATTERNS].map((name, n) => [`pattern ${name}`, said(outputs("patterns", `pattern-${n}`))]),
  ]
  return Object.fromEntries(found.filter(([, how]) => how !== undefined))
}
