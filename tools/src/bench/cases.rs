//! Pictures checked on a core: models with the pictures that the host makes of them.

use gan_core::pack::pack;
use gan_core::{AlignedBytes, Generator, MAX_CHOICES, Model};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};

use super::count::run;
use super::{BenchCore, BenchError};

/// Latents a model.
const LATENTS: u8 = 3;
/// Bytes of a file that the bench reads at once.
const MOST_BYTES: usize = 900_000;

/// A model in the portable layout.
pub struct Case {
    /// The file.
    pub model: Vec<u8>,
    /// For a message.
    pub name: String,
}

/// Packs the models for the core, runs them there, and compares each picture with the host's portable kernels. Returns
/// how many models ran.
///
/// # Errors
/// [`BenchError::Failed`] names the first model whose picture differs, by its index, and the pixel.
pub fn check(core: &BenchCore, cases: &[Case]) -> Result<usize, BenchError> {
    let (mut file, mut first) = (Vec::new(), 0);
    for (index, case) in cases.iter().enumerate() {
        let packed = pack(&case.model, core.kernels())?.file;
        let case = bytes(&case.model, &packed);
        if file.len() + case.len() > MOST_BYTES {
            run_from(core, &file, &cases[first..index])?;
            file.clear();
            first = index;
        }
        file.extend(case);
    }
    run_from(core, &file, &cases[first..])?;
    Ok(cases.len())
}

fn run_from(core: &BenchCore, file: &[u8], cases: &[Case]) -> Result<(), BenchError> {
    let log = run(core, "check", file).map_err(|error| match error {
        BenchError::Failed { core, board, exit, log } => {
            let names = cases.iter().enumerate().map(|(index, case)| format!("case {index}: {}", case.name));
            let named = names.filter(|name| {
                let index = name.split(": ").next().unwrap_or_default();
                log.contains(&format!("{index},")) || log.contains(&format!("{index}:"))
            });
            let named: Vec<String> = named.collect();
            BenchError::Failed { core, board, exit, log: format!("{log}\n{}", named.join("\n")) }
        }
        other => other,
    })?;
    if log.contains(&format!("checked {} cases", cases.len())) { Ok(()) } else { Err(BenchError::Log(log)) }
}

/// A case as the bench reads it.
fn bytes(portable: &[u8], packed: &[u8]) -> Vec<u8> {
    let aligned = AlignedBytes::new(portable);
    let model = Model::parse(&aligned).expect("a model in the portable layout");
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).expect("the memory has the model's size");
    let mut bytes = Vec::new();
    bytes.extend((packed.len() as u32).to_le_bytes());
    bytes.extend(u32::from(LATENTS).to_le_bytes());
    fill_up(&mut bytes);
    bytes.extend(packed);
    fill_up(&mut bytes);
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let add = |values: &[i8], bytes: &mut Vec<u8>| bytes.extend(values.iter().map(|&value| value as u8));
    for number in 0..LATENTS {
        let mut latent = generator.latent(&mut rng).with_noise(u32::from(number) << 24 | 77);
        for choice in 0..MAX_CHOICES {
            latent = latent.choose(choice, number + choice as u8);
        }
        add(latent.values(), &mut bytes);
        add(latent.uniform_values(), &mut bytes);
        bytes.extend(latent.choices());
        bytes.extend(latent.noise().to_le_bytes());
        for entry in 0..model.entries().count() {
            generator.enter(entry);
            // What reads pictures is shown noise of the latent's seed.
            generator.show(|slots| {
                slots.iter_mut().zip(latent.noise_values()).for_each(|(slot, value)| *slot = value)
            });
            add(generator.generate(&latent).values(), &mut bytes);
        }
        fill_up(&mut bytes);
    }
    bytes
}

fn fill_up(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(16), 0);
}
