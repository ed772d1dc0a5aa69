/* A small stack machine: one dense switch, so a jump table. */
#include "corpus.h"

static i32 execute(const u8 *code, int steps, i32 seed)
{
    i32 stack[16] = {seed}, n = 1;
    for (int pc = 0; steps--; pc = (pc + 1) & 255) {
        i32 a = stack[(n - 1) & 15], b = stack[(n - 2) & 15];
        switch (code[pc] % 14) {
        case 0: n++, stack[(n - 1) & 15] = code[(pc + 1) & 255]; break;
        case 1: n--, stack[(n - 1) & 15] = (u32)b + a; break;
        case 2: n--, stack[(n - 1) & 15] = (u32)b - a; break;
        case 3: n--, stack[(n - 1) & 15] = (u32)b * a; break;
        case 4: n--, stack[(n - 1) & 15] = a > 0 ? b / a : b; break;
        case 5: stack[(n - 1) & 15] = ~a; break;
        case 6: stack[(n - 1) & 15] = a < b; break;
        case 7: n++, stack[(n - 1) & 15] = a; break;
        case 8: stack[(n - 1) & 15] = b, stack[(n - 2) & 15] = a; break;
        case 9: if (a & 1) pc += 3; break;
        case 10: stack[(n - 1) & 15] = (u32)a << (b & 31); break;
        case 11: stack[(n - 1) & 15] = a >> (b & 31); break;
        case 12: stack[(n - 1) & 15] = (u32)a >> 3 ^ b; break;
        case 13: n += 2; break;
        }
    }
    return stack[0] ^ stack[7] ^ stack[(n - 1) & 15];
}

u32 run(u32 seed, u8 *out)
{
    u8 code[256];
    u32 sum = 0;
    for (int i = 0; i < 256; i++) code[i] = next(&seed) >> 9;
    for (int i = 0; i < OUT / 4; i++) {
        i32 r = execute(code, 50 + i, seed + i);
        put32(out + 4 * i, r);
        sum = sum * 7 + r;
    }
    return sum;
}
