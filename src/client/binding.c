/*
 * Bindings: string binding and options in, text out. [C706] 3.1
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client/internal.h"
#include "client/watch.h"
#include "wire/binding_security.h"
#include "wire/string_binding.h"
#include "wire/tower.h"

#define OUTPUT_MAX (64u * 1024u * 1024u)

/* Why this thread's last irpc_binding_new() made nothing; static text. */
static _Thread_local const char *refusal = "";

static void or_default(uint32_t *value, uint32_t default_value)
{
    if (*value == 0) {
        *value = default_value;
    }
}

static void apply_options(struct irpc_binding *binding, const struct irpc_binding_options *options)
{
    struct irpc_binding_options *o = &binding->options;

    if (options != NULL) {
        *o = *options;
    }
    or_default(&o->connect_ms, 10000);
    or_default(&o->call_ms, 60000);
    or_default(&o->max_stub, 16u * 1024u * 1024u);
    if (o->mapper_port == 0) {
        o->mapper_port = 135;
    }
    (void)snprintf(binding->runtime_dir, sizeof(binding->runtime_dir), "%s",
                   o->runtime_dir != NULL ? o->runtime_dir : ir_runtime_dir());
    o->runtime_dir = binding->runtime_dir;
    if (o->object != NULL) {
        binding->has_object = true;
        binding->object = *o->object;
        o->object = NULL;
    }
}

/* A port, or a name that can be one of a local endpoint; none is for the endpoint mapper to tell.
 */
static bool good_endpoint(const struct irpc_binding *binding)
{
    const char *endpoint = binding->endpoint;
    union ir_sockaddr sa;
    char *end = NULL;

    if (endpoint[0] == '\0') {
        return true;
    }
    if (binding->local) {
        return ir_addr_local(binding->runtime_dir, endpoint, &sa) != IRPC_BAD_STRING_BINDING;
    }
    unsigned long port = strtoul(endpoint, &end, 10);
    return endpoint[0] >= '0' && endpoint[0] <= '9' && *end == '\0' && port <= 65535;
}

/* A host's name has no colon, an IPv6 address has two. */
static bool looks_like_port(const char *address)
{
    const char *colon = strchr(address, ':');

    return colon != NULL && strchr(colon + 1, ':') == NULL;
}

/* Names the parts of @binding. Return: NULL, or what is wrong with them. */
static const char *take_place(struct irpc_binding *binding, const struct ir_string_binding *b)
{
    if (ir_string_binding_copy(b->address, binding->address, sizeof(binding->address)) != IRPC_OK) {
        return "the host is longer than 255 characters";
    }
    if (ir_string_binding_copy(b->endpoint, binding->endpoint, sizeof(binding->endpoint)) !=
            IRPC_OK ||
        !good_endpoint(binding)) {
        return binding->local ? "the endpoint in brackets is no name of a local socket"
                              : "what stands in brackets is no port of 1 to 65535";
    }
    if (binding->local) {
        return binding->address[0] == '\0' ? NULL : "ncalrpc has no host: write ncalrpc:[NAME]";
    }
    if (looks_like_port(binding->address)) {
        return "a port stands in brackets: HOST[PORT]";
    }
    if (binding->address[0] == '\0') {
        (void)snprintf(binding->address, sizeof(binding->address), "127.0.0.1");
    }
    return NULL;
}

/* What @options ask for; a type or a target without a level asks for the highest.
 * Return: NULL, or what is wrong with them. */
static const char *take_security(struct irpc_binding *binding, struct irpc_span options)
{
    struct ir_binding_security s;
    struct ir_violation v = {0};
    char name[256];

    if (ir_binding_security_parse(options, &s, &v) != IRPC_OK) {
        return v.reason;
    }
    if (ir_string_binding_copy(s.target, name, sizeof(name)) != IRPC_OK) {
        return "the target is longer than 255 characters";
    }
    if (s.level == 0 && (s.type != 0 || s.target.len > 0)) {
        s.level = IRPC_AUTH_LEVEL_PRIVACY;
    }
    binding->wanted.level = s.level;
    binding->wanted.type = s.type;
    (void)snprintf(binding->wanted.target, sizeof(binding->wanted.target), "%s%s",
                   s.target_is_host ? "host/" : "", name);
    return NULL;
}

