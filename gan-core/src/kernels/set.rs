//! Which kernels there are, and which are compiled in.

/// A set of kernels for a family of cores, and the layout in which they read weights.
///
/// A model file is written for [`KernelSet::Portable`]; [`pack`](crate::pack) rewrites it for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum KernelSet {
    /// Plain Rust, for any core; reads the layout in which files are written.
    #[default]
    Portable,
    /// Cortex-M0, M0+, M1: eight low registers, a multiplication of 32 bits.
    Armv6m,
    /// Cortex-M3: multiply-accumulate into 64 bits.
    Armv7m,
    /// Cortex-M4, M7, M33: the same, and the DSP extension.
    Dsp,
    /// Cortex-M55, M85: the vector extension (Helium).
    Mve,
}

impl KernelSet {
    /// All of them.
    pub const ALL: [KernelSet; 5] =
        [KernelSet::Portable, KernelSet::Armv6m, KernelSet::Armv7m, KernelSet::Dsp, KernelSet::Mve];

    /// Its code in a model file.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The set with that code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Its name, as tools and messages have it.
    pub const fn name(self) -> &'static str {
        match self {
            KernelSet::Portable => "portable",
            KernelSet::Armv6m => "armv6m",
            KernelSet::Armv7m => "armv7m",
            KernelSet::Dsp => "dsp",
            KernelSet::Mve => "mve",
        }
    }

    /// The fastest set that a core of this Rust target has; `cpu` is the `target-cpu` that the compiler is told, if any.
    pub fn of_target(target: &str, cpu: Option<&str>) -> Self {
        match (target.split('-').next(), cpu) {
            (Some("thumbv8m.main"), Some("cortex-m55" | "cortex-m85" | "cortex-m52")) => KernelSet::Mve,
            (Some("thumbv7em" | "thumbv8m.main"), _) => KernelSet::Dsp,
            (Some("thumbv7m"), _) => KernelSet::Armv7m,
            (Some("thumbv6m" | "thumbv8m.base"), _) => KernelSet::Armv6m,
            _ => KernelSet::Portable,
        }
    }

    /// Whether this engine reads models packed for it: the portable one and those of its core. On a host all of them
    /// run, each by its plain twin.
    pub const fn is_compiled_in(self) -> bool {
        match self {
            KernelSet::Portable => true,
            KernelSet::Armv6m => cfg!(gan_kernels = "armv6m"),
            KernelSet::Armv7m => cfg!(gan_kernels = "armv7m"),
            KernelSet::Dsp => cfg!(gan_kernels = "dsp"),
            KernelSet::Mve => cfg!(gan_kernels = "mve"),
        }
    }
}

impl core::fmt::Display for KernelSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}
