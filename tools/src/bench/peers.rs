//! What others take for the reference generator.

/// A peer's figures for the reference generator, in thousands of executed instructions a picture on each of
/// [`super::CORES`], and its peak of activations and scratch.
///
/// Counted under QEMU like the project's own, of code compiled by gcc 12.2 -O3.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// What it is.
    pub name: &'static str,
    /// Thousands of instructions on M0, M3, M4, M7, M33 and M55.
    pub kilo_instructions: [u64; 6],
    /// RAM of activations and scratch, in kB.
    pub ram_kb: f64,
}

/// TensorFlow Lite Micro calling CMSIS-NN as its users get it, and the best that a person arranged from CMSIS-NN's parts.
pub const PEERS: [Peer; 2] = [
    Peer {
        name: "TFLM + CMSIS-NN",
        kilo_instructions: [50_409, 22_597, 14_526, 14_606, 14_520, 2_085],
        ram_kb: 46.3,
    },
    Peer {
        name: "CMSIS-NN arranged by hand",
        kilo_instructions: [13_408, 5_987, 4_051, 4_055, 4_057, 729],
        ram_kb: 12.0,
    },
];