static enum irpc_status parse(struct irpc_binding *binding, const char *string_binding)
{
    const struct irpc_span text = {(const uint8_t *)string_binding, strlen(string_binding)};
    struct ir_string_binding b;
    struct ir_violation v = {0};
    enum ir_protseq protseq;

    if (ir_string_binding_parse(text, &b, &v) != IRPC_OK) {
        refusal = v.reason;
        return IRPC_BAD_STRING_BINDING;
    }
    if (ir_protseq_parse(b.protseq, &protseq) != IRPC_OK ||
        (protseq != IR_PROTSEQ_NCACN_IP_TCP && protseq != IR_PROTSEQ_NCALRPC)) {
        refusal = "it begins with ncacn_ip_tcp: or ncalrpc:, others are not supported";
        return IRPC_PROTSEQ_UNSUPPORTED;
    }
    binding->local = protseq == IR_PROTSEQ_NCALRPC;
    binding->has_object = binding->has_object || b.has_object;
    if (b.has_object) {
        binding->object = b.object;
    }
    const char *why = take_security(binding, b.options);
    refusal = why != NULL ? why : take_place(binding, &b);
    return refusal == NULL ? IRPC_OK : IRPC_BAD_STRING_BINDING;
}

static void configure(struct irpc_binding *binding)
{
    ir_conn_config_init(&binding->config, IR_CLIENT);
    binding->config.limits.stub = binding->options.max_stub;
    binding->config.limits.contexts = 2 * IR_CLIENT_CONTEXTS_MAX;
    binding->config.provider = binding->provider;
    binding->config.level = binding->level;
    binding->config.target = binding->target;
}

enum irpc_status irpc_binding_new(const char *string_binding,
                                  const struct irpc_binding_options *options,
                                  struct irpc_binding **ret_binding)
{
    struct irpc_binding *binding = ir_calloc(1, sizeof(*binding));

    refusal = "out of memory";
    if (binding == NULL) {
        return IRPC_NO_MEMORY;
    }
    binding->fd = -1;
    binding->nak = -1;
    ir_arena_init(&binding->arena, 0);
    ir_arena_init(&binding->old_arena, 0);
    ir_outq_init(&binding->outq, OUTPUT_MAX);
    apply_options(binding, options);
    enum irpc_status st = parse(binding, string_binding);
    if (st != IRPC_OK) {
        irpc_binding_free(binding);
        return st;
    }
    refusal = "";
    configure(binding);
    ir_binding_compose(binding);
    *ret_binding = binding;
    return IRPC_OK;
}

void ir_binding_close(struct irpc_binding *binding)
{
    if (binding->fd < 0) {
        return;
    }
    close(binding->fd);
    binding->fd = -1;
    ir_conn_deinit(&binding->engine);
    ir_outq_deinit(&binding->outq);
    ir_outq_init(&binding->outq, OUTPUT_MAX);
    binding->n_contexts = 0;
    binding->buf_off = binding->buf_len = 0;
}

void irpc_binding_free(struct irpc_binding *binding)
{
    if (binding == NULL) {
        return;
    }
    ir_binding_close(binding);
    ir_outq_deinit(&binding->outq);
    ir_arena_deinit(&binding->arena);
    ir_arena_deinit(&binding->old_arena);
    irpc_auth_provider_unref(binding->provider);
    ir_free(binding->reply_memory);
    ir_free(binding->buf);
    ir_free(binding);
}

enum irpc_status irpc_binding_copy(const struct irpc_binding *binding,
                                   struct irpc_binding **ret_binding)
{
    struct irpc_binding *copy = ir_calloc(1, sizeof(*copy));

