//! How sharp pictures are: blurred ones have small gradients, which is what the first paper on GANs holds against other
//! models (Goodfellow et al. 2014, section 2 and table 2).

/// Mean over all pixels of the length of the gradient, by differences to the right and downwards, in whites per pixel; 0 of no
/// pictures. `greys` holds whole pictures of `side`×`side` bytes, 0 black to 255 white.
pub(super) fn sharpness(greys: &[u8], side: usize) -> f64 {
    let rows = side - 1;
    let of_picture = |picture: &[u8]| {
        let at = |y: usize, x: usize| f64::from(picture[y * side + x]);
        let length = |y: usize, x: usize| (at(y, x + 1) - at(y, x)).hypot(at(y + 1, x) - at(y, x));
        (0..rows).flat_map(|y| (0..rows).map(move |x| (y, x))).map(|(y, x)| length(y, x)).sum::<f64>()
    };
    let pictures = greys.chunks_exact(side * side);
    let places = (pictures.len() * rows * rows).max(1);
    pictures.map(of_picture).sum::<f64>() / (255.0 * places as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_counts_by_its_height_and_a_ramp_by_its_slope() {
        // 3×3: a white column at the right; one of four places is at the edge in each of two rows.
        let edge = [0, 0, 255, 0, 0, 255, 0, 0, 255];
        assert_eq!(sharpness(&edge, 3), 0.5);
        // A slope of 51 to the right and 51·√3 downwards would be 102; here 3 and 4 are 5.
        let ramp = [0, 3, 6, 4, 7, 10, 8, 11, 14];
        assert!((sharpness(&ramp, 3) - 5.0 / 255.0).abs() < 1e-12);
        assert_eq!(sharpness(&[[9; 9], [200; 9]].concat(), 3), 0.0);
        assert_eq!(sharpness(&[], 3), 0.0);
    }
}
