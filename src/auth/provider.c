/*
 * Counting the users of a provider. What providers do is in files of their own. [MS-RPCE] 2.2.1.1.7
 */
#include "auth/provider.h"

void ir_auth_provider_init(struct irpc_auth_provider *provider, const struct ir_auth_ops *ops,
                           enum irpc_auth_type type)
{
    provider->ops = ops;
    provider->type = (uint8_t)type;
    atomic_init(&provider->refs, 1);
}

struct irpc_auth_provider *irpc_auth_provider_ref(struct irpc_auth_provider *provider)
{
    atomic_fetch_add_explicit(&provider->refs, 1, memory_order_relaxed);
    return provider;
}

void irpc_auth_provider_unref(struct irpc_auth_provider *provider)
{
    if (provider != NULL &&
        atomic_fetch_sub_explicit(&provider->refs, 1, memory_order_acq_rel) == 1) {
        provider->ops->provider_free(provider);
    }
}

enum irpc_status irpc_auth_provider_reload(struct irpc_auth_provider *provider, char *why,
                                           size_t why_cap)
{
    return provider->ops->reload != NULL ? provider->ops->reload(provider, why, why_cap) : IRPC_OK;
}
