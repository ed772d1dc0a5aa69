/** Which of the machine's pages belong to whom. */
import { expect, test } from "vitest"
import { HostMemory } from "../../src/hypervisors/host-memory"
import { hypervise } from "../../src/hypervisors/kinds"
import { pc } from "../../src/pc"

test("pages are given away scattered, none twice, none of the first MiB", () => {
  const memory = new HostMemory(4096)
  const pages = memory.allocate(3840, "vm")
  expect(new Set(pages).size).toBe(3840)
  expect(Math.min(...pages)).toBe(256)
  expect(Math.max(...pages)).toBe(4095)
  expect(pages.slice(1).some((page, n) => page === pages[n] + 1)).toBe(false)
})

test("who asks in the same order gets the same pages", () => {
  const some = () => {
    const memory = new HostMemory(2048)
    return [memory.allocate(5, "a"), memory.allocate(7, "b")]
  }
  expect(some()).toEqual(some())
})

test("a page has the owner that asked for it, and others have none", () => {
  const memory = new HostMemory(512)
  const [page] = memory.allocate(1, "monitor")
  expect(memory.ownerOf(page)).toBe("monitor")
  expect(memory.ownerOf(page + 1)).toBeUndefined()
  expect(memory.free).toBe(255)
})

test("each page has its turn, also where the stride divides their number", () => {
  const memory = new HostMemory(256 + 2 * 1009)
  expect(new Set(memory.allocate(2018, "vm")).size).toBe(2018)
})

test("who wants more than there is is told so, and nothing is given away", () => {
  const memory = new HostMemory(300)
  expect(() => memory.allocate(45, "vm2")).toThrow(
    "vm2 wants 45 pages, and the machine has 44 left: give it more memory",
  )
  expect(memory.free).toBe(44)
})

test("a machine that is too small for its virtual machines says which one does not fit", () => {
  const two = {
    vms: [
      { name: "one", memory: 4 },
      { name: "two", memory: 4 },
    ],
  }
  expect(() => hypervise(pc({ memory: 8 }), "trap-and-emulate", two)).toThrow(
    /^two wants 1024 pages, and the machine has \d+ left: give it more memory$/,
  )
})
