/* 64-bit arithmetic in pairs of registers: every operator, signed and unsigned, at the edges. */
#include "corpus.h"

static u64 unsigned_mix(u64 a, u64 b)
{
    u64 r = a + b;
    r ^= a - b;
    r += a * b;
    r ^= b ? a / b : 1;
    r += b ? a % b : 2;
    r ^= a << (b & 63);
    r += a >> (b & 63);
    return r ^ (a < b) ^ ((a >= b) << 3) ^ ~(a & b) ^ (a | b);
}

static i64 signed_mix(i64 a, i64 b)
{
    i64 r = -a;
    if (b && b != -1) r ^= a / b, r = (u64)r + a % b;
    r ^= a >> (b & 63);
    return r ^ (a < b) ^ ((a >= b) << 5) ^ (i32)a ^ (i64)(i16)b;
}

u32 run(u32 seed, u8 *out)
{
    static const u64 edges[] = {0, 1, -1ull, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 10};
    u64 sum = 0;
    for (int i = 0; i < 12; i++) {
        u64 a = i < 10 ? edges[i] : (u64)next(&seed) << 32 | next(&seed);
        for (int j = i % 2; j < 10; j += 2) {
            u64 b = edges[j] + (seed & 3);
            sum = sum * 3 + unsigned_mix(a, b) + signed_mix(a, b);
        }
        put32(out + 8 * i, sum);
        put32(out + 8 * i + 4, sum >> 32);
    }
    return sum ^ sum >> 32;
}
