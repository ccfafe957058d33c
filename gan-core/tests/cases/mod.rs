//! What must hold on every core; `target.rs` runs it on the host and on the target.

use gan_core::{Arena, Generator, Model, arena_bytes, format, include_model};
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The pretrained model.
pub static MNIST: &[u8] = include_model!("../../../models/mnist.gan");
/// A model of less than 2 KiB that has every op and every kind of input; made by `host.rs`.
pub static TINY: &[u8] = include_model!("../golden/tiny.gan");
/// How many latents the golden hashes are of.
pub const GOLDEN_LATENTS: usize = 32;

/// FNV-1a.
pub fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Hashes of the first latents of seed 1 and of their pictures, of classes 0, 1, … in turn.
pub fn mnist_hashes(mut each: impl FnMut(usize, u64, u64)) {
    let model = Model::parse(MNIST).unwrap();
    let mut arena = Arena::<{ arena_bytes(MNIST) }>::new();
    let mut generator = Generator::new(&model, &mut arena).unwrap();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    for index in 0..GOLDEN_LATENTS {
        let latent = generator.latent(&mut rng).class((index % usize::from(model.classes())) as u8);
        let of_latent = hash(latent.values().iter().map(|&value| value as u8));
        let picture = generator.generate(&latent);
        each(index, of_latent, hash(picture.values().iter().map(|&value| value as u8)));
    }
}

/// A copy of [`TINY`] to spoil.
#[repr(align(16))]
pub struct Spoiled(pub [u8; TINY.len()]);

impl Spoiled {
    pub fn new() -> Self {
        Spoiled(TINY.try_into().unwrap())
    }

    /// Seals the file again, so that its checksum hides nothing; then it must be refused or run.
    pub fn parse_or_run(&mut self) -> bool {
        format::seal(&mut self.0);
        let Ok(model) = Model::parse(&self.0) else { return false };
        let mut arena = Arena::<1024>::new();
        if let Ok(mut generator) = Generator::new(&model, &mut arena) {
            let mut rng = Xoshiro128PlusPlus::seed_from_u64(2);
            for entry in 0..model.entries().count() {
                generator.enter(entry);
                let latent = generator.latent(&mut rng).class(200);
                core::hint::black_box(generator.generate(&latent).values());
            }
        }
        true
    }
}

/// Sets each byte of the fixed fields and the header, with all fields in them, to other values in turn.
/// Returns how many files were refused and how many ran.
pub fn corrupt_every_field() -> (u32, u32) {
    let header = u32::from_le_bytes(TINY[format::HEADER_AT..][..4].try_into().unwrap()) as usize;
    let (mut refused, mut ran) = (0, 0);
    for position in 0..format::HEADER_START + header {
        for change in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x7F, 0xFF, 0x55] {
            let mut spoiled = Spoiled::new();
            spoiled.0[position] ^= change;
            *(if spoiled.parse_or_run() { &mut ran } else { &mut refused }) += 1;
        }
    }
    (refused, ran)
}

/// Changes one to four bytes anywhere, 10,000 times. Returns how many files were refused and how many ran.
pub fn mutate_at_random() -> (u32, u32) {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(3);
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..10_000 {
        let mut spoiled = Spoiled::new();
        for _ in 0..1 + rng.next_u32() % 4 {
            let position = rng.next_u32() as usize % TINY.len();
            spoiled.0[position] = rng.next_u32() as u8;
        }
        *(if spoiled.parse_or_run() { &mut ran } else { &mut refused }) += 1;
    }
    (refused, ran)
}
