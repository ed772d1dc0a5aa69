/**
 * What a notebook that is being graded may use of Node. All else is refused, also what a later Node will add: exercises
 * need little, and whatever reaches another thread, a program, a file, a socket or an engine's insides leads to the tests.
 */

/** Modules, and the exports that may be used: all of them, or those named. */
export const MODULES: Readonly<Record<string, "all" | readonly string[]>> = {
  assert: "all",
  "assert/strict": "all",
  buffer: "all",
  console: "all",
  constants: "all",
  events: "all",
  path: "all",
  "path/posix": "all",
  "path/win32": "all",
  perf_hooks: "all",
  punycode: "all",
  querystring: "all",
  stream: "all",
  "stream/consumers": "all",
  "stream/promises": "all",
  "stream/web": "all",
  _stream_duplex: "all",
  _stream_passthrough: "all",
  _stream_readable: "all",
  _stream_transform: "all",
  _stream_writable: "all",
  string_decoder: "all",
  sys: "all",
  timers: "all",
  "timers/promises": "all",
  url: "all",
  util: "all",
  "util/types": "all",

  // Not createHook: it shows the objects behind Node's calls, and with them their makers.
  async_hooks: [
    "AsyncLocalStorage",
    "AsyncResource",
    "executionAsyncId",
    "executionAsyncResource",
    "triggerAsyncId",
  ],
  // Not what loads libraries.
  crypto: [
    ...[
      "createCipher",
      "createCipheriv",
      "createDecipher",
      "createDecipheriv",
      "createHash",
      "createHmac",
      "createSecretKey",
    ],
    ...["createSign", "createVerify", "getCiphers", "getCurves", "getHashes", "getRandomValues", "hash"],
    ...["hkdf", "hkdfSync", "pbkdf2", "pbkdf2Sync", "randomBytes", "randomFill", "randomFillSync"],
    ...["randomInt", "randomUUID", "scrypt", "scryptSync", "subtle", "timingSafeEqual", "webcrypto"],
  ],
  // What `require` itself goes through. Not hooks, source maps and caches of compiled code.
  module: [
    ...["Module", "builtinModules", "createRequire", "globalPaths", "isBuiltin", "wrap"],
    ...["wrapper", "_cache", "_extensions", "_findPath", "_initPaths", "_load", "_nodeModulePaths"],
    ...["_pathCache", "_readPackage", "_resolveFilename", "_resolveLookupPaths", "_stat"],
  ],
  os: ["EOL", "arch", "endianness", "platform"],
  worker_threads: [
    ...["BroadcastChannel", "MessageChannel", "MessagePort", "isMainThread", "parentPort", "threadId"],
    "workerData",
  ],
}

/** Functions of `fs` and `fs/promises` that read; those that take a path look whether it may be read. */
export const READERS = {
  descriptor: ["closeSync", "openSync", "readSync"],
  sync: ["accessSync", "lstatSync", "readFileSync", "readdirSync", "realpathSync", "statSync"],
  callback: ["access", "lstat", "readFile", "readdir", "realpath", "stat"],
  promise: ["access", "lstat", "readFile", "readdir", "realpath", "stat"],
} as const

/** Members of `process`. What Node itself calls there begins with a line, or is an event's. */
export const PROCESS: ReadonlySet<string> = new Set([
  ...["arch", "argv", "argv0", "config", "cwd", "emitWarning", "env", "execArgv", "execPath", "exit"],
  ...["exitCode", "features", "hasUncaughtExceptionCaptureCallback", "hrtime", "memoryUsage", "nextTick"],
  ...["permission", "pid", "platform", "ppid", "release", "setUncaughtExceptionCaptureCallback"],
  ...["sourceMapsEnabled", "stderr", "stdin", "stdout", "title", "uptime", "version", "versions"],
  ...["_events", "_eventsCount", "_exiting", "_fatalException", "_maxListeners", "_tickCallback", "domain"],
])

/** What is global and refused, for it is of no use but with the network. */
export const NETWORK: readonly string[] = [
  ...["EventSource", "FormData", "Headers", "Request", "Response", "WebSocket", "fetch"],
]
