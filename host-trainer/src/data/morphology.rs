//! Grey morphology (Serra 1982, "Image analysis and mathematical morphology"): strokes made thinner and bolder.

/// `picture`, rows of `width` bytes, 0 black to 255 white, with thinner white strokes: the mean of it and its erosion, the
/// darkest of each pixel and the four next to it, with black outside. The half that is kept keeps strokes of two pixels, which an
/// erosion alone would break.
pub fn thinned(picture: &[u8], width: usize) -> Vec<u8> {
    let darkest = over(picture, width, |values| values.into_iter().min());
    picture.iter().zip(darkest).map(|(&was, darkest)| was.midpoint(darkest)).collect()
}

/// `picture` with bolder white strokes: its dilation, the brightest of each pixel and the four next to it.
pub fn emboldened(picture: &[u8], width: usize) -> Vec<u8> {
    over(picture, width, |values| values.into_iter().max())
}

/// Of each pixel what `choose` takes from it and the four next to it.
fn over(picture: &[u8], width: usize, choose: fn([u8; 5]) -> Option<u8>) -> Vec<u8> {
    let height = picture.len() / width;
    let at = |y: usize, x: usize| if y < height && x < width { picture[y * width + x] } else { 0 };
    let pixel = |place: usize| {
        let (y, x) = (place / width, place % width);
        // One less than 0 is beyond any picture.
        let (above, left) = (y.wrapping_sub(1), x.wrapping_sub(1));
        choose([at(y, x), at(above, x), at(y + 1, x), at(y, left), at(y, x + 1)]).unwrap_or_default()
    };
    (0..picture.len()).map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::judge::strokes;

    #[test]
    fn a_bar_loses_half_of_its_edge_and_gains_one() {
        let bar = [[0, 200, 200, 200, 0]; 5].concat();
        // Its first and last rows touch the black outside.
        assert_eq!(thinned(&bar, 5)[5..10], [0, 100, 200, 100, 0]);
        assert_eq!(thinned(&bar, 5)[..5], [0, 100, 100, 100, 0]);
        assert_eq!(emboldened(&bar, 5), [200; 25]);
        let dot = [0, 0, 0, 0, 90, 0, 0, 0, 0];
        assert_eq!(emboldened(&dot, 3), [0, 90, 0, 90, 90, 90, 0, 90, 0]);
        assert_eq!(thinned(&dot, 3), [0, 0, 0, 0, 45, 0, 0, 0, 0]);
    }

    #[test]
    fn bold_digits_have_strokes_twice_as_wide_as_thin_ones() {
        let digits = Dataset::mnist_test().unwrap();
        let mean = |change: &dyn Fn(&[u8]) -> Vec<u8>| {
            (0..500).map(|index| strokes::width(&change(digits.picture(index)), 28)).sum::<f64>() / 500.0
        };
        let [thin, plain, bold] =
            [mean(&|x| thinned(x, 28)), mean(&|x| x.to_vec()), mean(&|x| emboldened(x, 28))];
        assert!(thin + 0.3 < plain && plain + 1.2 < bold, "{thin} {plain} {bold}");
    }
}
