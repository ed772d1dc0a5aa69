import { keep } from "./keeper"

/**
 * The process in which graded cells run. Each cell has a thread of its own, so that no cell, whoever wrote it, can leave anything
 * behind for the next: neither values, nor names that the compiler would know. Files of the notebook's folder mean nothing
 * here.
 */
keep({ script: require.resolve("../cells/graded-worker"), folder: __dirname, graded: true })
