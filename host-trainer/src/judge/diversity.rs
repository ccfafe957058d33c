//! Two numbers that fall when a generator draws few kinds of pictures.

use crate::data::CLASSES;

/// From this probability on the judge is sure of what it sees.
const SURE: f32 = 0.9;

/// exp(mean KL(p(y|x) ‖ p(y))) over all pictures at once (Salimans et al. 2016, section 4), from `[pictures, classes]`
/// probabilities: 1 where the classifier is unsure of everything or sees one class only, up to the number of classes.
pub fn inception_score(probabilities: &[f32]) -> f64 {
    let pictures = (probabilities.len() / CLASSES) as f64;
    let mut marginal = [0f64; CLASSES];
    for picture in probabilities.chunks(CLASSES) {
        marginal.iter_mut().zip(picture).for_each(|(sum, &p)| *sum += f64::from(p) / pictures);
    }
    let term = |(&p, &q): (&f32, &f64)| if p > 0.0 { f64::from(p) * (f64::from(p) / q).ln() } else { 0.0 };
    let divergence = |picture: &[f32]| picture.iter().zip(&marginal).map(term).sum::<f64>();
    (probabilities.chunks(CLASSES).map(divergence).sum::<f64>() / pictures).exp()
}

/// Share of the pictures whose likeliest class has a probability of at least [`SURE`].
pub fn sure(probabilities: &[f32]) -> f64 {
    let pictures = (probabilities.len() / CLASSES).max(1);
    let is_sure = |picture: &&[f32]| picture.iter().any(|&p| p >= SURE);
    probabilities.chunks(CLASSES).filter(is_sure).count() as f64 / pictures as f64
}

/// Share of the pictures in which that class is seen which is seen most often with their code: 1 where each code stands for one
/// class, and no less than the share of the most frequent class.
pub fn purity(codes: &[u8], seen: &[u8]) -> f64 {
    let mut counts = std::collections::BTreeMap::<u8, [usize; CLASSES]>::new();
    for (&code, &class) in codes.iter().zip(seen) {
        counts.entry(code).or_default()[usize::from(class)] += 1;
    }
    let most: usize = counts.values().map(|classes| classes.iter().max().expect("there are classes")).sum();
    most as f64 / codes.len().max(1) as f64
}

/// Entropy of a histogram in bits: 0 for one class, log₂ of the number of classes where all are as frequent.
pub fn entropy_bits(histogram: &[usize]) -> f64 {
    let all: usize = histogram.iter().sum();
    let shares = histogram.iter().filter(|&&count| count > 0).map(|&count| count as f64 / all as f64);
    // 0 and not −0 for a single class.
    shares.map(|share| share * share.log2()).sum::<f64>().abs()
}

/// Softmax over each `[classes]` of `logits`.
pub(super) fn softmax(logits: &[f32]) -> Vec<f32> {
    let of_picture = |logits: &[f32]| {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        powers.into_iter().map(move |power| power / sum)
    };
    logits.chunks(CLASSES).flat_map(of_picture).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_judge_is_sure_from_nine_tenths_on() {
        let mut probabilities = vec![0.0; 4 * CLASSES];
        for (picture, p) in [0.9, 0.89, 1.0, 0.5].into_iter().enumerate() {
            probabilities[picture * CLASSES + picture] = p;
            probabilities[picture * CLASSES + 9] = 1.0 - p;
        }
        assert_eq!(super::sure(&probabilities), 0.5);
    }

    #[test]
    fn purity_is_the_share_of_each_codes_most_frequent_class() {
        assert_eq!(purity(&[0, 0, 0, 5, 5, 5], &[3, 3, 1, 8, 8, 8]), 5.0 / 6.0);
        assert_eq!(purity(&[0, 1, 2, 3], &[7, 7, 7, 7]), 1.0, "a code need not have a class of its own");
        assert_eq!(purity(&[4; 4], &[0, 1, 2, 2]), 0.5);
    }

    /// A picture of each of the first `classes` classes, of which the classifier is sure.
    fn sure(classes: usize) -> Vec<f32> {
        (0..classes)
            .flat_map(|class| (0..CLASSES).map(move |other| f32::from(u8::from(class == other))))
            .collect()
    }

    #[test]
    fn the_score_counts_the_classes_that_are_sure_and_as_frequent() {
        for classes in [1, 4, CLASSES] {
            let score = inception_score(&sure(classes));
            assert!((score - classes as f64).abs() < 1e-9, "{classes}: {score}");
        }
        let unsure = vec![0.1; 5 * CLASSES];
        assert!((inception_score(&unsure) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn entropy_is_that_of_its_definition() {
        assert_eq!(entropy_bits(&[0, 7, 0]), 0.0);
        assert_eq!(entropy_bits(&[5, 5, 5, 5]), 2.0);
        assert_eq!(entropy_bits(&[2, 1, 1]), 1.5);
    }

    #[test]
    fn softmax_survives_large_logits() {
        let mut logits = vec![1000.0; CLASSES];
        logits[3] += f32::ln(9.0);
        let probabilities = softmax(&logits);
        assert!((probabilities[3] - 0.5).abs() < 1e-4, "{probabilities:?}");
    }
}