    if (copy == NULL) {
        return IRPC_NO_MEMORY;
    }
    copy->options = binding->options;
    copy->local = binding->local;
    copy->has_object = binding->has_object;
    copy->object = binding->object;
    memcpy(copy->runtime_dir, binding->runtime_dir, sizeof(copy->runtime_dir));
    copy->options.runtime_dir = copy->runtime_dir;
    memcpy(copy->address, binding->address, sizeof(copy->address));
    memcpy(copy->endpoint, binding->endpoint, sizeof(copy->endpoint));
    memcpy(copy->resolved, binding->resolved, sizeof(copy->resolved));
    memcpy(copy->target, binding->target, sizeof(copy->target));
    copy->provider = binding->provider != NULL ? irpc_auth_provider_ref(binding->provider) : NULL;
    copy->level = binding->level;
    copy->wanted = binding->wanted;
    copy->group_id = binding->group_id;
    copy->fd = -1;
    copy->nak = -1;
    ir_arena_init(&copy->arena, 0);
    ir_arena_init(&copy->old_arena, 0);
    ir_outq_init(&copy->outq, OUTPUT_MAX);
    configure(copy);
    ir_binding_compose(copy);
    *ret_binding = copy;
    return IRPC_OK;
}

void irpc_binding_disconnect(struct irpc_binding *binding)
{
    ir_binding_close(binding);
    binding->group_id = 0;
    binding->resolved[0] = '\0';
}

/* Whom to expect at the other end. False: too long. */
static bool choose_target(const struct irpc_binding *binding, const char *target,
                          char text[IR_CLIENT_TARGET])
{
    char host[sizeof(binding->address)];

    if (target == NULL && binding->wanted.target[0] != '\0') {
        target = binding->wanted.target;
    }
    if (target != NULL) {
        return snprintf(text, IR_CLIENT_TARGET, "%s", target) < IR_CLIENT_TARGET;
    }
    memcpy(host, binding->address, sizeof(host));
    if (binding->local && gethostname(host, sizeof(host) - 1) != 0) {
        host[0] = '\0';
    }
    return snprintf(text, IR_CLIENT_TARGET, "host/%s", host) < IR_CLIENT_TARGET;
}

/* Not less than the string binding asks for. */
static bool suffices(const struct irpc_binding *binding, const struct irpc_auth_provider *provider,
                     enum irpc_auth_level level)
{
    if (binding->wanted.level == 0) {
        return true;
    }
    return provider != NULL && level >= binding->wanted.level &&
           (binding->wanted.type == 0 || binding->wanted.type == provider->type);
}

enum irpc_status irpc_binding_set_auth(struct irpc_binding *binding,
                                       struct irpc_auth_provider *provider,
                                       enum irpc_auth_level level, const char *target)
{
    char text[IR_CLIENT_TARGET];

    if (level == IRPC_AUTH_LEVEL_DEFAULT) {
        level = binding->wanted.level != 0 ? binding->wanted.level : IRPC_AUTH_LEVEL_PRIVACY;
    }
    level = level == IRPC_AUTH_LEVEL_CALL ? IRPC_AUTH_LEVEL_PACKET : level;
    if (level < IRPC_AUTH_LEVEL_NONE || level > IRPC_AUTH_LEVEL_PRIVACY ||
        (level != IRPC_AUTH_LEVEL_NONE) != (provider != NULL)) {
        return ir_binding_fail(binding, IRPC_INVALID_ARG,
                               "there is no level %d %s a provider; NONE goes without, all others "
                               "with one",
                               (int)level, provider != NULL ? "with" : "without");
    }
    if (!suffices(binding, provider, level)) {
        return ir_binding_fail(binding, IRPC_INVALID_ARG,
                               "the string binding asks for level %u at least, and type %u (0: "
                               "any); this is level %d of type %d",
                               binding->wanted.level, binding->wanted.type, (int)level,
                               provider != NULL ? (int)provider->type : 0);
    }
    if (!choose_target(binding, target, text)) {
        return ir_binding_fail(binding, IRPC_INVALID_ARG, "the target is longer than %d characters",
                               IR_CLIENT_TARGET - 1);
    }
    irpc_binding_disconnect(binding);
    binding->error[0] = '\0';
    struct irpc_auth_provider *old = binding->provider;
    binding->provider = provider != NULL ? irpc_auth_provider_ref(provider) : NULL;
    irpc_auth_provider_unref(old);
    binding->level = (uint8_t)level;
    memcpy(binding->target, text, sizeof(text));
    configure(binding);
    return IRPC_OK;
}

