//! Pictures per second on the host: `cargo bench -p gan-core`. Times are noisy; compare within one run.

use divan::Bencher;
use divan::counter::ItemsCount;
use gan_core::pack::pack;
use gan_core::{AlignedBytes, Generator, KernelSet, Model, synthetic};
use rand_xoshiro::{Xoshiro128PlusPlus, rand_core::SeedableRng};

fn main() {
    divan::main();
}

fn run(bencher: Bencher<'_, '_>, file: &[u8]) {
    let file = AlignedBytes::new(file);
    let model = Model::parse(&file).expect("a sound model");
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).expect("the memory has the model's size");
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let latent = generator.latent(&mut rng).class(3);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        divan::black_box(generator.generate(divan::black_box(&latent)).values());
    });
}

/// The pretrained model as the trainer writes it: what evaluation runs thousands of times.
#[divan::bench]
fn pretrained(bencher: Bencher<'_, '_>) {
    run(bencher, include_bytes!("../../models/mnist.gan"));
}

/// The reference generator, in the portable layout.
#[divan::bench]
fn reference(bencher: Bencher<'_, '_>) {
    run(bencher, &synthetic::reference());
}

/// The reference generator by the plain twins of the cores' kernels.
#[divan::bench(args = ["armv6m", "armv7m", "dsp", "mve"])]
fn reference_by_twin(bencher: Bencher<'_, '_>, name: &str) {
    let set = KernelSet::ALL.into_iter().find(|set| set.name() == name).expect("a set of that name");
    run(bencher, &pack(&synthetic::reference(), set).expect("a portable model").file);
}
