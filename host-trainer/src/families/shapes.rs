//! Each network's layers against its paper's table, where it has one: what the sides are, what halves and doubles them, what
//! is behind what. Channels are fewer everywhere.

use super::{FamilyConfig, testing};
use crate::graph::{Graph, Layer};
use burn::tensor::Device;

/// The layers of `graph` in a line each: what they are, and their shape.
fn layers(graph: &Graph) -> Vec<String> {
    let line = |node: &crate::graph::Node| {
        let what = match node.layer {
            Layer::Input(kind) => format!("{kind:?}").to_lowercase(),
            Layer::Concat => "join".into(),
            Layer::Add => "sum".into(),
            Layer::Dense { .. } => "dense".into(),
            Layer::BatchNorm => return None,
            Layer::Conv { window, .. } => format!("conv {0}×{0} s{1}", window.kernel, window.stride),
            Layer::ConvTranspose { window, .. } => format!("up {0}×{0} s{1}", window.kernel, window.stride),
            Layer::Upsample { factor } => format!("nearest {factor}"),
            Layer::Activation(function) => function.name().into(),
            Layer::InstanceNorm => "instance norm".into(),
            Layer::Product => "product".into(),
            Layer::Attention => "attention".into(),
            Layer::Embedding => "embedding".into(),
            Layer::Fixed(_) => "fixed".into(),
            Layer::Window(_) => "window".into(),
            Layer::Position(axis) => format!("{axis:?}").to_lowercase(),
            Layer::Draw(_) => "draw".into(),
            Layer::Projection => "projection".into(),
        };
        Some(format!("{what} {}", node.shape))
    };
    graph.nodes.iter().filter_map(line).collect()
}

/// The layers of all players of a family's default form, by name.
fn players(family: &str, settings: &[(&str, toml::Value)]) -> Vec<(&'static str, Vec<String>)> {
    let config = FamilyConfig::named(family).unwrap();
    let config =
        settings.iter().fold(config, |config, (key, value)| config.with(key, value.clone()).unwrap());
    let mut objective = testing::begin(&config, &Device::flex().autodiff());
    objective.players().into_iter().map(|player| (player.name, layers(player.net.graph()))).collect()
}

/// Those of one player.
fn player(family: &str, name: &str) -> Vec<String> {
    let mut all = players(family, &[]);
    let place =
        all.iter().position(|(own, _)| *own == name).unwrap_or_else(|| panic!("{family} has no {name}"));
    all.swap_remove(place).1
}

#[test]
fn the_first_networks_are_perceptrons_and_the_class_joins_both() {
    let hidden = |width: usize| {
        let layer = [format!("dense {width}"), format!("relu {width}")];
        [&layer[..], &layer, &["dense 28×28×1", "tanh 28×28×1"].map(str::to_owned)].concat()
    };
    let vanilla = player("vanilla", "generator");
    assert_eq!((&vanilla[0][..], &vanilla[1..]), ("normal 64", &hidden(64)[..]));
    let judge = ["picture 28×28×1", "dense 256", "leaky_relu 256", "dense 256", "leaky_relu 256", "dense 1"];
    assert_eq!(player("vanilla", "discriminator"), judge);
    let cgan = player("cgan", "generator");
    assert_eq!(cgan[..3], ["normal 64", "choice 10", "join 74"]);
    assert_eq!(cgan[3..], hidden(56));
    let told = player("cgan", "discriminator");
    assert_eq!(told[..5], ["picture 28×28×1", "dense 256", "choice 10", "dense 256", "sum 256"]);
}

