import { describe, expect, test } from "vitest"
import { AssemblyError, asm, assemble, type Mistake } from "../../src/isa/assemble"

function errorOf(source: string): AssemblyError {
  try {
    assemble(source)
  } catch (error) {
    if (error instanceof AssemblyError) return error
    throw error
  }
  throw new Error(`accepted: ${source}`)
}

const mistakesOf = (source: string): readonly Mistake[] => errorOf(source).mistakes
const say = ({ line, column, message, expected }: Mistake) => `${line}:${column} ${message}; ${expected}`

test("a mistake is shown with its line, its column, the line itself and a caret", () => {
  expect(errorOf("nop\nstart:\n    mvo eax, 1").message).toBe(
    'line 3, column 5: unknown instruction "mvo"; did you mean mov?\n        mvo eax, 1\n        ^',
  )
})

test("the caret stands right below a character after tabs", () => {
  expect(errorOf("\tmov\teax, bx").message.split("\n").slice(1)).toEqual([
    "    \tmov\teax, bx",
    "    \t   \t     ^",
  ])
})

test("all mistakes of a source are told at once, in its order", () => {
  const source = "mvo eax, 1\nadd eax, bx\njmp nowhere\nx: nop\nx: db 300\nmov eax, (1"
  expect(mistakesOf(source).map(({ line }) => line)).toEqual([1, 2, 3, 5, 6])
})

test("a line with a mistake still defines its label", () => {
  expect(mistakesOf("x: mvo eax, 1\njmp x").map(({ line }) => line)).toEqual([1])
})

test("a mistake in one line does not move the others about", () => {
  expect(mistakesOf("jmp short a\ntimes 128 nop\na:").map(say)).toEqual([
    "1:5 short a is 128 bytes away; a short jump reaches -128 to 127; leave short out, or jump in two steps",
  ])
})

/** Source | place and sentence. */
const SENTENCES = `
mov eax, [ebx+ecx*3]      | 1:10 no addressing mode for [ebx+ecx*3]; an address is base + index*scale + number; scale is 1, 2, 4 or 8, and esp is no index
mov [ebx], 1              | 1:5 the size of [ebx] is ambiguous; say byte, word or dword, as in "dword [ebx]"
push [ebx]                | 1:6 the size of [ebx] is ambiguous; say word or dword, as in "dword [ebx]"
mov eax, bx               | 1:10 sizes differ: eax has 32 bits, bx has 16; use operands of one size
mov dword al, 5           | 1:5 dword al has 8 bits; leave the size word out
mov [eax], [ebx]          | 1:12 two operands in memory; move one of them to a register first
mov dword ptr [eax], 5    | 1:11 unexpected "ptr"; NASM writes the size alone: "dword [ebx]", without ptr
mov eax                   | 1:1 mov takes 2 operands, not 1; mov takes r/m8, r8 \\| r/m16/32, r16/32 \\| r8, r/m8 \\| r16/32, r/m16/32 \\| al, moffs8 \\| eax, moffs16/32 \\| moffs8, al \\| moffs16/32, eax \\| …
shl eax, ebx              | 1:5 shl does not take eax, ebx; shl takes r/m8, 1 \\| r/m16/32, 1 \\| r/m8, cl \\| r/m16/32, cl \\| r/m8, imm8 \\| r/m16/32, imm8
out al, 5                 | 1:5 out does not take al, 5; out takes imm8, al \\| imm8, eax \\| dx, al \\| dx, eax
mov al, 256               | 1:9 256 is out of range; expected -128 to 255
add eax, byte 200         | 1:10 byte 200 is out of range; expected -128 to 127
mov al, x                 | 1:9 unknown symbol "x"; define it as a label or with equ
mov eax ebx               | 1:9 unexpected "ebx"; expected a comma or the end of the line
mov eax, 1 2              | 1:12 unexpected "2"; expected a comma or the end of the line
mov eax,                  | 1:9 the line ends too early; expected an operand
mov eax, 12z              | 1:10 "12z" is no number; write it as 200, 0xc8, 0c8h, 310o or 11001000b
mov eax, 5/0              | 1:11 0 cannot stand behind "/"; divide by something other than 0, shift by 0 to 63 bits
mov eax, ebx+1            | 1:10 registers can be added in an address only; put it in brackets, as in [ebx+4]
lock mov [ebx], eax       | 1:6 lock is not allowed with this mov; it needs a destination in memory; db 0xf0 puts the byte all the same
o16 iretd                 | 1:5 the size prefix contradicts iretd; leave the prefix out, or name operands of its size
rep repne movsb           | 1:5 prefixes "rep" and "repne" exclude each other; leave one of them out
eax: nop                  | 1:1 "eax" is a word of the language and no label; choose another name, or write $eax for the label
reep movsb                | 1:1 unknown instruction "reep"; did you mean rep?
frobnicate                | 1:1 unknown instruction "frobnicate"; expected an instruction, a directive or a label with a colon
%define x 5               | 1:1 the preprocessor is not supported; use equ and times, or TypeScript around asm\`…\`
extern printf             | 1:1 extern is not supported; nothing is linked here: define the name in this source
global main               | 1:8 unknown symbol "main"; define it as a label or with equ
db 'abc                   | 1:4 a string without an end; close it with ' on the same line
section .code             | 1:9 unknown section ".code"; expected .text, .data, .rodata or .bss
bits 64                   | 1:6 64-bit code is not simulated; expected 16 or 32
times -1 nop              | 1:7 -1 is out of range; expected 0 to 16777216
align 3                   | 1:7 3 is no power of two; expected 1, 2, 4, 8, 16 …
x equ x + 1               | 1:1 "x" is defined by itself; give it a value that does not depend on it
`

