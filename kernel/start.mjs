// The first stage of `npm start` and `npm test`. Nothing is installed yet when it runs, and Node may be old:
// it imports nothing at the top and keeps to syntax that every Node with modules can read.
const [major, minor] = process.versions.node.split(".").map(Number)
// Since these versions a CommonJS file may require a module, as the builder of JupyterLab's extensions does.
const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22

if (!fits) {
  console.error(
    "ringlab needs Node.js 20.19, 22.12 or newer, but this is Node.js " +
      process.versions.node +
      ": install a newer Node.js (nodejs.org) and run the command again.",
  )
  process.exitCode = 1
} else {
  import("./launch/main.mjs").then((launcher) => launcher.main(process.argv.slice(2)))
}
