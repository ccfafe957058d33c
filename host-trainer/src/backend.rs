//! The compute backend: chosen at run time among those compiled in.

use burn::tensor::Device;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A backend of Burn that this build carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// burn-flex: the CPU, SIMD and threads. The default.
    #[default]
    Flex,
    /// burn-ndarray: the CPU; deprecated by Burn and slower.
    #[cfg(feature = "ndarray")]
    Ndarray,
    /// burn-wgpu: any GPU that Vulkan, Metal or DirectX 12 reaches.
    #[cfg(feature = "wgpu")]
    Wgpu,
    /// burn-cuda: NVIDIA GPUs.
    #[cfg(feature = "cuda")]
    Cuda,
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value().expect("no backend is hidden");
        f.pad(value.get_name())
    }
}

/// The device that computes, without autodiff.
pub fn device(backend: Backend) -> Device {
    match backend {
        Backend::Flex => Device::flex(),
        #[cfg(feature = "ndarray")]
        // Upstream deprecates burn-ndarray in favour of burn-flex; it stays because users asked for it.
        #[allow(deprecated)]
        Backend::Ndarray => Device::ndarray(),
        #[cfg(feature = "wgpu")]
        Backend::Wgpu => Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        Backend::Cuda => Device::cuda(0),
    }
}
