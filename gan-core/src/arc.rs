//! The arc between two vectors: how much of each end a point on it has (Shoemake 1985).
//!
//! Sines and angles are short polynomials in f32, made of additions, multiplications and divisions, which IEEE 754
//! defines to the bit: every core has the same ones, with a floating point unit or without. micromath's own sines and
//! angles are too coarse for it: with them a point on the arc is wrong by up to 0.99 of a step, and by 58 between nearly
//! opposite latents; its root is where Newton's steps start.

use micromath::F32;

/// A vector pair by its products.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    /// The square of the first one's length, as the others below 2²⁴.
    pub(crate) first: u32,
    /// The square of the second one's length.
    pub(crate) second: u32,
    /// Their scalar product; its square is at most `first · second`.
    pub(crate) product: i32,
}

impl Pair {
    /// Weights of the first and of the second vector at `t`, in 0 to 1, on the way from one to the other:
    /// sin((1 − t)Ω) / sin Ω and sin(tΩ) / sin Ω for vectors at an angle Ω.
    ///
    /// Where sin Ω is below 0.02 they are 1 − t and t: between nearly parallel vectors the arc is a line, between
    /// opposite ones no arc is the shortest, and with a vector of zeros there is no angle.
    pub(crate) fn weights(self, t: f32) -> (f32, f32) {
        let lengths = u64::from(self.first) * u64::from(self.second);
        let product = u64::from(self.product.unsigned_abs());
        // |a|² |b|² sin² Ω, in integers: what is left of two large numbers keeps its digits.
        let area = lengths.saturating_sub(product * product);
        if area.saturating_mul(2500) <= lengths {
            return (1.0 - t, t);
        }
        // In two parts, since no core converts 64 bits by itself.
        let area = (area >> 16) as u32 as f32 * 65_536.0 + (area as u32 & 0xFFFF) as f32;
        let angle = angle(square_root(area), self.product as f32);
        let sine_of_angle = sine(angle);
        (sine((1.0 - t) * angle) / sine_of_angle, sine(t * angle) / sine_of_angle)
    }
}

/// The sine of `x`, in 0 to π, to 2e-7.
///
/// Abramowitz and Stegun 4.3.97 for the first half of that, and sin x = sin(π − x).
#[inline(never)] // small: it is called three times in a row
fn sine(x: f32) -> f32 {
    let x = if x > core::f32::consts::FRAC_PI_2 { core::f32::consts::PI - x } else { x };
    let square = x * x;
    x * polynomial(square, &[1.0, -0.166_666_67, 0.008_333_332, -0.000_198_409, 2.752_6e-6, -2.39e-8])
}

/// The angle, in 0 to π, of the point `sine` ≥ 0 above and `cosine` beside the origin, to 4e-7.
///
/// Abramowitz and Stegun 4.4.49 for the first eighth of a turn, which the others mirror.
fn angle(sine: f32, cosine: f32) -> f32 {
    use core::f32::consts::{FRAC_PI_2, PI};
    let along = if cosine < 0.0 { -cosine } else { cosine };
    let ratio = if sine < along { sine / along } else { along / sine };
    let square = ratio * ratio;
    let octant = ratio
        * polynomial(
            square,
            &[
                1.0,
                -0.333_331_45,
                0.199_935_51,
                -0.142_089,
                0.106_562_64,
                -0.075_289_64,
                0.042_909_614,
                -0.016_165_737,
                0.002_866_225_7,
            ],
        );
    let quadrant = if sine < along { octant } else { FRAC_PI_2 - octant };
    if cosine < 0.0 { PI - quadrant } else { quadrant }
}

/// `coefficients[0] + coefficients[1] · x + …`, by Horner's rule.
fn polynomial(x: f32, coefficients: &[f32]) -> f32 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The root of `x`, positive and finite, to the precision of an f32.
fn square_root(x: f32) -> f32 {
    // micromath's is right to 6 %; each of Newton's steps squares that.
    let mut root = F32(x).sqrt().0;
    for _ in 0..3 {
        root = 0.5 * (root + x / root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_right_to_2e_7() {
        for step in 0..=100_000 {
            let x = step as f32 * (core::f32::consts::PI / 100_000.0);
            let error = (f64::from(sine(x)) - f64::from(x).sin()).abs();
            assert!(error < 2e-7, "sin {x}: {error}");
        }
    }

    #[test]
    fn angles_are_right_to_4e_7() {
        for step in 0..=100_000 {
            let exact = f64::from(step) * (core::f64::consts::PI / 100_000.0);
            for length in [1.0, 37.5, 2e6] {
                let (sine, cosine) = ((length * exact.sin()) as f32, (length * exact.cos()) as f32);
                let error = f64::from(angle(sine, cosine)) - f64::from(sine).atan2(cosine.into());
                assert!(error.abs() < 4e-7, "angle {exact}: {error}");
            }
        }
    }

    #[test]
    fn roots_are_right_to_an_ulp() {
        for step in 1..=100_000u64 {
            let x = (step * step * step) as f32;
            let root = square_root(x);
            assert!((f64::from(root) / f64::from(x).sqrt() - 1.0).abs() < 1.2e-7, "{x}: {root}");
        }
    }
}
