//! Latents: what a picture is made from.
//!
//! The same seed gives the same latent on every target: the numbers come from integer random bits through

// Called by the trait's name throughout: with `std`, `x.ln()` would be the standard library's, with other bits.
use micromath::F32Ext;
use rand_core::Rng;

/// The longest latent.
pub const MAX_LATENT: usize = 128;
/// Real value of one step of a quantized latent: ±3 standard deviations map to ±127.
pub const LATENT_SCALE: f32 = 3.0 / 127.0;
/// Where a standard normal latent is clipped unless a smaller truncation is asked for.
pub const MAX_TRUNCATION: f32 = 3.0;

/// A quantized latent and the class to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latent {
    values: [i8; MAX_LATENT],
    length: u8,
    class: u8,
}

impl Latent {
    /// Draws `length` (at most [`MAX_LATENT`]) standard normal numbers clipped to ±`truncation` (at most
    /// [`MAX_TRUNCATION`]); smaller truncations trade variety for typical pictures (Brock et al. 2019, section 3.1).
    /// The class is 0.
    ///
    /// Box and Muller (1958): √(−2 ln u) · (cos 2πv, sin 2πv) for u, v uniform is a pair of standard normals.
    pub fn sample(rng: &mut impl Rng, length: usize, truncation: f32) -> Self {
        let length = length.min(MAX_LATENT);
        let mut values = [0; MAX_LATENT];
        for pair in values[..length].chunks_mut(2) {
            // 24 bits, the precision of an f32, in (0, 1] and [0, 1).
            let u = ((rng.next_u32() >> 8) + 1) as f32 * (1.0 / (1 << 24) as f32);
            let v = (rng.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32);
            let radius = square_root(-2.0 * F32Ext::ln(u));
            let angle = v * core::f32::consts::TAU;
            for (value, direction) in pair.iter_mut().zip([F32Ext::cos(angle), F32Ext::sin(angle)]) {
                *value = quantize(radius * direction, truncation);
            }
        }
        Latent { values, length: length as u8, class: 0 }
    }

    /// The latent with these quantized values, at most [`MAX_LATENT`] of them; class 0.
    pub fn from_quantized(quantized: &[i8]) -> Self {
        let length = quantized.len().min(MAX_LATENT);
        let mut values = [0; MAX_LATENT];
        values[..length].copy_from_slice(&quantized[..length]);
        Latent { values, length: length as u8, class: 0 }
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
    /// so that all points in between are as typical as the ends (White 2016). The class is `self`'s.
    pub fn slerp(&self, other: &Latent, t: f32) -> Latent {
        let dot = |a: &Latent, b: &Latent| -> i32 {
            a.values.iter().zip(&b.values).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
        };
        let lengths = square_root(dot(self, self) as f32) * square_root(dot(other, other) as f32);
        // Nearly parallel (or no) directions: the arc is a line.
        let mut weights = (1.0 - t, t);
        if lengths > 0.0 {
            let cosine = (dot(self, other) as f32 / lengths).clamp(-1.0, 1.0);
            let sine = square_root(1.0 - cosine * cosine);
            if sine > 0.02 {
                let angle = F32Ext::atan2(sine, cosine);
                let divisor = F32Ext::sin(angle);
                weights = (F32Ext::sin((1.0 - t) * angle) / divisor, F32Ext::sin(t * angle) / divisor);
            }
        }
        let mut between = self.clone();
        for (value, &target) in between.values.iter_mut().zip(&other.values) {
            let mixed = f32::from(*value) * weights.0 + f32::from(target) * weights.1;
            *value = quantize(mixed * LATENT_SCALE, MAX_TRUNCATION);
        }
        between
    }
}

/// Nearest step for `real`, clipped to ±`truncation`.
fn quantize(real: f32, truncation: f32) -> i8 {
    let truncation = truncation.clamp(0.0, MAX_TRUNCATION);
    let steps = real.clamp(-truncation, truncation) / LATENT_SCALE;
    // Casts cut towards 0.
    (if steps < 0.0 { steps - 0.5 } else { steps + 0.5 }) as i8
}

/// micromath's root is good to 5 %; two of Newton's steps make it good to an f32.
fn square_root(x: f32) -> f32 {
    if x <= 0.0 {
        return 0.0;
    }
    let guess = F32Ext::sqrt(x);
    let guess = 0.5 * (guess + x / guess);
    0.5 * (guess + x / guess)
}