enum irpc_auth_level irpc_binding_wanted_auth(const struct irpc_binding *binding,
                                              enum irpc_auth_type *ret_type)
{
    *ret_type = (enum irpc_auth_type)binding->wanted.type;
    return binding->wanted.level != 0 ? (enum irpc_auth_level)binding->wanted.level
                                      : IRPC_AUTH_LEVEL_NONE;
}

void irpc_binding_reset(struct irpc_binding *binding)
{
    ir_arena_reset(&binding->arena, 0);
    ir_free(binding->reply_memory);
    binding->reply_memory = NULL;
}

void ir_binding_begin(struct irpc_binding *binding)
{
    binding->fault = 0;
    binding->nak = -1;
    binding->error[0] = '\0';
}

enum irpc_status ir_binding_fail(struct irpc_binding *binding, enum irpc_status st, const char *fmt,
                                 ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(binding->error, sizeof(binding->error), fmt, args);
    va_end(args);
    return st;
}

const char *ir_binding_hint(const struct irpc_binding *binding, enum irpc_status st)
{
    switch ((int)st) {
    case IRPC_ABSTRACT_SYNTAX_UNSUPPORTED:
        return "; is another version of it there, or another server?";
    case IRPC_CONTEXT_MISMATCH:
        return "; handles end with the connection of their client, or were closed";
    case IRPC_OP_RANGE:
    case IRPC_BAD_STUB_DATA:
        return "; does it have the same IDL?";
    default:
        break;
    }
    if (binding->provider == NULL) {
        return st == IRPC_ACCESS_DENIED ? "; it may want authentication, and there was none" : "";
    }
    /* The last token is not answered: whoever refused it says so to the first call, Samba thus. */
    if (st != IRPC_ACCESS_DENIED && st != IRPC_SEC_PKG_ERROR && st != IRPC_PROTO_ERROR) {
        return "";
    }
    return binding->level < IRPC_AUTH_LEVEL_PRIVACY
               ? "; the password may be wrong, the user not admitted, or the level too low"
               : "; the password may be wrong, or the user not admitted";
}

void ir_binding_compose(struct irpc_binding *binding)
{
    const char *endpoint = binding->resolved[0] != '\0' ? binding->resolved : binding->endpoint;
    bool brackets = endpoint[0] != '\0' || binding->local;

    (void)snprintf(binding->text, sizeof(binding->text), "%s:%s%s%s%s",
                   binding->local ? "ncalrpc" : "ncacn_ip_tcp", binding->address,
                   brackets ? "[" : "", endpoint, brackets ? "]" : "");
}

void irpc_binding_set_object(struct irpc_binding *binding, const struct irpc_uuid *object)
{
    binding->has_object = object != NULL;
    if (object != NULL) {
        binding->object = *object;
    }
}

void irpc_binding_set_timeout(struct irpc_binding *binding, uint32_t call_ms)
{
    binding->options.call_ms = call_ms;
    or_default(&binding->options.call_ms, 60000);
}

uint32_t irpc_binding_fault(const struct irpc_binding *binding)
{
    return binding->fault;
}

int irpc_binding_nak(const struct irpc_binding *binding)
{
    return binding->nak;
}

const char *irpc_binding_error(const struct irpc_binding *binding)
{
    return binding != NULL ? binding->error : refusal;
}

const char *irpc_binding_endpoint(const struct irpc_binding *binding)
{
    return binding->text;
}

int ir_binding_fd(const struct irpc_binding *binding)
{
    return binding->fd;
}
