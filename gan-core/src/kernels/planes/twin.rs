//! The inner loop in plain Rust.

/// Adds products to the sums of `PIXELS` pixels: weight i times the words from `pixels[i · columns]` on.
pub(super) fn run<const PIXELS: usize>(pixels: &[i32], columns: usize, weights: &[i8], sums: &mut [i32]) {
    for (index, &weight) in weights.iter().enumerate() {
        let pixels = &pixels[index * columns..][..PIXELS];
        for (sum, pixel) in sums[..PIXELS].iter_mut().zip(pixels) {
            *sum = sum.wrapping_add(pixel * i32::from(weight));
        }
    }
}
