import { kit } from "../../src/guests/kit"
import { startController } from "../../src/guests/traps"

/** Sends back by interrupt what the serial port gets, and halts for good at a full stop. */
export const ECHO = `${kit({ gates: [{ vector: 0x24, handler: "received" }] })}
main:
${startController([4])}
  mov dx, 0x3f9
  mov al, 1
  out dx, al
  mov dx, 0x3fc
  mov al, 8
  out dx, al
  sti
again: hlt
  jmp again
received:
  mov dx, 0x3f8
  in al, dx
  out dx, al
  cmp al, '.'
  je done
  mov al, 0x20
  out 0x20, al
  iret
done:
  cli
  hlt`
