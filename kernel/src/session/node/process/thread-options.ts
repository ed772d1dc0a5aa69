/**
 * Options for a thread that shall have this process's permissions and no more. Node permits each program to read its own
 * script; for a thread, which has none in its arguments, some versions (22.23, 24.21) then permit the working folder, and
 * with it the notebook. Only a thread that is told to be interactive has no script; it is a thread like any other all the same.
 */
export const threadOptions: { readonly execArgv?: string[] } =
  "permission" in process ? { execArgv: [...process.execArgv, "--interactive"] } : {}
