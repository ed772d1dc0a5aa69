import { expect, test } from "vitest"
import { nearest, readLink } from "../../lessons/src/links/link"
import { wayOf } from "../../lessons/src/recording/motion"
import { faultFrame } from "../views/fixture"

test.each([
  ["#ringlab?step=31", { step: 31, show: "", where: "above" }],
  ["03-traps.ipynb#ringlab?step=0&show=stack+CS", { step: 0, show: "stack CS", where: "above" }],
  ["#ringlab?show=gate&in=below", { step: undefined, show: "gate", where: "below" }],
  ["#ringlab?step=-1", { step: undefined, show: "", where: "above" }],
  ["#ringlab?step=1e9&in=beside", { step: undefined, show: "", where: "above" }],
])("a link to %s is read", (href, link) => {
  expect(readLink(href)).toEqual(link)
})

test.each([null, "", "#step-31", "03-traps.ipynb"])("a link to %s is none of ours", (href) => {
  expect(readLink(href)).toBeUndefined()
})

test("a link means the last recording above it, or else the first below, unless it says otherwise", () => {
  const pick = (link: number, where: "above" | "below") => nearest([10, 20, 30], (item) => item < link, where)
  expect([pick(25, "above"), pick(5, "above"), pick(25, "below"), pick(35, "below")]).toEqual([
    20, 10, 30, 30,
  ])
  expect(nearest([], () => true, "above")).toBeUndefined()
})

test("the way of a step through a gate leads from the gate to the words in the order in which they were pushed", () => {
  const stack = faultFrame.stack.map((slot) => (slot.old === undefined ? slot : { ...slot, written: true }))
  expect(wayOf({ ...faultFrame, stack })).toEqual([
    "gate",
    "TR",
    "stack SS of ring 3",
    "stack ESP of ring 3",
    "stack EFLAGS",
    "stack CS",
    "stack EIP to return to",
    "stack error code",
  ])
  expect(wayOf({ ...faultFrame, idt: [] })).toEqual([])
})

test("the way of an IRET leads from it to the registers that it brought back", () => {
  const code = [{ address: 0, text: "iretd", ran: true }]
  const registers = [
    { name: "EIP", value: 1, old: 2 },
    { name: "ESP", value: 3 },
  ]
  expect(wayOf({ ...faultFrame, idt: [], code, registers })).toEqual(["ran", "EIP", "CS", "SS"])
})
