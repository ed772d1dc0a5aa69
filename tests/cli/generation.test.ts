import { afterAll, beforeAll, expect, test } from "vitest"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

/** Reads port 80h a hundred times, and leaves in EAX how many of its 838 ns the timer counted meanwhile. */
const HUNDRED_READS = `
  mov al, 0x34
  out 0x43, al          ; counter 0, mode 2
  xor eax, eax
  out 0x40, al
  out 0x40, al
  call count
  mov ebx, eax
  mov ecx, 100
again: in al, 0x80
  loop again
  call count
  sub ebx, eax
  movzx eax, bx
  cli
  hlt
count:
  xor eax, eax
  out 0x43, al          ; latch
  in al, 0x40
  mov ah, al
  in al, 0x40
  xchg al, ah
  ret`

function microseconds(...args: readonly string[]): number {
  folder.put("reads.asm", HUNDRED_READS)
  const { status, stdout, stderr } = folder.ringlab("run", "reads.asm", "--json", ...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  return JSON.parse(stdout).registers.eax * 0.838
}

test("ports take about a microsecond each of the timer's time, so that drivers with time-outs get on", () => {
  expect(microseconds() / 100).toBeGreaterThan(0.7)
  expect(microseconds() / 100).toBeLessThan(1.4)
})

test("--generation chooses clock, prices and CPUID together, and the report says which it was", () => {
  expect(microseconds("--generation", "pentium-4") / 100).toBeLessThan(1.4)
  expect(microseconds("--generation", "p6") / 100).toBeGreaterThan(90)
  folder.put("cpuid.asm", "mov eax, 1\n cpuid\n hlt")
  const { stdout } = folder.ringlab("run", "cpuid.asm", "--json", "--generation", "pentium-4")
  expect(JSON.parse(stdout)).toMatchObject({
    generation: "pentium-4",
    hertz: 3_800_000_000,
    registers: { eax: 0xf43 },
  })
})

test("a generation that there is not is refused, and those that there are named", () => {
  folder.put("nothing.asm", "hlt")
  const { status, stderr } = folder.ringlab("run", "nothing.asm", "--generation", "486")
  expect(status).toBe(2)
  expect(stderr).toMatch(/--generation must be one of p6, pentium-pro, pentium-4, but is "486"\./)
})