#[test]
fn convolutions_halve_and_double_by_fours_and_twos() {
    // Chen et al. 2016, table 1, which is Radford et al.'s network at 28×28: two 4×4 convolutions of stride 2, then dense; a dense
    // layer to 7×7, then two 4×4 transposed convolutions of stride 2. Here a 3×3 convolution stands in front of those.
    let judged = [
        "picture 28×28×1",
        "conv 4×4 s2 14×14×16",
        "leaky_relu 14×14×16",
        "conv 4×4 s2 7×7×32",
        "leaky_relu 7×7×32",
        "dense 1",
    ];
    let made = [
        "dense 7×7×16",
        "relu 7×7×16",
        "conv 3×3 s1 7×7×32",
        "relu 7×7×32",
        "up 4×4 s2 14×14×16",
        "relu 14×14×16",
        "up 4×4 s2 28×28×1",
        "tanh 28×28×1",
    ];
    for family in ["dcgan", "lsgan", "wgan"] {
        let all = players(family, &[]);
        let (generator, judge) = (&all[0].1, &all[1].1);
        assert_eq!(generator[..3], ["normal 32", "choice 10", "join 42"], "{family}");
        assert_eq!(generator[3..], made, "{family}");
        assert_eq!(judge[..6], judged, "{family}");
        assert_eq!(judge[6..], ["choice 10", "projection 1", "sum 1"], "{family}");
    }
    let infogan = player("infogan", "generator");
    assert_eq!(infogan[..3], ["normal 32", "uniform 2", "choice 10"]);
    assert_eq!(infogan[5..], made);
    // Q: dense of 128 on D's features, then the codes (appendix C.1).
    let judge = player("infogan", "discriminator");
    assert_eq!(judge[..6], judged);
    assert_eq!(judge[6..], ["dense 128", "leaky_relu 128", "dense 10", "dense 2"]);
    let upsampled = &players("dcgan", &[("upsample", true.into())])[0].1;
    assert_eq!(
        upsampled[7..11],
        ["nearest 2 14×14×32", "conv 3×3 s1 14×14×16", "relu 14×14×16", "nearest 2 28×28×16"]
    );
}

#[test]
fn the_boundarys_generator_upsamples_and_its_autoencoder_is_shallow() {
    let generator = [
        "normal 32",
        "dense 7×7×16",
        "elu 7×7×16",
        "conv 3×3 s1 7×7×32",
        "elu 7×7×32",
        "nearest 2 14×14×32",
        "conv 3×3 s1 14×14×16",
        "elu 14×14×16",
        "nearest 2 28×28×16",
        "conv 3×3 s1 28×28×1",
        "sigmoid 28×28×1",
    ];
    assert_eq!(player("began", "generator"), generator);
    let autoencoder = [
        "picture 28×28×1",
        "conv 4×4 s2 14×14×32",
        "leaky_relu 14×14×32",
        "dense 32",
        "leaky_relu 32",
        "dense 14×14×32",
        "leaky_relu 14×14×32",
        "up 4×4 s2 28×28×1",
        "sigmoid 28×28×1",
    ];
    assert_eq!(player("began", "autoencoder"), autoencoder);
}

#[test]
fn a_pyramid_has_a_perceptron_at_its_top_and_convolutions_below() {
    let generators = player("lapgan", "generator");
    let dense = ["normal 32", "choice 10", "join 42", "dense 128", "relu 128", "dense 7×7×1"];
    assert_eq!(generators[..6], dense);
    let level = |side: usize, width: usize| {
        let of = |what: &str, channels: usize| format!("{what} {side}×{side}×{channels}");
        [
            of("nearest 2", 1),
            of("normal", 1),
            of("embedding", 1),
            of("join", 3),
            of("conv 3×3 s1", width),
            of("relu", width),
            of("conv 3×3 s1", width),
            of("relu", width),
            of("conv 3×3 s1", 1),
            of("sum", 1),
        ]
    };
    assert_eq!(generators[7..17], level(14, 16));
    assert_eq!(generators[17..], level(28, 8));
    for (name, side) in [("whole-discriminator", 28), ("half-discriminator", 14)] {
        let judge = player("lapgan", name);
        let picture = format!("picture {side}×{side}×1");
        assert_eq!(judge[..2], [picture.clone(), picture], "the picture, and what is below it");
        assert_eq!(judge[3], format!("conv 4×4 s2 {0}×{0}×16", side / 2));
    }
    assert_eq!(player("lapgan", "quarter-discriminator")[..2], ["picture 7×7×1", "dense 128"]);
}

#[test]
fn an_encoder_ends_in_a_mean_and_a_variance_per_latent() {
    let all = players("vae", &[]);
    assert_eq!(all[0].1[0], "normal 8");
    assert!(all[1].1.contains(&"dense 16".to_owned()), "{:?}", all[1].1);
}

/// Karras et al. 2019, figure 1b: a constant, then AdaIN and noise around each convolution.
#[test]
fn a_style_network_begins_at_a_constant_and_normalizes_behind_each_convolution() {
    let all = player("stylegan", "generator");
    let begin = all.iter().position(|layer| layer == "embedding 7×7×36").expect("the constant");
    let synthesis: Vec<&str> = (all[begin..].iter().map(String::as_str))
        .filter(|layer| {
            !["fixed", "product", "embedding", "dense", "leaky"].iter().any(|what| layer.starts_with(what))
        })
        .collect();
    let expected = [
        "instance norm 7×7×36",
        "conv 3×3 s1 7×7×36",
        "instance norm 7×7×36",
        "nearest 2 14×14×36",
        "conv 3×3 s1 14×14×18",
        "instance norm 14×14×18",
        "conv 3×3 s1 14×14×18",
        "instance norm 14×14×18",
        "nearest 2 28×28×18",
        "conv 3×3 s1 28×28×9",
        "instance norm 28×28×9",
        "conv 3×3 s1 28×28×1",
        "tanh 28×28×1",
    ];
    assert_eq!(synthesis, expected);
    let count = |what: &str| all.iter().filter(|layer| *layer == what).count();
    assert_eq!(count("dense 36"), 2 * 2, "behind each norm a gain and an offset per channel of the style");
    assert_eq!(
        (count("dense 24"), count("embedding 24")),
        (2, 2),
        "w of z, of the second z, of the class; the mean w"
    );
    assert_eq!(all.iter().filter(|layer| layer.starts_with("normal")).count(), 2 + 3);
}

