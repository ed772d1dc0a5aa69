import type { Conversion, ConvertedCell, Converter, LocalFile } from "../convert/converter"

/** A conversion that survives a structured clone: its source maps are there, made or not needed. */
export type PlainConversion = { readonly mistakes: readonly Mistake[] } | { readonly cell: PlainCell }

type Mistake = Extract<Conversion, { mistakes: unknown }>["mistakes"][number]
type Plain<T extends { readonly maps: unknown }> = Omit<T, "maps" | "files"> & {
  readonly maps: readonly string[]
}
type PlainCell = Plain<ConvertedCell> & { readonly files: readonly Plain<LocalFile>[] }

/** Makes a conversion plain, so that another thread can run it. */
export function plainConversion(conversion: Conversion): PlainConversion {
  if ("mistakes" in conversion) return conversion
  const { cell } = conversion
  const files = cell.files.map((file) => ({ ...file, maps: file.maps() }))
  return { cell: { ...cell, maps: cell.maps(), files } }
}

/** Stands in for a converter where the compiler is not: it gives back what another thread has converted. */
export class PreparedConverter implements Converter {
  private conversion: Conversion = { mistakes: [] }

  take(plain: PlainConversion): void {
    this.conversion = "mistakes" in plain ? plain : { cell: lively(plain.cell) }
  }

  convert(): Conversion {
    return this.conversion
  }

  keep(): void {}

  complete(): never {
    throw new Error("A graded cell's session completes no code.")
  }

  inspect(): undefined {
    return undefined
  }

  isComplete(): never {
    throw new Error("A graded cell's session reads no code.")
  }
}

function lively(cell: PlainCell): ConvertedCell {
  const files = cell.files.map((file) => ({ ...file, maps: () => file.maps }))
  return { ...cell, maps: () => cell.maps, files }
}
