/**
 * What makes 512 bytes a boot sector: 55h and AAh at their end.
 * @see Compaq, Phoenix and Intel: BIOS Boot Specification 1.01, section "Booting"
 */

/** Bytes that a BIOS loads. */
export const SECTOR = 512
export const SIGNATURE = [0x55, 0xaa]

/** Whether a file is a boot sector, or a disk that begins with one: bytes 510 and 511 are 55h and AAh. */
export const isBootSector = (bytes: Uint8Array): boolean =>
  bytes.length >= SECTOR && SIGNATURE.every((byte, n) => bytes[SECTOR - 2 + n] === byte)