/// Brock et al. 2019, figure 15a: norm, ReLU, upsampling, convolution, norm, ReLU, convolution, and a way around.
#[test]
fn biggans_blocks_are_residual_and_attention_stands_between_them() {
    let all = player("biggan", "generator");
    let layers: Vec<&str> = (all.iter().map(String::as_str))
        .filter(|layer| !["dense 8", "dense 16", "dense 32"].contains(layer))
        .collect();
    let block = |from: (usize, usize), to: (usize, usize)| {
        let (a, b) = (format!("{0}×{0}×{1}", from.0, from.1), format!("{0}×{0}×{1}", to.0, to.1));
        let up = format!("{0}×{0}×{1}", to.0, from.1);
        [
            format!("product {a}"),
            format!("relu {a}"),
            format!("nearest 2 {up}"),
            format!("conv 3×3 s1 {b}"),
            format!("product {b}"),
            format!("relu {b}"),
            format!("conv 3×3 s1 {b}"),
            format!("conv 1×1 s1 {0}×{0}×{1}", from.0, to.1),
            format!("nearest 2 {b}"),
            format!("sum {b}"),
        ]
    };
    let begin = layers.iter().position(|layer| *layer == "dense 7×7×32").expect("the first layer") + 1;
    assert_eq!(layers[begin..begin + 10], block((7, 32), (14, 16)));
    assert_eq!(
        layers[begin + 10..begin + 16],
        [
            "conv 1×1 s1 14×14×2",
            "conv 2×2 s2 7×7×2",
            "conv 2×2 s2 7×7×8",
            "attention 14×14×8",
            "conv 1×1 s1 14×14×16",
            "embedding 1"
        ]
    );
    assert_eq!(layers[begin + 17..begin + 27], block((14, 16), (28, 8)));
    assert_eq!(layers[begin + 27..], ["relu 28×28×8", "conv 3×3 s1 28×28×1", "tanh 28×28×1"]);
}

#[test]
fn a_pixel_sees_a_window_its_place_and_its_class() {
    let all = player("pixelcnn", "generator");
    assert_eq!(all[..5], ["choice 10", "uniform 28×28×2", "row 28", "column 28", "window 114"]);
    let block = ["join 74", "dense 64", "relu 64", "dense 64", "sum 64"];
    assert_eq!(all[5..11], ["join 124", "dense 64", "embedding 64", "embedding 64", "sum 64", "relu 64"]);
    assert_eq!((&all[11..16], &all[16..21]), (&block.map(str::to_owned)[..], &block.map(str::to_owned)[..]));
    assert_eq!(all[21..], ["relu 64", "dense 4", "draw 28×28×1"]);
}

#[test]
fn a_cycle_has_a_way_there_and_a_way_back_from_one_picture() {
    let generators = player("cyclegan", "generator");
    let block = [
        "conv 3×3 s1 14×14×16",
        "instance norm 14×14×16",
        "relu 14×14×16",
        "conv 3×3 s1 14×14×16",
        "instance norm 14×14×16",
        "sum 14×14×16",
    ];
    let ends = (["conv 4×4 s2 14×14×16", "relu 14×14×16"], ["up 4×4 s2 28×28×1", "tanh 28×28×1"]);
    let way = [&ends.0[..], &block, &block, &ends.1].concat();
    assert_eq!(generators[0], "picture 28×28×1");
    assert_eq!(generators[1..], [&way[..], &way].concat());
    // An output each of 7×7 patches (section 4).
    let judge = player("cyclegan", "first-discriminator");
    assert_eq!(judge[..2], ["picture 28×28×1", "conv 4×4 s2 14×14×16"]);
    assert_eq!(judge.last().unwrap(), "conv 3×3 s1 7×7×1");
    assert_eq!(judge, player("cyclegan", "second-discriminator"));
}
