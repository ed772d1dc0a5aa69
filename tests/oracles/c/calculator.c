/* An expression parser by recursive descent, over expressions that are made from the seed. */
#include "corpus.h"
static const char *at;
static i32 sum_of(void);

static i32 atom(void)
{
    if (*at == '(') {
        at++;
        i32 value = sum_of();
        at++;
        return value;
    }
    if (*at == '-') return at++, -(u32)atom();
    u32 value = 0;
    while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
    return value;
}

static i32 product_of(void)
{
    i32 value = atom();
    for (;;) {
        if (*at == '*') at++, value = (u32)value * atom();
        else if (*at == '/') { at++; i32 d = atom(); value = d && d != -1 ? value / d : 0; }
        else if (*at == '%') { at++; i32 d = atom(); value = d && d != -1 ? value % d : 0; }
        else return value;
    }
}

static i32 sum_of(void)
{
    i32 value = product_of();
    while (*at == '+' || *at == '-') value = *at++ == '+' ? (u32)value + product_of() : (u32)value - product_of();
    return value;
}

static char *write(char *to, u32 *seed, int depth)
{
    u32 r = next(seed);
    if (!depth || r % 5 == 0) {
        u32 n = r >> 8 & 0xfff, size = 1;
        for (u32 rest = n; rest >= 10; rest /= 10) size++;
        for (u32 i = size; i--; n /= 10) to[i] = '0' + n % 10;
        return to + size;
    }
    if (r & 64) *to++ = '-';
    *to++ = '(';
    to = write(to, seed, depth - 1);
    *to++ = "+-*/%"[(r >> 10) % 5];
    to = write(to, seed, depth - 1);
    *to++ = ')';
    return to;
}

u32 run(u32 seed, u8 *out)
{
    static char text[1024];
    u32 sum = 0;
    for (int i = 0; i < OUT / 4; i++) {
        *write(text, &seed, 4) = 0;
        at = text;
        i32 value = sum_of();
        put32(out + 4 * i, value);
        sum = sum * 13 + value + (at - text);
    }
    return sum;
}
