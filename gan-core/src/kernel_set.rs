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

    /// The fastest set of the core that a build script builds for, as cargo tells it: `TARGET`, and of
    /// `CARGO_ENCODED_RUSTFLAGS` the `-Ctarget-cpu` and whether `-Ctarget-feature` takes the DSP extension away (`-dsp`), as
    /// on a Cortex-M33 that was made without. Outside a build script it is [`KernelSet::Portable`].
    #[cfg(feature = "std")]
    pub fn from_build_env() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        Self::of_build(&variable("TARGET"), &variable("CARGO_ENCODED_RUSTFLAGS"))
    }

    /// The same of a target and of flags that are divided by the unit separator, as cargo encodes them.
    #[cfg(feature = "std")]
    fn of_build(target: &str, flags: &str) -> Self {
        // `-C` may be a flag of its own.
        let values = |name: &'static str| {
            let flags = flags.split('\u{1f}').map(|flag| flag.trim_start_matches("-C"));
            flags.filter_map(move |flag| flag.strip_prefix(name)?.strip_prefix('='))
        };
        let set = Self::of_target(target, values("target-cpu").next_back());
        let features = values("target-feature").flat_map(|features| features.split(','));
        let mut features = features;
        let dsp = features.rfind(|feature| feature.trim_start_matches(['+', '-']) == "dsp");
        match set {
            KernelSet::Dsp if dsp.is_some_and(|dsp| dsp.starts_with('-')) => KernelSet::Armv7m,
            set => set,
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

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::KernelSet;

    #[test]
    fn kernels_are_those_that_the_flags_leave() {
        let of = |target: &str, flags: &[&str]| KernelSet::of_build(target, &flags.join("\u{1f}"));
        assert_eq!(of("thumbv7em-none-eabihf", &[]), KernelSet::Dsp);
        assert_eq!(of("thumbv8m.main-none-eabi", &["-C", "link-arg=-Tlink.x"]), KernelSet::Dsp);
        assert_eq!(of("thumbv8m.main-none-eabi", &["-Ctarget-feature=-dsp"]), KernelSet::Armv7m);
        assert_eq!(of("thumbv8m.main-none-eabi", &["-C", "target-feature=+lob,-dsp,+dsp"]), KernelSet::Dsp);
        assert_eq!(of("thumbv8m.main-none-eabi", &["-Ctarget-cpu=cortex-m55"]), KernelSet::Mve);
        assert_eq!(of("thumbv8m.base-none-eabi", &["-Ctarget-feature=-dsp"]), KernelSet::Armv6m);
        assert_eq!(of("x86_64-unknown-linux-gnu", &[]), KernelSet::Portable);
    }
}
