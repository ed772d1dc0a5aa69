// The first stage of `npm start` and `npm test`. Nothing is installed yet when it runs, and Node may be old:
// it imports nothing at the top and keeps to syntax that every Node with modules can read.
const oldestNode = 20
const foundNode = Number(process.versions.node.split(".")[0])

if (foundNode < oldestNode) {
  console.error(
    "ringlab needs Node.js " +
      oldestNode +
      " or newer, but this is Node.js " +
      process.versions.node +
      ": install a newer Node.js (nodejs.org) and run the command again.",
  )
  process.exitCode = 1
} else {
  import("./launch/main.mjs").then((launcher) => launcher.main(process.argv.slice(2)))
}
