/* String bindings: any text is parsed; any parts are copied, quoted and composed into a buffer of
 * any size; one option is taken off any list (each step gives spans within its own, so that is
 * all); any option is read for what it says of security.
 *
 * proof-sources: src/wire/string_binding.c src/wire/binding_security.c src/base/cur.c
 * proof-sources: src/base/uuid.c
 * proof-defines: IR_CUR_CAP=64
 * proof-covers: ir_string_binding_parse ir_string_binding_next_option ir_string_binding_copy
 * proof-covers: ir_string_binding_quote ir_string_binding_compose ir_binding_security_take
 */
#include "wire/string_binding.h"
#include "wire/binding_security.h"

#include "wire_proof.h"

static char text[8 * IR_CUR_CAP];

static struct irpc_span any_part(void)
{
    return (struct irpc_span){wide + any_below(IR_CUR_CAP), any_below(IR_CUR_CAP)};
}

static void parse(struct irpc_span in, bool read)
{
    struct ir_string_binding b = {0};
    struct ir_violation v;
    if (ir_string_binding_parse(in, &b, &v) == IRPC_OK && read) {
        read_span(b.protseq);
        read_span(b.address);
        read_span(b.endpoint);
        read_span(b.options);
    }
}

static void make_text(void)
{
    size_t cap = any_below(sizeof text + 1);
    struct ir_string_binding b = {
        .has_object = any_below(2) != 0,
        .object = {any_u32(), (uint16_t)any_u32(), 1, 2, 3, {4}},
        .protseq = any_part(),
        .address = any_part(),
        .endpoint = any_part(),
        .options = any_part(),
    };
    proof_sink = (unsigned)ir_string_binding_copy(b.address, text, cap);
    proof_sink = (unsigned)ir_string_binding_quote(b.endpoint, text, cap);
    proof_sink = (unsigned)ir_string_binding_compose(&b, text, cap);
}

static void take_option(void)
{
    struct irpc_span options = any_part();
    struct irpc_span name = {NULL, 0};
    struct irpc_span value = {NULL, 0};
    if (ir_string_binding_next_option(&options, &name, &value)) {
        read_span(name);
        read_span(value);
    }
}

static void read_security(void)
{
    struct ir_binding_security s = {0};
    if (ir_binding_security_take(any_part(), any_part(), &s) == NULL) {
        read_span(s.target);
    }
}

int main(void)
{
    proof_fill(bytes, sizeof bytes);
    proof_fill(wide, sizeof wide);
    struct irpc_span s = {bytes, any_u32()};
    parse(s, false);
    s.p = wide;
    parse(s, true);
    make_text();
    take_option();
    read_security();
    return 0;
}
