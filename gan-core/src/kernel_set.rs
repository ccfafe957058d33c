//! Which kernels there are, and which are compiled in.

/// A set of kernels for a family of cores, and the layout in which they read weights.
///
/// A model file is written for [`KernelSet::Portable`]; [`pack`](crate::pack) rewrites it for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
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

    /// The fastest set of the core that a build script builds for, as cargo tells it: `TARGET`, and the `-Ctarget-cpu` of
    /// `CARGO_ENCODED_RUSTFLAGS`. Outside a build script it is [`KernelSet::Portable`].
    #[cfg(feature = "std")]
    pub fn from_build_env() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let flags = variable("CARGO_ENCODED_RUSTFLAGS");
        // Flags are divided by the unit separator; `-C` may be one of its own.
        let mut cpu = flags
            .split('\u{1f}')
            .filter_map(|flag| flag.trim_start_matches("-C").strip_prefix("target-cpu="));
        Self::of_target(&variable("TARGET"), cpu.next_back())
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
