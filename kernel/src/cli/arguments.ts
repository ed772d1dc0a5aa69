/** What was typed after `ringlab run` and its like. */
import { type ParseArgsConfig, parseArgs } from "node:util"
import { GENERATIONS } from "ringlab"
import { badUsage } from "./trouble"

type Options = NonNullable<ParseArgsConfig["options"]>

/** Values of options by name, and what stands beside them. */
type Parsed<Known extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Known; allowPositionals: true; strict: true }>
>

/** Read arguments. @throws Trouble if an option is unknown or lacks its value */
export function read<Known extends Options>(args: readonly string[], options: Known): Parsed<Known> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw badUsage(inOneSentence((error as Error).message))
  }
}

const AMBIGUOUS = /^Option '(-[^']*)' argument is ambiguous/

/** Node explains how to write other things than options, too: the first sentence is enough, unless a value looks like an option. */
function inOneSentence(message: string): string {
  const [, option] = AMBIGUOUS.exec(message) ?? []
  if (option) return `${option} needs a value, and one that begins with a dash is written ${option}=-…`
  const [sentence] = message.split(/\.? To specify|\n/)
  return `${sentence.replace(/\.$/, "")}.`
}

/** The one file that a command works on. @throws Trouble if there is none, or more */
export function onlyFile(files: readonly string[], command: string): string {
  if (files.length === 0) throw badUsage(`Say which file: ringlab ${command} FILE.`)
  if (files.length > 1) throw badUsage(`ringlab ${command} takes one file, but got ${files.join(", ")}.`)
  return files[0]
}

/** No file, where an option takes its place. @throws Trouble if there is one */
export function noFile(files: readonly string[], option: string): undefined {
  if (files.length > 0)
    throw badUsage(`${option} takes the place of a file, but got ${files.join(", ")}, too.`)
}

const NUMBER = /^(?:0x([0-9a-f]+)|([0-9][0-9a-f]*)h|([0-9]+))$/i

/**
 * A whole number: 1048576, 0x100000 or 100000h.
 * @throws Trouble if it is none, or out of range
 */
export function number(text: string, option: string, least: number, most: number): number {
  const [, prefixed, suffixed, decimal] = NUMBER.exec(text) ?? []
  const hexadecimal = prefixed ?? suffixed
  const value = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
  if (!(value >= least && value <= most))
    throw badUsage(`${option} must be a whole number from ${least} to ${most}, but is "${text}".`)
  return value
}

const HIGHEST_ADDRESS = 0xffff_ffff

/** An address of 32 bits, or undefined if the option was not given. */
export const address = (text: string | undefined, option: string): number | undefined =>
  text === undefined ? undefined : number(text, option, 0, HIGHEST_ADDRESS)

/** The name of a processor generation. @throws Trouble if there is none of that name */
export function generation(name: string): string {
  const known = Object.keys(GENERATIONS)
  if (!known.includes(name))
    throw badUsage(`--generation must be one of ${known.join(", ")}, but is "${name}".`)
  return name
}

/** 16 or 32, or undefined if the option was not given. */
export function codeSize(text: string | undefined): 16 | 32 | undefined {
  if (text === undefined) return undefined
  if (text !== "16" && text !== "32") throw badUsage(`--bits must be 16 or 32, but is "${text}".`)
  return text === "16" ? 16 : 32
}
