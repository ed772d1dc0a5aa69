/* Formatted text with variable arguments: decimal, hexadecimal, padded, 64-bit, strings. */
#include "corpus.h"
typedef __builtin_va_list list;
static char *at;

static void number(u64 value, u32 base, u32 width, char fill)
{
    char digits[24];
    u32 n = 0;
    do digits[n++] = "0123456789abcdef"[value % base]; while (value /= base);
    while (n < width) digits[n++] = fill;
    while (n) *at++ = digits[--n];
}

static void signed_number(i64 value, u32 width)
{
    if (value < 0) *at++ = '-', value = -(u64)value;
    number(value, 10, width, ' ');
}

static __attribute__((noinline)) void print(const char *format, ...)
{
    list arguments;
    __builtin_va_start(arguments, format);
    for (; *format; format++) {
        u32 width = 0;
        if (*format != '%') { *at++ = *format; continue; }
        while (*++format >= '0' && *format <= '9') width = width * 10 + *format - '0';
        switch (*format) {
        case 'd': signed_number(__builtin_va_arg(arguments, i32), width); break;
        case 'u': number(__builtin_va_arg(arguments, u32), 10, width, ' '); break;
        case 'x': number(__builtin_va_arg(arguments, u32), 16, width, '0'); break;
        case 'b': number(__builtin_va_arg(arguments, u32), 2, width, '0'); break;
        case 'D': signed_number(__builtin_va_arg(arguments, i64), width); break;
        case 'X': number(__builtin_va_arg(arguments, u64), 16, width, '0'); break;
        case 'c': *at++ = __builtin_va_arg(arguments, int); break;
        case 's': for (const char *s = __builtin_va_arg(arguments, const char *); *s;) *at++ = *s++; break;
        }
    }
    __builtin_va_end(arguments);
}

u32 run(u32 seed, u8 *out)
{
    memset(out, 0, OUT);
    at = (char *)out;
    print("%d %5u %8x|", (i32)next(&seed), next(&seed) >> 20, next(&seed));
    print("%16b %s %c|", next(&seed) >> 16, seed & 1 ? "odd" : "even", 'A' + seed % 26);
    print("%D %20D %X|", (i64)next(&seed) * (i32)next(&seed), -(i64)seed, (u64)next(&seed) << 16 | 7);
    u32 sum = 0;
    for (char *p = (char *)out; p < at; p++) sum = sum * 31 + *p;
    return sum;
}
