/* Clients and transfer syntaxes: NDR64 where the server takes it, what the options force; pipes and
 * interface pointers through generated stubs on both sides. */
#include <stdlib.h>

#include "client/internal.h"
#include "kinds.h"
#include "rig.h"

static enum irpc_status reverse(struct irpc_call *call, elements *a, elements *c, int32_t *n,
                                int32_t *result)
{
    *result = 0;
    for (struct irpc_pipe_chunk *in = a->first; in != NULL; in = in->next) {
        for (uint32_t i = 0; i < in->n; i++) {
            struct irpc_pipe_chunk *out = irpc_call_alloc(call, sizeof(*out));
            out->n = 1;
            out->elements = (element *)in->elements + i;
            out->next = c->first;
            c->first = out;
            ++*n;
        }
        ++*result;
    }
    return IRPC_OK;
}

static enum irpc_status echo(struct irpc_call *call, int64_t a, int64_t *b)
{
    (void)call;
    *b = a;
    return IRPC_OK;
}

static enum irpc_status same(struct irpc_call *call, struct irpc_interface_pointer *a,
                             struct irpc_interface_pointer **b)
{
    (void)call;
    *b = a;
    return IRPC_OK;
}

static void start(struct rig *rig)
{
    static const struct piped_manager piped = {.Reverse = reverse};
    static const struct plain_manager plain = {.Echo = echo, .Same = same};

    rig_init(rig, NULL);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &piped_v1_0_server, &piped, NULL), IRPC_OK);
    IR_ASSERT_EQ(irpc_server_register(rig->server, &plain_v1_0_server, &plain, NULL), IRPC_OK);
    rig_start(rig);
}

static void finish(struct rig *rig)
{
    rig_stop(rig);
    irpc_server_free(rig->server);
}

static struct irpc_binding *bind_with(const struct rig *rig, enum irpc_transfer transfer)
{
    const struct irpc_binding_options options = {.transfer = transfer};
    struct irpc_binding *binding = NULL;

    IR_ASSERT_EQ(irpc_binding_new(rig->tcp, &options, &binding), IRPC_OK);
    return binding;
}

IR_TEST(ndr64_is_preferred_and_options_decide)
{
    struct rig rig;
    const int64_t wide = INT64_C(0x123456789a);

    start(&rig);
    for (int i = IRPC_TRANSFER_DEFAULT; i <= IRPC_TRANSFER_NDR64; i++) {
        struct irpc_binding *binding = bind_with(&rig, (enum irpc_transfer)i);
        bool ndr64 = i != IRPC_TRANSFER_NDR20;
        int64_t b = 0;
        IR_ASSERT_EQ(plain_Echo(binding, wide, &b), IRPC_OK);
        IR_ASSERT_EQ(b, ndr64 ? wide : (int32_t)wide); /* 4 bytes in NDR 2.0 */
        IR_ASSERT_EQ(binding->contexts[0].syntax, ndr64 ? IRPC_NDR64 : IRPC_NDR20);
        IR_ASSERT_EQ(plain_Echo(binding, 5, &b), IRPC_OK);
        IR_ASSERT_EQ(binding->n_contexts, 1);
        irpc_binding_free(binding);
    }
    finish(&rig);
}

IR_TEST(raw_calls_are_ndr20)
{
    struct rig rig;
    struct irpc_reply reply;
    int64_t b = 0;

    start(&rig);
    struct irpc_binding *binding = bind_with(&rig, IRPC_TRANSFER_DEFAULT);
    struct irpc_span in = {(const uint8_t *)"\7\0\0\0", 4};
    IR_ASSERT_EQ(plain_Echo(binding, 1, &b), IRPC_OK);
    IR_ASSERT_EQ(irpc_binding_call_raw(binding, &plain_v1_0_interface.id, 0, in, &reply), IRPC_OK);
    IR_ASSERT_MEM(reply.stub.p, reply.stub.len, in.p, in.len);
    IR_ASSERT_EQ(plain_Echo(binding, 3, &b), IRPC_OK);
    IR_ASSERT_EQ(b, 3);
    IR_ASSERT_EQ(binding->n_contexts, 2);
    irpc_binding_free(binding);
    finish(&rig);
}

IR_TEST(raw_calls_in_the_syntax_that_was_agreed_on)
{
    static const uint8_t wide[] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct rig rig;
    struct irpc_reply reply;

    start(&rig);
    for (int i = IRPC_TRANSFER_DEFAULT; i <= IRPC_TRANSFER_NDR64; i++) {
        struct irpc_binding *binding = bind_with(&rig, (enum irpc_transfer)i);
        enum irpc_transfer transfer = IRPC_TRANSFER_DEFAULT;
        bool ndr64 = i != IRPC_TRANSFER_NDR20;
        struct irpc_span in = {wide, ndr64 ? 8 : 4};
        IR_ASSERT_EQ(irpc_binding_transfer(binding, &plain_v1_0_interface.id, &transfer), IRPC_OK);
        IR_ASSERT_EQ(transfer, ndr64 ? IRPC_TRANSFER_NDR64 : IRPC_TRANSFER_NDR20);
        IR_ASSERT_EQ(
            irpc_binding_call_raw_in(binding, &plain_v1_0_interface.id, transfer, 0, in, &reply),
            IRPC_OK);
        IR_ASSERT_MEM(reply.stub.p, reply.stub.len, in.p, in.len);
        IR_ASSERT_EQ(binding->n_contexts, 1);
        irpc_binding_free(binding);
    }
    finish(&rig);
}

