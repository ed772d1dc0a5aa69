import { moduleName } from "../../convert/module-name"

/**
 * The code of a graded cell as it is compiled. The compiler keeps what a module says for the cells that follow, and nothing tells a
 * teacher's cell from a student's: who comes first or last is up to the student, who may move cells. So none defines a module.
 */
export const gradedCode = (code: string): string => (moduleName(code) === undefined ? code : NO_MODULES)

const NO_MODULES = `throw new Error("A graded cell cannot be a module: put what a test needs into the test's own cell.")`
