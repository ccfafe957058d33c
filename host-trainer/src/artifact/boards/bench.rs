//! What `cargo xtask bench` has counted, for the models and layers that it has counted it on.
//!
//! A count holds for the layer that was counted. For another layer of the same kind and shapes it holds but for the
//! weights: the kernels' runs of products are as long as the sums of a channel's weights allow. No count is made up for a
//! layer of other shapes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gan_core::AlignedBytes;
use gan_core::synthetic::reference;
use serde::{Deserialize, Serialize};

use crate::artifact::layers::{LayerKey, layer_keys};

/// The pretrained model, which the bench counts, as the reference generator.
const PRETRAINED: &[u8] = include_bytes!("../../../../models/mnist.gan");
/// The counts of record: model, core, count.
const RECORD: &str = include_str!("../../../../tools/golden/bench.json");

/// Instructions of a model on the cores that the bench runs on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Whether the counts are of this very model; if not, of one with other weights.
    pub same_weights: bool,
    /// By core: of a whole picture. Empty unless the bench has counted a model of these layers.
    pub picture: BTreeMap<&'static str, u64>,
    /// Of each layer, where the bench has counted one of its kind and shapes.
    pub layers: Vec<Option<Count>>,
}

/// Instructions of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The model whose layer was counted.
    pub of: &'static str,
    /// By core.
    pub instructions: BTreeMap<&'static str, u64>,
}

/// What a model needs on a core beside the arena, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Needs {
    pub(super) stack: usize,
    pub(super) parsed_model: usize,
}

/// The part of the record that is read here.
#[derive(Deserialize)]
struct Recorded {
    instructions: u64,
    layers: Vec<RecordedLayer>,
    stack_bytes: usize,
    parsing_stack_bytes: usize,
    parsed_model_bytes: usize,
}

#[derive(Deserialize)]
struct RecordedLayer {
    instructions: u64,
}

/// A model that the bench counts.
struct Benched {
    name: String,
    file: Vec<u8>,
    keys: Vec<LayerKey>,
    cores: BTreeMap<String, Recorded>,
}

static BENCHED: LazyLock<Vec<Benched>> = LazyLock::new(|| {
    let record: BTreeMap<String, BTreeMap<String, Recorded>> =
        serde_json::from_str(RECORD).expect("`cargo xtask bench` wrote the file");
    let benched = |(name, cores): (String, BTreeMap<String, Recorded>)| {
        let file = if name == "reference" { reference() } else { PRETRAINED.to_vec() };
        let keys = layer_keys(&AlignedBytes::new(&file)).expect("the bench's models are models");
        Benched { name, file, keys, cores }
    };
    record.into_iter().map(benched).collect()
});

/// The most that the bench has seen on `core`; nothing on a core that it does not run on.
pub(super) fn needs(core: &str) -> Needs {
    let of_core = BENCHED.iter().filter_map(|benched| benched.cores.get(core));
    of_core.fold(Needs::default(), |needs, count| Needs {
        // Parsing comes first, and goes deeper.
        stack: needs.stack.max(count.stack_bytes).max(count.parsing_stack_bytes),
        parsed_model: needs.parsed_model.max(count.parsed_model_bytes),
    })
}

/// Counts for `file`, whose layers are `keys`.
pub fn counts(file: &[u8], keys: &[LayerKey]) -> Counts {
    let whole = BENCHED.iter().find(|benched| benched.keys == keys);
    let layer = |(place, key): (usize, &LayerKey)| {
        // A model of the same layers has this one at the same place; else the first that is alike.
        let places =
            whole.map(|benched| (benched, place)).into_iter().chain(BENCHED.iter().flat_map(|benched| {
                let alike = move |&place: &usize| benched.keys[place] == *key;
                (0..benched.keys.len()).filter(alike).map(move |place| (benched, place))
            }));
        places.map(|(benched, place)| benched.layer(place)).next()
    };
    let picture = whole.map(|benched| benched.by_core(|recorded| recorded.instructions));
    Counts {
        same_weights: whole.is_some_and(|benched| benched.file == file),
        picture: picture.unwrap_or_default(),
        layers: keys.iter().enumerate().map(layer).collect(),
    }
}

