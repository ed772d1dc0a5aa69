import { keep } from "./keeper"

/** The process in which a notebook's cells run. */
keep({ script: require.resolve("../cells/worker"), folder: process.cwd(), graded: false })
