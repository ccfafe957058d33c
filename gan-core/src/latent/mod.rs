//! Latents: what a picture is made from.

use rand_core::Rng;

use crate::arc::Pair;
use crate::normal;

mod noise;

pub use noise::Noise;

/// The longest latent.
pub const MAX_LATENT: usize = 128;
/// Real value of one step of a quantized latent: ±3 standard deviations map to ±127.
pub const LATENT_SCALE: f32 = 3.0 / 127.0;
/// Where latents end; a smaller truncation cuts them off earlier.
pub const MAX_TRUNCATION: f32 = 3.0;

/// The most choices that a latent holds.
pub const MAX_CHOICES: usize = 4;

/// What a picture is made from: quantized normal numbers, uniform numbers, what is chosen, and a seed of what has no meaning
/// of its own: planes of noise, an input's normal or uniform numbers at every pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Latent {
    /// Normal numbers, uniform ones behind them, and then zeros.
    values: [i8; MAX_LATENT],
    /// How many normal numbers there are.
    length: u8,
    /// How many uniform numbers there are.
    uniform: u8,
    choices: [u8; MAX_CHOICES],
    /// Seed of the planes of noise.
    noise: u32,
}

impl Latent {
    /// Draws `length` numbers (at most [`MAX_LATENT`]) from the standard normal distribution; of each choice
    /// the first is chosen.
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
        Latent { values, length: length as u8, uniform: 0, choices: [0; MAX_CHOICES], noise: 0 }
    }

    /// The same latent with `count` uniform numbers from −1 to 1 behind its normal ones, as far as there is room: at most
    /// [`MAX_LATENT`] together. Integers alone; each number takes one draw of 32 bits, and its 255 values are equally
    /// likely to 2⁻²⁴.
    #[must_use]
    pub fn with_uniform(mut self, rng: &mut impl Rng, count: usize) -> Self {
        let start = usize::from(self.length);
        let places = self.values.iter_mut().skip(start);
        self.uniform = 0;
        for value in places.take(count) {
            *value = uniform(rng.next_u32());
            self.uniform += 1;
        }
        self
    }

    /// The latent with these quantized normal values, at most [`MAX_LATENT`] of them; of each choice the first.
    pub fn from_quantized(quantized: &[i8]) -> Self {
        let mut values = [0; MAX_LATENT];
        for (value, &quantized) in values.iter_mut().zip(quantized) {
            *value = quantized;
        }
        Latent {
            values,
            length: quantized.len().min(MAX_LATENT) as u8,
            uniform: 0,
            choices: [0; MAX_CHOICES],
            noise: 0,
        }
    }

    /// The same latent with `seed` for its planes of noise. A latent without any has the seed 0, which is one like others.
    #[must_use]
    pub fn with_noise(self, seed: u32) -> Self {
        Latent { noise: seed, ..self }
    }

    /// The seed of the planes of noise.
    pub fn noise(&self) -> u32 {
        self.noise
    }

    /// The values of the planes of noise, one plane behind the other in the model's order, row after row, at
    /// [`LATENT_SCALE`] per step around 0: independent numbers of the distribution of [`Latent::sample`], without an end, the
    /// same on every target. Where a plane is one of uniform numbers, they are [`Noise::uniform`]'s instead.
    pub fn noise_values(&self) -> Noise {
        Noise::new(self.noise)
    }

    /// The same latent with `chosen` for the model's choice number `choice`, below [`MAX_CHOICES`]; others change nothing.
    /// Where the model has fewer to choose from, its last one is drawn.
    #[must_use]
    pub fn choose(mut self, choice: usize, chosen: u8) -> Self {
        if let Some(slot) = self.choices.get_mut(choice) {
            *slot = chosen;
        }
        self
    }

    /// [`Latent::choose`] for the first choice, which as a rule is the class.
    #[must_use]
    pub fn class(self, class: u8) -> Self {
        self.choose(0, class)
    }

    /// The class that [`Latent::class`] set.
    pub fn class_index(&self) -> u8 {
        let [class, ..] = self.choices;
        class
    }

    /// What is chosen in each of the model's choices.
    pub fn choices(&self) -> &[u8; MAX_CHOICES] {
        &self.choices
    }

    /// The quantized normal numbers, at [`LATENT_SCALE`] per step around 0.
    pub fn values(&self) -> &[i8] {
        self.values.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The uniform numbers, at 1/127 per step around 0.
    pub fn uniform_values(&self) -> &[i8] {
        let start = usize::from(self.length);
        self.values.get(start..start + usize::from(self.uniform)).unwrap_or_default()
    }

    /// The uniform numbers, to be set: each in −127..=127.
    pub fn uniform_values_mut(&mut self) -> &mut [i8] {
        let behind = self.values.get_mut(usize::from(self.length)..).unwrap_or_default();
        behind.get_mut(..usize::from(self.uniform)).unwrap_or_default()
    }

    /// Spherical interpolation (Shoemake 1985): `self` at `t` = 0, `other` at `t` = 1, along the arc between them,
    /// so that all points in between are as typical as the ends (White 2016).
    ///
    /// Choices, lengths and the planes of noise are `self`'s. Uniform numbers go along a line. A shorter `other` is filled up with zeros, a longer one cut. A `t` below 0
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
        let mut others = [0; MAX_LATENT];
        for (slot, &value) in others.iter_mut().zip(other.values()) {
            *slot = value;
        }
        let others = others.get(..usize::from(self.length)).unwrap_or_default();
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
        for (value, &target) in between.uniform_values_mut().iter_mut().zip(other.uniform_values()) {
            *value = nearest_step(f32::from(*value) * (1.0 - t) + f32::from(target) * t);
        }
        between
    }
}

/// One of −127..=127 from 32 random bits, each equally likely to 2⁻²⁴.
fn uniform(bits: u32) -> i8 {
    (((u64::from(bits) * 255) >> 32) as i16 - 127) as i8
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
