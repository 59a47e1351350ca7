/*
 * The NDR interpreter against straight-line C, memcpy, and XDR of the same data. The two sides of a
 * row take turns; a figure is the median of RUNS, a ratio the median of the ratios of such pairs.
 *
 *     ndr [RUNS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cur.h"
#include "base/out.h"
#include "ndr/ndr.h"
#include "ndr_bench.h"
#include "ndr_straight.h"
#ifdef HAVE_XDR
#include "ndr_xdr.h"
#endif

#define N 1000u
#define N_FLATS 4000u /* enough that memcpy takes longer than the call of it */
#define CAP (256u * 1024u)
#define BUDGET ((size_t)16 << 20)
#define MAX_RUNS 101

enum op {
    RECORDS,
    FLATS
};

struct bench {
    bench_record records[N];
    bench_flat flats[N_FLATS];
    char names[N][17];
    uint8_t stub[CAP]; /* what the side under test reads */
    size_t len;
    uint8_t other[CAP]; /* what it writes, or XDR */
    size_t other_len;
    struct ir_arena arena;
    struct ir_out out;
    enum op op;
    int syntax;
};

typedef void side(struct bench *b);

static void check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

/* --- sides --- */

static void engine_encode(struct bench *b)
{
    struct ndr_bench_Records_args records = {N, b->records};
    struct ndr_bench_Flats_args flats = {N_FLATS, b->flats};
    const void *args = b->op == RECORDS ? (const void *)&records : &flats;

    ir_out_reset(&b->out);
    check(ir_ndr_encode(ndr_bench_v1_0_interface.unit, b->op, IR_NDR_IN, b->syntax, args, &b->out,
                        NULL) == IRPC_OK,
          "encoding");
}

static void engine_decode(struct bench *b)
{
    struct ndr_bench_Records_args args = {0, NULL}; /* Flats' look the same */
    struct ir_cur in = ir_cur_init(b->stub, (uint32_t)b->len, false);

    ir_arena_reset(&b->arena, BUDGET);
    check(ir_ndr_decode(ndr_bench_v1_0_interface.unit, b->op, IR_NDR_IN, b->syntax, &in, &b->arena,
                        &args, &ir_ndr_default_limits, NULL) == IRPC_OK,
          "decoding");
}

static void engine_validate(struct bench *b)
{
    struct ir_cur in = ir_cur_init(b->stub, (uint32_t)b->len, false);

    check(ir_ndr_validate(ndr_bench_v1_0_interface.unit, b->op, b->syntax, &in,
                          &ir_ndr_default_limits, NULL) == IRPC_OK,
          "validating");
}

static void straight_encode(struct bench *b)
{
    b->other_len = straight_encode_records(b->records, N, b->other, CAP);
    check(b->other_len != 0, "straight-line encoding");
}

static void straight_decode(struct bench *b)
{
    bench_record *r = NULL;
    uint32_t n = 0;

    ir_arena_reset(&b->arena, BUDGET);
    check(straight_decode_records(b->stub, b->len, &b->arena, &r, &n), "straight-line decoding");
    __asm__ volatile("" : : "r"(r) : "memory");
}

/* The same memory from the same arena, so that only the copying differs. */
static void copy_in(struct bench *b)
{
    ir_arena_reset(&b->arena, BUDGET);
    void *p = ir_arena_alloc(&b->arena, sizeof(b->flats));
    check(p != NULL, "memory");
    memcpy(p, b->stub + 8, sizeof(b->flats));
    __asm__ volatile("" : : "r"(p) : "memory");
}

static void copy_out(struct bench *b)
{
    memcpy(b->other, b->flats, sizeof(b->flats));
    __asm__ volatile("" : : "r"(b->other) : "memory");
}

#ifdef HAVE_XDR
static void xdr_encode(struct bench *b)
{
    b->other_len = xdr_encode_records(b->records, N, b->other, CAP);
    check(b->other_len != 0, "XDR encoding");
}

static void xdr_decode(struct bench *b)
{
    check(xdr_decode_records(b->other, b->other_len), "XDR decoding");
}
#endif

