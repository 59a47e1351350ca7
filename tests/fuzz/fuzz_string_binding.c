/* Property: parse, compose, parse gives the same parts; copying undoes quoting; options end; a
 * level or type that was found is one that a word gives. */
#include <stdlib.h>
#include <string.h>

#include "wire/binding_security.h"
#include "wire/string_binding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool same(struct irpc_span a, struct irpc_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[IR_STRING_BINDING_MAX + 20];
    char quoted[2 * IR_STRING_BINDING_MAX + 1];
    struct ir_string_binding a;
    struct irpc_span name;
    struct irpc_span value;
    if (ir_string_binding_parse((struct irpc_span){data, n}, &a, NULL) != IRPC_OK) {
        return 0;
    }
    struct ir_string_binding b = a;
    if (ir_string_binding_compose(&a, text, sizeof(text)) != IRPC_OK) {
        abort();
    }
    struct irpc_span s = {(const uint8_t *)text, strnlen(text, IR_STRING_BINDING_MAX)};
    if (text[s.len] == '\0' &&
        (ir_string_binding_parse(s, &b, NULL) != IRPC_OK || a.has_object != b.has_object ||
         !same(a.protseq, b.protseq) || !same(a.address, b.address) ||
         !same(a.endpoint, b.endpoint) || !same(a.options, b.options))) {
        abort();
    }
    struct ir_binding_security security;
    if (ir_binding_security_parse(b.options, &security, NULL) == IRPC_OK &&
        (security.level > 6 || security.type > 16 || security.target.len > n)) {
        abort();
    }
    while (ir_string_binding_next_option(&b.options, &name, &value)) {
    }
    if (ir_string_binding_quote((struct irpc_span){data, n}, quoted, sizeof(quoted)) != IRPC_OK) {
        abort();
    }
    s = (struct irpc_span){(const uint8_t *)quoted, strlen(quoted)};
    bool copied = ir_string_binding_copy(s, text, sizeof(text)) == IRPC_OK;
    return copied && strlen(text) == n && memcmp(text, data, n) == 0 ? 0 : (abort(), 0);
}