IR_TEST(pipes_go_both_ways)
{
    struct rig rig;
    element data[5];

    start(&rig);
    for (int i = IRPC_TRANSFER_DEFAULT; i <= IRPC_TRANSFER_NDR64; i++) {
        struct irpc_binding *binding = bind_with(&rig, (enum irpc_transfer)i);
        struct irpc_pipe_chunk chunks[] = {{NULL, data, 2}, {NULL, data + 2, 3}};
        elements a = {NULL, NULL};
        elements c = {NULL, NULL};
        int32_t n = 10;
        int32_t result = 0;
        uint8_t at = 4;
        for (uint8_t k = 0; k < 5; k++) {
            data[k] = (element){k, k * INT64_C(0x100000001)};
        }
        irpc_pipe_append(&a, &chunks[0]);
        irpc_pipe_append(&a, &chunks[1]);
        IR_ASSERT_EQ(piped_Reverse(binding, &a, &c, &n, &result), IRPC_OK);
        IR_ASSERT_EQ(binding->contexts[0].syntax, i == IRPC_TRANSFER_NDR64);
        IR_ASSERT_EQ(result, 2);
        IR_ASSERT_EQ(n, 15);
        for (const struct irpc_pipe_chunk *chunk = c.first; chunk != NULL; chunk = chunk->next) {
            IR_ASSERT_EQ(chunk->n, 1);
            IR_ASSERT_EQ(((element *)chunk->elements)->a, at);
            IR_ASSERT_EQ(((element *)chunk->elements)->b, at * INT64_C(0x100000001));
            at--;
        }
        IR_ASSERT_EQ(at, 255);
        irpc_binding_free(binding);
    }
    finish(&rig);
}

IR_TEST(interface_pointers_go_both_ways)
{
    struct rig rig;
    struct {
        uint32_t size;
        uint8_t data[12];
    } objref = {12, "MEOWabcdefg"};
    struct irpc_interface_pointer *back = NULL;

    start(&rig);
    struct irpc_binding *binding = bind_with(&rig, IRPC_TRANSFER_DEFAULT);
    IR_ASSERT_EQ(plain_Same(binding, (struct irpc_interface_pointer *)(void *)&objref, &back),
                 IRPC_OK);
    IR_ASSERT_EQ(back->size, 12);
    IR_ASSERT_EQ(memcmp(back->data, objref.data, 12), 0);
    IR_ASSERT_EQ(plain_Same(binding, NULL, &back), IRPC_OK);
    IR_ASSERT(back == NULL);
    irpc_binding_free(binding);
    finish(&rig);
}

/* Larger than what a binding keeps, so that it would be freed too early. */
IR_TEST(a_result_is_an_argument_of_the_next_call)
{
    enum {
        SIZE = 100000
    };
    struct rig rig;
    struct irpc_interface_pointer *first = calloc(1, sizeof(*first) + SIZE);
    struct irpc_interface_pointer *back = NULL;

    IR_ASSERT(first != NULL);
    first->size = SIZE;
    memset(first->data, 'x', SIZE);
    start(&rig);
    struct irpc_binding *binding = bind_with(&rig, IRPC_TRANSFER_DEFAULT);
    IR_ASSERT_EQ(plain_Same(binding, first, &back), IRPC_OK);
    for (int i = 0; i < 3; i++) {
        struct irpc_interface_pointer *before = back;
        IR_ASSERT_EQ(plain_Same(binding, before, &back), IRPC_OK);
        IR_ASSERT_EQ(back->size, SIZE);
        IR_ASSERT_EQ(memcmp(back->data, first->data, SIZE), 0);
    }
    IR_ASSERT_EQ(plain_Same(binding, back, NULL), IRPC_NULL_REF_POINTER);
    IR_ASSERT_STR(irpc_binding_error(binding),
                  "argument b of operation Same is NULL: a result goes there");
    irpc_binding_free(binding);
    free(first);
    finish(&rig);
}

IR_TEST(why_a_string_binding_is_refused)
{
    static const struct {
        const char *text;
        enum irpc_status st;
        const char *why;
    } rows[] = {
        {"", IRPC_BAD_STRING_BINDING, "no colon behind the protocol sequence"},
        {"127.0.0.1", IRPC_BAD_STRING_BINDING, "no colon behind the protocol sequence"},
        {"127.0.0.1:135", IRPC_PROTSEQ_UNSUPPORTED, "it begins with ncacn_ip_tcp: or ncalrpc:"},
        {"ncacn_np:h[x]", IRPC_PROTSEQ_UNSUPPORTED, "it begins with ncacn_ip_tcp: or ncalrpc:"},
        {"ncacn_ip_tcp:h:135", IRPC_BAD_STRING_BINDING, "a port stands in brackets: HOST[PORT]"},
        {"ncacn_ip_tcp:h[135", IRPC_BAD_STRING_BINDING, "brackets do not end the text"},
        {"ncacn_ip_tcp:h[http]", IRPC_BAD_STRING_BINDING, "no port of 1 to 65535"},
        {"ncacn_ip_tcp:h[65536]", IRPC_BAD_STRING_BINDING, "no port of 1 to 65535"},
        {"ncacn_ip_tcp:h[1,sihn]", IRPC_BAD_STRING_BINDING, "unknown option"},
        {"ncalrpc:h[x]", IRPC_BAD_STRING_BINDING, "ncalrpc has no host"},
        {"ncalrpc:[../x]", IRPC_BAD_STRING_BINDING, "no name of a local socket"},
    };
    struct irpc_binding *binding = NULL;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        IR_ASSERT_EQ(irpc_binding_new(rows[i].text, NULL, &binding), rows[i].st);
        IR_ASSERT(strstr(irpc_binding_error(NULL), rows[i].why) != NULL);
    }
    IR_ASSERT_EQ(irpc_binding_new("ncacn_ip_tcp:::1[135]", NULL, &binding), IRPC_OK);
    IR_ASSERT_STR(irpc_binding_error(NULL), "");
    irpc_binding_free(binding);
}