impl Counts {
    /// What was counted, in words.
    pub fn origin(&self) -> &'static str {
        match (self.same_weights, self.picture.is_empty()) {
            (true, _) => "this model",
            (false, false) => "a model of the same layers with other weights",
            (false, true) => "layers of the same shapes with other weights",
        }
    }
}

impl Benched {
    fn layer(&'static self, place: usize) -> Count {
        Count { of: &self.name, instructions: self.by_core(|recorded| recorded.layers[place].instructions) }
    }

    fn by_core(&'static self, count: impl Fn(&Recorded) -> u64) -> BTreeMap<&'static str, u64> {
        self.cores.iter().map(|(core, recorded)| (core.as_str(), count(recorded))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan_core::KernelSet;
    use gan_core::pack::pack;
    use gan_core::synthetic::{Activation, Synthetic};

    /// As tools/src/bench/cores.rs pairs them.
    const CORES: [(&str, KernelSet); 6] = [
        ("M0", KernelSet::Armv6m),
        ("M3", KernelSet::Armv7m),
        ("M33", KernelSet::Dsp),
        ("M4", KernelSet::Dsp),
        ("M55", KernelSet::Mve),
        ("M7", KernelSet::Dsp),
    ];

    #[test]
    fn the_record_is_of_the_models_that_it_is_read_for() {
        let record: serde_json::Value = serde_json::from_str(RECORD).unwrap();
        for benched in BENCHED.iter() {
            let cores: Vec<&str> = benched.cores.keys().map(String::as_str).collect();
            assert_eq!(cores, CORES.map(|(core, _)| core));
            for (core, set) in CORES {
                let record = &record[&benched.name][core];
                let packed = pack(&benched.file, set).unwrap();
                let stale = "`cargo xtask bench --bless` after a change of the model";
                assert_eq!(
                    record["constant_bytes"],
                    packed.file.len(),
                    "{} on {core}: {stale}",
                    benched.name
                );
                assert_eq!(record["arena_bytes"], packed.arena_bytes, "{} on {core}: {stale}", benched.name);
                for (index, name) in packed.names.iter().enumerate() {
                    assert_eq!(record["layers"][index]["name"], *name);
                }
                assert_eq!(record["layers"].as_array().unwrap().len(), benched.keys.len());
            }
        }
        assert_eq!(
            BENCHED.iter().map(|benched| benched.name.as_str()).collect::<Vec<_>>(),
            ["mnist", "reference"]
        );
    }

    fn found(file: &[u8]) -> Counts {
        counts(file, &layer_keys(&AlignedBytes::new(file)).unwrap())
    }

    #[test]
    fn a_benched_model_has_its_own_counts() {
        let counts = found(PRETRAINED);
        let record: serde_json::Value = serde_json::from_str(RECORD).unwrap();
        assert!(counts.same_weights);
        assert_eq!(record["mnist"]["M55"]["instructions"], counts.picture["M55"]);
        for (index, layer) in counts.layers.iter().enumerate() {
            let layer = layer.as_ref().unwrap();
            assert_eq!(layer.of, "mnist");
            assert_eq!(record["mnist"]["M0"]["layers"][index]["instructions"], layer.instructions["M0"]);
        }
    }

    #[test]
    fn other_weights_are_said_to_be_others() {
        let model = |seed| {
            let model = Synthetic::new(seed, 64).dense(7, 7, 64, Activation::Relu);
            let model = model.conv_transpose(4, 2, 1, 0, 32, Activation::Relu);
            model.conv_transpose(4, 2, 1, 0, 1, Activation::Tanh).finish("reference")
        };
        let (same, other) = (found(&model(1)), found(&model(2)));
        assert!(same.same_weights && !other.same_weights);
        assert_eq!((&same.picture, &same.layers), (&other.picture, &other.layers));
        assert!(!same.picture.is_empty());
    }

    #[test]
    fn layers_of_other_shapes_have_no_counts() {
        let model = Synthetic::new(1, 64).dense(7, 7, 64, Activation::Relu);
        let model = model.conv_transpose(4, 2, 1, 0, 31, Activation::Relu);
        let counts = found(&model.conv_transpose(4, 2, 1, 0, 1, Activation::Tanh).finish("other"));
        let known: Vec<bool> = counts.layers.iter().map(Option::is_some).collect();
        assert_eq!(known, [true, false, false]);
        assert!(counts.picture.is_empty() && !counts.same_weights);
    }
}