/* --- measuring --- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double once(side *f, struct bench *b, unsigned times)
{
    double start = now();

    for (unsigned i = 0; i < times; i++) {
        f(b);
    }
    return (now() - start) / times;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, unsigned n)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

/* A target of 0: none. */
static void row(struct bench *b, unsigned runs, const char *name, side *reference, side *engine,
                double target)
{
    double a[MAX_RUNS], c[MAX_RUNS], ratio[MAX_RUNS];
    unsigned times = (unsigned)(2e6 / (once(engine, b, 20) + 1)) + 1;

    for (unsigned i = 0; i < runs; i++) {
        if (i % 2 != 0) {
            a[i] = once(reference, b, times);
            c[i] = once(engine, b, times);
        } else {
            c[i] = once(engine, b, times);
            a[i] = once(reference, b, times);
        }
        ratio[i] = c[i] / a[i];
    }
    double r = median(ratio, runs);
    printf("%-47s %9.2f %9.2f %6.2f", name, median(a, runs) / 1000, median(c, runs) / 1000, r);
    if (target > 0) {
        printf("  <= %.2f%s", target, r <= target ? "" : "  MISSED");
    }
    printf("\n");
    fflush(stdout);
}

static void fill(struct bench *b)
{
    for (uint32_t i = 0; i < N; i++) {
        snprintf(b->names[i], sizeof(b->names[i]), "name %011u", i);
        b->records[i] = (bench_record){i, (uint64_t)i << 33, i / 7.0, b->names[i]};
    }
    for (uint32_t i = 0; i < N_FLATS; i++) {
        b->flats[i] = (bench_flat){i, ~i, (uint64_t)i << 33, i / 7.0};
    }
    ir_arena_init(&b->arena, BUDGET);
    ir_out_init(&b->out, CAP, false);
}

/* Stub data of operation @op, made by the engine. */
static void use(struct bench *b, enum op op, int syntax)
{
    b->op = op;
    b->syntax = syntax;
    engine_encode(b);
    b->len = b->out.len;
    memcpy(b->stub, b->out.base, b->len);
}

int main(int argc, char **argv)
{
    struct bench *b = calloc(1, sizeof(*b));
    unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 9;
    const char *why = "";

    check(b != NULL && runs > 0 && runs <= MAX_RUNS, "set-up");
    check(ir_ndr_unit_check(ndr_bench_v1_0_interface.unit, &why) == IRPC_OK, why);
    fill(b);
    printf("%-47s %9s %9s %6s  target\n", "us for 1,000 structs, if not said otherwise", "other",
           "ironrpc", "ratio");

    use(b, RECORDS, IRPC_NDR20);
    straight_encode(b);
    check(b->len == b->other_len && memcmp(b->stub, b->other, b->len) == 0, "same bytes");
    row(b, runs, "{u32, u64, double, string} encode, C by hand", straight_encode, engine_encode,
        1.5);
    row(b, runs, "  decode, C by hand", straight_decode, engine_decode, 1.5);
    row(b, runs, "  validate, C by hand that decodes", straight_decode, engine_validate, 1.0);
#ifdef HAVE_XDR
    row(b, runs, "  encode, XDR (libtirpc)", xdr_encode, engine_encode, 0);
    row(b, runs, "  decode, XDR (libtirpc)", xdr_decode, engine_decode, 0);
#endif
    use(b, RECORDS, IRPC_NDR64);
    row(b, runs, "  NDR64 encode, C by hand for NDR 2.0", straight_encode, engine_encode, 0);
    use(b, FLATS, IRPC_NDR20);
    row(b, runs, "4,000 x {u32, u32, u64, double} encode, memcpy", copy_out, engine_encode, 1.25);
    row(b, runs, "  decode, memcpy", copy_in, engine_decode, 1.25);
    row(b, runs, "  validate, memcpy", copy_in, engine_validate, 0);
    ir_arena_deinit(&b->arena);
    ir_out_deinit(&b->out);
    free(b);
    return 0;
}
