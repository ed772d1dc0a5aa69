/* What gcc expects a freestanding program to bring: memory functions and 64-bit division. */
#include "corpus.h"

void *memcpy(void *to, const void *from, u32 size)
{
    u8 *t = to;
    for (const u8 *f = from; size--;) *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, u32 size)
{
    u8 *t = to;
    const u8 *f = from;
    if (t < f) return memcpy(to, from, size);
    while (size--) t[size] = f[size];
    return to;
}

void *memset(void *to, int byte, u32 size)
{
    for (u8 *t = to; size--;) *t++ = byte;
    return to;
}

int memcmp(const void *a_, const void *b_, u32 size)
{
    const u8 *a = a_, *b = b_;
    for (; size; size--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}

u64 __udivmoddi4(u64 dividend, u64 divisor, u64 *remainder)
{
    u64 quotient = 0, rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) rest -= divisor, quotient |= 1;
    }
    if (remainder) *remainder = rest;
    return quotient;
}

u64 __udivdi3(u64 a, u64 b)
{
    return __udivmoddi4(a, b, 0);
}

u64 __umoddi3(u64 a, u64 b)
{
    u64 rest;
    __udivmoddi4(a, b, &rest);
    return rest;
}

static u64 magnitude(i64 value)
{
    return value < 0 ? -(u64)value : (u64)value;
}

i64 __divdi3(i64 a, i64 b)
{
    u64 quotient = __udivdi3(magnitude(a), magnitude(b));
    return (a < 0) != (b < 0) ? -quotient : quotient;
}

i64 __moddi3(i64 a, i64 b)
{
    u64 rest = __umoddi3(magnitude(a), magnitude(b));
    return a < 0 ? -rest : rest;
}

i64 __divmoddi4(i64 a, i64 b, i64 *rest)
{
    *rest = __moddi3(a, b);
    return __divdi3(a, b);
}

int __popcountsi2(u32 value)
{
    int count = 0;
    for (; value; value &= value - 1) count++;
    return count;
}

int __clzdi2(u64 value)
{
    u32 high = value >> 32;
    return high ? __builtin_clz(high) : 32 + __builtin_clz((u32)value);
}
