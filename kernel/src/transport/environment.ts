/** Environment variables that a session may see while it is graded. A teacher's others may be passwords and addresses. */
const VISIBLE = [
  ...["LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC"],
  ...["LC_TIME", "RINGLAB_HEAP_MB", "RINGLAB_PROCESS_MB", "TZ"],
  "SystemRoot", // without which Node does not start on Windows
]

/** The environment of a session that is graded. */
export function shortEnvironment(whole: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const visible = VISIBLE.filter((name) => whole[name] !== undefined)
  return Object.fromEntries(visible.map((name) => [name, whole[name]]))
}
