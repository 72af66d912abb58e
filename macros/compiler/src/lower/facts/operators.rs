//! Binary operators by what they do.

use syn::BinOp;

/// Whether the operator computes a number.
pub fn is_arithmetic(op: &BinOp) -> bool {
    matches!(op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_))
}

/// Whether the operator gives a value of its operands' kind: no comparison, and no logic.
pub fn has_value(op: &BinOp) -> bool {
    is_arithmetic(op) || matches!(op, BinOp::BitXor(_) | BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::Shl(_) | BinOp::Shr(_))
}

/// Whether the operator compares.
pub fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
}

/// Whether the operator assigns: `+=` and the like.
pub fn is_compound(op: &BinOp) -> bool {
    matches!(op, BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::DivAssign(_) | BinOp::RemAssign(_))
}

/// Whether the operator assigns and is none on floats: `|=` and the like.
pub fn changes_bits(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::BitXorAssign(_) | BinOp::BitAndAssign(_) | BinOp::BitOrAssign(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_)
    )
}
