//! Sum of one to three tensors:
//! `output[y][x][c] = requantize(bias[c] + Σ_k multiplier[k][c] · x_k[y / rows_k][x / columns_k][c or 0])`.
//!
//! Each operand's height and width divide the output's: `rows_k` and `columns_k` are how often it is repeated, so an operand
//! of half the side is upsampled to the nearest, and one of 1×1 is broadcast over space. Its channels are the output's, or
//! one that is broadcast over all. `bias` holds −Σ_k zero_point_k · multiplier\[k\]\[c\] and whatever constant is added.
//!
//! With real numbers r_k = scale_k · (x_k − zero_point_k), multiplier\[k\] is scale_k times a common factor that the
//! requantization takes back, and so a sum, a difference, a mean, a batch norm that no layer could take in (one operand,
//! factors per channel), an upsampling (one operand) and an activation alone (one operand, a table) are all this op.
//! Rounded once.

#[cfg(test)]
mod tests;
