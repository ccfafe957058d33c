use gan_core::lifetime::Lifetimes;
use gan_core::pack::pack;
use gan_core::{
    Aligned, AlignedBytes, ArenaTooSmall, Generator, InputError, KernelSet, Latent, Model, OpError,
    ParseError, TensorError, arena_bytes, file_bytes, format, include_model, synthetic,
};

use crate::latents::small;
use crate::panics;

#[test]
fn no_bytes_make_parse_or_pack_panic() {
    let sound = small();
    let mut files: Vec<Vec<u8>> = [0, 1, 15, 19, 20, 21, 32, 1000].map(|length| vec![0; length]).into();
    files.extend([0, 1, 19, 20, 21, 60, sound.len() - 1].map(|length| sound[..length].to_vec()));
    files.extend((0..sound.len()).map(|at| [&sound[..at], &[0xFF; 8], &sound[at..]].concat()));
    for mut file in files {
        if file.len() >= format::HEADER_START {
            format::seal(&mut file);
            arena_bytes(&file);
        }
        let aligned = AlignedBytes::new(&file);
        let _ = Model::parse(&aligned).map(|_| ());
        let _ = format::File::open(&aligned).map(|_| ());
        let _ = KernelSet::ALL.map(|set| pack(&file, set).map(|_| ()));
    }
}

/// What parse accepts, pack must take: it plans the arena anew, and every kernel set lays out what the file says.
#[test]
fn a_sound_model_with_any_bit_of_its_header_flipped_is_packed_or_refused() {
    let sound = small();
    let header = u32::from_le_bytes(sound[format::HEADER_AT..][..4].try_into().unwrap()) as usize;
    let mut packed = 0;
    for (at, bit) in (0..format::HEADER_START + header).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut file = sound.clone();
        file[at] ^= 1 << bit;
        format::seal(&mut file);
        for set in KernelSet::ALL {
            packed += u32::from(pack(&file, set).is_ok());
        }
    }
    assert!(packed > 0);
}

/// The longest model that a file can name: 255 tensors.
#[test]
fn a_model_of_254_layers_is_parsed() {
    let layer = |model: synthetic::Synthetic, _| model.dense(1, 1, 1, synthetic::Activation::Relu);
    let file = (0..254).fold(synthetic::Synthetic::new(1, 1), layer).finish("long");
    let file = AlignedBytes::new(&file);
    let model = Model::parse(&file).unwrap();
    let mut memory = vec![0; model.arena_bytes() + 15];
    let mut generator = Generator::in_memory(&model, &mut memory).unwrap();
    assert_eq!(generator.generate(&Latent::from_quantized(&[1])).values().len(), 1);
    assert_eq!((model.tensors().count(), model.macs().sum::<u64>(), model.latent_length()), (255, 254, 1));
    assert_eq!((model.name(), model.classes(), model.output_shape().size()), ("long", 0, 1));
    assert!(model.tensor(254).is_some() && model.tensor(255).is_none());
    assert_eq!((model.file().tensors.count(), model.file().tensors.get(255)), (255, None));
    assert_eq!((model.inputs().count(), model.choices().count(), model.uniform_length()), (1, 0, 0));
    let entry = model.entries().next().unwrap();
    assert_eq!((model.file().ops_of(&entry).count(), entry.ops), (254, 254));
    let lives = Lifetimes::of(model.file(), &entry).unwrap();
    let life = lives.get(254);
    assert!(life.is_used() && life.holds(254) && life.meets(lives.get(253)) && !life.meets(lives.get(0)));
    assert!(!lives.get(255).is_used());
}

#[test]
fn a_file_without_the_fixed_fields_panics_as_documented_and_only_that() {
    assert_eq!(format::checksum(&[]), 0);
    for length in 0..40 {
        let mut file = vec![0xFF; length];
        assert_eq!(panics(|| arena_bytes(&vec![0xFF; length])), length < format::HEADER_START);
        assert_eq!(panics(|| file_bytes(&vec![0xFF; length])), length < format::HEADER_START);
        assert_eq!(panics(move || format::seal(&mut file)), length < format::HEADER_START);
    }
}

#[test]
fn every_code_and_every_name_of_a_target_has_a_kernel_set_or_none() {
    for code in 0..=u8::MAX {
        if let Some(set) = KernelSet::from_code(code) {
            assert_eq!((set.code(), set.name().is_empty()), (code, false));
            let _ = (set.is_compiled_in(), set.to_string());
        }
    }
    for target in ["", "-", "thumb", "thumbv6m", "thumbv8m.main-", "\u{0}", "é-é", &"x".repeat(1 << 16)] {
        for cpu in [None, Some(""), Some("cortex-m55"), Some("é")] {
            KernelSet::of_target(target, cpu);
            assert_eq!(KernelSet::from_build_env(), KernelSet::Portable);
        }
    }
}

#[test]
fn every_error_has_its_words() {
    use ParseError as P;
    let (least, most) = (u8::MIN, u8::MAX);
    let inputs = [InputError::Tensor, InputError::Scale, InputError::NoChoice, InputError::Names];
    let tensors = [TensorError::Size, TensorError::Scale, TensorError::Overlaps(most), TensorError::Written];
    let ops = [
        OpError::Tensor,
        OpError::Operands,
        OpError::Shape,
        OpError::Window,
        OpError::Bounds,
        OpError::Alignment,
        OpError::Weight,
        OpError::Multiplier,
        OpError::Shift,
        OpError::Clamp,
        OpError::Overflow(u16::MAX),
        OpError::NoChoice,
        OpError::Layout,
        OpError::Run,
        OpError::Scratch,
    ];
    let mut errors = vec![P::Truncated, P::Magic, P::Alignment, P::Checksum, P::Header, P::NoEntry];
    errors.extend([least, most].map(|found| P::Layout { found }));
    errors.extend([P::Version { found: u16::MAX }, P::Flags(u16::MAX)]);
    errors.push(P::ArenaSize { needed: u32::MAX, stated: 0 });
    errors.extend([P::Inputs { found: most }, P::Entry(most)]);
    errors.extend(inputs.map(|error| P::Input(most, error)));
    errors.extend(tensors.map(|error| P::Tensor(most, error)));
    errors.extend(ops.map(|error| P::Op(most, error)));
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    assert!(!ArenaTooSmall { holds: usize::MAX, needs: 0 }.to_string().is_empty());
}

#[test]
fn bytes_of_any_number_are_aligned() {
    for length in [0, 1, 15, 16, 17, 1000] {
        let bytes = vec![7; length];
        let aligned = AlignedBytes::new(&bytes);
        assert_eq!(&*aligned, &bytes[..]);
        assert!(aligned.as_ptr().addr().is_multiple_of(16));
    }
    assert!(Aligned([0u8; 0]).0.is_empty());
    static TINY: &[u8] = include_model!("../golden/tiny.gan");
    assert!(TINY.as_ptr().addr().is_multiple_of(16));
    let choice = Model::parse(TINY).unwrap().choices().next().unwrap();
    assert_eq!([0, 2, 3, 255].map(|chosen| choice.name_of(chosen)), [Some("zero"), Some("two"), None, None]);
    // A file may lie in a larger piece of flash.
    let longer = [TINY, &[0xFF; 100]].concat();
    assert_eq!((file_bytes(&longer), Model::parse(&AlignedBytes::new(&longer)).is_ok()), (TINY.len(), true));
}
