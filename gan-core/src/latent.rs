//! Latents: what a picture is made from.

use rand_core::Rng;

use crate::arc::Pair;
use crate::normal;

/// The longest latent.
pub const MAX_LATENT: usize = 128;
/// Real value of one step of a quantized latent: ±3 standard deviations map to ±127.
pub const LATENT_SCALE: f32 = 3.0 / 127.0;
/// Where latents end; a smaller truncation cuts them off earlier.
pub const MAX_TRUNCATION: f32 = 3.0;

/// A quantized latent and the class to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latent {
    /// 0 from `length` on.
    values: [i8; MAX_LATENT],
    length: u8,
    class: u8,
}

impl Latent {
    /// Draws `length` numbers (at most [`MAX_LATENT`]) from the standard normal distribution; the class is 0.
    ///
    /// Integers alone, so that a seed gives the same latent on every target. Each number takes one draw of 32 bits and
    /// has the exact distribution of a standard normal number rounded to the nearest step of 3/127, where ±127 stand
    /// for everything beyond them too: standard deviation 0.998, kurtosis 2.92. A generator of `rng` that starts at the
    /// same seed gives numbers that correspond, whatever `length` and `truncation` are.
    ///
    /// # Truncation
    /// Numbers beyond ±`truncation` are drawn again, not clipped, as in Brock et al. 2019, section 3.1: those that
    /// remain are normal between the limits, and none piles up at them. Smaller truncations trade variety for typical
    /// pictures. A number of q steps is allowed if |q| · [`LATENT_SCALE`] ≤ `truncation`, in f32. From
    /// [`MAX_TRUNCATION`] on, infinity included, and for NaN all numbers are; below one step, and so for 0 and below,
    /// only 0 is.
    pub fn sample(rng: &mut impl Rng, length: usize, truncation: f32) -> Self {
        let length = length.min(MAX_LATENT);
        let limit = largest_allowed(truncation);
        let mut values = [0; MAX_LATENT];
        for value in values.iter_mut().take(length) {
            *value = normal::quantized(rng.next_u32(), limit);
        }
        Latent { values, length: length as u8, class: 0 }
    }

    /// The latent with these quantized values, at most [`MAX_LATENT`] of them; class 0.
    pub fn from_quantized(quantized: &[i8]) -> Self {
        let mut values = [0; MAX_LATENT];
        for (value, &quantized) in values.iter_mut().zip(quantized) {
            *value = quantized;
        }
        Latent { values, length: quantized.len().min(MAX_LATENT) as u8, class: 0 }
    }

    /// The same latent for class `class`; a class that the model does not have draws its last one.
    pub fn class(mut self, class: u8) -> Self {
        self.class = class;
        self
    }

    /// The class that [`Latent::class`] set.
    pub fn class_index(&self) -> u8 {
        self.class
    }

    /// The quantized values, at [`LATENT_SCALE`] a step around 0.
    pub fn values(&self) -> &[i8] {
        self.values.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Spherical interpolation (Shoemake 1985): `self` at `t` = 0, `other` at `t` = 1, along the arc between them,
    /// so that all points in between are as typical as the ends (White 2016).
    ///
    /// The class and the length are `self`'s; a shorter `other` is filled up with zeros, a longer one cut. A `t` below 0
    /// or NaN counts as 0, one above 1 as 1. Between opposite latents, and from or to one of zeros, the way is a line.
    /// A value is the exact one clipped to ±127 and rounded to the nearest step, wrong by at most 0.501 of a step where
    /// rounding alone leaves 0.5; the worst of 40,000 pairs at any angle was 0.500004.
    pub fn slerp(&self, other: &Latent, t: f32) -> Latent {
        // By comparisons, which NaN fails.
        let t = match t {
            t if t >= 1.0 => 1.0,
            t if t > 0.0 => t,
            _ => 0.0,
        };
        // Behind a shorter latent's end lie zeros.
        let others = other.values.get(..usize::from(self.length)).unwrap_or_default();
        let weights = Pair {
            first: product(self.values(), self.values()).unsigned_abs(),
            second: product(others, others).unsigned_abs(),
            product: product(self.values(), others),
        }
        .weights(t);
        let mut between = self.clone();
        for (value, &target) in between.values.iter_mut().zip(others) {
            *value = nearest_step(f32::from(*value) * weights.0 + f32::from(target) * weights.1);
        }
        between
    }
}

/// The scalar product; of at most [`MAX_LATENT`] values it is below 2²² in size.
#[inline(never)] // small: it is called three times in a row
fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

/// The largest magnitude, in steps, that `truncation` allows.
fn largest_allowed(truncation: f32) -> u8 {
    // By comparisons, which NaN fails: it is no limit.
    if truncation < MAX_TRUNCATION {
        // Of 0 to 127, by bisection: `low` is allowed, `high` is not.
        let (mut low, mut high) = (0, normal::MOST);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if f32::from(middle) * LATENT_SCALE <= truncation { low = middle } else { high = middle }
        }
        low
    } else {
        normal::MOST
    }
}

/// The step nearest to `steps`, ties away from 0, within ±127.
fn nearest_step(steps: f32) -> i8 {
    // Casts cut towards 0.
    let rounded = (if steps < 0.0 { steps - 0.5 } else { steps + 0.5 }) as i32;
    rounded.clamp(-127, 127) as i8
}

#[cfg(test)]
mod tests;
