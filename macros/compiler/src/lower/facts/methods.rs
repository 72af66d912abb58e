//! Methods of the standard library by what they do, as far as their names tell.

use syn::ExprMethodCall;

/// Methods that change a sequence, called for their effect.
pub const CHANGES: &[&str] = &[
    "swap",
    "reverse",
    "fill",
    "copy_from_slice",
    "clone_from_slice",
    "swap_with_slice",
    "push",
    "extend",
    "extend_from_slice",
    "truncate",
    "clear",
    "insert",
];

/// Methods that take something out of what they are called on, or put something in its place.
pub const TAKE: &[&str] = &["pop", "pop_if", "remove", "swap_remove"];

/// Other methods that change what they are called on, besides those that end in `_mut`.
const CHANGE_ALSO: &[&str] = &[
    "drain",
    "split_off",
    "append",
    "resize",
    "resize_with",
    "dedup",
    "retain",
    "rotate_left",
    "rotate_right",
    "copy_within",
    "fill_with",
    "get_or_insert",
    "get_or_insert_with",
];

/// Whether the method takes a value out of what it is called on, or another's place in it.
pub fn takes_out(call: &ExprMethodCall) -> bool {
    match (call.method.to_string().as_str(), call.args.len()) {
        ("take", 0) | ("replace", 1) => true,
        (name, _) => TAKE.contains(&name),
    }
}

/// Whether the method is known to store what it is given in what it is called on.
pub fn stores_arguments(call: &ExprMethodCall) -> bool {
    match (call.method.to_string().as_str(), call.args.len()) {
        ("replace" | "get_or_insert" | "append", 1) | ("resize", 2) => true,
        (name, _) => CHANGES.contains(&name),
    }
}

/// Whether the method is known to change what it is called on.
pub fn changes_receiver(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    takes_out(call)
        || [CHANGES, CHANGE_ALSO].iter().any(|names| names.contains(&name.as_str()))
        || name.ends_with("_mut")
        || name.starts_with("sort")
}

/// Methods that only look at what they are called on.
pub const LOOK: &[&str] = &[
    "len",
    "is_empty",
    "get",
    "first",
    "last",
    "contains",
    "binary_search",
    "binary_search_by",
    "binary_search_by_key",
    "to_vec",
    "clone",
    "as_slice",
    "as_ref",
    "as_str",
    "as_bytes",
    "split_at",
    "split_first",
    "split_last",
    "starts_with",
    "ends_with",
    "concat",
    "keys",
    "values",
    "chars",
    "bytes",
    "lines",
    "trim",
    "to_uppercase",
    "to_lowercase",
    "is_some",
    "is_none",
];

/// Methods of a sequence that give an element, or one and the others.
pub const ELEMENTS: &[&str] = &[
    "first",
    "last",
    "get",
    "first_mut",
    "last_mut",
    "get_mut",
    "split_first",
    "split_last",
    "split_first_mut",
    "split_last_mut",
];

/// Methods of an iterator that give one of its items, or what is made of them.
pub const SELECTIONS: &[&str] = &["reduce", "next", "last", "nth", "find", "find_map", "max_by", "min_by"];

/// Whether the expression is an `Option` by its form: `Some(..)`, `None`, or a method that gives one.
pub fn is_option_method(name: &str) -> bool {
    !is_adapter(name) && (ELEMENTS.contains(&name) || SELECTIONS.contains(&name))
}

/// Whether the method is one that makes an iterator of an iterator, or of a sequence.
pub fn is_adapter(name: &str) -> bool {
    is_chunks(name)
        || matches!(
            name,
            "iter"
                | "iter_mut"
                | "into_iter"
                | "windows"
                | "map"
                | "zip"
                | "enumerate"
                | "rev"
                | "skip"
                | "take"
                | "step_by"
                | "filter"
                | "flat_map"
                | "scan"
                | "chain"
                | "inspect"
                | "copied"
                | "cloned"
                | "filter_map"
                | "flatten"
                | "take_while"
                | "skip_while"
                | "map_while"
                | "cycle"
        )
}

/// Whether the method cuts a sequence into chunks.
pub fn is_chunks(name: &str) -> bool {
    let name = name.strip_prefix('r').unwrap_or(name);
    matches!(name, "chunks" | "chunks_exact" | "chunks_mut" | "chunks_exact_mut")
}

/// Methods whose result carries no derivative, whatever they are called on.
pub const ENDS: &[&str] = &[
    "len",
    "is_empty",
    "is_nan",
    "is_finite",
    "is_infinite",
    "is_normal",
    "is_subnormal",
    "is_sign_negative",
    "is_sign_positive",
    "classify",
    "partial_cmp",
    "total_cmp",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "is_some",
    "is_none",
    "is_some_and",
    "is_none_or",
    "any",
    "all",
    "count",
    "position",
    "rposition",
    "partition_point",
    "binary_search_by",
    "contains",
    "is_sorted",
    "is_sorted_by",
    "is_sorted_by_key",
];

/// Methods of the standard library that call a closure with what they hold.
pub const TAKES_CLOSURES: &[&str] = &[
    "fold",
    "try_fold",
    "reduce",
    "for_each",
    "and_then",
    "or_else",
    "unwrap_or_else",
    "map_or",
    "map_or_else",
    "is_some_and",
    "is_none_or",
    "get_or_insert_with",
    "any",
    "all",
    "position",
    "find",
    "max_by",
    "min_by",
    "max_by_key",
    "min_by_key",
    "sort_by",
    "sort_by_key",
    "sort_unstable_by",
    "partition",
    "retain",
    "then",
];
