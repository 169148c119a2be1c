/*
 * The decisions of the rules, each of them pure: the act to blame, usually the one it is asked about,
 * or NULL. The rule that asks says what it means (rule.c).
 */
#pragma once

#include <stdbool.h>

struct act;
struct scene;

const struct act *decide_old(const struct act *act, const struct scene *scene);
const struct act *decide_filled(const struct act *act, const struct scene *scene);
const struct act *decide_blocking_index(const struct act *act, const struct scene *scene);
const struct act *decide_blocking_partitioned_index(const struct act *act,
                                                    const struct scene *scene);
const struct act *decide_not_concurrent(const struct act *act, const struct scene *scene);
const struct act *decide_not_concurrent_detach(const struct act *act, const struct scene *scene);
const struct act *decide_not_concurrent_refresh(const struct act *act, const struct scene *scene);
bool decide_is_volatile(const char *function, const struct scene *scene);
const struct act *decide_volatile_default(const struct act *act, const struct scene *scene);
const struct act *decide_fills_rows(const struct act *act, const struct scene *scene);
const struct act *decide_never_null(const struct act *act, const struct scene *scene);
const struct act *decide_rewriting_type(const struct act *act, const struct scene *scene);
const struct act *decide_unknown_type(const struct act *act, const struct scene *scene);
const struct act *decide_unproven_not_null(const struct act *act, const struct scene *scene);
const struct act *decide_checked_at_once(const struct act *act, const struct scene *scene);
const struct act *decide_partitioned_checked_at_once(const struct act *act,
                                                     const struct scene *scene);
const struct act *decide_plain_checked_at_once(const struct act *act, const struct scene *scene);
const struct act *decide_validated_at_once(const struct act *act, const struct scene *scene);
const struct act *decide_used_column(const struct act *act, const struct scene *scene);
const struct act *decide_rewritten(const struct act *act, const struct scene *scene);
const struct act *decide_unchecked_partition(const struct act *act, const struct scene *scene);
const struct act *decide_always(const struct act *act, const struct scene *scene);
const struct act *decide_second_table(const struct act *act, const struct scene *scene);
const struct act *decide_changed_under_lock(const struct act *act, const struct scene *scene);
const struct act *decide_unhurried(const struct act *act, const struct scene *scene);
