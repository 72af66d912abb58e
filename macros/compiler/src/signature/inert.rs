//! Written types of which it is known that they hold no active value.
//!
//! *In:* a type. *Out:* whether it is of integers, truth values or text, or has such a part; which container it is, and what to use instead.

use syn::{GenericArgument, PathArguments, Type};

use crate::error::unsupported;

const INTEGERS: &[&str] =
    &["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "bool", "char", "str", "String"];

/// Whether the written type is of integers, of truth values or of text.
pub fn is_integer(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.get_ident().is_some_and(|name| INTEGERS.contains(&name.to_string().as_str())),
        Type::Reference(reference) => is_integer(&reference.elem),
        Type::Array(array) => is_integer(&array.elem),
        Type::Slice(slice) => is_integer(&slice.elem),
        Type::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(is_integer),
        Type::Paren(paren) => is_integer(&paren.elem),
        Type::Group(group) => is_integer(&group.elem),
        _ => false,
    }
}

/// The type of integers, truth values or text that stands in a tuple, also in one inside of arrays, slices, `Vec`s and other tuples.
pub fn integer_in_tuple(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => integer_in_tuple(&reference.elem),
        Type::Array(array) => integer_in_tuple(&array.elem),
        Type::Slice(slice) => integer_in_tuple(&slice.elem),
        Type::Tuple(tuple) => {
            tuple.elems.iter().find_map(|part| if is_integer(part) { Some(part) } else { integer_in_tuple(part) })
        }
        Type::Paren(paren) => integer_in_tuple(&paren.elem),
        Type::Group(group) => integer_in_tuple(&group.elem),
        Type::Path(path) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(given) => given.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(inner) => integer_in_tuple(inner),
                _ => None,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is the name of an integer type.
pub fn is_one_integer(ty: &Type) -> bool {
    matches!(ty, Type::Path(_)) && is_integer(ty)
}

/// Types of the standard library that hold values where the macro does not see them, and what to use instead.
const CONTAINERS: &[(&[&str], &str)] = &[
    (
        &["Cell", "RefCell", "UnsafeCell", "OnceCell", "LazyCell", "Mutex", "RwLock", "OnceLock", "LazyLock"],
        "use a variable that is declared with `let mut`",
    ),
    (&["Rc", "Arc", "Box", "Weak", "Pin", "Cow", "ManuallyDrop", "MaybeUninit"], "use the value itself, or a reference to it"),
    (
        &["HashMap", "BTreeMap", "HashSet", "BTreeSet"],
        "use an array or a `Vec`, and keep in the map at which index a value stands",
    ),
    (&["VecDeque", "LinkedList", "BinaryHeap"], "use an array or a `Vec`, and keep the indices of its elements in order"),
];

/// What to use instead of a container of this name.
pub fn container(name: &str) -> Option<&'static str> {
    CONTAINERS.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}

/// The name of the container that a type is, with what to use instead; references do not count.
pub fn container_type(ty: &Type) -> Option<(String, &'static str)> {
    match ty {
        Type::Path(path) => {
            let name = path.path.segments.last()?.ident.to_string();
            container(&name).map(|help| (name, help))
        }
        Type::Reference(reference) => container_type(&reference.elem),
        Type::Paren(paren) => container_type(&paren.elem),
        Type::Group(group) => container_type(&group.elem),
        _ => None,
    }
}

/// Why an active value cannot be in it.
pub fn in_container(name: &str, help: &str) -> String {
    unsupported(&format!("an active value inside of `{name}`"), "what happens to it there is not seen by the macro", help)
}
