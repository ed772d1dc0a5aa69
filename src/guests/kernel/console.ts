/** The console: the serial port COM1, and a ring of text that its interrupt sends. */
import type { Face } from "./faces"

/** Bytes in the ring, a power of 2, and the longest line that is written at once. */
export const CONSOLE_SIZES = `RING equ 1024
LINE equ 256
`

/** The driver. */
export const consoleDriver = (face: Face) => `
; 115,200 bits a second, eight bits a byte, a FIFO of 16 bytes, interrupts connected and none enabled.
serial_setup:
  mov esi, .words
  mov ecx, 7
  mov edx, 0x300
.next:
  mov dl, [esi]
  mov al, [esi + 1]
  call port_out
  add esi, 2
  loop .next
  ret
.words:
  db 0xf9, 0, 0xfb, 0x80, 0xf8, 1, 0xf9, 0, 0xfb, 3, 0xfa, 0xc7, 0xfc, 0x0b

ring_first: dd 0          ; the next byte to send
ring_used: dd 0           ; how many wait
serial_busy: dd 0         ; the transmitter's interrupt is enabled

; Wait until the longest line has room; so it is not mixed with another process's. Others run meanwhile.
console_room:
${face.disable}
  cmp dword [ring_used], RING - LINE
  jbe .room
  mov eax, WRITING
  call sleep_as
${face.restore}
  jmp console_room
.room:
${face.restore}
  ret

; Put ECX bytes at ESI into the ring, for which there must be room, and have the transmitter's interrupt come. While the kernel
; starts they are sent at once.
console_put:
  cmp dword [current], 0
  je .poll
${face.disable}
.next:
  jecxz .sent
  lodsb
  mov edi, [ring_first]
  add edi, [ring_used]
  and edi, RING - 1
  mov [ring + edi], al
  inc dword [ring_used]
  dec ecx
  jmp .next
.sent:
  cmp dword [serial_busy], 0
  jne .busy
  mov dword [serial_busy], 1
  mov edx, 0x3f9
  mov al, 2               ; tell when the transmitter is empty: it is
  call port_out
.busy:
${face.restore}
.done:
  ret
.poll:
  jecxz .done
  call send_polling
  dec ecx
  jmp .poll

; Send a byte at ESI, and wait until it can be sent.
send_polling:
  mov edx, 0x3fd
.wait:
  call port_in
  test al, 0x20           ; line status: transmitter empty
  jz .wait
  lodsb
  mov edx, 0x3f8
  jmp port_out

; The transmitter is empty: it gets what waits, 16 bytes at most. Who waits for room may try again.
serial_interrupt:
  mov edx, 0x3fa
  call port_in            ; which interrupt: reading it ends it
  and al, 0x0f
  cmp al, 2
  jne end_of_interrupt    ; it is not the transmitter's
  mov ecx, 16
  cmp dword [ring_used], 0
  je .empty
.next:
  mov edi, [ring_first]
  mov al, [ring + edi]
  mov edx, 0x3f8
  call port_out
  inc edi
  and edi, RING - 1
  mov [ring_first], edi
  dec dword [ring_used]
  loopnz .next
  jmp .wake
.empty:
  mov dword [serial_busy], 0
  mov edx, 0x3f9
  xor eax, eax
  call port_out
.wake:
  mov edi, processes
.process:
  cmp dword [edi + P_STATE], WRITING
  jne .other
  mov dword [edi + P_STATE], READY
.other:
  add edi, PAGE
  cmp edi, processes_end
  jb .process
  jmp end_of_interrupt

; Wait until all was sent. Interrupts are on, since the critical section that looks ends as it began.
console_flush:
${face.disable}
  mov eax, [serial_busy]
${face.restore}
  test eax, eax
  jz .done
  call doze
  jmp console_flush
.done:
  ret

; The same with interrupts off: send what is in the ring.
console_drain:
  cmp dword [ring_used], 0
  je .done
  mov esi, ring
  add esi, [ring_first]
  call send_polling
  inc dword [ring_first]
  and dword [ring_first], RING - 1
  dec dword [ring_used]
  jmp console_drain
.done:
  ret
`
