use core::convert::Infallible;

use gan_core::{AlignedBytes, Arena, Generator, Latent, MAX_LATENT, Model, synthetic};
use rand_xoshiro::rand_core::TryRng;

use crate::{FLOATS, SIZES};

/// A generator of one number.
struct Always(u32);

impl TryRng for Always {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.0) << 32 | u64::from(self.0))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0 as u8);
        Ok(())
    }
}

const RANDOM: [u32; 6] = [0, 1, u32::MAX / 2, u32::MAX / 2 + 1, u32::MAX - 1, u32::MAX];

#[test]
fn a_latent_is_drawn_whatever_length_truncation_and_random_bits_are() {
    for (length, truncation, random) in SIZES
        .iter()
        .flat_map(|&length| FLOATS.map(|truncation| (length, truncation)))
        .flat_map(|(length, truncation)| RANDOM.map(|random| (length, truncation, random)))
    {
        let latent = Latent::sample(&mut Always(random), length, truncation).class(random as u8);
        assert_eq!(latent.values().len(), length.min(MAX_LATENT));
        assert_eq!(latent.class_index(), random as u8);
        let latent = latent.with_uniform(&mut Always(random), length);
        assert!(latent.uniform_values().len() <= length && !latent.uniform_values().contains(&i8::MIN));
        assert_eq!(latent.clone().uniform_values_mut().len(), latent.uniform_values().len());
        let latent = latent.with_noise(random);
        assert_eq!(
            (latent.noise(), latent.noise_values().take(1000).filter(|&value| value == i8::MIN).count()),
            (random, 0)
        );
        let mut noise = latent.noise_values();
        assert!((0..1000).all(|_| noise.uniform() != i8::MIN));
        let limit = if truncation.is_nan() { 3.0 } else { truncation.clamp(0.0, 3.0) };
        let allowed = |value: &i8| f32::from(*value).abs() * (3.0 / 127.0) <= limit + 1e-6;
        assert!(latent.values().iter().all(allowed), "{truncation}: {latent:?}");
    }
}

#[test]
fn a_slerp_is_a_latent_whatever_its_ends_and_its_place() {
    let ends = SIZES.map(|length| length.min(1000)).into_iter().flat_map(|length| {
        [i8::MIN, -127, -1, 0, 1, i8::MAX].map(|value| Latent::from_quantized(&vec![value; length]))
    });
    let ends: Vec<Latent> = ends.collect();
    for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (from, to))) {
        for t in FLOATS {
            let between = from.slerp(to, t);
            assert_eq!(between.values().len(), from.values().len());
            for choice in SIZES {
                let chosen = between.clone().choose(choice, 255);
                assert_eq!(chosen.choices().get(choice).copied().unwrap_or(255), 255);
            }
        }
    }
}

#[test]
fn a_generator_takes_any_latent_and_refuses_any_memory_that_is_too_small() {
    let file = AlignedBytes::new(&small());
    let model = Model::parse(&file).unwrap();
    let needs = model.arena_bytes();
    for holds in [0, 1, 15, 16, needs.saturating_sub(1)] {
        assert!(Generator::in_memory(&model, &mut vec![0; holds]).is_err());
        assert!(Generator::in_bytes(&model, &mut vec![0u8; holds]).is_err());
    }
    let mut none = Arena::<0>::new();
    assert!(Generator::new(&model, &mut none).is_err());
    assert!(Generator::new(&model, &mut Arena::<0>::default()).is_err());
    let mut memory = vec![0; needs + 15];
    let image = Generator::in_memory(&model, &mut memory).unwrap().into_image(&Latent::from_quantized(&[]));
    assert_eq!(image.values().len(), 8 * 8);
    let generator = Generator::in_memory(&model, &mut memory).unwrap();
    let image = generator.into_image_by_rows(&Latent::from_quantized(&[]), |_, _| ());
    assert_eq!(image.values().len(), 8 * 8);
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    assert_eq!(generator.model().name(), "small");
    for random in RANDOM {
        let drawn = generator.latent(&mut Always(random));
        let truncated = FLOATS.map(|truncation| generator.truncated_latent(&mut Always(random), truncation));
        let given = SIZES.map(|length| Latent::from_quantized(&vec![i8::MIN; length.min(1000)]));
        for latent in truncated.into_iter().chain(given).chain([drawn]) {
            for class in [0, 1, 2, 254, 255] {
                let latent = latent.clone().class(class);
                assert_eq!(generator.generate(&latent).values().len(), 8 * 8);
                assert_eq!(generator.run().values().len(), 8 * 8);
                for size in SIZES {
                    generator.choose(size, class);
                    assert_eq!(generator.input_mut(size).len(), if size == 0 { 5 } else { 0 });
                    assert_eq!(generator.enter(size), size == 0);
                }
                generator.generate_observed(&latent, |_, output| assert!(!output.is_empty()));
                generator.generate_altered(&latent, |_, output| output.fill(-128));
                generator.show(|slots| slots.fill(-128));
                assert_eq!(generator.generate_rows(&latent, |_, _| ()).values().len(), 8 * 8);
                assert_eq!(generator.model().tensors().filter(|tensor| tensor.is_plane()).count(), 2);
            }
        }
    }
}

/// A model of two layers and two classes, 8×8.
pub fn small() -> Vec<u8> {
    synthetic::Synthetic::new(1, 5)
        .classes(2)
        .dense(4, 4, 3, synthetic::Activation::Relu)
        .conv_transpose(4, 2, 1, 0, 1, synthetic::Activation::Tanh)
        .finish("small")
}
