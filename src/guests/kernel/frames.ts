/** Frames: pages of memory, and how many page tables show each. */
import type { Face } from "./faces"

/** Getting frames, and giving them back. */
export const frames = (face: Face) => `
; A frame that nobody has, its count 1: EAX is its address, or 0 if there is none. What is in it is left from before.
; Frames that were given back are a list: the first word of each points to the next. All behind fresh_frame are untouched.
allocate_frame:
  push edx
${face.disable}
  mov eax, [free_frames]
  test eax, eax
  jz .fresh
  mov edx, [eax]
  mov [free_frames], edx
  jmp .count
.fresh:
  mov eax, [fresh_frame]
  cmp eax, [memory_end]
  jae .none
  add dword [fresh_frame], PAGE
.count:
  mov edx, eax
  shr edx, 12
  mov byte [frame_counts + edx], 1
  jmp .done
.none:
  xor eax, eax
.done:
${face.restore}
  pop edx
  ret

; The same, filled with zeros.
allocate_zeroed:
  call allocate_frame
  test eax, eax
  jz .none
  push eax
  push ecx
  push edi
  mov edi, eax
  xor eax, eax
  mov ecx, PAGE / 4
  rep stosd
  pop edi
  pop ecx
  pop eax
.none:
  ret

; One page table fewer shows the frame of the entry in EAX; the last one gives it back.
release_frame:
  push edx
  and eax, -PAGE
  mov edx, eax
  shr edx, 12
${face.disable}
  dec byte [frame_counts + edx]
  jnz .done
  mov edx, [free_frames]
  mov [eax], edx
  mov [free_frames], eax
.done:
${face.restore}
  pop edx
  ret

free_frames: dd 0
fresh_frame: dd frames
`
