/** Paths with forward slashes, as the compiler writes them. */

/** A file in a folder, which may be a drive's root: `/` or `C:/`. */
export const inFolder = (folder: string, name: string): string =>
  folder.endsWith("/") ? folder + name : `${folder}/${name}`

/**
 * Does a file belong to a package, and not to the notebook? The notebook itself may lie somewhere below a `node_modules`, as
 * the examples of a package do: what lies in the same package is then the notebook's own.
 */
export function isOfPackage(file: string, folder: string): boolean {
  const inside = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+\/)/.exec(`${folder}/`)?.[1]
  const own = inside !== undefined && file.startsWith(inside) ? file.slice(inside.length - 1) : file
  return own.includes("/node_modules/")
}