describe("the sentence says what is wrong and what to do", () => {
  test.each(SENTENCES.trim().split("\n"))("%s", (line) => {
    const [source, sentence] = line.split(/(?<!\\) *(?<!\\)\| /).map((part) => part.replaceAll("\\|", "|"))
    expect(mistakesOf(source).map(say)).toEqual([sentence.trim()])
  })
})

describe("a name that is nearly right is suggested", () => {
  test.each([
    ["counter: dd 0\nmov eax, [conter]", "did you mean counter?"],
    ["Main: jmp main", "did you mean Main?"],
    ["a: nop\n.loop: jmp a.lop", "did you mean a.loop?"],
    ["mov eax, ebxx", "did you mean ebx?"],
    ["x: jmp X", "did you mean x?"],
    ["pushh eax", "did you mean push?"],
    ["secton .text", "did you mean section?"],
  ])("%s", (source, expected) => {
    expect(mistakesOf(source)[0].expected).toBe(expected)
  })
})

test("a label without a colon is a label, unless it looks like a mistyped instruction", () => {
  expect(assemble("here nop").symbols.here).toBe(0)
  expect(() => assemble("ret2 nop")).toThrow('unknown instruction "ret2"; did you mean ret?')
})

describe("a mistake in a template", () => {
  const mistakesOf = (assemble: () => unknown) => {
    try {
      assemble()
    } catch (error) {
      return (error as Error).message
    }
    throw new Error("it was assembled")
  }
  const long = "nop\n".repeat(50)

  test("is counted in the template's own lines, not in those of a text inserted before it", () => {
    const message = mistakesOf(
      () => asm`${long}
start: nop
  moov eax, 1`,
    )
    expect(message).toMatch(/^line 3, column 3: unknown instruction "moov"/)
  })

  test("in an inserted text is counted in that text, which is named by its number", () => {
    const message = mistakesOf(
      () => asm`nop
${7} equ 3
${`nop\nmoov eax, 1\nnop`}`,
    )
    expect(message).toMatch(/line 2 of inserted text 2, column 1: unknown instruction "moov"/)
  })
})
