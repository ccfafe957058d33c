//! The golden files that the target's tests read, and what only the host can make.
//!
//! `GAN_BLESS=1 cargo test -p gan-core --test host` writes them anew; the change then shows in review.

#[allow(dead_code, reason = "each test program uses its part")]
mod cases;
mod tiny;

use std::fmt::Write as _;
use std::path::Path;

use gan_core::pack::pack;
use gan_core::{AlignedBytes, Generator, KernelSet, Model, ParseError, format};

fn check(name: &str, fresh: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("GAN_BLESS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_default();
    assert!(golden == fresh, "{name} is not what the engine makes now; GAN_BLESS=1 accepts it");
}

#[test]
fn golden_files_are_current() {
    check("tiny.gan", &tiny::model());
    let mut hashes = String::new();
    cases::mnist_hashes(|_, latent, picture| writeln!(hashes, "{latent:016x} {picture:016x}").unwrap());
    check("mnist.txt", hashes.as_bytes());
}

#[test]
fn the_tiny_model_runs_every_op() {
    let bytes = AlignedBytes::new(&tiny::model());
    let model = Model::parse(&bytes).unwrap();
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    let latent = gan_core::Latent::from_quantized(&[100, -50, 20, -127]);
    let pictures: Vec<Vec<u8>> =
        (0..3).map(|class| generator.generate(&latent.clone().class(class)).greys().collect()).collect();
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2], "the class changes the picture");

    // The other entry: half of a picture, and a number that is added.
    assert!(generator.enter(1) && !generator.enter(4));
    let mut dosed = |entry: usize, dose: i8| {
        assert!(generator.enter(entry));
        generator.input_mut(2).fill(dose);
        generator
            .input_mut(3)
            .copy_from_slice(&[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 127, -127, -128]);
        generator.run().values().to_vec()
    };
    let (none, much) = (dosed(1, 0), dosed(1, 100));
    let row = |values: &[i8]| values[..2].iter().map(|&value| i32::from(value)).sum::<i32>();
    assert_eq!(row(&dosed(1, 0)), row(&none));
    assert!(row(&much) > row(&none) + 50, "{none:?} {much:?}");
    // And the third: a style, which the number turns, and a place that attends to it.
    let (none, much) = (dosed(2, 0), dosed(2, 100));
    assert!(none != much && much.windows(2).any(|pair| pair[0] != pair[1]), "{none:?} {much:?}");
    // The last, whose pixels are drawn by chance: a seed's picture is always the same.
    assert!(generator.enter(3));
    let mut drawn = |seed: u32| generator.generate(&latent.clone().with_noise(seed)).values().to_vec();
    let pictures: Vec<Vec<i8>> = (0..50).map(&mut drawn).collect();
    assert_eq!(drawn(7), pictures[7]);
    for pixel in 0..6 {
        let dark = pictures.iter().filter(|picture| picture[pixel] == -127).count();
        let light = pictures.iter().filter(|picture| picture[pixel] == 127).count();
        assert!(dark > 0 && light > 0 && dark + light == 50, "pixel {pixel}: {dark} and {light}");
    }
    let choice = model.choices().next().unwrap();
    assert_eq!(
        (choice.name, choice.count, choice.name_of(2), choice.name_of(3)),
        ("class", 3, Some("two"), None)
    );
    assert_eq!(
        model.entries().map(|entry| entry.name).collect::<Vec<_>>(),
        ["draw", "mix", "style", "pixels"]
    );
}

#[test]
fn each_kind_of_damage_has_its_error() {
    let sound = tiny::model();
    let error = |spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut file = sound.clone();
        spoil(&mut file);
        Model::parse(&AlignedBytes::new(&file)).map(|_| ()).unwrap_err()
    };
    assert_eq!(error(&|file| file.truncate(10)), ParseError::Truncated);
    assert_eq!(error(&|file| file.truncate(40)), ParseError::Truncated);
    assert_eq!(error(&|file| file[0] = b'X'), ParseError::Magic);
    assert_eq!(error(&|file| file[4] = 9), ParseError::Version { found: 9 });
    let old = error(&|file| file[4] = 1).to_string();
    assert_eq!(old, "model format 1, this engine reads format 2");
    assert_eq!(error(&|file| file[6] = 1), ParseError::Flags(1));
    assert_eq!(error(&|file| *file.last_mut().unwrap() ^= 1), ParseError::Checksum);
    let needed = format::arena_bytes(&sound) as u32;
    let error_of_size = error(&|file| {
        file[format::ARENA_AT] ^= 1;
        format::seal(file);
    });
    assert_eq!(error_of_size, ParseError::ArenaSize { needed, stated: needed ^ 1 });
    let error_of_layout = error(&|file| {
        file[format::KERNELS_AT] = 77;
        format::seal(file);
    });
    assert_eq!(error_of_layout, ParseError::Layout { found: 77 });
    let text = error_of_layout.to_string();
    assert!(text.contains("unknown kernels (77)") && text.contains("this engine has portable"), "{text}");
    let misaligned = {
        let mut shifted = vec![0];
        shifted.extend(&sound);
        AlignedBytes::new(&shifted)
    };
    assert_eq!(Model::parse(&misaligned[1..]).map(|_| ()), Err(ParseError::Alignment));
}

/// The portable model is spoiled on every core; packed ones only here, where all kernels run.
#[test]
fn a_packed_model_with_any_byte_of_its_header_corrupted_is_refused_or_runs() {
    let latent = gan_core::Latent::from_quantized(&[100, -50, 20, -127]).class(1);
    let (mut refused, mut ran) = (0, 0);
    for set in KernelSet::ALL {
        let packed = pack(&tiny::model(), set).unwrap().file;
        let header = u32::from_le_bytes(packed[format::HEADER_AT..][..4].try_into().unwrap()) as usize;
        for position in 0..format::HEADER_START + header {
            for change in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x7F, 0xFF, 0x55] {
                let mut spoiled = packed.clone();
                spoiled[position] ^= change;
                format::seal(&mut spoiled);
                let spoiled = AlignedBytes::new(&spoiled);
                let Ok(model) = Model::parse(&spoiled) else {
                    refused += 1;
                    continue;
                };
                let mut memory = vec![0; (model.arena_bytes() + 15).min(1 << 20)];
                if let Ok(mut generator) = Generator::in_memory(&model, &mut memory) {
                    std::hint::black_box(generator.generate(&latent).values());
                }
                ran += 1;
            }
        }
    }
    assert!(refused > 0 && ran > 0);
}

#[test]
fn a_smaller_arena_is_refused_with_both_sizes() {
    let bytes = AlignedBytes::new(&tiny::model());
    let model = Model::parse(&bytes).unwrap();
    let needs = model.arena_bytes();
    let mut memory = vec![0; needs - 1];
    let error = Generator::in_memory(&model, &mut memory).err().unwrap();
    assert_eq!(error.to_string(), format!("the arena holds {} bytes, the model needs {needs}", needs - 1));
}
