/* Compiler attributes, in one place. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define IR_PRINTF(fmt_index, first) __attribute__((format(printf, fmt_index, first)))
#define IR_NONNULL __attribute__((nonnull))
/* For the few functions on the way of every small call that compilers leave out of line. */
#define IR_INLINE inline __attribute__((always_inline))
#define IR_COLD __attribute__((noinline, cold))
#define IR_UNUSED __attribute__((unused))
#define IR_LIKELY(x) __builtin_expect(!!(x), 1)
#define IR_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define IR_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define IR_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Built with a sanitizer, whose runtime needs memory and system calls of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define IR_SANITIZED 1
#endif
#endif
#ifndef IR_SANITIZED
#define IR_SANITIZED 0
#endif

/* Where C aligns the widest number in a struct: 8, on i386 4. */
struct ir_widest {
    char c;
    uint64_t v;
};
#define IR_C_ALIGN_MAX ((uint32_t)offsetof(struct ir_widest, v))
